"""How times ended: by the event, by one that competes with it, at the data cut-off; and those that begin after it."""

from __future__ import annotations

import polars as pl
from sqlglot import exp

from schemas.study import EVENT, UNDETERMINED, Endpoint
from warehouse.survival.analyses import AMONG_UNKNOWN, AT_RISK, NOT_BEGUN, Analysis

CUT = "cut"
# Columns of survival.csv: empty where the endpoint has no competing event, the study no data cut-off, or the endpoint no `among`.
COUNTS = ("competing_events", "cut_off_censored", "cut_off_not_begun", "among_unknown")


def cause_by(endpoint: Endpoint, is_curve: bool) -> pl.Expr:
    """What ended a time by the horizon; who is followed longer is censored there."""
    if not is_curve or endpoint.horizon_days is None:
        return pl.col("cause")
    return pl.when(pl.col("days") <= endpoint.horizon_days).then("cause").alias("cause")


def counts(one: Analysis, rows: pl.DataFrame, times: pl.DataFrame, *, is_curve: bool) -> dict[str, object]:
    """The columns COUNTS. `rows`: of an arm in this analysis, left out or not; `times`: those that are in it, cut at the horizon."""
    made: dict[str, object] = {}
    if one.endpoint.competing:
        is_known = not _may_be_later(one, rows, is_curve)
        others = times.filter(pl.col("cause").is_not_null() & ~pl.col("cause").is_in([EVENT, UNDETERMINED]))
        made["competing_events"] = int(others["n"].sum()) if is_known else None
    if one.study.data_cut_off is not None:
        made["cut_off_censored"] = _women(rows, (pl.col("cut_off_state") == CUT) & (pl.col("risk_state") == AT_RISK))
        made["cut_off_not_begun"] = _women(rows, pl.col("risk_state") == NOT_BEGUN)
    if one.endpoint.among is not None:
        made["among_unknown"] = _women(rows, pl.col("risk_state") == AMONG_UNKNOWN)
    return made


def _may_be_later(one: Analysis, rows: pl.DataFrame, is_curve: bool) -> bool:
    """Whether an event that competes, or may, happened on a day that may lie after the data cut-off, or after the horizon."""
    has_horizon = is_curve and one.endpoint.horizon_days is not None
    bare = pl.col("earliest_days").is_null() & pl.col("latest_days").is_null()
    is_open = pl.col("point_days").is_null() if has_horizon else bare if one.study.data_cut_off is not None else pl.lit(False)
    competed = pl.col("cause").is_in([other.competing for other in one.endpoint.competing])
    return _women(rows, (pl.col("risk_state") == AT_RISK) & ((competed & is_open) | (pl.col("cause") == UNDETERMINED))) > 0


def _women(rows: pl.DataFrame, condition: pl.Expr) -> int:
    return int(rows.filter(condition)["n"].sum())


def who_counts(one: Analysis, arm: str, *, is_curve: bool) -> dict[str, exp.Select]:
    """The women behind the columns COUNTS."""
    endpoint = one.endpoint
    others: list[exp.Expr] = [exp.column("cause").isin(*(other.competing for other in endpoint.competing))] if endpoint.competing else []
    if is_curve and endpoint.horizon_days is not None:
        others.append(exp.column("point_days") <= endpoint.horizon_days + one.begins)
    return {
        "competing_events": one.included(arm, *others),
        "cut_off_censored": one.included(arm, exp.column("cut_off_state").eq(CUT)),
        "cut_off_not_begun": one.not_begun(arm),
        "among_unknown": one.among_unknown(arm),
    }
