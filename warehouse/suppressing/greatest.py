"""What a mean with its deviation tells of the greatest and the least value of a number, which are one woman's own.

Five women with 0, 0, 0, 0 and 40 positive nodes have a mean of 8.0 and a deviation of 17.9, and no others have. Of n values with a mean m
and a deviation s (that of the n) the greatest lies between m + s / sqrt(n - 1) and m + s * sqrt(n - 1) (Samuelson 1968); where none is
below 0 it is no less than m + s * s / m, and no more than the sum. The least likewise. Of what lies between, whole numbers from 0 on leave
fewer: of eleven women with 2.5 and 6.3 the bounds are 17 and 21, and sum and squares are those of a greatest of 20 or 21.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from math import ceil, floor, inf, sqrt
from typing import NamedTuple

import polars as pl

from warehouse.numbers import ALL
from warehouse.summary import rounded

# Of so many numbers, one beside the other, the greatest may be each, else it is told.
FEWEST = 5
# Between bounds as far apart there are more.
MOST_TRIED = 40
# Steps in which numbers are given: whole, or with so many decimals; of others each is one of very many.
STEPS = (1.0, 0.1, 0.01)
# Mean and deviation are shared with one decimal.
HALF_DIGIT, TOLERANCE = 0.05, 1e-6


class Seen(NamedTuple):
    """What is shown of the values of an arm; `sd`: None where it is not. `is_positive`: no value of the number is below 0."""

    n: int
    mean: float
    sd: float | None
    is_positive: bool

    def ends(self) -> Iterator[tuple[float, float]]:
        """Mean, and deviation of the n values, at the ends of what is printed as they are."""
        for mean in (self.mean - HALF_DIGIT, self.mean + HALF_DIGIT):
            for sd in (0.0,) if self.sd is None else (max(self.sd - HALF_DIGIT, 0.0), self.sd + HALF_DIGIT):
                yield (max(mean, 0.0) if self.is_positive else mean), sd * sqrt((self.n - 1) / self.n)


def greatest(seen: Seen) -> tuple[float, float]:
    """Between which numbers the greatest value lies."""
    bounds = [_greatest(seen, mean, sd) for mean, sd in seen.ends()]
    return min(low for low, _ in bounds), max(high for _, high in bounds)


def _greatest(seen: Seen, mean: float, sd: float) -> tuple[float, float]:
    root, total = sqrt(seen.n - 1), seen.n * mean if seen.is_positive else inf
    low = max(mean + sd / root, mean + sd * sd / mean if seen.is_positive and mean else mean)
    return low, min(total, mean + sd * root if seen.sd is not None else inf)


def least(seen: Seen) -> tuple[float, float]:
    """Between which numbers the least value lies; from minus infinity where it may be 0, as many are."""
    root, ends = sqrt(seen.n - 1), [*seen.ends()]
    low = min(mean - sd * root for mean, sd in ends)
    return (-inf if seen.sd is None or (seen.is_positive and low <= 0) else low), max(mean - sd / root for mean, sd in ends)


def told(known: pl.DataFrame, min_cell: int) -> Iterator[tuple[str, str]]:
    """The statistics, and of which arms (or `all`), that tell the greatest or the least value where fewer than `min_cell` women have it:
    the mean alone, or the deviation beside it.

    `known`: arm and value of each woman of whom a number is known.
    """
    of, is_positive = _step(known["value"]), bool((known["value"] >= 0).all())
    every = pl.concat([known.select("arm", "value"), known.select(pl.lit(ALL).alias("arm"), "value")])
    for (arm,), frame in every.group_by("arm"):
        values = frame["value"]
        mean, sd = (float(rounded(float(one), 1)) for one in (values.mean(), values.std() or 0.0))  # type: ignore[arg-type]  # Float64
        hers = [bounds for end, bounds in ((values.max(), greatest), (values.min(), least)) if (values == end).sum() < min_cell]
        for statistic, shown in (("mean", None), ("sd", sd)) if values.len() > 1 else ():
            seen = Seen(values.len(), mean, shown, is_positive)
            if of and any(_are_few(seen, bounds, of) for bounds in hers):
                yield statistic, str(arm)


def _are_few(seen: Seen, bounds: Callable[[Seen], tuple[float, float]], step: float) -> bool:
    """Whether the greatest (or the least) can be one of few numbers."""
    low, high = bounds(seen)
    if low == -inf or high == inf:
        return False
    first, last = ceil(low / step - TOLERANCE), floor(high / step + TOLERANCE)
    if bounds is least or seen.sd is None or not seen.is_positive or last - first >= MOST_TRIED:
        return last - first + 1 < FEWEST
    return sum(_can_be(seen, number, step) for number in range(first, last + 1)) < FEWEST


def _can_be(seen: Seen, most: int, step: float) -> bool:
    """Whether numbers of steps from 0 to `most`, one of which is `most`, can have the sum and the squares that are shown: the squares are
    least where the others are alike, and greatest where as many as can be are `most`."""
    n, sd = seen.n, seen.sd or 0.0
    low, high = ((n - 1) * (max(sd + half, 0.0) / step) ** 2 for half in (-HALF_DIGIT, HALF_DIGIT))
    ends = (n * max(seen.mean - HALF_DIGIT, 0.0) / step, n * (seen.mean + HALF_DIGIT) / step)
    for total in range(max(ceil(ends[0] - TOLERANCE), most), min(floor(ends[1] + TOLERANCE), n * most) + 1):
        (each, more), (full, left) = divmod(total - most, n - 1), divmod(total, most or 1)
        squares = most**2 + (n - 1) * each**2 + more * (2 * each + 1), full * most**2 + left**2
        if squares[0] <= high + total**2 / n + TOLERANCE and squares[1] >= low + total**2 / n - TOLERANCE:
            return True
    return False


def _step(values: pl.Series) -> float | None:
    """The step in which all values are given; None where there is none."""
    return next((step for step in STEPS if ((values / step - (values / step).round()).abs() < TOLERANCE).all()), None)
