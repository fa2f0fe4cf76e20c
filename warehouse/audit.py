"""The audit of a warehouse before it is published: everything that is wrong, in one refusal.

Keys and their parents are verified by query, because declared on the facts they would cost more than the load.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from itertools import chain
from pathlib import Path

import duckdb
import polars as pl
from sqlglot import exp

from schemas import items
from schemas.core.errors import RefusedError
from schemas.domains import Codes, natural_key
from schemas.frame_checks import failures
from schemas.star import star_model
from warehouse import ddl
from warehouse.ledger import differences, imbalances
from warehouse.suspects import suspects

# The star tables whose rows are the loaded records: each is counted in the ledger and has a lineage.
LOADED = ("dim_patient", "dim_tumour", "fact_treatment", "fact_event", "fact_follow_up", "fact_biomarker")
ROWS_PER_BATCH = 1_000_000


def audit(path: Path, codes: Codes, ledger: pl.DataFrame | None = None, lines: Mapping[str, int] | None = None) -> None:
    """Raises RefusedError with every failure, one sentence each, without a value; returns where there is none.

    `ledger`: what the stages accounted for, to be found in the warehouse line by line. `lines`: physical lines of each text
    file that was read. Both may be left out. No connection that writes to `path` may be open.
    """
    with duckdb.connect(str(path), read_only=True) as con:
        tables = [*items.tables("star"), *items.tables("mart")]
        found = [
            *chain.from_iterable(_keys(con, table) for table in tables),
            *chain.from_iterable(_orphans(con, table) for table in tables),
            *_ledger(con, ledger, lines),
            *_lineage(con),
            *_comments(con),
            *chain.from_iterable(_models(con, table, codes) for table in tables),
        ]
    if found:
        raise RefusedError("\n".join(found))


def _keys(con: duckdb.DuckDBPyConnection, table: str) -> Iterator[str]:
    """Keys and natural keys name one row each; two natural keys under one key are a collision of the hash."""
    columns = items.columns(table)
    key = tuple(column.name for column in columns if column.item.role == "key")
    rows = _count(con, _from(table))
    named, keyed = _distinct(con, table, natural_key(columns), rows), _distinct(con, table, key, rows)
    if named is not None and named < rows:
        yield f"{table}: {rows - named} rows repeat a natural key"
    if keyed is not None and keyed < rows:
        collides = named is not None and named > keyed
        yield f"{table}: {rows - keyed} rows repeat a key" + (" (hash collision of different natural keys)" if collides else "")


def _orphans(con: duckdb.DuckDBPyConnection, table: str) -> Iterator[str]:
    for column in items.columns(table):
        if column.item.role == "parent":
            parent = column.item.domain
            key = next(item.column for item in items.items(parent) if item.role == "key")
            n = _count(con, _without(table, column.name, _keys_of(parent, key)))
            if n:
                yield f"{table}.{column.name}: {n} rows have no parent in {parent}"


def _ledger(con: duckdb.DuckDBPyConnection, accounted: pl.DataFrame | None, lines: Mapping[str, int] | None) -> list[str]:
    table = _frame(con, exp.select("*").from_(ddl.named("ledger")))
    loaded = table.filter((pl.col("stage") == "load") & (pl.col("fate") == "loaded"))["n"].sum()
    rows = sum(_count(con, _from(name)) for name in LOADED)
    unequal = [] if rows == loaded else [f"ledger: {loaded} records loaded, the star holds {rows}"]
    return [*imbalances(table, lines), *(differences(table, accounted) if accounted is not None else []), *unequal]


def _lineage(con: duckdb.DuckDBPyConnection) -> Iterator[str]:
    """Every loaded row leads to a source row, and no line of the lineage leads to a row that is not there.

    That both hold the same keys is seen by sorting them, at half the cost of two joins; which are missing is asked where they do not.
    """
    for table in LOADED:
        key = items.columns(table)[0].name
        of_table = exp.EQ(this=ddl.field("table_name"), expression=exp.Literal.string(table))
        traced = _keys_of("lineage", "row_key").where(of_table)
        if _different(con, traced).equals(_different(con, _keys_of(table, key))):
            continue
        if n := _count(con, _without(table, key, traced)):
            yield f"{table}: {n} rows have no lineage"
        if n := _count(con, _without("lineage", "row_key", _keys_of(table, key)).where(of_table)):
            yield f"lineage: {n} lines lead to no row of {table}"


def _different(con: duckdb.DuckDBPyConnection, keys: exp.Select) -> pl.Series:
    """The keys in rising order, each once."""
    ordered = _frame(con, keys).to_series().alias("key").sort()
    return ordered.filter(ordered.ne_missing(ordered.shift()))


def _comments(con: duckdb.DuckDBPyConnection) -> Iterator[str]:
    for kind, name, column in (("duckdb_tables", "table", None), ("duckdb_columns", "column", "column_name")):
        query = exp.select("table_name", *([column] if column else [])).from_(exp.func(kind)).where("comment is null and not internal")
        for bare in sorted(con.sql(query.sql("duckdb")).fetchall()):
            yield f"{'.'.join(bare)}: the {name} has no comment"


def _models(con: duckdb.DuckDBPyConnection, table: str, codes: Codes) -> list[str]:
    """The pandera model, held against the rows that break it (`warehouse.suspects`), batch by batch: it names and counts what is wrong.

    Columns and types are held against the table as it is; where they are not as declared, every row is judged. The model is made
    only where it has something to judge.
    """
    whole = exp.select("*").from_(ddl.named(table))
    declared = _frame(con, whole.limit(0)).schema == pl.Schema(items.polars_schema(table))
    if declared and not _count(con, _from(table)):
        return []
    found: Counter[str] = Counter()
    for batch in con.sql((suspects(con, table, codes) if declared else whole).sql("duckdb")).to_arrow_reader(ROWS_PER_BATCH):
        found += failures(star_model(table, codes), pl.DataFrame(batch))
    return [f"{what} ({n} failed)" for what, n in sorted(found.items())]


def _frame(con: duckdb.DuckDBPyConnection, query: exp.Select) -> pl.DataFrame:
    return pl.DataFrame(con.sql(query.sql("duckdb")).to_arrow_table())


def _from(table: str) -> exp.Select:
    return exp.select().from_(ddl.named(table))


def _keys_of(table: str, key: str) -> exp.Select:
    return exp.select(ddl.field(key)).from_(ddl.named(table))


def _without(table: str, column: str, present: exp.Select) -> exp.Select:
    """The rows of `table` whose `column` is given and not among `present` (keys are never null, so NOT IN is safe)."""
    given = exp.Not(this=exp.Is(this=ddl.field(column), expression=exp.Null()))
    absent = exp.Not(this=exp.In(this=ddl.field(column), query=exp.Subquery(this=present)))
    return _from(table).where(given, absent)


def _count(con: duckdb.DuckDBPyConnection, rows: exp.Select) -> int:
    return int(con.sql(rows.select(exp.Count(this=exp.Star())).sql("duckdb")).fetchall()[0][0])


def _distinct(con: duckdb.DuckDBPyConnection, table: str, columns: tuple[str, ...], rows: int) -> int | None:
    """Number of different values of `columns` together; None where there are no columns."""
    if not columns:
        return None
    values = [ddl.field(name) for name in columns]
    # Equal values have equal hashes: as many hashes as rows is proof. Polars counts different numbers at a third of the database's cost.
    hashed = exp.alias_(exp.Anonymous(this="hash", expressions=values), "hashed")
    if _frame(con, exp.select(hashed).from_(ddl.named(table)))["hashed"].n_unique() == rows:
        return rows
    return _count(con, exp.select().from_(exp.select(*values).from_(ddl.named(table)).distinct().subquery("named")))
