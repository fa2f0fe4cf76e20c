"""Cumulative incidence for sharing: at the study's ticks, and no number from which a count under `min_cell` could be computed.

An incidence depends on how many had each cause before, so it stands, with two decimals, where the events of every cause up to
that tick and the women at risk may be shown.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping

import polars as pl

from schemas.study import Endpoint, Study
from warehouse.numbers import number_id
from warehouse.suppression_analyses import AT_RISK, EVENTS_TO, Key, Shown, causes_of, counted_as, rounded, tick_days
from warehouse.suppression_survival import each_curve, endpoint_of, tick_row

OF_CURVE = ("incidence", "se", "lower", "upper")
KEY = ("analysis", "endpoint", "arm", "cause", "ci")


def suppress_cuminc(frames: Mapping[str, pl.DataFrame], study: Study, open_: Collection[str], shown: Mapping[Key, Shown]) -> pl.DataFrame:
    """cuminc.csv for sharing; for the arguments see `suppression_survival`."""
    curves = frames["cuminc"]
    if study.min_cell == 1:
        return curves
    rows: list[dict[str, object]] = []
    for key, curve, at_risk in each_curve(curves.filter(pl.col("arm").is_in([*open_])), frames["at_risk"], "cause"):
        rows += _at_ticks(curve, at_risk, study, endpoint_of(study, key), shown[key])
    return pl.DataFrame(rows, schema=curves.schema)


def _at_ticks(
    curve: pl.DataFrame, at_risk: Mapping[int, int], study: Study, endpoint: Endpoint, shown: Shown
) -> Iterator[dict[str, object]]:
    """The curve of one arm and cause at each tick it reaches; events since the tick before. Before anybody is at risk nothing is known."""
    whole = curve.sort("days", maintain_order=True).with_columns(to=pl.col("events").cum_sum())
    last, arm, cause = float(whole["days"].max()), str(curve["arm"][0]), str(curve["cause"][0])  # type: ignore[arg-type]  # a Float64 column
    before, was_shown = 0, True
    for months, days in tick_days(study, endpoint):
        if days > last:
            return
        step = whole.filter(pl.col("days") <= days).row(-1, named=True)
        is_shown, is_begun = shown.has(counted_as(cause, EVENTS_TO), arm, days), bool(at_risk[months] or step["days"])
        counts = {
            "days": days,
            "at_risk": at_risk[months] if shown.has(AT_RISK, arm, days) else None,
            "events": step["to"] - before if is_shown and was_shown else None,
            "censored": None,
        }
        is_known = is_begun and shown.has_curve(arm, days, causes_of(endpoint))
        values = {name: rounded(step[name]) if is_known else None for name in OF_CURVE}
        name = number_id(study.study, "cuminc", tick_row(step["analysis"], f"{endpoint.endpoint}_{cause}", months), "incidence", arm)
        yield {key: step[key] for key in KEY} | counts | values | {"number_id": name}
        before, was_shown = step["to"], is_shown
