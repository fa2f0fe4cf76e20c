"""Kaplan-Meier, numbers at risk and log-rank on times small enough to count by hand."""

from __future__ import annotations

import polars as pl
import pytest

from schemas.core.errors import RefusedError
from warehouse.survival.kaplan_meier import at_day, at_risk, curve
from warehouse.survival.late_logrank import logrank_late
from warehouse.survival.logrank import logrank
from warehouse.survival.permutation import PERMUTATION


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


def test_permutes_where_an_arm_has_fewer_than_ten_events() -> None:
    found = logrank(two_arms())
    assert found is not None
    assert found.method == PERMUTATION


@pytest.mark.parametrize("entered", [0, 1])
def test_tests_nothing_where_everyone_at_risk_dies_on_one_day(entered: int) -> None:
    """There is one deal of the events, so chance can do nothing: R finds a singular variance."""
    made = times((entered, 5, True), (0, 5, True), (0, 2, False)).with_columns(arm=pl.Series(["a", "b", "b"]))
    assert (logrank_late if entered else logrank)(made) is None
    outlived = pl.concat([made, times((0, 6, False)).with_columns(arm=pl.lit("b"))])
    tested = (logrank_late if entered else logrank)(outlived)
    assert tested is not None and 0 < tested.p <= 1


def test_tests_nothing_without_an_event_or_a_second_arm() -> None:
    nobody = times((1, False), (2, False)).with_columns(arm=pl.Series(["a", "b"]))
    assert logrank(nobody) is None
    assert logrank(two_arms().filter(pl.col("arm") == "a")) is None
