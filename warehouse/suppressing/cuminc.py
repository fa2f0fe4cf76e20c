"""Cumulative incidence for sharing: at the study's ticks, and no number from which a count under `min_cell` could be computed.

An incidence depends on how many had each cause before, so it stands, with two decimals, where the events of every cause up to
that tick and the women at risk may be shown.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping

import polars as pl

from schemas.study import Study
from warehouse.suppressing.analyses import Key, Shown
from warehouse.suppressing.survival import endpoint_of
from warehouse.suppressing.ticks import CUMINC, each_curve


def suppress_cuminc(frames: Mapping[str, pl.DataFrame], study: Study, open_: Collection[str], shown: Mapping[Key, Shown]) -> pl.DataFrame:
    """cuminc.csv for sharing; for the arguments see `suppressing.survival`."""
    curves = frames["cuminc"]
    if study.min_cell == 1:
        return curves
    rows: list[dict[str, object]] = []
    for key, curve, at_risk in each_curve(curves.filter(pl.col("arm").is_in([*open_])), frames["at_risk"], "cause"):
        rows += CUMINC.at_ticks(curve, at_risk, study, endpoint_of(study, key), shown[key])
    return pl.DataFrame(rows, schema=curves.schema)
