"""What is shown of the curve of an arm, what room that leaves S(t), and where an order of its women stands."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from math import sqrt

from warehouse.suppressing.medians import NEVER
from warehouse.survival.kaplan_meier import bounds

# S(t) is shared with two decimals; what lies on a half digit may be on either side of it in floats (0.05 - 0.005 > 9 / 200).
HALF_DIGIT = 0.005 + 1e-9
HALF, LEAST = 0.5, 1e-8
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
    column of survival.csv (NEVER: it is not reached); `is_late`: some enter later."""

    n: int
    start: int | None
    ticks: tuple[Seen, ...]
    events: int | None
    medians: Mapping[str, float]
    ci: str
    is_late: bool = False

    @property
    def is_told_to_the_end(self) -> bool:
        """Whether the medians say something of those who went after the last tick."""
        return bool(self.medians) and self.events is not None and not self.is_late


@dataclass(frozen=True)
class State:
    """Women left and not yet entered, S(t), Greenwood's sum, S(t) of the censorings, and the last S(t) above 0, which has limits.

    Events one after another may be of one day, and censorings after them too. `ahead`: S(t) and Greenwood's sum before such events;
    `most_censored`: S(t) of the censorings where they are of one day, for then those with the event are at risk of being censored;
    `tied`: how many these are; `last`: what came last.
    """

    left: int
    waiting: int
    survival: float = 1.0
    variance: float = 0.0
    censored: float = 1.0
    limited: float = 1.0
    ahead: tuple[float, float] = (1.0, 0.0)
    most_censored: float = 1.0
    tied: int = 0
    last: int | None = None

    def after(self, what: int) -> State:
        """After one woman more had the event, was censored or entered."""
        same = self.survival, self.variance
        if what == ENTERED:
            there = self.left + 1, self.waiting - 1
            return State(*there, *same, self.censored, self.limited, self.ahead, self.most_censored, 0, what)
        part, left = (self.left - 1) / self.left, self.left - 1
        if what == CENSORED:
            at_risk = self.left + self.tied
            most = self.most_censored * (at_risk - 1) / at_risk
            return State(left, self.waiting, *same, self.censored * part, self.limited, self.ahead, most, self.tied, what)
        more, survival = 1 / (self.left * left) if left else 0.0, self.survival * part
        ahead, tied = (self.ahead, self.tied + 1) if self.last == EVENT else (same, 1)
        made = survival, self.variance + more, self.censored, survival or self.limited
        return State(left, self.waiting, *made, ahead, self.most_censored, tied, what)

    def on_tick(self) -> State:
        """What comes now is of a later day than what was."""
        return replace(self, tied=0, last=None)


@dataclass(frozen=True)
class Room:
    """Between what S(t) can be at a tick, and the least that its lower limit can be."""

    least: float
    most: float
    least_lower: float


def is_before(days: float, median: float) -> bool:
    """Whether a day lies before that of a median; every day does before one that is not reached, the end (infinity) too."""
    return days < median or median == NEVER


def room_at(tick: Seen, medians: Mapping[str, float]) -> Room:
    """By what is printed there, and by the medians."""
    least, most, least_lower = 0.0, 1.0, 0.0
    if tick.printed and tick.printed[0] is not None:
        least, most = tick.printed[0] - HALF_DIGIT, tick.printed[0] + HALF_DIGIT
        least_lower = (tick.printed[2] or 0.0) - HALF_DIGIT
    if (day := medians.get("median_days")) is not None:
        least, most = (max(least, HALF), most) if is_before(tick.days, day) else (least, min(most, HALF))
    if (day := medians.get("lower_days")) is not None and is_before(tick.days, day):
        least_lower = max(least_lower, HALF)
    if (day := medians.get("upper_days")) is not None and not is_before(tick.days, day):
        most = min(most, HALF)
    return Room(least, most, least_lower)


def values_of(state: State, ci: str) -> dict[str, float | None]:
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
