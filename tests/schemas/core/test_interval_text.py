"""Delivered texts become intervals of days."""

from __future__ import annotations

from datetime import date, timedelta

import polars as pl
import pytest
import reference_text as reference
from hypothesis import given, settings
from hypothesis import strategies as st

from schemas.core.date_shapes import DateRules, Epoch
from schemas.core.interval import Order, format_pattern, parse_dates
from tests.searched import searched

Row = tuple[str | None, str | None, str | None, str | None]


def read(text: str | None, formats: list[str] | None = None, order: Order | None = None) -> Row:
    row = parse_dates(pl.Series([text], dtype=pl.String), formats, order).row(0)[1:]
    return (*(str(day) if day else None for day in row[:2]), *row[2:])  # type: ignore[return-value]


def day(text: str) -> Row:
    return text, text, "day", None


PI_DAY = day("2009-03-14")
MARCH: Row = ("2009-03-01", "2009-03-31", "month", None)
YEAR: Row = ("2009-01-01", "2009-12-31", "year", None)
IMPOSSIBLE: Row = (None, None, "unknown", "impossible")
SENTINEL: Row = (None, None, "unknown", "sentinel")
UNKNOWN: Row = (None, None, "unknown", "unknown_token")
NOT_UNDERSTOOD: Row = (None, None, None, "not_understood")
EMPTY: Row = (None, None, None, None)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2009-03-14", PI_DAY), ("2009/3/14", PI_DAY), ("20090314", PI_DAY), (" 2009-03-14 ", PI_DAY), ("14/03/2009", PI_DAY),
        ("03.14.2009", PI_DAY), ("14 MAR 2009", PI_DAY), ("Mar 14, 2009", PI_DAY), ("14. 3. 2009", PI_DAY),
        ("03-03-2009", day("2009-03-03")),
        ("14 marca 2009 r.", PI_DAY), ("14.03.2009 r.", PI_DAY), ("marzec 2009", MARCH),
        ("2009-03", MARCH), ("200903", MARCH), ("03/2009", MARCH), ("March 2009", MARCH), ("2009", YEAR),
        ("03/04/2009", ("2009-03-04", "2009-04-03", "ambiguous", None)),
        ("2009-03-14T10:22:33.5", PI_DAY), ("2009-03-14 10:22:33+01:00", PI_DAY), ("14/03/2009 12:00 AM", PI_DAY),
        ("20090314T102233", PI_DAY), ("01OCT2014", day("2014-10-01")), ("14mar2009", PI_DAY), ("14SEPT2009", day("2009-09-14")),
        ("OCT2014", ("2014-10-01", "2014-10-31", "month", None)), ("UNOCT2014", ("2014-10-01", "2014-10-31", "month", None)),
        ("2009-03/2009-06", ("2009-03-01", "2009-06-30", "ambiguous", None)), ("2009-03-14/2009-03-14", PI_DAY),
        *((text, ("2009-01-01", "2010-12-31", "ambiguous", None)) for text in ("2009/10", "2009/2010")),  # October, or two years
        ("2009/03", MARCH), ("2009/3", MARCH), ("1999/00", ("1999-01-01", "2000-12-31", "ambiguous", None)),
        *((f"2009-03-14{time}", NOT_UNDERSTOOD) for time in (" 25:61", " 24:00", " 10:60", "T10:22:61", "T256100", " 12:5")),
        ("../2009-06", (None, "2009-06-30", "ambiguous", None)), ("2009-03/..", ("2009-03-01", None, "ambiguous", None)),
        ("2000-02-29", day("2000-02-29")), ("1900-02-29", IMPOSSIBLE), ("2009-02-30", IMPOSSIBLE), ("30/02/2009", IMPOSSIBLE),
        ("2009-13", IMPOSSIBLE), ("13/13/2009", IMPOSSIBLE), ("2009-06/2009-03", IMPOSSIBLE), ("2009-02-30/2009-03", IMPOSSIBLE),
        ("soon", NOT_UNDERSTOOD), ("31122009", NOT_UNDERSTOOD), ("spring 2009", NOT_UNDERSTOOD),
        ("10:22:33", NOT_UNDERSTOOD), ("Mar 14", NOT_UNDERSTOOD), ("0209-03-14", IMPOSSIBLE),
        ("../..", NOT_UNDERSTOOD), ("2009-03-14 or later", NOT_UNDERSTOOD), (None, EMPTY), ("", EMPTY), ("  ", EMPTY),
    ],
)  # fmt: skip
def test_reads_dates_of_any_precision(text: str | None, expected: Row) -> None:
    assert read(text) == expected


@pytest.mark.parametrize("text", ["2009-03-99", "2009-03-00", "20090399", "00/03/2009", "XX.03.2009", "2009-03-??", "UN-MAR-2009"])
def test_widens_an_unknown_day_to_its_month(text: str) -> None:
    # registries code an unknown day as 99 or 00
    assert read(text) == MARCH


def test_widens_an_unknown_month_to_its_year_but_not_a_known_day_in_it() -> None:
    assert read("99/99/2009") == read("2009-00-00") == read("UN-UNK-2009") == read("20099999") == YEAR
    assert read("2009-99-14") == IMPOSSIBLE
    # a day of a year not said, not the July of 1912; 85 is no day
    assert read("12/07/??") == read("12/07/?") == NOT_UNDERSTOOD
    assert read("85/07/XX")[:2] == ("1985-07-01", "2085-07-31")
    assert read("2009---14") == YEAR  # so ISO 8601 writes it, and CDISC with it


def test_reads_the_declared_order_of_day_and_month_only() -> None:
    assert read("03/04/2009", order="dmy") == day("2009-04-03")
    assert read("03/04/2009", order="mdy") == day("2009-03-04")
    assert read("04/13/2009", order="dmy") == IMPOSSIBLE
    assert read("2009-04-13", order="dmy") == day("2009-04-13")


def test_reads_declared_formats_and_nothing_else() -> None:
    assert read("03/04/2009", ["%d/%m/%Y"]) == day("2009-04-03")
    assert read("14Mar2009:10:22:33", ["%d%b%Y:%H:%M:%S"]) == day("2009-03-14")
    assert read("14Mar2009:25:61:00", ["%d%b%Y:%H:%M:%S"]) == NOT_UNDERSTOOD
    assert read("2009/10", ["%Y/%m"]) == ("2009-10-01", "2009-10-31", "month", None)
    assert read("2009.03", ["%Y.%m"]) == MARCH
    assert read("2009-03-14", ["%d/%m/%Y"]) == NOT_UNDERSTOOD
    assert read("31/04/2009", ["%d/%m/%Y"]) == IMPOSSIBLE


def test_spans_what_several_formats_make_of_one_text() -> None:
    # not the first that fits: that would make a wrong date of an ambiguous one
    assert read("03/04/2009", ["%d/%m/%Y", "%m/%d/%Y"]) == ("2009-03-04", "2009-04-03", "ambiguous", None)


def test_leaves_the_century_of_two_digits_open() -> None:
    assert read("05.06.12", ["%d.%m.%y"]) == ("1912-06-05", "2012-06-05", "ambiguous", None)


@pytest.mark.parametrize(
    ("text", "formats"),
    [
        ("1122009", ["%d%m%Y"]), ("112009", ["%d%m%Y"]), ("11209", ["%d%m%y"]), ("201211", ["%Y%m%d"]), ("2009112", ["%Y%m%d"]),
        ("200913", ["%Y%m%d"]), ("20091", ["%Y%m"]),
    ],
)  # fmt: skip
def test_reads_no_digits_that_touch_where_one_is_lost(text: str, formats: list[str]) -> None:
    assert read(text, formats) == NOT_UNDERSTOOD


@pytest.mark.parametrize(("text", "first", "last"), [("201211", "2012-11-01", "2012-11-30"), ("201210", "2012-10-01", "2012-10-31")])
def test_reads_six_digits_as_the_month_they_are(text: str, first: str, last: str) -> None:
    assert read(text, ["%Y%m%d", "%Y%m", "%Y"]) == (first, last, "month", None)


@pytest.mark.parametrize("text", ["%d/%m", "%Y-%j", "%Y-%Y", "%Y-%d", "%s"])
def test_refuses_formats_that_say_no_date(text: str) -> None:
    with pytest.raises(ValueError, match="%"):
        format_pattern(text)


def test_keeps_one_row_per_value_in_order() -> None:
    values = pl.Series(["2009", "x", None, "2009", "2008"])
    got = parse_dates(values)
    assert got.columns == ["raw", "earliest", "latest", "precision", "reason"]
    assert got["raw"].to_list() == values.to_list()
    assert parse_dates(values.clear()).schema == got.schema


def test_agrees_with_reading_one_text_at_a_time() -> None:
    days = [date(1999, 12, 1) + timedelta(number) for number in range(460)]  # crosses 29 February 2000
    iso = [str(each) for each in days] + sorted({str(each)[:7] for each in days}) + ["1999", "2000", "2001", "2001-02-29", "2000-00"]
    numeric = [f"{first}{mark}{second}/2000".replace("/", mark) for mark in "/.-" for first in range(1, 33) for second in range(1, 33)]
    for order in (None, "dmy", "mdy"):
        texts = iso + numeric
        got = parse_dates(pl.Series(texts), order=order).select("earliest", "latest", "precision", "reason").rows()  # type: ignore[arg-type]
        assert got == [reference.one_date(text, order) for text in texts]


DAY_FORMS = [
    "%Y-%m-%d", "%Y/%m/%d", "%Y%m%d", "%d/%m/%Y", "%m/%d/%Y", "%d.%m.%Y.", "%d-%m-%y", "%m/%d/%y", "%y-%m-%d", "%d %b %Y", "%d-%b-%y",
    "%d%b%Y", "%B %d, %Y", "%b %d %y", "%Y-%b-%d", "%Y-%m-%dT%H:%M:%SZ", "%d/%m/%Y 10:22", "~%Y-%m-%d", "%d.%m.%Y?",
]  # fmt: skip
COARSE_FORMS = [
    "%Y-%m", "%Y%m", "%m/%Y", "%Y", "%b %Y", "%Y %B", "%Y-%m-99", "%Y9999", "%Y%m99", "XX.%m.%Y", "un-unk-%Y", "UN-%b-%Y", "~%Y-%m", "%Y~",
    "ca. %Y",
]  # fmt: skip


@pytest.mark.parametrize(("order", "pivot"), [(None, None), ("dmy", 1930), ("mdy", None), (None, 1930), ("dmy", 1901)])
def test_agrees_with_the_reference_on_every_form(order: Order | None, pivot: int | None) -> None:
    days = [date(1999, 12, 25) + timedelta(number) for number in range(440)]  # crosses 29 February 2000 and two turns of the year
    texts = [when.strftime(form) for form in DAY_FORMS for when in days]
    texts += sorted({when.strftime(form) for form in COARSE_FORMS for when in days})
    texts += ["30/02/2000", "2001-02-29", "00/00/2000", "31.06.00", "1900-01-01", "31/12/2999", "9999-12-31", "99/99/9999", "März 2000"]
    got = parse_dates(pl.Series(texts), order=order, pivot=pivot).rows()
    assert [row for row in got if row[1:] != reference.one_date(row[0], order, pivot)] == []


@pytest.mark.parametrize("epoch", [1900, 1904])
def test_agrees_with_the_reference_on_every_day_number(epoch: Epoch) -> None:
    texts = [str(number) for number in range(2190, 99_999, 13) if str(number).strip("9")] + ["39886.5", "39886,75"]
    got = parse_dates(pl.Series(texts), serials=epoch).rows()
    assert [row for row in got if row[1:] != reference.one_date(row[0], serials=epoch)] == []


def test_knows_the_day_numbers_of_both_epochs() -> None:
    # Excel shows 39886 as 14 March 2009; a workbook of the 1904 epoch shows 38424
    assert parse_dates(pl.Series(["39886"]), serials=1900).row(0)[1:] == parse_dates(pl.Series(["38424"]), serials=1904).row(0)[1:]
    assert read("39886") == NOT_UNDERSTOOD


def test_takes_a_number_that_may_be_a_year_for_a_year() -> None:
    assert parse_dates(pl.Series(["2009"]), serials=1900).row(0)[1:] == (date(2009, 1, 1), date(2009, 12, 31), "year", None)


def test_lets_a_birth_be_both_the_year_and_the_day_of_that_number() -> None:
    # day number 2009 is 1 July 1905: a woman may have been born then
    rules = DateRules(serials=1900, birth_serials=True)
    assert parse_dates(pl.Series(["2009"]), rules=rules).row(0)[1:] == (date(1905, 7, 1), date(2009, 12, 31), "ambiguous", None)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("14-Mar-2009", PI_DAY), ("14. März 2009", PI_DAY), ("14 mars 2009", PI_DAY), ("14 de marzo de 2009", PI_DAY),
        ("14 Mac 2009", PI_DAY),
        ("14 Mart 2009", PI_DAY), ("14th of March 2009", PI_DAY), ("March 14th, 2009", PI_DAY), ("2009年3月14日", PI_DAY),
        ("14Mar2009", PI_DAY),
        ("14 listopada 2009", NOT_UNDERSTOOD), ("Dez. 2009", ("2009-12-01", "2009-12-31", "month", None)), ("2009年3月", MARCH),
    ],
)  # fmt: skip
def test_reads_months_by_name(text: str, expected: Row) -> None:
    assert read(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Q1 2009", ("2009-01-01", "2009-03-31")), ("2009-Q4", ("2009-10-01", "2009-12-31")), ("~2009-03", ("2009-02-01", "2009-04-30")),
        ("2009~", ("2008-01-01", "2010-12-31")), ("ca. 2009", ("2008-01-01", "2010-12-31")), ("2009-03-14?", ("2009-02-11", "2009-04-14")),
    ],
)  # fmt: skip
def test_widens_quarters_and_approximate_dates(text: str, expected: tuple[str, str]) -> None:
    assert read(text) == (*expected, "ambiguous", None)


@pytest.mark.parametrize("text", ["1900-01-01", "01/01/1900", "31.12.2999", "9999-12-31", "1899-12-30"])
def test_takes_days_that_stand_for_none_as_unknown(text: str) -> None:
    assert read(text) == SENTINEL


@pytest.mark.parametrize("text", ["99999999", "9999", "99/99/9999", "00.00.0000", "XX-XX-XXXX", "88888888", "not known", "?", "UNK"])
def test_knows_what_says_that_a_date_is_not_known(text: str) -> None:
    assert read(text) == UNKNOWN


@pytest.mark.parametrize("text", ["05/06/12", "5.6.12", "05-Jun-12"])
def test_reads_two_digits_in_both_centuries_without_a_pivot(text: str) -> None:
    earliest, latest, precision, _ = read(text)
    assert (str(earliest)[:2], str(latest)[:2], precision) == ("19", "20", "ambiguous")


def test_reads_two_digits_in_the_hundred_years_from_the_pivot() -> None:
    read_with = {pivot: parse_dates(pl.Series(["05.06.30"]), order="dmy", pivot=pivot).row(0)[1] for pivot in (1930, 1931)}
    assert read_with == {1930: date(1930, 6, 5), 1931: date(2030, 6, 5)}


def test_takes_six_digits_for_a_month_only_where_the_whole_column_can_be() -> None:
    # 190309 beside 140309 is a day of 2009, and nothing says which; alone it is September 1903
    alone, beside = parse_dates(pl.Series(["190309"])), parse_dates(pl.Series(["190309", "140309"]))
    assert alone["precision"].to_list() == ["month"]
    assert beside["precision"].to_list() == [None, None]


DAYS = st.dates(date(1850, 1, 1), date(2150, 12, 31))
FORMS = st.sampled_from(["%Y-%m-%d", "%Y-%m", "%Y", "%d.%m.%Y", "%m/%d/%Y", "%Y%m%d"])


@given(st.lists(st.tuples(DAYS, FORMS), min_size=10, max_size=40))
@settings(max_examples=12, deadline=None)
def test_normalises_twice_as_once(cases: list[tuple[date, str]]) -> None:
    once = parse_dates(pl.Series([when.strftime(form) for when, form in cases])).drop("raw").rows()
    assert all(earliest <= when <= latest for (when, _), (earliest, latest, *_) in zip(cases, once, strict=True))
    again = parse_dates(pl.Series([_as_text(*row[:3]) for row in once])).drop("raw").rows()
    assert again == once


FINER = [("%Y-%m-%d", "%Y-%m", "%Y"), ("%d.%m.%Y", "XX.%m.%Y", "XX.XX.%Y"), ("%Y%m%d", "%Y%m99", "%Y9999")]


@searched(15, 60, when=DAYS, forms=st.sampled_from(FINER))
def test_only_narrows_as_a_text_says_more(when: date, forms: tuple[str, str, str]) -> None:
    about = pl.Series([when.strftime(form) for form in forms] + [when.strftime(form) + "~" for form in forms])
    day, month, year, day_about, month_about, year_about = parse_dates(about, order="dmy").select("earliest", "latest").rows()
    for fine, coarse in ((day, month), (month, year), (day, day_about), (month, month_about), (year, year_about)):
        assert coarse[0] <= fine[0] <= fine[1] <= coarse[1]


@searched(
    15,
    60,
    when=DAYS,
    form=st.sampled_from(["%d/%m/%Y", "%m/%d/%Y", "%d.%m.%y", "%y-%m-%d"]),
    pivot=st.sampled_from([None, 1900, 1930]),
)
def test_only_narrows_as_more_is_declared(when: date, form: str, pivot: int | None) -> None:
    text = pl.Series([when.strftime(form)])
    loose = parse_dates(text).row(0)
    for order in ("dmy", "mdy"):
        tight = parse_dates(text, order=order, pivot=pivot).row(0)  # type: ignore[arg-type]
        if tight[1] is not None and (pivot is None or pivot <= tight[1].year < 2000 or form.endswith("%Y")):
            assert loose[1] <= tight[1] <= tight[2] <= loose[2]


def _as_text(earliest: date, latest: date, precision: str) -> str:
    return {"day": str(earliest), "month": str(earliest)[:7], "year": str(earliest)[:4]}.get(precision, f"{earliest}/{latest}")


@given(st.lists(st.text("0129-/. T:<é", max_size=12), min_size=20, max_size=60))
@settings(max_examples=20, deadline=None)
def test_gives_either_an_interval_or_a_reason(texts: list[str]) -> None:
    for text, earliest, latest, precision, reason in parse_dates(pl.Series(texts)).rows():
        is_interval = earliest is not None or latest is not None
        assert (precision in {"day", "month", "year", "ambiguous"}) == is_interval
        assert (precision == "unknown") == (reason in {"impossible", "sentinel", "unknown_token"})
        assert (reason is not None) == (not is_interval and bool(text.strip()))
