"""Late entry and the landmark against R's package survival (numbers and script in tests/warehouse/r/)."""

from __future__ import annotations

import polars as pl
import pytest
from against_r import GBSG2, HERE, agree_with_survfit, has_medians
from scipy.stats import chi2

from warehouse.survival.kaplan_meier import curve, follow_up_median_days
from warehouse.survival.late_entry import is_late
from warehouse.survival.late_logrank import logrank_late
from warehouse.survival.logrank import logrank

CURVES = pl.read_csv(HERE / "r" / "late_curves.csv", infer_schema_length=None)
MEDIANS = pl.read_csv(HERE / "r" / "late_medians.csv", infer_schema_length=None)
TESTS = pl.read_csv(HERE / "r" / "late_tests.csv", infer_schema_length=None)
CASES = CURVES.select("case", "arm").unique(maintain_order=True).rows()
LANDMARK_DAYS = 400


def women(case: str) -> pl.DataFrame:
    """The women of one case, one row each: arm, entry_days, days, is_event."""
    if not case.startswith("gbsg2"):
        edge = pl.read_csv(HERE / "r" / "late_cases.csv").filter(pl.col("case") == case).drop("case")
        return edge.with_columns(pl.col("is_event").cast(pl.Boolean))
    read = pl.read_csv(GBSG2, comment_prefix="# ").with_row_index("row", offset=1)
    arm = pl.when(pl.col("horTh") == "yes").then(pl.lit("hormonal")).otherwise(pl.lit("none"))
    few = pl.when(pl.col("row") <= 13).then(pl.lit("few")).otherwise(pl.lit("many"))
    arm = few if case == "gbsg2_few" else arm
    rows = read.select(arm=arm, entry_days=37 * (pl.col("row") % 16).cast(pl.Int64), days="time", is_event=pl.col("cens").cast(pl.Boolean))
    if case == "gbsg2_landmark":
        after = rows.filter(pl.col("days") > LANDMARK_DAYS)
        return after.with_columns(pl.lit(0, pl.Int64).alias("entry_days"), pl.col("days") - LANDMARK_DAYS)
    late = rows.filter(pl.col("days") > pl.col("entry_days"))
    own = pl.when(pl.col("arm").is_in(["hormonal", "few"])).then("entry_days").otherwise(0)
    return late if case == "gbsg2" else late.with_columns(own.alias("entry_days"))


def times(case: str) -> pl.DataFrame:
    return women(case).group_by("arm", "entry_days", "days", "is_event").agg(pl.len().cast(pl.Int64).alias("n"))


def of_arm(case: str, arm: str) -> pl.DataFrame:
    return times(case).filter(pl.col("arm") == arm).drop("arm")


@pytest.mark.parametrize("ci", ["log", "log-log", "plain"])
@pytest.mark.parametrize(("case", "arm"), CASES)
def test_draws_the_curve_of_survfit_with_late_entry(case: str, arm: str, ci: str) -> None:
    mine = curve(of_arm(case, arm), ci)[1:]  # R has no row before the first time
    theirs = CURVES.filter(pl.col("case") == case, pl.col("arm") == arm)
    agree_with_survfit(mine, theirs, ci)


@pytest.mark.parametrize("ci", ["log", "log-log", "plain"])
@pytest.mark.parametrize(("case", "arm"), CASES)
def test_gives_the_medians_of_r_with_late_entry(case: str, arm: str, ci: str) -> None:
    theirs = MEDIANS.filter(pl.col("case") == case, pl.col("arm") == arm, pl.col("ci") == ci).row(0, named=True)
    has_medians(curve(of_arm(case, arm), ci), theirs)
    assert follow_up_median_days(of_arm(case, arm)) == theirs["follow_up"]


@pytest.mark.parametrize("case", TESTS["case"].to_list())
def test_tests_equal_hazards_as_the_score_test_of_coxph(case: str) -> None:
    test = logrank_late if is_late(times(case)) else logrank
    mine, theirs = test(times(case)), TESTS.filter(pl.col("case") == case).row(0, named=True)
    assert mine is not None
    assert mine.chi_square == pytest.approx(theirs["chi_square"], rel=1e-9)
    assert mine.df == theirs["df"]
    assert chi2.sf(mine.chi_square, mine.df) == pytest.approx(theirs["p"], rel=1e-9)


@pytest.mark.parametrize("case", ["gbsg2", "gbsg2_decided"])
def test_takes_the_p_value_of_chi_square_where_each_arm_has_ten_events(case: str) -> None:
    mine = logrank_late(times(case))
    assert mine is not None
    assert (mine.method, mine.p) == ("chi-square", pytest.approx(TESTS.filter(pl.col("case") == case)["p"][0], rel=1e-9))


def test_agrees_with_the_log_rank_test_where_nobody_enters_late() -> None:
    everyone = times("gbsg2_landmark")
    one, other = logrank(everyone), logrank_late(everyone)
    assert one is not None and other is not None
    assert (one.chi_square, one.p) == (pytest.approx(other.chi_square, rel=1e-9), pytest.approx(other.p, rel=1e-9))
