"""Every way in which the texts of a column can be read as a date; vectorised over distinct texts.

One row per text (its `place` among the distinct texts of the column) and reading (READINGS). `order` is that of a numeric
date (dmy, mdy, ymd), null where the text leaves no doubt about it. `is_declared` is false of a reading that speaks only
as evidence against what is declared.
"""

from __future__ import annotations

from collections.abc import Iterable

import polars as pl

from schemas.core.date_numbers import NUMBERS, built_in, declared, number, said, shape, taken
from schemas.core.date_shapes import FIRST_YEAR, ISO, LAST_YEAR, MONTHS, OPEN, QUARTER, RANGE, THREE, UNKNOWN, WEEK, YEARS, DateRules

READINGS: dict[str, type[pl.DataType]] = {
    "place": pl.UInt32, "order": pl.String, "is_declared": pl.Boolean, "is_serial": pl.Boolean, "earliest": pl.Date, "latest": pl.Date,
    "precision": pl.String, "is_possible": pl.Boolean, "is_sentinel": pl.Boolean,
}  # fmt: skip
EPOCHS = {1900: -25_569, 1904: -24_107}  # day number 0 of Excel in days since 1970-01-01; its 29 February 1900 is number 60
# Nothing but a birth is from before 1927 (number 10,000): 2500 and 3650 beside real dates are days of follow-up.
FIRST_SERIAL, FIRST_BIRTH_SERIAL = 10_000, 61


def readings(texts: pl.DataFrame, rules: DateRules) -> pl.DataFrame:
    """READINGS of each text of `texts` (place, text: distinct, trimmed, without time of day); texts that are no date have no row."""
    if rules.formats:
        found = [_dated(declared(texts, rules), rules)]
    else:
        is_two = _is_two_years(texts)
        two, rest = (texts.filter(is_two), texts.filter(~is_two)) if is_two.any() else (texts.clear(), texts)
        found = [
            _dated(built_in(rest, rules), rules),
            _two_years(two, rules),
            _quarters(rest, rules),
            _months(rest, rules),
            _weeks(rest),
            _ranges(rest, rules),
        ]
    if rules.serials is not None:
        found.append(_serials(texts, rules))
    return pl.concat(found)


def iso_days(texts: pl.DataFrame, rules: DateRules) -> pl.DataFrame:
    """READINGS of texts that are ISO dates, months or years and nothing else: how a real date of Excel is delivered, as it is shown."""
    return _dated((part for pattern in ISO for part in shape(texts, pattern, rules)), rules)


def swapped(days: pl.DataFrame) -> pl.DataFrame:
    """READINGS of single days with day and month in each other's place, where the calendar has such a day."""
    day, month = pl.col("earliest").dt.day(), pl.col("earliest").dt.month()
    other = pl.date(pl.col("earliest").dt.year(), pl.when(day <= 12).then(day), month)
    apart = days.filter("is_possible", (day <= 12) & (day != month), precision="day")
    return apart.with_columns(earliest=other, latest=other)


def _dated(parts: Iterable[pl.DataFrame], rules: DateRules) -> pl.DataFrame:
    """READINGS of NUMBERS; a year of two digits in the century of the pivot, or without one in both that it can be in."""
    numbers = pl.concat([pl.DataFrame(schema=NUMBERS), *parts])
    if not numbers.height:
        return pl.DataFrame(schema=READINGS)
    year, short = pl.col("y"), numbers.filter("is_short")
    if rules.pivot is not None:
        century = rules.pivot + (year - rules.pivot + 10_000) % 100
        numbers = numbers.with_columns(y=pl.when("is_short").then(century).otherwise(year))
    elif short.height:
        late = short.with_columns(y=year + 2000)
        if rules.last_year is not None:
            # 31/12/99 may stand for the end of time: then nothing says that it is 1999
            late = late.filter((year <= rules.last_year) | _ymd().is_in(_sentinels(rules)))
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


def _is_two_years(texts: pl.DataFrame) -> pl.Series:
    """Whether a text may be a year and the next (2009/10, 1999/00, 2008-9) as well as a month."""
    year, two, one = (pl.col("text").str.extract(YEARS, place).cast(pl.Int32) for place in (1, 2, 3))
    is_next = ((year + 1) % 100 == two).fill_null(value=False) | ((year + 1) % 10 == one).fill_null(value=False)
    return texts.select(is_next).to_series()


def _two_years(texts: pl.DataFrame, rules: DateRules) -> pl.DataFrame:
    """READINGS of 2009/10 and its like, October 2009 or 2009 to 2010: an ambiguous date that spans both years."""
    if not texts.height:
        return pl.DataFrame(schema=READINGS)
    nothing = pl.lit(None, pl.Int32)
    year = number(pl.col("text").str.head(4))
    numbers = texts.select("place", y=year, m=nothing, d=nothing, is_short=pl.lit(value=False))
    first = _dated([said(numbers, None, is_allowed=True)], rules)
    return first.with_columns(pl.col("latest").dt.offset_by("1y"), precision=pl.lit("ambiguous"))


def _quarters(texts: pl.DataFrame, rules: DateRules) -> pl.DataFrame:
    """READINGS of Q1 2009 and its like: no precision of ours, so an ambiguous date."""
    found, _ = taken(texts, QUARTER)
    if not found.height:
        return pl.DataFrame(schema=READINGS)
    start = (pl.coalesce("q", "r", "s").cast(pl.Int32) * 3) - 2
    numbers = found.select("place", y=number(pl.coalesce("y", "z", "x")), m=start, d=pl.lit(None, pl.Int32), is_short=pl.lit(False))
    first = _dated([said(numbers, None, is_allowed=True)], rules)
    return first.with_columns(pl.col("latest").dt.offset_by("2mo").dt.month_end(), precision=pl.lit("ambiguous"))


def _months(texts: pl.DataFrame, rules: DateRules) -> pl.DataFrame:
    """READINGS of 03-04/2009 and its like as March to April: two marks stand in a day (Danish 3/4 2009) or in a span of months."""
    found, _ = taken(texts, MONTHS)
    if not found.height:
        return pl.DataFrame(schema=READINGS)
    first, last = number(pl.col("m")), number(pl.col("n"))
    is_span = pl.when(pl.col("mark") == "/").then((last == first + 1) & pl.col("behind").str.contains(r"[.\s]")).otherwise(last > first)
    is_plain = pl.col("mark") == pl.col("behind")
    spans = found.with_columns(first=first, last=last).filter(is_span & ~is_plain)
    numbers = spans.select("place", y=number(pl.col("y")), m="first", d=pl.lit(None, pl.Int32), is_short=pl.lit(False))
    months = _dated([said(numbers, None, is_allowed=True)], rules)
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
    known = _dated(numbers, rules).filter(~pl.col("is_sentinel")).join(ends, on="place")
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
