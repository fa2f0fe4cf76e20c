"""The search for an order of women that gives what is shown of an arm and in which one cell is large (suppressing/orders.py)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from math import exp, inf, sqrt
from random import Random

from warehouse.suppressing.medians import FOLLOW_UP, HALVES, NEVER
from warehouse.suppressing.order_states import (
    CENSORED,
    ENTERED,
    EVENT,
    HALF,
    HALF_DIGIT,
    LEAST,
    Arm,
    Room,
    Seen,
    Segment,
    State,
    is_before,
    room_at,
    values_of,
)
from warehouse.survival.kaplan_meier import Z

# So many counts of a segment take as long as one step.
OPTIONS = 4


def cells_of(segments: Sequence[Segment], start: int) -> list[int]:
    """Events and censorings of each segment, events up to each tick and women left after it."""
    cells, had, left = [], 0, start
    for events, censored, entered in segments:
        had, left = had + events, left + entered - events - censored
        cells += [events, censored, had, left]
    return cells[:-2]


@dataclass
class Search:
    """One search: the orders from the beginning, segment by segment."""

    arm: Arm
    place: int
    min_cell: int
    steps: int
    draw: Random = field(init=False)
    ticks: list[Room] = field(init=False)
    # Where the order that is tried stands at each tick.
    states: list[State] = field(default_factory=list)
    at: int = 0

    def __post_init__(self) -> None:
        self.ticks = [room_at(tick, self.arm.medians) for tick in (*self.arm.ticks, Seen(inf))]
        self.draw = Random(self.steps)  # the same in every process; no secret hangs on it

    def worlds(self) -> Iterator[list[int]]:
        """The cells of each order that gives what is shown."""
        for start in [self.arm.start] if self.arm.start is not None else range(self.arm.n + 1):
            yield from self._from(State(start, self.arm.n - start), (), start)

    def _from(self, state: State, before: tuple[Segment, ...], start: int) -> Iterator[list[int]]:
        if len(before) == len(self.arm.ticks):
            yield from self._end(state, before, start)
            return
        options = [*self._options(state, before, start)]
        self.steps -= len(options) // OPTIONS
        self.draw.shuffle(options)
        for option in options:
            self.at = len(before)
            for after in self._orders(state.on_tick(), option):
                if self._is_like(self.arm.ticks[len(before)], after):
                    self.states[len(before) :] = [after]
                    yield from self._from(after, (*before, option), start)
                    self.at = len(before)
            if self.steps <= 0:
                return

    def _options(self, state: State, before: tuple[Segment, ...], start: int) -> Iterator[Segment]:
        """What may have come in the next segment, by the counts that are shown."""
        tick, had = self.arm.ticks[len(before)], sum(events for events, _, _ in before)
        most = self._most_had(tick) - had
        for entered in range(state.waiting + 1):
            there = state.left + entered
            for events in range(min(there, most) + 1) if tick.events is None else [tick.events - had]:
                for left in range(there - events + 1) if tick.left is None else [tick.left]:
                    option = events, there - events - left, entered
                    if min(option) >= 0 and self._is_wanted((*before, option), start):
                        yield option

    def _most_had(self, tick: Seen) -> int:
        """How many can have had the event by a tick: a median, or a limit of it, after the tick is the day of one more."""
        if not self.arm.is_told_to_the_end or self.arm.events is None:
            return self.arm.n
        is_later = any(tick.days < day < NEVER for name, day in self.arm.medians.items() if name != FOLLOW_UP)
        return self.arm.events - is_later

    def _is_wanted(self, segments: tuple[Segment, ...], start: int) -> bool:
        """Whether the cell that is looked at is large, where it is in these segments."""
        cells = cells_of((*segments, (0, 0, 0)), start)[:-2]
        return self.place >= len(cells) or cells[self.place] >= self.min_cell

    def _orders(self, state: State, rest: Segment) -> Iterator[State]:
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

    def _can_be(self, state: State, rest: Segment) -> bool:
        """Whether the ends of S(t), and of its lower limit, leave room: it is greatest where those who enter come first and the censored
        last."""
        events, censored, entered = rest
        most, least = state.left + entered, max(state.left - censored, 0)
        high = state.survival * (most - events) / most if events else state.survival
        low = state.survival if not events else state.survival * (least - events) / least if least > events else 0.0
        tick = self.ticks[self.at]
        if not (low <= tick.most + LEAST and high >= tick.least - LEAST):
            return False
        # of whoever may all be gone by the tick there is no limit that a median which is not reached could be held against
        may_be_none = least <= events and self.arm.medians.get("lower_days") == NEVER
        if tick.least_lower <= 0 or self.arm.ci != "log" or not high or may_be_none:
            return True
        variance = state.variance + (1 / (most - events) - 1 / most if events else 0.0)
        return high * exp(-Z * sqrt(variance)) >= tick.least_lower - LEAST

    def _end(self, state: State, before: tuple[Segment, ...], start: int) -> Iterator[list[int]]:
        """After the last tick nothing is known but how many had the event in all, and which medians were reached in the end."""
        there, had = state.left + state.waiting, sum(events for events, _, _ in before)
        events = there if self.arm.events is None else self.arm.events - had
        if 0 <= events <= there:
            cells = cells_of((*before, (events, there - events if self.arm.events is not None else there, state.waiting)), start)
            self.at = len(before)
            if cells[self.place] >= self.min_cell and self._can_end(state, (events, there - events, 0)):
                yield cells

    def _can_end(self, state: State, rest: Segment) -> bool:
        """Whether in some order of those who are left the medians are reached that were, and no others."""
        return not self.arm.is_told_to_the_end or any(self._is_end(one) for one in self._orders(state.on_tick(), rest))

    def _is_end(self, state: State) -> bool:
        ended, most = self._ended(state), self._ended(state, is_most=True)
        for name, day in self.arm.medians.items():
            value, at_most = ended[name], most[name]
            if day == NEVER and at_most is not None and at_most < HALF + LEAST:
                return False
            # the upper limit may rise again after the day on which it was at one half
            if day != NEVER and value is not None and value > HALF + LEAST and name != "upper_days":
                return False
            # a curve that was at one half before its median falls once more, for the median is the middle of these two days
            if name in HALVES and value is not None and value > HALF - LEAST and self._was_at_half(name, day):
                return False
        return True

    def _ended(self, state: State, *, is_most: bool = False) -> dict[str, float | None]:
        """By median the last value of its curve; at S(t) = 0 a limit has none, and the one before is the last. `is_most`: where as many as
        can be are of one day, so that it is not so low."""
        survival, variance = state.ahead if is_most and not state.survival else (state.limited, state.variance)
        limits = values_of(replace(state, survival=survival, variance=variance), self.arm.ci)
        return limits | {"median_days": state.survival, FOLLOW_UP: state.most_censored if is_most else state.censored}

    def _was_at_half(self, name: str, day: float) -> bool:
        """Whether the curve of a median was at one half at a tick before its day."""
        there = [self._ended(one, is_most=True)[name] for one, tick in zip(self.states, self.arm.ticks, strict=True) if tick.days < day]
        return any(value is not None and value < HALF + LEAST for value in there)

    def _is_like(self, tick: Seen, state: State) -> bool:
        """Whether a state at a tick is what is shown there, and lies on that side of one half on which the medians say."""
        values = values_of(state, self.arm.ci) if tick.printed or self.arm.medians else {}
        for shown, name in zip(tick.printed, ("survival", "se", "lower", "upper"), strict=False):
            value = values[name]
            if shown is not None and value is not None and abs(value - shown) > HALF_DIGIT:
                return False
        for name, day in self.arm.medians.items():
            value = values[name]
            least = HALF + LEAST if day == NEVER else HALF - LEAST
            at_most = state.most_censored if name == FOLLOW_UP else value
            if value is not None and at_most is not None and (at_most < least if is_before(tick.days, day) else value > HALF + LEAST):
                return False
        return True
