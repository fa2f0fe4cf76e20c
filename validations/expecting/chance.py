"""Whether two sets of shares differ by more than chance: Pearson's chi-square test of homogeneity of two counts by code.

Between two nights most rows are the same and chance plays no part; a source that delivers only what is new, or a release of months
ago, may differ by who happens to be in it. The test takes the rows of both as other people, so it errs on the quiet side.
"""

from __future__ import annotations

from collections.abc import Mapping
from math import sqrt

# One false alarm in a thousand comparisons that differ by chance alone: its quantile of the normal distribution.
NORMAL = 3.0902


def beyond_chance(now: Mapping[str, int], before: Mapping[str, int]) -> bool:
    """Both of at least one row."""
    codes = sorted({*now, *before})
    n, of = sum(now.values()), sum(before.values())
    square = 0.0
    for code in codes:
        both = (now.get(code, 0) + before.get(code, 0)) / (n + of)
        if both:
            square += (now.get(code, 0) / n - before.get(code, 0) / of) ** 2 / both
    return square / (1 / n + 1 / of) > quantile(len(codes) - 1)


def quantile(free: int) -> float:
    """What chi-square exceeds once in a thousand times, by the approximation of Wilson and Hilferty (1931): at most 3 % too high."""
    if free < 1:
        return 0.0
    part = 2 / (9 * free)
    return float(free * (1 - part + NORMAL * sqrt(part)) ** 3)
