"""How many records of each source a field concerns, and in how many the source says it: over its pieces, put together by natural key.

A record that reaches us in pieces (a long file, a date in a file of its own) is one record, and a field that none of its pieces says is
missing once. What another source says of it does not count.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import duckdb
import polars as pl

from etl.link_merge import natural_key
from schemas.items import RECORDS, polars_schema
from validations.report import measures

# One row per source, record and field: `n` records of the source that it concerns, `known` those of which a piece says it.
COUNTED: dict[str, type[pl.DataType]] = {
    **dict.fromkeys(("source", "record", "column"), pl.String), "n": pl.Int64, "known": pl.Int64,
}  # fmt: skip
KEY, TUMOUR, SOURCE = "key", "tumour_key", "source of a record"
RECORD_OF = dict(zip(measures.TABLES, RECORDS, strict=True))


def counted_fields(pieces: Mapping[str, pl.DataFrame], sources: Sequence[str]) -> pl.DataFrame:
    """COUNTED of the linked pieces, before parents are made; `sources`: whose file each `delivery` is."""
    names = list(dict.fromkeys(sources))
    of_whom = pl.Series(SOURCE, [names.index(source) for source in sources], dtype=pl.UInt32)
    found = {name: [pl.DataFrame(schema=COUNTED)] for name in names}
    flat = {table: _records(table, record, pieces[record], of_whom) for table, record in RECORD_OF.items()}
    for place, source in enumerate(names):
        with duckdb.connect() as con:
            for table, records in flat.items():
                con.register(table, records.filter(pl.col(SOURCE) == place).drop(SOURCE).to_arrow())
            told = measures.with_absent(con, measures.completeness(con, flagged=True)).filter(pl.col("n") > 0)
        named = told.with_columns(source=pl.lit(source), record=pl.col("table").replace_strict(RECORD_OF), known=pl.col("n") - pl.col("missing"))
        found[source].append(named.select(COUNTED.keys()))
    return pl.concat(frame for frames in found.values() for frame in frames).sort("source", "record", "column")


def _records(table: str, record: str, pieces: pl.DataFrame, of_whom: pl.Series) -> pl.DataFrame:
    """One row per source and record: the columns that conditions read (the first value of its pieces), and a flag for each field that is
    measured."""
    asked = [name for name in measures.condition_columns(table) if name not in (TUMOUR, "patient_key")]
    hers = ["patient_key", TUMOUR] if "tumour_no" in natural_key(record) else ["patient_key"]
    flags = [_said(pieces, item.column, is_date=item.type == "interval") for item in measures.measured_items(table)]
    tumour = [pl.struct("patient_key", "tumour_no").hash().alias(TUMOUR)] if TUMOUR in hers else []
    lacking = [pl.lit(None, polars_schema(record)[name]).alias(name) for name in asked if name not in pieces.columns]
    source = of_whom.gather(pieces["delivery"]) if pieces.height else of_whom.clear()
    flat = pieces.with_columns(lacking).select("patient_key", *tumour, *asked, *flags).with_columns(source)
    keys = pieces.select(natural_key(record)).with_columns(source).hash_rows()
    together = keys.is_duplicated()
    if not together.any():
        return flat
    several = flat.filter(together).with_columns(keys.filter(together).alias(KEY))
    merged = several.group_by(KEY).agg(
        pl.col(SOURCE, *hers).first(), pl.col(*asked).first(ignore_nulls=True) if asked else [], pl.col("^known_.*$").any()
    )
    return pl.concat([flat.filter(~together), merged.select(flat.columns)])


def _said(pieces: pl.DataFrame, column: str, *, is_date: bool) -> pl.Expr:
    parts = [f"{column}_{part}" for part in measures.DATED_PARTS] if is_date else [column]
    there = [pl.col(part).is_not_null() for part in parts if part in pieces.columns]
    said = pl.any_horizontal(there) if there else pl.repeat(value=False, n=pieces.height)  # not a literal: an empty frame stays empty
    return said.alias(f"known_{column}")
