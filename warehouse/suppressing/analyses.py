"""Which counts of an endpoint may be shared where several analyses count the same women.

What is published is hidden as it would be alone; the other analyses show what, with all of that, tells no small count. A woman is a
member of the counts of every analysis that has her (women, events, events up to a tick, at risk at a tick, left out).
Women who are members of the same counts cannot be told apart by any of them, so they make one cell.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, NamedTuple

import polars as pl

from schemas.study import AS_PUBLISHED, ENVELOPE, EVENT, Endpoint, Study
from warehouse.numbers import ALL
from warehouse.summary import half_up
from warehouse.suppressing.disclosure import Sums, hide
from warehouse.survival.analyses import AT_RISK as INCLUDED
from warehouse.survival.analyses import Analysis, Standing, analysis, standings

# Columns of `warehouse.survival.analyses.together`.
HERS = ("arm", "point_days", "is_event", "cause", "published_state", "standing", "n")
# Analysis and endpoint.
Key = tuple[str, str]
AT_RISK, EVENTS_TO, EVENTS, N, LEFT_OUT = "at_risk", "events_to", "events", "n", "left_out"
# Events that may have come by a tick, and that have for certain: what the bounds of an envelope tell.
MAY_HAVE, HAVE = "events_that_may_be_by", "events_certain_by"
EVERYTHING = -1
# Events up to a tick give way first, then numbers at risk (a curve needs both), events and women; the whole cohort after its arms.
COST = {EVENTS_TO: 0, AT_RISK: 1, EVENTS: 2, N: 3, LEFT_OUT: 0, MAY_HAVE: 0, HAVE: 0}
WHOLE = 10


# An analysis with the days of its grid.
Gridded = tuple[Analysis, tuple[float, ...]]


class Count(NamedTuple):
    """One count of an endpoint: what is counted, the place of its day on the grid (or EVERYTHING), and of which arm."""

    kind: str
    place: int
    arm: str


class Cell(NamedTuple):
    """Women of one arm who are members of the same counts, of whichever analysis (its name beside each); sorted."""

    arm: str
    counts: tuple[tuple[str, Count], ...] = ()


def rounded(value: float | None) -> float | None:
    """A probability as it is shared: with two decimals, half up as it is printed beside the exact one."""
    return half_up(value, 2)


def shares_envelope(study: Study) -> bool:
    """Whether bounds are shared: beside other analyses of the same women it is not worked out what they tell together."""
    return study.date_convention == ENVELOPE and study.analyses == (AS_PUBLISHED,)


@dataclass(frozen=True)
class Published:
    """What an endpoint shows as published (`shown`). Where other tables count the same women: those tables as they are shown, and what
    cells of them each hidden count is of."""

    shown: frozenset[Count]
    beside: Sums[Any, Any] | None = None
    hidden: Mapping[Count, frozenset[Any]] = field(default_factory=dict)


@dataclass(frozen=True)
class Shown:
    """What of one endpoint in one analysis may be shown: `names`; days on the grid of its ticks and horizon; `told`: as published, what a
    reader of it knows; `closed`: by arm and place of the day the points of a curve that may not, though their counts may."""

    names: frozenset[Count]
    grid: tuple[float, ...]
    told: Sums[Any, Any] | None = None
    closed: frozenset[tuple[str, int]] = frozenset()

    def has(self, count: str, arm: str, day: float | None = None) -> bool:
        """Whether a count of an arm, up to or at a day of the grid, may be shown."""
        return Count(count, EVERYTHING if day is None else self.grid.index(day), arm) in self.names

    def has_curve(self, arm: str, day: float, causes: Sequence[str] = (EVENT,)) -> bool:
        """Whether a curve may be shown: it tells the events of every cause up to a day, and the women at risk too.

        A standard error of 0.20 beside S(t) = 0.27 can only be where one of the last two women had the event.
        """
        is_open = (arm, self.grid.index(day)) not in self.closed
        return is_open and self.has(AT_RISK, arm, day) and all(self.has(counted_as(cause, EVENTS_TO), arm, day) for cause in causes)


def counted_as(cause: str, count: str) -> str:
    """What the events of a cause are called among the counts of an endpoint."""
    return count if cause == EVENT else f"{count}.{cause}"


def causes_of(endpoint: Endpoint) -> tuple[str, ...]:
    """The causes that end a time of an endpoint, its own event first."""
    return (EVENT, *(other.competing for other in endpoint.competing))


def tick_days(study: Study, endpoint: Endpoint) -> list[tuple[int, float]]:
    """Months and days of the ticks of an endpoint: up to its horizon."""
    ticks = [(months, months * float(study.days_per_month)) for months in endpoint.ticks_months or study.ticks_months]
    return [(months, days) for months, days in ticks if endpoint.horizon_days is None or days <= endpoint.horizon_days]


def grid_of(study: Study, endpoint: Endpoint) -> tuple[float, ...]:
    """The days of the ticks and of the horizon."""
    days = {days for _, days in tick_days(study, endpoint)} | ({float(endpoint.horizon_days)} if endpoint.horizon_days else set())
    return tuple(sorted(days))


def shown_together(
    together: pl.DataFrame, study: Study, published: tuple[Endpoint, Published], women: Mapping[str, int], open_: Collection[str]
) -> dict[Key, Shown]:
    """What may be shown of one endpoint in each analysis beside as published. `published`: the endpoint, and what is shown of it there.

    `together`: `warehouse.survival.analyses.together`.
    """
    endpoint, there = published
    every = gridded(study, endpoint)
    cells = women_by_counts(together, every, women, open_)
    counted = _counted(cells, every, open_)
    arms = [frozenset(cell for cell in cells if cell.arm == arm) for arm in sorted(women) if arm in open_ and arm != ALL]
    whole = [frozenset(cells)] if ALL in open_ else []
    known = (*arms, *whole, *(counted[AS_PUBLISHED, count] for count in sorted(there.shown)))
    others = {key: members for key, members in counted.items() if key[0] != AS_PUBLISHED}
    sums = Sums(cells, others, known, {key: cost(key[1]) for key in others})
    left = others.keys() - hide(_with_tables(sums, there, counted), study.min_cell)
    return {
        (one.name, endpoint.endpoint): Shown(frozenset(count for of, count in left if of == one.name), grid)
        for one, grid in every
        if one.name != AS_PUBLISHED
    }


def _with_tables(sums: Sums[Cell, Any], there: Published, counted: Mapping[tuple[str, Count], frozenset[Cell]]) -> Sums[Any, Any]:
    """The counts of the analyses, beside the tables in which what is hidden as published stands too."""
    if there.beside is None:
        return sums
    same = tuple((counted[AS_PUBLISHED, count], there.hidden[count]) for count in sorted(there.hidden))
    known, cells = (*sums.known, *there.beside.known), {**sums.cells, **there.beside.cells}
    return replace(sums, cells=cells, known=known, same=(*there.beside.same, *same), within=there.beside.within, free=there.beside.free)


def gridded(study: Study, endpoint: Endpoint) -> list[Gridded]:
    """The analyses that count an endpoint, in the order of the study."""
    analysed = (analysis(study, name, endpoint) for name in study.analyses)
    return [(one, grid_of(study, one.endpoint)) for one in analysed if one is not None]


def _counted(cells: Collection[Cell], every: Sequence[Gridded], open_: Collection[str]) -> dict[tuple[str, Count], frozenset[Cell]]:
    """By analysis and count the cells that it is the sum of, for all counts that the files of the analyses hold."""
    members: dict[tuple[str, Count], set[Cell]] = defaultdict(set)
    for cell in cells:
        for key in cell.counts:
            members[key].add(cell)
    held = ((one.name, count) for one, grid in every for arm in open_ for count in _counts_of_arm(one, arm, grid))
    return {key: frozenset(members[key]) for key in held}


def women_by_counts(together: pl.DataFrame, every: Sequence[Gridded], women: Mapping[str, int], open_: Collection[str]) -> dict[Cell, int]:
    """Women by arm and membership; analysed women without this endpoint are members of nothing."""
    cells: dict[Cell, int] = defaultdict(int)
    for arm, point, is_event, cause, state, standing, n in together.select(*HERS).iter_rows():
        # Whose time begins after the data cut-off, or is too wide, is in nothing that is published.
        published = (arm, ALL) if state == INCLUDED else ()
        stood = [*(Standing(AS_PUBLISHED, of, INCLUDED, 0, point, bool(is_event), cause) for of in published), *standings(standing)]
        cells[Cell(arm, tuple(sorted(_counts_of(stood, every, open_))))] += n
    for arm in sorted(women.keys() - {ALL}):
        cells[Cell(arm)] += women[arm] - sum(n for cell, n in cells.items() if cell.arm == arm)
    return dict(cells)


def _counts_of(stood: Sequence[Standing], every: Sequence[Gridded], open_: Collection[str]) -> set[tuple[str, Count]]:
    """The counts of all analyses that a woman is a member of, by where she stands in them."""
    return {
        (one.name, count)
        for one, grid in every
        for her in stood
        if her.analysis == one.name and her.arm in open_
        for count in _counts_of_woman(one, her, grid)
    }


def cost(count: Count) -> int:
    """How much is lost where a count is hidden."""
    return COST[count.kind.partition(".")[0]] + (WHOLE if count.arm == ALL else 0)


def _counts_of_arm(one: Analysis, arm: str, grid: tuple[float, ...]) -> Iterator[Count]:
    """Every count of an arm that the files of this analysis hold."""
    yield Count(N, EVERYTHING, arm)
    if one.endpoint.horizon_days is None or "median_observed_time" in one.estimators:
        for cause in causes_of(one.endpoint):
            yield Count(counted_as(cause, EVENTS), EVERYTHING, arm)
    if one.name != AS_PUBLISHED:
        yield Count(LEFT_OUT, EVERYTHING, arm)
    if one.endpoint.is_curve:
        for place in range(len(grid)):
            yield Count(AT_RISK, place, arm)
            for cause in causes_of(one.endpoint):
                yield Count(counted_as(cause, EVENTS_TO), place, arm)


def _counts_of_woman(one: Analysis, her: Standing, grid: tuple[float, ...]) -> Iterator[Count]:
    """The counts of an arm that a woman is a member of."""
    cause = her.cause if one.endpoint.competing else EVENT if her.is_event else None
    if her.state != INCLUDED:
        yield Count(LEFT_OUT, EVERYTHING, her.arm)
        return
    yield Count(N, EVERYTHING, her.arm)
    if cause:
        yield Count(counted_as(cause, EVENTS), EVERYTHING, her.arm)
    if her.point is None or her.entry is None:
        return
    for place, days in enumerate(grid):
        day = days + one.begins
        if her.point >= day and (her.entry < day or (not days and her.entry <= one.begins)):
            yield Count(AT_RISK, place, her.arm)
        if cause and her.point <= day:
            yield Count(counted_as(cause, EVENTS_TO), place, her.arm)
