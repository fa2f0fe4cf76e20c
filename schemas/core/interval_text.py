"""Delivered dates to intervals of days; vectorised over the distinct texts of a column.

Nothing is imputed: what a text leaves open widens its interval, and what can be read in two ways spans both.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import polars as pl

Order = Literal["dmy", "mdy"]

# Years outside 1800-2199 are no years of a registry: 0209 for 2009 must not become a date of the third century.
YEAR = r"(?P<y>(?:18|19|20|21)\d\d)"
MONTH, DAY = r"(?P<m>\d{1,2})", r"(?P<d>\d{1,2})"
MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_LONG = ("uary", "ruary", "ch", "il", "", "e", "y", "ust", "t(?:ember)?|tember", "ober", "ember", "ember")
MONTH_NAME = "(?P<m>(?i:" + "|".join(f"{short}(?:{rest})?" for short, rest in zip(MONTHS, _LONG, strict=True)) + r")\.?)"
SEPARATOR = r"\s*[-/., ]\s*"
TIME = r"(?:T| +)\d{1,2}:\d{2}(?::\d{2}(?:[.,]\d+)?)?(?: ?[AaPp][Mm])?(?: ?(?:Z|[+-]\d{2}:?\d{2}))?$|T\d{4,6}(?:\.\d+)?Z?$"
# Two registries code an unknown day as 99, others as 00: either widens the interval to the month or the year.
UNKNOWN = (0, 99)
OPEN = ".."

# Shapes that need no declaration. A text fits one of them only, apart from the two orders of day and month.
ISO = (rf"^{YEAR}-{MONTH}-{DAY}$", rf"^{YEAR}-{MONTH}$", rf"^{YEAR}$")
SHAPES = (
    rf"^{YEAR}{SEPARATOR}{MONTH}{SEPARATOR}{DAY}$", rf"^{YEAR}[-/.]{MONTH}$", rf"^{YEAR}$", rf"^{YEAR}(?P<m>\d\d)(?P<d>\d\d)$",
    rf"^{YEAR}(?P<m>\d\d)$", rf"^{MONTH}[-/.]{YEAR}$", rf"^{MONTH_NAME}{SEPARATOR}{YEAR}$",
    rf"^{DAY}{SEPARATOR}{MONTH_NAME}{SEPARATOR}{YEAR}$", rf"^{MONTH_NAME}{SEPARATOR}{DAY}{SEPARATOR}{YEAR}$",
)  # fmt: skip
DAY_FIRST, MONTH_FIRST = rf"^{DAY}{SEPARATOR}{MONTH}{SEPARATOR}{YEAR}$", rf"^{MONTH}{SEPARATOR}{DAY}{SEPARATOR}{YEAR}$"
RANGE = r"^(?P<from>\d{4}(?:-\d\d){0,2}|\.\.)/(?P<to>\d{4}-\d\d(?:-\d\d)?|\d{4}|\.\.)$"

DIRECTIVES = {
    "Y": YEAR, "m": MONTH, "d": DAY, "e": r" ?" + DAY, "b": MONTH_NAME, "B": MONTH_NAME, "y": r"(?P<y>\d\d)",
    "F": f"{YEAR}-{MONTH}-{DAY}", "H": r"\d{1,2}", "I": r"\d{1,2}", "M": r"\d{2}", "S": r"\d{2}", "f": r"\d+", "p": "[AaPp][Mm]",
    "T": r"\d{2}:\d{2}:\d{2}", "z": r"(?:Z|[+-]\d{2}:?\d{2})", "%": "%",
}  # fmt: skip


@dataclass(frozen=True)
class Shape:
    """One way to read a text: a pattern with the groups y, m and d, and what is added to a two-digit year."""

    pattern: str
    century: int = 0


def parse_dates(values: pl.Series, formats: Sequence[str] | None = None, order: Order | None = None) -> pl.DataFrame:
    """One row per value, in its order: raw, earliest, latest (Date), precision (day, month, year, ambiguous), reason.

    `formats` (strptime directives) replace the built-in shapes; a text that fits several spans them. `order` says how a
    numeric date with the year last is read; without it both readings count. A time of day is dropped. Null and blank
    texts give nulls without a reason; other texts without an interval have the reason `impossible` or `not_understood`.
    """
    shapes = _declared(formats) if formats else _built_in(order)
    is_timed = any(directive in text for text in formats or () for directive in ("%H", "%I", "%T"))
    text = pl.col("raw").str.strip_chars()
    rows = pl.DataFrame({"raw": values.cast(pl.String)}).with_columns(text=text if is_timed else text.str.replace(TIME, ""))
    texts = rows.select(pl.col("text").unique()).filter(pl.col("text") != "")
    readings = [_read(texts, shape) for shape in shapes] + ([] if formats else [_read_ranges(texts)])
    known = texts.join(_settle(pl.concat(readings)), on="text", how="left")
    reason = pl.when(pl.col("is_possible").is_null()).then(pl.lit("not_understood")).when(~pl.col("is_possible")).then(pl.lit("impossible"))
    found = known.select("text", "earliest", "latest", "precision", reason=reason)
    return rows.join(found, on="text", how="left", maintain_order="left").drop("text")


def format_pattern(text: str) -> str:
    """The regular expression of a strptime format; raises ValueError (the sentence names the directive) where it is none of ours."""
    parts = re.split(r"%(.)", text)
    unknown = [directive for directive in parts[1::2] if directive not in DIRECTIVES]
    if unknown:
        raise ValueError(f"the directive %{unknown[0]} is not known; known are {' '.join('%' + name for name in DIRECTIVES)}")
    pattern = "".join(DIRECTIVES[part] if place % 2 else re.escape(part) for place, part in enumerate(parts))
    counts = [pattern.count(group) for group in ("(?P<y>", "(?P<m>", "(?P<d>")]
    if counts[0] != 1 or max(counts) > 1 or counts[2] > counts[1]:
        raise ValueError(f"the format {text} needs one year, and a month where it has a day")
    return f"^{pattern}$"


def _declared(formats: Sequence[str]) -> list[Shape]:
    shapes = []
    for text in formats:
        # Two digits leave the century open: both are read, and the interval spans them.
        centuries = (1900, 2000) if "%y" in text else (0,)
        shapes += [Shape(format_pattern(text), century) for century in centuries]
    return shapes


def _built_in(order: Order | None) -> list[Shape]:
    numeric = {"dmy": [DAY_FIRST], "mdy": [MONTH_FIRST], None: [DAY_FIRST, MONTH_FIRST]}[order]
    return [Shape(pattern) for pattern in (*SHAPES, *numeric)]


def _read(texts: pl.DataFrame, shape: Shape) -> pl.DataFrame:
    """One row per text that has this shape: text, earliest, latest, precision, is_possible."""
    groups = pl.col("text").str.extract_groups(shape.pattern)
    found = texts.select("text", groups.alias("found")).filter(pl.col("found").struct.field("y").is_not_null())
    named = [_number(name) if f"(?P<{name}>" in shape.pattern else pl.lit(None, pl.Int32).alias(name) for name in ("y", "m", "d")]
    numbers = found.select("text", *named).with_columns(pl.col("y") + shape.century)
    return numbers.pipe(_bounded)


def _number(group: str) -> pl.Expr:
    text = pl.col("found").struct.field(group).str.to_lowercase().str.slice(0, 4 if group == "y" else 3)
    number = text.replace({name: str(place) for place, name in enumerate(MONTHS, 1)}).cast(pl.Int32, strict=False)
    return (number if group == "y" else pl.when(~number.is_in(UNKNOWN)).then(number)).alias(group)


def _bounded(numbers: pl.DataFrame) -> pl.DataFrame:
    """Year, month and day (null = not said) as the first and the last day they may mean."""
    year, month, day = pl.col("y"), pl.col("m"), pl.col("d")
    is_possible = (month.is_between(1, 12) & day.is_null()) | (month.is_between(1, 12) & day.is_between(1, _month_length(year, month)))
    checked = numbers.with_columns(is_possible=(is_possible | (month.is_null() & day.is_null())).fill_null(False))
    first, last = pl.when("is_possible").then(month.fill_null(1)), pl.when("is_possible").then(month.fill_null(12))
    precision = pl.when(day.is_not_null()).then(pl.lit("day")).when(month.is_not_null()).then(pl.lit("month")).otherwise(pl.lit("year"))
    return checked.select(
        "text",
        earliest=pl.date(year, first, day.fill_null(1)),
        latest=pl.date(year, last, day.fill_null(_month_length(year, last))),
        precision=precision,
        is_possible="is_possible",
    )


def _month_length(year: pl.Expr, month: pl.Expr) -> pl.Expr:
    is_leap = ((year % 4 == 0) & (year % 100 != 0)) | (year % 400 == 0)
    return pl.when(month == 2).then(28 + is_leap.cast(pl.Int32)).when(month.is_in([4, 6, 9, 11])).then(30).otherwise(31)


def _read_ranges(texts: pl.DataFrame) -> pl.DataFrame:
    """Texts such as 2009-03/2009-06, either side of which may be open (`..`)."""
    groups = pl.col("text").str.extract_groups(RANGE)
    sides = texts.select("text", groups.alias("found")).unnest("found").filter((pl.col("from") != OPEN) | (pl.col("to") != OPEN))
    ends = pl.DataFrame({"text": pl.concat([sides["from"], sides["to"]]).unique()})
    known = pl.concat([_read(ends, Shape(pattern)) for pattern in ISO])
    start, end = known.select("text", "earliest", known="is_possible"), known.select("text", "latest", known="is_possible")
    both = sides.join(start, left_on="from", right_on="text", how="left").join(end, left_on="to", right_on="text", how="left", suffix="_to")
    is_known = (pl.col("known") | (pl.col("from") == OPEN)) & (pl.col("known_to") | (pl.col("to") == OPEN))
    is_possible = is_known.fill_null(False) & (pl.col("earliest") <= pl.col("latest")).fill_null(True)
    precision = pl.when(pl.col("earliest") == pl.col("latest")).then(pl.lit("day")).otherwise(pl.lit("ambiguous"))
    return both.select("text", "earliest", "latest", precision=precision, is_possible=is_possible)


def _settle(readings: pl.DataFrame) -> pl.DataFrame:
    """One row per text with its possible readings in one: where they differ it is `ambiguous`, and spans them."""
    is_one = pl.struct("earliest", "latest").n_unique() == 1
    spans = [pl.col("earliest").min(), pl.col("latest").max(), pl.col("precision").first(), is_one.alias("is_one")]
    possible = readings.filter("is_possible").group_by("text").agg(spans)
    precision = pl.when("is_one").then("precision").when(pl.col("is_one").is_not_null()).then(pl.lit("ambiguous"))
    return (
        readings.select(pl.col("text").unique())
        .join(possible, on="text", how="left")
        .select("text", "earliest", "latest", precision=precision, is_possible=pl.col("is_one").is_not_null())
    )
