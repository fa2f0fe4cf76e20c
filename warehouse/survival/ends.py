"""How times ended: by the event, by one that competes with it, at the data cut-off; and those that begin after it."""

from __future__ import annotations

import polars as pl
from sqlglot import exp

from schemas.study import EVENT, UNDETERMINED, Endpoint, Study
from warehouse.numbers import subjects, with_time

CUT, NOT_BEGUN = "cut", "not_begun"
# Columns of survival.csv: empty where the endpoint has no competing event, or the study no data cut-off.
COUNTS = ("competing_events", "cut_off_censored", "cut_off_not_begun")


def begun() -> pl.Expr:
    """Whose time has begun by the data cut-off; everybody's where there is none."""
    return pl.col("cut_off_state").fill_null("") != NOT_BEGUN


def cause_by(endpoint: Endpoint, is_curve: bool) -> pl.Expr:
    """What ended a time by the horizon; who is followed longer is censored there."""
    if not is_curve or endpoint.horizon_days is None:
        return pl.col("cause")
    return pl.when(pl.col("point_days") <= endpoint.horizon_days).then("cause").alias("cause")


def counts(study: Study, endpoint: Endpoint, every: pl.DataFrame, times: pl.DataFrame) -> dict[str, object]:
    """The columns COUNTS. `every`: the rows of the endpoint and arm; `times`: those that have begun, cut at the horizon."""
    made: dict[str, object] = {}
    if endpoint.competing:
        is_known = not (times["cause"] == UNDETERMINED).any()
        others = times.filter(pl.col("cause").is_not_null() & ~pl.col("cause").is_in([EVENT, UNDETERMINED]))
        made["competing_events"] = int(others["n"].sum()) if is_known else None
    if study.data_cut_off is not None:
        made["cut_off_censored"] = _women(every, CUT)
        made["cut_off_not_begun"] = _women(every, NOT_BEGUN)
    return made


def _women(every: pl.DataFrame, state: str) -> int:
    return int(every.filter(pl.col("cut_off_state") == state)["n"].sum())


def who_counts(study: Study, endpoint: Endpoint, arm: str, *, is_curve: bool) -> dict[str, exp.Select]:
    """The women behind the columns COUNTS."""
    others: list[exp.Expr] = [exp.column("cause").isin(*(other.competing for other in endpoint.competing))] if endpoint.competing else []
    if is_curve and endpoint.horizon_days is not None:
        others.append(exp.column("point_days") <= endpoint.horizon_days)
    return {
        "competing_events": with_time(study.study, endpoint.endpoint, arm, *others),
        "cut_off_censored": with_time(study.study, endpoint.endpoint, arm, exp.column("cut_off_state").eq(CUT)),
        "cut_off_not_begun": subjects("mart_time_to_event", study.study, arm, endpoint=endpoint.endpoint, cut_off_state=NOT_BEGUN),
    }
