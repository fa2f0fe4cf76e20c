"""What the report and the expectations measure in the warehouse: counts only, never a value.

Every function takes an open DuckDB connection (read only is enough) and returns a small frame.
"""

from __future__ import annotations

from functools import cache
from importlib.resources import files

import duckdb
import polars as pl
from sqlglot import exp, parse_one

from schemas.facts import own_rows
from schemas.items import INHERITED_ROLES, INTERVAL_PARTS, TABLE_OF, Item, columns, items

# The star table of each kind of record.
TABLES = tuple(TABLE_OF.values())
COMPLETENESS = {"table": pl.String, "column": pl.String, "n": pl.Int64, "missing": pl.Int64}
PRECISION = {"table": pl.String, "date": pl.String, "precision": pl.String, "n": pl.Int64}
# The parts of an interval that say something of when; precision and anchor alone do not.
DATED_PARTS = tuple(part for part, _, _ in INTERVAL_PARTS if part not in ("precision", "anchor"))


def row_counts(con: duckdb.DuckDBPyConnection, tables: tuple[str, ...] = TABLES) -> dict[str, int]:
    """Rows of each table, in the order of `tables`."""
    found = dict(con.sql(_all_counted(tables)).fetchall())
    return {table: found[table] for table in tables}


@cache
def _all_counted(tables: tuple[str, ...]) -> str:
    """One query for all: each that is asked by itself takes a millisecond."""
    counts = (exp.select(exp.Literal.string(table).as_("name"), exp.Count(this=exp.Star()).as_("n")).from_(table) for table in tables)
    return exp.union(*counts, distinct=False).sql(dialect="duckdb")


def completeness(con: duckdb.DuckDBPyConnection) -> pl.DataFrame:
    """One row per table and field: `n` rows it concerns and how many of them are missing.

    A clinical date counts as one field, known where any bound is (calendar or relative). n = 0: no row concerns it.
    """
    n = row_counts(con)
    rows = [row for table in TABLES for row in (_completeness(con, table) if n[table] else _of_none(table))]
    return pl.DataFrame(rows, schema=COMPLETENESS, orient="row")


def with_absent(con: duckdb.DuckDBPyConnection, found: pl.DataFrame) -> pl.DataFrame:
    """`found` (COMPLETENESS) and beside it the rows that should be there and are not (absent.csv), as missing."""
    n = row_counts(con, tuple(dict.fromkeys(table for table, *_ in _absent())))
    there = [one for one in _absent() if n[one[0]]]
    counted = {query: _one(con, query)[0] for query in dict.fromkeys(query for *_, query in there)}  # fields may share a query
    absent = [(table, column, counted[query]) for table, column, query in there]
    more = pl.DataFrame(absent, schema={"table": pl.String, "column": pl.String, "absent": pl.Int64}, orient="row")
    joined = found.join(more, on=["table", "column"], how="left", maintain_order="left").with_columns(pl.col("absent").fill_null(0))
    return joined.with_columns(pl.col("n", "missing") + pl.col("absent")).select(COMPLETENESS.keys())


def date_precision(con: duckdb.DuckDBPyConnection) -> pl.DataFrame:
    """One row per table, clinical date and precision met: how many rows carry it so.

    precision: day, month, year, ambiguous, unknown (calendar) | relative_day (exact in days since an anchor), relative_window |
    not_delivered.
    """
    n = row_counts(con)
    dates = [(table, item.column) for table in TABLES if n[table] for item in items(table, "star") if item.type == "interval"]
    rows = [(table, date, precision, n) for table, date in dates for precision, n in con.sql(_precision_query(table, date)).fetchall()]
    return pl.DataFrame(rows, schema=PRECISION, orient="row").sort("table", "date", "precision")


def told_rows(table: str) -> exp.Select:
    """The rows of a table (`row_key`) by each source that delivered or completed them, each once (`of_source`): told_rows.sql."""
    return exp.subquery(exp.replace_placeholders(_told_rows(), table), "told_rows").select("row_key", "of_source")


@cache
def _told_rows() -> exp.Query:
    query = parse_one(_text("told_rows.sql"), dialect="duckdb")
    assert isinstance(query, exp.Query)
    return query


def known(item: Item) -> exp.Expr:
    """SQL condition: the row says something in this field."""
    if item.type != "interval":
        return exp.column(item.column).is_(exp.null()).not_()
    return exp.or_(*(exp.column(f"{item.column}_{part}").is_(exp.null()).not_() for part in DATED_PARTS))


def is_known(item: Item) -> exp.Expr:
    """The same where the table holds a flag `known_FIELD` in the place of the field."""
    return exp.column(f"known_{item.column}")


@cache
def condition_columns(table: str) -> tuple[str, ...]:
    """The columns that conditions on the rows of a table, and counts of absent rows, read; sorted."""
    trees = [condition for item in measured_items(table) if (condition := concerns(table, item.column)) is not None]
    trees += [query for *_, query in _absent()]
    known_columns = {column.name for column in columns(table, "star")}
    return tuple(sorted({column.name for tree in trees for column in tree.find_all(exp.Column)} & known_columns))


@cache
def concerns(table: str, column: str) -> exp.Expr | None:
    """SQL condition of the rows a field concerns (`true` where fields.csv does not name it); None where it is left out."""
    text = _field_conditions().get((table, column), "true")
    return None if text == "left_out" else parse_one(text, dialect="duckdb")


@cache
def is_partial(table: str, column: str) -> bool:
    """Whether the field concerns only some rows of its table."""
    return (table, column) in _field_conditions()


def measured_items(table: str) -> tuple[Item, ...]:
    """The fields of one star table whose completeness is measured."""
    return tuple(item for item in items(table, "star") if item.role in INHERITED_ROLES and concerns(table, item.column) is not None)


@cache
def _field_conditions() -> dict[tuple[str, str], str]:
    return {(row["table"], row["column"]): row["concerns"] for row in own_rows("validations.report", "fields.csv")}


@cache
def _absent() -> tuple[tuple[str, str, exp.Select], ...]:
    """Table, field and query of the number of rows that are not there (absent.csv)."""
    parsed = (
        (row["table"], row["column"], parse_one(row["absent"], dialect="duckdb")) for row in own_rows("validations.report", "absent.csv")
    )
    return tuple((table, column, query) for table, column, query in parsed if isinstance(query, exp.Select))


def _text(name: str) -> str:
    """One file of this folder as it stands."""
    return files("validations.report").joinpath(name).read_text(encoding="utf-8")


def _completeness(con: duckdb.DuckDBPyConnection, table: str) -> list[tuple[str, str, int, int]]:
    measured, counts = measured_items(table), con.sql(_counted(table)).fetchall()[0]
    return [(table, item.column, counts[2 * i], counts[2 * i] - counts[2 * i + 1]) for i, item in enumerate(measured)]


def _of_none(table: str) -> list[tuple[str, str, int, int]]:
    """Nothing is asked of a table without rows: a count of each of its fields takes a while to set up."""
    return [(table, item.column, 0, 0) for item in measured_items(table)]


@cache
def _counted(table: str) -> str:
    """The query that counts, for each measured field, the rows it concerns and those in which it is known."""
    counts = [count for item in measured_items(table) for count in _counts(table, item)]
    return exp.select(*counts).from_(table).sql(dialect="duckdb")


def _counts(table: str, item: Item) -> tuple[exp.Expr, exp.Expr]:
    concerned = concerns(table, item.column) or exp.true()
    return count_where(concerned), count_where(exp.and_(concerned, known(item)))


def count_where(condition: exp.Expr) -> exp.Expr:
    """SQL: rows for which the condition is certainly true."""
    return exp.Count(this=exp.case().when(exp.paren(condition), exp.Literal.number(1)))


@cache
def _precision_query(table: str, date: str) -> str:
    def part(name: str) -> exp.Column:
        return exp.column(f"{date}_{name}")

    def present(*names: str) -> exp.Expr:
        return exp.or_(*(part(name).is_(exp.null()).not_() for name in names))

    # a date known to the day on either axis is exact, however wide its window on the other
    exact = exp.and_(
        part("earliest_offset_days").eq(part("latest_offset_days")), part("precision").is_(exp.null()).or_(part("precision").neq("day"))
    )
    precision = (
        exp.case()
        .when(exact, exp.Literal.string("relative_day"))
        .when(present("earliest_date", "latest_date"), exp.func("coalesce", part("precision"), exp.Literal.string("unknown")))
        .when(present("earliest_offset_days", "latest_offset_days"), exp.Literal.string("relative_window"))
        .else_(exp.Literal.string("not_delivered"))
    )
    query = exp.select(precision.as_("said"), exp.Count(this=exp.Star()).as_("n")).from_(table).group_by("said")
    return query.sql(dialect="duckdb")


def _one(con: duckdb.DuckDBPyConnection, query: exp.Select) -> tuple[int, ...]:
    return tuple(con.sql(query.sql(dialect="duckdb")).fetchall()[0])
