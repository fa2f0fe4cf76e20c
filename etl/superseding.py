"""Upserted deliveries: a row of a later file takes the place of the earlier rows with the same key (docs/contracts.md)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import polars as pl

from etl.file_days import delivered
from etl.landing import LandedFile
from etl.normalise.result import Normalised
from etl.readers import RawTable
from schemas.core.frames import LEDGER, ledger, stack
from schemas.core.ids import ROW_BITS, keyed

ROW, KEY = "source_row", "row_key"


def row_keys(raw: RawTable) -> pl.DataFrame | None:
    """One row per row of a file that is upserted: `source_row` and the hash of its key; None of any other file.

    A row that lacks a part of its key replaces nothing and is replaced by nothing.
    """
    if raw.contract.delivery != "upsert":
        return None
    parts = list(raw.contract.key)
    return keyed(raw.rows.select(ROW, *parts).drop_nulls(parts), KEY, parts).select(ROW, KEY)


def superseded(files: Sequence[LandedFile], parts: dict[str, Normalised], keys: dict[str, pl.DataFrame]) -> dict[str, Normalised]:
    """The files' records without those of rows that a later file of the same contract replaces; the ledger says how many.

    Later is later by name, as for a snapshot: a delivery from before that stands in still comes before today's.
    """
    left = dict(parts)
    seen: dict[str, pl.DataFrame] = {}
    for file in reversed(delivered(files)):
        if file.name not in keys:
            continue
        mine, later = keys[file.name], seen.get(file.contract.contract)
        if later is not None:
            old = mine.join(later, on=KEY, how="semi")[ROW]
            left[file.name] = _without(left[file.name], file.name, old)
        so_far = mine.select(KEY)
        seen[file.contract.contract] = so_far if later is None else pl.concat([later, so_far]).unique()
    return left


def _without(part: Normalised, name: str, rows: pl.Series) -> Normalised:
    """One file without the records of these rows."""
    row = pl.col("source_row_id") & ((1 << ROW_BITS) - 1)
    kept = part.records.where(~row.is_in(rows.implode()))
    gone = part.records.n_records - kept.n_records
    if not gone:
        return part
    goes_on = (pl.col("unit") == "record") & (pl.col("fate") == "goes_on")
    lines = part.ledger.with_columns(n=pl.when(goes_on).then(pl.col("n") - gone).otherwise("n"))
    more = ledger([(name, "normalise", "record", "superseded", "later_delivery", gone)])
    return replace(part, records=kept, ledger=stack([lines, more], LEDGER))
