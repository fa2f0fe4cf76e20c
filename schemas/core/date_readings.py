"""Every way in which the texts of a column can be read as a date; vectorised over distinct texts (READINGS: date_dated.py)."""

from __future__ import annotations

from datetime import date

import polars as pl

from schemas.core.date_dated import READINGS, dated
from schemas.core.date_numbers import built_in, declared, number, shape, taken
from schemas.core.date_shapes import FIRST_YEAR, ISO, LAST_YEAR, DateRules
from schemas.core.date_spans import is_two_years, spans, two_years

EPOCHS = {1900: -25_569, 1904: -24_107}  # day number 0 of Excel in days since 1970-01-01; its 29 February 1900 is number 60
# Nothing but a birth is from before 1927 (number 10,000): 2500 and 3650 beside real dates are days of follow-up.
# Beside births numbers to 120 are ages, or years of two digits; those from 1850 to 2150 may be years.
FIRST_SERIAL, FIRST_BIRTH_SERIAL = 10_000, 121
FIRST_DAY = date(1927, 5, 18)


def readings(texts: pl.DataFrame, rules: DateRules) -> pl.DataFrame:
    """READINGS of each text of `texts` (place, text: distinct, trimmed, without time of day); texts that are no date have no row."""
    if rules.formats:
        found = [dated(declared(texts, rules), rules)]
    else:
        is_two = is_two_years(texts)
        two, rest = (texts.filter(is_two), texts.filter(~is_two)) if is_two.any() else (texts.clear(), texts)
        found = [dated(built_in(rest, rules), rules), two_years(two, rules), *spans(rest, rules)]
    if rules.serials is not None:
        found.append(_serials(texts, rules))
    return pl.concat(found)


def iso_days(texts: pl.DataFrame, rules: DateRules) -> pl.DataFrame:
    """READINGS of texts that are ISO dates, months or years and nothing else: how a real date of Excel is delivered, as it is shown.

    A number typed into a cell that shows dates becomes one as well: 2014 is 6 July 1905, and 61 the first of March 1900. A day whose number
    would be no day number (`_serials`) is none, and that of a birth which may be a year is both.
    """
    found = dated((part for pattern in ISO for part in shape(texts, pattern, rules)), rules)
    number = (pl.col("earliest").to_physical() - EPOCHS[rules.serials or 1900]).cast(pl.Int32)
    is_day = pl.col("precision") == "day"
    is_typed = number.is_between(0, FIRST_BIRTH_SERIAL - 1) if rules.birth_serials else pl.col("earliest") < FIRST_DAY
    kept = found.with_columns(pl.col("is_possible") & ~(is_day & is_typed).fill_null(value=False))
    last_year = min(LAST_YEAR, rules.last_year or LAST_YEAR)
    may_be_year = is_day & number.is_between(FIRST_YEAR, last_year)
    if not rules.birth_serials or not found.select(may_be_year.any()).item():
        return kept
    year = {"earliest": pl.date(number, 1, 1), "latest": pl.date(number, 12, 31), "precision": pl.lit("year")}
    return pl.concat([kept, found.filter(may_be_year).with_columns(**year)])


def swapped(days: pl.DataFrame) -> pl.DataFrame:
    """READINGS of single days with day and month in each other's place, where the calendar has such a day."""
    day, month = pl.col("earliest").dt.day(), pl.col("earliest").dt.month()
    other = pl.date(pl.col("earliest").dt.year(), pl.when(day <= 12).then(day), month)
    apart = days.filter("is_possible", (day <= 12) & (day != month), precision="day")
    return apart.with_columns(earliest=other, latest=other)


def _serials(texts: pl.DataFrame, rules: DateRules) -> pl.DataFrame:
    """READINGS of day numbers of Excel; those below 10,000 are day numbers only where a birth may be so long ago.

    One beyond the last year in which anything delivered can lie (a postal code) is no date.
    """
    found, _ = taken(texts, r"^(?P<n>[1-9][0-9]{1,4})(?:[.,][0-9]+)?$")
    if not found.height:
        return pl.DataFrame(schema=READINGS)
    first = FIRST_BIRTH_SERIAL if rules.birth_serials else FIRST_SERIAL - EPOCHS[rules.serials or 1900] + EPOCHS[1900]
    serials = found.select("place", n=number(pl.col("n"))).filter(pl.col("n") >= first)
    day = (pl.col("n") + EPOCHS[rules.serials or 1900]).cast(pl.Date)
    is_possible = day.dt.year().is_between(FIRST_YEAR, min(LAST_YEAR, rules.last_year or LAST_YEAR))
    iso, known = day.dt.strftime("%Y-%m-%d"), pl.when(is_possible).then(day)
    return serials.select(
        "place", order=pl.lit(None, pl.String), is_declared=pl.lit(True), is_serial=pl.lit(True), earliest=known, latest=known,
        precision=pl.lit("day"), is_possible=is_possible, is_sentinel=iso.is_in(sorted(rules.sentinels)),
    )  # fmt: skip
