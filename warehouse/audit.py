"""The audit of a warehouse before it is published: everything that is wrong, in one refusal.

Keys and their parents are verified by query, because declared on the facts they would cost more than the load.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import chain
from pathlib import Path

import duckdb
import numpy as np
import numpy.typing as npt
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
LOADED = tuple(items.TABLE_OF.values())
ROWS_PER_BATCH = 1_000_000
# The keys of a person and of a tumour of hers.
JOINED = ("patient_key", "tumour_key")


# What is wrong, one sentence each, by kind; told in the order of KINDS.
Found = Mapping[str, Iterable[str]]
Numbers = npt.NDArray[np.integer]
KINDS = ("keys", "parents", "ledger", "lineage", "comments", "models")


def audit(
    path: Path, codes: Codes, ledger: pl.DataFrame | None = None, lines: Mapping[str, int] | None = None, *, star: Found | None = None
) -> None:
    """Raises RefusedError with every failure, one sentence each, without a value; returns where there is none.

    `ledger`: what the stages accounted for, to be found in the warehouse line by line. `lines`: physical lines of each text
    file that was read. Both may be left out. Of a view the columns, types and comments are judged: its rows are those of the
    star. `star`: what `audit_star` has found of the star as it stands. No connection that writes to `path` may be open.
    """
    with duckdb.connect(str(path), read_only=True) as con:
        parts = [star or audit_star(con, codes, ledger, lines), {"comments": _comments(con)}, _of_tables(con, items.tables("mart"), codes)]
        found = [sentence for kind in KINDS for part in parts for sentence in part.get(kind, ())]
    if found:
        raise RefusedError("\n".join(found))


def audit_star(con: duckdb.DuckDBPyConnection, codes: Codes, ledger: pl.DataFrame | None, lines: Mapping[str, int] | None) -> Found:
    """What is wrong with the star alone, comments aside; nothing writes to it once it is built, so this may be asked beside the studies."""
    loaded = sum(_rows(con, LOADED).values())
    ordered: dict[str, Numbers] = {}
    found = _of_tables(con, items.tables("star"), codes, ordered)
    return {**found, "ledger": _ledger(con, ledger, lines, loaded), "lineage": list(_lineage(con, ordered))}


def _of_tables(
    con: duckdb.DuckDBPyConnection, tables: Sequence[str], codes: Codes, ordered: dict[str, Numbers] | None = None
) -> Found:  # fmt: skip
    """Keys, parents and models of these tables; `ordered` gets the keys of each of LOADED (`_different`)."""
    keys = {} if ordered is None else ordered
    rows, types = dict.fromkeys(tables, 0) | _rows(con, [table for table in tables if table not in ddl.COMPUTED]), _types(con)
    filled = [table for table in tables if rows[table]]
    judged = [table for table in tables if rows[table] or types[table] != _declared(table)]
    return {
        "keys": list(chain.from_iterable(_keys(con, table, rows[table], keys) for table in filled)),
        "parents": list(_orphans(con, {table: rows[table] for table in filled})),
        "models": list(chain.from_iterable(_models(con, table, codes, declared=types[table] == _declared(table)) for table in judged)),
    }


def _rows(con: duckdb.DuckDBPyConnection, tables: Iterable[str]) -> dict[str, int]:
    counts = [exp.select(exp.Literal.string(table), exp.Count(this=exp.Star())).from_(ddl.named(table)) for table in tables]
    return dict(con.sql(ddl.stacked(counts).sql("duckdb")).fetchall())


def _types(con: duckdb.DuckDBPyConnection) -> dict[str, list[tuple[str, str]]]:
    """The columns of each table in their order, each with its type."""
    query = exp.select("table_name", "column_name", "data_type").from_(exp.func("duckdb_columns")).where("not internal")
    found: dict[str, list[tuple[str, str]]] = {}
    for table, column, kind in con.sql(query.order_by("table_name", "column_index").sql("duckdb")).fetchall():
        found.setdefault(table, []).append((column, kind))
    return found


def _declared(table: str) -> list[tuple[str, str]]:
    return [(column.name, column.duckdb) for column in items.columns(table)]


def _keys(con: duckdb.DuckDBPyConnection, table: str, rows: int, ordered: dict[str, Numbers]) -> Iterator[str]:
    """Keys and natural keys name one row each; two natural keys under one key are a collision of the hash.

    The keys of records are sorted, which counts them and is what their lineage is held against: once for both.
    """
    columns = items.columns(table)
    keys = {"named": natural_key(columns), "keyed": tuple(column.name for column in columns if column.item.role == "key")}
    if table in LOADED:
        ordered[table] = _different(con, _keys_of(table, *keys.pop("keyed")))
    n = _distinct(con, table, {name: parts for name, parts in keys.items() if parts}, rows)
    named, keyed = n.get("named", rows), len(ordered[table]) if table in LOADED else n.get("keyed", rows)
    if named < rows:
        yield f"{table}: {rows - named} rows repeat a natural key"
    if keyed < rows:
        yield f"{table}: {rows - keyed} rows repeat a key" + (" (hash collision of different natural keys)" if named > keyed else "")


def _orphans(con: duckdb.DuckDBPyConnection, rows: Mapping[str, int]) -> Iterator[str]:
    """One sentence per column of which a value is given that its parent does not have. `rows`: of each table.

    The columns of all tables that name one parent are held against it together: its keys are looked at once, not once for each. Most rows
    name a person and a tumour of hers: where all of a table do, both parents are there, which one look at the tumours tells.
    """
    named = [(table, column) for table in rows for column in items.columns(table) if column.item.role == "parent"]
    hers = _of_their_tumour(con, [table for table in rows if {(table, key) for key in JOINED} <= {(t, c.name) for t, c in named}])
    open_ = [(table, column) for table, column in named if column.name not in JOINED or hers.get(table) != rows[table]]
    without: dict[tuple[str, str], int] = {}
    for parent in dict.fromkeys(column.item.domain for _, column in open_):
        key = next(item.column for item in items.items(parent) if item.role == "key")
        of_parent = [(table, column.name) for table, column in open_ if column.item.domain == parent]
        given = ddl.stacked([_given(table, name) for table, name in of_parent])
        absent = exp.Not(this=exp.In(this=exp.column("given"), query=exp.Subquery(this=_keys_of(parent, key))))
        counted = exp.select("child", "called", exp.Count(this=exp.Star())).from_(exp.Subquery(this=given, alias=ddl.identifier("rows")))
        found = con.sql(counted.where(absent).group_by("child", "called").sql("duckdb")).fetchall()
        without |= {(table, name): n for table, name, n in found}
    for table, column in named:
        if n := without.get((table, column.name), 0):
            yield f"{table}.{column.name}: {n} rows have no parent in {column.item.domain}"


def _of_their_tumour(con: duckdb.DuckDBPyConnection, tables: Sequence[str]) -> dict[str, int]:
    """Of each of these tables how many rows name a tumour that is there together with its person, who is there too."""
    if not tables:
        return {}
    keys = [ddl.field(key) for key in JOINED]
    label = [exp.alias_(exp.Literal.string(table), "child") for table in tables]
    given = ddl.stacked([exp.select(name, *keys).from_(ddl.named(table)) for name, table in zip(label, tables, strict=True)])
    persons = exp.Subquery(this=_keys_of("dim_patient", "patient_key"))
    tumours = exp.select(*keys).from_(ddl.named("dim_tumour")).where(exp.In(this=ddl.field("patient_key"), query=persons))
    theirs = exp.In(this=exp.Tuple(expressions=keys), query=exp.Subquery(this=tumours))
    counted = exp.select("child", exp.Count(this=exp.Star())).from_(exp.Subquery(this=given, alias=ddl.identifier("rows")))
    return dict(con.sql(counted.where(theirs).group_by("child").sql("duckdb")).fetchall())


def _given(table: str, name: str) -> exp.Select:
    """The values of one column that are given, each with its table and its name."""
    labels = [exp.alias_(exp.Literal.string(text), alias) for text, alias in ((table, "child"), (name, "called"))]
    is_given = exp.Not(this=exp.Is(this=ddl.field(name), expression=exp.Null()))
    return exp.select(*labels, exp.alias_(ddl.field(name), "given")).from_(ddl.named(table)).where(is_given)


def _ledger(con: duckdb.DuckDBPyConnection, accounted: pl.DataFrame | None, lines: Mapping[str, int] | None, rows: int) -> list[str]:
    table = pl.DataFrame(con.table("ledger").to_arrow_table())
    loaded = table.filter((pl.col("stage") == "load") & (pl.col("fate") == "loaded"))["n"].sum()
    unequal = [] if rows == loaded else [f"ledger: {loaded} records loaded, the star holds {rows}"]
    return [*imbalances(table, lines), *(differences(table, accounted) if accounted is not None else []), *unequal]


def _lineage(con: duckdb.DuckDBPyConnection, ordered: dict[str, Numbers]) -> Iterator[str]:
    """Every loaded row leads to a source row, and no line of the lineage leads to a row that is not there.

    `ordered`: the keys of each table that has rows; each is dropped here. That both hold the same keys is seen by sorting them, at
    half the cost of two joins; which are missing is asked where they do not.
    """
    for table in LOADED:
        key = items.columns(table)[0].name
        of_table = exp.EQ(this=ddl.field("table_name"), expression=exp.Literal.string(table))
        traced = _keys_of("lineage", "row_key").where(of_table)
        if np.array_equal(_different(con, traced), ordered.pop(table, np.empty(0, np.int64))):
            continue
        if n := _count(con, _without(table, key, traced)):
            yield f"{table}: {n} rows have no lineage"
        if n := _count(con, _without("lineage", "row_key", _keys_of(table, key)).where(of_table)):
            yield f"lineage: {n} lines lead to no row of {table}"


def _different(con: duckdb.DuckDBPyConnection, keys: exp.Select) -> Numbers:
    """The keys in rising order, each once."""
    (column,) = con.sql(keys.sql("duckdb")).fetchnumpy().values()
    return _once(column)


def _once(numbers: Numbers) -> Numbers:
    """Numbers in rising order, each once, nulls left out. They are sorted where they lie, which costs half of what polars takes."""
    ordered = np.ma.compressed(numbers)
    ordered.sort()
    is_first = np.append(np.ones(min(len(ordered), 1), bool), ordered[1:] != ordered[:-1])
    return ordered if is_first.all() else ordered[is_first]


def _comments(con: duckdb.DuckDBPyConnection) -> Iterator[str]:
    for kind, name, column in (("duckdb_tables", "table", None), ("duckdb_columns", "column", "column_name")):
        query = exp.select("table_name", *([column] if column else [])).from_(exp.func(kind)).where("comment is null and not internal")
        for bare in sorted(con.sql(query.sql("duckdb")).fetchall()):
            yield f"{'.'.join(bare)}: the {name} has no comment"


def _models(con: duckdb.DuckDBPyConnection, table: str, codes: Codes, *, declared: bool) -> list[str]:
    """The pandera model, held against the rows that break it (`warehouse.suspects`), batch by batch: it names and counts what is wrong.

    Where columns and types are not as `declared`, every row is judged. The model is made only where it has something to judge.
    """
    query = suspects(con, table, codes) if declared else exp.select("*").from_(ddl.named(table))
    found: Counter[str] = Counter()
    for batch in con.sql(query.sql("duckdb")).to_arrow_reader(ROWS_PER_BATCH):
        found += failures(star_model(table, codes), pl.DataFrame(batch))
    return [f"{what} ({n} failed)" for what, n in sorted(found.items())]


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


def _distinct(con: duckdb.DuckDBPyConnection, table: str, keys: Mapping[str, tuple[str, ...]], rows: int) -> dict[str, int]:
    """Of each key, by its name, the number of different values of its columns together."""
    values = {name: [ddl.field(column) for column in columns] for name, columns in keys.items()}
    if not values:
        return {}
    # Equal values have equal hashes: as many hashes as rows is proof. To sort numbers is a fifth of what the database takes to count them.
    hashes = [exp.alias_(exp.Anonymous(this="hash", expressions=fields), name) for name, fields in values.items()]
    hashed = con.sql(exp.select(*hashes).from_(ddl.named(table)).sql("duckdb")).fetchnumpy()
    proven = {name: len(_once(hashed.pop(name))) == rows for name in values}
    counted = {
        name: _count(con, exp.select().from_(exp.select(*fields).from_(ddl.named(table)).distinct().subquery("named")))
        for name, fields in values.items()
        if not proven[name]
    }
    return dict.fromkeys(values, rows) | counted
