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
    """SHA-256 over each table's DDL, the number of its rows and two sums over hashes of its rows, tables by name, and over the DDL of
    each view, as 64 hex digits.

    A sum knows no order, so nothing has to be sorted or leave the database: at a million women sorting cost more than the
    audit. The two sums hash the columns from the first and from the last; a null differs from an empty text and from zero.
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
    names = [name for (name,) in order]
    query = exp.select(exp.Count(this=exp.Star()), _sum_of_hashes(names), _sum_of_hashes(names[::-1])).from_(ddl.named(table))
    return " ".join(str(number) for (row,) in [con.sql(query.sql("duckdb")).fetchall()] for number in row)


def _sum_of_hashes(names: list[str]) -> exp.Expr:
    """The sum of the 64-bit hashes of all rows, as a whole number that cannot overflow."""
    return exp.Sum(this=exp.cast(exp.Anonymous(this="hash", expressions=[ddl.field(name) for name in names]), "hugeint", dialect="duckdb"))
