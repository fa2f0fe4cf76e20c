"""Texts that mean a span of days of no precision of ours: two years, a quarter, two months, a week, a range from day to day."""

from __future__ import annotations

from collections.abc import Iterator

import polars as pl

from schemas.core.date_dated import READINGS, dated
from schemas.core.date_doubts import TOLERATED_ONE_IN
from schemas.core.date_numbers import number, said, shape, taken
from schemas.core.date_shapes import FIRST_YEAR, ISO, LAST_YEAR, MONTHS, OPEN, QUARTER, RANGE, THREE, WEEK, YEAR_MONTHS, YEARS, DateRules

# Three months of three years that are each the number of the next year by chance: once in 1,728 columns.
FEWEST_YEARS = 3
DASHED = r"^([0-9]{4})-([0-9]{2})$"


def spans(texts: pl.DataFrame, rules: DateRules) -> Iterator[pl.DataFrame]:
    """READINGS of all such texts of `texts` (place, text) but those of two years."""
    yield _quarters(texts, rules)
    yield _months(texts, rules)
    yield _weeks(texts)
    yield _ranges(texts, rules)


def is_two_years(texts: pl.DataFrame) -> pl.Series:
    """Whether a text may be a year and the next (2009/10, 1999/00, 2008-9) as well as a month.

    2009-10 is a month, but in a column that writes other years so (2013-14, and of twenty that can tell not one month that is none of
    the next year), or at least FEWEST_YEARS different ones and no month else.
    """
    year, two, one = (pl.col("text").str.extract(YEARS, place).cast(pl.Int32) for place in (1, 2, 3))
    is_next = ((year + 1) % 100 == two).fill_null(value=False) | ((year + 1) % 10 == one).fill_null(value=False)
    dashed = texts.select(pl.col("text").str.extract(DASHED, place).cast(pl.Int32).alias(name) for place, name in ((1, "year"), (2, "two")))
    is_dashed = dashed.select(((pl.col("year") + 1) % 100 == pl.col("two")).fill_null(value=False)).to_series()
    found = texts.select(is_next).to_series()
    return found | is_dashed if is_dashed.any() and _are_years(dashed, is_dashed) else found


def _are_years(dashed: pl.DataFrame, is_next: pl.Series) -> bool:
    """Whether a dash and two digits are the next year in this column, and no month."""
    n_months = dashed.select((~is_next & pl.col("two").is_between(1, 12)).sum()).item()
    n_no_month = dashed.select((is_next & pl.col("two").is_between(13, 98)).sum()).item()
    return n_no_month * TOLERATED_ONE_IN > n_no_month + n_months or (n_months == 0 and int(is_next.sum()) >= FEWEST_YEARS)


def two_years(texts: pl.DataFrame, rules: DateRules) -> pl.DataFrame:
    """READINGS of 2009/10 and its like, October 2009 or 2009 to 2010: an ambiguous date that spans both years."""
    if not texts.height:
        return pl.DataFrame(schema=READINGS)
    nothing = pl.lit(None, pl.Int32)
    year = number(pl.col("text").str.head(4))
    numbers = texts.select("place", y=year, m=nothing, d=nothing, is_short=pl.lit(value=False))
    first = dated([said(numbers, None, is_allowed=True)], rules)
    return first.with_columns(pl.col("latest").dt.offset_by("1y"), precision=pl.lit("ambiguous"))


def _quarters(texts: pl.DataFrame, rules: DateRules) -> pl.DataFrame:
    """READINGS of Q1 2009 and its like: no precision of ours, so an ambiguous date."""
    found, _ = taken(texts, QUARTER)
    if not found.height:
        return pl.DataFrame(schema=READINGS)
    start = (pl.coalesce("q", "r", "s").cast(pl.Int32) * 3) - 2
    numbers = found.select("place", y=number(pl.coalesce("y", "z", "x")), m=start, d=pl.lit(None, pl.Int32), is_short=pl.lit(False))
    first = dated([said(numbers, None, is_allowed=True)], rules)
    return first.with_columns(pl.col("latest").dt.offset_by("2mo").dt.month_end(), precision=pl.lit("ambiguous"))


def _months(texts: pl.DataFrame, rules: DateRules) -> pl.DataFrame:
    """READINGS of 03-04/2009, 2009-03/04 and their like as March to April: two marks stand in a day (Danish 3/4 2009) or in a span of
    months."""
    next_behind = {MONTHS: r"[.\s]", YEAR_MONTHS: r"[-–.\s]"}  # 3/4-2009 is a Danish day and nothing else
    return pl.concat([_of_months(taken(texts, pattern)[0], marks, rules) for pattern, marks in next_behind.items()])


def _of_months(found: pl.DataFrame, next_behind: str, rules: DateRules) -> pl.DataFrame:
    """READINGS of two months; with a slash between them the one and the next, where one of the marks `next_behind` parts them from the
    year."""
    if not found.height:
        return pl.DataFrame(schema=READINGS)
    first, last = number(pl.col("m")), number(pl.col("n"))
    is_span = pl.when(pl.col("mark") == "/").then((last == first + 1) & pl.col("behind").str.contains(next_behind)).otherwise(last > first)
    is_plain = pl.col("mark") == pl.col("behind")
    spans = found.with_columns(first=first, last=last).filter(is_span & ~is_plain)
    numbers = spans.select("place", y=number(pl.col("y")), m="first", d=pl.lit(None, pl.Int32), is_short=pl.lit(False))
    months = dated([said(numbers, None, is_allowed=True)], rules)
    ends = spans.select("place", end=pl.date(number(pl.col("y")), pl.col("last"), 1).dt.month_end())
    latest = pl.when(pl.col("latest").is_not_null()).then("end").alias("latest")
    return months.join(ends, on="place", how="left").with_columns(latest, precision=pl.lit("ambiguous")).drop("end")


def _weeks(texts: pl.DataFrame) -> pl.DataFrame:
    """READINGS of 2009-W11 and its like: Monday to Sunday, an ambiguous date; with the day of the week one day.

    A year begins with the week of its first Thursday; week 53 of a year that has none is no date.
    """
    found, _ = taken(texts, WEEK)
    if not found.height:
        return pl.DataFrame(schema=READINGS)
    year, week, weekday = number(pl.coalesce("y", "z")), number(pl.coalesce("w", "v")), number(pl.col("d"))
    january_4 = pl.date(year, 1, 4)
    monday = january_4 - pl.duration(days=january_4.dt.weekday() - 1) + pl.duration(days=(week - 1) * 7)
    thursday = monday + pl.duration(days=3)
    is_possible = year.is_between(FIRST_YEAR, LAST_YEAR) & (week >= 1) & (thursday.dt.year() == year)
    first = monday + pl.duration(days=weekday.fill_null(1) - 1)
    last = monday + pl.duration(days=weekday.fill_null(7) - 1)
    return found.select(
        "place", order=pl.lit(None, pl.String), is_declared=pl.lit(True), is_serial=pl.lit(False),
        earliest=pl.when(is_possible).then(first), latest=pl.when(is_possible).then(last),
        precision=pl.when(weekday.is_null()).then(pl.lit("ambiguous")).otherwise(pl.lit("day")),
        is_possible=is_possible, is_sentinel=pl.lit(False),
    )  # fmt: skip


def _ranges(texts: pl.DataFrame, rules: DateRules) -> pl.DataFrame:
    """READINGS of texts such as 2009-03/2009-06, either side of which may be open (`..`)."""
    found, _ = taken(texts, RANGE)
    if not found.height:
        return pl.DataFrame(schema=READINGS)
    sides = found.filter((pl.col("from") != OPEN) | (pl.col("to") != OPEN), ~pl.col("text").str.contains(THREE))
    ends = pl.DataFrame({"text": pl.concat([sides["from"], sides["to"]]).unique()}, schema={"text": pl.String}).with_row_index("place")
    numbers = [part for pattern in ISO for part in shape(ends, pattern, rules)]
    known = dated(numbers, rules).filter(~pl.col("is_sentinel")).join(ends, on="place")
    start, end = known.select("text", "earliest", known="is_possible"), known.select("text", "latest", known="is_possible")
    first = sides.select("place", "from", "to").join(start, left_on="from", right_on="text", how="left")
    both = first.join(end, left_on="to", right_on="text", how="left", suffix="_to")
    is_known = (pl.col("known") | (pl.col("from") == OPEN)) & (pl.col("known_to") | (pl.col("to") == OPEN))
    is_possible = is_known.fill_null(False) & (pl.col("earliest") <= pl.col("latest")).fill_null(True)
    precision = pl.when(pl.col("earliest") == pl.col("latest")).then(pl.lit("day")).otherwise(pl.lit("ambiguous"))
    return both.select(
        "place", order=pl.lit(None, pl.String), is_declared=pl.lit(True), is_serial=pl.lit(False), earliest="earliest", latest="latest",
        precision=precision, is_possible=is_possible, is_sentinel=pl.lit(False),
    )  # fmt: skip
