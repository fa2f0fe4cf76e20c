"""How many records of each source a field concerns, and in how many the source says it: over its pieces, put together by natural key.

A record that reaches us in pieces (a long file, a date in a file of its own) is one record, and a field that none of its pieces says is
missing once. What another source says of it does not count.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import polars as pl

from etl.link_merge import GROUP, Arranged, first_where, natural_key
from etl.normalise.narrow import narrow_schema
from schemas.core.evaluation import locked_cursor
from validations.report import measures

# One row per source, record and field: `n` records of the source that it concerns, `known` those of which a piece says it.
COUNTED: dict[str, type[pl.DataType]] = {
    **dict.fromkeys(("source", "record", "column"), pl.String), "n": pl.Int64, "known": pl.Int64,
}  # fmt: skip
TUMOUR, SOURCE = "tumour_key", "source of a record"
RECORD_OF = {table: record for record, table in measures.TABLE_OF.items()}


def counted_fields(pieces: Mapping[str, Arranged], sources: Sequence[str]) -> pl.DataFrame:
    """COUNTED of the linked pieces, before parents are made; `sources`: whose file each `delivery` is."""
    names = list(dict.fromkeys(sources))
    of_whom = pl.Series(SOURCE, [names.index(source) for source in sources], dtype=pl.UInt32)
    found = [pl.DataFrame(schema=COUNTED)]
    flat = {table: _records(table, record, pieces[record], of_whom) for table, record in RECORD_OF.items()}
    for place, source in enumerate(names):
        with locked_cursor() as con:
            for table, records in flat.items():
                con.register(table, records.filter(pl.col(SOURCE) == place).drop(SOURCE).to_arrow())
            told = measures.with_absent(con, measures.completeness(con, flagged=True)).filter(pl.col("n") > 0)
        record = pl.col("table").replace_strict(RECORD_OF)
        named = told.with_columns(source=pl.lit(source), record=record, known=pl.col("n") - pl.col("missing"))
        found.append(named.select(COUNTED.keys()))
    return pl.concat(found).sort("source", "record", "column")


def _records(table: str, record: str, pieces: Arranged, of_whom: pl.Series) -> pl.DataFrame:
    """One row per source and record: the columns that conditions read (the first value of its pieces), and a flag for each field that is
    measured."""
    alone = pl.concat(_flat(table, record, frame, of_whom) for frame in pieces.alone)
    if pieces.groups.is_empty():
        return alone
    several = _flat(table, record, pieces.groups, of_whom).with_columns(pieces.groups.select(GROUP, "trust"))
    if several.select(SOURCE, "trust").unique()["trust"].is_duplicated().any():
        several = several.sort(GROUP, SOURCE, maintain_order=True)  # else the pieces of one source stand together: it is trusted as one
    starts = several.select(pl.any_horizontal(pl.col(name).ne_missing(pl.col(name).shift()) for name in (GROUP, SOURCE))).to_series()
    run = starts.cum_sum()
    first = starts.arg_true()
    begins = first.to_numpy()
    merged = [
        pl.Series(name, np.logical_or.reduceat(values.to_numpy(), begins)) if values.dtype == pl.Boolean and name.startswith("known_")
        else values.gather(first if name in (SOURCE, TUMOUR, "patient_key") else first_where(values.is_not_null(), run, first))
        for name, values in ((name, several[name]) for name in alone.columns)
    ]  # fmt: skip
    return pl.concat([alone, pl.DataFrame(merged)])


def _flat(table: str, record: str, pieces: pl.DataFrame, of_whom: pl.Series) -> pl.DataFrame:
    """One row per piece: its person and tumour, the columns that conditions read, the flags, and the source."""
    asked = [name for name in measures.condition_columns(table) if name not in (TUMOUR, "patient_key")]
    tumour = [pl.struct("patient_key", "tumour_no").hash().alias(TUMOUR)] if "tumour_no" in natural_key(record) else []
    flags = [_said(pieces, item.column, is_date=item.type == "interval") for item in measures.measured_items(table)]
    kinds = narrow_schema(record)
    lacking = [pl.lit(None, kinds[name]).alias(name) for name in asked if name not in pieces.columns]
    source = of_whom.gather(pieces["delivery"]) if pieces.height else of_whom.clear()
    return pieces.with_columns(lacking).select("patient_key", *tumour, *asked, *flags).with_columns(source)


def _said(pieces: pl.DataFrame, column: str, *, is_date: bool) -> pl.Expr:
    parts = [f"{column}_{part}" for part in measures.DATED_PARTS] if is_date else [column]
    there = [pl.col(part).is_not_null() for part in parts if part in pieces.columns]
    said = pl.any_horizontal(there) if there else pl.repeat(value=False, n=pieces.height)  # not a literal: an empty frame stays empty
    return said.alias(f"known_{column}")
