"""Running allowed expressions: a DuckDB connection that can reach nothing, and one SELECT for many expressions."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache

import duckdb
import polars as pl
from sqlglot import exp

from schemas.core.expression_error import ExpressionError
from schemas.core.memory import raise_out_of_memory
from schemas.core.shared_sql import select_shared
from schemas.core.sql_subset import COMPARISONS, DATE_FUNCTIONS, DIALECT

RELATION = "oncomart_rows"
ROW = "oncomart_row"

# The type of each expression, by its text and its columns, that was asked of DuckDB in this process.
_TYPES: dict[tuple[str, tuple[tuple[str, pl.DataType | type[pl.DataType]], ...]], pl.DataType] = {}


def locked_connection(threads: int | None = None) -> duckdb.DuckDBPyConnection:
    """An in-memory DuckDB that cannot read or write files, load extensions, see Python variables or be reconfigured.

    `threads`: how many it works with (otherwise one for each processor). The time zone is UTC. The caller closes it (it is a context
    manager).
    """
    connection = duckdb.connect(":memory:", config={
        "enable_external_access": False, "autoinstall_known_extensions": False, "autoload_known_extensions": False,
        "python_enable_replacements": False, **({"threads": threads} if threads else {}),
    })  # fmt: skip
    connection.execute("set global TimeZone = 'UTC'").fetchall()  # for the cursors of the connection too
    connection.execute("set lock_configuration = true").fetchall()
    return connection


@cache
def _locked() -> duckdb.DuckDBPyConnection:
    return locked_connection()


def locked_cursor() -> duckdb.DuckDBPyConnection:
    """A connection of its own to one such database, made once: opening another costs more than asking a small table.

    What the caller registers goes when it closes the cursor (it is a context manager); the caller makes no table.
    """
    return _locked().cursor()


def evaluate(frame: pl.DataFrame, expressions: Mapping[str, exp.Expr]) -> pl.DataFrame:
    """One row per row of `frame`, in its order, with one column per expression.

    Null follows SQL. Raises ExpressionError (without a value) where an expression cannot be computed, or still holds
    `before` or `days_between`, which have first to be rewritten by `three_valued`.
    """
    if not expressions:
        return frame.select()
    read = _columns(expressions)
    rows = frame.select(pl.int_range(pl.len(), dtype=pl.Int64).alias(ROW), *(name for name in frame.columns if name in read))
    with locked_cursor() as connection:
        connection.register(RELATION, rows.to_arrow())
        result = _computed(connection, expressions)
    # A projection keeps the order of its rows today; the row number makes it a fact and not a habit of the engine.
    return (result if result[ROW].is_sorted() else result.sort(ROW)).drop(ROW)


def _computed(connection: duckdb.DuckDBPyConnection, expressions: Mapping[str, exp.Expr]) -> pl.DataFrame:
    try:
        return pl.DataFrame(connection.sql(_query(expressions)).to_arrow_table())
    except duckdb.Error as error:
        raise_out_of_memory(error)
        # The engine quotes the cell it stumbled over, so its text goes no further than here.
        kind = type(error).__name__
    for name, expression in expressions.items() if len(expressions) > 1 else ():
        _computed(connection, {name: expression})
    raise ExpressionError(f"{next(iter(expressions))} cannot be computed ({kind})", "do the types of its columns fit?")


def check_types(expression: exp.Expr, schema: Mapping[str, pl.DataType | type[pl.DataType]]) -> pl.DataType:
    """The polars type of an expression over columns of these types; nothing but an empty frame is read.

    Raises ExpressionError where the types do not fit: a function of texts on a number, or a text column beside a number.
    """
    for node in expression.find_all(exp.Binary, exp.In, exp.Between, exp.Not, exp.If):
        _check_kinds(node, schema)
    read = _columns({"value": expression})
    asked = (expression.sql(DIALECT, comments=False), tuple((name, kind) for name, kind in schema.items() if name in read))
    if asked not in _TYPES:  # the same conditions are asked for every table and every project that has them
        _TYPES[asked] = evaluate(pl.DataFrame(schema=dict(schema)), {"value": expression}).schema["value"]
    return _TYPES[asked]


def _check_kinds(node: exp.Expr, schema: Mapping[str, pl.DataType | type[pl.DataType]]) -> None:
    """A text beside a number, or as a condition, would be cast cell by cell, and fail on the first that is none."""
    conditions = [node.this] if isinstance(node, exp.If) else list(node.iter_expressions())
    columns = [part.name for part in conditions if isinstance(part, exp.Column)]
    texts = [name for name in columns if schema.get(name) == pl.String]
    if texts and isinstance(node, (exp.And, exp.Or, exp.Not, exp.If)):
        raise ExpressionError(f"{texts[0]} is text and no condition", "compare it with a text in quotes")
    literals = {part.is_string for part in conditions if isinstance(part, exp.Literal)}
    numbers = [name for name in columns if name in schema and _is_numeric(schema[name])]
    if numbers and isinstance(node, (exp.And, exp.Or, exp.Not, exp.If)):
        raise ExpressionError(f"{numbers[0]} is a number and no condition", "compare it with a number")
    flags = [name for name in columns if schema.get(name) == pl.Boolean]
    if flags and literals and isinstance(node, (*COMPARISONS, exp.In)):
        message = f"{flags[0]} is true or false and cannot stand beside a text or a number"
        raise ExpressionError(message, f"write {flags[0]} or not {flags[0]}")
    if texts and False in literals:
        raise ExpressionError(f"{texts[0]} is text and cannot stand beside a number", "put the number in quotes")
    if numbers and True in literals and not isinstance(node, exp.DPipe):
        raise ExpressionError(f"{numbers[0]} is a number and cannot stand beside a text", "write the number without quotes")


def _is_numeric(kind: pl.DataType | type[pl.DataType]) -> bool:
    return kind.is_numeric()


def _columns(expressions: Mapping[str, exp.Expr]) -> set[str]:
    return {column.name for expression in expressions.values() for column in expression.find_all(exp.Column)}


def _query(expressions: Mapping[str, exp.Expr]) -> str:
    for name, expression in expressions.items():
        if any(node.name.lower() in DATE_FUNCTIONS for node in expression.find_all(exp.Anonymous)):
            raise ExpressionError("before and days_between need their three-valued form before they can be computed", name)
    return select_shared(expressions, RELATION, [ROW]).sql(DIALECT, comments=False)
