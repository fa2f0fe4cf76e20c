"""What a study publishes about its times: km, survival, at_risk and logrank, or the reason why there is nothing."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

import duckdb
import polars as pl
from sqlglot import exp

from schemas.study import AS_PUBLISHED, CURVES, ENVELOPE, TIME_DEPENDENT, Endpoint, Study
from warehouse.numbers import ALL, Numbers
from warehouse.summary import summarise
from warehouse.suppressing.analyses import tick_days
from warehouse.suppressing.ticks import tick_row
from warehouse.survival import cuminc, envelope_rows
from warehouse.survival import kaplan_meier as km
from warehouse.survival.analyses import AT_RISK as INCLUDED
from warehouse.survival.analyses import Analysis, analyses, analysis, cautions, together
from warehouse.survival.comparisons import COX, LOGRANK, Compared, cox_rows, logrank_row
from warehouse.survival.cuminc import CUMINC
from warehouse.survival.ends import COUNTS, cause_by, counts, who_counts
from warehouse.survival.envelope_rows import ENVELOPES
from warehouse.survival.late_entry import first_day
from warehouse.survival.late_reasons import left_out, why_no_curve, why_not_at_risk
from warehouse.survival.reasons import why_not, why_not_hers

KEY = {"analysis": pl.String, "endpoint": pl.String, "arm": pl.String}
KM = {**KEY, "ci": pl.String, **km.CURVE, "number_id": pl.String}
DAYS = ("median_days", "lower_days", "upper_days", "min_days", "max_days", "follow_up_median_days")
HORIZON = ("horizon_days", "horizon_survival", "horizon_lower", "horizon_upper")
SURVIVAL = {
    **KEY, "estimator": pl.String, "ci": pl.String, "n": pl.Int64, "events": pl.Int64, **dict.fromkeys((*DAYS, *HORIZON), pl.Float64),
    "uncertain": pl.Int64, "widest_days": pl.Int64, **dict.fromkeys(COUNTS, pl.Int64), "reason": pl.String,
    "left_out": pl.Int64, "left_out_reason": pl.String, "from_days": pl.Float64, "caution": pl.String, "number_id": pl.String,
}  # fmt: skip
AT_RISK = {**KEY, "months": pl.Int64, "at_risk": pl.Int64, "number_id": pl.String}
Row = dict[str, object]


@dataclass
class Estimates:
    """The rows of the four files; of cuminc where events compete, of cox where an arm changes with time, of envelope where asked for.

    `times`: the counted times of each analysis, endpoint and arm that was estimated, cut at the horizon; `delivered`: those of each
    endpoint, every arm, as the dates give them; `together`: the same by where the women stand in all analyses, where counts are hidden.
    """

    km: list[Row] = field(default_factory=list)
    survival: list[Row] = field(default_factory=list)
    at_risk: list[Row] = field(default_factory=list)
    logrank: list[Row] = field(default_factory=list)
    cox: list[Row] = field(default_factory=list)
    cuminc: list[Row] = field(default_factory=list)
    times: dict[tuple[str, str, str], pl.DataFrame] = field(default_factory=dict)
    delivered: dict[str, pl.DataFrame] = field(default_factory=dict)
    together: dict[str, pl.DataFrame] = field(default_factory=dict)
    has_competing: bool = False
    envelope: list[Row] = field(default_factory=list)
    bands: list[Row] = field(default_factory=list)
    has_cox: bool = False
    has_envelope: bool = False

    def frames(self) -> dict[str, pl.DataFrame]:
        """File name (without .csv) to frame; a file in which nothing could be estimated has no row."""
        schemas = {"km": KM, "survival": SURVIVAL, "at_risk": AT_RISK, "logrank": LOGRANK}
        schemas |= ({"cuminc": CUMINC} if self.has_competing else {}) | ({"cox": COX} if self.has_cox else {})
        schemas |= {"envelope": ENVELOPES} if self.has_envelope else {}
        return {name: pl.DataFrame(getattr(self, name), schema=schema) for name, schema in schemas.items()}


@dataclass(frozen=True)
class Task:
    """One endpoint of one arm in one analysis, and where its rows and numbers go."""

    analysis: Analysis
    arm: str
    made: Estimates
    numbers: Numbers
    # The women whose envelope it is; None where there is none.
    bounded: pl.DataFrame | None = None

    @property
    def key(self) -> Row:
        """The columns that name the rows of this task."""
        return {"analysis": self.analysis.name, "endpoint": self.endpoint.endpoint, "arm": self.arm}

    @property
    def study(self) -> Study:
        """The study that asks for it."""
        return self.analysis.study

    @property
    def endpoint(self) -> Endpoint:
        """The endpoint, its horizon counted from where the time begins."""
        return self.analysis.endpoint


def estimate(
    con: duckdb.DuckDBPyConnection, study: Study, numbers: Numbers, refusal: str = "", published: Mapping[str, pl.DataFrame] | None = None
) -> Estimates:
    """Estimates every endpoint in every analysis, for every arm and for all; registers every number. Of an arm without women rows say so.

    A `refusal` of the study as a whole stands as the reason of each row, and nothing is counted or estimated. `published`: by endpoint
    its `published_times`, of a study that hides small counts.
    """
    made = Estimates(
        has_competing=any(endpoint.competing for endpoint in study.endpoints),
        has_cox=TIME_DEPENDENT in study.analyses,
        has_envelope=study.date_convention == ENVELOPE,
    )
    for one in analyses(study):
        every = one.counted(con)
        if one.name == AS_PUBLISHED:
            made.delivered[one.endpoint.endpoint] = every.filter(pl.col("arm") != ALL, pl.col("risk_state") == INCLUDED)
        elif published and one.endpoint.endpoint not in made.together:
            made.together[one.endpoint.endpoint] = together(con, study, one.endpoint.endpoint, published[one.endpoint.endpoint])
        bounded = one.bounded(con, every) if envelope_rows.has_envelope(one) else None
        for arm in (*(arm.arm for arm in study.arms), ALL):
            task = Task(one, arm, made, numbers, None if bounded is None else bounded.filter(pl.col("arm") == arm))
            made.survival += [_one(task, estimator, every.filter(pl.col("arm") == arm), refusal) for estimator in one.estimators]
    for name in study.analyses:
        _compare(made, study, name, numbers, refusal)
    return made


def _compare(made: Estimates, study: Study, name: str, numbers: Numbers, refusal: str) -> None:
    """The comparisons of the study in one analysis; where one could not be made the reason."""
    for comparison in study.comparisons:
        endpoint = next(one for one in study.endpoints if one.endpoint == comparison.endpoint)
        if (found := analysis(study, name, endpoint)) is not None:
            there = {arm: times for arm in comparison.arms if (times := made.times.get((name, endpoint.endpoint, arm))) is not None}
            one = Compared(found, comparison, there, numbers, refusal)
            made.logrank.append(logrank_row(one))
            made.cox += cox_rows(one)


def _one(task: Task, estimator: str, rows: pl.DataFrame, refusal: str) -> Row:
    """The row of survival.csv of one endpoint, arm and estimator; a curve adds its rows and ticks."""
    is_curve, one = estimator in CURVES, task.analysis
    inside = rows.filter(pl.col("risk_state") == INCLUDED)
    reason = refusal or why_not_hers(rows, task.study, task.endpoint) or why_not_at_risk(rows, one, task.arm)
    reason = reason or why_not(inside, estimator, task.study, task.endpoint)
    counted = one.times(inside).with_columns(cause_by(task.endpoint, is_curve))
    times = km.cut(counted, task.endpoint.horizon_days) if is_curve else counted
    # Where an event has no certain day, it may lie before the horizon or behind it: nobody can count them.
    events = None if times["is_event"].null_count() else int(times.filter(pl.col("is_event"))["n"].sum())
    row: Row = dict.fromkeys(SURVIVAL) | task.key | {"estimator": estimator, "ci": task.study.confidence_interval if is_curve else ""}
    told = counts(one, rows, times, is_curve=is_curve) | _left_out(rows, one)
    row |= {"reason": reason} if refusal else {"n": int(inside["n"].sum()), "events": events, "reason": reason} | told
    row |= {"caution": " ".join(cautions(one, task.arm)) if is_curve else ""}
    if not reason:
        row |= _curve(task, times, inside) if is_curve else _observed(times) | _width(inside)
        if estimator == "kaplan_meier" and not row["reason"] and task.bounded is not None:
            envelope_rows.publish(task, times, task.bounded)
    row["number_id"] = _register(task, row)
    return row


def _left_out(rows: pl.DataFrame, one: Analysis) -> Row:
    is_told = one.name != AS_PUBLISHED or one.study.takes_middle
    return dict(zip(("left_out", "left_out_reason"), left_out(rows, one), strict=True)) if is_told else {}


def _observed(times: pl.DataFrame) -> Row:
    """Plain median, least and greatest of the observed times, events and censored alike."""
    values = times.group_by("days").agg(pl.col("n").sum()).sort("days")
    days, n = values["days"].cast(pl.Float64).to_list(), values["n"].to_list()
    return {f"{statistic}_days": summarise(days, n, statistic) for statistic in ("median", "min", "max")}


def _width(rows: pl.DataFrame) -> Row:
    """How much a date convention has decided: women whose time is not certain, and the widest of their intervals."""
    entry = pl.col("entry_latest_days") - pl.col("entry_earliest_days")
    width = pl.max_horizontal(pl.col("latest_days") - pl.col("earliest_days"), entry)
    return {"uncertain": int(rows.filter(width > 0)["n"].sum()), "widest_days": int(rows.select(width.max()).item())}


def _curve(task: Task, times: pl.DataFrame, rows: pl.DataFrame) -> Row:
    """The estimate; where the set at risk is empty in between there is none, but the arm can be compared all the same."""
    task.made.times[task.analysis.name, task.endpoint.endpoint, task.arm] = times
    if reason := why_no_curve(times, task.analysis):
        return {"reason": reason}
    task.made.at_risk += _tick_rows(task, times)
    found = cuminc.publish(task, times) if task.endpoint.competing else _kaplan_meier(task, times)
    return _observed(times) | _width(rows) | {"follow_up_median_days": _follow_up(task, rows)} | found


def _kaplan_meier(task: Task, times: pl.DataFrame) -> Row:
    curve = km.curve(times, task.study.confidence_interval)
    task.made.km += _curve_rows(task, curve)
    _tick_numbers(task, curve, first_day(times))
    return {
        "median_days": km.median_days(curve), "lower_days": km.median_days(curve, "lower"), "upper_days": km.median_days(curve, "upper"),
        **_horizon(task.endpoint, curve),
        "from_days": None if task.analysis.name == AS_PUBLISHED else float(first_day(times)),
    }  # fmt: skip


def _follow_up(task: Task, rows: pl.DataFrame) -> float | None:
    """Not cut at the horizon: the median would be the horizon of every study in which most are followed so long, and say nothing.

    Whoever goes over to another arm is followed there: of an arm that changes with time there is no follow-up.
    """
    if task.analysis.name == TIME_DEPENDENT and task.arm != ALL:
        return None
    return km.follow_up_median_days(task.analysis.times(rows).with_columns(is_event=pl.col("cause").is_not_null()))


def _horizon(endpoint: Endpoint, curve: pl.DataFrame) -> Row:
    if endpoint.horizon_days is None:
        return {}
    at = km.at_day(curve, endpoint.horizon_days) or {}
    return {"horizon_days": float(endpoint.horizon_days), **{f"horizon_{name}": at.get(name) for name in ("survival", "lower", "upper")}}


def _tick_numbers(task: Task, curve: pl.DataFrame, first: int) -> None:
    """The curve at the ticks has numbers of its own where only that is shared: an id names the month, not the day."""
    still = task.analysis.at_risk(task.arm)
    for months, days in tick_days(task.study, task.endpoint) if task.study.min_cell > 1 else ():
        found = km.at_day(curve, days) if days >= first else None  # before the first is at risk nothing is known
        value = found["survival"] if found is not None else None
        row = tick_row(task.analysis.name, task.endpoint.endpoint, months)
        task.numbers.number("km", row, "survival", task.arm, value=value, subjects=still(days))


def _curve_rows(task: Task, curve: pl.DataFrame) -> Iterator[Row]:
    name, endpoint, arm = task.analysis.name, task.endpoint.endpoint, task.arm
    still = task.analysis.at_risk(arm)
    for place, step in enumerate(curve.iter_rows(named=True)):
        # The curve begins on day 0; who leaves on day 0 makes a second row of that day.
        days = int(step["days"])
        row = f"{name}_{endpoint}_{days if place else 'start'}"
        called = task.numbers.number("km", row, "survival", arm, value=step["survival"], subjects=still(days))
        yield {**task.key, "ci": task.study.confidence_interval, **step, "number_id": called}


def _tick_rows(task: Task, times: pl.DataFrame) -> Iterator[Row]:
    name, endpoint, arm = task.analysis.name, task.endpoint.endpoint, task.arm
    still = task.analysis.at_risk(arm)
    for months, days in tick_days(task.study, task.endpoint):
        n = km.at_risk(times, days)
        called = task.numbers.number("at_risk", f"{name}_{endpoint}_{months}", "at_risk", arm, value=n, subjects=still(days))
        yield {**task.key, "months": months, "at_risk": n, "number_id": called}


def _register(task: Task, row: Row) -> str:
    """Registers each number of a row of survival.csv; the row is called after its median."""
    one, arm, horizon = task.analysis, task.arm, task.endpoint.horizon_days
    is_curve = row["estimator"] in CURVES
    name = f"{row['analysis']}_{task.endpoint.endpoint}_{row['estimator']}"
    everyone = one.included(arm)
    events: list[exp.Expr] = [exp.column("is_event").is_(exp.true())]
    events += [exp.column("point_days") <= horizon + one.begins] if horizon is not None and is_curve else []
    narrower = {
        "events": one.included(arm, *events),
        "uncertain": one.included(arm, _is_uncertain(one)),
        "left_out": one.left_out(arm),
        **who_counts(one, arm, is_curve=is_curve),
    }
    for column in ("n", "events", *DAYS[1:], *HORIZON[1:], "uncertain", "widest_days", *COUNTS, "left_out", "from_days"):
        if row[column] is not None:
            who = narrower.get(column, everyone)
            task.numbers.number("survival", name, column, arm, value=_number(row[column]), subjects=who)
    return task.numbers.number("survival", name, "median_days", arm, value=_number(row["median_days"]), subjects=everyone)


def _is_uncertain(one: Analysis) -> exp.Expr:
    time = exp.column("latest_days") > exp.column("earliest_days")
    return time if one.name == AS_PUBLISHED else exp.or_(time, exp.column("entry_latest_days") > exp.column("entry_earliest_days"))


def _number(cell: object) -> float | None:
    return None if cell is None else float(str(cell))
