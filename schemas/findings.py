"""The stable name of a finding: the same in every release while the edit finds the same thing in the same place."""

from __future__ import annotations

import polars as pl

from schemas.core.frames import FINDINGS
from schemas.core.ids import keyed

# Columns of few texts.
RANKED = ("edit", "record", "outcome", "source_file")
# FINDINGS with its name first and the path of its file under the exports folder last.
IDENTIFIED: dict[str, type[pl.DataType]] = {"finding_id": pl.String, **FINDINGS, "source_file": pl.String}


def identified(findings: pl.DataFrame, sources: pl.DataFrame) -> pl.DataFrame:
    """`findings` (FINDINGS) as IDENTIFIED, sorted by what names them.

    `sources` has one row per landed file: source_key, source_file. A finding is named by its edit and its record; where it
    has none, by its file's name, physical line and columns (not the file's bytes, so that it outlives a new delivery); of
    several alike, by their number. The id is the edit and 63 bits of that name.
    """
    cell = pl.concat_str("source_file", "source_row", "columns", separator="|", ignore_nulls=True)
    place = pl.coalesce(pl.col("record_key").cast(pl.String), cell)
    located = findings.join(sources.select("source_key", "source_file"), on="source_key", how="left", maintain_order="left")
    named = located.with_columns(place=place).with_columns(_ranked(located[name]) for name in RANKED)
    name = ["edit", "record", "place"]
    ordered = named.sort(*name, "source_file", "source_row", "columns", "outcome", "patient_key", nulls_last=True)
    row = pl.int_range(pl.len())
    starts = pl.any_horizontal(pl.col(part).ne_missing(pl.col(part).shift()) for part in name)
    counted = ordered.with_columns(occurrence=row - pl.when(starts | (row == 0)).then(row).forward_fill())
    found = keyed(counted, "number", (*name, "occurrence")).with_columns(pl.col(RANKED).cast(pl.String))
    return found.with_columns(finding_id=pl.concat_str("edit", "number", separator="-")).select(IDENTIFIED.keys())


def _ranked(values: pl.Series) -> pl.Series:
    """The same texts in the same order as numbers: columns of few texts and many rows are sorted and hashed by them."""
    return values.cast(pl.Enum(values.unique().drop_nulls().sort()))
