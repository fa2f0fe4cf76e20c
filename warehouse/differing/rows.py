"""Which rows of the star differ between two releases, in which columns, and the files and lines that they came from."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import duckdb
import polars as pl
from sqlglot import exp

from schemas import items
from warehouse import ddl
from warehouse.audit import LOADED
from warehouse.differing.sides import AFTER, BEFORE, Side, frame, of_side, source, tables, wanted
from warehouse.explaining.corrections import applied_corrections
from warehouse.explaining.explanation import Origin, StarRow
from warehouse.explaining.rows import with_origins
from warehouse.number_sources import KINDS, StarSource

NEW, GONE, CHANGED = "new", "gone", "changed"
KIND_COLUMNS = sorted(KINDS)
# What a row of the star that differs can be like. kind: NEW, GONE or CHANGED. columns: items that differ (of a new or gone row: that are
# known), with blanks between them. The last are the columns that say which kind of record it is, with the code before too where it differs.
ALIKE = {"table_name": pl.String, "kind": pl.String, "columns": pl.String, **dict.fromkeys(KIND_COLUMNS, pl.String)}
# One row per row of the star that differs.
ROWS = {"row_key": pl.Int64, "patient_key": pl.Int64, **ALIKE, "columns": pl.List(pl.String)}
# One row per person, way in which rows of hers differ alike, and part of the table that they stand in (`AT_ONCE`), with how many do.
WHOSE = {"patient_key": pl.Int64, "alike": pl.UInt32, "n": pl.UInt32}
COUNTED = {"table_name": pl.String, NEW: pl.Int64, GONE: pl.Int64, CHANGED: pl.Int64}
# So many rows of a table are compared at once: two large releases that differ everywhere are never in memory as a whole.
AT_ONCE = 250_000
# Where a release notes its corrections, and the files and lines that these are of.
Noted = tuple[Path, frozenset[tuple[Any, ...]]]


@dataclass(frozen=True)
class Differing:
    """The rows of the star that differ; there may be millions, so they are kept as two small tables.

    `alike`: one row per distinct kind of difference (ALIKE) with its number (`alike`). `whose`: how many of each a person has (WHOSE).
    """

    alike: pl.DataFrame = field(default_factory=lambda: pl.DataFrame(schema={**ALIKE, "alike": pl.UInt32}))
    whose: pl.DataFrame = field(default_factory=lambda: pl.DataFrame(schema=WHOSE))

    @property
    def persons(self) -> pl.Series:
        """Keys of everybody of whom a row differs, each once."""
        return self.whose["patient_key"].unique()

    def counts(self) -> pl.DataFrame:
        """COUNTED by table."""
        kinds = self.whose.join(self.alike, on="alike").group_by("table_name").agg(
            pl.col("n").filter(pl.col("kind") == kind).sum().cast(pl.Int64).alias(kind) for kind in (NEW, GONE, CHANGED)
        )  # fmt: skip
        return kinds.select(pl.col(name).cast(kind) for name, kind in COUNTED.items()).sort("table_name")

    def read_by(self, sources: Sequence[StarSource]) -> pl.Series:
        """Keys of those of whom a row differs in what a number with these sources reads, each once."""
        read = pl.any_horizontal(_reads(one) for one in sources) if sources else pl.lit(value=False)
        mine = self.alike.filter(read)["alike"]
        return self.whose.filter(pl.col("alike").is_in(mine.implode()))["patient_key"].unique()


@dataclass(frozen=True)
class Row:
    """One row of the star that differs: columns, and where it was delivered in each release; `is_same`: by a file that both have.

    corrections: of those that changed one of these columns the ones that only one of the releases applied, with NEW or GONE.
    """

    table: str
    row_key: int
    kind: str
    columns: tuple[str, ...]
    before: tuple[tuple[str, int, bool], ...] = ()
    after: tuple[tuple[str, int, bool], ...] = ()
    corrections: tuple[tuple[str, str], ...] = ()


def differing(con: duckdb.DuckDBPyConnection) -> Differing:
    """What differs between both sides; columns that one side lacks are not compared (`lacking`)."""
    alike, whose = Differing().alike, [Differing().whose]
    for part in _parts(con):
        fresh = part.select([*ALIKE]).unique(maintain_order=True).join(alike, on=[*ALIKE], how="anti", nulls_equal=True)
        numbered = fresh.with_row_index("alike", alike.height).select(alike.columns)
        alike = pl.concat([alike, numbered])
        whose.append(part.join(alike, on=[*ALIKE], nulls_equal=True).select([*WHOSE]))
    return Differing(alike, pl.concat(whose))


def rows_of(con: duckdb.DuckDBPyConnection, persons: Iterable[int]) -> pl.DataFrame:
    """ROWS of these persons, sorted by table and key."""
    wanted(con, "wanted_person", patient_key=pl.Series([*persons], dtype=pl.Int64))
    there = {name: tables(con, name) for name in (BEFORE, AFTER)}
    hers = exp.column("patient_key").isin(query=exp.Subquery(this=exp.select("patient_key").from_("wanted_person")))
    found = (frame(con, _differing(table, there, _with_keys_of(table, hers)).order_by("row_key").sql("duckdb")) for table in LOADED)
    return pl.concat([_typed(one.with_columns(pl.col("columns").str.split(" ")), ROWS) for one in found])


def _parts(con: duckdb.DuckDBPyConnection) -> Iterator[pl.DataFrame]:
    """ALIKE with patient_key and n, part by part; the parts are made by the remainder of the row keys, which are evenly spread hashes."""
    there = {name: tables(con, name) for name in (BEFORE, AFTER)}
    for table in LOADED:
        n = max(frame(con, _count(table, name)).item() for name in (BEFORE, AFTER)) // AT_ONCE + 1
        for part in range(n):
            mine = exp.Mod(this=_bare(items.columns(table)[0].name), expression=exp.convert(n)).eq(part) if n > 1 else exp.true()
            rows = exp.Subquery(this=_differing(table, there, mine), alias=exp.TableAlias(this=exp.to_identifier("differing")))
            names = ["patient_key", *ALIKE]
            counted = exp.select(*names, exp.alias_(exp.Count(this=exp.Star()), "n")).from_(rows).group_by(*names)
            yield _typed(frame(con, counted.sql("duckdb")), {**ALIKE, "patient_key": pl.Int64, "n": pl.UInt32})


def _typed(rows: pl.DataFrame, schema: Mapping[str, Any]) -> pl.DataFrame:
    return rows.select(pl.col(name).cast(kind) for name, kind in schema.items())


def lacking(con: duckdb.DuckDBPyConnection) -> tuple[str, ...]:
    """Columns of the records, `table.column`, that only one of the two releases has."""
    before, after = (tables(con, name) for name in (BEFORE, AFTER))
    return tuple(f"{table}.{name}" for table in LOADED for name in sorted(set(before[table]) ^ set(after[table])))


def located(con: duckdb.DuckDBPyConnection, rows: pl.DataFrame, sides: Mapping[str, Side]) -> dict[int, list[Row]]:
    """These ROWS by patient_key, each with the files and lines that delivered its differing columns, before and after."""
    stars = [StarRow(r["table_name"], r["row_key"], r["patient_key"], dict.fromkeys(r["columns"])) for r in rows.iter_rows(named=True)]
    traced = {name: _traced(con, name, stars, sides[name]) for name in (BEFORE, AFTER)}
    same, noted = _files(sides[BEFORE]) & _files(sides[AFTER]), {name: _noted(sides[name]) for name in (BEFORE, AFTER)}
    found: dict[int, list[Row]] = {}
    for r in rows.iter_rows(named=True):
        was, now = (traced[name].get((r["table_name"], r["row_key"])) for name in (BEFORE, AFTER))
        before, after = (tuple(dict.fromkeys(_place(one.origins, same))) if one else () for one in (was, now))
        row = Row(r["table_name"], r["row_key"], r["kind"], tuple(r["columns"]), before, after, _corrected(was, now, noted))
        found.setdefault(r["patient_key"], []).append(row)
    return found


def _traced(con: duckdb.DuckDBPyConnection, name: str, rows: Sequence[StarRow], one: Side) -> dict[tuple[str, int], StarRow]:
    """Those of the rows that a file of one release delivered, with their origins."""
    of_side(con, name, "select 1")
    return {(row.table, row.row_key): row for row in with_origins(con, rows, one.stored("column_map")) if row.origins}


def _corrected(was: StarRow | None, now: StarRow | None, noted: Mapping[str, Noted]) -> tuple[tuple[str, str], ...]:
    before, after = (set(_applied(noted[name], row)) for name, row in ((BEFORE, was), (AFTER, now)))
    return (*((NEW, said) for said in sorted(after - before)), *((GONE, said) for said in sorted(before - after)))


def _applied(noted: Noted, row: StarRow | None) -> tuple[str, ...]:
    """The corrections of one release that changed a column shown of a row; most rows have none, and are not looked up."""
    path, places = noted
    has_one = row is not None and any((origin.source_file, str(origin.source_row)) in places for origin in row.origins)
    return applied_corrections(path, [row]) if row is not None and has_one else ()


def _noted(one: Side) -> Noted:
    path = one.path / "internal" / "corrections.csv"
    return path, frozenset(one.table(path).select("source_file", "source_row").iter_rows()) if path.is_file() else frozenset()


def _reads(one: StarSource) -> pl.Expr:
    """Whether a differing row touches what is read: it is of the kind in one of the releases, and one of the columns read differs."""
    names = sorted(one.columns | one.kinds.keys())
    columns = _any_of("columns", names)
    kinds = [_any_of(name, values) for name, values in one.kinds.items()]
    return pl.all_horizontal(pl.col("table_name") == one.table, columns, *kinds).fill_null(value=False)


def _any_of(name: str, words: Iterable[str]) -> pl.Expr:
    return pl.col(name).str.split(" ").list.eval(pl.element().is_in(sorted(words))).list.any()


def _place(origins: Iterable[Origin], same: set[tuple[str, str]]) -> Iterator[tuple[str, int, bool]]:
    for origin in origins:
        yield origin.source_file, origin.source_row, (origin.source_file, origin.sha256) in same


def _files(one: Side) -> set[tuple[str, str]]:
    return {(file["name"], file["sha256"]) for file in one.run["inputs"]["landed"]}


def _differing(table: str, there: Mapping[str, Mapping[str, list[str]]], which: exp.Expr) -> exp.Select:
    """The rows of one table that differ, of those that a condition on the columns of either side chooses; lists are one text each."""
    both = set(there[BEFORE][table]) & set(there[AFTER][table])
    key = items.columns(table)[0].name
    parts: dict[str, list[exp.Expr]] = {}
    for column in items.columns(table)[1:]:
        if column.name in both and not (column.item.role == "parent" and column.name != "patient_key"):
            parts.setdefault(column.item.column, []).append(_distinct(column.name))
    told = [exp.case().when(exp.or_(*tests), exp.convert(name)) for name, tests in parts.items()]
    kind = exp.case().when(_at(BEFORE, key).is_(exp.null()), exp.convert(NEW)).when(_at(AFTER, key).is_(exp.null()), exp.convert(GONE))
    named = {
        "table_name": exp.convert(table), "row_key": _either(key), "patient_key": _either("patient_key"),
        "kind": kind.else_(exp.convert(CHANGED)), "columns": _joined(told),
        **{name: _codes(name) if name in both else exp.cast(exp.null(), "varchar") for name in KIND_COLUMNS},
    }  # fmt: skip
    chosen = exp.select(*(exp.alias_(value, name) for name, value in named.items())).from_(_chosen(table, BEFORE, which))
    joined = chosen.join(_chosen(table, AFTER, which), on=_at(AFTER, key).eq(_at(BEFORE, key)), join_type="full")
    return joined.where(exp.column("columns").neq(""))


def _chosen(table: str, name: str, which: exp.Expr) -> exp.Expr:
    rows = exp.select(exp.Star()).from_(source(table, name)).where(which)
    return exp.Subquery(this=rows, alias=exp.TableAlias(this=exp.to_identifier(f"{name}_")))


def _with_keys_of(table: str, hers: exp.Expr) -> exp.Expr:
    """Rows of these persons on either side: a row may have gone from one to another."""
    key = items.columns(table)[0].name
    sides = [exp.select(_bare(key)).from_(source(table, name)).where(hers) for name in (BEFORE, AFTER)]
    return _bare(key).isin(query=exp.Subquery(this=exp.union(*sides)))


def _count(table: str, name: str) -> str:
    return exp.select(exp.Count(this=exp.Star())).from_(source(table, name)).sql("duckdb")


def _codes(name: str) -> exp.Expr:
    """The code of the row, or both where it had another."""
    before = exp.case().when(_distinct(name), _at(BEFORE, name))
    return _joined([before, _at(AFTER, name)])


def _joined(texts: Sequence[exp.Expr]) -> exp.Expr:
    return exp.Anonymous(this="concat_ws", expressions=[exp.convert(" "), *texts])  # skips nulls


def _bare(column: str) -> exp.Column:
    return exp.column(ddl.identifier(column))


def _at(name: str, column: str) -> exp.Column:
    return exp.column(ddl.identifier(column), table=f"{name}_")


def _either(column: str) -> exp.Expr:
    return exp.func("coalesce", _at(AFTER, column), _at(BEFORE, column))


def _distinct(column: str) -> exp.Expr:
    return exp.NullSafeNEQ(this=_at(BEFORE, column), expression=_at(AFTER, column))
