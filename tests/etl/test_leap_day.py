"""Excel's 29 February 1900 is no date: never 28 February, but a day that nobody knows, with a finding."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import polars as pl
import pytest
import xlwt
from raw_workbook import workbook_of
from reading import table

from etl.normalise import normalise
from schemas.vocabulary import load

NUMBERS = (58, 59, 60, 60.5, 61)
SHOWN = ["1900-02-27", "1900-02-28", "1900-02-29", "1900-02-29", "1900-03-01"]
FIELDS: dict[str, Any] = {"id": {"required": True}, "when": {}}
RECORDS = ({"rule": "r", "record": "patient", "set": {"patient_id": "id", "birth": {"from": "when", "formats": ("%Y-%m-%d",)}}},)


def xlsx(*, cell: str = '<c r="AT" s="1"><v>{}</v></c>', book: str = "") -> bytes:
    return workbook_of([cell.format(n) for n in NUMBERS], ["dd/mm/yyyy"], book=book)


def xls(*, as_fractions: bool = False) -> bytes:
    book = xlwt.Workbook()
    sheet, date = book.add_sheet("Data"), xlwt.easyxf(num_format_str="DD/MM/YYYY")
    for column, header in enumerate(FIELDS):
        sheet.write(0, column, header)
    for row, number in enumerate(NUMBERS, 1):
        sheet.write(row, 0, f"p{row}")
        sheet.write(row, 1, number + (1 / 3 if as_fractions else 0), date)
        sheet.write(row, 2, 60, date)  # beside another number: several in one record
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def when(tmp_path: Path, content: bytes) -> list[str]:
    raw = table(tmp_path, content, name="w.xlsx", format={"kind": "excel"}, fields=FIELDS, records=RECORDS)
    assert raw.rows["when__typed"].all()
    return [text.removesuffix("T12:00:00")[:10] for text in raw.rows["when"].to_list()]


@pytest.mark.parametrize(
    "content",
    [
        xlsx(), xlsx(cell='<c r="AT" s="1"><f>1+1</f><v>{}</v></c>'), xlsx(cell='<c s="1" r="AT"><v>{}</v></c>'), xls(),
        xls(as_fractions=True),
        workbook_of([f'<c r="AT" s="1"><v>{n}</v></c>' for n in NUMBERS], ["dd/mm/yyyy", "mmm-yy"]),
    ],
    ids=["usual", "a formula", "spelt otherwise", "an old workbook", "an old workbook with times", "marked"],
)  # fmt: skip
def test_tells_the_day_that_never_was_from_the_one_before(tmp_path: Path, content: bytes) -> None:
    assert when(tmp_path, content) == SHOWN


def test_has_none_where_the_days_are_counted_from_1904(tmp_path: Path) -> None:
    assert "1900" not in "".join(when(tmp_path, xlsx(book="date1904='1'")))


def test_does_not_look_into_a_workbook_without_that_day(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("etl.readers.leap_day._sixties", None)
    assert len(when(tmp_path, workbook_of(['<c r="AT" s="1"><v>39876</v></c>'], ["dd/mm/yyyy"]))) == 1


def test_is_unknown_with_a_finding_as_all_numbers_that_may_be_an_age(tmp_path: Path) -> None:
    raw = table(tmp_path, xlsx(), name="w.xlsx", format={"kind": "excel"}, fields=FIELDS, records=RECORDS)
    found = normalise(raw, load(), b"k" * 32, 0)
    assert found.records["patient"]["birth_precision"].cast(pl.String).to_list() == ["unknown"] * 5
    assert found.findings.select("edit", "source_row").rows() == [("NORM-DATE", row) for row in range(2, 7)]
