"""Year, month and day as the days that they may mean: READINGS of what is said in numbers.

One row per text (its `place` among the distinct texts of the column) and reading (READINGS). `order` is that of a numeric
date (dmy, mdy, ymd), null where the text leaves no doubt about it. `is_declared` is false of a reading that speaks only
as evidence against what is declared.
"""

from __future__ import annotations

from collections.abc import Iterable

import polars as pl

from schemas.core.date_numbers import NUMBERS
from schemas.core.date_shapes import FIRST_YEAR, LAST_YEAR, UNKNOWN, DateRules

READINGS: dict[str, type[pl.DataType]] = {
    "place": pl.UInt32, "order": pl.String, "is_declared": pl.Boolean, "is_serial": pl.Boolean, "earliest": pl.Date, "latest": pl.Date,
    "precision": pl.String, "is_possible": pl.Boolean, "is_sentinel": pl.Boolean,
}  # fmt: skip


def dated(parts: Iterable[pl.DataFrame], rules: DateRules) -> pl.DataFrame:
    """READINGS of NUMBERS; a year of two digits in the century of the pivot, or without one in both that it can be in.

    One that the pivot puts beyond the last year in which it can be is in that century and in the one before.
    """
    numbers = pl.concat([pl.DataFrame(schema=NUMBERS), *parts])
    if not numbers.height:
        return pl.DataFrame(schema=READINGS)
    year, short = pl.col("y"), numbers.filter("is_short")
    if rules.pivot is not None:
        century = rules.pivot + (year - rules.pivot + 10_000) % 100
        numbers = numbers.with_columns(y=pl.when("is_short").then(century).otherwise(year))
        if rules.last_short_year is not None:
            # a pivot that puts a birth of 1927 in 2027 has not said of which century it is
            ahead = numbers.filter("is_short", year > rules.last_short_year)
            numbers = pl.concat([numbers, ahead.with_columns(y=year - 100)])
    elif short.height:
        late = short.with_columns(y=year + 2000)
        if rules.last_short_year is not None:
            # 31/12/99 may stand for the end of time: then nothing says that it is 1999
            late = late.filter((year <= rules.last_short_year) | _ymd().is_in(_sentinels(rules)))
        numbers = pl.concat([numbers.filter(~pl.col("is_short")), short.with_columns(y=year + 1900), late])
    # before what is not known goes: 00/01/1900 is how Excel shows an empty cell, and no month
    is_sentinel = (~pl.col("is_short") & _ymd().is_in(_sentinels(rules))).fill_null(False)
    known = [pl.when(~pl.col(part).is_in(UNKNOWN)).then(part).alias(part) for part in ("m", "d")]
    told = numbers.with_columns(*known, is_sentinel=is_sentinel)
    return _bounded(told).with_columns(is_serial=pl.lit(False)).select(list(READINGS))


def _ymd() -> pl.Expr:
    return pl.col("y") * 10_000 + pl.col("m") * 100 + pl.col("d")


def _sentinels(rules: DateRules) -> list[int]:
    return sorted(int(day.replace("-", "")) for day in rules.sentinels)


def _bounded(numbers: pl.DataFrame) -> pl.DataFrame:
    """Year, month and day (null = not said) as the first and the last day they may mean.

    Of a year that is none of a registry's there is no such day; where the text may as well be no date, it is none.
    """
    year, month, day = pl.col("y"), pl.col("m"), pl.col("d")
    has_day = (month.is_between(1, 12) & day.is_null()) | (month.is_between(1, 12) & day.is_between(1, _month_length(year, month)))
    is_year = year.is_between(FIRST_YEAR, LAST_YEAR)
    is_possible = (is_year & (has_day | (month.is_null() & day.is_null()))).fill_null(False)
    checked = numbers.with_columns(is_possible=is_possible).filter(year.is_not_null(), pl.col("is_sure") | is_year | pl.col("is_sentinel"))
    first, last = pl.when("is_possible").then(month.fill_null(1)), pl.when("is_possible").then(month.fill_null(12))
    precision = pl.when(day.is_not_null()).then(pl.lit("day")).when(month.is_not_null()).then(pl.lit("month")).otherwise(pl.lit("year"))
    return checked.select(
        "place", "order", "is_declared", "is_possible", "is_sentinel",
        earliest=pl.date(year, first, day.fill_null(1)),
        latest=pl.date(year, last, day.fill_null(_month_length(year, last))),
        precision=precision,
    )  # fmt: skip


def _month_length(year: pl.Expr, month: pl.Expr) -> pl.Expr:
    is_leap = ((year % 4 == 0) & (year % 100 != 0)) | (year % 400 == 0)
    return pl.when(month == 2).then(28 + is_leap.cast(pl.Int32)).when(month.is_in([4, 6, 9, 11])).then(30).otherwise(31)
