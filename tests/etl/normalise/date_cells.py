"""A column of date cells, read as one file's column is: for the tests of order, of Excel's swap and of labelled dates."""

from __future__ import annotations

from collections.abc import Iterable

import polars as pl

from etl.normalise.date_order import read_column
from schemas.core.date_shapes import DateRules
from schemas.date_words import months, sentinels, unknown_words, weekdays


def rules(**declared) -> DateRules:
    return DateRules(months=months(), sentinels=sentinels(), unknown=unknown_words(), weekdays=weekdays(), **declared)


def column(texts: Iterable[str], typed: Iterable[str] = (), **declared) -> pl.DataFrame:
    """One row per cell, in order, text cells first: what `read_column` says of it."""
    cells = [(text, False) for text in texts] + [(text, True) for text in typed]
    frame = pl.DataFrame(cells, schema={"raw": pl.String, "is_typed": pl.Boolean}, orient="row")
    counted = frame.group_by("raw", "is_typed").len("n").cast({"n": pl.Int64})
    return frame.join(read_column(counted, rules(**declared)), on=["raw", "is_typed"], how="left", maintain_order="left")


def precision(texts: Iterable[str], text: str, typed: Iterable[str] = (), **declared) -> str | None:
    """The precision of one of the cells."""
    return column([*texts, text], typed, **declared).filter(raw=text)["precision"][0]


def days_of_march(first: int, last: int, form: str = "{day:02d}/03/2009") -> list[str]:
    return [form.format(day=day) for day in range(first, last + 1)]
