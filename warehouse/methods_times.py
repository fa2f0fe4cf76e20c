"""What the methods of a study say of its times: endpoints, analyses, and the statistics that were made of them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import polars as pl

from schemas.study import AS_PUBLISHED, DELAYED_ENTRY, LANDMARK, TIME_DEPENDENT, Endpoint, Study
from warehouse.methods_words import code, day, days, listed, plain
from warehouse.summary import printed
from warehouse.suppressing.analyses import tick_days
from warehouse.suppressing.survival import without_counts
from warehouse.survival.analyses import Analysis, analyses, cautions
from warehouse.survival_print import named

LIMITS = {
    "log": "on the scale of log S(t)",
    "log-log": "on the scale of log(-log S(t))",
    "plain": "as S(t) plus and minus 1.96 standard errors",
}
ESTIMATORS = {
    "kaplan_meier": "Kaplan-Meier",
    "aalen_johansen": "Aalen-Johansen (cumulative incidence)",
    "median_observed_time": "plain median of the observed times",
}
MADE = {
    AS_PUBLISHED: "as published: arms as above, everyone at risk from the origin, whatever the day on which an arm was decided",
    DELAYED_ENTRY: "delayed entry: at risk in an arm from the day after it was decided, or after the late entry of the endpoint if later",
    LANDMARK: "landmark: arms as decided by the landmark, of those followed beyond it; times count from the landmark",
    TIME_DEPENDENT: "time-dependent: on each day in the arm decided before that day (Simon-Makuch curves)",
}


def endpoints(study: Study) -> Iterator[str]:
    """One paragraph per endpoint."""
    for one in study.endpoints:
        yield f"- **{plain(one.label)}** (`{one.endpoint}`). {' '.join(_endpoint(study, one))}"


def _endpoint(study: Study, one: Endpoint) -> Iterator[str]:
    yield f"Time from the {day(study, one.origin)}, in whole days; a month is {study.days_per_month:g} days."
    if one.among is not None:
        yield f"Only of {study.subjects} for whom holds {code(one.among)}."
    event = "in all whose time is known" if _is_everyone(one) else f"{code(one.event)} where that is certain"
    yield f"Event: {event}, on the {_first(study, one.event_dates)}."
    for other in one.competing:
        yield f"Competing event: {plain(other.label)}: {code(other.event)}, on the {_first(study, other.end)}."
    if not _is_everyone(one):
        yield f"Without {'any of them' if one.competing else 'it'} censored on the {_first(study, one.censoring_dates, 'last')}."
    if one.horizon_days is not None:
        yield f"Curves and tests are cut on day {one.horizon_days} (month {printed(one.horizon_days / study.days_per_month, 1)})."
    if one.entry is not None:
        yield f"Late entry: seen only from the {day(study, one.entry)} on."
    if one.landmark_days is not None:
        yield f"Landmark: day {one.landmark_days} after the origin."
    if one.is_curve:
        ticks = tick_days(study, one)
        is_between = one.horizon_days is not None and not one.competing and one.horizon_days not in {days for _, days in ticks}
        at = listed([str(months) for months, _ in ticks])
        yield f"Given at the months {at}{', and on the day of the cut' if is_between else ''}."
    yield f"Estimators: {listed([ESTIMATORS[name] for name in one.estimators])}."


def _is_everyone(one: Endpoint) -> bool:
    return one.event.strip().lower() == "true"


def _first(study: Study, names: tuple[str, ...], which: str = "first") -> str:
    return f"{which} delivered of: {days(study, names)}" if len(names) > 1 else f"day of: {days(study, names)}"


def analyses_used(study: Study) -> Iterator[str]:
    """Each analysis, and what the times as published leave out of account."""
    if not study.endpoints:
        return
    yield from (f"- {MADE[name][0].upper()}{MADE[name][1:]}." for name in study.analyses)
    for one in analyses(study):
        for arm in study.arms:
            for caution in cautions(one, arm.arm):
                yield f"- {plain(named(one))}, {plain(arm.label)}: {caution.replace('_', ' ')} is not accounted for."


def statistics(study: Study, frames: Mapping[str, pl.DataFrame]) -> Iterator[str]:
    """What was estimated and tested, and by which method: read from the files, so that what was not made is not claimed."""
    yield from _estimated(study, frames)
    for one in analyses(study):
        yield from _compared(one, frames)
    for (endpoint, reason), arms in _not_given(study, frames["survival"]).items():
        yield f"- Not given, wholly or in part: {plain(endpoint)}, {plain(listed(list(dict.fromkeys(arms))))}: {plain(reason)}."


def _estimated(study: Study, frames: Mapping[str, pl.DataFrame]) -> Iterator[str]:
    named_so, limits = f"(`{study.confidence_interval}`)", f"95 % confidence limits {LIMITS[study.confidence_interval]}"
    observed = frames["survival"].filter(pl.col("estimator") == "median_observed_time", pl.col("median_days").is_not_null())
    has_incidence = "cuminc" in frames and frames["cuminc"]["incidence"].count() > 0
    has_survival = frames["km"]["survival"].count() > 0
    if has_survival:
        yield f"- S(t): Kaplan-Meier, standard errors by Greenwood's formula, {limits} {named_so}."
        yield "- Median: the first day on which S(t) is one half or less; the middle of the days where it is one half exactly."
        yield "- Limits of the median: the days on which the limits of S(t) come to one half."
    if has_incidence:
        yield f"- Cumulative incidence F(t): Aalen-Johansen, {limits.replace('S(t)', 'F(t)')} {named_so}."
    if has_survival or has_incidence:
        yield "- At risk at t: entry < t <= exit; on day 0 those who enter at the origin."
        yield "- Median follow-up: reverse Kaplan-Meier, not cut at a horizon."
    if observed.height:
        yield "- Median of observed times: events and censored times alike; it is no estimate of survival."


def _compared(one: Analysis, frames: Mapping[str, pl.DataFrame]) -> Iterator[str]:
    """The comparisons of an endpoint in one analysis: how each was made, or why it was not."""
    labels = {arm.arm: arm.label for arm in one.study.arms}
    mine = (pl.col("analysis") == one.name) & (pl.col("endpoint") == one.endpoint.endpoint)
    name = "Mantel-Byar" if one.name == TIME_DEPENDENT else "log-rank"
    for row in frames["logrank"].filter(mine).iter_rows(named=True):
        compared = listed([labels[arm] for arm in row["arms"].split(", ")])
        how = f"{name} test, p by {row['method']}" if row["method"] else f"no {name} test: {plain(_why(row['reason']))}"
        yield f"- {plain(named(one))}, {plain(compared)}: {how}."
    for row in frames["cox"].filter(mine).iter_rows(named=True) if "cox" in frames else ():
        how = f"{row['ties'].capitalize()}'s ties, 95 % limits and p by Wald" if row["ties"] else f"none: {plain(_why(row['reason']))}"
        against = f"{plain(labels[row['arm']])} against {plain(labels[row['reference']])}"
        yield f"- {plain(named(one))}, hazard ratio of {against} (Cox, start-stop): {how}."


def _not_given(study: Study, survival: pl.DataFrame) -> dict[tuple[str, str], list[str]]:
    """By endpoint in its analysis and by reason, the arms of which something was not estimated or is not shown."""
    labels = {arm.arm: arm.label for arm in study.arms}
    found: dict[tuple[str, str], list[str]] = {}
    for one in analyses(study):
        rows = survival.filter(pl.col("analysis") == one.name, pl.col("endpoint") == one.endpoint.endpoint)
        for row in rows.filter(pl.col("reason") != "").iter_rows(named=True):
            found.setdefault((named(one), _why(row["reason"])), []).append(labels.get(row["arm"], "All"))
    return found


def _why(reason: str) -> str:
    """A reason without its counts and without what an analyst may write to mend it, which stands in survival.csv."""
    return without_counts(reason.partition("; ")[0])
