"""Records that name a treatment component by a property (`component_no: {same: modality_code}`) find its number."""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

COURSE = ["patient_key", "tumour_no", "course_code"]


@dataclass(frozen=True)
class Numbered:
    """`pieces` with every component number; `several`: those that fitted more than one component; `asked`: how many asked."""

    pieces: pl.DataFrame
    several: pl.DataFrame
    asked: int


def number(pieces: pl.DataFrame) -> Numbered:
    """Give each piece with `same_by` the number of the one component of its course that has the same value there.

    A piece that fits none or several becomes a component of its own, numbered after the others of its course.
    """
    asking = pieces.filter(pl.col("same_by").is_not_null())
    if asking.is_empty():
        return Numbered(pieces, asking, 0)
    known = pieces.filter(pl.col("same_by").is_null())
    parts, several = [known], []
    for column in asking["same_by"].unique().sort():
        found, more = _found(known, asking.filter(pl.col("same_by") == column), column)
        parts.append(found)
        several.append(more)
    return Numbered(pl.concat(parts), pl.concat(several), asking.height)


def _found(known: pl.DataFrame, asking: pl.DataFrame, column: str) -> tuple[pl.DataFrame, pl.DataFrame]:
    keys = [*COURSE, column]
    matches = known.group_by(keys).agg(found=pl.col("component_no").unique())
    last = known.group_by(COURSE).agg(last=pl.col("component_no").max())
    joined = asking.join(matches, on=keys, how="left", nulls_equal=True).join(last, on=COURSE, how="left")
    fits = pl.col("found").list.len().fill_null(0)
    # pieces of one course with the same value speak of the same component, so they share its new number
    new = pl.col("last").fill_null(0) + pl.col(column).rank("dense").over(COURSE)
    numbered = joined.with_columns(component_no=pl.when(fits == 1).then(pl.col("found").list.first()).otherwise(new).cast(pl.Int32))
    return numbered.select(asking.columns), numbered.filter(fits > 1).select(asking.columns)
