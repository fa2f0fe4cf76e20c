"""Medians for sharing: none that tells of a hidden count that it is small.

A median on day 400 tells that by the tick on day 360 at most half had the event: of 9 women that is 4. One on day 350 tells that no more
are left after day 360 than had it. So a median, a limit of it and the median follow-up stand where, at each tick of which a count is
hidden, what they tell leaves room for `min_cell`, and where each small cell might be as large beside all that is shown of the endpoint.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from math import inf
from typing import Any

from schemas.study import CURVES, TIME_DEPENDENT, Endpoint
from warehouse.numbers import ALL
from warehouse.suppressing.analyses import AT_RISK as STILL
from warehouse.suppressing.analyses import EVENTS_TO, Shown, causes_of, counted_as
from warehouse.suppressing.disclosure import is_safe
from warehouse.survival.kaplan_meier import HALF_TOLERANCE, bounds

FOLLOW_UP = "follow_up_median_days"
# What each tells of: S(t), or a limit of it; the median follow-up tells of the curve of those not yet censored.
CURVE_OF = {"median_days": "survival", "lower_days": "lower", "upper_days": "upper", FOLLOW_UP: "survival"}
HALF = 0.5
# Those that are a day on which half are left, and no limit of it.
HALVES = ("median_days", FOLLOW_UP)
# In the place of the day of a median that is not reached: S(t), or its limit, is above one half to the end.
NEVER = inf
AtMost = tuple[frozenset[Any], int]
# Cells that hold no more than other cells.
Fewer = tuple[frozenset[Any], frozenset[Any]]


def facts(row: Mapping[str, Any]) -> dict[str, float]:
    """What a row of survival.csv tells by its medians: their days, and where it has no reason that those without a day are not reached."""
    told = {name: float(row[name]) for name in CURVE_OF if row[name] is not None}
    if row["reason"] or row["estimator"] not in CURVES:
        return told
    # where events compete there is a follow-up and no median; whoever goes over to another arm is followed there
    absent = {*CURVE_OF} - {FOLLOW_UP} if row["estimator"] != "kaplan_meier" else set[str]()
    absent |= {FOLLOW_UP} if row["analysis"] == TIME_DEPENDENT and row["arm"] != ALL else set()
    return {name: told.get(name, NEVER) for name in CURVE_OF if name in told or name not in absent}


@dataclass
class Medians:
    """The medians of one endpoint in one analysis, row by row of survival.csv; `limits` and `fewer`: what those shown tell."""

    shown: Shown
    endpoint: Endpoint
    min_cell: int
    limits: tuple[AtMost, ...] = field(default=())
    fewer: tuple[Fewer, ...] = field(default=())

    def hidden(self, row: Mapping[str, Any]) -> set[str]:
        """The medians of a row that may not be shared; its numbers of women and events are."""
        if not row["n"]:  # of a refused study no row has a number
            return set()
        row = {**row, **self._follow_up_never(row)}
        hidden = self._without_room(row)
        given = [name for name in CURVE_OF if row[name] is not None and name not in hidden]
        if self._adds(row, given):
            return hidden
        told: list[str] = []
        for name in given:
            told += [name] if self._adds(row, [*told, name]) else []
        return hidden | ({*given} - {*told})

    def _follow_up_never(self, row: Mapping[str, Any]) -> Mapping[str, float]:
        """That the median follow-up is not reached, where it goes on after the horizon. Else nothing that is not reached tells of a sum of
        counts: those who had the event by a tick are no more than all who had it, which stands."""
        is_cut = self.endpoint.horizon_days is not None
        return {FOLLOW_UP: NEVER} if is_cut and facts(row).get(FOLLOW_UP) == NEVER else {}

    def _adds(self, row: Mapping[str, Any], names: Sequence[str]) -> bool:
        """Whether some medians may be shown beside those before; if so, they are."""
        if self.shown.told is None or not names:
            return True
        limits = (*self.limits, *(limit for name in names for limit in self._limits(row, name, names)))
        fewer = (*self.fewer, *(pair for name in names for pair in self._fewer(row, name)))
        is_shown = is_safe(replace(self.shown.told, at_most=limits, within=(*self.shown.told.within, *fewer)), self.min_cell)
        if is_shown:
            self.limits, self.fewer = limits, fewer
        return is_shown

    def _fewer(self, row: Mapping[str, Any], name: str) -> Iterator[Fewer]:
        """A curve is at one half at most only where no more are left than had the event: S(t) is least where all others left before."""
        if name not in HALVES or row["estimator"] not in CURVES:
            return
        for place in (place for place, day in enumerate(self.shown.grid) if day >= row[name]):
            tick = 2 * place + 1
            own = self._own(row["arm"])
            gone = frozenset(cell for cell in own if cell.event is (name != FOLLOW_UP) and cell.place <= tick)
            yield frozenset(cell for cell in own if cell.place > tick), gone

    def _own(self, arm: str) -> list[Any]:
        """The cells of the women of an arm who have a time."""
        assert self.shown.told is not None
        return [cell for cell in self.shown.told.cells if cell.is_of(arm) and cell.place is not None]

    def _limits(self, row: Mapping[str, Any], name: str, beside: Sequence[str]) -> Iterator[AtMost]:
        """At each tick how many women can be gone by then, or left after it. `beside`: the medians of the row that are shown with it."""
        own = self._own(row["arm"])
        most_gone, most_left = _most(int(row["n"]), _convention(row), CURVE_OF[name])
        for place, day in enumerate(self.shown.grid):
            if day >= row[name]:
                left = _most_left(row, beside, day) if name == FOLLOW_UP else most_left
                yield frozenset(cell for cell in own if cell.place > 2 * place + 1), left
            else:
                yield frozenset(cell for cell in own if _is_gone(cell, 2 * place + 1, row, name)), most_gone

    def _without_room(self, row: Mapping[str, Any]) -> set[str]:
        """Those after which, at a tick of which a count is hidden, fewer than `min_cell` can be gone or left."""
        days, n = self._hidden_days(row["arm"]), int(row["n"])
        hidden: set[str] = set()
        # By day at most such a part of the women is left, in the words of the medians shown so far.
        left = dict.fromkeys(days, 1.0)
        for name in (name for name in CURVE_OF if row[name] is not None):
            most_gone, most_left = _most(n, _convention(row), CURVE_OF[name])
            after = {day: _share(left[day], most_left / n, is_product=name == FOLLOW_UP) for day in days if day >= row[name]}
            is_told = (len(after) < len(days) and most_gone < self.min_cell) or any(
                int(n * part + HALF_TOLERANCE) < self.min_cell for part in after.values()
            )
            hidden |= {name} if is_told else set()
            left |= {} if is_told else after
        return hidden

    def _hidden_days(self, arm: str) -> Collection[float]:
        """The ticks at which a number at risk or of events is hidden."""
        counts = (STILL, *(counted_as(cause, EVENTS_TO) for cause in causes_of(self.endpoint)))
        return (
            [day for day in self.shown.grid if not all(self.shown.has(count, arm, day) for count in counts)]
            if self.endpoint.is_curve
            else []
        )


def _most_left(row: Mapping[str, Any], names: Sequence[str], day: float) -> int:
    """How many can be left after a day by all medians of a row on or before it: half dead and half censored leave a quarter."""
    n, part = int(row["n"]), 1.0
    for name in (name for name in CURVE_OF if name in names and day >= row[name]):
        part = _share(part, _most(n, _convention(row), CURVE_OF[name])[1] / n, is_product=name == FOLLOW_UP)
    return int(n * part + HALF_TOLERANCE)


def _is_gone(cell: Any, tick: int, row: Mapping[str, Any], name: str) -> bool:
    """Whether the women of a cell left by a tick in the way that a median counts: by the event, by censoring, or either."""
    if row["estimator"] not in CURVES:
        return bool(cell.place < tick)
    return bool(cell.event is False and cell.place < tick) if name == FOLLOW_UP else bool(cell.event is True and cell.place <= tick)


def _convention(row: Mapping[str, Any]) -> str:
    return str(row["ci"]) if row["estimator"] in CURVES else "plain"


def _share(left: float, told: float, *, is_product: bool) -> float:
    """Whoever is left had no event and is not censored: what both curves tell multiplies."""
    return left * told if is_product else min(left, told)


def _most(n: int, ci: str, curve: str) -> tuple[int, int]:
    """Of n women the most that can be gone while a curve, or its limit, is at one half or above, and left once it is not above.

    Both are greatest where nobody else was censored.
    """
    import numpy as np  # noqa: PLC0415  # late: only where something is hidden

    left = np.arange(n + 1)
    with np.errstate(divide="ignore", invalid="ignore"):
        lower, upper = bounds(left / n, np.sqrt((n - left) / (n * left)), ci)
    value = np.nan_to_num({"survival": left / n, "lower": lower, "upper": upper}[curve], nan=0.0)
    value[n] = 1.0
    above, below = left[value >= HALF - HALF_TOLERANCE], left[value <= HALF + HALF_TOLERANCE]
    return int(n - above.min()), int(below.max())
