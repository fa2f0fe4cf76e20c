"""Log-rank test between arms: the usual chi-square, or a permutation test where an arm has few events."""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

from warehouse.survival.kaplan_meier import counted
from warehouse.survival.permutation import PERMUTATION, permutation_p

FEWEST_EVENTS = 10
CHI_SQUARE = "chi-square"


@dataclass(frozen=True)
class LogRank:
    """Result of one test. `chi_square` and `df` are those of the usual test, also where `p` comes from its permutation."""

    chi_square: float
    df: int
    p: float
    method: str


def logrank(times: pl.DataFrame) -> LogRank | None:
    """Test of equal hazards between the arms of `times` (columns arm, entry_days, days, is_event, n); None where nothing can be tested.

    Without an event, a second arm, or anybody who outlives the first day with events: whoever died could not but be who she was (in R
    the variance is singular).
    The chi-square agrees with R's `survdiff`. With fewer than 10 events in an arm its p-value is that of its permutation.
    """
    from lifelines.statistics import multivariate_logrank_test  # noqa: PLC0415  # 1.6 s

    parts = [
        counted(frame).with_columns(arm=pl.lit(str(name))) for (name,), frame in times.sort("arm").group_by("arm", maintain_order=True)
    ]
    rows = _comparable(pl.concat(parts))
    events = rows.filter(pl.col("is_event")).group_by("arm").agg(pl.col("n").sum())
    if not events.height or rows["arm"].n_unique() < 2 or not _outlived(rows):
        return None
    fitted = multivariate_logrank_test(
        rows["days"].to_numpy(), rows["arm"].to_numpy(), rows["is_event"].to_numpy(), weights=rows["n"].to_numpy()
    )
    few = events.height < rows["arm"].n_unique() or int(events["n"].min()) < FEWEST_EVENTS  # type: ignore[arg-type]  # an Int64 column
    p = permutation_p(rows) if few else float(fitted.p_value)
    return LogRank(float(fitted.test_statistic), rows["arm"].n_unique() - 1, p, PERMUTATION if few else CHI_SQUARE)


def _comparable(rows: pl.DataFrame) -> pl.DataFrame:
    """Without the arms that nobody of whom was at risk at any event: they add neither to the sums nor to df (as in R)."""
    first_event = rows.filter(pl.col("is_event"))["days"].min()
    return rows.filter(pl.col("days").max().over("arm") >= first_event) if first_event is not None else rows


def _outlived(rows: pl.DataFrame) -> bool:
    """Whether somebody at risk on the first day with events does not have hers on it."""
    first = rows.filter(pl.col("is_event"))["days"].min()
    return not rows.filter(pl.col("days") >= first).select((pl.col("is_event") & (pl.col("days") == first)).all()).item()
