"""What S(t) and the medians tell of the order in which few women went, and what of it is hidden."""

from __future__ import annotations

from dataclasses import replace

import polars as pl
import pytest
from small_registry import SURVIVAL, study

from warehouse.suppressing.analyses import AT_RISK, EVENTS_TO, EVERYTHING, Count, N, Shown
from warehouse.suppressing.by_orders import told_by_orders
from warehouse.suppressing.medians import NEVER
from warehouse.suppressing.order_search import Search, cells_of
from warehouse.suppressing.order_states import Arm, Seen, Segment
from warehouse.suppressing.orders import tells

# 18 women: 2 die and 1 is censored by day 360, 4 die by day 720 and 5 by the horizon.
TRUE: list[Segment] = [(2, 1, 0), (4, 0, 0), (5, 0, 0), (0, 0, 0)]
TICKS = (Seen(360, left=15), Seen(720, left=11), Seen(1000, events=11))
MADE = Arm(n=18, start=18, ticks=TICKS, events=None, medians={}, ci="log")


@pytest.mark.parametrize(
    ("medians", "is_told"),
    [
        ({}, False),  # nothing is said of any order
        ({"median_days": 893}, False),
        # below one half by day 720: with one death by day 360 and four after it the limit is still at 0.5004, so that two of the three died
        ({"median_days": 893, "lower_days": 717}, True),
    ],
)
def test_tries_every_order_that_gives_the_medians(medians: dict[str, float], is_told: bool) -> None:
    assert tells(replace(MADE, medians=medians), TRUE, 3) is is_told


@pytest.mark.parametrize(
    ("medians", "is_told"),
    [
        pytest.param({"median_days": 500}, False, id="reached after the tick"),
        # of 3 gone before 5 deaths 3 cannot have been censored: the last deaths would leave less than half
        pytest.param({"median_days": NEVER}, True, id="never reached"),
    ],
)
def test_knows_what_is_told_by_a_median_that_is_not_reached(medians: dict[str, float], is_told: bool) -> None:
    arm = Arm(n=11, start=11, ticks=(Seen(360, left=8),), events=5, medians=medians, ci="log")
    assert tells(arm, [(1, 2, 0), (4, 4, 0)], 3) is is_told


@pytest.mark.parametrize(
    ("medians", "is_told"), [({"median_days": 578}, False), ({"median_days": 578, "follow_up_median_days": NEVER}, True)]
)
def test_knows_what_is_told_by_a_follow_up_that_is_not_reached(medians: dict[str, float], is_told: bool) -> None:
    # of 10 women 5 are gone by one tick and all by the next; 4 are censored, of whom 3 must be gone by the first, or half would be
    arm = Arm(n=10, start=10, ticks=(Seen(360, left=5), Seen(720, left=0)), events=6, medians=medians, ci="log")
    assert tells(arm, [(2, 3, 0), (4, 1, 0), (0, 0, 0)], 3) is is_told


@pytest.mark.parametrize(("events", "is_told"), [(5, True), (6, False)])
def test_knows_that_the_day_of_a_median_after_a_tick_is_one_of_the_events(events: int, is_told: bool) -> None:
    # of 5 deaths no more than 4 are before it
    arm = Arm(n=13, start=13, ticks=(Seen(360),), events=events, medians={"median_days": 1549}, ci="log")
    assert tells(arm, [(1, 5, 0), (events - 1, 8 - events, 0)], 5) is is_told


# What really happened is never ruled out: each arm with its true segments, and the place of a small cell in them.
@pytest.mark.parametrize(
    ("arm", "true"),
    [
        pytest.param(
            # the last of 6 women dies: S(t) is 0 and has no lower limit, so the limit was never under one half
            Arm(6, 6, (Seen(360, 6), Seen(720, 5)), 1, {"median_days": 2326, "lower_days": NEVER}, "log"),
            [(0, 0, 0), (0, 1, 0), (1, 4, 0)],
            id="the last woman dies",
        ),
        pytest.param(
            # the last 2 die on one day: with one of them left the upper limit would be under one half, and there is no such day
            Arm(7, 7, (Seen(180, 4, 3), Seen(360)), 7, {"median_days": 182, "lower_days": 91, "upper_days": NEVER}, "plain"),
            [(3, 0, 0), (4, 0, 0), (0, 0, 0)],
            id="the last two die on one day",
        ),
        pytest.param(
            # 3 die and 2 are censored on day 361: of 5 at risk of being censored 3 are not, which is above one half
            Arm(
                12,
                12,
                (Seen(360, 5, 7), Seen(720, 0, 10, (0.17, 0.11, 0.0, 0.38)), Seen(1080)),
                10,
                {"follow_up_median_days": NEVER},
                "plain",
            ),
            [(7, 0, 0), (3, 2, 0), (0, 0, 0), (0, 0, 0)],
            id="deaths and censorings of one day",
        ),
    ],
)
def test_never_rules_out_what_happened(arm: Arm, true: list[Segment]) -> None:
    cells = cells_of(true, arm.n)
    assert [place for place, n in enumerate(cells) if next(Search(arm, place, n, 15_000).worlds(), None) is None] == []


def test_knows_the_women_who_enter_late() -> None:
    # 6 women, 3 left on day 720 after 3 deaths: S(t) is 0.48 for 4/5 and 4/5 and 3/4 alone, and the half is passed after day 360
    first, last = Seen(360), Seen(720, 3, 3, (0.48, 0.21, 0.21, 1.0))
    late = Arm(6, None, (first, last), None, {"median_days": 428}, "log", is_late=True)
    assert tells(late, [(2, 0, 1), (1, 0, 0), (0, 0, 0)], 3)
    assert not tells(replace(late, medians={}, ticks=(first, replace(last, printed=()))), [(2, 0, 1), (1, 0, 0), (0, 0, 0)], 3)


# 74 women, 41 deaths, one after the last tick, at which everything is hidden: all of 16 left on day 720.
LARGE = Arm(74, 74, (Seen(360, 38, 24, (0.65, 0.06, 0.55)), Seen(720, 16), Seen(1080)), 41, {"median_days": 673, "lower_days": 450}, "log")
GONE: list[Segment] = [(24, 12, 0), (9, 13, 0), (7, 7, 0), (1, 1, 0)]


@pytest.mark.parametrize(("limit", "is_told"), [({}, False), ({"upper_days": 829}, True)])
def test_knows_the_ranges_of_s_where_women_are_too_many_for_their_orders(limit: dict[str, float], is_told: bool) -> None:
    # the upper limit is under one half before day 1080: so few are left by then that 10 of them cannot have died later
    assert tells(replace(LARGE, medians={**LARGE.medians, **limit}), GONE, 10) is is_told


def test_says_nothing_of_more_women_than_can_be_tried() -> None:
    many = [(events + 200 * (not place), censored, 0) for place, (events, censored, _) in enumerate(GONE)]
    assert not tells(replace(LARGE, n=274, start=274, medians={"upper_days": 829}), many, 10)


def test_hides_as_few_medians_as_will_do() -> None:
    arm = {"analysis": "as_published", "endpoint": "survival", "arm": "operated"}
    gone = [(200, 2, 0), (300, 0, 1), (717, 4, 0), (893, 5, 0), (1000, 0, 7)]
    exact = {
        "km": pl.DataFrame([arm | {"days": float(day), "events": events, "censored": censored} for day, events, censored in gone]),
        "at_risk": pl.DataFrame([arm | {"months": months, "at_risk": n} for months, n in ((0, 18), (12, 15), (24, 11))]),
    }
    shared = {
        "km": pl.DataFrame([arm | {"days": 0.0, "survival": 1.0, "se": 0.0, "lower": 1.0, "upper": 1.0}]),
        "survival": pl.DataFrame(
            [
                arm
                | {"estimator": "kaplan_meier", "n": 18, "median_days": 893.0, "lower_days": 717.0, "upper_days": None}
                | {"follow_up_median_days": 1788.0, "horizon_survival": None, "horizon_lower": None, "horizon_upper": None, "reason": ""}
            ]
        ),
    }
    made = study(min_cell=3, endpoints=(SURVIVAL | {"horizon_days": 1000},), ticks_months=(0, 12, 24))
    counts = {Count(N, EVERYTHING, "operated"), Count(EVENTS_TO, 3, "operated"), *(Count(AT_RISK, place, "operated") for place in range(3))}
    of = {("as_published", "survival"): (made.endpoints[0], Shown(frozenset(counts), (0.0, 360.0, 720.0, 1000.0)))}
    told = told_by_orders(exact, shared, made, of)
    # beside one that is hidden nobody sees which are not reached
    assert told.medians == {("as_published", "survival", "operated"): {"lower_days", "upper_days"}}
    assert told.points == {}
