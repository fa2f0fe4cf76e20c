"""Delivered records as narrow frames: columns that nobody fills are constants, codes are numbers behind their texts.

A constant column of polars takes no memory until it is sorted or stacked, so a frame can have all columns of its record and
carry those that its contract fills.
"""

from __future__ import annotations

from collections.abc import Iterable

import polars as pl

from schemas.items import polars_schema

# Texts that are no codes: nearly every row has its own.
TEXTS = frozenset({"patient_pseudonym", "subject_label"})
PLACE = "source_file"
Kind = type[pl.DataType] | pl.DataType


def narrow_kind(name: str, kind: Kind) -> Kind:
    """The type of a column while records are brought together: a code is a category."""
    return pl.Categorical() if kind == pl.String and name not in TEXTS else kind


def narrow_schema(record: str) -> dict[str, Kind]:
    """The columns of one staging record with the types they have until it is whole."""
    return {name: narrow_kind(name, kind) for name, kind in polars_schema(record).items()}


def filled(frame: pl.DataFrame, keep: Iterable[str] = ()) -> pl.DataFrame:
    """`frame` without the columns in which no row has a value, those of `keep` stay."""
    nulls = frame.null_count().row(0, named=True)
    return frame.select(name for name in frame.columns if name in set(keep) or nulls[name] < frame.height)


def having(frame: pl.DataFrame, schema: dict[str, Kind]) -> pl.DataFrame:
    """`frame` with exactly the columns of `schema`; those it lacks are null."""
    return frame.select(_typed(frame.schema.get(name), name, kind) for name, kind in schema.items())


def _typed(has: pl.DataType | None, name: str, kind: Kind) -> pl.Expr:
    if has is None:
        return pl.lit(None, kind).alias(name)
    return pl.col(name) if has == kind else pl.col(name).cast(kind)


def widened(frame: pl.DataFrame) -> pl.DataFrame:
    """`frame` with its categories as texts."""
    return frame.with_columns(pl.col(pl.Categorical).cast(pl.String))


def narrowed(frame: pl.DataFrame) -> pl.DataFrame:
    """`frame` with its codes as categories."""
    return frame.cast({name: narrow_kind(name, kind) for name, kind in frame.schema.items() if name != PLACE})
