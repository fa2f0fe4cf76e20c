"""Kaplan-Meier and log-rank against R's package survival (numbers and script in tests/warehouse/r/)."""

from __future__ import annotations

import polars as pl
import pytest
from against_r import GBSG2, HERE, agree_with_survfit, has_medians

from warehouse.survival.kaplan_meier import curve, cut, follow_up_median_days
from warehouse.survival.logrank import logrank

CURVES = pl.read_csv(HERE / "r" / "curves.csv", schema_overrides={"lower_log": pl.Float64}, infer_schema_length=None)
MEDIANS = pl.read_csv(HERE / "r" / "medians.csv", infer_schema_length=None)
TESTS = pl.read_csv(HERE / "r" / "tests.csv", infer_schema_length=None)
CASES = CURVES.select("case", "arm").unique(maintain_order=True).rows()


def times(case: str) -> pl.DataFrame:
    """The times of one case, counted: one row per arm, entry, day and event flag."""
    if case.startswith("gbsg2"):
        read = pl.read_csv(GBSG2, comment_prefix="# ")
        arm = pl.when(pl.col("horTh") == "yes").then(pl.lit("hormonal")).otherwise(pl.lit("none"))
        rows = read.select(arm=arm, entry_days=pl.lit(0), days=pl.col("time"), is_event=pl.col("cens"))
    else:
        rows = pl.read_csv(HERE / "r" / "edge_cases.csv").filter(pl.col("case") == case).drop("case")
    counted = rows.with_columns(pl.col("is_event").cast(pl.Boolean)).group_by("arm", "entry_days", "days", "is_event").len("n")
    return cut(counted, 730 if case == "gbsg2_730" else None)


def of_arm(case: str, arm: str) -> pl.DataFrame:
    return times(case).filter(pl.col("arm") == arm).drop("arm")


@pytest.mark.parametrize("ci", ["log", "log-log", "plain"])
@pytest.mark.parametrize(("case", "arm"), CASES)
def test_draws_the_curve_of_survfit(case: str, arm: str, ci: str) -> None:
    mine = curve(of_arm(case, arm), ci)[1:]  # R has no row before the first time
    theirs = CURVES.filter(pl.col("case") == case, pl.col("arm") == arm)
    agree_with_survfit(mine, theirs, ci)


@pytest.mark.parametrize("ci", ["log", "log-log", "plain"])
@pytest.mark.parametrize(("case", "arm"), CASES)
def test_gives_the_median_and_its_interval_as_r_prints_them(case: str, arm: str, ci: str) -> None:
    theirs = MEDIANS.filter(pl.col("case") == case, pl.col("arm") == arm, pl.col("ci") == ci).row(0, named=True)
    has_medians(curve(of_arm(case, arm), ci), theirs)


@pytest.mark.parametrize(("case", "arm"), [pair for pair in CASES if pair[0] != "delayed_entry"])
def test_follows_up_as_the_reverse_kaplan_meier_of_r(case: str, arm: str) -> None:
    theirs = MEDIANS.filter(pl.col("case") == case, pl.col("arm") == arm)["follow_up"][0]
    assert follow_up_median_days(of_arm(case, arm)) == theirs


@pytest.mark.parametrize("case", TESTS["case"].to_list())
def test_tests_equal_hazards_as_survdiff(case: str) -> None:
    from scipy.stats import chi2

    mine = logrank(times(case))
    theirs = TESTS.filter(pl.col("case") == case).row(0, named=True)
    assert mine is not None
    assert mine.chi_square == pytest.approx(theirs["chi_square"], rel=1e-9)
    assert mine.df == theirs["df"]
    assert chi2.sf(mine.chi_square, mine.df) == pytest.approx(theirs["p"], rel=1e-9)


def test_takes_the_p_value_of_chi_square_where_each_arm_has_ten_events() -> None:
    mine = logrank(times("gbsg2"))
    assert mine is not None
    assert mine.method == "chi-square"
    assert mine.p == pytest.approx(TESTS.filter(pl.col("case") == "gbsg2")["p"][0], rel=1e-9)
