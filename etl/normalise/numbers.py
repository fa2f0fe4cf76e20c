"""Numbers as exports write them: with a decimal point or comma, with groups of thousands, in another unit than the dictionary's."""

from __future__ import annotations

import polars as pl

from schemas.core.date_writing import plain_signs
from schemas.items import POLARS, Column
from schemas.units import factor

WHOLE = r"^[+-]?\d+(?:\.0+)?$"
NUMBER = r"^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d{1,2})?$"
# With a decimal comma a point stands between thousands and nowhere else: 1.234,5 is a number, 14.5 is not.
GROUPED = r"^[+-]?\d{1,3}(?:\.\d{3})+(?:,\d+)?$"
WITH_COMMA = r"^[+-]?(?:\d+,?\d*|,\d+)(?:[eE][+-]?\d{1,2})?$"
BOUNDED = r"^(?P<bound>(?:<=|>=|<|>|≤|≥)?\s*[-−]?)\s*(?P<number>.*)$"
PLACES = 9  # what a unit's factor adds beyond is noise of the machine: 1.1 cm is 11 mm


def numbers(text: pl.Series, column: Column, decimal: str, unit: str | None) -> pl.Series:
    """The values of a column of whole numbers or measures, null where the text is none.

    `decimal` is how its numbers are written, `unit` the unit they come in (null: the column's own).
    """
    kind = POLARS[column.type]
    text = plain_signs(text)
    plain = with_point(text) if decimal == "," else text
    fits = plain.str.contains(WHOLE if column.type == "int" else NUMBER).fill_null(value=False)
    number = plain.cast(pl.Float64, strict=False)
    times = factor(unit, column.item.unit) if unit is not None else None
    if times is not None and times != 1:
        number = (number * times).round(PLACES)
    return number.cast(kind, strict=False).set(~fits, None)


def with_point(text: pl.Series) -> pl.Series:
    """Numbers with a decimal comma written with a point; null where the text is no such number."""
    raw = pl.col("raw")
    grouped = raw.str.contains(GROUPED)
    without = pl.when(grouped).then(raw.str.replace_all(".", "", literal=True)).when(raw.str.contains(WITH_COMMA)).then(raw)
    return text.alias("raw").to_frame().select(without.str.replace(",", ".", literal=True)).to_series()


def durations_with_point(text: pl.Series) -> pl.Series:
    """Durations with a decimal comma (`14,5`, `<=1,5`) written with a point, as `with_point` does; null where the text is none."""
    parts = text.str.strip_chars().str.extract_groups(BOUNDED).struct.unnest()
    number = with_point(parts["number"])
    return parts.select(pl.concat_str(pl.col("bound").fill_null(""), number)).to_series().alias(text.name)
