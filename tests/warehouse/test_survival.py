"""Kaplan-Meier, numbers at risk and log-rank on times small enough to count by hand."""

from __future__ import annotations

from itertools import combinations

import polars as pl
import pytest

from schemas.core.errors import RefusedError
from warehouse.survival.kaplan_meier import at_day, at_risk, curve
from warehouse.survival.late_logrank import logrank_late
from warehouse.survival.logrank import DRAWS, PERMUTATION, logrank, permutation_p, scores


def times(*rows: tuple[object, ...]) -> pl.DataFrame:
    """Rows of (days, is_event) or (entry_days, days, is_event), one woman each."""
    full = [(0, *row, 1) if len(row) == 2 else (*row, 1) for row in rows]
    return pl.DataFrame(full, schema={"entry_days": pl.Int32, "days": pl.Int32, "is_event": pl.Boolean, "n": pl.Int64}, orient="row")


def two_arms() -> pl.DataFrame:
    few = times((1, True), (2, True), (7, False)).with_columns(arm=pl.lit("a"))
    return pl.concat([few, times((5, True), (6, True), (8, False)).with_columns(arm=pl.lit("b"))])


@pytest.mark.parametrize("row", [(-1, True), (None, True), (5, None), (5, 5, True), (7, 5, True)])
def test_refuses_a_time_that_is_negative_missing_or_over_before_it_begins(row: tuple[object, ...]) -> None:
    with pytest.raises(RefusedError, match="1 groups of times"):
        curve(times((3, True), row), "log")


def test_counts_women_as_it_would_count_rows() -> None:
    rows = times((3, True), (3, True), (5, False), (9, True))
    counted = pl.DataFrame({"entry_days": [0] * 3, "days": [3, 5, 9], "is_event": [True, False, True], "n": [2, 1, 1]})
    assert curve(rows, "log").equals(curve(counted, "log"))


def test_begins_every_curve_at_day_0_with_everyone_at_risk() -> None:
    assert curve(times((4, True), (6, False)), "log").row(0) == (0.0, 2, 0, 0, 1.0, 0.0, 1.0, 1.0)


@pytest.mark.parametrize(("days", "n"), [(0, 2), (1, 2), (3, 2), (4, 3), (5, 3), (6, 2), (9, 1), (10, 0)])
def test_counts_at_risk_from_the_day_after_entry_to_the_day_of_exit(days: int, n: int) -> None:
    # two from the origin (exit 5 and 9), one who enters on day 3 (exit 8): at risk from day 4 to day 8
    women = times((5, True), (9, False), (3, 8, True))
    assert at_risk(women, days) == n


def test_says_nothing_beyond_the_last_time_while_some_are_alive() -> None:
    made = curve(times((4, True), (6, False)), "log")
    assert at_day(made, 5) is not None
    assert at_day(made, 7) is None


def test_knows_survival_beyond_the_last_time_once_all_have_died() -> None:
    row = at_day(curve(times((4, True), (6, True)), "log"), 7)
    assert row is not None
    assert row["survival"] == 0


def test_has_scores_that_sum_to_observed_minus_expected() -> None:
    # day 1: 1/6; day 2: 1/5; day 5: 1/4; day 6: 1/3
    found = dict(scores(two_arms()).select("days", "score").iter_rows())
    assert found[1] == pytest.approx(1 - 1 / 6)
    assert found[8] == pytest.approx(-(1 / 6 + 1 / 5 + 1 / 4 + 1 / 3))
    assert scores(two_arms()).select((pl.col("n") * pl.col("score")).sum()).item() == pytest.approx(0)


def test_permutes_where_an_arm_has_fewer_than_ten_events() -> None:
    found = logrank(two_arms())
    assert found is not None
    assert found.method == PERMUTATION


def test_agrees_with_every_deal_of_six_women_into_two_arms() -> None:
    per_woman = scores(two_arms())["score"].to_list()  # the six times differ: one class per woman
    observed = abs(sum(per_woman[i] for i in (0, 1, 4)))  # days 1, 2 and 7
    deals = [abs(sum(per_woman[i] for i in deal)) for deal in combinations(range(6), 3)]
    same = [abs(deal - observed) < 1e-9 for deal in deals]
    exact = (sum(d > observed and not s for d, s in zip(deals, same, strict=True)) + sum(same) / 2) / len(deals)
    assert permutation_p(two_arms()) == pytest.approx(exact, abs=4 * (0.25 / DRAWS) ** 0.5)


def test_deals_three_arms_as_two_when_one_is_split_off() -> None:
    third = times((3, True), (4, False)).with_columns(arm=pl.lit("c"))
    assert 0 < permutation_p(pl.concat([two_arms(), third]), draws=500) <= 1


@pytest.mark.parametrize("entered", [0, 1])
def test_tests_nothing_where_everyone_at_risk_dies_on_one_day(entered: int) -> None:
    """There is one deal of the events, so chance can do nothing: R finds a singular variance."""
    made = times((entered, 5, True), (0, 5, True), (0, 2, False)).with_columns(arm=pl.Series(["a", "b", "b"]))
    assert (logrank_late if entered else logrank)(made) is None
    outlived = pl.concat([made, times((0, 6, False)).with_columns(arm=pl.lit("b"))])
    tested = (logrank_late if entered else logrank)(outlived)
    assert tested is not None and 0 < tested.p <= 1


def test_gives_the_same_p_value_twice() -> None:
    assert permutation_p(two_arms()) == permutation_p(two_arms().reverse())


def test_tests_nothing_without_an_event_or_a_second_arm() -> None:
    nobody = times((1, False), (2, False)).with_columns(arm=pl.Series(["a", "b"]))
    assert logrank(nobody) is None
    assert logrank(two_arms().filter(pl.col("arm") == "a")) is None
