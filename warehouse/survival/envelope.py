"""The envelope of a Kaplan-Meier curve: the least and the greatest S(t) over all days that the interval dates of the women allow.

An identification region, not a confidence interval: it says what the dates leave open, not what chance does. Whether a time ended by the
event is fixed; its day may be any from the earliest to the latest, of each woman by herself. All-earliest and all-latest are not the
bounds, and the days that give them differ from one t to the next.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Days = NDArray[np.int64]
    Flags = NDArray[np.bool_]

# `sharp`: some completion of the dates gives each bound. `outer`: the region may be narrower, and is no wider.
SHARP, OUTER = "sharp", "outer"
# Who enters on day 0 is at risk on it.
FROM_THE_ORIGIN = -1
# A day that is not bounded.
NEVER = 1_000_000


def sharp(rows: pl.DataFrame, day: int, begins: int = 0) -> tuple[float, float]:
    """Lower and upper bound of S on a day; columns earliest_days, latest_days, is_event, is_certain and n.

    Of women at risk from the origin; with a landmark (`begins`, above 0) of those among them who are followed beyond it. Who may be
    in another arm (not `is_certain`) may be left out. Least where events come by that day if they can (as late as they can by then, so
    that many are gone) and censorings leave early: whoever is in it and has no event by then can only make it greater, whoever has
    one only smaller.
    """
    import numpy as np  # noqa: PLC0415

    a, b = _days(rows, "earliest_days"), _days(rows, "latest_days")
    is_event, is_certain = rows["is_event"].to_numpy().astype(bool), rows["is_certain"].to_numpy().astype(bool)
    n = rows["n"].to_numpy().astype(float)
    may_have, has = is_event & (a <= day), is_event & (b <= day)
    early, late = np.where(may_have, np.minimum(b, day), np.where(is_event, b, a)), np.where(has, a, b)
    least, most = ((days > begins) | (begins == 0) for days in (early, late))
    least, most = least & (is_certain | may_have), most & (is_certain | ~has)
    lower = _survival(early[least], is_event[least], n[least], day)
    # Where nobody is left whoever may be in it has the event by then.
    return lower, _survival(late[most], is_event[most], n[most], day) if most.any() else 0.0


def _survival(days: Days, is_event: Flags, n: Floats, day: int) -> float:
    import numpy as np  # noqa: PLC0415

    # Who stays longer is at risk all the same.
    kept = np.minimum(days, day + 1)
    leaving, events = (np.bincount(kept, weights, day + 2).astype(float) for weights in (n, n * is_event))
    at_risk = n.sum() - np.cumsum(leaving) + leaving
    return _product(at_risk - events, at_risk, events, day)


def outer(rows: pl.DataFrame, day: int) -> tuple[float, float]:
    """Bounds of S on a day with late entry: columns as above, entry_earliest_days and entry_latest_days; also those who may not be in it.
    Days are counted from the origin.

    S is a product over the events of 1 - 1/R, those of one day in any order. Each factor is bounded by itself: by the least number that is
    certainly at risk with her on any day on which she may have the event, and by the greatest that may be.
    """
    women = _Women(rows)
    return women.lower(day), women.upper(day)


class _Women:
    """Women with late entry: `exact` are events on a certain day of those who have certainly entered before it."""

    def __init__(self, rows: pl.DataFrame) -> None:
        import numpy as np  # noqa: PLC0415

        self.a, self.b = _days(rows, "earliest_days"), _days(rows, "latest_days")
        self.first, self.last = (_entered(_days(rows, f"entry_{name}_days")) for name in ("earliest", "latest"))
        self.n, self.is_event = rows["n"].to_numpy().astype(float), rows["is_event"].to_numpy().astype(bool)
        self.is_in: Flags = (self.last < self.a) & rows["is_certain"].to_numpy().astype(bool)
        self.exact: Flags = self.is_event & self.is_in & (self.a == self.b)
        self.open = np.flatnonzero(self.is_event & ~self.exact)

    def lower(self, day: int) -> float:
        """Events come where the fewest others are certainly at risk."""
        end = self.a - self.is_event
        others, events = self._between(self.last, end, self.is_in, day), self._events(day)
        made = _product(others, others + events, events, day)
        for one in self.open.tolist():
            begin, end_day = max(self.a[one], self.first[one] + 1), min(self.b[one], day)
            if begin <= end_day:
                least = others[begin : end_day + 1].min()
                made *= (least / (least + 1)) ** self.n[one]
        return made

    def upper(self, day: int) -> float:
        """Events that are certain by the day come where the most others may be at risk."""
        women, events = self._between(self.first, self.b, self.first < self.b, day), self._events(day)
        made = _product(women - events, women, events, day)
        for one in self.open.tolist():
            if self.is_in[one] and self.b[one] <= day:
                made *= (1 - 1 / women[self.a[one] : self.b[one] + 1].max()) ** self.n[one]
        return made

    def _events(self, day: int) -> Floats:
        import numpy as np  # noqa: PLC0415

        made: Floats = np.bincount(np.minimum(self.a, day + 1), self.n * self.exact, day + 2).astype(float)
        return made

    def _between(self, entry: Days, end: Days, kept: Flags, day: int) -> Floats:
        """Of each day up to one, how many of those kept have entered before it and end on it or later."""
        import numpy as np  # noqa: PLC0415

        weights = self.n * kept
        come = np.bincount(np.clip(entry + 1, 0, day + 1), weights, day + 2)
        gone = np.bincount(np.clip(end + 1, 0, day + 1), weights, day + 2)
        made: Floats = np.cumsum(come - gone)
        return made


def _product(left: Floats, at_risk: Floats, events: Floats, day: int) -> float:
    """The product of those left to those at risk over the days with events."""
    import numpy as np  # noqa: PLC0415

    happened = np.flatnonzero(events[: day + 1] > 0)
    return float(np.prod(left[happened] / at_risk[happened]))


def _days(rows: pl.DataFrame, name: str) -> Days:
    """Days from 0 on: a time is never negative."""
    import numpy as np  # noqa: PLC0415

    filled = rows[name].fill_null(NEVER if "latest" in name else 0).to_numpy()
    made: Days = np.clip(filled, 0, NEVER).astype(np.int64)
    return made


def _entered(days: Days) -> Days:
    import numpy as np  # noqa: PLC0415

    made: Days = np.where(days <= 0, FROM_THE_ORIGIN, days)
    return made
