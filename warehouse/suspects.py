"""The rows of a table that its pandera model would refuse, found in the database: the model then judges few rows or none.

Generated from what the model is generated from (items.csv, the code lists, date_order.csv), so that the two say the same:
a test holds every check of every model to it. A null breaks nothing but nullability, in the model as here.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import duckdb
from sqlglot import exp

from schemas import items
from schemas.domains import PRECISIONS, Codes, bounds, code_list
from schemas.star import ordered_dates
from warehouse import ddl


def suspects(con: duckdb.DuckDBPyConnection, table: str, codes: Codes) -> exp.Select:
    """The rows of one star or mart table that break a promise of its model, all columns; none where all is well.

    A code list is compared with the values that stand in the column, once each: a list is longer than they are, and the rows many.
    """
    return exp.select("*").from_(ddl.named(table)).where(exp.or_(*_broken(con, table, codes)))


def _broken(con: duckdb.DuckDBPyConnection, table: str, codes: Codes) -> Iterator[exp.Expr]:
    """One condition per promise that may be broken, true for a row that breaks it."""
    lists = {column.name: allowed for column in items.columns(table) if (allowed := _allowed(column, codes))}
    values = _values(con, table, lists)
    for column in items.columns(table):
        here = ddl.field(column.name)
        if not column.nullable:
            yield _is_null(column.name)
        if limits := bounds(column):
            yield exp.Not(this=here.between(*limits))
        if strange := values.get(column.name, frozenset()) - lists.get(column.name, frozenset()):
            yield here.isin(*sorted(strange))
    for name in items.intervals(table):
        yield from _of_interval(name)
    yield from (_out_of_order(*pair) for pair in ordered_dates(table))


def _allowed(column: items.Column, codes: Codes) -> frozenset[str]:
    """The closed list of a column; empty where it has none."""
    if column.item.type == "interval" and column.name.endswith("_precision"):
        return frozenset(PRECISIONS)
    domain = code_list(column)
    return codes.codes(domain) if domain else frozenset()


def _values(con: duckdb.DuckDBPyConnection, table: str, columns: Iterable[str]) -> dict[str, frozenset[str]]:
    """The values of each of these columns, once each, without the null; all in one query."""
    found: dict[str, set[str]] = {name: set() for name in columns}
    several = [exp.select(exp.Literal.string(name), ddl.field(name)).from_(_once(table, name)) for name in found]
    for name, value in con.sql(ddl.stacked(several).sql("duckdb")).fetchall() if several else ():
        found[name] |= {value} - {None}
    return {name: frozenset(values) for name, values in found.items()}


def _once(table: str, column: str) -> exp.Subquery:
    return exp.select(ddl.field(column)).distinct().from_(ddl.named(table)).subquery("once")


def _of_interval(name: str) -> Iterator[exp.Expr]:
    for part in ("date", "offset_days"):
        yield exp.GT(this=ddl.field(f"{name}_earliest_{part}"), expression=ddl.field(f"{name}_latest_{part}"))
    given = [exp.Not(this=_is_null(f"{name}_{end}_offset_days")) for end in ("earliest", "latest")]
    yield exp.and_(_is_null(f"{name}_anchor"), exp.or_(*given))


def _out_of_order(earlier: str, later: str) -> exp.Expr:
    """The later date is certainly before the earlier one, on the calendar or on a shared anchor (`frame_checks.in_order`)."""
    calendar, relative = (
        exp.LT(this=ddl.field(f"{later}_latest_{part}"), expression=ddl.field(f"{earlier}_earliest_{part}"))
        for part in ("date", "offset_days")
    )
    shared = exp.EQ(this=ddl.field(f"{later}_anchor"), expression=ddl.field(f"{earlier}_anchor"))
    return exp.or_(calendar, exp.and_(relative, shared))


def _is_null(name: str) -> exp.Is:
    return exp.Is(this=ddl.field(name), expression=exp.Null())
