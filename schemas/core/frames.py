"""The three frames that every stage hands on beside its records: ledger, findings, lineage."""

from __future__ import annotations

from collections.abc import Iterable

import polars as pl

# One row per file in force, stage, unit, fate and reason (DESIGN 4).
LEDGER = {"source_file": pl.String, "stage": pl.String, "unit": pl.String, "fate": pl.String, "reason": pl.String, "n": pl.Int64}
# One row per edit and record (or cell) that it found violated or possible. `record_key` is the key of the record in its
# star table, null for findings about a cell, a row or a file; `columns` names headers or record columns, blank-separated;
# `fingerprint` is a short keyed hash of the values that the edit reads or the linkage compared, null where none are.
FINDINGS = {
    "edit": pl.String,
    "severity": pl.String,
    "outcome": pl.String,
    "record": pl.String,
    "record_key": pl.Int64,
    "patient_key": pl.Int64,
    "source_key": pl.Int64,
    "source_row": pl.Int64,
    "columns": pl.String,
    "fingerprint": pl.String,
}
# One row per edit: the five counts (DESIGN 2.4).
EDIT_COUNTS = {
    "edit": pl.String,
    "severity": pl.String,
    "violated": pl.Int64,
    "possible": pl.Int64,
    "satisfied": pl.Int64,
    "not_applicable": pl.Int64,
    "not_judgeable": pl.Int64,
}
# One row per record and source row that delivered or completed it. `record` is the staging record, `record_key` its key.
LINEAGE = {"record": pl.String, "record_key": pl.Int64, "source_row_id": pl.Int64, "step": pl.String, "rule": pl.String}
# The same with its words as categories, which a tenth of the memory holds; DuckDB reads them as the texts they are.
LINEAGE_NARROW = LINEAGE | dict.fromkeys(("record", "step", "rule"), pl.Categorical)


def empty(schema: dict[str, type[pl.DataType]]) -> pl.DataFrame:
    """A frame of that schema with no row."""
    return pl.DataFrame(schema=schema)


def ledger(rows: Iterable[tuple[str, str, str, str, str, int]]) -> pl.DataFrame:
    """A ledger frame of (source_file, stage, unit, fate, reason, n); lines of n = 0 are left out."""
    return pl.DataFrame([row for row in rows if row[5]], schema=LEDGER, orient="row")


def stack(frames: Iterable[pl.DataFrame], schema: dict[str, type[pl.DataType]]) -> pl.DataFrame:
    """The frames one below the other, with exactly the columns of `schema`."""
    wanted = pl.Schema(schema)
    parts = [
        frame if frame.schema == wanted else frame.select(schema.keys()).cast(schema)  # type: ignore[arg-type]
        for frame in frames
    ]
    return pl.concat(parts) if parts else empty(schema)


def ranked(values: pl.Series) -> pl.Series:
    """The same texts in the same order as numbers: columns of few texts and many rows are sorted and hashed by them."""
    return values.cast(pl.Enum(values.unique().drop_nulls().sort()))


def changes(*columns: str) -> pl.Expr:
    """Whether a row is the first or differs from the one before in any of these columns."""
    return pl.any_horizontal(pl.int_range(pl.len()) == 0, *(pl.col(name).ne_missing(pl.col(name).shift()) for name in columns))
