"""The content hash of a warehouse: equal for two files that hold the same tables with the same rows.

DuckDB's file bytes differ from build to build (block order, free blocks), so releases are compared by content.
"""

from __future__ import annotations

import hashlib
from pathlib import Path

import duckdb
import polars as pl
from sqlglot import exp

from warehouse import ddl

ROWS_PER_BATCH = 250_000


def content_hash(path: Path) -> str:
    """SHA-256 over each table's DDL and its rows sorted by all columns, tables by name, as 64 hex digits.

    Each column is hashed as three streams (which rows are null, lengths of texts, the values), so that neither the
    size of a batch nor the number of threads matters, and a null differs from an empty text.
    """
    whole = hashlib.sha256()
    with duckdb.connect(str(path), read_only=True) as con:
        for name, statement in con.sql("select table_name, sql from duckdb_tables() order by table_name").fetchall():
            whole.update(f"{name}\x1f{statement}\x1f".encode())
            whole.update(_table_digest(con, name))
    return whole.hexdigest()


def _table_digest(con: duckdb.DuckDBPyConnection, table: str) -> bytes:
    order = con.sql(
        "select column_name from duckdb_columns() where table_name = $table order by column_index", params={"table": table}
    ).fetchall()
    columns = [ddl.field(name) for (name,) in order]
    query = exp.select(*columns).from_(ddl.named(table)).order_by(*(exp.Ordered(this=column, nulls_first=True) for column in columns))
    hashes = {name: [hashlib.sha256() for _ in range(3)] for (name,) in order}
    rows = 0
    for batch in con.sql(query.sql("duckdb")).to_arrow_reader(ROWS_PER_BATCH):
        frame = pl.DataFrame(batch)
        rows += frame.height
        for series in frame:
            for digest, stream in zip(hashes[series.name], _streams(series), strict=True):
                digest.update(stream)
    parts = [digest.digest() for digests in hashes.values() for digest in digests]
    return hashlib.sha256(b"".join([str(rows).encode(), *parts])).digest()


def _streams(series: pl.Series) -> tuple[bytes, bytes, bytes]:
    nulls = series.is_null().cast(pl.UInt8).to_numpy().tobytes()
    if series.dtype != pl.String:
        numbers = series.cast(pl.Float64 if series.dtype == pl.Float64 else pl.Int64).fill_null(0)
        return nulls, b"", numbers.to_numpy().tobytes()
    texts = series.fill_null("")
    return nulls, texts.str.len_bytes().to_numpy().tobytes(), texts.str.join("").item().encode()
