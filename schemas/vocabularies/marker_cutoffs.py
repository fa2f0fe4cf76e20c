"""Numbers of markers and what they mean by the cut-offs: marker_cutoffs.csv, or the table that a project puts in its place."""

from __future__ import annotations

import polars as pl


def by_cutoff(rows: pl.DataFrame, cutoffs: pl.DataFrame, number: str, found: str) -> pl.DataFrame:
    """One row per row of `rows` (place, context: the marker, unit), with the result of one column of numbers; null outside every range."""
    ranges = cutoffs.select(context="marker_code", unit="unit_code", first="from_value", end="to_value", result="result_code")
    pairs = rows.select("place", "context", "unit", number=number).join(ranges, on=["context", "unit"], how="inner")
    inside = (pl.col("number") >= pl.col("first")) & (pl.col("end").is_null() | (pl.col("number") < pl.col("end")))
    hits = pairs.filter(inside).select("place", pl.col("result").alias(found))
    return rows.join(hits, on="place", how="left", maintain_order="left")
