"""Records whose contract gives them no number: each thing a rule delivers several times of one person is a record of its own.

A long export has one row per contact, a wide one several columns per recurrence; neither numbers them. Rows of one rule that
say the same are one occurrence (a duplicate); rows that differ are numbered in the order of their dates, then of their rows.
Contacts are counted over all rules: a second source's statement about a person is another contact, never a correction of
the first. Events and treatments are counted within their rule, so that the first of one rule and the first of another are
parts of the same record.
"""

from __future__ import annotations

import polars as pl

from etl.linking.groups import order_by, twice
from etl.linking.pieces import GROUP, natural_key
from etl.normalise.delivered import stacked
from schemas.items import intervals, polars_schema

# Staging record: its number, whether other rules count on their own.
COUNTED = {"event": ("event_no", True), "follow_up": ("follow_up_no", False), "treatment": ("component_no", True)}
CONTENT = "content"
ENDS = ("latest_date", "latest_offset_days")


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
    group = pieces.select(of_whom).hash_rows().alias(GROUP)
    loose = pieces["unnumbered"].arg_true()
    counted = _counted(record, pieces, loose.filter(twice(group.gather(loose))).alias("place"), group, {*of_whom, number})
    return pieces.with_columns(pieces[number].scatter(counted["place"], counted["occurrence"].cast(pl.Int32)))


def _counted(record: str, pieces: pl.DataFrame, place: pl.Series, group: pl.Series, known: set[str]) -> pl.DataFrame:
    """`place` and `occurrence` (1 …) of the pieces of groups that say several things, each distinct content one occurrence.

    `place`: the pieces without a number whose group (`group`, of all pieces) has several. What they say is hashed where it stands.
    """
    said = [column for column in polars_schema(record) if column in pieces.columns and column not in known]
    # of two equal codes the numbers are equal, and quicker to hash
    content = pieces.select(group, pl.col(said).to_physical()).hash_rows().alias(CONTENT)
    dates = [name for interval in intervals(record) for part in ENDS if (name := f"{interval}_{part}") in said]
    dated = pieces.select(*dates, first_delivery="delivery", first_row="source_row_id")[place]
    told = pl.DataFrame([group.gather(place), content.gather(place), place, *dated.get_columns()])
    repeated = twice(told[CONTENT])
    # nearly all content stands there once
    again = told.filter(repeated)
    earliest = again.group_by(GROUP, CONTENT).agg(
        pl.exclude("first_delivery", "first_row").first(), pl.col("first_delivery", "first_row").min()
    )
    distinct = pl.concat([told.filter(~repeated), earliest.select(told.columns)])
    distinct = distinct.filter(twice(distinct[GROUP]))
    # the content itself last, where two rules read two contacts from one row: all its columns take long to put in order
    one_row = bool(twice(distinct.select(GROUP, "first_row").hash_rows()).any())
    by = [GROUP, *dates, "first_delivery", "first_row"]
    if one_row:
        more = [name for name in said if name not in dates]
        distinct, by = distinct.with_columns(pieces.select(more)[distinct["place"]]), [*by, *more]
    placed = distinct.select(CONTENT, "place", GROUP)[order_by(distinct, by, nulls_last=True)]
    numbers = placed.select(CONTENT, "place", occurrence=_within(placed[GROUP]))
    others = again.select(CONTENT, "place").join(numbers.select(CONTENT, "occurrence"), on=CONTENT)
    return pl.concat([numbers.select("place", "occurrence"), others.select("place", "occurrence")])


def _within(group: pl.Series) -> pl.Series:
    """1, 2 … within each group; the rows of a group stand together."""
    row = pl.int_range(pl.len())
    begins = pl.when(pl.col(GROUP).ne_missing(pl.col(GROUP).shift())).then(row).forward_fill()
    return group.to_frame(GROUP).select((row - begins + 1).alias("occurrence")).to_series()
