"""Builds the warehouse file new: tables with their constraints and comments, then the star, one SQL file per table."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any

import duckdb
import polars as pl
import sqlglot
from sqlglot import exp

from schemas import items
from schemas.core.errors import RefusedError
from warehouse import candidates, ddl
from warehouse.handing import Stream
from warehouse.inputs import KEY, ROWS_AT_ONCE, BuildInputs, relations

# Nothing is fetched at run time: without these two a missing extension waits for a network that is not there.
OFFLINE: dict[str, Any] = {"autoinstall_known_extensions": "false", "autoload_known_extensions": "false"}
# Nobody waits for the disk after each table: no release is read before all of its files are on disk (`ReleaseFolder.publish`).
UNPUBLISHED: dict[str, Any] = {**OFFLINE, "fsync_mode": "NONE"}
# Of each table the database writes full row groups at once: five of them for each thread were a tenth of the memory of a night.
WRITING: dict[str, Any] = {**UNPUBLISHED, "preserve_insertion_order": "false", "write_buffer_row_group_count": "1"}
# Set once the file is open: where it is opened the database does not heed them. To try these methods too costs a tenth of the load,
# and makes the file smaller by a twentieth. How long a stream is the database cannot know: it would look up its rows in a table of them.
FILLING = ("set disabled_compression_methods = 'rle,roaring,zstd,alprd'", "set disabled_optimizers = 'join_order,build_side_probe_side'")


def build(
    path: Path, inputs: BuildInputs, settings: dict[str, str] | None = None, *,
    spend: bool = False, spent: Callable[[], None] | None = None,
) -> dict[str, int]:  # fmt: skip
    """Builds the star (filled) and the mart (empty) in a new file at `path`; gives the rows of each star table.

    `settings` are DuckDB's own (`memory_limit`, `threads`, `temp_directory`). Raises RefusedError where a declared
    constraint does not hold, FileExistsError where the file is already there. Leaves no `.wal`.
    `spend`: the records are most of the memory and are dropped on the way; `inputs.records` (a dict) is empty afterwards. `spent` is
    called once they are: what it begins has memory and time then, for the lineage comes last.
    """
    if path.exists():
        raise FileExistsError(f"{path.name} exists: a warehouse is always built new")
    with duckdb.connect(str(path), config={**WRITING, **(settings or {})}) as con:
        for setting in FILLING:
            con.execute(setting).fetchall()
        for layer in ("star", "stored", "mart"):
            ddl.create_tables(con, layer, inputs.vocabularies)
        for shown in ddl.SHOWN:
            con.execute(_shown(shown)).fetchall()
        candidates.create_view(con)
        _fill_all(con, inputs, spent or _nothing, spend=spend)
        counts = {table: _count(con, table) for table in items.tables("star")}
        con.execute("checkpoint").fetchall()
    return counts


def filled() -> tuple[str, ...]:
    """The tables that a model fills: those of the star, and those that are stored for a view of it."""
    return (*(table for table in items.tables("star") if table not in ddl.SHOWN), *items.tables("stored"))


@cache
def _shown(name: str) -> str:
    select = model(name)
    assert isinstance(select, exp.Select)
    return ddl.view_script(name, select.copy())


def _nothing() -> None:
    """For who has nothing to begin."""


def _fill_all(con: duckdb.DuckDBPyConnection, inputs: BuildInputs, spent: Callable[[], None], *, spend: bool) -> None:
    """Table after table. The database sees of a relation only what the table reads (and the key by which some rows are left out); what
    no later table reads is let go."""
    made, tables = relations(inputs), filled()
    kept: dict[str, pl.DataFrame] = {}
    last = max(place for place, table in enumerate(tables) if _sources(table) & inputs.records.keys())
    for place, table in enumerate(tables):
        read: dict[str, pl.DataFrame] = {}
        for name in _sources(table) & made.keys():
            frame = kept.pop(name) if name in kept else made[name]()
            columns = _read_of(frame, name, (table,))
            read[name] = frame.select(columns if KEY in columns or KEY not in frame.columns else [*columns, KEY])
            if later := _read_of(frame, name, tables[place + 1 :]):
                kept[name] = frame.select(later)
            if spend and isinstance(inputs.records, dict):
                inputs.records.pop(name, None)
            del frame
        _fill_from(con, table, read, inputs)
        if table in ddl.KEYED_LATE:
            _checked(con, table, ddl.late_key(table).sql("duckdb"))
        if place == last:
            read.clear()
            spent()


def _fill_from(con: duckdb.DuckDBPyConnection, table: str, read: Mapping[str, pl.DataFrame], inputs: BuildInputs) -> None:
    """Fills one table from these relations, ROWS_AT_ONCE of its records at a time: what the database is handed is a copy of them, of
    those that are loaded.

    A model makes each of its rows of one row of the relation that it selects from; what it joins to that is a look-up.
    """
    about = _selects_from(table)
    for name in read.keys() - {about}:
        con.register(name, read[name].to_arrow())
    rows = read[about]
    con.register(about, Stream(rows, lambda: (inputs.loaded(about, part) for part in rows.iter_slices(ROWS_AT_ONCE))))
    fill(con, table)
    for name in read:
        con.unregister(name)


@cache
def _sources(table: str) -> frozenset[str]:
    """The relations and tables that a model reads."""
    return frozenset(source.name for source in model(table).find_all(exp.Table))


@cache
def _selects_from(table: str) -> str:
    """The relation that a model selects from."""
    found = model(table).find(exp.From)
    assert found is not None
    return str(found.this.name)


def _read_of(frame: pl.DataFrame, name: str, tables: Sequence[str]) -> list[str]:
    """The columns of a relation that the models of these tables read: those under its name, and those under none."""
    read = {field for table in tables if name in _sources(table) for source, field in _fields(table) if source in ("", name)}
    return [column for column in frame.columns if column in read]


@cache
def _fields(table: str) -> frozenset[tuple[str, str]]:
    """The columns that a model names, each with the relation it names for it (empty: none)."""
    return frozenset((field.table, field.name) for field in model(table).find_all(exp.Column))


def fill(con: duckdb.DuckDBPyConnection, table: str) -> None:
    """Runs the model of one table into it, columns by name."""
    _checked(con, table, _insertion(table))


def _checked(con: duckdb.DuckDBPyConnection, table: str, statement: str) -> None:
    try:
        con.execute(statement).fetchall()
    except duckdb.ConstraintException as error:
        raise RefusedError(f"{table}: {_constraint(str(error))}") from None


@cache
def _insertion(table: str) -> str:
    return insertion(table, model(table).copy()).sql("duckdb", copy=False)


def insertion(table: str, select: exp.Expr) -> exp.Insert:
    """INSERT of a SELECT's rows, each column by its name; the SELECT becomes part of it (a copy takes as long as parsing it)."""
    names = [column.name for column in items.columns(table)]
    chosen = exp.select(*(ddl.field(name) for name in names)).from_(exp.Subquery(this=select, alias=ddl.identifier("made")), copy=False)
    return exp.insert(chosen, ddl.named(table), columns=[ddl.identifier(name) for name in names], copy=False)


@cache
def model(table: str) -> exp.Expr:
    """The SELECT that makes one table or view of the star, parsed."""
    text = files("warehouse").joinpath("model", f"{table}.sql").read_text(encoding="utf-8")
    return sqlglot.parse_one(text, dialect="duckdb")


def _constraint(message: str) -> str:
    """What DuckDB says of a constraint that failed, without the value it prints for a duplicate key."""
    first = message.split(":", 1)[-1].strip().splitlines()[0]
    if "uplicate" in first:
        return "two rows have the same key"
    return first if first.startswith(("NOT NULL", "CHECK")) else "a declared constraint does not hold"


def _count(con: duckdb.DuckDBPyConnection, table: str) -> int:
    query = exp.select(exp.Count(this=exp.Star())).from_(ddl.named(table))
    return int(con.sql(query.sql("duckdb")).fetchall()[0][0])
