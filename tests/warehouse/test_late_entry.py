"""The set at risk with late entry: its edges, and the test where events are few."""

from __future__ import annotations

from itertools import product
from math import comb

import polars as pl
import pytest

from warehouse.survival.kaplan_meier import curve, median_days
from warehouse.survival.late_entry import empty_from, entering_from, first_day, product_limit
from warehouse.survival.late_logrank import SIMULATION, logrank_late
from warehouse.survival.permutation import DRAWS


def times(*rows: tuple[int, int, bool], arm: str = "a") -> pl.DataFrame:
    """One woman per row: entry, day she leaves, whether by the event."""
    schema = {"entry_days": pl.Int32, "days": pl.Int32, "is_event": pl.Boolean}
    return pl.DataFrame(rows, schema=schema, orient="row").with_columns(arm=pl.lit(arm), n=pl.lit(1, pl.Int64))


def test_is_at_risk_from_the_day_after_she_enters() -> None:
    # on day 5 the first dies among 2: who enters that day is not yet at risk
    made = product_limit(times((0, 5, True), (0, 9, False), (5, 8, True)))
    assert made.select("days", "at_risk", "survival").rows() == [(5, 2, 0.5), (8, 2, 0.25), (9, 1, 0.25)]


def test_has_nobody_at_risk_before_the_first_enters() -> None:
    women = times((10, 15, True), (12, 15, True), (14, 30, False))
    made = curve(women, "log")
    assert first_day(women) == 10
    assert made.row(0) == (0.0, 0, 0, 0, 1.0, 0.0, 1.0, 1.0)
    assert median_days(made) == 15


@pytest.mark.parametrize(
    ("rows", "day"),
    [
        ([(0, 5, True), (0, 9, False), (4, 12, True)], None),
        ([(0, 5, True), (6, 9, False)], 5),  # she dies alone: R gives 0 from day 5
        ([(0, 5, False), (6, 9, True)], 5),  # nobody on day 6
        ([(0, 5, True), (5, 9, True)], 5),  # as one dies the next enters: on day 6 she is at risk, and S is 0 (as in R)
        ([(0, 5, False), (5, 9, True)], None),  # nobody died: S is 1 until day 9
        ([(0, 0, True), (0, 9, True)], None),  # both at risk from the origin
        ([(3, 5, True), (3, 9, True)], None),
        ([(0, 5, True), (0, 9, True)], None),  # the last have left: nobody enters after them
    ],
)
def test_finds_the_day_from_which_the_estimate_ends_while_others_enter(rows: list[tuple[int, int, bool]], day: int | None) -> None:
    assert empty_from(times(*rows)) == day
    assert day is None or entering_from(times(*rows), day) == 1


FEW = pl.concat(
    [
        times((2, 5, True), (3, 7, True), (4, 12, False), (6, 11, True)),
        times((0, 3, True), (0, 6, True), (0, 7, True), (0, 9, False), (0, 13, False), arm="b"),
    ]
)


def test_agrees_with_every_way_in_which_the_events_may_fall() -> None:
    # women at risk of arm a and of both arms, and events, on the days 3, 5, 6, 7 and 11
    days = [(1, 6, 1), (3, 7, 1), (2, 6, 1), (3, 6, 2), (2, 3, 1)]
    assert [_at_risk(day) for day in (3, 5, 6, 7, 11)] == [(a, both) for a, both, _ in days]
    expected = sum(d * a / both for a, both, d in days)
    observed = abs(3 - expected)
    ways: dict[int, float] = {}
    for taken in product(*(range(d + 1) for *_, d in days)):
        chances = [comb(a, k) * comb(both - a, d - k) / comb(both, d) for k, (a, both, d) in zip(taken, days, strict=True)]
        chance = 1.0
        for one in chances:
            chance *= one
        ways[sum(taken)] = ways.get(sum(taken), 0) + chance
    further = sum(p for k, p in ways.items() if abs(k - expected) > observed + 1e-9)
    same = sum(p for k, p in ways.items() if abs(abs(k - expected) - observed) <= 1e-9)
    found = logrank_late(FEW)
    assert found is not None
    assert found.method == SIMULATION
    assert found.p == pytest.approx(further + same / 2, abs=4 * (0.25 / DRAWS) ** 0.5)


def _at_risk(day: int) -> tuple[int, int]:
    entered = (pl.col("entry_days") < day) & (pl.col("days") >= day)
    return FEW.filter(entered, pl.col("arm") == "a").height, FEW.filter(entered).height


def test_compares_arms_only_on_days_when_both_are_at_risk() -> None:
    early, late = times((0, 3, True), (0, 4, True)), times((5, 8, True), (5, 9, True), arm="b")
    assert logrank_late(pl.concat([early, late])) is None


def test_counts_no_degree_of_freedom_for_an_arm_that_is_never_at_risk_with_another() -> None:
    third = times((50, 60, True), (50, 70, True), arm="c")
    found = logrank_late(pl.concat([FEW, third]))
    assert found is not None and found.df == 1


def test_tests_nothing_without_an_event() -> None:
    assert logrank_late(pl.concat([times((2, 5, False)), times((0, 6, False), arm="b")])) is None


def test_gives_the_same_p_value_twice() -> None:
    assert logrank_late(FEW) == logrank_late(FEW.reverse())
