"""Which rows of the star differ between two releases, in which columns, and the files and lines that they came from."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import duckdb
import polars as pl
from sqlglot import exp

from schemas import items
from warehouse import ddl
from warehouse.audit import LOADED
from warehouse.diff_sides import AFTER, BEFORE, Side, frame, of_side, source, tables
from warehouse.explain_rows import with_origins
from warehouse.explanation import Origin, StarRow
from warehouse.number_sources import KINDS, StarSource

NEW, GONE, CHANGED = "new", "gone", "changed"
# One row per row of the star that differs. kind: NEW, GONE or CHANGED. columns: items that differ (of a new or gone row: that are known).
# The last are the columns that say which kind of record it is, null where the table has none.
ROWS = {
    "table_name": pl.String, "row_key": pl.Int64, "patient_key": pl.Int64, "kind": pl.String, "columns": pl.List(pl.String),
    **dict.fromkeys(sorted(KINDS), pl.String),
}  # fmt: skip


@dataclass(frozen=True)
class Row:
    """One row of the star that differs: columns, and where it was delivered in each release; `is_same`: by a file that both have."""

    table: str
    row_key: int
    kind: str
    columns: tuple[str, ...]
    before: tuple[tuple[str, int, bool], ...] = ()
    after: tuple[tuple[str, int, bool], ...] = ()


def changed_rows(con: duckdb.DuckDBPyConnection) -> pl.DataFrame:
    """ROWS of both sides, sorted by table and key; columns that one side lacks are not compared (`lacking`)."""
    there = {name: tables(con, name) for name in (BEFORE, AFTER)}
    found = [frame(con, _differing(table, there).sql("duckdb")) for table in LOADED]
    split = pl.col("columns").str.split(" ")
    return pl.concat([one.with_columns(split) for one in found]).select(ROWS.keys()).cast(ROWS)  # type: ignore[arg-type]


def lacking(con: duckdb.DuckDBPyConnection) -> tuple[str, ...]:
    """Columns of the records, `table.column`, that only one of the two releases has."""
    before, after = (tables(con, name) for name in (BEFORE, AFTER))
    return tuple(f"{table}.{name}" for table in LOADED for name in sorted(set(before[table]) ^ set(after[table])))


def read_by(rows: pl.DataFrame, sources: Sequence[StarSource]) -> pl.DataFrame:
    """Those of ROWS that a number with these sources reads a differing column of."""
    if not sources:
        return rows.clear()
    return rows.filter(pl.any_horizontal(_reads(one) for one in sources))


def located(con: duckdb.DuckDBPyConnection, rows: pl.DataFrame, sides: Mapping[str, Side]) -> dict[int, list[Row]]:
    """These ROWS by patient_key, each with the files and lines that delivered its differing columns, before and after."""
    wanted = [StarRow(r["table_name"], r["row_key"], r["patient_key"], dict.fromkeys(r["columns"])) for r in rows.iter_rows(named=True)]
    places = {name: _places(con, name, wanted, sides) for name in (BEFORE, AFTER)}
    found: dict[int, list[Row]] = {}
    for r in rows.iter_rows(named=True):
        at = (r["table_name"], r["row_key"])
        row = Row(*at, r["kind"], tuple(r["columns"]), places[BEFORE].get(at, ()), places[AFTER].get(at, ()))
        found.setdefault(r["patient_key"], []).append(row)
    return found


def _reads(one: StarSource) -> pl.Expr:
    columns = pl.col("columns").list.eval(pl.element().is_in(sorted(one.columns))).list.any()
    kinds = [pl.col(name).is_in(sorted(values)) for name, values in one.kinds.items()]
    return pl.all_horizontal(pl.col("table_name") == one.table, columns, *kinds).fill_null(value=False)


def _places(
    con: duckdb.DuckDBPyConnection, name: str, rows: Sequence[StarRow], sides: Mapping[str, Side]
) -> dict[tuple[str, int], tuple[tuple[str, int, bool], ...]]:
    of_side(con, name, "select 1")
    same = _files(sides[BEFORE]) & _files(sides[AFTER])
    traced = with_origins(con, rows, sides[name].stored("column_map"))
    return {(row.table, row.row_key): tuple(dict.fromkeys(_place(row.origins, same))) for row in traced if row.origins}


def _place(origins: Iterable[Origin], same: set[tuple[str, str]]) -> Iterator[tuple[str, int, bool]]:
    for origin in origins:
        yield origin.source_file, origin.source_row, (origin.source_file, origin.sha256) in same


def _files(one: Side) -> set[tuple[str, str]]:
    return {(file["name"], file["sha256"]) for file in one.run["inputs"]["landed"]}


def _differing(table: str, there: Mapping[str, Mapping[str, list[str]]]) -> exp.Select:
    """The rows of one table that differ, with their columns as one text."""
    both = set(there[BEFORE][table]) & set(there[AFTER][table])
    key = items.columns(table)[0].name
    parts: dict[str, list[exp.Expr]] = {}
    for column in items.columns(table)[1:]:
        if column.name in both and not (column.item.role == "parent" and column.name != "patient_key"):
            parts.setdefault(column.item.column, []).append(_distinct(column.name))
    told = [exp.case().when(exp.or_(*tests), exp.convert(name)) for name, tests in parts.items()]
    columns = exp.Anonymous(this="concat_ws", expressions=[exp.convert(" "), *told])  # skips nulls
    kind = exp.case().when(_at(BEFORE, key).is_(exp.null()), exp.convert(NEW)).when(_at(AFTER, key).is_(exp.null()), exp.convert(GONE))
    kinds = [exp.alias_(_either(name) if name in both else exp.cast(exp.null(), "varchar"), name) for name in sorted(KINDS)]
    named = {
        "table_name": exp.convert(table), "row_key": _either(key), "patient_key": _either("patient_key"),
        "kind": kind.else_(exp.convert(CHANGED)), "columns": columns,
    }  # fmt: skip
    chosen = exp.select(*(exp.alias_(value, name) for name, value in named.items()), *kinds).from_(source(table, BEFORE))
    joined = chosen.join(source(table, AFTER), on=_at(AFTER, key).eq(_at(BEFORE, key)), join_type="full")
    return joined.where(exp.column("columns").neq("")).order_by("row_key")


def _at(name: str, column: str) -> exp.Column:
    return exp.column(ddl.identifier(column), table=f"{name}_")


def _either(column: str) -> exp.Expr:
    return exp.func("coalesce", _at(AFTER, column), _at(BEFORE, column))


def _distinct(column: str) -> exp.Expr:
    return exp.NullSafeNEQ(this=_at(BEFORE, column), expression=_at(AFTER, column))
