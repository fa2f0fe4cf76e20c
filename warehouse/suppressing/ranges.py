"""What the counts, S(t) and the medians leave room for in an arm of too many women to try their orders (suppressing/orders.py).

Between two ticks S(t) is greatest where all events come before the censorings, and least where they come after; so is Greenwood's sum the
other way round. Every order lies within these ranges, so where they leave a small cell no room nothing does.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from math import exp, inf, sqrt
from typing import NamedTuple

from warehouse.suppressing.medians import FOLLOW_UP, NEVER
from warehouse.suppressing.order_search import cells_of
from warehouse.suppressing.order_states import HALF, HALF_DIGIT, LEAST, Arm, Seen, Segment, is_before
from warehouse.survival.kaplan_meier import Z

# Of more women little is told by one more or less. So many pairs of counts are looked at for one arm; what is not found by then is room.
MOST_WOMEN, MOST_PAIRS = 200, 20_000
Range = tuple[float, float]
WHOLE: Range = (1.0, 1.0)
# How many are left and how many have had the event.
Counts = tuple[int, int]


class Ranges(NamedTuple):
    """Between which S(t), Greenwood's sum, and S(t) of the censorings lie."""

    survival: Range = WHOLE
    variance: Range = (0.0, 0.0)
    censored: Range = WHOLE

    def after(self, left: int, events: int, censored: int) -> Ranges:
        """After so many of the women who were left."""
        survival, gone = _share(left, events, censored), _share(left, censored, events)
        return Ranges(
            (self.survival[0] * survival[0], self.survival[1] * survival[1]),
            (self.variance[0] + _sum(left, events), self.variance[1] + _sum(left - censored, events)),
            (self.censored[0] * gone[0], self.censored[1] * gone[1]),
        )

    def beside(self, other: Ranges | None) -> Ranges:
        """The ranges of both."""
        if other is None:
            return self
        return Ranges(*((min(one[0], two[0]), max(one[1], two[1])) for one, two in zip(self, other, strict=True)))

    def of(self, name: str, ci: str) -> Range:
        """That of a curve, or limit, by the median that is of it."""
        low, high = self.survival
        if name in ("median_days", FOLLOW_UP):
            return self.censored if name == FOLLOW_UP else self.survival
        if ci != "log":
            return 0.0, 1.0
        sign = -Z if name == "lower_days" else Z
        ends = [value * exp(sign * sqrt(variance)) if variance < inf else (0.0 if sign < 0 else inf)
                for value, variance in zip((low, high), self.variance[:: 1 if sign > 0 else -1], strict=True)]  # fmt: skip
        return ends[0], ends[1]


def _share(left: int, events: int, censored: int) -> Range:
    least = left - censored
    return ((least - events) / least, (left - events) / left) if events else WHOLE


def _sum(left: int, events: int) -> float:
    """Greenwood's sum of events one after another; the last woman adds nothing to that of the others."""
    return 0.0 if not events else 1 / (left - events) - 1 / left if left > events else inf


class _Pairs:
    """The search of one arm, pair by pair of counts: `pairs` are left to be looked at."""

    def __init__(self, arm: Arm) -> None:
        self.arm, self.pairs = arm, MOST_PAIRS

    def has_room(self, place: int, min_cell: int) -> bool:
        """Whether a cell may be `min_cell` or more, for all that is known."""
        found: dict[Counts, Ranges] = {(self.arm.n, 0): Ranges()}
        for at, tick in enumerate(self.arm.ticks):
            after = dict[Counts, Ranges]()
            for (left, had), ranges in found.items():
                for events, censored in self._options(tick, left, had):
                    cells = (events, censored, had + events, left - events - censored)
                    self.pairs -= 1
                    if self.pairs <= 0:
                        return True
                    if 4 * at <= place < 4 * at + 4 and cells[place - 4 * at] < min_cell:
                        continue
                    made = ranges.after(left, events, censored)
                    if self._is_like(tick, made, cells[3]):
                        after[cells[3], cells[2]] = made.beside(after.get((cells[3], cells[2])))
            found = after
        return any(self._can_end(ranges, *counts, place - 4 * len(self.arm.ticks), min_cell) for counts, ranges in found.items())

    def _options(self, tick: Seen, left: int, had: int) -> Iterator[Counts]:
        """Events and censorings that lead to a tick."""
        for still in range(left + 1) if tick.left is None else [tick.left]:
            for events in range(left - still + 1) if tick.events is None else [tick.events - had]:
                if 0 <= events <= left - still:
                    yield events, left - still - events

    def _is_like(self, tick: Seen, ranges: Ranges, left: int) -> bool:
        for shown, name in zip(tick.printed[::2], ("median_days", "lower_days"), strict=False):
            low, high = ranges.of(name, self.arm.ci)
            if shown is not None and not (low <= shown + HALF_DIGIT and high >= shown - HALF_DIGIT):
                return False
        return self._agrees(tick.days, ranges, [name for name in self.arm.medians if left or name == "median_days"])

    def _agrees(self, days: float, ranges: Ranges, names: Sequence[str]) -> bool:
        for name in names:
            low, high = ranges.of(name, self.arm.ci)
            if high < HALF - LEAST if is_before(days, self.arm.medians[name]) else low > HALF + LEAST:
                return False
        return True

    def _can_end(self, ranges: Ranges, left: int, had: int, cell: int, min_cell: int) -> bool:
        """After the last tick it is known how many had the event in all, and whether the median is reached."""
        if self.arm.events is None:
            return True
        events, censored = self.arm.events - had, left - self.arm.events + had
        if min(events, censored) < 0 or (cell in (0, 1) and (events, censored)[cell] < min_cell):
            return False
        is_later = any(self.arm.ticks[-1].days < day < NEVER for name, day in self.arm.medians.items() if name != FOLLOW_UP)
        of_curve = [name for name in ("median_days",) if name in self.arm.medians]
        return events >= is_later and self._agrees(inf, ranges.after(left, events, censored), of_curve)


def tells(arm: Arm, true: Sequence[Segment], min_cell: int) -> bool:
    """Whether one of the small cells has no room; not where some enter late. For the arguments see `orders.tells`."""
    if arm.is_late or arm.n > MOST_WOMEN or not arm.ticks:
        return False
    found = _Pairs(arm)
    return any(not found.has_room(place, min_cell) for place, n in enumerate(cells_of(true, arm.n)) if 0 < n < min_cell)
