"""Upserted deliveries: a row of a later file takes the place of the earlier rows with the same key (docs/contracts.md).

What was not understood in a row that is replaced, the numbers of a person in it and the corrections of its cells go with it: it may have
been mended at the source by the very row that replaces it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import polars as pl

from etl.landing.file_days import delivered
from etl.landing.landed import LandedFile
from etl.normalise.result import Normalised
from etl.readers import RawTable
from schemas.core.frames import LEDGER, ledger, stack
from schemas.core.ids import ROW_BITS, keyed
from schemas.vocabularies.lookup import BESIDE_UNLISTED

ROW, KEY = "source_row", "row_key"


def row_keys(raw: RawTable) -> pl.DataFrame | None:
    """One row per row of a file that is upserted: `source_row` and the hash of its key; None of any other file.

    A row that lacks a part of its key replaces nothing and is replaced by nothing.
    """
    if raw.contract.delivery != "upsert":
        return None
    parts = list(raw.contract.key)
    return keyed(raw.rows.select(ROW, *parts).drop_nulls(parts), KEY, parts).select(ROW, KEY)


def replaced(files: Sequence[LandedFile], keys: dict[str, pl.DataFrame]) -> dict[str, pl.Series]:
    """By name of each upserted file its rows that a later file of the same contract replaces. `keys`: its `row_keys`.

    Later is later by name, as for a snapshot: a delivery from before that stands in still comes before today's.
    """
    rows: dict[str, pl.Series] = {}
    seen: dict[str, pl.DataFrame] = {}
    for file in reversed(delivered(files)):
        if file.name not in keys:
            continue
        mine, later = keys[file.name], seen.get(file.contract.contract)
        rows[file.name] = mine[ROW].clear() if later is None else mine.join(later, on=KEY, how="semi")[ROW]
        so_far = mine.select(KEY)
        seen[file.contract.contract] = so_far if later is None else pl.concat([later, so_far]).unique()
    return rows


def superseded(files: Sequence[LandedFile], parts: dict[str, Normalised], rows: dict[str, pl.Series]) -> dict[str, Normalised]:
    """The files' records, and what else they say, without those of rows that are `replaced`; the ledger says how many records that are."""
    left = dict(parts)
    for file in files:
        if file.name in rows:
            part = _without(parts[file.name], file, rows[file.name])
            left[file.name] = replace(part, identifiers=_each_once(part.identifiers))
    return left


def told_without(found: pl.DataFrame, counts: pl.DataFrame, file: LandedFile, rows: pl.Series) -> tuple[pl.DataFrame, pl.DataFrame]:
    """FINDINGS and EDIT_COUNTS without what was told of these rows of a file."""
    is_gone = (pl.col(ROW).is_in(rows.implode()) & (pl.col("source_key") == file.source_key)).fill_null(value=False)
    return found.filter(~is_gone), _fewer(counts, found.filter(is_gone))


def _without(part: Normalised, file: LandedFile, rows: pl.Series) -> Normalised:
    """One file without what these rows say."""
    if rows.is_empty():
        return part
    stays = ~(pl.col("source_row_id") & ((1 << ROW_BITS) - 1)).is_in(rows.implode())
    kept = part.records.where(stays)
    gone = part.records.n_records - kept.n_records
    findings, counts = told_without(part.findings, part.counts, file, rows)
    told = part.unread.filter(pl.col(ROW).is_in(rows.implode()))
    is_beside = pl.col("reason") == BESIDE_UNLISTED
    unread, beside, by_reason = told.filter(~is_beside), told.filter(is_beside), ["column", "domain", "reason"]
    goes_on = (pl.col("unit") == "record") & (pl.col("fate") == "goes_on")
    lines = part.ledger.with_columns(n=pl.when(goes_on).then(pl.col("n") - gone).otherwise("n"))
    more = ledger([(file.name, "normalise", "record", "superseded", "later_delivery", gone)] if gone else [])
    return replace(
        part,
        records=kept,
        ledger=stack([lines, more], LEDGER),
        findings=findings,
        counts=counts,
        unmapped=_without_cells(part.unmapped, unread, ["column", "domain", "spelling", "context"]),
        unlisted=_without_cells(part.unlisted, beside, ["column", "domain", "spelling", "context"]),
        bins=_without_cells(_without_cells(part.bins, unread, by_reason, bin="rejected"), beside, by_reason, bin="fixed"),
        identifiers=part.identifiers.filter(stays),
        corrected=part.corrected.filter(stays),
    )


def _fewer(counts: pl.DataFrame, told: pl.DataFrame) -> pl.DataFrame:
    """EDIT_COUNTS without these findings."""
    by = told.group_by("edit", "outcome").len()
    for outcome in by["outcome"].unique().sort():
        n = by.filter(outcome=outcome).select("edit", gone="len")
        left = counts.join(n, on="edit", how="left", maintain_order="left")
        counts = left.with_columns(pl.col(outcome) - pl.col("gone").fill_null(0).cast(left.schema[outcome])).drop("gone")
    return counts


def _without_cells(counted: pl.DataFrame, unread: pl.DataFrame, by: list[str], **of: str) -> pl.DataFrame:
    """UNMAPPED, or BINS `of` the bin named, without these cells (UNREAD); what is left without any goes."""
    gone = unread.group_by(by).agg(gone=pl.len().cast(pl.Int64)).with_columns(pl.lit(value).alias(name) for name, value in of.items())
    left = counted.join(gone, on=[*by, *of], how="left", maintain_order="left").with_columns(n=pl.col("n") - pl.col("gone").fill_null(0))
    if "distinct" in left.columns:
        left = left.with_columns(distinct=pl.min_horizontal("distinct", "n"))
    return left.filter((pl.col("n") > 0) | pl.col("gone").is_null()).drop("gone")


def _each_once(identifiers: pl.DataFrame) -> pl.DataFrame:
    """IDENTIFIERS with each combination once, on the first row that has it (of an upserted file every row repeats them)."""
    names = [name for name in identifiers.columns if name != "source_row_id"]
    return identifiers.unique(names, keep="first", maintain_order=True)
