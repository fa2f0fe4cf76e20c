"""Columns of which no single cell tells that it is another thing than it seems: swapped by a spreadsheet, six digits, counts of days."""

from __future__ import annotations

from datetime import date

import polars as pl
import pytest
from date_cells import column, days_of_march, precision

from schemas.core.date_shapes import DateRules
from schemas.core.interval import parse_dates
from schemas.date_words import eras, fold_month

LEFT = ["14/03/2009", "25/04/2009", "30/05/2009"]  # as it was: nothing that can be read both ways


@pytest.mark.parametrize(
    ("resaved", "declared"),
    [
        (["2009-03-04", "2009-05-06", "2009-07-08"], {}),
        (["2009/3/4", "2009/5/6", "2009/7/8"], {"order": "dmy"}),
        (["4-Mar-2009", "6-May-2009", "8-Jul-2009"], {}),
        (["4-Mar-09", "6-May-09", "8-Jul-09"], {}),
        (["04.03.2009", "06.05.2009", "08.07.2009"], {"order": "dmy"}),
    ],
)
def test_doubts_texts_that_a_spreadsheet_has_swapped_and_written_again(resaved, declared) -> None:
    read = column([*resaved, *LEFT], **declared)
    assert read["precision"].to_list() == ["ambiguous"] * 3 + ["day"] * 3
    assert read["is_doubtful"].to_list() == [True] * 3 + [False] * 3
    # 3 April, opened where the month comes first
    assert read["earliest"][0] <= date(2009, 4, 3) <= read["latest"][0]


@pytest.mark.parametrize(
    ("resaved", "left", "read"),
    [
        (["2009-03-04"], range(13, 20), "ambiguous"),
        (["2009-03-04"], range(13, 19), "day"),
        (["2009-03-04", "2009-05-06"], range(13, 18), "ambiguous"),
        (["2009-03-04", "2009-05-06"], range(13, 17), "day"),
        (["2009-03-04", "2009-05-06", "2009-07-08", "2009-07-09", "2009-01-10"], [14], "ambiguous"),
        (["3/4/09", "5/6/09", "7/8/09"], [14, 15, 16], "ambiguous"),  # of the same mark
    ],
)
def test_doubts_few_of_them_where_the_others_are_many(resaved, left, read) -> None:
    assert column([*resaved, *(f"{day}/03/2009" for day in left)], pivot=1930)["precision"][0] == read


@pytest.mark.parametrize(
    "others",
    [
        ["2009-05-06", "2009-07-08", "2009-07-13"],  # a day above 12
        ["2009-05-04", "2009-07-04"],  # the fourth of each month: a habit
        ["2009-05-06", "2009-07-08", "03/04/2009"],  # what could be read both ways was left as it is
    ],
)
def test_believes_two_forms_side_by_side_where_something_speaks_against_it(others) -> None:
    assert precision([*others, *LEFT], "2009-03-04") == "day"


@pytest.mark.parametrize(
    ("others", "asked", "read"),
    [
        (["190325"], "190309", None),  # 25 and 9 March 2019
        ([*(f"2009{month:02d}" for month in range(1, 13)), *(f"2008{month:02d}" for month in range(1, 10)), "200913"], "200903", "month"),
        (["2009.25", "2009.75"], "2009.5", None),
        (["2009.10"], "2009.1", "month"),
        (["2009.02"], "2009.1", "ambiguous"),
        (["365", "1200", "730", "95"], "2011", None),
        (["1998", "2004", "365"], "2011", "year"),
        (["39873", "40000", "41000"], "2011", "year"),
        (["8888", "9999", "0000"], "2011", "year"),
        (days_of_march(1, 31, "{day:02d}-03-2009"), "03-04/2009", "ambiguous"),
        (days_of_march(1, 31), "3/4 2009", "ambiguous"),
        (days_of_march(1, 31), "3/7 2009", "day"),  # Danish; no span of months
    ],
)
def test_reads_a_cell_as_its_column_lets_it(others, asked, read) -> None:
    assert precision(others, asked) == read


@pytest.mark.parametrize(("number", "read"), [("2500", None), ("9999", "unknown"), ("9998", None), ("39886", "day"), ("69120", "unknown")])
def test_takes_no_days_of_follow_up_and_no_postal_code_for_day_numbers(number, read) -> None:
    assert precision([], number, typed=["2009-03-14"], serials=1900, last_year=2044) == read


@pytest.mark.parametrize(
    ("declared", "typed", "read"),
    [
        ({}, "1905-07-06", "unknown"),  # 2014 in a cell that shows dates
        ({}, "1927-05-18", "day"),
        ({"birth_serials": True}, "1900-03-01", "unknown"),  # 61: her age, or the year of her birth
        ({"birth_serials": True}, "1905-05-03", "ambiguous"),  # that day, or 1950
        ({"birth_serials": True}, "1904-05-03", "day"),
    ],
)
def test_takes_no_number_typed_where_dates_are_shown_for_a_day(declared, typed, read) -> None:
    assert column([], [typed], serials=1900, last_year=2044, **declared)["precision"].to_list() == [read]


@pytest.mark.parametrize(("number", "read"), [("61", None), ("99", None), ("120", None), ("121", "day")])
def test_takes_no_age_for_the_day_number_of_a_birth(number, read) -> None:
    assert precision([], number, typed=["1961-03-14"], serials=1900, birth_serials=True) == read


@pytest.mark.parametrize(
    ("others", "asked", "last_year", "read"),
    [
        (["201105"], "200312", 2040, "ambiguous"),  # December 2003, 12 March 2020, 20 March 2012
        (["201105"], "200312", 2039, "month"),  # as of 2019 that day has not come
        (["201405"], "200312", 2040, "month"),  # a month only
        (["20090314"], "200312", 2040, "month"),
        (["2009"], "200312", 2040, "month"),
        ([f"20{year:02d}{month:02d}" for year in (1, 2) for month in range(1, 11)], "200312", 2040, "month"),
        (["201325"], "200312", 2040, None),
    ],
)
def test_takes_six_digits_for_a_month_where_they_can_be_no_day(others, asked, last_year, read) -> None:
    assert precision(others, asked, last_year=last_year) == read


@pytest.mark.parametrize(
    ("others", "asked", "read"),
    [
        ([], "2009-", None),  # since 2009
        (["2009-03-"], "2010-", "year"),
        (["2009--"], "2010-", "year"),
        (["2009-03-14"], "2010-", None),
        ([], "14/5/9", "ambiguous"),  # 14 May 2009, or 9 May 2014
        (["98/5/9"] * 20, "14/5/9", "day"),
        ([], "12 มีนาคม 2559", "day"),
        ([], "12 มกราคม 59", None),  # 59 is 2016 in Thailand
        ([], "12 มกราคม 2016", "day"),
        ([], "12 січня 2016 р.", "day"),
        ([], "12 stycznia 2016 roku", "day"),
    ],
)
def test_reads_what_stands_behind_or_beside_a_year(others, asked, read) -> None:
    assert precision(others, asked, pivot=1930) == read


def test_counts_the_years_of_thai_dates_from_buddha_on() -> None:
    assert column(["12 มกราคม 2559", "12 มกราคม 2016"])["earliest"].to_list() == [date(2016, 1, 12)] * 2


@pytest.mark.parametrize(
    ("others", "asked", "first", "last"),
    [
        (["2009-14-03"], "2009-04-03", date(2009, 3, 4), date(2009, 4, 3)),  # the day may stand before the month
        (["2009/14/03"], "2009/04/03", date(2009, 3, 4), date(2009, 4, 3)),
        (["20091403"], "20090403", date(2009, 3, 4), date(2009, 4, 3)),
        (["2009-14-03"], "2009-14-03", None, None),
        (["2009-14-03", *days_of_march(13, 31, "2009-03-{day}")], "2009-04-03", date(2009, 4, 3), date(2009, 4, 3)),  # one slip
        (["98-Mar-14"], "09-Mar-03", date(2003, 3, 9), date(2009, 3, 3)),  # the year may stand first
        (["98-Mar-14"], "99-Mar-03", date(1999, 3, 3), date(2003, 3, 31)),
        (["14-Mar-98"], "09-Mar-03", date(2003, 3, 9), date(2003, 3, 9)),
    ],
)
def test_doubts_parts_whose_places_other_cells_contradict(others, asked, first, last) -> None:
    assert column([*others, asked], pivot=1930).select("earliest", "latest").row(-1) == (first, last)


def test_doubts_days_that_would_have_to_be_years_to_come() -> None:
    # as of 2020: 25 and 31 are no years yet, and 09 to 11 may be
    years_first = ["09-Mar-25", "10-May-31", "11-Jun-22", "10-Jan-02"]
    asked = {"pivot": 1940, "last_year": 2040}
    assert set(column(years_first, **asked)["precision"]) == {"ambiguous"}
    assert precision(["25-Mar-09", "31-May-10", "22-Jun-11", "02-Jan-25"], "03-Mar-09", **asked) == "day"


def test_doubts_a_declared_format_with_the_year_first_too() -> None:
    assert precision(["2009-14-03"], "2009-04-03", formats=("%Y-%m-%d",)) == "ambiguous"


def test_tells_january_from_march_by_the_mark_of_a_thai_letter() -> None:
    names = {fold_month(name): number for name, number in (("ม.ค.", 1), ("มี.ค.", 3))}
    read = parse_dates(pl.Series(["12 ม.ค. 2559", "12มี.ค.2559"]), rules=DateRules(months=names))
    assert read["earliest"].to_list() == [date(2016, 1, 12), date(2016, 3, 12)]


OF_ROC = [f"{year}/3/{day}" for year in range(100, 110) for day in (14, 15)]


@pytest.mark.parametrize(
    ("others", "asked", "read"),
    [
        (OF_ROC, "98/03/14", None),  # Minguo, as the years of three digits beside it: 2009
        (OF_ROC, "2009-03-14", "day"),
        ([*days_of_march(1, 31), "105/3/14"], "98/03/14", "day"),  # one slip of the pen
        (["24/12/1387", "25/12/1388"], "28/12/87", None),  # Persian
        (["14/03/2552", "15/03/2552"], "16/3/52", None),  # Thailand: 2009
        (["14-Mar-2552"], "16-Mar-52", None),
        (["H21.3.14", "H22.3.14"], "58.3.14", None),  # Showa 58: 1983
        (["平成21年3月14日"], "58.3.14", None),
    ],
)
def test_reads_no_year_of_two_digits_beside_years_of_another_calendar(others, asked, read) -> None:
    assert column([*others, asked], eras=eras(), last_year=2044).filter(raw=asked)["precision"][0] == read


@pytest.mark.parametrize(
    ("others", "asked", "read"),
    [
        (["2013-14"], "2008-09", "ambiguous"),  # years of accounts: there is no month 14
        (["2009-10", "2010-11"], "2008-09", "ambiguous"),
        (["2009-10"], "2008-09", "month"),
        (["2009-10", "2010-11", "2011-01"], "2008-09", "month"),
        ([*(f"20{year:02d}-01" for year in range(1, 25)), "2013-14"], "2008-09", "month"),  # a slip of the pen
        (["0903", "1106", "1211"], "2012", None),  # YYMM: December 2020
        (["0209", "1998", "2004", "2005"], "2012", "year"),
        ([], "2009-03/04", "ambiguous"),  # March to April
        ([], "2009/3-4", "ambiguous"),
        ([], "2009-03/07", "day"),
        ([], "2009.03-04", "ambiguous"),
        ([], "14 Ìáñ 2009", None),  # Μαρ read by the code page of the West, and no ian
        ([], "14 íáń 2009", None),  # мая
        ([], "14 AOÛT 2009", "day"),
    ],
)
def test_takes_no_other_thing_for_a_month_or_a_year(others, asked, read) -> None:
    assert precision(others, asked) == read


@pytest.mark.parametrize(
    ("cell", "pivot", "is_birth", "first", "last"),
    [
        ("05.06.27", 1930, True, 1927, 2027),  # the pivot puts her birth in years to come
        ("05.06.27", 1930, False, 2027, 2027),  # a plan
        ("05.06.27", None, True, 1927, 1927),  # a birth is not planned
        ("05.06.27", None, False, 1927, 2027),
        ("05.06.24", None, True, 1924, 2024),
        ("05.06.24", 1930, True, 2024, 2024),
        ("05.06.60", 2000, False, 1960, 2060),  # more than 20 years on
    ],
)
def test_dates_no_birth_in_years_to_come(cell, pivot, is_birth, first, last) -> None:
    read = column([cell], order="dmy", pivot=pivot, birth_serials=is_birth, last_year=2044)
    assert [read[end].dt.year()[0] for end in ("earliest", "latest")] == [first, last]
