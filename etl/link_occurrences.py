"""Records whose contract gives them no number: each thing a rule delivers several times of one person is a record of its own.

A long export has one row per contact, a wide one several columns per recurrence; neither numbers them. Rows of one rule that
say the same are one occurrence (a duplicate); rows that differ are numbered in the order of their dates, then of their rows.
Contacts are counted over all rules: a second source's statement about a person is another contact, never a correction of
the first. Events and treatments are counted within their rule, so that the first of one rule and the first of another are
parts of the same record.
"""

from __future__ import annotations

import polars as pl

from schemas.contract import KEY_DEFAULTS
from schemas.items import identity, intervals, polars_schema

# Staging record: its number, whether other rules count on their own.
COUNTED = {"event": ("event_no", True), "follow_up": ("follow_up_no", False), "treatment": ("component_no", True)}


def numbered(record: str, pieces: pl.DataFrame) -> pl.DataFrame:
    """`pieces` with a number for each that has none of its own (`unnumbered`); its key is then still to be found."""
    if record not in COUNTED or not pieces["unnumbered"].any():
        return pieces
    number, by_rule = COUNTED[record]
    own = pieces.filter(~pl.col("unnumbered"))
    loose = pieces.filter(pl.col("unnumbered"))
    group = [column for column in identity(record) if column != number] + (["rule"] if by_rule else [])
    counted = _counted(record, loose, group, number)
    several = pl.col("occurrences") > 1
    # a course of one component is that component (0); the first event or contact is number 1
    told = pl.when(several).then(pl.col("occurrence")).otherwise(KEY_DEFAULTS[number]).cast(pl.Int32)
    changed = counted.with_columns(told.alias(number))
    key = pl.when(pl.col(number) == KEY_DEFAULTS[number]).then(pl.col("record_key"))
    return pl.concat([own, changed.with_columns(key.alias("record_key")).select(pieces.columns)])


def _counted(record: str, loose: pl.DataFrame, group: list[str], number: str) -> pl.DataFrame:
    """`loose` with `occurrence` (1 …) of each distinct content within its group, and how many there are."""
    said = [column for column in polars_schema(record) if column not in {*group, number}]
    dates = [f"{name}_{part}" for name in intervals(record) for part in ("latest_date", "latest_offset_days")]
    distinct = loose.group_by(*group, *said).agg(first_delivery=pl.col("delivery").min(), first_row=pl.col("source_row_id").min())
    # the content itself last: two rules may read two contacts from one row
    ordered = distinct.sort(*group, *dates, "first_delivery", "first_row", *said, nulls_last=True)
    placed = ordered.with_columns(occurrence=pl.int_range(1, pl.len() + 1).over(group), occurrences=pl.len().over(group))
    return loose.join(placed.drop("first_delivery", "first_row"), on=[*group, *said], how="left", nulls_equal=True, maintain_order="left")
