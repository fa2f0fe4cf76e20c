"""Two releases side by side: their warehouses on one connection that can neither write nor reach elsewhere, as `before` and `after`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any

import duckdb
import polars as pl
import sqlglot
from sqlglot import exp

from schemas import items
from schemas.candidate import CANDIDATE
from schemas.column_map import COLUMN_MAP
from schemas.core.errors import ConfigurationError, Mistake
from warehouse import ddl
from warehouse.audit import LOADED
from warehouse.build import OFFLINE
from warehouse.number_sources import NUMBER_SOURCES
from warehouse.runs import stored_run

BEFORE, AFTER = "before", "after"
SIDES = (BEFORE, AFTER)
# What a release must have to be compared; the tables of the records may lack columns of a later version.
TABLES = (*LOADED, "dim_source", "fact_finding", "lineage", "mart_number", "mart_subject")
# What is read of two releases is kept no longer than it is needed: else the pages of both warehouses would stay in memory.
MEMORY = "768MB"
BROKEN = (duckdb.IOException, duckdb.InternalException, duckdb.FatalException)
STORED = {"column_map": COLUMN_MAP, "number_sources": NUMBER_SOURCES}


@dataclass(frozen=True)
class Side:
    """One of the two releases: its folder and what its run.json says."""

    path: Path
    run: Mapping[str, Any]

    @property
    def run_id(self) -> str:
        """Its name."""
        return self.path.name

    @property
    def code(self) -> str:
        """Version of the code that made it."""
        return str(self.run.get("versions", {}).get("oncomart", "unknown"))

    def stored(self, name: str) -> pl.DataFrame:
        """One of the tables that a release keeps beside run.json (`STORED`)."""
        return self.table(self.path / f"{name}.csv", schema=STORED[name], empty_string_is_null=False)

    def table(self, path: Path, **said: Any) -> pl.DataFrame:
        """A CSV file of the release, all text where nothing else is said; raises ConfigurationError where it cannot be read."""
        try:
            if not path.read_bytes().endswith(b"\n"):
                raise damaged(self.run_id, path.relative_to(self.path).as_posix())
            return pl.read_csv(path, **({"infer_schema": False} | said))
        except (pl.exceptions.PolarsError, OSError) as error:  # what it says may show a cell; the sentence does for both
            raise damaged(self.run_id, path.relative_to(self.path).as_posix()) from error


@cache
def query(name: str) -> str:
    """One file of `warehouse/differing/`."""
    return files("warehouse").joinpath("differing", f"{name}.sql").read_text(encoding="utf-8")


def side(release: Path) -> Side:
    """A release to compare; raises ConfigurationError where it lacks files that this version reads."""
    run = stored_run(release)
    if not run and (release / "run.json").is_file():
        raise damaged(release.name, "run.json")
    lacks = [name for name in ("inputs", "versions", "as_of") if name not in run]
    lacks += [name for name in ("warehouse.duckdb", "ledger.csv", *(f"{name}.csv" for name in STORED)) if not (release / name).is_file()]
    lacks = lacks or [
        f"{name}.csv as this version writes it" for name, schema in STORED.items() if _header(release / f"{name}.csv") != [*schema]
    ]
    if lacks:
        raise other_version(release, run, lacks)
    return Side(release, run)


def damaged(name: str, what: str) -> ConfigurationError:
    """What to raise where a file of a release (or of one of two) is not as it was written."""
    hint = "it was cut off or changed after the release was made; compare another release, or run the delivery again"
    return ConfigurationError([Mistake(name, None, f"its {what} cannot be read", hint)])


def _header(path: Path) -> list[str]:
    with path.open(encoding="utf-8", errors="replace") as lines:
        return lines.readline().strip().split(",")


def other_version(release: Path, run: Mapping[str, Any], lacks: list[str]) -> ConfigurationError:
    """What to raise where a release cannot be compared, since what this version reads is not there."""
    code = run.get("versions", {}).get("oncomart")
    by = f"was written by another version ({code})" if code else "was written by another version"
    hint = "compare it with the version that wrote it, or run its delivery again with this one"
    return ConfigurationError([Mistake(release.name, None, f"{by}: it lacks {', '.join(lacks)}", hint)])


@contextmanager
def side_by_side(before: Side, after: Side) -> Iterator[duckdb.DuckDBPyConnection]:
    """The connection; raises ConfigurationError where a warehouse lacks tables, or cannot be opened by this version of DuckDB."""
    with duckdb.connect(config={**OFFLINE, "memory_limit": MEMORY}) as con:
        for name, one in zip(SIDES, (before, after), strict=True):
            _attach(con, name, one)
        for setting in ("enable_external_access", "lock_configuration"):
            con.execute(exp.Set(expressions=[exp.SetItem(this=_is(setting))]).sql("duckdb")).fetchall()
        try:
            yield con
        except BROKEN as error:  # a page is not as it was written; which of the two files has it is not said
            raise damaged(f"{before.run_id} or {after.run_id}", "warehouse.duckdb") from error


def tables(con: duckdb.DuckDBPyConnection, name: str) -> dict[str, list[str]]:
    """The columns of each table and view of one side."""
    found: dict[str, list[str]] = {}
    for table, column in con.execute(query("columns"), {"name": name}).fetchall():
        found.setdefault(table, []).append(column)
    return found


def of_side(con: duckdb.DuckDBPyConnection, name: str, sql: str, **params: object) -> pl.DataFrame:
    """What a query of one release gives; its tables are those of that side."""
    con.execute(exp.Use(this=exp.to_table(name)).sql("duckdb")).fetchall()
    return pl.DataFrame(con.sql(sql, params=params or None).to_arrow_table())


def subjects(con: duckdb.DuckDBPyConnection, name: str, sql: str) -> pl.DataFrame:
    """What the query of a number of one release gives: who is behind it.

    Those of claims read mart_candidate, a view that is dear to compute: it is kept, of the women of a study, for all of them.
    """
    if CANDIDATE not in sql:
        return of_side(con, name, sql)
    kept = f"{CANDIDATE}_{name}"
    if not con.execute("select 1 from duckdb_tables() where table_name = $kept", {"kept": kept}).fetchall():
        con.execute(exp.Use(this=exp.to_table(name)).sql("duckdb")).fetchall()
        women = exp.select("tumour_key").from_("mart_subject").where("is_analysed")
        rows = exp.select("*").from_(CANDIDATE).where(exp.column("tumour_key").isin(query=women))
        con.execute(ddl.temporary(kept, rows, replace=False)).fetchall()
    tree = sqlglot.parse_one(sql, dialect="duckdb")
    for table in (table for table in tree.find_all(exp.Table) if table.name == CANDIDATE):
        table.set("alias", exp.TableAlias(this=exp.to_identifier(table.alias_or_name)))
        table.set("this", exp.to_identifier(kept))
    return of_side(con, name, tree.sql("duckdb"))


def frame(con: duckdb.DuckDBPyConnection, sql: str) -> pl.DataFrame:
    """What a query over both sides gives."""
    return pl.DataFrame(con.sql(sql).to_arrow_table())


def wanted(con: duckdb.DuckDBPyConnection, name: str, **columns: pl.Series) -> None:
    """Puts a small relation beside the two sides, for the queries that ask for it by name."""
    con.register(name, pl.DataFrame(columns).to_arrow())


def _is(setting: str) -> exp.Expr:
    return exp.EQ(this=exp.to_identifier(setting), expression=exp.convert(setting.startswith("lock")))


def _attach(con: duckdb.DuckDBPyConnection, name: str, one: Side) -> None:
    target = exp.alias_(exp.convert(str(one.path / "warehouse.duckdb")), name)
    try:
        con.execute(exp.Attach(this=target, expressions=[exp.AttachOption(this=exp.var("READ_ONLY"))]).sql("duckdb")).fetchall()
    except duckdb.Error as error:  # what it says may name a path, never a cell; the sentence does for both
        raise other_version(one.path, one.run, ["a warehouse that opens here"]) from error
    if lacks := [*_lacking(tables(con, name))]:
        raise other_version(one.path, one.run, lacks)


def _lacking(there: Mapping[str, list[str]]) -> Iterator[str]:
    """Tables that are not there, and columns of them; of the records only their keys are needed."""
    for table in TABLES:
        if table not in there:
            yield table
            continue
        needed = [items.columns(table)[0].name, "patient_key"] if table in LOADED else [column.name for column in items.columns(table)]
        yield from (f"{table}.{name}" for name in needed if name not in there[table])


def source(table: str, name: str) -> exp.Expr:
    """A table of one side, called as the side is."""
    return exp.alias_(exp.table_(ddl.identifier(table), catalog=name, db="main"), f"{name}_", table=True)
