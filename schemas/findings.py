"""The stable name of a finding: the same in every release while the edit finds the same thing in the same place."""

from __future__ import annotations

import polars as pl

from schemas.core.frames import FINDINGS
from schemas.core.ids import keyed

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
    named = findings.join(sources.select("source_key", "source_file"), on="source_key", how="left", maintain_order="left").with_columns(
        place=place
    )
    name = ["edit", "record", "place"]
    ordered = named.sort(*name, "source_file", "source_row", "columns", "outcome", "patient_key", nulls_last=True)
    counted = ordered.with_columns(occurrence=pl.int_range(pl.len()).over(name))
    found = keyed(counted, "number", (*name, "occurrence"))
    return found.with_columns(finding_id=pl.concat_str("edit", "number", separator="-")).select(IDENTIFIED.keys())
