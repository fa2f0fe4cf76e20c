"""Survival for sharing: curves at the study's ticks, and no number from which a count under `min_cell` could be computed.

S(t) with the numbers at risk tells how many events there were, so a survival probability counts as the number of events
up to that day: it is shown, with two decimals, exactly where that number may be shown.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass

import polars as pl

from schemas.study import CURVES, EVENT, Endpoint, Study
from warehouse.disclosure import Sums, hide
from warehouse.numbers import ALL, number_id

# Cells of one endpoint: arm, place of the time among the ticks (even between two, odd on one, None without a time), event (or, where
# one that competes came first, its name).
Cell = tuple[str, int | None, bool | str | None]
Name = tuple[str, int, str]
AT_RISK, EVENTS_TO, EVENTS, N = "at_risk", "events_to", "events", "n"
EVERYTHING = -1
# Numbers at risk give way first, then curves, events and women; the whole cohort after its arms.
COST = {AT_RISK: 0, EVENTS_TO: 1, EVENTS: 2, N: 3}
WHOLE = 10
FEW = "suppressed: an arm has few {subjects} or events"
OF_CURVE = ("survival", "se", "lower", "upper")
MEDIANS = ("median_days", "lower_days", "upper_days", "follow_up_median_days")
OF_ONE = ("min_days", "max_days", "uncertain", "widest_days")
COUNTS = ("competing_events", "cut_off_censored", "cut_off_not_begun")


@dataclass(frozen=True)
class Shown:
    """What of one endpoint may be shown: `names` (count, place, arm); days on the grid of its ticks and horizon."""

    names: frozenset[Name]
    grid: tuple[float, ...]

    def has(self, count: str, arm: str, day: float | None = None) -> bool:
        """Whether a count of an arm, up to or at a day of the grid, may be shown."""
        return (count, EVERYTHING if day is None else self.grid.index(day), arm) in self.names


def without_counts(reason: str) -> str:
    """A reason as it may be shared: without the numbers of women in it."""
    return re.sub(r"\bfor [\d,]+ of [\d,]+ ", "for some of the ", reason)


def suppress_survival(
    frames: Mapping[str, pl.DataFrame], times: Mapping[str, pl.DataFrame], study: Study, women: Mapping[str, int], open_: Collection[str]
) -> dict[str, pl.DataFrame]:
    """km, survival, at_risk and logrank for sharing.

    `times`: the counted times of each endpoint, every arm; `women`: analysed women of each arm; `open_`: arms that may be shown
    (women of other arms stand in no row).
    """
    if study.min_cell == 1:
        return dict(frames)
    shown = {e.endpoint: shown_of(times[e.endpoint], study, e, women, open_) for e in study.endpoints}
    of_open = {name: frame.filter(pl.col("arm").is_in([*open_])) for name, frame in frames.items() if name != "logrank"}
    return {
        "km": _km(of_open["km"], study, shown),
        "survival": _survival(of_open["survival"], study, shown),
        "at_risk": _at_risk(of_open["at_risk"], study, shown),
        "logrank": _logrank(frames["logrank"], study, shown),
    }


def tick_days(study: Study, endpoint: Endpoint) -> list[tuple[int, float]]:
    """Months and days of the ticks of an endpoint: up to its horizon."""
    ticks = [(months, months * float(study.days_per_month)) for months in endpoint.ticks_months or study.ticks_months]
    return [(months, days) for months, days in ticks if endpoint.horizon_days is None or days <= endpoint.horizon_days]


def tick_number(study: str, endpoint: str, months: int, arm: str) -> str:
    """number_id of a curve at a tick: it names the month, never a day on which something happened."""
    return number_id(study, "km", tick_row(endpoint, months), "survival", arm)


def tick_row(endpoint: str, months: int) -> str:
    """Row of a curve at a tick, as part of its number_id."""
    return f"as_published_{endpoint}_month_{months}"


def shown_of(times: pl.DataFrame, study: Study, endpoint: Endpoint, women: Mapping[str, int], open_: Collection[str]) -> Shown:
    """What of one endpoint may be shown; for the arguments see `suppress_survival`."""
    days = {days for _, days in tick_days(study, endpoint)} | ({float(endpoint.horizon_days)} if endpoint.horizon_days else set())
    grid = tuple(sorted(days))
    cells: dict[Cell, int] = {}
    for arm, time, is_event, cause, n in times.select("arm", "point_days", "is_event", "cause", "n").iter_rows():
        cell = (arm, _place(grid, time), cause if endpoint.competing and cause not in (None, EVENT) else is_event)
        cells[cell] = cells.get(cell, 0) + n
    inside = frozenset(cells)
    arms = sorted({arm for arm in women if arm != ALL})
    outside = {arm: (f"not {arm}", None, None) for arm in arms}
    for arm in arms:
        cells[outside[arm]] = women[arm] - sum(n for cell, n in cells.items() if cell[0] == arm)
    counted = {(count, place, arm): found for arm in open_ for count, place, found in _counts(inside, arm, endpoint, grid)}
    known = tuple(frozenset({outside[arm], *(c for c in inside if c[0] == arm)}) for arm in arms if arm in open_)
    known += (frozenset(cells),) if ALL in open_ else ()
    cost = {name: COST[name[0].partition(".")[0]] + (WHOLE if name[2] == ALL else 0) for name in counted}
    hidden = hide(Sums(cells, counted, known, cost), study.min_cell)
    return Shown(frozenset(counted.keys() - hidden), grid)


def _place(grid: tuple[float, ...], time: float | None) -> int | None:
    if time is None:
        return None
    place = bisect_left(grid, time)
    return 2 * place + (1 if place < len(grid) and grid[place] == time else 0)


def _counts(cells: frozenset[Cell], arm: str, endpoint: Endpoint, grid: tuple[float, ...]) -> Iterator[tuple[str, int, frozenset[Cell]]]:
    own = frozenset(cell for cell in cells if arm in (ALL, cell[0]))
    events = frozenset(cell for cell in own if cell[2] is True)
    others = {other.competing: frozenset(cell for cell in own if cell[2] == other.competing) for other in endpoint.competing}
    yield N, EVERYTHING, own
    if endpoint.horizon_days is None or "median_observed_time" in endpoint.estimators:
        yield EVENTS, EVERYTHING, events
        for name, met in others.items():
            yield f"{EVENTS}.{name}", EVERYTHING, met
    if endpoint.is_curve:
        for number in range(len(grid)):
            tick = 2 * number + 1
            yield AT_RISK, number, frozenset(cell for cell in own if cell[1] is not None and cell[1] >= tick)
            yield EVENTS_TO, number, _by(events, tick)
            for name, met in others.items():
                yield f"{EVENTS_TO}.{name}", number, _by(met, tick)


def _by(cells: frozenset[Cell], tick: int) -> frozenset[Cell]:
    return frozenset(cell for cell in cells if cell[1] is not None and cell[1] <= tick)


def _km(curves: pl.DataFrame, study: Study, shown: Mapping[str, Shown]) -> pl.DataFrame:
    rows: list[dict[str, object]] = []
    for (endpoint, arm), curve in curves.group_by("endpoint", "arm", maintain_order=True):
        of_endpoint = next(e for e in study.endpoints if e.endpoint == endpoint)
        rows += _at_ticks(curve, study, of_endpoint, str(arm), shown[of_endpoint.endpoint])
    return pl.DataFrame(rows, schema=curves.schema)


def _at_ticks(curve: pl.DataFrame, study: Study, endpoint: Endpoint, arm: str, shown: Shown) -> Iterator[dict[str, object]]:
    """The curve at each tick it reaches; events since the tick before."""
    whole = curve.sort("days", maintain_order=True).with_columns(to=pl.col("events").cum_sum())
    last, before, was_shown = float(whole["days"].max()), 0, True  # type: ignore[arg-type]  # a Float64 column
    for months, days in tick_days(study, endpoint):
        if days > last:
            return
        step = whole.filter(pl.col("days") <= days).row(-1, named=True)
        later = whole.filter(pl.col("days") >= days).row(0, named=True)
        is_shown = shown.has(EVENTS_TO, arm, days)
        counts = {
            "days": days,
            "at_risk": later["at_risk"] if shown.has(AT_RISK, arm, days) else None,
            "events": step["to"] - before if is_shown and was_shown else None,
            "censored": None,
        }
        values = {name: rounded(step[name]) if is_shown else None for name in OF_CURVE}
        name = tick_number(study.study, endpoint.endpoint, months, arm)
        yield {key: step[key] for key in ("analysis", "endpoint", "arm", "ci")} | counts | values | {"number_id": name}
        before, was_shown = step["to"], is_shown


def rounded(value: float | None) -> float | None:
    """A probability as it is shared: with two decimals."""
    return None if value is None else round(value, 2)


def _at_risk(at_risk: pl.DataFrame, study: Study, shown: Mapping[str, Shown]) -> pl.DataFrame:
    is_shown = [
        shown[r["endpoint"]].has(AT_RISK, r["arm"], r["months"] * float(study.days_per_month)) for r in at_risk.iter_rows(named=True)
    ]
    return at_risk.with_columns(pl.when(pl.Series(is_shown, dtype=pl.Boolean)).then("at_risk").alias("at_risk"))


def _survival(survival: pl.DataFrame, study: Study, shown: Mapping[str, Shown]) -> pl.DataFrame:
    """Summaries stand only beside shown women and events; what is one woman's own time, or counts other cells, never."""
    endpoints = {endpoint.endpoint: endpoint for endpoint in study.endpoints}
    rows = []
    for row in survival.iter_rows(named=True):
        of, arm = shown[row["endpoint"]], row["arm"]
        horizon = endpoints[row["endpoint"]].horizon_days
        is_curve = row["estimator"] in CURVES
        n, at_horizon = of.has(N, arm), horizon is None or of.has(EVENTS_TO, arm, float(horizon))
        events = at_horizon if is_curve and horizon is not None else of.has(EVENTS, arm)
        # Those who are cut, and those who have not begun, are counted beside other cells; what competes stands in cuminc.csv.
        hidden = {*OF_ONE, *COUNTS, *(() if n else ("n",)), *(() if events else ("events",))}
        hidden |= set() if n and events else {*MEDIANS, "horizon_survival", "horizon_lower", "horizon_upper"}
        exact = {name: rounded(row[name]) for name in ("horizon_survival", "horizon_lower", "horizon_upper")}
        reason = without_counts(row["reason"] or "") or ("" if n and events else FEW.format(subjects=study.subjects))
        rows.append(row | exact | dict.fromkeys(hidden) | {"reason": reason})
    return pl.DataFrame(rows, schema=survival.schema)


def _logrank(tests: pl.DataFrame, study: Study, shown: Mapping[str, Shown]) -> pl.DataFrame:
    """Tests between arms whose events are shown, with as many digits as a journal prints."""
    rows = []
    horizons = {endpoint.endpoint: endpoint.horizon_days for endpoint in study.endpoints}
    for row in tests.iter_rows(named=True):
        of, horizon = shown[row["endpoint"]], horizons[row["endpoint"]]
        count, day = (EVENTS, None) if horizon is None else (EVENTS_TO, float(horizon))
        is_shown = all(of.has(N, arm) and of.has(count, arm, day) for arm in row["arms"].split(", "))
        p = None if row["p"] is None else float(f"{row['p']:.2g}")
        values = {"chi_square": rounded(row["chi_square"]), "p": p, "reason": without_counts(row["reason"] or "")}
        few = {"chi_square": None, "df": None, "p": None, "method": "", "reason": FEW.format(subjects=study.subjects)}
        rows.append(row | (values if is_shown else few))
    return pl.DataFrame(rows, schema=tests.schema)
