"""Estimates held against the numbers of R's package survival (tests/warehouse/r/)."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest

HERE = Path(__file__).parent
GBSG2 = HERE.parents[1] / "etl" / "examples" / "trial_days" / "exports" / "gbsg2.csv"


def agree(mine: pl.Series, theirs: pl.Series) -> None:
    assert mine.is_null().to_list() == theirs.is_null().to_list()
    assert mine.drop_nulls().to_list() == pytest.approx(theirs.drop_nulls().to_list(), rel=1e-9, abs=1e-12)


def agree_with_survfit(mine: pl.DataFrame, theirs: pl.DataFrame, ci: str) -> None:
    """A curve without its first row: R has none before the first time."""
    for column in ("days", "at_risk", "events", "censored", "survival"):
        agree(mine[column].cast(pl.Float64), theirs[column].cast(pl.Float64))
    agree(mine["se"], theirs["se"])
    agree(mine["lower"], theirs[f"lower_{ci}"])
    agree(mine["upper"], theirs[f"upper_{ci}"])
