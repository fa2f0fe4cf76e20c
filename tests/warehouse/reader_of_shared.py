"""What a reader of `share/` can tell of a hidden count, who takes all tables of a study together and has a linear program.

The women are divided by everything that the study of `test_attack` says of them: arm, stage, and when and how their time ended. Every
number shown is a sum of such cells, so a reader knows how large a hidden one can be. Nothing here is taken from what hides them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from itertools import pairwise, product
from pathlib import Path
from typing import NamedTuple

import numpy as np
import polars as pl
from scipy.optimize import linprog

ARMS, STAGES = ("operated", "recurred", "rest"), ("I", "IIB", "IIIA", "missing")
# Days on which something is counted: the ticks, and the horizon of one endpoint; between two of them a time is at half of their sum.
DAYS = (0, 360, 720, 1000, 1080)
TIMES = (*DAYS, *((one + other) / 2 for one, other in pairwise((*DAYS, 9999))))
HORIZON = {"survival": 1000, "among": 9999}


class Women(NamedTuple):
    """A cell. `time`: None where nobody followed them."""

    arm: str
    stage: str
    time: float | None
    is_dead: bool


CELLS = [Women(*one) for one in product(ARMS, STAGES, (*TIMES, None), (False, True)) if one[2] is not None or not one[3]]
Name = tuple[object, ...]
Counts = dict[Name, tuple[frozenset[Women], float | None]]


def of(arm: object, when: Callable[[Women], bool] = lambda _: True) -> frozenset[Women]:
    """The cells of an arm, or of all, that meet a condition."""
    return frozenset(one for one in CELLS if arm in ("all", one.arm) and when(one))


def staged(arm: object, *stages: object) -> frozenset[Women]:
    """Those of some stages."""
    return of(arm, lambda one: one.stage in stages)


def timed(endpoint: object, arm: object, when: Callable[[float, bool], bool]) -> frozenset[Women]:
    """Those with a time of an endpoint, which `among` is for stage I alone."""
    return of(arm, lambda one: one.time is not None and (endpoint == "survival" or one.stage == "I") and when(one.time, one.is_dead))


def at_risk(endpoint: object, arm: object, day: float) -> frozenset[Women]:
    """Those still followed on a day."""
    return timed(endpoint, arm, lambda time, _: time >= day)


def dead(endpoint: object, arm: object, after: float, to: float) -> frozenset[Women]:
    """Those who died after a day, up to another."""
    return timed(endpoint, arm, lambda time, is_dead: is_dead and after < time <= to)


def _rows(release: Path, side: str, name: str) -> list[dict[str, object]]:
    return pl.read_csv(release / side / "studies" / "small" / f"{name}.csv", infer_schema_length=None).rows(named=True)


def counts(release: Path, side: str) -> Counts:
    """By name each count of analysed women that the files hold, and what it says (None: hidden)."""
    found = [*_cohort(release, side), *_table_1(release, side), *_survival(release, side), *_curves(release, side)]
    return {name: (cells, None if value is None else float(str(value))) for name, cells, value in found}


def _cohort(release: Path, side: str) -> Iterator[tuple[Name, frozenset[Women], object]]:
    for row in _rows(release, side, "cohort_counts"):
        if row["step"] in ("analysed", "rest.early"):
            stages = ("I",) if row["step"] == "rest.early" else STAGES
            yield ("cohort", row["step"], row["arm"]), staged(row["arm"], *stages), row["n"]


def _table_1(release: Path, side: str) -> Iterator[tuple[Name, frozenset[Women], object]]:
    stage = [row for row in _rows(release, side, "table_1") if row["variable"] == "stage"]
    n = {(row["level"], row["arm"]): row["value"] for row in stage if row["statistic"] == "n"}
    for row in stage:
        level, arm, value = row["level"] or "missing", row["arm"], row["value"]
        if row["statistic"] != "percent":
            yield ("table_1", level, arm), staged(arm, level), value
        elif value and n[row["level"], arm]:  # a percentage beside its count tells of how many it is
            yield ("known", level, arm), staged(arm, *STAGES[:-1]), 100 * float(str(n[row["level"], arm])) / float(str(value))


def _survival(release: Path, side: str) -> Iterator[tuple[Name, frozenset[Women], object]]:
    for row in _rows(release, side, "survival"):
        endpoint, arm, curve = str(row["endpoint"]), row["arm"], row["estimator"] == "kaplan_meier"
        yield ("n", endpoint, arm, curve), timed(endpoint, arm, lambda _, __: True), row["n"]
        yield ("events", endpoint, arm, curve), dead(endpoint, arm, -1, HORIZON[endpoint] if curve else 9999), row["events"]


def _curves(release: Path, side: str) -> Iterator[tuple[Name, frozenset[Women], object]]:
    """Women at risk at the ticks; where S(t) is shown, as many events as the exact curve has up to then, as if it told them."""
    for row in _rows(release, side, "at_risk"):
        endpoint, arm, day = row["endpoint"], row["arm"], 30 * int(str(row["months"]))
        yield ("at_risk", endpoint, arm, day), at_risk(endpoint, arm, day), row["at_risk"]
    exact = _rows(release, "internal", "km")
    shared = {(r["endpoint"], r["arm"], float(str(r["days"]))): r for r in _rows(release, "share", "km")}
    told = {of for of, row in shared.items() if row["survival"] is not None}
    for endpoint, arm in dict.fromkeys((str(row["endpoint"]), row["arm"]) for row in exact):
        steps = [(float(str(r["days"])), int(str(r["events"]))) for r in exact if (r["endpoint"], r["arm"]) == (endpoint, arm)]
        ticks = [day for day in (-1, 0, 360, 720, 1080) if day <= HORIZON[endpoint]]
        for before, day in pairwise(ticks):
            to, since = (sum(n for at, n in steps if after < at <= day) for after in (-1, before))
            is_told = side == "internal" or (endpoint, arm, day) in told
            yield ("events to", endpoint, arm, day), dead(endpoint, arm, -1, day), to if is_told else None
            beside = since if side == "internal" else shared.get((endpoint, arm, day), {}).get("events")
            yield ("events since", endpoint, arm, day), dead(endpoint, arm, before, day), beside


EPSILON = 1e-9
# Cells that hold no more than so many.
AtMost = tuple[frozenset[Women], float]


def medians(release: Path) -> list[AtMost]:
    """What medians, their limits and the median follow-up tell of the ticks: whether half had left by then, in which way, or not.

    Where nobody is censored S(t) is greatest for so many events, and least for so many who are left. A median that is the middle of two
    days (S(t) is one half between them) may lie after a tick of one half.
    """
    found: list[AtMost] = []
    for row in (row for row in _rows(release, "share", "survival") if row["n"]):
        endpoint, arm, n = str(row["endpoint"]), row["arm"], int(str(row["n"]))
        for column, convention in (("median_days", 0), ("lower_days", -1), ("upper_days", 1), ("follow_up_median_days", 0)):
            for day in (day for day in DAYS if row[column] is not None and day <= HORIZON[endpoint]):
                if day >= float(str(row[column])):
                    most = max(left for left in range(n + 1) if _limit(left, n, convention) <= 0.5 + EPSILON)
                    found.append((timed(endpoint, arm, lambda time, _, day=day: time > day), most))
                else:
                    most = max(n - left for left in range(n + 1) if _limit(left, n, convention) >= 0.5 - EPSILON)
                    found.append((_gone(row, column, day), most))
    return found


def _gone(row: dict[str, object], column: str, day: float) -> frozenset[Women]:
    """Those who left before a tick in the way that a median counts: by death, by censoring (for the follow-up), or either."""
    if row["estimator"] != "kaplan_meier":
        return timed(row["endpoint"], row["arm"], lambda time, _: time < day)
    is_follow_up = column == "follow_up_median_days"
    return timed(row["endpoint"], row["arm"], lambda time, is_dead: time <= day - is_follow_up * EPSILON and is_dead != is_follow_up)


def _limit(left: int, n: int, convention: int) -> float:
    """S(t), or its limit under the convention `log`, where so many of n are left and nobody was censored."""
    return left / n * float(np.exp(convention * 1.959964 * np.sqrt((n - left) / (n * left)))) if left else 0.0


def narrow(shown: Counts, exact: Counts, min_cell: int, at_most: Sequence[AtMost] = ()) -> dict[Name, float]:
    """The hidden counts under `min_cell` of which a reader can tell that they are, with the most that each can be.

    `at_most`: what else is known.
    """
    told = [(cells, value) for cells, value in shown.values() if value is not None]
    place = {cell: number for number, cell in enumerate(CELLS)}

    def row(cells: frozenset[Women]) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
        made = np.zeros(len(CELLS))
        made[[place[cell] for cell in cells]] = 1
        return made

    bounds, limits = (np.array([row(few) for few, _ in at_most]), np.array([most for _, most in at_most])) if at_most else (None, None)
    matrix, totals = np.array([row(cells) for cells, _ in told]), np.array([value for _, value in told])
    small = {name: cells for name, (cells, n) in exact.items() if n is not None and 0 < n < min_cell and not _is_shown(shown, name)}
    most: dict[Name, float] = {}
    for name, cells in small.items():
        found = linprog(-row(cells), A_ub=bounds, b_ub=limits, A_eq=matrix, b_eq=totals, bounds=(0, None))
        assert found.status in (0, 3), "what is shown adds up"
        most[name] = -found.fun if found.status == 0 else np.inf
    return {name: n for name, n in most.items() if n < min_cell - 1e-6}


def _is_shown(shown: Counts, name: Name) -> bool:
    return shown.get(name, (None, None))[1] is not None
