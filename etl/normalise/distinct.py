"""Looking up each distinct text once, and what came of it for every row: few spellings stand in many cells (DESIGN 11)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import polars as pl

from etl.normalise.narrow import narrowed
from schemas.core.frames import changes

SPARSE = 10  # a table of all pairs that might be has no more places than so many for each cell


@dataclass(frozen=True)
class Runs:
    """Rows by runs of neighbours with one text, as the rows of one person stand in a long file: what is asked once for each run.

    `first`: the place of the first row of each run, `run`: that of each row; both None where most runs have one row.
    """

    first: pl.Series | None = None
    run: pl.Series | None = None

    @classmethod
    def of(cls, texts: pl.Series, *beside: pl.Series) -> Runs:
        """The runs of a column, or of the texts of several ones together."""
        cells = pl.DataFrame({str(number): column for number, column in enumerate((texts, *beside))})
        is_new = cells.select(changes(*cells.columns)).to_series()
        return cls() if 2 * int(is_new.sum()) > len(texts) else cls(is_new.arg_true(), is_new.cum_sum() - 1)

    def each(self, rows: pl.Series) -> pl.Series:
        """The values of the first row of each run."""
        return rows if self.first is None else rows.gather(self.first)

    def spread(self, found: pl.Series) -> pl.Series:
        """What was found for each run, for every row."""
        return found if self.run is None else found.gather(self.run)


@dataclass(frozen=True)
class Distinct:
    """The different texts of many cells, and which of them stands in each.

    `table`: one row per text, or per text and what stands beside it, in the order in which they are met, with `n`, its cells.
    `numbers`: for each cell the place of its row there, null where it has no text. They are counted and spread by these numbers: to
    group the texts and to join them with what was found of them would hash each of them twice.
    """

    table: pl.DataFrame
    numbers: pl.Series

    @classmethod
    def of(cls, cells: pl.DataFrame) -> Distinct:
        """Those of the first column of `cells` and of the second, if there is one; texts beside nothing are left out."""
        first, *beside = cells.get_columns()
        texts, numbers = _numbered(first)
        table = texts.to_frame(first.name)
        if beside and not _is_constant(beside[0]):
            table, numbers = _paired(cells, numbers)
        elif beside:
            table = table.with_columns(pl.lit(beside[0][0] if cells.height else None, beside[0].dtype).alias(beside[0].name))
        n = np.bincount(numbers.drop_nulls().to_numpy(), minlength=table.height).astype("int64")
        return cls(table.with_columns(n=pl.Series(n)), numbers)

    def spread(self, found: pl.DataFrame) -> pl.DataFrame:
        """What was found of each row of `table`, for every cell; null where it has no text."""
        return found.select(pl.all().gather(self.numbers)) if found.height else found.clear(len(self.numbers))


def _numbered(cells: pl.Series) -> tuple[pl.Series, pl.Series]:
    """The different texts in the order in which they are met, and the number of that of each cell: as categories, of their own."""
    kind = pl.Categorical(pl.Categories.random())
    told = cells.cast(pl.String).cast(kind)  # the categories go when their last column does
    numbers = told.to_physical()
    size = 1 + int(numbers.max()) if numbers.null_count() < len(numbers) else 0  # type: ignore[arg-type]  # whole numbers all
    return pl.int_range(size, dtype=pl.UInt32, eager=True).cat.to(kind).cast(pl.String), numbers


def _paired(cells: pl.DataFrame, numbers: pl.Series) -> tuple[pl.DataFrame, pl.Series]:
    """The different pairs in the order in which they are met, and the number of that of each cell; `numbers`: those of its text."""
    beside = cells.to_series(1)
    other = beside.cast(pl.UInt32) if beside.dtype == pl.Boolean else _numbered(beside)[1]
    nothing = int(other.max() or 0) + 1  # type: ignore[arg-type]  # whole numbers all
    pair = numbers.cast(pl.Int64) * (nothing + 1) + other.fill_null(nothing)
    firsts = (pair.is_first_distinct() & pair.is_not_null()).arg_true()
    met = pair.gather(firsts).to_frame("pair").with_row_index("place")
    size = int(pair.max() or 0) + 1  # type: ignore[arg-type]  # whole numbers all
    if size > SPARSE * len(pair):
        return cells[firsts], pair.to_frame("pair").join(met, on="pair", how="left", maintain_order="left")["place"]
    return cells[firsts], pl.zeros(size, dtype=pl.UInt32, eager=True).scatter(met["pair"], met["place"]).gather(pair)


def _is_constant(values: pl.Series) -> bool:
    """Whether all values are one, or none is there."""
    return values.null_count() == len(values) or bool(values.eq_missing(values[0]).all())


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
    cells = Distinct.of(asked.select("raw", "context"))
    distinct = cells.table
    context = None if distinct["context"].null_count() == distinct.height else distinct["context"]
    texts = look_up(distinct, context)
    found = narrowed(texts.drop("raw", "context", "n", strict=False))  # codes go to the rows as numbers behind their texts
    return Looked(cells.spread(found), texts)
