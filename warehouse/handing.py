"""Hands the rows of a frame to DuckDB as a stream of small batches, each made when DuckDB asks for it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

import polars as pl
import pyarrow as pa


class Stream:
    """Rows for one statement, which may ask for them more than once. While the database works on some of them the next are made: so
    neither a table is copied as a whole nor one processor waits for the other.

    `like`: a frame of the columns that all parts have. Dictionary columns are handed as such.
    """

    def __init__(self, like: pl.DataFrame, parts: Callable[[], Iterable[pl.DataFrame]]) -> None:
        self._like, self._parts = like, parts

    def __arrow_c_stream__(self, requested_schema: object = None) -> object:
        """The stream, as the Arrow interface of that name has it."""
        schema = _batch(self._like.clear()).schema
        return pa.RecordBatchReader.from_batches(schema, self._batches()).__arrow_c_stream__(requested_schema)

    def _batches(self) -> Iterator[pa.RecordBatch]:
        for part in self._parts():
            yield _batch(part.rechunk())


def _batch(part: pl.DataFrame) -> pa.RecordBatch:
    return pa.RecordBatch.from_arrays([_array(column) for column in part], names=part.columns)


def _array(column: pl.Series) -> pa.Array:
    """A column as it lies in memory. Polars would number the categories of a part anew, which all have them in common."""
    if column.dtype != pl.Categorical:
        return column.to_arrow()
    categories = column.dtype.categories.to_series()  # type: ignore[attr-defined]  # of this type
    return pa.DictionaryArray.from_arrays(column.to_physical().to_arrow(), categories.to_arrow(), safe=False)
