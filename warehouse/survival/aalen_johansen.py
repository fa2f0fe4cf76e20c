"""Cumulative incidence of competing events (Aalen-Johansen) of counted times, as R's `survfit` gives it for several states.

The standard error is R's: the infinitesimal jackknife, the root of the sum over women of the squared influence of each on the
estimate. An influence is linear in the incidence after a woman has left and in what was at risk before, so that sums over
women run along with the days. lifelines' AalenJohansenFitter moves tied days by chance, so it is not used.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import polars as pl

from warehouse.survival.kaplan_meier import bounds, counted

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Places = NDArray[np.intp]

CURVE = {
    "cause": pl.String, "days": pl.Float64, "at_risk": pl.Int64, "events": pl.Int64, "censored": pl.Int64, "incidence": pl.Float64,
    "se": pl.Float64, "lower": pl.Float64, "upper": pl.Float64,
}  # fmt: skip


# A square below this is what floating point leaves of 0: of one event among a million women it is 1e-12.
SMALLEST = 1e-15
# An incidence is as far from 1 as one woman of all: nearer to it is what a sum leaves of 1, and there log-log has no limits.
NEAR_ONE = 1e-12


def incidence(times: pl.DataFrame, causes: Sequence[str], ci: str) -> pl.DataFrame:
    """One row per cause and day with an end of any kind, after a first row at day 0; columns CURVE, causes in their order.

    `times`: columns entry_days, days, cause (null: censored) and n. The bounds are null where R has NA: at an incidence of 0
    except under `plain`, under log-log also at 1. Raises RefusedError where a time is missing, negative or ends before it begins.
    """
    counted(times.with_columns(is_event=pl.col("cause").is_not_null()))
    classes = times.group_by("entry_days", "days", "cause").agg(pl.col("n").sum()).sort("days", "entry_days", "cause")
    whole = _Days(classes)
    return pl.concat([_curve(whole, cause, ci) for cause in causes])


class _Days:
    """The days on which anybody left, and the classes of women who share entry, day and cause.

    `at_risk`, `hazard`, `before` (free of every cause just before the day) have one place per day; `slope` is the sum up to a day of
    events / (at risk * those left), by which one woman more at risk changes what is free of every cause; `leave`, `enter` are the
    places of the last day of each class and of the last day up to its entry (-1: none); `at_the_origin` are at risk on day 0.
    """

    def __init__(self, classes: pl.DataFrame) -> None:
        import numpy as np  # noqa: PLC0415  # late: `oncomart --help` must not wait for it

        self.n, self.cause = classes["n"].to_numpy().astype(float), classes["cause"].to_numpy()
        exits, entries = classes["days"].to_numpy().astype(float), classes["entry_days"].to_numpy().astype(float)
        self.days, self.leave = np.unique(exits, return_inverse=True)
        self.at_the_origin = int(self.n[entries <= 0].sum())
        self.enter = np.where(entries > 0, np.searchsorted(self.days, entries, side="right") - 1, -1)
        # Whoever enters before the first day of all is at risk on every day, as from the origin.
        still = np.cumsum(self.total(self.leave, self.n)[::-1])[::-1]
        waiting = self.n * (self.enter >= 0)
        self.at_risk: Floats = still - np.cumsum(self.total(self.enter, waiting)[::-1])[::-1]
        happened = self.cause != None  # noqa: E711  # an array of texts and None
        self.events = self.total(self.leave, self.n * happened)
        left = self.at_risk - self.events
        free = np.cumprod(left / self.at_risk)
        self.before: Floats = np.concatenate([[1.0], free[:-1]])
        with np.errstate(divide="ignore", invalid="ignore"):
            self.slope: Floats = np.cumsum(np.where(left > 0, self.events / (self.at_risk * left), 0.0))
            # Where nobody is left nothing follows: what the last to leave would have changed then is nothing.
            self.own: Floats = np.where(left > 0, 1.0 / left, self.slope)

    def total(self, places: Places, values: Floats) -> Floats:
        """Sum of the values at each place."""
        import numpy as np  # noqa: PLC0415

        kept = places >= 0
        return np.bincount(places[kept], weights=values[kept], minlength=len(self.days)).astype(float)

    def at(self, values: Floats, places: Places) -> Floats:
        """A sum up to a day, at these places; 0 before the first."""
        import numpy as np  # noqa: PLC0415

        return np.where(places >= 0, values[places], 0.0)


@dataclass(frozen=True)
class _Influence:
    """Influence of one woman of each class: `common + entry - entry_slope * incidence` until she leaves, then
    `after + after_slope * incidence`."""

    entry: Floats
    entry_slope: Floats
    after: Floats
    after_slope: Floats


def _curve(whole: _Days, cause: str, ci: str) -> pl.DataFrame:
    import numpy as np  # noqa: PLC0415

    own = whole.cause == cause
    events = whole.total(whole.leave, whole.n * own)
    steps = whole.before * events / whole.at_risk
    found: Floats = np.cumsum(steps)
    found = np.where(found > 1 - NEAR_ONE, 1.0, found)
    se = _standard_error(whole, own, steps, found)
    with np.errstate(divide="ignore", invalid="ignore"):
        lower, upper = bounds(found, np.where(found > 0, se / found, 0.0), ci)
    columns = {
        "days": whole.days, "at_risk": whole.at_risk, "events": events,
        "censored": whole.total(whole.leave, whole.n) - whole.events, "incidence": found, "se": se, "lower": lower, "upper": upper,
    }  # fmt: skip
    made = pl.DataFrame(columns).with_columns(pl.col(pl.Float64).fill_nan(None), cause=pl.lit(cause)).select(*CURVE)
    return pl.concat([_start(whole, cause, ci), made.cast(CURVE)])  # type: ignore[arg-type]  # polars narrows schema types


def _start(whole: _Days, cause: str, ci: str) -> pl.DataFrame:
    bound = 0.0 if ci == "plain" else None
    return pl.DataFrame([(cause, 0.0, whole.at_the_origin, 0, 0, 0.0, 0.0, bound, bound)], schema=CURVE, orient="row")


def _influence(whole: _Days, own: NDArray[np.bool_], found: Floats, common: Floats) -> _Influence:
    """`common`: the influence up to each day of a woman at risk from the origin who has not left."""
    entry_slope = whole.at(whole.slope, whole.enter)
    entry = entry_slope * whole.at(found, whole.enter) - whole.at(common, whole.enter)
    left_by = whole.leave
    happened = whole.cause != None  # noqa: E711
    after_slope = whole.slope[left_by] - entry_slope - happened * whole.own[left_by]
    jump = own * whole.before[left_by] / whole.at_risk[left_by]
    after = common[left_by] + entry - entry_slope * found[left_by] + jump - after_slope * found[left_by]
    return _Influence(entry, entry_slope, after, after_slope)


def _standard_error(whole: _Days, own: NDArray[np.bool_], steps: Floats, found: Floats) -> Floats:
    import numpy as np  # noqa: PLC0415

    slope_before = np.concatenate([[0.0], whole.slope[:-1]])
    common: Floats = np.cumsum(steps * (slope_before - 1.0 / whole.at_risk))
    one = _influence(whole, own, found, common)

    def gone(values: Floats) -> Floats:
        made: Floats = np.cumsum(whole.total(whole.leave, whole.n * values))
        return made

    def there(values: Floats) -> Floats:
        entered = whole.n * values * (whole.enter < 0)
        later = np.concatenate([[0.0], np.cumsum(whole.total(whole.enter, whole.n * values))[:-1]])
        made: Floats = entered.sum() + later - gone(values)
        return made

    ones = np.ones_like(whole.n)
    squares: Floats = gone(one.after**2) + 2 * found * gone(one.after * one.after_slope) + found**2 * gone(one.after_slope**2)
    squares += common**2 * there(ones) + there(one.entry**2) + found**2 * there(one.entry_slope**2)
    squares += 2 * common * there(one.entry) - 2 * common * found * there(one.entry_slope) - 2 * found * there(one.entry * one.entry_slope)
    made: Floats = np.sqrt(np.where(squares > SMALLEST, squares, 0.0))
    return made
