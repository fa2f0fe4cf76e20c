"""Cumulative incidence of competing events against R's package survival (numbers and script in tests/warehouse/r/)."""

from __future__ import annotations

import polars as pl
import pytest
from against_r import GBSG2, HERE, agree

from warehouse.survival.aalen_johansen import incidence

THEIRS = pl.read_csv(HERE / "r" / "incidence.csv", infer_schema_length=None)
PAIRS = THEIRS.select("case", "cause").unique(maintain_order=True).rows()


def times(case: str) -> pl.DataFrame:
    """The times of one case, counted: one row per entry, day and cause."""
    if not case.startswith("gbsg2"):
        return pl.read_csv(HERE / "r" / "competing_cases.csv").filter(pl.col("case") == case).drop("case")
    read = pl.read_csv(GBSG2, comment_prefix="# ").with_row_index("place", offset=1)
    cause = pl.when(pl.col("cens") == 1).then(pl.when(pl.col("menostat") == "Post").then(pl.lit("a")).otherwise(pl.lit("b")))
    late = (pl.col("place") % 3 == 0) & (case == "gbsg2_late")
    entry = pl.when(late).then(pl.min_horizontal(pl.col("time") - 1, 200)).otherwise(0)
    rows = read.select(entry_days=entry, days=pl.col("time"), cause=cause)
    return rows.group_by("entry_days", "days", "cause").len("n")


@pytest.mark.parametrize("ci", ["log", "log-log", "plain"])
@pytest.mark.parametrize(("case", "cause"), PAIRS)
def test_draws_the_curve_of_survfit(case: str, cause: str, ci: str) -> None:
    theirs = THEIRS.filter(pl.col("case") == case, pl.col("cause") == cause)
    mine = incidence(times(case), [cause], ci)[1:]  # R has no row before the first time
    mine = mine.filter(pl.col("days").is_in(theirs["days"].cast(pl.Float64).implode()))
    for column in ("days", "at_risk", "events", "incidence", "se"):
        agree(mine[column].cast(pl.Float64), theirs[column].cast(pl.Float64))
    agree(mine["lower"], theirs[f"lower_{ci}"].cast(pl.Float64))
    agree(mine["upper"], theirs[f"upper_{ci}"].cast(pl.Float64))


@pytest.mark.parametrize("n", [6, 14, 23])
def test_has_no_limits_under_log_log_where_everyone_had_the_event(n: int) -> None:
    # a sum of n parts of 1 can be 0.9999999999999999, of which log-log would give limits of 1 and 1
    last = incidence(pl.DataFrame({"entry_days": 0, "days": range(1, n + 1), "cause": "a", "n": 1}), ["a"], "log-log").row(-1, named=True)
    assert (last["incidence"], last["se"], last["lower"], last["upper"]) == (1.0, 0.0, None, None)
