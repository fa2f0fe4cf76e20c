"""Survival probabilities for sharing: none that tells of a tick before it what is hidden there.

S(t) is greatest where all events come before the censorings, and least where they come after. So beside the women at risk at an earlier
tick, whose events are hidden, it can tell how many of those gone by then had the event: of 20 women 10 are gone by one tick and 16 by the
next, 10 of them with the event, and S(t) of 0.29 leaves the first tick no more than 4 events.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate, combinations
from math import comb
from typing import TYPE_CHECKING, Any

import polars as pl

from schemas.study import Endpoint, Study
from warehouse.numbers import ALL
from warehouse.summary import half_up
from warehouse.suppressing.analyses import AT_RISK, EVENTS_TO, EVERYTHING, Count, N, causes_of, counted_as, grid_of
from warehouse.suppressing.disclosure import Sums
from warehouse.suppressing.order_states import HALF_DIGIT
from warehouse.survival.kaplan_meier import bounds
from warehouse.survival.late_entry import product_limit

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

# Of so many women who are gone at most every order is tried to see which give S(t) with its error and limits, where there are no more
# orders than this (of 16 women with 8 events all): the orders of 5,000 women of whom one is censored would fill gigabytes.
MOST_GONE, MOST_ORDERS = 160, 13_000
# Arm, and place of a day on the grid.
Point = tuple[str, int]


@dataclass(frozen=True)
class _Tick:
    """An arm just after a day: who is left and who had the event by then, S(t), what of it is shown; Greenwood's sum and the convention
    of the limits (none where events compete)."""

    left: int
    events: int
    survival: float
    is_left_shown: bool = True
    is_events_shown: bool = True
    variance: float = 0.0
    ci: str = ""


def telling(times: pl.DataFrame, study: Study, endpoint: Endpoint, sums: Sums[Any, Count], *, shown: Collection[Count]) -> frozenset[Point]:
    """The points of the curves of an endpoint, as published, that may not be shown though their counts are.

    A curve begins with the women it is of: where they are hidden it has no point. After a point that may not be shown none is.
    """
    closed: set[Point] = set()
    for arm in sorted({count.arm for count in sums.shown if count.kind == AT_RISK}):
        ticks = [*_ticks(times if arm == ALL else times.filter(pl.col("arm") == arm), study, endpoint, arm, shown)]
        begin = _Tick(sums.value(sums.shown[Count(N, EVERYTHING, arm)]), 0, 1.0)
        first = _first_telling(begin, ticks, study.min_cell) if Count(N, EVERYTHING, arm) in shown else 0
        closed |= {(arm, place) for place in range(first, len(ticks))}
    return frozenset(closed)


def _ticks(times: pl.DataFrame, study: Study, endpoint: Endpoint, arm: str, shown: Collection[Count]) -> Iterator[_Tick]:
    """What is known of an arm at each day of the grid: the product-limit estimate without its limits, which are asked for where an order
    is tried alone (`kaplan_meier.curve` makes them for every day, in a hundred times the time)."""
    ci = "" if endpoint.competing else study.confidence_interval
    there, left = pl.col("at_risk"), pl.col("at_risk") - pl.col("events")
    made = product_limit(_known(times, endpoint)).select(
        "days", "survival", pl.col("events").cum_sum(), left=left - pl.col("censored"),
        variance=pl.when(left > 0).then(pl.col("events") / (there * left)).otherwise(0.0).cum_sum(),
    )  # fmt: skip
    whole = int(times.drop_nulls("point_days")["n"].sum())
    for place, day in enumerate(grid_of(study, endpoint)):
        counts = [Count(counted_as(cause, EVENTS_TO), place, arm) for cause in causes_of(endpoint)]
        gone = made.filter(pl.col("days") <= day)
        at: dict[str, Any] = gone.row(-1, named=True) if gone.height else {"left": whole, "events": 0, "survival": 1.0, "variance": 0.0}
        is_shown = Count(AT_RISK, place, arm) in shown, all(count in shown for count in counts)
        yield _Tick(at["left"], at["events"], at["survival"], *is_shown, at["variance"], ci)


def _known(times: pl.DataFrame, endpoint: Endpoint) -> pl.DataFrame:
    """The times as the product-limit estimate takes them; where events compete each is an event."""
    is_event = pl.col("cause").is_not_null() if endpoint.competing else pl.col("is_event")
    return times.drop_nulls("point_days").select(
        pl.lit(0.0).alias("entry_days"),
        pl.col("point_days").cast(pl.Float64).alias("days"),
        is_event.fill_null(value=False).alias("is_event"),
        "n",
    )


def _first_telling(begin: _Tick, ticks: Sequence[_Tick], min_cell: int) -> int:
    """The place of the first point that tells; their number where none does."""
    known, between = begin, list[_Tick]()
    for place, tick in enumerate(ticks):
        if not (tick.is_left_shown and tick.is_events_shown):
            between.append(tick)
            continue
        if any(_tells(known, hidden, tick, min_cell) for hidden in between if hidden.is_left_shown or hidden.is_events_shown):
            return place
        known, between = tick, []
    return len(ticks)


def _tells(known: _Tick, hidden: _Tick, tick: _Tick, min_cell: int) -> bool:
    """Whether S(t) at two ticks leaves one of the small counts before or after a tick between them no room for `min_cell`."""
    true = _parts(known, hidden.events - known.events, known.left - hidden.left - (hidden.events - known.events), tick)
    small = [part for part, n in enumerate(true) if 0 < n < min_cell]
    most = [max(parts) for parts in zip(true, *_possible(known, hidden, tick), strict=True)] if small else []
    return any(most[part] < min_cell for part in small)


def _parts(known: _Tick, events: int, censored: int, tick: _Tick) -> tuple[int, int, int, int]:
    """Events and censorings before the hidden tick, and after it."""
    all_events = tick.events - known.events
    return events, censored, all_events - events, known.left - tick.left - all_events - censored


def _possible(known: _Tick, hidden: _Tick, tick: _Tick) -> Iterable[tuple[int, int, int, int]]:
    """What the events and censorings about a hidden tick, of which one count is shown, may be: by that, and by S(t) before and after it."""
    is_begin, gone = not known.events and known.survival == 1, known.left - tick.left
    if is_begin and tick.events and gone <= MOST_GONE and comb(gone, tick.events) <= MOST_ORDERS:
        return _by_orders(known, hidden, tick)
    return _by_ends(known, hidden, tick)


def _by_ends(known: _Tick, hidden: _Tick, tick: _Tick) -> Iterator[tuple[int, int, int, int]]:
    """By the least and the greatest that S(t) can be."""
    gone, had = known.left - hidden.left, hidden.events - known.events
    events, censored = tick.events - known.events, known.left - tick.left - (tick.events - known.events)
    least, most = _ratio(known.survival, tick.survival)
    # one of the two is shown, so each number of events goes with one of censorings
    pairs = ((had, lost) for lost in range(censored + 1)) if hidden.is_events_shown else ((n, gone - n) for n in range(events + 1))
    for before, lost in pairs:
        if not 0 <= lost <= censored or (hidden.is_left_shown and before + lost != gone):
            continue
        parts = _parts(known, before, lost, tick)
        ends = [_ends(left, *of) for left, of in ((known.left, parts[:2]), (known.left - before - lost, parts[2:]))]
        low, high = [*accumulate(ends, lambda one, other: (one[0] * other[0], one[1] * other[1]))][-1]
        if low <= most and high >= least:
            yield parts


def _by_orders(known: _Tick, hidden: _Tick, tick: _Tick) -> Iterator[tuple[int, int, int, int]]:
    """By every order of events and censorings that gives what is shown: S(t), and where events do not compete its error and limits."""
    import numpy as np  # noqa: PLC0415  # late: only where something is hidden

    places = np.array([*combinations(range(known.left - tick.left), tick.events)])
    left = known.left - places
    with np.errstate(divide="ignore"):
        survival, variance = np.prod((left - 1) / left, axis=1), np.sum(1 / (left * (left - 1.0)), axis=1)
    told = _printed(np.array([tick.survival]), np.array([tick.variance]), tick.ci)
    is_like = np.isclose(_printed(survival, variance, tick.ci), told, equal_nan=True).all(axis=0)
    for gone in [known.left - hidden.left] if hidden.is_left_shown else range(known.left - tick.left + 1):
        for before in np.unique((places[is_like] < gone).sum(axis=1)).tolist():
            if not hidden.is_events_shown or before == hidden.events:
                yield _parts(known, before, gone - before, tick)


def _printed(survival: Floats, variance: Floats, ci: str) -> Floats:
    """What is shown of some points, by row: S(t), its error and limits, with two decimals."""
    import numpy as np  # noqa: PLC0415

    if not ci:
        return _half_up(survival[None])
    with np.errstate(all="ignore"):
        error = np.where(survival > 0, np.sqrt(variance), np.nan)
        made: Floats = np.stack([survival, error * survival, *bounds(survival, error, ci)])
    return _half_up(made)


def _half_up(values: Floats) -> Floats:
    """Two decimals as `warehouse.summary.half_up` gives them: NumPy rounds 0.125 down."""
    import numpy as np  # noqa: PLC0415

    made: Floats = np.floor(np.round(100 * values, 10) + 0.5) / 100
    return made


def _ends(left: int, events: int, censored: int) -> tuple[float, float]:
    """Of women who are left the least and the greatest part that survives so many events, whenever the censored leave."""
    return ((left - censored - events) / (left - censored), (left - events) / left) if events else (1.0, 1.0)


def _ratio(before: float, after: float) -> tuple[float, float]:
    """What part survived between two points, by their two decimals; at the beginning nobody is gone for certain."""
    slack = HALF_DIGIT if before < 1 else 0.0
    one, other = (half_up(value, 2) or 0.0 for value in (before, after))
    return (other - HALF_DIGIT) / (one + slack), (other + HALF_DIGIT) / max(one - slack, HALF_DIGIT)
