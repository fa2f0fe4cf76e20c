"""The pieces that all files deliver, under the keys of the persons their numbers belong to."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import accumulate

import polars as pl

from etl.linking.groups import replaced
from etl.linking.parents import PROVENANCE
from etl.linking.pieces import natural_key
from etl.normalise.narrow import filled
from etl.normalise.result import Normalised, delivered_schema


def pieces_taken(record: str, parts: Sequence[Normalised], *, spend: bool) -> Iterator[tuple[str, list[pl.DataFrame]]]:
    """The source and the records of one kind of each file; with `spend` they are out of the parts, so that each kind goes at once."""
    for part in parts:
        yield part.source, part.records.taken(record) if spend else part.records.frames(record)


def pieces_of(
    record: str, delivered: Iterable[tuple[str, list[pl.DataFrame]]], moved: pl.DataFrame, *, is_local: bool
) -> list[pl.DataFrame]:  # fmt: skip
    """The pieces of one kind of record from all files, under the keys of their persons; at least one frame.

    Each frame has the columns that its pieces fill and those that all pieces have. `delivery` is the place of the file in the order.

    Where numbers are each source's own, `source` and `own_key` (the number it gives) stay.
    """
    kinds = {name: kind for name, kind in delivered_schema(record).items() if name in (*natural_key(record), *PROVENANCE)}
    own = {"source": pl.String, "own_key": pl.Int64} if is_local else {}
    found = [
        filled(frame.with_columns(_origin(source, place, is_local=is_local)), [*kinds, "delivery", *own]).with_columns(
            pl.lit(None, kind).alias(name) for name, kind in kinds.items() if name not in frame.columns
        )
        for place, (source, frames_) in enumerate(delivered) for frame in frames_ if frame.height
    ]  # fmt: skip
    return _hers(found, moved) or [pl.DataFrame(schema={**kinds, "delivery": pl.Int32, **own})]


def _origin(source: str, place: int, *, is_local: bool) -> list[pl.Expr]:
    """Where the pieces of one file come from."""
    own = [pl.lit(source).alias("source"), pl.col("patient_key").alias("own_key")] if is_local else []
    return [pl.lit(place, pl.Int32).alias("delivery"), *own]


def _hers(frames: list[pl.DataFrame], moved: pl.DataFrame) -> list[pl.DataFrame]:
    """The pieces with the key of the person that each number belongs to; all frames at once, since `moved` is long and they are many."""
    if moved.is_empty() or not frames:
        return frames
    keys = replaced(pl.concat([frame["patient_key"] for frame in frames], rechunk=True), moved.select("patient_key", "to_key"))
    begins = accumulate((frame.height for frame in frames), initial=0)
    return [frame.with_columns(keys.slice(begin, frame.height)) for frame, begin in zip(frames, begins, strict=False)]
