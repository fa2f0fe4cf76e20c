"""What a study publishes about its times: km, survival, at_risk and logrank, or the reason why there is nothing."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

import duckdb
import polars as pl
from sqlglot import exp

from schemas.study import CURVES, Comparison, Endpoint, Study
from warehouse import ddl, mart
from warehouse.numbers import ALL, Numbers, with_time
from warehouse.summary import summarise
from warehouse.suppression_survival import tick_days, tick_row
from warehouse.survival import cuminc
from warehouse.survival import kaplan_meier as km
from warehouse.survival.cuminc import CUMINC
from warehouse.survival.ends import COUNTS, begun, cause_by, counts, who_counts
from warehouse.survival.logrank import logrank
from warehouse.survival.reasons import why_not

AS_PUBLISHED = "as_published"
KEY = {"analysis": pl.String, "endpoint": pl.String, "arm": pl.String}
KM = {**KEY, "ci": pl.String, **km.CURVE, "number_id": pl.String}
DAYS = ("median_days", "lower_days", "upper_days", "min_days", "max_days", "follow_up_median_days")
HORIZON = ("horizon_days", "horizon_survival", "horizon_lower", "horizon_upper")
SURVIVAL = {
    **KEY, "estimator": pl.String, "ci": pl.String, "n": pl.Int64, "events": pl.Int64, **dict.fromkeys((*DAYS, *HORIZON), pl.Float64),
    "uncertain": pl.Int64, "widest_days": pl.Int64, **dict.fromkeys(COUNTS, pl.Int64),
    "reason": pl.String, "number_id": pl.String,
}  # fmt: skip
AT_RISK = {**KEY, "months": pl.Int64, "at_risk": pl.Int64, "number_id": pl.String}
LOGRANK = {
    "analysis": pl.String, "endpoint": pl.String, "arms": pl.String, "chi_square": pl.Float64, "df": pl.Int64, "p": pl.Float64,
    "method": pl.String, "reason": pl.String, "number_id": pl.String,
}  # fmt: skip
Row = dict[str, object]


@dataclass
class Estimates:
    """The rows of the four files, and of cuminc where events compete.

    `times`: the counted times of each endpoint and arm that was estimated, cut at the horizon; `delivered`: those of each
    endpoint, every arm, as the dates give them.
    """

    km: list[Row] = field(default_factory=list)
    survival: list[Row] = field(default_factory=list)
    at_risk: list[Row] = field(default_factory=list)
    logrank: list[Row] = field(default_factory=list)
    cuminc: list[Row] = field(default_factory=list)
    times: dict[tuple[str, str], pl.DataFrame] = field(default_factory=dict)
    delivered: dict[str, pl.DataFrame] = field(default_factory=dict)
    has_competing: bool = False

    def frames(self) -> dict[str, pl.DataFrame]:
        """File name (without .csv) to frame; a file in which nothing could be estimated has no row."""
        schemas = {"km": KM, "survival": SURVIVAL, "at_risk": AT_RISK, "logrank": LOGRANK}
        schemas |= {"cuminc": CUMINC} if self.has_competing else {}
        return {name: pl.DataFrame(getattr(self, name), schema=schema) for name, schema in schemas.items()}


@dataclass(frozen=True)
class Task:
    """One endpoint of one arm, and where its rows and numbers go."""

    study: Study
    endpoint: Endpoint
    arm: str
    made: Estimates
    numbers: Numbers

    @property
    def key(self) -> Row:
        """The columns that name the rows of this task."""
        return {"analysis": AS_PUBLISHED, "endpoint": self.endpoint.endpoint, "arm": self.arm}


def estimate(con: duckdb.DuckDBPyConnection, study: Study, numbers: Numbers, refusal: str = "") -> Estimates:
    """Estimates every endpoint for every arm and for all; registers every number. An arm without women has rows that say so.

    A `refusal` of the study as a whole stands as the reason of each row, and nothing is counted or estimated.
    """
    made = Estimates(has_competing=any(endpoint.competing for endpoint in study.endpoints))
    for endpoint in study.endpoints:
        every = mart.frame(con, _counted(study.study, endpoint.endpoint))
        made.delivered[endpoint.endpoint] = every.filter(begun())
        for arm in (*(arm.arm for arm in study.arms), ALL):
            rows = every if arm == ALL else every.filter(pl.col("arm") == arm)
            for estimator in endpoint.estimators:
                made.survival.append(_one(Task(study, endpoint, arm, made, numbers), estimator, rows, refusal))
    for comparison in study.comparisons:
        _compare(made, study, comparison, numbers, refusal)
    return made


def _counted(study: str, endpoint: str) -> exp.Select:
    keys = [
        ddl.field(name)
        for name in ("arm", "entry_days", "earliest_days", "point_days", "latest_days", "is_event", "cause", "cut_off_state")
    ]
    count = exp.alias_(exp.cast(exp.Count(this=exp.Star()), "bigint"), "n")
    of_endpoint = (ddl.field("study").eq(study), ddl.field("endpoint").eq(endpoint))
    return exp.select(*keys, count).from_(ddl.named("mart_time_to_event")).where(*of_endpoint).group_by(*keys)


def _one(task: Task, estimator: str, rows: pl.DataFrame, refusal: str) -> Row:
    """The row of survival.csv of one endpoint, arm and estimator; a Kaplan-Meier estimate adds its curve and ticks."""
    is_curve = estimator in CURVES
    every, rows = rows, rows.filter(begun())
    reason = refusal or why_not(rows, estimator, task.study, task.endpoint)
    counted = rows.select("arm", "entry_days", pl.col("point_days").alias("days"), "is_event", cause_by(task.endpoint, is_curve), "n")
    times = km.cut(counted, task.endpoint.horizon_days) if is_curve else counted
    # Where an event has no certain day, it may lie before the horizon or behind it: nobody can count them.
    events = None if times["is_event"].null_count() else int(times.filter(pl.col("is_event"))["n"].sum())
    row: Row = dict.fromkeys(SURVIVAL) | task.key | {"estimator": estimator, "ci": task.study.confidence_interval if is_curve else ""}
    row |= (
        {"reason": reason}
        if refusal
        else {"n": int(rows["n"].sum()), "events": events, "reason": reason} | counts(task.study, task.endpoint, every, times)
    )
    if not reason:
        row |= _observed(times) | _width(rows)
        if is_curve:
            row |= cuminc.publish(task, times) if task.endpoint.competing else _kaplan_meier(task, times)
            task.made.at_risk += _tick_rows(task, times)
    row["number_id"] = _register(task, row)
    return row


def _observed(times: pl.DataFrame) -> Row:
    """Plain median, least and greatest of the observed times, events and censored alike."""
    values = times.group_by("days").agg(pl.col("n").sum()).sort("days")
    days, n = values["days"].cast(pl.Float64).to_list(), values["n"].to_list()
    return {f"{statistic}_days": summarise(days, n, statistic) for statistic in ("median", "min", "max")}


def _width(rows: pl.DataFrame) -> Row:
    """How much a date convention has decided: women whose time is not certain, and the widest of their intervals."""
    width = pl.col("latest_days") - pl.col("earliest_days")
    return {"uncertain": int(rows.filter(width > 0)["n"].sum()), "widest_days": int(rows.select(width.max()).item())}


def _kaplan_meier(task: Task, times: pl.DataFrame) -> Row:
    curve = km.curve(times, task.study.confidence_interval)
    task.made.times[task.endpoint.endpoint, task.arm] = times
    task.made.km += _curve_rows(task, curve)
    _tick_numbers(task, curve)
    return {
        "median_days": km.median_days(curve), "lower_days": km.median_days(curve, "lower"), "upper_days": km.median_days(curve, "upper"),
        "follow_up_median_days": km.follow_up_median_days(times), **_horizon(task.endpoint, curve),
    }  # fmt: skip


def _horizon(endpoint: Endpoint, curve: pl.DataFrame) -> Row:
    if endpoint.horizon_days is None:
        return {}
    at = km.at_day(curve, endpoint.horizon_days) or {}
    return {"horizon_days": float(endpoint.horizon_days), **{f"horizon_{name}": at.get(name) for name in ("survival", "lower", "upper")}}


def _tick_numbers(task: Task, curve: pl.DataFrame) -> None:
    """The curve at the ticks has numbers of its own where only that is shared: an id names the month, not the day."""
    for months, days in tick_days(task.study, task.endpoint) if task.study.min_cell > 1 else ():
        found = km.at_day(curve, days)
        still = with_time(task.study.study, task.endpoint.endpoint, task.arm, exp.column("point_days") >= exp.convert(days))
        value = found["survival"] if found is not None else None
        row = tick_row(task.endpoint.endpoint, months)
        task.numbers.number("km", row, "survival", task.arm, value=value, subjects=still)


def _curve_rows(task: Task, curve: pl.DataFrame) -> Iterator[Row]:
    endpoint, arm = task.endpoint.endpoint, task.arm
    for place, step in enumerate(curve.iter_rows(named=True)):
        # The curve begins on day 0; who leaves on day 0 makes a second row of that day.
        day = "start" if not place else str(int(step["days"]))
        still = with_time(task.study.study, endpoint, arm, exp.column("point_days") >= int(step["days"]))
        name = task.numbers.number("km", f"{AS_PUBLISHED}_{endpoint}_{day}", "survival", arm, value=step["survival"], subjects=still)
        yield {**task.key, "ci": task.study.confidence_interval, **step, "number_id": name}


def _tick_rows(task: Task, times: pl.DataFrame) -> Iterator[Row]:
    endpoint, arm = task.endpoint.endpoint, task.arm
    for months, days in tick_days(task.study, task.endpoint):
        n = km.at_risk(times, days)
        still = with_time(task.study.study, endpoint, arm, exp.column("point_days") >= exp.convert(days))
        name = task.numbers.number("at_risk", f"{AS_PUBLISHED}_{endpoint}_{months}", "at_risk", arm, value=n, subjects=still)
        yield {**task.key, "months": months, "at_risk": n, "number_id": name}


def _register(task: Task, row: Row) -> str:
    """Registers each number of a row of survival.csv; the row is called after its median."""
    study, endpoint, arm, horizon = task.study.study, task.endpoint.endpoint, task.arm, task.endpoint.horizon_days
    name = f"{row['analysis']}_{endpoint}_{row['estimator']}"
    everyone = with_time(study, endpoint, arm)
    events: list[exp.Expr] = [exp.column("is_event").is_(exp.true())]
    events += [exp.column("point_days") <= horizon] if horizon is not None and row["estimator"] in CURVES else []
    narrower = {
        "events": with_time(study, endpoint, arm, *events),
        "uncertain": with_time(study, endpoint, arm, exp.column("latest_days") > exp.column("earliest_days")),
        **who_counts(task.study, task.endpoint, arm, is_curve=row["estimator"] in CURVES),
    }
    for column in ("n", "events", *DAYS[1:], *HORIZON[1:], "uncertain", "widest_days", *COUNTS):
        if row[column] is not None:
            who = narrower.get(column, everyone)
            task.numbers.number("survival", name, column, arm, value=_number(row[column]), subjects=who)
    return task.numbers.number("survival", name, "median_days", arm, value=_number(row["median_days"]), subjects=everyone)


def _number(cell: object) -> float | None:
    return None if cell is None else float(str(cell))


def _compare(made: Estimates, study: Study, comparison: Comparison, numbers: Numbers, refusal: str) -> None:
    """One row for each comparison; where it could not be made the reason."""
    frames = {arm: made.times.get((comparison.endpoint, arm)) for arm in comparison.arms}
    there = [frame for frame in frames.values() if frame is not None]
    found = logrank(pl.concat(there)) if len(there) == len(frames) else None
    arms, name = "_".join(comparison.arms), f"{AS_PUBLISHED}_{comparison.endpoint}"
    who = with_time(study.study, comparison.endpoint, ALL, exp.column("arm").isin(*comparison.arms))
    values = {"chi_square": found.chi_square, "df": found.df, "p": found.p} if found else dict.fromkeys(("chi_square", "df", "p"))
    named = {column: numbers.number("logrank", name, column, arms, value=value, subjects=who) for column, value in values.items()}
    key = {"analysis": AS_PUBLISHED, "endpoint": comparison.endpoint, "arms": ", ".join(comparison.arms)}
    missing = ", ".join(arm for arm, frame in frames.items() if frame is None)
    why = f"not estimated: {missing} (see survival.csv)" if missing else "no event in any of the arms, or nobody to compare"
    told = {"method": found.method, "reason": ""} if found else {"method": "", "reason": refusal or why}
    made.logrank.append({**key, **values, **told, "number_id": named["p"]})
