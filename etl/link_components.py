"""Records that name a treatment component by a property (`component_no: {same: modality_code}`) find its number."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import polars as pl

COURSE = ["patient_key", "tumour_no", "course_code"]


@dataclass(frozen=True)
class Numbered:
    """`pieces` with every component number; `several`: those that fitted more than one component; `asked`: how many asked."""

    pieces: pl.DataFrame
    several: pl.DataFrame
    asked: int


def number(pieces: pl.DataFrame, within: Sequence[str] = ()) -> Numbered:
    """Give each piece with `same_by` the number of the one component of its course that has the same value there.

    A piece that fits none or several becomes a component of its own, numbered after the others of its course. `within` names
    columns beside those of the course that both must share.
    """
    if "same_by" not in pieces.columns or pieces["same_by"].null_count() == pieces.height:
        return Numbered(pieces, pieces.clear(), 0)
    course = [*COURSE, *within]
    columns = pieces["same_by"].drop_nulls().cast(pl.String).unique().sort()
    told = pieces.select(*course, "component_no", "same_by", *columns).with_row_index("place")
    known, asking = told.filter(pl.col("same_by").is_null()), told.filter(pl.col("same_by").is_not_null())
    found = pl.concat(_found(known, asking.filter(pl.col("same_by") == column), course, column) for column in columns)
    numbers = pieces["component_no"].scatter(found["place"], found["component_no"])
    numbered = pieces.with_columns(numbers)
    return Numbered(numbered, numbered[found.filter("fits_several")["place"]], asking.height)


def _found(known: pl.DataFrame, asking: pl.DataFrame, course: list[str], column: str) -> pl.DataFrame:
    """`place`, `component_no` and `fits_several` of the pieces that ask by one column."""
    keys = [*course, column]
    hers = known.join(asking.select(course).unique(), on=course, how="semi")
    matches = hers.group_by(keys).agg(first=pl.col("component_no").first(), n=pl.col("component_no").n_unique())
    last = hers.group_by(course).agg(last=pl.col("component_no").max())
    joined = asking.join(matches, on=keys, how="left", nulls_equal=True).join(last, on=course, how="left")
    fits = pl.col("n").fill_null(0)
    # pieces of one course with the same value speak of the same component, so they share its new number
    new = pl.col("last").fill_null(0) + pl.col(column).rank("dense").over(course)
    number_ = pl.when(fits == 1).then("first").otherwise(new).cast(pl.Int32)
    return joined.select("place", component_no=number_, fits_several=fits > 1)
