"""Which medians may be shared beside the numbers at the ticks."""

from __future__ import annotations

from typing import Any

import pytest
from small_registry import SURVIVAL, study

from warehouse.suppressing.analyses import AT_RISK, EVENTS_TO, Count, Shown
from warehouse.suppressing.disclosure import Sums, is_safe
from warehouse.suppressing.endpoint import Cell
from warehouse.suppressing.medians import Medians

ENDPOINT = study(endpoints=(SURVIVAL,)).endpoints[0]
GRID = (0.0, 360.0)
ALL_SHOWN = frozenset(Count(kind, place, "a") for kind in (AT_RISK, EVENTS_TO) for place in (0, 1))
FEW_EVENTS = ALL_SHOWN - {Count(EVENTS_TO, 1, "a")}


def row(n: int, **medians: float) -> dict[str, Any]:
    every = dict.fromkeys(("median_days", "lower_days", "upper_days", "follow_up_median_days"))
    return {"arm": "a", "estimator": "kaplan_meier", "ci": "log", "n": n} | every | medians


def hidden(names: frozenset[Count], told: dict[str, Any], of: Sums[Any, Any] | None = None) -> set[str]:
    return Medians(Shown(names, GRID, of), ENDPOINT, 5).hidden(told)


@pytest.mark.parametrize(("n", "names"), [(9, {"median_days"}), (10, set())])
def test_hides_a_median_after_a_tick_by_which_fewer_than_the_limit_can_have_died(n: int, names: set[str]) -> None:
    # on day 360 at most half are dead: 4 of 9, 5 of 10
    assert hidden(FEW_EVENTS, row(n, median_days=400)) == names


@pytest.mark.parametrize(("n", "names"), [(16, {"lower_days"}), (17, set())])
def test_knows_that_a_limit_tells_more_than_the_median(n: int, names: set[str]) -> None:
    # the lower limit is still above one half on day 360: of 16 women 5 deaths would put it at 0.494, of 17 at 0.519
    assert hidden(FEW_EVENTS, row(n, median_days=600, lower_days=400)) == names


@pytest.mark.parametrize(("n", "names"), [(19, {"follow_up_median_days"}), (20, set())])
def test_multiplies_what_deaths_and_censoring_leave(n: int, names: set[str]) -> None:
    # half are dead and half are censored by day 360: at most a quarter is left, 4 of 19 and 5 of 20
    assert hidden(FEW_EVENTS, row(n, median_days=300, follow_up_median_days=350)) == names


def test_shows_every_median_where_the_numbers_at_the_ticks_stand() -> None:
    assert hidden(ALL_SHOWN, row(9, median_days=400, lower_days=100, follow_up_median_days=50)) == set()


def test_hides_a_median_that_tells_a_small_count_beside_what_is_shown() -> None:
    # 24 women: 11 left after day 360, of whom 8 died; on day 360 half are left at most, so that no more than 12 - 8 of them lived
    dead, alive, before = Cell("a", 4, event=True), Cell("a", 4, event=False), Cell("a", 2, event=True)
    cells = {dead: 8, alive: 3, before: 13}
    of: Sums[Any, Any] = Sums(cells, {"dead after": frozenset({dead})}, (frozenset(cells),))
    assert hidden(FEW_EVENTS, row(24, median_days=300), of) == {"median_days"}
    assert hidden(FEW_EVENTS, row(24, median_days=300), Sums(cells, {}, of.known)) == set()


def test_multiplies_deaths_and_censoring_beside_what_is_shown_too() -> None:
    # 24 women: 6 left after day 360, of whom 5 died; half are dead and half are censored by then, so that no more than a quarter are left
    cells = {Cell("a", 4, event=True): 5, Cell("a", 4, event=False): 1, Cell("a", 2, event=True): 9, Cell("a", 2, event=False): 9}
    of: Sums[Any, Any] = Sums(cells, {"dead after": frozenset({Cell("a", 4, event=True)})}, (frozenset(cells),))
    assert hidden(FEW_EVENTS, row(24, median_days=300), of) == set()
    assert hidden(FEW_EVENTS, row(24, follow_up_median_days=350), of) == set()
    assert hidden(FEW_EVENTS, row(24, median_days=300, follow_up_median_days=350), of) == {"follow_up_median_days"}


def test_knows_that_no_more_are_left_than_died_by_the_median() -> None:
    # 29 women: 13 left after day 360, and a median before it: of the 16 who were gone 13 or more died, so that 3 at most were censored
    cells = {Cell("a", 2, event=True): 15, Cell("a", 2, event=False): 1, Cell("a", 4, event=True): 2, Cell("a", 4, event=False): 11}
    after, died = frozenset(cell for cell in cells if cell.place == 4), frozenset(cell for cell in cells if cell.event)
    of: Sums[Any, Any] = Sums(cells, {"at risk": after, "died": died}, (frozenset(cells),))
    assert hidden(FEW_EVENTS, row(29, median_days=353), of) == {"median_days"}
    assert hidden(FEW_EVENTS, row(29, median_days=353), Sums(cells, {}, of.known)) == set()


@pytest.mark.parametrize(
    "limit", [{"at_most": ((frozenset("a"), 2),)}, {"within": ((frozenset("a"), frozenset("b")),)}], ids=["at most", "within"]
)
def test_is_not_safe_where_the_women_themselves_break_a_limit(limit: Any) -> None:
    assert is_safe(Sums({"a": 3, "b": 2}, {}, (frozenset("ab"),)), 5)
    assert not is_safe(Sums({"a": 3, "b": 2}, {}, (frozenset("ab"),), **limit), 5)
