"""The last look at curves that are to be shared: whether S(t) and the medians, beside the counts, leave a small cell no room.

Each curve is looked at as its reader sees it, from the files themselves, in every analysis. Where it tells (`suppressing.orders`) its
medians go, as few of them as will do, and where that is not enough the last of its points.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

import polars as pl

from schemas.study import AS_PUBLISHED, LANDMARK, Endpoint, Study
from warehouse.suppressing.analyses import AT_RISK, EVENTS, EVENTS_TO, EVERYTHING, Count, Key, Shown, tick_days
from warehouse.suppressing.medians import CURVE_OF as MEDIANS
from warehouse.suppressing.medians import NEVER, facts
from warehouse.suppressing.order_states import Arm, Seen, Segment
from warehouse.suppressing.orders import tells

PRINTED = ("survival", "se", "lower", "upper")
Row = Mapping[str, object]
# Analysis, endpoint and arm.
OfArm = tuple[str, str, str]


@dataclass(frozen=True)
class Told:
    """What of some curves may not stand. `medians`: columns of survival.csv by curve; `points`: by curve the first day without a value."""

    medians: Mapping[OfArm, frozenset[str]]
    points: Mapping[OfArm, float]


@dataclass(frozen=True)
class Curve:
    """One curve of an arm. `exact`: its rows of km.csv before anything is hidden; `at_risk`: the women at risk by day, exact; `points`: its
    points as they are to be shared, by day; `row`: its row of survival.csv, likewise."""

    exact: Sequence[tuple[float, int, int]]
    at_risk: Mapping[float, int]
    points: Mapping[float, tuple[float | None, ...]]
    row: Row
    n: int


def told_by_orders(
    exact: Mapping[str, pl.DataFrame], shared: Mapping[str, pl.DataFrame], study: Study, of: Mapping[Key, tuple[Endpoint, Shown]]
) -> Told:
    """What is to be hidden in km.csv and survival.csv. `of`: of each analysis and endpoint the endpoint, its horizon counted from where
    its time begins, and what is shown of it."""
    medians, points = dict[OfArm, frozenset[str]](), dict[OfArm, float]()
    for key, curve in _curves(exact, shared, study):
        endpoint, shown = of[key[:2]]
        arm = _arm(curve, study, endpoint, shown, key)
        true = _true(curve, [tick.days for tick in arm.ticks], endpoint) if arm else None
        if arm is None or true is None or not tells(arm, true, study.min_cell):
            continue
        bare = replace(arm, medians={})
        while tells(bare, true, study.min_cell):
            points[key] = next(tick.days for tick in reversed(bare.ticks) if tick.printed)
            bare = replace(bare, ticks=tuple(replace(one, printed=()) if one.days >= points[key] else one for one in bare.ticks))
        bare = replace(bare, medians=arm.medians)
        kept = _kept(bare, true, study.min_cell) if tells(bare, true, study.min_cell) else {*arm.medians}
        medians[key] = frozenset(arm.medians.keys() - kept)
    return Told(medians, points)


def _kept(arm: Arm, true: Sequence[Segment], min_cell: int) -> set[str]:
    """The medians that may stand, the most useful first. Where one is hidden nobody sees any more which are not reached."""
    kept = dict[str, float]()
    for name in (name for name in MEDIANS if arm.medians.get(name, NEVER) != NEVER):
        more = kept | {name: arm.medians[name]}
        kept = kept if tells(replace(arm, medians=more), true, min_cell) else more
    return {*kept}


def _curves(exact: Mapping[str, pl.DataFrame], shared: Mapping[str, pl.DataFrame], study: Study) -> Iterator[tuple[OfArm, Curve]]:
    """The curves of which women are shown."""
    by = ("analysis", "endpoint", "arm")
    rows = dict(exact["km"].group_by(by, maintain_order=True))
    points, risks = (dict(frame.group_by(by)) for frame in (shared["km"], exact["at_risk"]))
    for row in shared["survival"].filter(pl.col("estimator") == "kaplan_meier", pl.col("n").is_not_null()).iter_rows(named=True):
        key = str(row["analysis"]), str(row["endpoint"]), str(row["arm"])
        if key in rows and key in points:
            at_risk = {months * float(study.days_per_month): n for months, n in risks[key].select("months", "at_risk").iter_rows()}
            told = {days: tuple(values) for days, *values in points[key].select("days", *PRINTED).iter_rows() if values[0] is not None}
            yield key, Curve([*rows[key].select("days", "events", "censored").iter_rows()], at_risk, told, row, int(row["n"]))


def _arm(curve: Curve, study: Study, endpoint: Endpoint, shown: Shown, key: OfArm) -> Arm | None:
    """What a reader knows; None where all counts are shown."""
    arm, horizon = key[2], endpoint.horizon_days
    ticks = [days for _, days in tick_days(study, endpoint) if days]
    seen = []
    for days in (days for days in shown.grid if days):
        left = curve.at_risk.get(days) if days in ticks and shown.has(AT_RISK, arm, days) else None
        events = sum(n for day, n, _ in curve.exact if day <= days) if shown.has(EVENTS_TO, arm, days) else None
        seen.append(Seen(days, left, events, curve.points.get(days, _at_horizon(curve.row) if days == horizon else ())))
    if all(one.left is not None and one.events is not None for one in seen):
        return None
    is_late = key[0] not in (AS_PUBLISHED, LANDMARK)
    start = curve.n if not is_late else curve.at_risk[0.0] if shown.has(AT_RISK, arm, 0.0) else None
    all_events = sum(n for _, n, _ in curve.exact) if Count(EVENTS, EVERYTHING, arm) in shown.names and horizon is None else None
    medians = {name: days for name, days in facts(curve.row).items() if not (is_late and name == "follow_up_median_days")}
    return Arm(curve.n, start, tuple(seen), all_events, medians, study.confidence_interval, is_late)


def _at_horizon(row: Row) -> tuple[float | None, ...]:
    values = [row["horizon_survival"], None, row["horizon_lower"], row["horizon_upper"]]
    return () if values[0] is None else tuple(None if one is None else float(str(one)) for one in values)


def _true(curve: Curve, days: Collection[float], endpoint: Endpoint) -> list[Segment] | None:
    """What came in each segment, and after the last tick; None where somebody leaves on a tick and is at risk on it and gone by it."""
    horizon, gone = endpoint.horizon_days, [one for one in curve.exact if one[1] or one[2]]
    left = [(day, events, 0 if day == horizon else censored) for day, events, censored in gone]
    if any(day in days and (events or censored) for day, events, censored in left):
        return None
    made, there, waiting = list[Segment](), curve.at_risk[0.0], curve.n - curve.at_risk[0.0]
    for after, to in pairwise((0.0, *days, float("inf"))):
        inside = [(events, censored) for day, events, censored in left if after < day <= to]
        events, censored = sum(n for n, _ in inside), sum(n for _, n in inside)
        entered = max(0, curve.at_risk[to] - (there - events - censored)) if to in curve.at_risk else waiting
        made.append((events, censored, entered))
        there, waiting = there + entered - events - censored, waiting - entered
    return made if horizon is None else [*made[:-1], (0, 0, 0)]
