"""Text cells as clinical dates: six columns each, on the calendar or in days since an anchor (DESIGN 2.3)."""

from __future__ import annotations

import polars as pl

from etl.normalise.notes import Notes
from etl.normalise.values import Target, mapped
from schemas.contract import Mapping
from schemas.core.duration_text import Unit
from schemas.core.interval import parse_dates, parse_durations
from schemas.items import INTERVAL_PARTS, POLARS

PARTS = {part: POLARS[kind] for part, kind, _ in INTERVAL_PARTS}


def read_date(target: Target, rows: pl.DataFrame, notes: Notes) -> pl.DataFrame:
    """The six columns of one date, one row per row of `rows`; null where the cell is empty or was not understood (noted)."""
    mapping = target.mapping
    source = target.source or "constant"
    if mapping.value is not None:
        cells = rows.select("source_row", pl.lit(str(mapping.value)).alias(source))
    else:
        cells = rows.select("source_row", mapped(source, mapping))
    distinct = cells[source].drop_nulls().unique(maintain_order=True)
    read = _calendar(distinct, mapping) if mapping.duration is None else _offsets(distinct, mapping, mapping.duration)
    found = cells.select(raw=source).join(read, on="raw", how="left", maintain_order="left")
    edit = "NORM-DATE" if mapping.duration is None else "NORM-DURATION"
    notes.judge(edit, target.record, source, cells, found["is_read"].fill_null(value=True))
    name = target.column.item.column
    empty = {part: pl.lit(None, kind) for part, kind in PARTS.items() if part not in found.columns}
    return found.with_columns(**empty).select(pl.col(part).cast(kind).alias(f"{name}_{part}") for part, kind in PARTS.items())


def _calendar(texts: pl.Series, mapping: Mapping) -> pl.DataFrame:
    """A date of any precision; one that is a bound opens or closes a window of which the other side is not known."""
    read = parse_dates(texts, mapping.formats or None, mapping.order)
    is_read = pl.col("earliest").is_not_null() | pl.col("latest").is_not_null()
    frame = read.select("raw", "precision", earliest_date="earliest", latest_date="latest", is_read=is_read)
    if mapping.bound is None:
        return frame
    other = "latest_date" if mapping.bound == "earliest" else "earliest_date"
    window = pl.when(pl.col("is_read")).then(pl.lit("ambiguous"))
    return frame.with_columns(pl.lit(None, pl.Date).alias(other), window.alias("precision"))


def _offsets(texts: pl.Series, mapping: Mapping, unit: Unit) -> pl.DataFrame:
    """Days since the anchor: a duration before it counts backwards, so its longest is the earliest."""
    read = parse_durations(texts, unit, days_per_month=mapping.days_per_month, rounded_to=mapping.rounded_to)
    short, long = pl.col("earliest_days"), pl.col("latest_days")
    early, late, anchor = (short, long, mapping.after) if mapping.after is not None else (-long, -short, mapping.before)
    frame = read.select("raw", early.alias("earliest_offset_days"), late.alias("latest_offset_days"))
    is_read = pl.col("earliest_offset_days").is_not_null() | pl.col("latest_offset_days").is_not_null()
    return frame.with_columns(is_read=is_read, anchor=pl.when(is_read).then(pl.lit(anchor)))
