"""Records whose contract gives them no number: each thing a rule delivers several times of one person is a record of its own.

A long export has one row per contact, a wide one several columns per recurrence; neither numbers them. Rows of one rule that
say the same are one occurrence (a duplicate); rows that differ are numbered in the order of their dates, then of their rows.
Contacts are counted over all rules: a second source's statement about a person is another contact, never a correction of
the first. Events and treatments are counted within their rule, so that the first of one rule and the first of another are
parts of the same record.
"""

from __future__ import annotations

import polars as pl

from etl.link_groups import twice
from etl.link_merge import GROUP, natural_key
from etl.normalise.delivered import stacked
from schemas.items import intervals, polars_schema

# Staging record: its number, whether other rules count on their own.
COUNTED = {"event": ("event_no", True), "follow_up": ("follow_up_no", False), "treatment": ("component_no", True)}
CONTENT = "content"


def numbered(record: str, pieces: list[pl.DataFrame]) -> list[pl.DataFrame]:
    """`pieces` with a number for each that has none of its own (`unnumbered`). What stands alone keeps the number it has, the default."""
    if record not in COUNTED:
        return pieces
    is_loose = ["unnumbered" in frame.columns and bool(frame["unnumbered"].any()) for frame in pieces]
    if not any(is_loose):
        return pieces
    kept = [frame for frame, loose in zip(pieces, is_loose, strict=True) if not loose]
    return [*kept, _numbered(record, stacked(frame for frame, loose in zip(pieces, is_loose, strict=True) if loose))]


def _numbered(record: str, pieces: pl.DataFrame) -> pl.DataFrame:
    """The pieces of those rules that give no number."""
    number, by_rule = COUNTED[record]
    of_whom = [column for column in natural_key(record) if column != number] + (["rule"] if by_rule else [])
    loose = pieces.with_row_index("place").filter("unnumbered").with_columns(pl.struct(of_whom).hash().alias(GROUP))
    counted = _counted(record, loose.filter(twice(loose[GROUP])), {*of_whom, number})
    return pieces.with_columns(pieces[number].scatter(counted["place"], counted["occurrence"].cast(pl.Int32)))


def _counted(record: str, loose: pl.DataFrame, known: set[str]) -> pl.DataFrame:
    """`place` and `occurrence` (1 …) of the pieces of groups that say several things, each distinct content one occurrence."""
    said = [column for column in polars_schema(record) if column in loose.columns and column not in known]
    named = loose.with_columns(pl.struct(GROUP, *said).hash().alias(CONTENT))
    one = pl.col(CONTENT).n_unique().over(GROUP) == 1
    named = named.filter(~one)
    distinct = named.group_by(GROUP, CONTENT).agg(
        pl.col(said).first(), first_delivery=pl.col("delivery").min(), first_row=pl.col("source_row_id").min()
    )
    dates = [f"{name}_{part}" for name in intervals(record) for part in ("latest_date", "latest_offset_days")]
    # the content itself last, where two rules read two contacts from one row: all its columns take long to put in order
    one_row = bool(distinct.select(GROUP, "first_row").is_duplicated().any())
    by = [GROUP, *(name for name in dates if name in said), "first_delivery", "first_row", *(said if one_row else ())]
    placed = distinct.sort(by, nulls_last=True).select(GROUP, CONTENT, occurrence=pl.int_range(1, pl.len() + 1).over(GROUP))
    return named.select("place", GROUP, CONTENT).join(placed, on=[GROUP, CONTENT]).select("place", "occurrence")
