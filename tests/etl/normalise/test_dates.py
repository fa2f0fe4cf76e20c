"""Cells as clinical dates: on the calendar, as one side of a window, or in days since an anchor."""

from dataclasses import replace
from datetime import date

import polars as pl
import pytest
from tiny_exports import KEY, contract, normalised, noted, raw, vocabularies

from etl.normalise import normalise
from schemas.core.errors import ConfigurationError
from schemas.vocabulary import load

CONTACT = "{rule: contact, record: follow_up, set: {patient_id: id, contact: %s}}"
PARTS = ["earliest_date", "latest_date", "precision", "earliest_offset_days", "latest_offset_days", "anchor"]


def contact(mapping, cell):
    found = normalised(contract("cell: {}", CONTACT % mapping), ("1", cell))
    return found.records["follow_up"].select(f"contact_{part}" for part in PARTS).row(0), noted(found)


@pytest.mark.parametrize(
    ("mapping", "cell", "first", "last", "precision"),
    [
        ("cell", "2009-04-03", date(2009, 4, 3), date(2009, 4, 3), "day"),
        ("cell", "2009-04", date(2009, 4, 1), date(2009, 4, 30), "month"),
        ("cell", "Thu 31 Dec 1998", date(1998, 12, 31), date(1998, 12, 31), "day"),
        ("cell", "Thursday, December 31, 1998", date(1998, 12, 31), date(1998, 12, 31), "day"),
        ("cell", "Donnerstag, den 31. Dezember 1998", date(1998, 12, 31), date(1998, 12, 31), "day"),
        ("cell", "jueves, 31 de diciembre de 1998", date(1998, 12, 31), date(1998, 12, 31), "day"),
        ("cell", "Do, 31.12.1998", date(1998, 12, 31), date(1998, 12, 31), "day"),
        ("cell", "Fri 31 Dec 1998", None, None, None),  # a Thursday
        ("cell", "Thu Dec 1998", None, None, None),  # no day
        ("cell", "DO 31.12.1998", None, None, None),  # letters of something else, perhaps
        ("cell", "Mar 14 2009", date(2009, 3, 14), date(2009, 3, 14), "day"),  # a month, and no martes
        ("cell", "03/04/2009", date(2009, 3, 4), date(2009, 4, 3), "ambiguous"),
        ("{from: cell, order: dmy}", "03/04/2009", date(2009, 4, 3), date(2009, 4, 3), "day"),
        ("{from: cell, formats: ['%d.%m.%Y']}", "03.04.2009", date(2009, 4, 3), date(2009, 4, 3), "day"),
    ],
)
def test_reads_a_date_with_its_precision(mapping, cell, first, last, precision):
    told = [] if first else [("NORM-DATE", "follow_up", 2, "cell")]
    assert contact(mapping, cell) == ((first, last, precision, None, None, None), told)


@pytest.mark.parametrize(
    ("cells", "months"),
    [
        (["12.VII.2016", "3 X 2015", "4.V.2016"], [7, 10, 5]),
        (["3/X/2015", "4/X/2015"], [None, None]),  # a month that is not known, or October
        (["12.VII.2016", "IV 2016"], [7, None]),  # without a day a quarter, perhaps
        (["6.I.1928", "1928. V. 6."], [1, 5]),  # between full stops nothing else is written so
        (["6/I/1928", "6.X.1928", "V.6.1928", "2016 V 6"], [None, None, None, None]),  # a 1, a month not known, a visit
    ],
)
def test_reads_roman_months_beside_a_day_in_a_column_that_has_one_of_several_letters(cells, months):
    found = normalised(contract("cell: {}", CONTACT % "cell"), *[(str(i), cell) for i, cell in enumerate(cells, 1)])
    assert found.records["follow_up"]["contact_earliest_date"].dt.month().to_list() == months


@pytest.mark.parametrize(
    ("day", "first", "precision"), [("{value: 2009-04}", date(2009, 4, 1), "month"), ("{value: 2009-04-03}", date(2009, 4, 3), "day")]
)
def test_gives_a_constant_date_to_every_row(day, first, precision):
    found = normalised(contract("cell: {}", CONTACT % day), ("1", "a"), ("2", "b"), ("3", None))
    days = found.records["follow_up"].select("contact_earliest_date", "contact_precision").rows()
    assert days == [(first, precision)] * 3
    assert noted(found) == []


@pytest.mark.parametrize(("cell", "precision"), [("2009-02-30", "unknown"), ("soon", None)])
def test_notes_a_date_that_is_none(cell, precision):
    # 30 February says that there is a date, and that it is not known: it is never moved to 1 or 2 March
    assert contact("cell", cell) == ((None, None, precision, None, None, None), [("NORM-DATE", "follow_up", 2, "cell")])


@pytest.mark.parametrize(("cell", "day"), [("R3.4.5", date(2021, 4, 5)), ("R 12.03.14", None), ("H 12/03/14", None)])
def test_reads_the_letter_of_an_era_only_where_its_year_follows_at_once(cell, day):
    # behind a blank it is a note beside a day of our calendar: R for recurrence
    assert contact("cell", cell)[0][0] == day


def test_notes_a_day_that_stands_for_none():
    assert contact("cell", "31/12/2999") == ((None, None, "unknown", None, None, None), [("NORM-DATE-SENTINEL", "follow_up", 2, "cell")])


@pytest.mark.parametrize("cell", ["99999999", "unknown"])
def test_needs_no_finding_where_the_cell_says_that_the_date_is_not_known(cell):
    assert contact("cell", cell) == ((None, None, "unknown", None, None, None), [])


def test_delivers_nothing_for_an_empty_date():
    assert contact("cell", None) == ((None,) * 6, [])


def test_leaves_the_other_side_of_a_window_open():
    day = date(2016, 12, 31)
    assert contact("{from: cell, bound: latest}", "2016-12-31")[0][:3] == (None, day, "ambiguous")
    assert contact("{from: cell, bound: earliest}", "2016-12-31")[0][:3] == (day, None, "ambiguous")


MONTHS = "{from: cell, duration: months, days_per_month: 30, %s: treatment_start}"


@pytest.mark.parametrize(
    ("mapping", "cell", "offsets"),
    [
        (MONTHS % "after", "14.10", (423, 423)),  # 14.10 x 30 = 423.0
        (MONTHS % "after", "25.67", (770, 770)),  # 770.1, whole days
        (MONTHS % "before", "5.97", (-179, -179)),  # 179.1
        (MONTHS % "before", "<=1", (-30, 0)),
        ("{from: cell, duration: months, days_per_month: 30, before: treatment_start, rounded_to: 1}", "6", (-195, -165)),
        ("{from: cell, duration: days, after: treatment_start}", "1814", (1814, 1814)),
        ("{from: cell, duration: weeks, after: treatment_start}", "2", (14, 14)),
        ("{value: '0', duration: days, after: treatment_start}", "anything", (0, 0)),
    ],
)
def test_counts_a_duration_from_its_anchor(mapping, cell, offsets):
    assert contact(mapping, cell) == ((None, None, None, *offsets, "treatment_start"), [])


def test_notes_a_duration_that_is_none():
    assert contact(MONTHS % "after", "a while") == ((None,) * 6, [("NORM-DURATION", "follow_up", 2, "cell")])


FLAGGED = contract("cell: {}, flag: {}", CONTACT % "{from: cell, flag: flag}")
DAY = date(2009, 3, 14)


@pytest.mark.parametrize(
    ("cell", "flag", "first", "last", "precision", "edits"),
    [
        ("2009-03-14", None, DAY, DAY, "day", []),
        (None, "12", None, None, "unknown", []),  # NAACCR: a date applies and is not known
        (None, "10", None, None, "unknown", []),
        (None, "11", None, None, None, []),  # no date applies
        (None, None, None, None, None, []),
        ("2009-03-14", "12", None, None, "unknown", ["NORM-DATE-FLAG"]),  # a date that its flag denies
        ("2009-03-14", "11", None, None, "unknown", ["NORM-DATE-FLAG"]),
        ("2009-03-14", "D", date(2009, 3, 1), date(2009, 3, 31), "month", []),  # CDISC: the day was imputed
        ("2009-03-14", "m", date(2009, 1, 1), date(2009, 12, 31), "year", []),
        ("2009-03-14", "Y", None, None, "unknown", []),  # all of it was imputed
        ("2009-03-15", "T", date(2009, 3, 1), date(2009, 3, 31), "month", []),  # Germany: the day was estimated
        ("2009-03-15", "V", None, None, "unknown", []),  # month and year were estimated
        ("2009-03-14", "AAA", DAY, DAY, "day", []),  # Australia: day, month and year are accurate
        ("2009-03-15", "EAA", date(2009, 3, 1), date(2009, 3, 31), "month", []),  # the day is estimated
        ("2009-07-01", "UUA", date(2009, 1, 1), date(2009, 12, 31), "year", []),
        ("2009-07-14", "AEA", date(2009, 1, 1), date(2009, 12, 31), "year", []),
        ("2009-07-01", "UUE", None, None, "unknown", []),
        ("03/04/2009", "D", date(2009, 3, 1), date(2009, 4, 30), "ambiguous", []),
        ("2009", "D", date(2009, 1, 1), date(2009, 12, 31), "year", []),
        ("2009-03-14", "77", None, None, "unknown", ["NORM-DATE-FLAG"]),
    ],
)
def test_reads_a_date_beside_its_flag(cell, flag, first, last, precision, edits):
    found = normalised(FLAGGED, ("1", cell, flag))
    assert found.records["follow_up"].select(f"contact_{part}" for part in PARTS[:3]).row(0) == (first, last, precision)
    assert noted(found) == [(edit, "follow_up", 2, "flag") for edit in edits]


def test_reads_day_numbers_and_two_digit_years_as_the_contract_declares():
    assert contact("{from: cell, serials: 1904}", "38424")[0][:3] == (DAY, DAY, "day")
    assert contact("{from: cell, formats: ['%d.%m.%y'], pivot: 1930}", "14.03.09")[0][:3] == (DAY, DAY, "day")
    assert contact("{from: cell, order: dmy, pivot: 1930}", "14.03.29")[0][0] == date(2029, 3, 14)


@pytest.mark.parametrize(
    ("cell", "first", "last", "precision"),
    [
        ("05/06/97", date(1997, 6, 5), date(1997, 6, 5), "day"),
        ("05/06/45", date(1945, 6, 5), date(1945, 6, 5), "day"),
        ("05/06/12", date(1912, 6, 5), date(2012, 6, 5), "ambiguous"),  # both have been
        ("05/06/44", date(1944, 6, 5), date(2044, 6, 5), "ambiguous"),  # may be planned
        ("31/12/99", date(1999, 12, 31), date(2099, 12, 31), "ambiguous"),  # may be the end of time
        ("29/02/52", date(1952, 2, 29), date(1952, 2, 29), "day"),
        ("05/06/2097", date(2097, 6, 5), date(2097, 6, 5), "day"),  # four digits say what they say
    ],
)
def test_leaves_out_a_century_that_has_not_come(cell, first, last, precision):
    rows = raw(contract("cell: {}", CONTACT % "{from: cell, order: dmy}"), ("1", cell))
    found = normalise(rows, vocabularies(), KEY, 0, as_of=date(2024, 12, 31)).records["follow_up"]
    assert found.select(f"contact_{part}" for part in PARTS[:3]).row(0) == (first, last, precision)
    before = normalise(rows, vocabularies(), KEY, 0).records["follow_up"].row(0, named=True)
    assert before["contact_earliest_date"] == first and before["contact_latest_date"] >= last


@pytest.mark.parametrize(
    ("mapping", "cell"), [("cell", "01.01.0203"), ("cell", "9998-05-01"), ("{from: cell, serials: 1900}", "98000"), ("cell", "14 Mar 1849")]
)
def test_does_not_know_a_date_whose_year_is_none(mapping, cell):
    assert contact(mapping, cell) == ((None, None, "unknown", None, None, None), [("NORM-DATE", "follow_up", 2, "cell")])


def test_reads_numbers_as_dates_where_the_file_tells_types():
    rule = contract("cell: {}", CONTACT % "cell")
    typed = replace(raw(rule, ("1", "39886"), ("2", "2009-03-14")), rows=raw(rule, ("1", "39886"), ("2", "2009-03-14")).rows.with_columns(
        cell__typed=pl.Series([False, True])))  # fmt: skip
    assert normalise(typed, vocabularies(), KEY, 0).records["follow_up"]["contact_earliest_date"].to_list() == [DAY, DAY]
    assert contact("cell", "39886")[1] == [("NORM-DATE", "follow_up", 2, "cell")]


def test_notes_real_dates_that_excel_may_have_swapped():
    rule = contract("cell: {}", CONTACT % "cell")
    plain = raw(rule, ("1", "14/03/2009"), ("2", "2009-03-04"))
    found = normalise(replace(plain, rows=plain.rows.with_columns(cell__typed=pl.Series([False, True]))), vocabularies(), KEY, 0)
    assert noted(found) == [("NORM-DATE-SWAPPED", "follow_up", 3, "cell")]


def test_reads_the_months_of_a_projects_own_vocabulary(tmp_path):
    (tmp_path / "months.csv").write_text("domain,spelling,code\nmonth,listopada,11\nmonth,Tammikuu,1\n", encoding="utf-8")
    rule = contract("cell: {}", CONTACT % "cell")
    rows = raw(rule, ("1", "14 listopada 2009"), ("2", "tammikuu 2009"), ("3", "14 Mar 2009"))
    found = normalise(rows, load(tmp_path), KEY, 0).records["follow_up"]
    assert found["contact_earliest_date"].to_list() == [date(2009, 11, 14), date(2009, 1, 1), DAY]


def test_reports_months_that_are_none(tmp_path):
    (tmp_path / "months.csv").write_text("domain,spelling,code\nmonth,listopada,13\nmonth,11,11\n", encoding="utf-8")
    with pytest.raises(ConfigurationError) as caught:
        load(tmp_path)
    assert [mistake.line for mistake in caught.value.mistakes] == [2, 3]


def test_says_once_per_file_which_instants_need_a_zone():
    # three instants, of which the days of two are open: one finding of the file, and what is open is counted as not judgeable
    rule = contract("cell: {}, other: {}", CONTACT % "cell" + ", " + CONTACT.replace("contact, r", "other, r") % "other")
    found = normalised(
        rule, ("1", "2014-10-02T22:00:00Z", None), ("2", "2014-10-02T05:00Z", "2014-10-02T22:00:00Z"), ("3", "2014-10-02", None)
    )
    assert found.findings.select("edit", "record", "source_row", "columns").rows() == [("NORM-DATE-ZONE", "row", None, "cell other")]
    assert found.counts.filter(edit="NORM-DATE-ZONE").select("violated", "not_judgeable", "satisfied").row(0) == (1, 3, 1)


def test_reads_instants_in_the_zone_of_the_date_or_of_the_file():
    cell = "2014-10-02T22:00:00Z"
    for mapping, more, day in (("cell", "zone: Europe/Berlin, ", 3), ("{from: cell, zone: UTC}", "zone: Europe/Berlin, ", 2)):
        found = normalised(contract("cell: {}", CONTACT % mapping, more), ("1", cell))
        assert (found.records["follow_up"]["contact_earliest_date"][0], noted(found)) == (date(2014, 10, day), [])
