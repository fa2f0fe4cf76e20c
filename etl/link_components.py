"""Records that name a treatment component by a property (`component_no: {same: modality_code}`) find its number."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate

import polars as pl

from etl.normalise.delivered import stacked

COURSE = ["patient_key", "tumour_no", "course_code"]


@dataclass(frozen=True)
class Numbered:
    """`pieces` with every component number; `several`: those that fitted more than one component; `asked`: how many asked."""

    pieces: list[pl.DataFrame]
    several: pl.DataFrame
    asked: int


def number(pieces: list[pl.DataFrame], within: Sequence[str] = ()) -> Numbered:
    """Give each piece with `same_by` the number of the one component of its course that has the same value there.

    A piece that fits none or several becomes a component of its own, numbered after the others of its course. `within` names
    columns beside those of the course that both must share.
    """
    by = {text for frame in pieces if "same_by" in frame.columns for text in frame["same_by"].drop_nulls().cast(pl.String).unique()}
    course, columns = [*COURSE, *within], sorted(by)
    if not columns:
        return Numbered(pieces, pieces[0].clear(), 0)
    needed = [*course, "component_no", "source_row_id", "same_by", *columns]
    told = stacked(frame.select(name for name in needed if name in frame.columns) for frame in pieces).with_row_index("place")
    lacking = [name for name in columns if name not in told.columns]
    told = told.with_columns(pl.lit(None, pl.Categorical).alias(name) for name in lacking)
    known, asking = told.filter(pl.col("same_by").is_null()), told.filter(pl.col("same_by").is_not_null())
    found = pl.concat(_found(known, asking.filter(pl.col("same_by") == column), course, column) for column in columns)
    numbers = told["component_no"].scatter(found["place"], found["component_no"])
    several = told.with_columns(numbers)[found.filter("fits_several")["place"]]
    return Numbered(_written(pieces, numbers), several, asking.height)


def _written(pieces: list[pl.DataFrame], numbers: pl.Series) -> list[pl.DataFrame]:
    """The pieces with these numbers, where any of them asked for one."""
    begins = [0, *accumulate(frame.height for frame in pieces)]
    return [
        frame.with_columns(numbers.slice(begin, frame.height)) if "same_by" in frame.columns else frame
        for begin, frame in zip(begins, pieces, strict=False)
    ]


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
