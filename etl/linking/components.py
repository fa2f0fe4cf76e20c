"""Records that name a treatment component by a property (`component_no: {same: modality_code}`) find its number."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import accumulate

import polars as pl

from etl.normalise.delivered import stacked

COURSE = ["patient_key", "tumour_no", "course_code"]


@dataclass(frozen=True)
class Numbered:
    """`pieces` with every component number; `several`: those that fitted more than one component; `asked`: how many asked."""

    pieces: list[pl.DataFrame]
    several: pl.DataFrame = field(default_factory=pl.DataFrame)
    asked: int = 0


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
    told = _of_asking([frame.select(name for name in needed if name in frame.columns) for frame in pieces])
    lacking = [name for name in columns if name not in told.columns]
    told = told.with_columns(pl.lit(None, pl.Categorical).alias(name) for name in lacking)
    known, asking = told.filter(pl.col("same_by").is_null()), told.filter(pl.col("same_by").is_not_null())
    found = pl.concat(_found(known, asking.filter(pl.col("same_by") == column), course, column) for column in columns)
    fitting = found.filter("fits_several").select("place", "component_no")
    several = fitting.join(told.drop("component_no"), on="place", how="left", maintain_order="left").select(told.columns)
    return Numbered(_written(pieces, found), several, asking.height)


def _of_asking(pieces: list[pl.DataFrame]) -> pl.DataFrame:
    """The pieces of the persons of whom any piece asks, with their `place` among all: few ask, and the others need not be looked at."""
    asking = [frame.filter(pl.col("same_by").is_not_null())["patient_key"] for frame in pieces if "same_by" in frame.columns]
    persons = pl.concat(asking).unique().implode()
    begins = accumulate((frame.height for frame in pieces), initial=0)
    return stacked(
        frame.with_row_index("place", begin).filter(pl.col("patient_key").is_in(persons))
        for frame, begin in zip(pieces, begins, strict=False)
    )


def _written(pieces: list[pl.DataFrame], found: pl.DataFrame) -> list[pl.DataFrame]:
    """The pieces with the numbers found (`place`, `component_no`), where any of them asked for one."""
    begins = accumulate((frame.height for frame in pieces), initial=0)
    return [
        frame.with_columns(_given(frame["component_no"], found, begin)) if "same_by" in frame.columns else frame
        for begin, frame in zip(begins, pieces, strict=False)
    ]


def _given(numbers: pl.Series, found: pl.DataFrame, begin: int) -> pl.Series:
    """The numbers of one frame, whose first piece has the place `begin`."""
    hers = found.filter(pl.col("place").is_between(begin, begin + len(numbers), closed="left"))
    return numbers.scatter(hers["place"] - begin, hers["component_no"])


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
