"""Cells of a sheet that are merged over several rows of data: their value stands in the first and is shown over all."""

from __future__ import annotations

from collections.abc import Iterable

import polars as pl

from etl.readers.parsed import typed

Merged = tuple[tuple[int, int], tuple[int, int]]


def goes_down(one: Merged, begins: int) -> bool:
    """Whether a merged range (first and last cell, row and column from 0) is one column over several rows of data alone."""
    (first, left), (last, right) = one
    return first >= begins and last > first and left == right


def filled_down(frame: pl.DataFrame, merged: Iterable[Merged], begins: int) -> pl.DataFrame:
    """The rows of a sheet from `begins` on (columns as `Parsed.rows`), the value of each such range in all of its rows.

    A range over several columns is left as it is: to which of them its value belongs nobody can tell.
    """
    sources: dict[int, dict[int, int]] = {}
    for one in merged:
        if goes_down(one, begins):
            (first, place), (last, _) = one
            rows = range(first + 1, min(last + 1, begins + frame.height))
            sources.setdefault(place, {}).update((row - begins, first - begins) for row in rows)
    for place, source in sources.items():
        taken = pl.int_range(frame.height, eager=True).scatter(list(source), list(source.values()))
        frame = frame.with_columns(frame[name].gather(taken) for name in (str(place), typed(place)) if name in frame.columns)
    return frame
