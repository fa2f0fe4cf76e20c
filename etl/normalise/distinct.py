"""Looking up each distinct text once, and what came of it for every row: few spellings stand in many cells (DESIGN 11)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import polars as pl

from etl.normalise.narrow import narrowed
from schemas.core.frames import changes


@dataclass(frozen=True)
class Runs:
    """Rows by runs of neighbours with one text, as the rows of one person stand in a long file: what is asked once for each run.

    `first`: the place of the first row of each run, `run`: that of each row; both None where most runs have one row.
    """

    first: pl.Series | None = None
    run: pl.Series | None = None

    @classmethod
    def of(cls, texts: pl.Series) -> Runs:
        """The runs of a column."""
        is_new = texts.to_frame("text").select(changes("text")).to_series()
        return cls() if 2 * int(is_new.sum()) > len(texts) else cls(is_new.arg_true(), is_new.cum_sum() - 1)

    def each(self, rows: pl.Series) -> pl.Series:
        """The values of the first row of each run."""
        return rows if self.first is None else rows.gather(self.first)

    def spread(self, found: pl.Series) -> pl.Series:
        """What was found for each run, for every row."""
        return found if self.run is None else found.gather(self.run)


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
    table = texts.select(by).hstack(found).lazy()
    rows = asked.lazy().select(by).join(table, on=by, how="left", nulls_equal=has_context, maintain_order="left").drop(by)
    return Looked(rows.collect(), texts)
