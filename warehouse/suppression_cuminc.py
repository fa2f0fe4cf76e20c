"""Cumulative incidence for sharing: at the study's ticks, and no number from which a count under `min_cell` could be computed.

An incidence depends on how many had each cause before, so it stands, with two decimals, where the events of every cause up to
that tick may be shown.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping

import polars as pl

from schemas.study import EVENT, Endpoint, Study
from warehouse.numbers import number_id
from warehouse.suppression_survival import AT_RISK, EVENTS_TO, Shown, rounded, shown_of, tick_days, tick_row

OF_CURVE = ("incidence", "se", "lower", "upper")
KEY = ("analysis", "endpoint", "arm", "cause", "ci")


def suppress_cuminc(
    curves: pl.DataFrame, times: Mapping[str, pl.DataFrame], study: Study, women: Mapping[str, int], open_: Collection[str]
) -> pl.DataFrame:
    """cuminc.csv for sharing; for the arguments see `suppression_survival.suppress_survival`."""
    if study.min_cell == 1:
        return curves
    rows: list[dict[str, object]] = []
    for endpoint in (endpoint for endpoint in study.endpoints if endpoint.competing):
        shown = shown_of(times[endpoint.endpoint], study, endpoint, women, open_)
        of_open = curves.filter(pl.col("endpoint") == endpoint.endpoint, pl.col("arm").is_in([*open_]))
        for _, curve in of_open.group_by("arm", "cause", maintain_order=True):
            rows += _at_ticks(curve, study, endpoint, shown)
    return pl.DataFrame(rows, schema=curves.schema)


def counted_as(cause: str) -> str:
    """What the events of a cause are called among the counts of an endpoint."""
    return EVENTS_TO if cause == EVENT else f"{EVENTS_TO}.{cause}"


def _at_ticks(curve: pl.DataFrame, study: Study, endpoint: Endpoint, shown: Shown) -> Iterator[dict[str, object]]:
    """The curve of one arm and cause at each tick it reaches; events since the tick before."""
    whole = curve.sort("days", maintain_order=True).with_columns(to=pl.col("events").cum_sum())
    last, arm, cause = float(whole["days"].max()), str(curve["arm"][0]), str(curve["cause"][0])  # type: ignore[arg-type]  # a Float64 column
    every = [counted_as(EVENT), *(counted_as(other.competing) for other in endpoint.competing)]
    before, was_shown = 0, True
    for months, days in tick_days(study, endpoint):
        if days > last:
            return
        step = whole.filter(pl.col("days") <= days).row(-1, named=True)
        later = whole.filter(pl.col("days") >= days).row(0, named=True)
        is_shown = shown.has(counted_as(cause), arm, days)
        counts = {
            "days": days,
            "at_risk": later["at_risk"] if shown.has(AT_RISK, arm, days) else None,
            "events": step["to"] - before if is_shown and was_shown else None,
            "censored": None,
        }
        are_shown = all(shown.has(count, arm, days) for count in every)
        values = {name: rounded(step[name]) if are_shown else None for name in OF_CURVE}
        name = number_id(study.study, "cuminc", tick_row(f"{endpoint.endpoint}_{cause}", months), "incidence", arm)
        yield {key: step[key] for key in KEY} | counts | values | {"number_id": name}
        before, was_shown = step["to"], is_shown
