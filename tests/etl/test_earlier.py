"""Exports with every date twenty-eight years earlier: which cells move, which stand for themselves, which cannot be told."""

from __future__ import annotations

import json
from datetime import date

import pytest

from etl.selfcheck.earlier import Earlier, date_fields, earlier, earlier_day, earlier_text, moved
from etl.selfcheck.text_export import Row, TextExport, _cut
from schemas.contract import Contract
from schemas.contract_format import Format

CONTRACT = {
    "contract": "w", "contract_version": 1, "title": "W", "source": "w", "files": ["w.csv"],
    "fields": {"id": {}, "born": {"identifier": "birth"}, "day": {"header": "Day", "null_tokens": ["01.02.2003"]}, "note": {}},
    "records": [
        {"rule": "r", "record": "tumour", "set": {"patient_id": "id", "tumour_no": {"value": 1}, "diagnosis": {"from": "day"}}},
    ],
}  # fmt: skip


def contract(**changed: object) -> Contract:
    return Contract.model_validate_json(json.dumps(CONTRACT | changed))


def export(*rows: str) -> TextExport:
    lines = tuple(Row(place + 2, f"{row}\r\n") for place, row in enumerate(rows))
    return TextExport("w.csv", Format(kind="csv", delimiter=",", quote='"'), "utf-8", "\ufeffid,born,Day,note\r\n", lines, "", "\r\n")


@pytest.mark.parametrize(
    ("cell", "then"),
    [
        ("2009-03-04", "1981-03-04"), ("29.02.2008", "29.02.1980"), ("Mar 2009", "Mar 1981"), ("20090304", "19810304"), ("2009", "1981"),
        (" 4 March 1999 ", " 4 March 1971 "), ("2009-03-04T00:00:00", "1981-03-04T00:00:00"), ("", ""), ("unknown", "unknown"),
        ("31.12.9999", "31.12.9999"), ("1900-01-01", "1900-01-01"), ("01.01.1900", "01.01.1900"), ("19000101", "19000101"),
        ("00/00/0000", "00/00/0000"), ("04/03/09", None), ("39876", None), ("2009-2010", None), ("2O09-03-04", None),
        ("1928-01-01", None), ("29.02.1928", None), ("19280229", None), ("29 Feb 1928", None), ("28.02.1928", "28.02.1900"),
    ],
)  # fmt: skip
def test_moves_a_date_whose_year_has_four_digits_and_tells_the_others(cell: str, then: str | None) -> None:
    assert moved(cell, set()) == then


def test_leaves_what_the_contract_calls_no_date() -> None:
    assert moved("01.02.2003", {"01.02.2003"}) == "01.02.2003"


def test_keeps_leap_days_weekdays_and_the_distance_of_any_two_days() -> None:
    days = [date(1996, 2, 29), date(2009, 3, 4), date(2017, 12, 31)]
    assert {(day - earlier_day(day)).days for day in days} == {10_227} and 10_227 % 7 == 0


def test_moves_iso_days_of_the_project_and_no_other_number() -> None:
    assert earlier_text("as_of: 2018-01-12\nkeep: before(x, date '2005-01-01')\nn: 2005") == (
        "as_of: 1990-01-12\nkeep: before(x, date '1977-01-01')\nn: 2005"
    )


def test_moves_the_cells_of_date_columns_alone_and_empties_in_both_what_cannot_be_told() -> None:
    found = earlier(export('1,1950-01-02,04.03.2009,"in 2009, ""so""\nshe said"', "2,02.01.1951,04.03.09,x"), contract())
    assert isinstance(found, Earlier) and found.emptied == 1
    assert [row.own for row in found.after.rows] == [
        '1,1922-01-02,04.03.1981,"in 2009, ""so""\nshe said"\r\n', "2,02.01.1923,,x\r\n",
    ]  # fmt: skip
    assert [row.own for row in found.before.rows] == [
        '1,1950-01-02,04.03.2009,"in 2009, ""so""\nshe said"\r\n', "2,02.01.1951,,x\r\n",
    ]  # fmt: skip


def test_leaves_out_an_export_whose_years_have_two_digits_or_whose_dates_stand_in_other_cells() -> None:
    assert earlier(export("1,02.01.50,04.03.09,x"), contract()) == "has dates whose year is not written in four digits"
    fields = {"id": {}, "note": {"pattern": r"seen (?P<seen>\S+)"}}
    rule = {"rule": "r", "record": "tumour", "set": {"patient_id": "id", "tumour_no": {"value": 1}, "diagnosis": "note_seen"}}
    assert date_fields(contract(fields=fields, records=[rule])) == "has dates that are taken out of other cells (note_seen)"
    rule = {"rule": "r", "record": "tumour", "set": {"patient_id": "id", "nodes_positive": "note", "diagnosis": "note"}}
    assert date_fields(contract(fields={"id": {}, "note": {}}, records=[rule])) == "has dates among other values (note)"


def test_a_row_of_a_text_takes_the_lines_that_the_reader_took_for_it() -> None:
    lines = ["h\n", 'a 5" b\n', "c\n", "d\n", "# so\n", "Total 2\n"]
    made = _cut("w.csv", Format(), "utf-8", lines, [(2, 1), (3, 2)])
    assert made is not None
    assert ([row.own for row in made.rows], made.head, made.tail) == (['a 5" b\n', "c\nd\n"], "h\n", "# so\nTotal 2\n")
    assert _cut("w.csv", Format(), "utf-8", lines, [(2, 2), (3, 2)]) is None and _cut("w.csv", Format(), "utf-8", lines, []) is None
