"""Text cells as clinical dates: six columns each, on the calendar or in days since an anchor (DESIGN 2.3)."""

from __future__ import annotations

import polars as pl

from etl.normalise.date_columns import DateColumns
from etl.normalise.date_flags import flagged
from etl.normalise.narrow import narrow_kind
from etl.normalise.notes import Notes
from etl.normalise.numbers import durations_with_point
from etl.normalise.values import Target, mapped
from schemas.contract import Mapping
from schemas.core.duration_text import Unit, parse_durations
from schemas.items import INTERVAL_PARTS, POLARS

PARTS = {part: narrow_kind(part, POLARS[kind]) for part, kind, _ in INTERVAL_PARTS}


def read_date(target: Target, rows: pl.DataFrame, notes: Notes, dates: DateColumns) -> pl.DataFrame:
    """The six columns of one date, one row per row of `rows`; null where the cell is empty or was not understood (noted).

    A date that is known not to be known, or that the calendar does not have, is null with the precision `unknown`.
    """
    unit = target.mapping.duration
    found = _calendar(target, rows, notes, dates) if unit is None else _offsets(target, rows, notes, unit)
    name = target.column.item.column
    empty = {part: pl.lit(None, kind) for part, kind in PARTS.items() if part not in found.columns}
    return found.with_columns(**empty).select(pl.col(part).cast(kind).alias(f"{name}_{part}") for part, kind in PARTS.items())


def _named(target: Target, rows: pl.DataFrame, cells: pl.Series) -> pl.DataFrame:
    """The cells under the name of their source column, as `Notes.judge` wants them."""
    return rows.select("source_row").with_columns(cells.alias(target.source or "constant"))


def _calendar(target: Target, rows: pl.DataFrame, notes: Notes, dates: DateColumns) -> pl.DataFrame:
    """A date of any precision; one that is a bound opens or closes a window of which the other side is not known."""
    read = dates.read(target, rows)
    _judge(target, rows, read, notes)
    frame = read.select("precision", earliest_date="earliest", latest_date="latest")
    if target.mapping.flag is not None or target.mapping.bound is not None:
        frame = frame.with_columns(pl.col("precision").cast(pl.String))
    if target.mapping.flag is not None:
        frame = flagged(target, rows, frame, read["raw"].is_not_null(), notes)
    if target.mapping.bound is None:
        return frame
    other = "latest_date" if target.mapping.bound == "earliest" else "earliest_date"
    is_read = pl.col("earliest_date").is_not_null() | pl.col("latest_date").is_not_null()
    precision = pl.when(is_read).then(pl.lit("ambiguous")).otherwise("precision")
    return frame.with_columns(pl.lit(None, pl.Date).alias(other), precision=precision)


def _judge(target: Target, rows: pl.DataFrame, read: pl.DataFrame, notes: Notes) -> None:
    """What is to be said of each cell: not understood, a sentinel, against the order, perhaps swapped."""
    source, cells = target.source or "constant", _named(target, rows, read["raw"])
    notes.judge("NORM-DATE", target.record, source, cells, ~read["is_unread"])
    notes.judge("NORM-DATE-SENTINEL", target.record, source, cells, ~read["is_sentinel"])
    for edit, column in (("NORM-DATE-ORDER", "is_torn"), ("NORM-DATE-SWAPPED", "is_doubtful")):
        notes.judge(edit, target.record, source, cells, ~read[column])
    notes.doubt("NORM-DATE-ORDER", int(read["is_unproved"].sum()))
    if n_zoneless := int(read["is_zoneless"].sum()):
        notes.judge("NORM-DATE-ZONE", target.record, source, cells, read["raw"].is_not_null())
        notes.doubt("NORM-DATE-ZONE", n_zoneless)
        notes.about_file("NORM-DATE-ZONE", [notes.header(source)])


def _offsets(target: Target, rows: pl.DataFrame, notes: Notes, unit: Unit) -> pl.DataFrame:
    """Days since the anchor: a duration before it counts backwards, so its longest is the earliest."""
    mapping, source = target.mapping, target.source or "constant"
    cells = rows.select("source_row", _text(target, source))
    texts = cells[source].drop_nulls().unique(maintain_order=True)
    said = durations_with_point(texts) if notes.decimal(source) == "," and mapping.value is None else texts
    read = _durations(said, mapping, unit).with_columns(raw=texts)
    found = cells.select(raw=source).join(read, on="raw", how="left", maintain_order="left")
    notes.judge("NORM-DURATION", target.record, source, cells, found["is_read"].fill_null(value=True))
    return found


def _text(target: Target, source: str) -> pl.Expr:
    value = target.mapping.value
    return pl.lit(str(value)).alias(source) if value is not None else mapped(source, target.mapping)


def _durations(texts: pl.Series, mapping: Mapping, unit: Unit) -> pl.DataFrame:
    read = parse_durations(texts, unit, days_per_month=mapping.days_per_month, rounded_to=mapping.rounded_to)
    short, long = pl.col("earliest_days"), pl.col("latest_days")
    early, late, anchor = (short, long, mapping.after) if mapping.after is not None else (-long, -short, mapping.before)
    frame = read.select("raw", early.alias("earliest_offset_days"), late.alias("latest_offset_days"))
    is_read = pl.col("earliest_offset_days").is_not_null() | pl.col("latest_offset_days").is_not_null()
    return frame.with_columns(is_read=is_read, anchor=pl.when(is_read).then(pl.lit(anchor)))
