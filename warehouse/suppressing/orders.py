"""Orders in which the women of an arm may have gone, for all that is shown of its curve: is there one in which a small cell is not small.

S(t), its limits and the medians hang on the order of events and censorings, which no sum of counts knows: of 18 women 3 are gone by a
tick, 7 by the next and the lower limit of the median lies before that, so that of the 3 not all can have been censored. Orders are tried
one by one until each small cell has been `min_cell` or more, or none is left; the answer is certain or it is not given.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from math import exp, sqrt
from random import Random

from warehouse.survival.kaplan_meier import Z, bounds

# Of more women there are too many orders, and one more or less tells little; so many steps are taken to find an order for one cell, a few
# times from another beginning and then once more. What is not found by then counts as possible.
MOST_WOMEN = 60
STEPS = (1_000, 1_000, 15_000)
HALF_DIGIT = 0.005 + 1e-9
HALF, LEAST = 0.5, 1e-8
# So many counts of a segment take as long as one step.
OPTIONS = 4
EVENT, CENSORED, ENTERED = 0, 1, 2
# Of one segment between two ticks: events, censorings, and those who enter.
Segment = tuple[int, int, int]


@dataclass(frozen=True)
class Seen:
    """What is shown of an arm at a tick; None: hidden. `printed`: S(t), its error and its limits, as they are printed."""

    days: float
    left: int | None = None
    events: int | None = None
    printed: tuple[float | None, ...] = ()


@dataclass(frozen=True)
class Arm:
    """What is shown of an arm. `start`: women at risk on day 0; `events`: all of them, without a horizon; `medians`: by the name of the
    column of survival.csv; `is_late`: some enter later."""

    n: int
    start: int | None
    ticks: tuple[Seen, ...]
    events: int | None
    medians: Mapping[str, float]
    ci: str
    is_late: bool = False


@dataclass(frozen=True)
class _State:
    """Women left and not yet entered, S(t), Greenwood's sum, and S(t) of the censorings."""

    left: int
    waiting: int
    survival: float = 1.0
    variance: float = 0.0
    censored: float = 1.0

    def after(self, what: int) -> _State:
        """After one woman more had the event, was censored or entered."""
        if what == ENTERED:
            return _State(self.left + 1, self.waiting - 1, self.survival, self.variance, self.censored)
        part, left = (self.left - 1) / self.left, self.left - 1
        if what == CENSORED:
            return _State(left, self.waiting, self.survival, self.variance, self.censored * part)
        more = 1 / (self.left * left) if left else 0.0
        return _State(left, self.waiting, self.survival * part, self.variance + more, self.censored)


def tells(arm: Arm, true: Sequence[Segment], min_cell: int) -> bool:
    """Whether in every order that gives what is shown one of the small cells is small. `true`: of each segment what came in it, in the end
    that after the last tick (zeros: no count of the study is of it)."""
    if arm.n > MOST_WOMEN or not (arm.medians or any(tick.printed for tick in arm.ticks)):
        return False
    start = arm.n - sum(entered for _, _, entered in true)
    small = {place for place, n in enumerate(_cells(true, start)) if 0 < n < min_cell}
    while small:
        place = min(small)
        found = _found(arm, place, min_cell)
        if found == []:
            return True
        small -= {one for one in small if found[one] >= min_cell} if found else {place}
    return False


def _cells(segments: Sequence[Segment], start: int) -> list[int]:
    """Events and censorings of each segment, events up to each tick and women left after it."""
    cells, had, left = [], 0, start
    for events, censored, entered in segments:
        had, left = had + events, left + entered - events - censored
        cells += [events, censored, had, left]
    return cells[:-2]


def _found(arm: Arm, place: int, min_cell: int) -> list[int] | None:
    """The cells of an order in which one of them is `min_cell` or more; empty: there is none, None: not known."""
    for steps in STEPS:
        search = _Search(arm, place, min_cell, steps)
        found = next(search.worlds(), None)
        if found is not None:
            return found
        if search.steps > 0:
            return []
    return None


@dataclass(frozen=True)
class _Room:
    """Between what S(t) can be at a tick, and the least that its lower limit can be."""

    least: float
    most: float
    least_lower: float


def _room(tick: Seen, medians: Mapping[str, float]) -> _Room:
    """By what is printed there, and by the medians."""
    least, most, least_lower = 0.0, 1.0, 0.0
    if tick.printed and tick.printed[0] is not None:
        least, most = tick.printed[0] - HALF_DIGIT, tick.printed[0] + HALF_DIGIT
        least_lower = (tick.printed[2] or 0.0) - HALF_DIGIT
    if (day := medians.get("median_days")) is not None:
        least, most = (max(least, HALF), most) if tick.days < day else (least, min(most, HALF))
    if (day := medians.get("lower_days")) is not None and tick.days < day:
        least_lower = max(least_lower, HALF)
    if (day := medians.get("upper_days")) is not None and tick.days >= day:
        most = min(most, HALF)
    return _Room(least, most, least_lower)


@dataclass
class _Search:
    """One search: the orders from the beginning, segment by segment."""

    arm: Arm
    place: int
    min_cell: int
    steps: int
    draw: Random = field(init=False)
    ticks: list[_Room] = field(init=False)
    at: int = 0

    def __post_init__(self) -> None:
        self.ticks = [_room(tick, self.arm.medians) for tick in self.arm.ticks]
        self.draw = Random(self.steps)  # the same in every process; no secret hangs on it

    def worlds(self) -> Iterator[list[int]]:
        """The cells of each order that gives what is shown."""
        for start in [self.arm.start] if self.arm.start is not None else range(self.arm.n + 1):
            yield from self._from(_State(start, self.arm.n - start), (), start)

    def _from(self, state: _State, before: tuple[Segment, ...], start: int) -> Iterator[list[int]]:
        if len(before) == len(self.arm.ticks):
            yield from self._end(state, before, start)
            return
        options = [*self._options(state, before, start)]
        self.steps -= len(options) // OPTIONS
        self.draw.shuffle(options)
        for option in options:
            self.at = len(before)
            for after in self._orders(state, option):
                if self._is_like(self.arm.ticks[len(before)], after):
                    yield from self._from(after, (*before, option), start)
                    self.at = len(before)
            if self.steps <= 0:
                return

    def _options(self, state: _State, before: tuple[Segment, ...], start: int) -> Iterator[Segment]:
        """What may have come in the next segment, by the counts that are shown."""
        tick, had = self.arm.ticks[len(before)], sum(events for events, _, _ in before)
        for entered in range(state.waiting + 1):
            there = state.left + entered
            for events in range(there + 1) if tick.events is None else [tick.events - had]:
                for left in range(there - events + 1) if tick.left is None else [tick.left]:
                    option = events, there - events - left, entered
                    if min(option) >= 0 and self._is_wanted((*before, option), start):
                        yield option

    def _is_wanted(self, segments: tuple[Segment, ...], start: int) -> bool:
        """Whether the cell that is looked at is large, where it is in these segments."""
        cells = _cells((*segments, (0, 0, 0)), start)[:-2]
        return self.place >= len(cells) or cells[self.place] >= self.min_cell

    def _orders(self, state: _State, rest: Segment) -> Iterator[_State]:
        """After a segment, by every order of what came in it that can still give what is shown at the tick after it."""
        self.steps -= 1
        if self.steps <= 0 or not self._can_be(state, rest):
            return
        if not any(rest):
            yield state
            return
        kinds = [what for what in (EVENT, CENSORED, ENTERED) if rest[what] and (state.left or what == ENTERED)]
        if self.arm.is_late and not state.left and state.survival < 1 and state.waiting:
            kinds = []  # there is no curve where nobody is at risk and others enter later
        self.draw.shuffle(kinds)
        for what in kinds:
            events, censored, entered = rest
            left = events - (what == EVENT), censored - (what == CENSORED), entered - (what == ENTERED)
            yield from self._orders(state.after(what), left)

    def _can_be(self, state: _State, rest: Segment) -> bool:
        """Whether the ends of S(t), and of its lower limit, leave room: it is greatest where those who enter come first and the censored
        last."""
        events, censored, entered = rest
        most, least = state.left + entered, max(state.left - censored, 0)
        high = state.survival * (most - events) / most if events else state.survival
        low = state.survival if not events else state.survival * (least - events) / least if least > events else 0.0
        tick = self.ticks[self.at]
        if not (low <= tick.most + LEAST and high >= tick.least - LEAST):
            return False
        if tick.least_lower <= 0 or self.arm.ci != "log" or not high:
            return True
        variance = state.variance + (1 / (most - events) - 1 / most if events else 0.0)
        return high * exp(-Z * sqrt(variance)) >= tick.least_lower - LEAST

    def _end(self, state: _State, before: tuple[Segment, ...], start: int) -> Iterator[list[int]]:
        """After the last tick nothing is known but how many had the event in all."""
        there, had = state.left + state.waiting, sum(events for events, _, _ in before)
        events = there if self.arm.events is None else self.arm.events - had
        if 0 <= events <= there:
            cells = _cells((*before, (events, there - events if self.arm.events is not None else there, state.waiting)), start)
            if cells[self.place] >= self.min_cell:
                yield cells

    def _is_like(self, tick: Seen, state: _State) -> bool:
        """Whether a state at a tick is what is shown there, and lies on that side of one half on which the medians say."""
        values = _values(state, self.arm.ci) if tick.printed or self.arm.medians else {}
        for shown, name in zip(tick.printed, ("survival", "se", "lower", "upper"), strict=False):
            value = values[name]
            if shown is not None and value is not None and abs(value - shown) > HALF_DIGIT:
                return False
        for name, day in self.arm.medians.items():
            value = values[name]
            if value is not None and (value < HALF - LEAST if tick.days < day else value > HALF + LEAST):
                return False
        return True


def _values(state: _State, ci: str) -> dict[str, float | None]:
    """S(t), its error and limits by their columns, and by each median the curve that it is of."""
    import numpy as np  # noqa: PLC0415  # late: only where something is hidden

    error = sqrt(state.variance)
    lower: float | None = None
    upper: float | None = None
    if state.survival > 0:
        with np.errstate(all="ignore"):
            found = [float(one[0]) for one in bounds(np.array([state.survival]), np.array([error]), ci)]
        lower, upper = (None if np.isnan(one) else one for one in found)
    se = error * state.survival if state.survival > 0 else None
    printed = {"survival": state.survival, "se": se, "lower": lower, "upper": upper}
    follow_up = state.censored if state.left else None
    return printed | {"median_days": state.survival, "lower_days": lower, "upper_days": upper, "follow_up_median_days": follow_up}
