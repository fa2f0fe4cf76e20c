"""How many records of each source a field concerns, and in how many the source says it: over its pieces, put together by natural key.

A record that reaches us in pieces (a long file, a date in a file of its own) is one record, and a field that none of its pieces says is
missing once. What another source says of it does not count.

Most fields concern every record: those are counted column by column. Only what hangs on a condition (fields.csv) is asked of the database.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cache

import duckdb
import numpy as np
import polars as pl
from sqlglot import exp

from etl.linking.groups import begins
from etl.linking.merging import Arranged, first_where
from etl.linking.pieces import GROUP, natural_key
from etl.normalise.narrow import narrow_schema
from schemas.core.evaluation import locked_cursor
from schemas.items import RECORD_OF, Item
from validations.report import measures

# One row per source, record and field: `n` records of the source that it concerns, `known` those of which a piece says it.
COUNTED: dict[str, type[pl.DataType]] = {
    **dict.fromkeys(("source", "record", "column"), pl.String), "n": pl.Int64, "known": pl.Int64,
}  # fmt: skip
TUMOUR, PERSON, SOURCE, DELIVERY = "tumour_key", "patient_key", "source of a record", "delivery"


@dataclass
class Counts:
    """The counts of one source in one table.

    `n`: its records. `known`: by field that concerns all records, in how many it is known. `asked`: what the conditions of all other
    fields read, in frames with one row per record.
    """

    n: int
    known: dict[str, int]
    asked: list[pl.DataFrame]


def counted_fields(counts: Mapping[str, Mapping[str, Counts]]) -> pl.DataFrame:
    """COUNTED of what `counts_of` tells; the frames that it asks of are dropped on the way."""
    found = [pl.DataFrame(schema=COUNTED)]
    for source in next(iter(counts.values())):
        with locked_cursor() as con:
            for table, of_sources in counts.items():
                con.register(table, pl.concat(of_sources[source].asked).to_arrow())
                of_sources[source].asked.clear()
            rows = [row for table, of_sources in counts.items() for row in _rows(con, table, of_sources[source])]
            told = measures.with_absent(con, pl.DataFrame(rows, schema=measures.COMPLETENESS, orient="row")).filter(pl.col("n") > 0)
        record = pl.col("table").replace_strict(RECORD_OF)
        named = told.with_columns(source=pl.lit(source), record=record, known=pl.col("n") - pl.col("missing"))
        found.append(named.select(COUNTED.keys()))
    return pl.concat(found).sort("source", "record", "column")


def counts_of(pieces: Mapping[str, Arranged], sources: Sequence[str]) -> dict[str, dict[str, Counts]]:
    """By table and source what is counted of the linked pieces, before parents are made; `sources`: whose file each `delivery` is."""
    names = list(dict.fromkeys(sources))
    of_whom = pl.Series(SOURCE, [names.index(source) for source in sources], dtype=pl.UInt32)
    with ThreadPoolExecutor(2, "counts") as threads:
        found = threads.map(lambda table: _counts(table, RECORD_OF[table], pieces[RECORD_OF[table]], of_whom, len(names)), RECORD_OF)
        return {table: dict(zip(names, counts, strict=True)) for table, counts in zip(RECORD_OF, found, strict=True)}


def _rows(con: duckdb.DuckDBPyConnection, table: str, counts: Counts) -> Iterator[tuple[str, str, int, int]]:
    """One row per measured field of a table (COMPLETENESS); nothing is asked of a table without records, which takes a while to set up."""
    partial = _partial(table)
    told = iter(con.sql(_query(table)).fetchall()[0] if partial and counts.n else [0] * 2 * len(partial))
    for item in measures.measured_items(table):
        n, known = (next(told), next(told)) if item in partial else (counts.n, counts.known[item.column])
        yield table, item.column, n, n - known


@cache
def _partial(table: str) -> tuple[Item, ...]:
    """The measured fields that concern only some rows of their table."""
    return tuple(item for item in measures.measured_items(table) if measures.is_partial(table, item.column))


@cache
def _query(table: str) -> str:
    """For each field of `_partial` the number of rows that it concerns, and of those in which it is known."""
    concerned = [(measures.concerns(table, item.column) or exp.true(), item) for item in _partial(table)]
    tests = [test for where, item in concerned for test in (where, exp.and_(where, measures.is_known(item)))]
    return exp.select(*(measures.count_where(test) for test in tests)).from_(table).sql(dialect="duckdb")


def _counts(table: str, record: str, pieces: Arranged, of_whom: pl.Series, n_sources: int) -> list[Counts]:
    """The counts of each source."""
    whole = [item for item in measures.measured_items(table) if item not in _partial(table)]
    lone = [frame.select(_needed(table, record, frame)) for frame in (*pieces.alone, pieces.groups)]
    none = _asked(table, record, lone[0].clear())
    found = [Counts(0, dict.fromkeys((item.column for item in whole), 0), [none]) for _ in range(n_sources)]
    for frame in lone[:-1]:
        for place, part in _by_source(frame, of_whom):
            counts = found[place]
            counts.n += part.height
            counts.asked.append(_asked(table, record, part))
            for item in whole:
                counts.known[item.column] += _n_known(part, item)
    if pieces.groups.height:
        several = lone[-1].with_columns(pieces.groups[GROUP], pieces.groups["trust"], of_whom.gather(pieces.groups[DELIVERY]))
        _add_merged(found, table, record, several, whole)
    return found


def _add_merged(found: list[Counts], table: str, record: str, several: pl.DataFrame, whole: Sequence[Item]) -> None:
    """Adds the records that came in several pieces: of each source the first value of its pieces; known is what any of them says."""
    if several.group_by(DELIVERY).agg(pl.col(SOURCE, "trust").first()).select(SOURCE, "trust").unique()["trust"].is_duplicated().any():
        several = several.sort(GROUP, SOURCE, maintain_order=True)  # else the pieces of one source stand together: it is trusted as one
    starts = begins(several[GROUP]) | begins(several[SOURCE])
    run, first = (starts.cum_sum() - 1).alias("run"), starts.arg_true()
    n, source = len(first), several[SOURCE].gather(first)
    asked = _asked(table, record, several)
    flags = [name for name in asked.columns if name.startswith("known_")]
    merged = [
        values.gather(first if name in (TUMOUR, PERSON) or not values.null_count() else first_where(values.is_not_null(), run, n))
        for name, values in ((name, asked[name]) for name in asked.columns if name not in flags)
    ]  # fmt: skip
    whole_asked = pl.DataFrame([*merged, *(_any(asked[name], run, n) for name in flags)])
    is_known = several.select(_said(several, item) for item in whole)
    known = {item.column: _runs(is_known[f"known_{item.column}"], run) for item in whole}
    for place, counts in enumerate(found):
        hers = source == place
        counts.n += int(hers.sum())
        counts.asked.append(whole_asked.filter(hers))
        for column, runs in known.items():
            counts.known[column] += int(hers.gather(runs).sum())


def _runs(holds: pl.Series, run: pl.Series) -> pl.Series:
    """The runs in which any row holds, each once."""
    hers = run.filter(holds)
    return hers.filter(begins(hers))


def _any(holds: pl.Series, run: pl.Series, n: int) -> pl.Series:
    """Whether any row of each run holds."""
    is_any = np.zeros(n, bool)
    is_any[_runs(holds, run).to_numpy()] = True
    return pl.Series(holds.name, is_any, dtype=pl.Boolean)


def _by_source(frame: pl.DataFrame, of_whom: pl.Series) -> Iterator[tuple[int, pl.DataFrame]]:
    """The pieces of each source apart; nearly all frames are of one file."""
    if frame.height:
        source = of_whom.gather(frame[DELIVERY])
        is_one = source.min() == source.max()
        yield from ((place, frame if is_one else frame.filter(source == place)) for place in ([source[0]] if is_one else source.unique()))


def _needed(table: str, record: str, pieces: pl.DataFrame) -> list[str]:
    """The columns that are counted or asked, of those that the pieces have."""
    parts = {part for item in measures.measured_items(table) for part in _parts(item)}
    asked = {*measures.condition_columns(table), *natural_key(record), PERSON, DELIVERY}
    return [name for name in pieces.columns if name in parts | asked]


def _asked(table: str, record: str, pieces: pl.DataFrame) -> pl.DataFrame:
    """One row per piece: its person and tumour, the columns that conditions read, and a flag for each field that hangs on one."""
    asked = [name for name in measures.condition_columns(table) if name not in (TUMOUR, PERSON)]
    # persons have keys of 63 bits: with the number of the tumour added they are as different
    tumour = [(pl.col(PERSON) + pl.col("tumour_no").fill_null(-1)).alias(TUMOUR)] if "tumour_no" in natural_key(record) else []
    kinds = narrow_schema(record)
    lacking = [pl.lit(None, kinds[name]).alias(name) for name in asked if name not in pieces.columns]
    return pieces.with_columns(lacking).select(PERSON, *tumour, *asked, *(_said(pieces, item) for item in _partial(table)))


def _parts(item: Item) -> list[str]:
    """The columns that hold a field."""
    return [f"{item.column}_{part}" for part in measures.DATED_PARTS] if item.type == "interval" else [item.column]


def _n_known(pieces: pl.DataFrame, item: Item) -> int:
    """How many of the pieces say a field."""
    there = [part for part in _parts(item) if part in pieces.columns]
    nulls = [pieces[part].null_count() for part in there]
    if 0 in nulls or len(there) < 2:
        return pieces.height - min(nulls, default=pieces.height)
    return int(pieces.select(_said(pieces, item)).to_series().sum())


def _said(pieces: pl.DataFrame, item: Item) -> pl.Expr:
    there = [pl.col(part).is_not_null() for part in _parts(item) if part in pieces.columns]
    said = pl.any_horizontal(there) if there else pl.repeat(value=False, n=pieces.height)  # not a literal: an empty frame stays empty
    return said.alias(f"known_{item.column}")
