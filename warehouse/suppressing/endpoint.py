"""Which counts of one endpoint may be shared, as published: women, events, events up to a tick, at risk at a tick."""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping
from dataclasses import replace
from typing import Literal, NamedTuple

import polars as pl

from schemas.study import EVENT, Endpoint, Study
from warehouse.numbers import ALL
from warehouse.suppressing.analyses import (
    AT_RISK,
    EVENTS,
    EVENTS_TO,
    EVERYTHING,
    HAVE,
    MAY_HAVE,
    Count,
    N,
    Shown,
    cost,
    counted_as,
    grid_of,
    shares_envelope,
)
from warehouse.suppressing.curves import telling
from warehouse.suppressing.disclosure import Sums, hide

# Before the arm of a cell of women without a time; no arm has a blank in its name.
OUTSIDE = "not "


class Cell(NamedTuple):
    """Women whom no count of one endpoint tells apart. `place`: of their time among the ticks (even between two, odd on one; None: without
    a time); `event`: whether it came, or the name of what came first; then the places of its earliest and latest day, for an envelope.
    """

    arm: str
    place: int | None = None
    event: bool | str | None = None
    earliest: int | None = None
    latest: int | None = None

    def is_of(self, arm: str) -> bool:
        """Whether they have a time of this endpoint, and are of the arm."""
        return self.arm == arm if arm != ALL else not self.arm.startswith(OUTSIDE)


def endpoint_sums(
    times: pl.DataFrame, study: Study, endpoint: Endpoint, women: Mapping[str, int], open_: Collection[str]
) -> Sums[Cell, Count]:
    """The counts of one endpoint as published.

    `times`: its counted times, every arm; `women`: analysed women of each arm; `open_`: arms that may be shown.
    """
    grid = grid_of(study, endpoint)
    return _sums(_cells(times, endpoint, grid), women, open_, endpoint, grid)


def shown_of(
    times: pl.DataFrame,
    study: Study,
    endpoint: Endpoint,
    women: Mapping[str, int],
    open_: Collection[str],
    *,
    shown: frozenset[Count],
) -> Shown:
    """What may be shown of one endpoint as published: its counts (`shown`), and those of its bounds that, with them, tell no small count.

    For the arguments see `endpoint_sums`.
    """
    grid = grid_of(study, endpoint)
    of_all = endpoint_sums(times, study, endpoint, women, open_)
    of_shown = replace(of_all, shown={name: cells for name, cells in of_all.shown.items() if name in shown})
    is_open = not endpoint.is_curve or study.min_cell == 1
    closed = frozenset() if is_open else telling(times, study, endpoint, of_all, shown=shown)
    if not shares_envelope(study) or not endpoint.is_curve:
        return Shown(shown, grid, of_shown, closed)
    bounded = _sums(_cells(times, endpoint, grid, are_bounded=True), women, open_, endpoint, grid)
    told = tuple(bounded.shown[count] for count in sorted(shown))
    bounds = {count: found for arm in open_ for count, found in _bounds_of_arm(bounded.cells, arm, grid)}
    hidden = hide(Sums(bounded.cells, bounds, bounded.known + told, {count: cost(count) for count in bounds}), study.min_cell)
    return Shown(shown | (bounds.keys() - hidden), grid, of_shown, closed)


def _sums(
    cells: Mapping[Cell, int], women: Mapping[str, int], open_: Collection[str], endpoint: Endpoint, grid: tuple[float, ...]
) -> Sums[Cell, Count]:
    """The counts of the arms that may be shown as sums of cells, with those of women without this endpoint; the cohort counts tell the
    women of each arm.
    """
    arms = sorted(women.keys() - {ALL})
    every = {**cells, **{outside(arm): women[arm] - sum(n for cell, n in cells.items() if cell.arm == arm) for arm in arms}}
    of_arms = (frozenset(cell for cell in every if cell.arm in (arm, f"{OUTSIDE}{arm}")) for arm in arms if arm in open_)
    known = (*of_arms, *((frozenset(every),) if ALL in open_ else ()))
    shown = {count: found for arm in open_ for count, found in _counts_of_arm(every, arm, endpoint, grid)}
    return Sums(every, shown, known, {count: cost(count) for count in shown})


def outside(arm: str) -> Cell:
    """The cell of the women of an arm without a time of this endpoint."""
    return Cell(f"{OUTSIDE}{arm}")


def _cells(times: pl.DataFrame, endpoint: Endpoint, grid: tuple[float, ...], *, are_bounded: bool = False) -> dict[Cell, int]:
    """Women with a time of this endpoint by cell."""
    cells: dict[Cell, int] = defaultdict(int)
    read = ("arm", "point_days", "is_event", "cause", "earliest_days", "latest_days", "n")
    for arm, time, is_event, cause, earliest, latest, n in times.select(read).iter_rows():
        bounds = (_place(grid, earliest), _place(grid, latest)) if are_bounded else ()
        cells[cell_of(endpoint, grid, (arm, time, is_event, cause), *bounds)] += n
    return dict(cells)


def cell_of(
    endpoint: Endpoint, grid: tuple[float, ...], her: tuple[str, float | None, bool | None, str | None], *bounds: int | None
) -> Cell:
    """The cell of a woman with a time of this endpoint. `her`: arm, point_days, is_event and cause."""
    arm, time, is_event, cause = her
    event = cause if endpoint.competing and cause not in (None, EVENT) else is_event
    return Cell(arm, _place(grid, time), event, *bounds)


def _place(grid: tuple[float, ...], time: float | None) -> int | None:
    if time is None:
        return None
    place = bisect_left(grid, time)
    return 2 * place + (1 if place < len(grid) and grid[place] == time else 0)


def _counts_of_arm(
    cells: Collection[Cell], arm: str, endpoint: Endpoint, grid: tuple[float, ...]
) -> Iterator[tuple[Count, frozenset[Cell]]]:
    """Each count of an arm that the files hold, and the cells that it is the sum of."""
    own = frozenset(cell for cell in cells if cell.is_of(arm))
    events = {EVENT: frozenset(cell for cell in own if cell.event is True)}
    events |= {other.competing: frozenset(cell for cell in own if cell.event == other.competing) for other in endpoint.competing}
    yield Count(N, EVERYTHING, arm), own
    if endpoint.horizon_days is None or "median_observed_time" in endpoint.estimators:
        for cause, met in events.items():
            yield Count(counted_as(cause, EVENTS), EVERYTHING, arm), met
    for place in range(len(grid)) if endpoint.is_curve else ():
        tick = 2 * place + 1
        yield Count(AT_RISK, place, arm), frozenset(cell for cell in own if cell.place is not None and cell.place >= tick)
        for cause, met in events.items():
            yield Count(counted_as(cause, EVENTS_TO), place, arm), _up_to(tick, met, "place")


def _bounds_of_arm(cells: Collection[Cell], arm: str, grid: tuple[float, ...]) -> Iterator[tuple[Count, frozenset[Cell]]]:
    met = frozenset(cell for cell in cells if cell.is_of(arm) and cell.event is True)
    for place in range(len(grid)):
        yield Count(MAY_HAVE, place, arm), _up_to(2 * place + 1, met, "earliest")
        yield Count(HAVE, place, arm), _up_to(2 * place + 1, met, "latest")


def _up_to(tick: int, met: Collection[Cell], of: Literal["place", "earliest", "latest"]) -> frozenset[Cell]:
    """The cells whose event came by a tick: for certain, or by its earliest or latest day."""
    return frozenset(cell for cell in met if (place := getattr(cell, of)) is not None and place <= tick)
