"""Looking up each distinct text once, and what came of it for every row: few spellings stand in many cells (DESIGN 11)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import polars as pl

from etl.normalise.narrow import narrowed


@dataclass(frozen=True)
class Looked:
    """`rows`: what was found, texts as categories, one row per row that was asked about (all null where it has no text).

    `texts`: one row per distinct text and context: raw, context, n (its rows), and what was found.
    """

    rows: pl.DataFrame
    texts: pl.DataFrame


def looked_up(asked: pl.DataFrame, look_up: Callable[[pl.DataFrame, pl.Series | None], pl.DataFrame]) -> Looked:
    """What `look_up` finds for the rows of `asked` (raw, context).

    It is given one row per distinct pair (raw, context, n) and the contexts, None where there are none, and returns these rows with
    what it found beside them.
    """
    has_context = asked["context"].null_count() < asked.height
    by = ["raw", "context"] if has_context else ["raw"]
    counted = asked.lazy().filter(pl.col("raw").is_not_null()).group_by(by, maintain_order=True).agg(n=pl.len().cast(pl.Int64)).collect()
    distinct = counted if has_context else counted.select("raw", context=pl.lit(None, pl.String), n="n")
    context = None if distinct["context"].null_count() == distinct.height else distinct["context"]
    texts = look_up(distinct, context)
    found = narrowed(texts.drop(*by, "n", "context", strict=False))  # codes go to the rows as numbers behind their texts
    table = texts.select(by).hstack(found)
    rows = asked.select(by).join(table, on=by, how="left", nulls_equal=has_context, maintain_order="left").drop(by)
    return Looked(rows, texts)
