"""Estimates held against the numbers of R's package survival (tests/warehouse/r/)."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import polars as pl
import pytest

from warehouse.survival.kaplan_meier import median_days

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


def has_medians(made: pl.DataFrame, theirs: dict[str, Any]) -> None:
    """The median of a curve and its interval, as R prints them."""
    mine = {"median": median_days(made), "lower": median_days(made, "lower"), "upper": median_days(made, "upper")}
    assert mine == {name: theirs[name] for name in mine}
