"""Delivered records by kind, kept as one narrow frame per rule: columns that a rule does not fill take no memory until all are joined."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

import polars as pl

from etl.normalise.narrow import Kind, having
from etl.normalise.result import delivered_schema
from schemas.items import RECORDS


class ByRule(Mapping[str, pl.DataFrame]):
    """The records of one file: by kind one frame with the columns of `delivered_schema`, made anew when it is asked for.

    Most of a file's rules fill few columns of their record: a frame for each is a third of one with all columns.
    """

    def __init__(self, frames: Mapping[str, Sequence[pl.DataFrame]]) -> None:
        self._frames = {record: [frame for frame in frames.get(record, ()) if frame.height] for record in RECORDS}

    def __getitem__(self, record: str) -> pl.DataFrame:
        return whole(self._frames[record], delivered_schema(record))

    def __iter__(self) -> Iterator[str]:
        return iter(self._frames)

    def __len__(self) -> int:
        return len(self._frames)

    @property
    def n_records(self) -> int:
        """How many there are, of all kinds."""
        return sum(frame.height for frames in self._frames.values() for frame in frames)

    def frames(self, record: str) -> list[pl.DataFrame]:
        """The frames of one kind, with those columns that they fill."""
        return self._frames[record]

    def some(self, record: str, columns: Sequence[str]) -> pl.DataFrame:
        """Some columns of the records of one kind, without making the others."""
        schema = {name: kind for name, kind in delivered_schema(record).items() if name in columns}
        parts = [having(frame, schema) for frame in self._frames[record]]
        return pl.concat(parts).select(columns) if parts else pl.DataFrame(schema=schema).select(columns)

    def where(self, condition: pl.Expr) -> ByRule:
        """The records that meet a condition on columns which every rule fills."""
        return ByRule({record: [frame.filter(condition) for frame in frames] for record, frames in self._frames.items()})

    def taken(self, record: str) -> list[pl.DataFrame]:
        """The frames of one kind, which are here no longer."""
        frames, self._frames[record] = self._frames[record], []
        return frames


def whole(frames: Sequence[pl.DataFrame], schema: dict[str, Kind]) -> pl.DataFrame:
    """The frames one below the other with exactly the columns of `schema`; what none of them fills is a constant null."""
    return having(pl.concat(frames, how="diagonal"), schema) if frames else pl.DataFrame(schema=schema)


def stacked(frames: Iterable[pl.DataFrame]) -> pl.DataFrame:
    """The frames one below the other, with all columns that any has; none of them may be empty of columns."""
    return pl.concat(frames, how="diagonal", rechunk=True)
