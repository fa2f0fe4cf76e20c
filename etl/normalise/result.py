"""What normalising one file hands on."""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

from schemas.items import polars_schema

# Beside the columns of the staging record. `record_key` is null where `same_by` is set: the record has no component number
# of its own and joins the component of its course that has the same value in that column. `unnumbered`: the contract gives
# the record no number (event, contact, component), so the one it has is the default.
PROVENANCE: dict[str, type[pl.DataType]] = {
    "record_key": pl.Int64, "patient_key": pl.Int64, "source_row_id": pl.Int64, "source_file": pl.String, "trust": pl.Int32,
    "rule": pl.String, "same_by": pl.String, "unnumbered": pl.Boolean,
}  # fmt: skip
# One row per contract, file, header and spelling that no vocabulary knows; raw text, for internal/ only.
UNMAPPED: dict[str, type[pl.DataType]] = {
    "contract": pl.String,
    "source_file": pl.String,
    "column": pl.String,
    "spelling": pl.String,
    "n": pl.Int64,
    "suggestion": pl.String,
}


def delivered_schema(record: str) -> dict[str, type[pl.DataType] | pl.DataType]:
    """Columns of a delivered (possibly partial) staging record."""
    return polars_schema(record) | PROVENANCE


@dataclass(frozen=True)
class Normalised:
    """One file after normalising: every frame of `records` has the columns of `delivered_schema`, one row per record delivered.

    `findings`: one row per cell not understood (FINDINGS). `counts`: one row per reading edit (EDIT_COUNTS).
    """

    records: dict[str, pl.DataFrame]
    findings: pl.DataFrame
    counts: pl.DataFrame
    ledger: pl.DataFrame
    unmapped: pl.DataFrame
