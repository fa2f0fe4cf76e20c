"""Median, quartiles, mean and sd of Table 1 against R (numbers and script in tests/warehouse/r/)."""

from __future__ import annotations

import polars as pl
import pytest
from against_r import HERE

from warehouse.summary import summarise

CASES = pl.read_csv(HERE / "r" / "summary_cases.csv", infer_schema_length=None)
SUMMARIES = pl.read_csv(HERE / "r" / "summaries.csv", infer_schema_length=None)


@pytest.mark.parametrize("case", SUMMARIES["case"].unique(maintain_order=True).to_list())
def test_summarises_as_quantile_mean_and_sd(case: str) -> None:
    counted = CASES.filter(pl.col("case") == case).group_by("value").len().sort("value")
    for statistic, theirs in SUMMARIES.filter(pl.col("case") == case).select("statistic", "value").iter_rows():
        mine = summarise(counted["value"].to_list(), counted["len"].to_list(), statistic)
        assert mine == (None if theirs is None else pytest.approx(theirs, rel=1e-9, abs=1e-12)), statistic
