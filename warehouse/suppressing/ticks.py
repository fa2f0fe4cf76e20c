"""A curve for sharing: its values at the ticks of the study, each where the counts that it tells of may be shown."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import polars as pl

from schemas.study import EVENT, Endpoint, Study
from warehouse.numbers import number_id
from warehouse.suppressing.analyses import AT_RISK, EVENTS_TO, Key, Shown, causes_of, counted_as, rounded, tick_days


@dataclass(frozen=True)
class CurveFile:
    """What one file of curves has in a row: the columns that name the curve (`keys`), and its estimate with its bounds (`values`).

    `begun`: what says, where nobody is at risk at a tick, that the time of the arm has begun: before, nothing is known.
    """

    table: str
    keys: tuple[str, ...]
    values: tuple[str, ...]
    begun: tuple[str, ...]

    @property
    def by_cause(self) -> bool:
        """Whether an arm has a curve for each cause, which tells the events of every cause."""
        return "cause" in self.keys

    def at_ticks(
        self, curve: pl.DataFrame, at_risk: Mapping[int, int], study: Study, endpoint: Endpoint, shown: Shown
    ) -> Iterator[dict[str, object]]:
        """One row per tick that the curve (of one arm, and one cause) reaches, with the events since the tick before.

        What may not be shown is null, and so is the estimate before anybody is at risk. Where it may not be shown how many are left, a
        row that is not there would tell that nobody is. `at_risk`: women of the arm by month.
        """
        arm, cause = str(curve["arm"][0]), str(curve["cause"][0]) if self.by_cause else EVENT
        causes = causes_of(endpoint) if self.by_cause else (EVENT,)
        whole = curve.sort("days", maintain_order=True).with_columns(to=pl.col("events").cum_sum())
        last, before, was_shown = float(whole["days"].max()), 0, True  # type: ignore[arg-type]  # a Float64 column
        for months, days in tick_days(study, endpoint):
            if days > last and shown.has(AT_RISK, arm, days):
                return
            step = whole.filter(pl.col("days") <= days).row(-1, named=True)
            is_shown = shown.has(counted_as(cause, EVENTS_TO), arm, days)
            is_begun = bool(at_risk[months] or any(step[name] for name in self.begun))
            still = at_risk[months] if shown.has(AT_RISK, arm, days) else None
            events = step["to"] - before if is_shown and was_shown else None
            is_known = is_begun and shown.has_curve(arm, days, causes)
            values = {name: rounded(step[name]) if is_known else None for name in self.values}
            row = tick_row(step["analysis"], f"{endpoint.endpoint}_{cause}" if self.by_cause else endpoint.endpoint, months)
            named = {"number_id": number_id(study.study, self.table, row, self.values[0], arm)}
            counts = {"days": days, "at_risk": still, "events": events, "censored": None}
            yield {key: step[key] for key in self.keys} | counts | values | named
            before, was_shown = step["to"], is_shown


KM = CurveFile("km", ("analysis", "endpoint", "arm", "ci"), ("survival", "se", "lower", "upper"), ("events", "days"))
CUMINC = CurveFile("cuminc", ("analysis", "endpoint", "arm", "cause", "ci"), ("incidence", "se", "lower", "upper"), ("days",))


def tick_row(analysis: str, endpoint: str, months: int) -> str:
    """Row of a curve at a tick, as part of its number_id: it names the month, never a day on which something happened."""
    return f"{analysis}_{endpoint}_month_{months}"


def each_curve(curves: pl.DataFrame, at_risk: pl.DataFrame, *by: str) -> Iterator[tuple[Key, pl.DataFrame, dict[int, int]]]:
    """Each curve of an analysis, endpoint and arm (and what else tells them apart), with the women at risk of the arm by month."""
    for (name, endpoint, arm, *_), curve in curves.group_by("analysis", "endpoint", "arm", *by, maintain_order=True):
        there = at_risk.filter(pl.col("analysis") == name, pl.col("endpoint") == endpoint, pl.col("arm") == arm)
        yield (str(name), str(endpoint)), curve, dict(there.select("months", "at_risk").iter_rows())
