"""Points of a curve that would tell of an earlier tick what is hidden there."""

from __future__ import annotations

from collections.abc import Collection

import numpy as np
import polars as pl
import pytest
from small_registry import SURVIVAL, study

from warehouse.summary import half_up
from warehouse.suppressing.analyses import AT_RISK, EVENTS_TO, EVERYTHING, Count, N, Shown
from warehouse.suppressing.curves import _half_up, _ratio, telling
from warehouse.suppressing.endpoint import endpoint_sums
from warehouse.suppressing.ticks import KM

STUDY = study(min_cell=5, endpoints=(SURVIVAL,), ticks_months=(0, 12, 24, 36))
ENDPOINT = STUDY.endpoints[0]
GRID = (0.0, 360.0, 720.0, 1080.0)
EVENTS_BY_12, AT_RISK_AT_12, WOMEN = Count(EVENTS_TO, 1, "x"), Count(AT_RISK, 1, "x"), Count(N, EVERYTHING, "x")


def closed(hidden: Collection[Count], *times: tuple[int, bool, int]) -> list[float]:
    """Days at which S(t) of arm x may not be shown where all counts but the hidden ones are; times: day, whether dead, women."""
    rows = [("x", float(day), is_event, "event" if is_event else None, None, None, n) for day, is_event, n in times]
    names = ["arm", "point_days", "is_event", "cause", "earliest_days", "latest_days", "n"]
    frame = pl.DataFrame(rows, schema=names, orient="row")
    sums = endpoint_sums(frame, STUDY, ENDPOINT, {"x": sum(n for _, _, n in times)}, {"x"})
    shown = frozenset(sums.shown) - {*hidden}
    return [GRID[place] for _, place in sorted(telling(frame, STUDY, ENDPOINT, sums, shown=shown))]


@pytest.mark.parametrize(
    ("hidden", "times", "days"),
    [
        # S(720) = 10/14 x 4/10 = 0.29. With 5 dead by day 360 it is 10/15 x 4/9 = 0.30 at least: no more than 4 can be. S(1080) is the same
        ([EVENTS_BY_12], [(100, False, 6), (200, True, 4), (400, True, 6), (800, False, 4)], [720, 1080]),
        # the deaths first: S(720) = 16/20 x 4/10 = 0.32, and so it may be where 5 or 6 died by day 360
        ([EVENTS_BY_12], [(100, True, 4), (200, False, 6), (400, True, 6), (800, False, 4)], []),
        # how many are at risk on day 360 is hidden too: all who died by day 720 may have died before
        ([EVENTS_BY_12, AT_RISK_AT_12], [(100, False, 6), (200, True, 4), (400, True, 6), (800, False, 4)], []),
        # 4 of 20 are gone by day 360, 4 and 12 by day 720: whatever S(720) is, the counts themselves say it
        ([], [(100, True, 4), (400, True, 12), (800, False, 4)], []),
        # where it is hidden how many women there are, S(t) = 0.90 after 6 deaths says that they are 57 at least
        ([WOMEN], [(100, True, 6), (800, False, 51)], [0, 360, 720, 1080]),
    ],
)  # fmt: skip
def test_hides_a_point_that_leaves_a_small_count_no_room(
    hidden: list[Count], times: list[tuple[int, bool, int]], days: list[float]
) -> None:
    assert closed(hidden, *times) == days


def test_tries_no_orders_of_thousands_of_women(monkeypatch: pytest.MonkeyPatch) -> None:
    """5,000 are gone by day 720, one of them censored: 5,000 orders of as many days would fill gigabytes."""
    monkeypatch.delattr("warehouse.suppressing.curves._by_orders")
    assert closed([AT_RISK_AT_12], (100, True, 2_000), (200, False, 1), (400, True, 2_999), (800, False, 5_000)) == [720, 1080]


@pytest.mark.parametrize(("told", "days"), [({2, 3}, [0, 360]), ({3}, [0, 360, 720]), (set(), [0, 360, 720, 1080])])
def test_has_a_row_at_each_tick_at_which_it_is_hidden_that_nobody_is_left(told: Collection[int], days: list[float]) -> None:
    # the last leaves on day 500
    step = dict.fromkeys(KM.keys, "x") | dict.fromkeys(KM.values, 0.5)
    curve = pl.DataFrame([step | {"days": 0.0, "events": 0}, step | {"days": 500.0, "events": 5}])
    shown = Shown(frozenset(Count(AT_RISK, place, "x") for place in told), GRID)
    at_risk = {0: 9, 12: 9, 24: 0, 36: 0}
    assert [row["days"] for row in KM.at_ticks(curve, at_risk, STUDY, ENDPOINT, shown)] == days


def test_reckons_with_the_two_decimals_that_are_shown() -> None:
    every = [k / n for n in range(1, 41) for k in range(n + 1)]
    assert _half_up(np.array(every)).tolist() == [half_up(one, 2) for one in every]


def test_takes_no_share_of_few_women_for_one_that_is_not_shown() -> None:
    # 9 of 200 is 0.045, shown as 0.05, of which half a digit less is a little more in floats
    every = [k / n for n in range(1, 201) for k in range(1, n)]
    assert [one for one in every if not _ratio(1.0, one)[0] <= one <= _ratio(1.0, one)[1]] == []
