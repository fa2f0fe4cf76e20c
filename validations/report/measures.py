"""What the report and the expectations measure in the warehouse: counts only, never a value.

Every function takes an open DuckDB connection (read only is enough) and returns a small frame.
"""

from __future__ import annotations

import csv
from collections.abc import Sequence
from functools import cache
from importlib.resources import files

import duckdb
import polars as pl
from sqlglot import exp, parse_one

from schemas.items import INTERVAL_PARTS, Item, items

TABLES = ("dim_patient", "dim_tumour", "fact_treatment", "fact_event", "fact_follow_up", "fact_biomarker")
MEASURED_ROLES = frozenset({"date", "code", "measure", "flag", "text"})
COMPLETENESS = {"table": pl.String, "column": pl.String, "n": pl.Int64, "missing": pl.Int64}
PRECISION = {"table": pl.String, "date": pl.String, "precision": pl.String, "n": pl.Int64}
# The parts of an interval that say something of when; precision and anchor alone do not.
DATED_PARTS = tuple(part for part, _, _ in INTERVAL_PARTS if part not in ("precision", "anchor"))


def row_counts(con: duckdb.DuckDBPyConnection, tables: tuple[str, ...] = TABLES) -> dict[str, int]:
    """Rows of each table, in the order of `tables`."""
    return {table: _one(con, exp.select(exp.Count(this=exp.Star())).from_(table))[0] for table in tables}


def completeness(con: duckdb.DuckDBPyConnection) -> pl.DataFrame:
    """One row per table and field: `n` rows it concerns and how many of them are missing.

    A clinical date counts as one field, known where any bound is (calendar or relative). n = 0: no row concerns it.
    """
    return pl.DataFrame([row for table in TABLES for row in _completeness(con, table)], schema=COMPLETENESS, orient="row")


def known_by(con: duckdb.DuckDBPyConnection, table: str, group: str, measured: Sequence[Item]) -> list[tuple[str, str, int, int]]:
    """Of each value of `group` and each of these fields of one table: the rows it concerns, and those in which it is known."""
    query = exp.select(group, *(count for item in measured for count in _counts(table, item))).from_(table).group_by(group).order_by(group)
    rows = con.sql(query.sql(dialect="duckdb")).fetchall()
    return [(name, item.column, n[2 * i], n[2 * i + 1]) for name, *n in rows for i, item in enumerate(measured)]


def date_precision(con: duckdb.DuckDBPyConnection) -> pl.DataFrame:
    """One row per table, clinical date and precision met: how many rows carry it so.

    precision: day, month, year, ambiguous, unknown (calendar) | relative_day (exact in days since an anchor), relative_window |
    not_delivered.
    """
    dates = [(table, item) for table in TABLES for item in items(table, "star") if item.type == "interval"]
    rows = [
        (table, item.column, precision, n) for table, item in dates for precision, n in con.sql(_precision_query(table, item)).fetchall()
    ]
    return pl.DataFrame(rows, schema=PRECISION, orient="row").sort("table", "date", "precision")


def known(item: Item) -> exp.Expr:
    """SQL condition: the row says something in this field."""
    if item.type != "interval":
        return exp.column(item.column).is_(exp.null()).not_()
    return exp.or_(*(exp.column(f"{item.column}_{part}").is_(exp.null()).not_() for part in DATED_PARTS))


@cache
def concerns(table: str, column: str) -> exp.Expr | None:
    """SQL condition of the rows a field concerns (`true` where fields.csv does not name it); None where it is left out."""
    text = _field_conditions().get((table, column), "true")
    return None if text == "left_out" else parse_one(text, dialect="duckdb")


def measured_items(table: str) -> tuple[Item, ...]:
    """The fields of one star table whose completeness is measured."""
    return tuple(item for item in items(table, "star") if item.role in MEASURED_ROLES and concerns(table, item.column) is not None)


@cache
def _field_conditions() -> dict[tuple[str, str], str]:
    text = files("validations.report").joinpath("fields.csv").read_text(encoding="utf-8")
    lines = [line for line in text.splitlines() if not line.startswith("#")]
    return {(row["table"], row["column"]): row["concerns"] for row in csv.DictReader(lines)}


def _completeness(con: duckdb.DuckDBPyConnection, table: str) -> list[tuple[str, str, int, int]]:
    measured = measured_items(table)
    query = exp.select(*(count for item in measured for count in _counts(table, item))).from_(table)
    counts = _one(con, query)
    return [(table, item.column, counts[2 * i], counts[2 * i] - counts[2 * i + 1]) for i, item in enumerate(measured)]


def _counts(table: str, item: Item) -> tuple[exp.Expr, exp.Expr]:
    concerned = concerns(table, item.column) or exp.true()
    return count_where(concerned), count_where(exp.and_(concerned, known(item)))


def count_where(condition: exp.Expr) -> exp.Expr:
    """SQL: rows for which the condition is certainly true."""
    return exp.Count(this=exp.case().when(exp.paren(condition), exp.Literal.number(1)))


def _precision_query(table: str, item: Item) -> str:
    def part(name: str) -> exp.Column:
        return exp.column(f"{item.column}_{name}")

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
