"""The content hash of a warehouse: equal for two files that hold the same tables with the same rows.

DuckDB's file bytes differ from build to build (block order, free blocks), so releases are compared by content.
"""

from __future__ import annotations

import hashlib
from pathlib import Path

import duckdb
from sqlglot import exp

from warehouse import ddl


def content_hash(path: Path) -> str:
    """SHA-256 over each table's DDL, the number of its rows, the sum and the exclusive or of the hashes of its rows, tables by name,
    and over the DDL of each view, as 64 hex digits.

    Neither knows an order, so nothing has to be sorted or leave the database: at a million women sorting cost more than the
    audit. A null differs from an empty text and from zero, a value in one column from the same in another.
    It tells releases apart that differ by what happened, not by what somebody forged.
    """
    whole = hashlib.sha256()
    with duckdb.connect(str(path), read_only=True) as con:
        for name, statement in con.sql("select table_name, sql from duckdb_tables() order by table_name").fetchall():
            whole.update(f"{name}\x1f{statement}\x1f{_table_digest(con, name)}\x1f".encode())
        for name, statement in con.sql("select view_name, sql from duckdb_views() where not internal order by view_name").fetchall():
            whole.update(f"{name}\x1f{statement}\x1f".encode())
    return whole.hexdigest()


def _table_digest(con: duckdb.DuckDBPyConnection, table: str) -> str:
    order = con.sql(
        "select column_name from duckdb_columns() where table_name = $table order by column_index", params={"table": table}
    ).fetchall()
    row = exp.Anonymous(this="hash", expressions=[ddl.field(name) for (name,) in order])
    # As a whole number that cannot overflow; both are of one hash, which is most of the cost.
    added, apart = exp.Sum(this=exp.cast(row, "hugeint", dialect="duckdb")), exp.Anonymous(this="bit_xor", expressions=[row.copy()])
    query = exp.select(exp.Count(this=exp.Star()), added, apart).from_(ddl.named(table))
    return " ".join(str(number) for number in con.sql(query.sql("duckdb")).fetchall()[0])
