"""Delivered durations to intervals of whole days; vectorised over the distinct texts of a column.

Decimals are taken apart as integers: 14.10 months of 30 days are 423 days exactly, which binary fractions would not promise.
"""

from __future__ import annotations

from fractions import Fraction
from typing import Literal

import polars as pl

Unit = Literal["days", "weeks", "months", "years"]
# A decimal comma is one unless three digits follow: 1,234 may be a thousand.
PATTERN = r"^(?P<bound><=|>=|<|>|≤|≥)?\s*(?P<minus>[-−])?\s*(?P<whole>\d*)(?:\.(?P<point>\d*)|,(?P<comma>\d{1,2}|\d{4,}))?$"
MILLION = 1_000_000
LONGEST_DAYS = 54_787  # 150 years: no person's time is longer
AT_MOST, LESS, AT_LEAST, MORE = ("<=", "≤"), ("<",), (">=", "≥"), (">",)


def days_per(unit: Unit, days_per_month: float | str | None = None) -> Fraction:
    """Days of one unit, exactly. A year is twelve of the stated months, or 365.25 days where no length of a month is stated."""
    if unit == "months" and days_per_month is None:
        raise ValueError("months need their length in days (days_per_month)")
    month = Fraction(str(days_per_month)) if days_per_month is not None else Fraction(36525, 1200)
    return {"days": Fraction(1), "weeks": Fraction(7), "months": month, "years": 12 * month}[unit]


def parse_durations(
    values: pl.Series, unit: Unit, days_per_month: float | str | None = None, rounded_to: float | str | None = None
) -> pl.DataFrame:
    """One row per value, in its order: raw, earliest_days, latest_days (Int32), reason.

    A plain number is one day (halves rounded up), or with `rounded_to` every whole day that half a step either way
    reaches. `<=1` begins at 0; `>=1` has no latest day. Null and blank texts give nulls without a reason; others without
    an interval have the reason `absurd` (negative, or more than 150 years) or `not_understood`.
    """
    factor, half = days_per(unit, days_per_month), int(Fraction(str(rounded_to or 0)) / 2 * MILLION)
    rows = pl.DataFrame({"raw": values.cast(pl.String)}).with_columns(text=pl.col("raw").str.strip_chars())
    texts = rows.select(pl.col("text").unique()).filter(pl.col("text") != "")
    found = texts.select("text", pl.col("text").str.extract_groups(PATTERN).alias("found")).unnest("found").pipe(_millionths)
    days = found.with_columns(**_bounds(pl.col("millionths"), factor, half)).pipe(_with_reason, factor)
    return rows.join(days, on="text", how="left", maintain_order="left").select("raw", "earliest_days", "latest_days", "reason")


def _millionths(found: pl.DataFrame) -> pl.DataFrame:
    """The number in millionths of a unit. Digits beyond the sixth are cut, which never lifts a number over a half."""
    digits = pl.coalesce("point", "comma", pl.lit(""))
    is_number = pl.col("whole").is_not_null() & (pl.concat_str("whole", digits) != "")
    whole = pl.when(pl.col("whole") == "").then(pl.lit("0")).otherwise("whole").cast(pl.Int64, strict=False)
    fraction = digits.str.slice(0, 6).str.pad_end(6, "0").cast(pl.Int64)
    # More digits than an integer holds are absurd in any unit; the ceiling keeps the products below within 64 bits.
    number = whole.fill_null(LONGEST_DAYS * 2).clip(0, LONGEST_DAYS * 2) * MILLION + fraction
    return found.select("text", "bound", "minus", millionths=pl.when(is_number).then(number))


def _bounds(millionths: pl.Expr, factor: Fraction, half: int) -> dict[str, pl.Expr]:
    """First and last whole day of each number, rounded half up."""
    point = _floor(2 * millionths * factor.numerator + MILLION * factor.denominator, 2 * MILLION * factor.denominator)
    low = pl.min_horizontal(_ceiling(millionths - half, factor), point).clip(0) if half else point
    high = pl.max_horizontal(_whole(millionths + half, factor), point) if half else point
    bound = pl.col("bound")
    earliest = pl.when(bound.is_in([*AT_MOST, *LESS])).then(0).when(bound.is_in(MORE)).then(_whole(millionths, factor) + 1).otherwise(low)
    last = pl.when(bound.is_in(LESS)).then(_ceiling(millionths, factor) - 1).otherwise(high)
    latest = pl.when(bound.is_in([*AT_LEAST, *MORE]).fill_null(False)).then(None).otherwise(last)
    return {"earliest_days": earliest, "latest_days": latest}


def _floor(numerator: pl.Expr, denominator: int) -> pl.Expr:
    return numerator.floordiv(denominator)


def _whole(millionths: pl.Expr, factor: Fraction) -> pl.Expr:
    return _floor(millionths * factor.numerator, MILLION * factor.denominator)


def _ceiling(millionths: pl.Expr, factor: Fraction) -> pl.Expr:
    return -_floor(-(millionths * factor.numerator), MILLION * factor.denominator)


def _with_reason(days: pl.DataFrame, factor: Fraction) -> pl.DataFrame:
    is_negative = (pl.col("minus").is_not_null() & (pl.col("millionths") > 0)) | (pl.col("latest_days") < 0)
    is_absurd = is_negative | (_whole(pl.col("millionths"), factor) > LONGEST_DAYS)
    reason = pl.when(pl.col("millionths").is_null()).then(pl.lit("not_understood")).when(is_absurd).then(pl.lit("absurd"))
    kept = [pl.when(pl.col("reason").is_null()).then(name).cast(pl.Int32).alias(name) for name in ("earliest_days", "latest_days")]
    return days.with_columns(reason=reason).with_columns(kept)
