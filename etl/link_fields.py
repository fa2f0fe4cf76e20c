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
KEY, TUMOUR = "key", "tumour_key"


def counted_fields(pieces: Mapping[str, pl.DataFrame], sources: Sequence[str]) -> pl.DataFrame:
    """COUNTED of the linked pieces, before parents are made; `sources`: whose file each `delivery` is."""
    found = [
        _of_source(pieces, source, [place for place, name in enumerate(sources) if name == source]) for source in dict.fromkeys(sources)
    ]
    return pl.concat([pl.DataFrame(schema=COUNTED), *found]).sort("source", "record", "column")


def _of_source(pieces: Mapping[str, pl.DataFrame], source: str, places: list[int]) -> pl.DataFrame:
    with duckdb.connect() as con:
        for table, record in zip(measures.TABLES, RECORDS, strict=True):
            con.register(table, _records(table, record, pieces[record].filter(pl.col("delivery").is_in(places))).to_arrow())
        found = measures.with_absent(con, measures.completeness(con, flagged=True))
    record_of = dict(zip(measures.TABLES, RECORDS, strict=True))
    told = found.filter(pl.col("n") > 0).with_columns(
        source=pl.lit(source), record=pl.col("table").replace_strict(record_of), known=pl.col("n") - pl.col("missing")
    )
    return told.select(COUNTED.keys())


def _records(table: str, record: str, pieces: pl.DataFrame) -> pl.DataFrame:
    """One row per record: the columns that conditions read (the first value of its pieces), and a flag for each field that is measured."""
    asked = [name for name in measures.condition_columns(table) if name not in (TUMOUR, "patient_key")]
    hers = ["patient_key", TUMOUR] if "tumour_no" in natural_key(record) else ["patient_key"]
    flags = [_said(pieces, item.column, is_date=item.type == "interval") for item in measures.measured_items(table)]
    tumour = [pl.struct("patient_key", "tumour_no").hash().alias(TUMOUR)] if TUMOUR in hers else []
    lacking = [pl.lit(None, polars_schema(record)[name]).alias(name) for name in asked if name not in pieces.columns]
    flat = pieces.with_columns(lacking).select("patient_key", *tumour, *asked, *flags)
    keys = pieces.select(natural_key(record)).hash_rows()
    together = keys.is_duplicated()
    if not together.any():
        return flat
    several = flat.filter(together).with_columns(keys.filter(together).alias(KEY))
    merged = several.group_by(KEY).agg(
        pl.col(*hers).first(), pl.col(*asked).drop_nulls().first() if asked else [], pl.col("^known_.*$").any()
    )
    return pl.concat([flat.filter(~together), merged.select(flat.columns)])


def _said(pieces: pl.DataFrame, column: str, *, is_date: bool) -> pl.Expr:
    parts = [f"{column}_{part}" for part in measures.DATED_PARTS] if is_date else [column]
    there = [pl.col(part).is_not_null() for part in parts if part in pieces.columns]
    said = pl.any_horizontal(there) if there else pl.repeat(value=False, n=pieces.height)  # not a literal: an empty frame stays empty
    return said.alias(f"known_{column}")
