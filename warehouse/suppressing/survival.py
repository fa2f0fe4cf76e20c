"""Survival for sharing: curves at the study's ticks, and no number from which a count under `min_cell` could be computed.

S(t) with the numbers at risk tells how many events there were, so a survival probability counts as the number of events
up to that day: it is shown, with two decimals, exactly where that number may be shown.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from math import inf
from typing import NamedTuple

import polars as pl

from schemas.study import AS_PUBLISHED, CURVES, Endpoint, Study
from warehouse.summary import two_digits
from warehouse.suppressing.analyses import (
    AT_RISK,
    EVENTS,
    EVENTS_TO,
    HAVE,
    LEFT_OUT,
    MAY_HAVE,
    Key,
    N,
    Published,
    Shown,
    rounded,
    shares_envelope,
    shown_together,
)
from warehouse.suppressing.by_orders import OfArm, told_by_orders
from warehouse.suppressing.endpoint import shown_of
from warehouse.suppressing.medians import CURVE_OF as MEDIANS
from warehouse.suppressing.medians import Medians
from warehouse.suppressing.ticks import KM, each_curve
from warehouse.survival.analyses import analysis

# Files with one row per comparison.
COMPARED = ("logrank", "cox")
REFUSED = "refused: "
FEW = "suppressed: an arm has few {subjects} or events"
ORDER = "suppressed: beside the numbers at the ticks it would tell of few {subjects}"
TOLD = "suppressed: beside the numbers at the ticks a median would tell of few {subjects}"
# Of more women chi-squares of so many orders are alike that none tells.
MOST_ORDERED = 60
AT_HORIZON = ("horizon_survival", "horizon_lower", "horizon_upper")
OF_ONE = ("min_days", "max_days", "uncertain", "widest_days", "from_days")
COUNTS = ("competing_events", "cut_off_censored", "cut_off_not_begun", "among_unknown")


class Ordered(NamedTuple):
    """Of a curve the women, the day of the last event (None: no event), and the first on which somebody is censored (None: nobody is)."""

    n: int
    last: float | None
    first: float | None


# Of a curve that was not estimated.
NOT_ORDERED = Ordered(MOST_ORDERED + 1, None, None)


def without_counts(reason: str) -> str:
    """A reason as it may be shared: without the numbers of women in it."""
    return re.sub(r"\bfor [\d,]+ of [\d,]+ ", "for some of the ", reason)


def suppress_survival(
    frames: Mapping[str, pl.DataFrame], study: Study, open_: Collection[str], shown: Mapping[Key, Shown]
) -> dict[str, pl.DataFrame]:
    """km, survival, at_risk, logrank and cox for sharing. `open_`: arms that may be shown (women of other arms stand in no row)."""
    if study.min_cell == 1:
        return dict(frames)
    of_open = {name: frame.filter(pl.col("arm").is_in([*open_])) for name, frame in frames.items() if name not in COMPARED}
    ordered = _ordered(frames["survival"], frames["km"])
    shared = {
        "km": _km(of_open["km"], of_open["at_risk"], study, shown),
        "survival": _survival(of_open["survival"], study, shown),
        "at_risk": _at_risk(of_open["at_risk"], study, shown),
        "logrank": _logrank(frames["logrank"], study, shown, ordered),
    }
    shared |= _without_told(frames, shared, study, shown)
    shared |= {"envelope": _envelope(of_open["envelope"], study, shown)} if "envelope" in frames else {}
    return shared | ({"cox": _cox(frames["cox"], study, shown, ordered)} if "cox" in frames else {})


def _without_told(
    frames: Mapping[str, pl.DataFrame], shared: Mapping[str, pl.DataFrame], study: Study, shown: Mapping[Key, Shown]
) -> dict[str, pl.DataFrame]:
    """km and survival without what the order in which women have gone tells."""
    told = told_by_orders(frames, shared, study, {key: (endpoint_of(study, key), of) for key, of in shown.items()})
    points = [
        row | (dict.fromkeys(KM.values) if row["days"] >= told.points.get(_of_arm(row), float("inf")) else {})
        for row in shared["km"].iter_rows(named=True)
    ]
    rows = []
    for row in shared["survival"].iter_rows(named=True):
        is_curve = row["estimator"] in CURVES
        hidden = told.medians.get(_of_arm(row), frozenset()) if is_curve else frozenset()
        ended = is_curve and _of_arm(row) in told.points
        reason = {"reason": row["reason"] or TOLD.format(subjects=study.subjects)} if hidden else {}
        rows.append(row | reason | dict.fromkeys((*hidden, *(AT_HORIZON if ended else ()))))
    schemas = (shared["km"].schema, shared["survival"].schema)
    return {"km": pl.DataFrame(points, schema=schemas[0]), "survival": pl.DataFrame(rows, schema=schemas[1])}


def _of_arm(row: Mapping[str, str]) -> tuple[str, str, str]:
    return row["analysis"], row["endpoint"], row["arm"]


def all_shown(
    times: Mapping[str, pl.DataFrame],
    study: Study,
    women: Mapping[str, int],
    open_: Collection[str],
    *,
    together: Mapping[str, pl.DataFrame],
    published: Mapping[str, Published],
) -> dict[Key, Shown]:
    """What may be shown of each endpoint of `times` in each analysis: as published first, then the others beside it.

    `times`: the counted times of each endpoint, every arm; `women`: analysed women of each arm; `open_`: arms that may be shown;
    `together`: of each endpoint that has other analyses its women by where they stand in all; `published`: what each endpoint shows
    as published.
    """
    found: dict[Key, Shown] = {}
    for endpoint in (one for one in study.endpoints if one.endpoint in times):
        name = endpoint.endpoint
        found[AS_PUBLISHED, name] = shown_of(times[name], study, endpoint, women, open_, shown=published[name].shown)
        if name in together:
            found |= shown_together(together[name], study, (endpoint, published[name]), women, open_)
    return found


def _envelope(rows: pl.DataFrame, study: Study, shown: Mapping[Key, Shown]) -> pl.DataFrame:
    """Bounds at the ticks at which the curve may be shown, each where its events may be; their kind alone would tell of open dates."""
    made = []
    for row in rows.iter_rows(named=True):
        of, arm, days = shown[row["analysis"], row["endpoint"]], row["arm"], row["days"]
        is_shown = shares_envelope(study) and of.has_curve(arm, days)
        lower = rounded(row["lower"]) if is_shown and of.has(MAY_HAVE, arm, days) else None
        upper = rounded(row["upper"]) if is_shown and of.has(HAVE, arm, days) else None
        made.append(row | {"lower": lower, "upper": upper, "bounds": row["bounds"] if is_shown else None})
    return pl.DataFrame(made, schema=rows.schema)


def endpoint_of(study: Study, key: Key) -> Endpoint:
    """The endpoint of an analysis, its horizon counted from where its time begins."""
    found = analysis(study, key[0], next(one for one in study.endpoints if one.endpoint == key[1]))
    assert found is not None
    return found.endpoint


def _km(curves: pl.DataFrame, at_risk: pl.DataFrame, study: Study, shown: Mapping[Key, Shown]) -> pl.DataFrame:
    rows: list[dict[str, object]] = []
    for key, curve, there in each_curve(curves, at_risk):
        rows += KM.at_ticks(curve, there, study, endpoint_of(study, key), shown[key])
    return pl.DataFrame(rows, schema=curves.schema)


def _at_risk(at_risk: pl.DataFrame, study: Study, shown: Mapping[Key, Shown]) -> pl.DataFrame:
    is_shown = [
        shown[r["analysis"], r["endpoint"]].has(AT_RISK, r["arm"], r["months"] * float(study.days_per_month))
        for r in at_risk.iter_rows(named=True)
    ]
    return at_risk.with_columns(pl.when(pl.Series(is_shown, dtype=pl.Boolean)).then("at_risk").alias("at_risk"))


def _survival(survival: pl.DataFrame, study: Study, shown: Mapping[Key, Shown]) -> pl.DataFrame:
    """Summaries stand only beside shown women and events; what is one woman's own time, or counts other cells, never."""
    rows = []
    medians = {key: Medians(of, endpoint_of(study, key), study.min_cell) for key, of in shown.items()}
    for row in survival.iter_rows(named=True):
        key, arm = (row["analysis"], row["endpoint"]), row["arm"]
        of, horizon = shown[key], endpoint_of(study, key).horizon_days
        is_curve = row["estimator"] in CURVES
        n, at_horizon = of.has(N, arm), horizon is None or of.has(EVENTS_TO, arm, float(horizon))
        events = at_horizon if is_curve and horizon is not None else of.has(EVENTS, arm)
        is_shown = n and events
        # Those who are cut, and those who have not begun, are counted beside other cells; what competes stands in cuminc.csv.
        hidden = {*OF_ONE, *COUNTS, *(() if n else ("n",)), *(() if events else ("events",))}
        told = medians[key].hidden(row) if is_shown else set(MEDIANS)
        hidden |= told
        hidden |= set() if is_shown and (horizon is None or not is_curve or of.has_curve(arm, float(horizon))) else set(AT_HORIZON)
        hidden |= set() if of.has(LEFT_OUT, arm) else {"left_out", "left_out_reason"}
        exact = {name: rounded(row[name]) for name in AT_HORIZON}
        suppressed = "" if is_shown and not told else (TOLD if is_shown else FEW).format(subjects=study.subjects)
        said = {
            "reason": without_counts(row["reason"] or "") or suppressed,
            "left_out_reason": without_counts(row["left_out_reason"] or ""),
        }
        rows.append(row | exact | said | dict.fromkeys(hidden))
    return pl.DataFrame(rows, schema=survival.schema)


def _logrank(tests: pl.DataFrame, study: Study, shown: Mapping[Key, Shown], ordered: Mapping[OfArm, Ordered]) -> pl.DataFrame:
    """Tests between arms whose events are shown, with as many digits as a journal prints."""
    rows = []
    for row in tests.iter_rows(named=True):
        values = {"chi_square": rounded(row["chi_square"]), "p": two_digits(row["p"]), "reason": without_counts(row["reason"] or "")}
        few = {"chi_square": None, "df": None, "p": None, "method": "", "reason": _why(row, study, shown, ordered)}
        rows.append(row | (values if _are_shown(row, study, shown, ordered) else few))
    return pl.DataFrame(rows, schema=tests.schema)


def _cox(ratios: pl.DataFrame, study: Study, shown: Mapping[Key, Shown], ordered: Mapping[OfArm, Ordered]) -> pl.DataFrame:
    """Hazard ratios between arms whose events are shown; their logarithms and standard errors would tell more digits of the same."""
    rows = []
    for row in ratios.iter_rows(named=True):
        values = {name: rounded(row[name]) for name in ("hazard_ratio", "lower", "upper")} | {"p": two_digits(row["p"])}
        told = values | {"reason": without_counts(row["reason"] or "")}
        few = dict.fromkeys(values) | {"ties": "", "reason": _why(row, study, shown, ordered)}
        rows.append(row | {"coefficient": None, "se": None} | (told if _are_shown(row, study, shown, ordered) else few))
    return pl.DataFrame(rows, schema=ratios.schema)


def _why(row: Mapping[str, str], study: Study, shown: Mapping[Key, Shown], ordered: Mapping[OfArm, Ordered]) -> str:
    """Why a comparison is not shown: of a refused study its refusal, of which nothing is hidden, for it has no numbers."""
    if (row["reason"] or "").startswith(REFUSED):
        return row["reason"]
    is_few = not _are_counts_shown(row, study, shown)
    return (FEW if is_few or not _tells_order(row, shown, ordered) else ORDER).format(subjects=study.subjects)


def _are_shown(row: Mapping[str, str], study: Study, shown: Mapping[Key, Shown], ordered: Mapping[OfArm, Ordered]) -> bool:
    """Whether women and events of every arm of a comparison are shown, and the comparison tells nothing of a tick that is hidden."""
    return _are_counts_shown(row, study, shown) and not _tells_order(row, shown, ordered)


def _are_counts_shown(row: Mapping[str, str], study: Study, shown: Mapping[Key, Shown]) -> bool:
    key = row["analysis"], row["endpoint"]
    of, horizon = shown[key], endpoint_of(study, key).horizon_days
    count, day = (EVENTS, None) if horizon is None else (EVENTS_TO, float(horizon))
    return all(of.has(N, arm) and of.has(count, arm, day) for arm in row["arms"].split(", "))


def _ordered(survival: pl.DataFrame, km: pl.DataFrame) -> dict[OfArm, Ordered]:
    """Of each curve its women, the day of its last event, and the first on which somebody is censored, at a horizon too."""
    by = ("analysis", "endpoint", "arm")
    days = km.group_by(by).agg(last=_days("events").max(), first=_days("censored").min())
    curves = survival.filter(pl.col("estimator").is_in([*CURVES])).join(days, on=by).select(*by, "n", "last", "first")
    return {(name, endpoint, arm): Ordered(*of) for name, endpoint, arm, *of in curves.iter_rows()}


def _days(of: str) -> pl.Expr:
    return pl.col("days").filter(pl.col(of) > 0)


def _tells_order(row: Mapping[str, str], shown: Mapping[Key, Shown], ordered: Mapping[OfArm, Ordered]) -> bool:
    """Whether a comparison tells, of few women, how many of an arm are left at a tick of which a count is hidden.

    Where nobody is censored before the last event a chi-square is made of nothing but the order of the women of the arms: of 6 and 7 women
    two decimals of it leave few of 1,716 orders, and beside the numbers at risk of all every hidden one of an arm is told.
    """
    of, arms = shown[row["analysis"], row["endpoint"]], row["arms"].split(", ")
    curves = [ordered.get((row["analysis"], row["endpoint"], arm), NOT_ORDERED) for arm in arms]
    last, first = max(one.last or 0.0 for one in curves), min(inf if one.first is None else one.first for one in curves)
    if first < last or sum(one.n for one in curves) > MOST_ORDERED:
        return False
    return not all(of.has(count, arm, day) for arm in arms for day in of.grid for count in (AT_RISK, EVENTS_TO))
