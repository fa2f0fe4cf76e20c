"""Summary statistics of counted values: exact sums in one order, so that two runs agree to the last digit."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from decimal import ROUND_HALF_UP, Decimal
from itertools import accumulate
from math import floor, fsum, sqrt

from warehouse.digits import given

QUANTILES = {"min": 0.0, "q1": 0.25, "median": 0.5, "q3": 0.75, "max": 1.0}


def summarise(values: Sequence[float], counts: Sequence[int], statistic: str) -> float | None:
    """One statistic of values that occur `counts` times; `values` rise. None where nothing is known (sd: of fewer than 2).

    Quantiles interpolate linearly between order statistics (R type 7); sd has the divisor n - 1. Nothing is rounded.
    """
    total = sum(counts)
    if not total:
        return None
    if statistic in QUANTILES:
        return _quantile(values, counts, total, QUANTILES[statistic])
    mean = fsum(value * count for value, count in zip(values, counts, strict=True)) / total
    if statistic == "mean":
        return mean
    squares = fsum(count * (value - mean) ** 2 for value, count in zip(values, counts, strict=True))
    return sqrt(squares / (total - 1)) if total > 1 else None


def _quantile(values: Sequence[float], counts: Sequence[int], total: int, share: float) -> float:
    ends = list(accumulate(counts))
    place = share * (total - 1)
    low = floor(place)
    at_low, at_high = values[bisect_right(ends, low)], values[bisect_right(ends, min(low + 1, total - 1))]
    return at_low + (place - low) * (at_high - at_low)


def rounded(value: float, decimals: int) -> str:
    """A number as printed: rounded half up, of the digits it is published with (44.35, not the 44.349999999999994 that a sum leaves)."""
    return str(Decimal(repr(given(float(value)))).quantize(Decimal(1).scaleb(-decimals), ROUND_HALF_UP))


def half_up(value: float | None, decimals: int) -> float | None:
    """The number that `rounded` prints; null stays null."""
    return None if value is None else float(rounded(value, decimals))


def two_digits(p: float | None) -> float | None:
    """A p-value with the two digits that are shared of it, rounded half up; null stays null."""
    if p is None:
        return None
    exact = Decimal(repr(given(float(p))))
    return float(exact.quantize(Decimal(1).scaleb(exact.adjusted() - 1), ROUND_HALF_UP))


def printed(value: float, decimals: int = 2) -> str:
    """A number as printed, without decimals that say nothing: 770, 384.5, 12.82."""
    text = rounded(value, decimals)
    return text.rstrip("0").rstrip(".") if "." in text else text
