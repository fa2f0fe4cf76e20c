"""Survival as a reader sees it beside the curves: numbers of women and events, medians, S(t) at the ticks, by arm.

Everything in it stands in the CSV files beside it, with the digits that those have: it reads them and no times, so it shows what they
show and hides what they hide.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import polars as pl

from schemas.study import AS_PUBLISHED, TIME_DEPENDENT, Study
from warehouse.numbers import ALL
from warehouse.summary import printed, rounded
from warehouse.suppressing.analyses import tick_days
from warehouse.survival.analyses import Analysis, analyses
from warehouse.survival.analysis_words import among, banners, estimator, p_text, test_line, time_begins
from warehouse.survival.cuminc import at_day as incidence_at
from warehouse.survival.cuminc import causes
from warehouse.survival.kaplan_meier import at_day as survival_at
from warehouse.tables import HEAD, LEVEL, PrintedTable

DASH, NOT_REACHED = "–", "NR"
OBSERVED = "median_observed_time"
NAMES = {"as_published": "as published", "delayed_entry": "delayed entry", "landmark": "landmark", "time_dependent": "time-dependent"}
Row = Mapping[str, Any]
Line = tuple[str, list[str]]


@dataclass(frozen=True)
class _Part:
    """One endpoint in one analysis, as the files beside the table have it; `arms`: those with a column."""

    one: Analysis
    arms: Sequence[str]
    rows: Mapping[tuple[str, str], Row]
    km: pl.DataFrame
    cuminc: pl.DataFrame
    is_exact: bool

    @property
    def curve(self) -> str:
        """Which estimator gives the curve; empty where there is none."""
        return next((name for name in self.one.estimators if name != OBSERVED), "")

    def of(self, column: str, estimator: str) -> list[Any]:
        """One column of survival.csv by arm."""
        return [self.rows.get((arm, estimator), {}).get(column) for arm in self.arms]


def printed_survival(study: Study, frames: Mapping[str, pl.DataFrame], banner: str, *, is_exact: bool) -> PrintedTable:
    """The table of these files (km, survival, cuminc, logrank, cox): exact (`is_exact`), or as they are shared."""
    labels = {arm.arm: arm.label for arm in study.arms}
    shown = _with_column(study, frames["survival"])
    parts = [_part(one, frames, shown, is_exact=is_exact) for one in analyses(study)]
    rows = [line for part in parts for line in _lines(part)]
    heads = ["", *(labels.get(arm, "All") for arm in shown)]
    notes = [*_notes(study, frames, shown, rows), *(note for part in parts for note in _of_part(part, frames, labels))]
    return PrintedTable("survival", f"Survival and other times of the {study.subjects}", study.title, heads, rows, notes, banner)


def _with_column(study: Study, survival: pl.DataFrame) -> list[str]:
    """The arms of which something is told, in the order of the study; of one arm alone no `all`."""
    told = set(survival.filter(pl.col("n").is_null() | (pl.col("n") > 0))["arm"])
    arms = [arm.arm for arm in study.arms if arm.arm in told]
    return arms if len(arms) == 1 and len(study.arms) == 1 else [*arms, *([ALL] if ALL in told or not arms else [])]


def _part(one: Analysis, frames: Mapping[str, pl.DataFrame], arms: Sequence[str], *, is_exact: bool) -> _Part:
    mine = (pl.col("analysis") == one.name) & (pl.col("endpoint") == one.endpoint.endpoint)
    rows = {(row["arm"], row["estimator"]): row for row in frames["survival"].filter(mine).iter_rows(named=True)}
    empty = pl.DataFrame(schema=frames["km"].schema)
    return _Part(one, arms, rows, frames["km"].filter(mine), frames["cuminc"].filter(mine) if "cuminc" in frames else empty, is_exact)


def named(one: Analysis) -> str:
    """An endpoint and its analysis in words."""
    return one.endpoint.label if one.study.analyses == (AS_PUBLISHED,) else f"{one.endpoint.label}, {NAMES[one.name]}"


def _lines(part: _Part) -> Iterator[Line]:
    one, curve = part.one, part.curve
    whom = among(one)
    yield HEAD, [f"{named(one)} (months since {time_begins(one)}){f'. {whom}' if whom else ''}", *[""] * len(part.arms)]
    first = curve or OBSERVED
    yield LEVEL, [one.study.subjects.capitalize(), *map(_count, part.of("n", first))]
    if curve:
        cut = f" by month {printed(one.endpoint.horizon_days / one.study.days_per_month, 1)}" if one.endpoint.horizon_days else ""
        yield LEVEL, [f"Events{cut}", *map(_count, part.of("events", curve))]
        yield from _of_curve(part)
        yield LEVEL, ["Median follow-up, months", *(_follow_up(part, arm) for arm in part.arms)]
    if OBSERVED in one.estimators:
        yield (
            LEVEL,
            ["Median of the observed times, months (range)", *(_observed(part, part.rows.get((arm, OBSERVED), {})) for arm in part.arms)],
        )


def _of_curve(part: _Part) -> Iterator[Line]:
    """The median, and the curve at each tick after the first and at the horizon."""
    one = part.one
    if not one.endpoint.competing:
        yield LEVEL, ["Median, months (95 % CI)", *(_median(part, part.rows.get((arm, part.curve), {})) for arm in part.arms)]
    ticks = tick_days(one.study, one.endpoint)
    for cause, label in causes(one.endpoint) if one.endpoint.competing else [("", "")]:
        of = f"{label}, cumulative incidence at" if cause else "Without the event at"
        for months, days in ticks:
            if days:
                yield LEVEL, [f"{of} {months} months, % (95 % CI)", *(_share(part, arm, cause, days) for arm in part.arms)]
        horizon = one.endpoint.horizon_days
        if horizon is not None and not cause and horizon not in {days for _, days in ticks}:
            at = [
                [part.rows.get((arm, part.curve), {}).get(f"horizon_{name}") for name in ("survival", "lower", "upper")]
                for arm in part.arms
            ]
            yield (
                LEVEL,
                [
                    f"Without the event at {printed(horizon / one.study.days_per_month, 1)} months, % (95 % CI)",
                    *(_percent(part, *values) for values in at),
                ],
            )


def _share(part: _Part, arm: str, cause: str, days: float) -> str:
    """One point of a curve: of the exact file the step in force on that day, of the shared one the row of the tick."""
    curve = part.cuminc.filter(pl.col("arm") == arm, pl.col("cause") == cause) if cause else part.km.filter(pl.col("arm") == arm)
    value = "incidence" if cause else "survival"
    if part.is_exact and curve.height:
        begins = part.rows[arm, part.curve]["from_days"] or 0.0  # before somebody is at risk nothing is known
        found = (incidence_at if cause else survival_at)(curve, days) if days >= begins else None
    else:
        found = next(curve.filter(pl.col("days") == days).iter_rows(named=True), None)
    return _percent(part, *(found.get(name) for name in (value, "lower", "upper"))) if found else DASH


def _percent(part: _Part, value: float | None, lower: float | None, upper: float | None) -> str:
    """Per cent with its limits; shared probabilities have two decimals, so their per cents have none."""
    if value is None:
        return DASH
    told, low, high = (DASH if one is None else rounded(100 * one, 1 if part.is_exact else 0) for one in (value, lower, upper))
    return told if lower is None and upper is None else f"{told} ({low} to {high})"


def _missing(row: Row) -> str:
    """What stands for a median that is empty in survival.csv: it is not reached where no reason stands beside it."""
    return NOT_REACHED if row.get("n") and not row["reason"] else DASH


def _median(part: _Part, row: Row) -> str:
    """A median with its limits."""
    median, lower, upper = (row.get(f"{name}_days") for name in ("median", "lower", "upper"))
    if (median, lower, upper) == (None, None, None):
        return _missing(row)
    told, high = (_missing(row) if days is None else _months(part, days) for days in (median, upper))
    return f"{told} ({_months(part, lower)} to {high})"


def _follow_up(part: _Part, arm: str) -> str:
    """The median follow-up; an arm that is left for another has none."""
    row = part.rows.get((arm, part.curve), {})
    days, has_none = row.get("follow_up_median_days"), part.one.name == TIME_DEPENDENT and arm != ALL
    return _months(part, days) if days is not None or has_none else _missing(row)


def _observed(part: _Part, row: Row) -> str:
    median, least, most = (row.get(name) for name in ("median_days", "min_days", "max_days"))
    if median is None:
        return DASH
    return (
        _months(part, median)
        if least is None or most is None
        else f"{_months(part, median)} ({_months(part, least)} to {_months(part, most)})"
    )


def _months(part: _Part, days: float | None) -> str:
    return DASH if days is None else rounded(days / part.one.study.days_per_month, 1)


def _count(n: int | None) -> str:
    return DASH if n is None else str(n)


def _notes(study: Study, frames: Mapping[str, pl.DataFrame], shown: Sequence[str], rows: Sequence[Line]) -> Iterator[str]:
    """What the signs mean, how limits were made, whom no column is about."""
    cells = {cell for _, line in rows for cell in line[1:]}
    yield f"A month is {study.days_per_month:g} days. 95 % CI: confidence interval ({study.confidence_interval})."
    if any(NOT_REACHED in cell for cell in cells):
        yield f"{NOT_REACHED} not reached."
    if any(DASH in cell for cell in cells):
        hidden = f", or suppressed (few {study.subjects} or events)" if study.min_cell > 1 else ""
        yield f"{DASH} not estimated, nobody followed so long{hidden}."
    told = set(frames["survival"].filter(pl.col("n").is_null() | (pl.col("n") >= 0))["arm"])
    nobody = [arm.label for arm in study.arms if arm.arm in told and arm.arm not in shown]
    hidden_arms = [arm.label for arm in study.arms if arm.arm not in told]
    if nobody:
        yield f"No {study.subjects}, and no column: {'; '.join(nobody)}."
    if hidden_arms:
        yield f"Suppressed, and no column: {'; '.join(hidden_arms)}."
    if study.data_cut_off is not None:
        yield f"Data cut-off: {study.data_cut_off}."


def _of_part(part: _Part, frames: Mapping[str, pl.DataFrame], labels: Mapping[str, str]) -> Iterator[str]:
    """What belongs to one endpoint and analysis: whose estimate, what its times leave out of account, its tests, what was not estimated."""
    one = part.one
    mine = (pl.col("analysis") == one.name) & (pl.col("endpoint") == one.endpoint.endpoint)
    arms = [(arm, labels.get(arm, "All")) for arm in part.arms]
    drawn = [(arm, label) for arm, label in arms if arm != ALL]
    curves = part.cuminc if one.endpoint.competing else part.km
    said = [f"{estimator(one)} estimate"] if curves.height else []
    said += banners(one, drawn, curves.clear()) if curves.height else []  # where a curve is drawn from is of the figure alone
    tests = frames["logrank"].filter(mine).drop_nulls("p").iter_rows(named=True)
    said += [test_line(one, row, drawn, is_exact=part.is_exact) for row in tests]
    ratios = frames["cox"].filter(mine).drop_nulls("hazard_ratio").iter_rows(named=True) if "cox" in frames else ()
    said += [_ratio(row, labels, is_exact=part.is_exact) for row in ratios]
    if said:
        yield f"{named(one)}: {'; '.join(said)}."
    reasons: dict[str, list[str]] = {}
    for (arm, _), row in part.rows.items():
        if row["reason"] and arm in part.arms:
            # what an analyst may write to mend it follows the first semicolon, in the CSV file
            reasons.setdefault(row["reason"].partition("; ")[0], []).append(labels.get(arm, "All"))
    for reason, whose in reasons.items():
        yield f"{named(one)}, {', '.join(dict.fromkeys(whose))}: {reason}."


def _ratio(row: Row, labels: Mapping[str, str], *, is_exact: bool) -> str:
    ratio, lower, upper = (rounded(row[name], 2) for name in ("hazard_ratio", "lower", "upper"))
    p = f", {p_text(row['p'], is_exact=is_exact)}" if row["p"] is not None else ""
    return f"hazard ratio of {labels[row['arm']]} against {labels[row['reference']]} {ratio} ({lower} to {upper}){p}"
