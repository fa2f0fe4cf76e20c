"""The stable name of a finding: equal in every release while the edit finds the same thing in the same place."""

from __future__ import annotations

import hashlib

import polars as pl

from schemas.core.ids import SEPARATOR

ID_DIGITS = 16


def identified(findings: pl.DataFrame, sources: pl.DataFrame) -> pl.DataFrame:
    """`findings` (FINDINGS) with finding_id and source_file first; rows and their order stay.

    `sources` has one row per landed file: source_key, source_file. The id is 16 hex digits of the edit, the record and its
    key; where a finding is about a cell, a row or a file it is the file's name, row and columns instead (not the file's
    bytes, so that it outlives a new delivery), and of several alike the second, third, … have their number in it.
    """
    named = findings.join(sources.select("source_key", "source_file"), on="source_key", how="left", maintain_order="left")
    place = pl.concat_str(
        [pl.col("source_file"), pl.col("source_row").cast(pl.String), pl.col("columns")], separator=SEPARATOR, ignore_nulls=True
    )
    key = pl.when(pl.col("record_key").is_not_null()).then(pl.col("record_key").cast(pl.String)).otherwise(place)
    text = pl.concat_str([pl.col("edit"), pl.col("record").fill_null(""), key], separator=SEPARATOR)
    named = named.with_columns(text=text).with_columns(number=pl.int_range(pl.len()).over("text"))
    numbered = pl.concat_str("text", "number", separator=SEPARATOR)
    named = named.with_columns(text=pl.when(pl.col("number") > 0).then(numbered).otherwise("text"))
    ids = pl.Series("finding_id", [_digits(value) for value in named["text"]], dtype=pl.String)
    return named.drop("text", "number").with_columns(ids).select("finding_id", *findings.columns, "source_file")


def _digits(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:ID_DIGITS]
