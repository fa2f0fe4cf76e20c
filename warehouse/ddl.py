"""CREATE TABLE and COMMENT statements of the star and the mart, made from items.csv.

Costs measured on 10 M rows (DuckDB 2.0): NOT NULL and short CHECKs little; each primary or foreign key 3.5 times the
load. So keys are declared on dimensions and the small tables, those of large dimensions when their rows are in, foreign keys only
between the small dimensions, and everything else about keys is verified by query in `warehouse.audit`.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache

import duckdb
from sqlglot import exp

from schemas import items
from schemas.domains import PRECISIONS, Codes, bounds, code_list, grain

# Longer lists (drugs, regimens, sites, morphologies) are compared code by code for every row; the audit holds their values to the models.
MOST_CODES_IN_CHECK = 20
KEYED = frozenset({"release", "mart_number", "lineage_rule", "unread_person"})
# An index made of all rows at once costs half of one that grows with them.
KEYED_LATE = ("dim_patient", "dim_tumour")
# What is computed when it is asked (`warehouse.candidates`), and what a view shows of the tables that are stored for it: a text costs the
# database three times as much as a number, and of the lineage's thirteen million lines three columns of five are few texts.
COMPUTED, SHOWN = frozenset({"mart_candidate"}), frozenset({"lineage"})
VIEWS = COMPUTED | SHOWN
AS_IT_STANDS = "USING COMPRESSION uncompressed"
Allowed = tuple[tuple[str, ...], ...]
SMALL = frozenset({"dim_stage", "dim_drug", "dim_regimen", "bridge_regimen_drug", "dim_site", "dim_procedure"})


def create_tables(con: duckdb.DuckDBPyConnection, layer: str, codes: Codes) -> None:
    """Creates the tables of one layer, without VIEWS, with constraints and comments; leaves a table that is already there alone."""
    con.execute("begin").fetchall()  # one commit: each costs a write to disk, and there are hundreds of comments
    for table in items.tables(layer):
        if table in VIEWS:
            continue
        con.execute(_created(table, _allowed(table, codes))).fetchall()
        con.execute(_commented(table)).fetchall()
    con.execute("commit").fetchall()


@cache
def _commented(table: str) -> str:
    """The comments of one table as one script."""
    return "; ".join(comment.sql("duckdb", copy=False) for comment in comments(table))


def create_table(table: str, codes: Codes) -> exp.Create:
    """The CREATE TABLE statement of one table; the key of a table of KEYED_LATE is not in it."""
    return _create(table, _allowed(table, codes))


@cache
def _created(table: str, allowed: Allowed) -> str:
    return _create(table, allowed).sql("duckdb", copy=False)


def _create(table: str, allowed: Allowed) -> exp.Create:
    columns = items.columns(table)
    parts: list[exp.Expr] = [_definition(column) for column in columns]
    if table not in KEYED_LATE:
        parts += _primary_key(table, columns)
    parts += [check for column, codes in zip(columns, allowed, strict=True) for check in _checks(column, codes)]
    parts += [_ordered(name, part) for name in items.intervals(table) for part in ("date", "offset_days")]
    parts += _foreign_keys(table, columns)
    return exp.Create(this=exp.Schema(this=named(table), expressions=parts), kind="TABLE", exists=True)


def late_key(table: str) -> exp.Alter:
    """The statement that declares the key of a table that is filled."""
    return exp.Alter(this=named(table), kind="TABLE", actions=[exp.AddConstraint(expressions=_primary_key(table, items.columns(table)))])


def comments(table: str, kind: str = "TABLE") -> list[exp.Comment]:
    """One COMMENT on the table or view (its grain) and one on each column (its label, unit and NAACCR item)."""
    found = [exp.Comment(this=named(table), kind=kind, expression=exp.Literal.string(grain(table)))]
    for column in items.columns(table):
        place = exp.Column(this=identifier(column.name), table=identifier(table))
        found.append(exp.Comment(this=place, kind="COLUMN", expression=exp.Literal.string(_label(column))))
    return found


def view_script(name: str, select: exp.Select) -> str:
    """A view of these rows with its comments, in one commit: each costs a write to disk. The SELECT becomes part of it."""
    made = exp.Create(this=named(name), kind="VIEW", exists=True, expression=typed(select, items.columns(name)))
    statements = [statement.sql("duckdb", comments=False, copy=False) for statement in (made, *comments(name, "VIEW"))]
    return "; ".join(("begin", *statements, "commit"))


def typed(select: exp.Select, columns: Sequence[items.Column]) -> exp.Select:
    """These columns of a SELECT in the order and with the types of the dictionary."""
    made = exp.Subquery(this=select, alias=identifier("made"))
    cast = [exp.cast(field(column.name), column.duckdb, dialect="duckdb") for column in columns]
    return exp.select(*(exp.alias_(value, value.this.name, quoted=True) for value in cast), copy=False).from_(made, copy=False)


def temporary(name: str, rows: exp.Expr, kind: str = "TABLE", *, replace: bool = True) -> str:
    """The statement that makes a temporary table (or view) of these rows: it stands before one of the file that has its name."""
    made = exp.Create(this=named(name), kind=kind, replace=replace, expression=rows, properties=only_here())
    return made.sql("duckdb", copy=False)


def only_here() -> exp.Properties:
    """CREATE TEMPORARY."""
    return exp.Properties(expressions=[exp.TemporaryProperty()])


def dropped(name: str, kind: str = "TABLE", *, exists: bool = False) -> str:
    """The statement that drops a temporary table (or view), never one of the file; `exists`: it may be gone already."""
    return exp.Drop(tables=[exp.table_(name, db="main", catalog="temp")], kind=kind, exists=exists).sql("duckdb")


def identifier(name: str) -> exp.Identifier:
    """A quoted identifier: `row`, `column` and `date` are reserved words."""
    return exp.to_identifier(name, quoted=True)


def named(table: str) -> exp.Table:
    """A table by its quoted name."""
    return exp.Table(this=identifier(table))


def field(name: str) -> exp.Column:
    """A column by its quoted name."""
    return exp.Column(this=identifier(name))


def stacked(parts: Sequence[exp.Select]) -> exp.Expr:
    """The rows of all these SELECTs (at least one): one query costs less than many."""
    return exp.union(*parts, distinct=False, copy=False) if len(parts) > 1 else parts[0]


def _definition(column: items.Column) -> exp.ColumnDef:
    constraints = [] if column.nullable else [exp.ColumnConstraint(kind=exp.NotNullColumnConstraint())]
    if _stands_as_it_is(column):
        constraints.append(exp.ColumnConstraint(kind=exp.Var(this=AS_IT_STANDS)))
    kind = exp.DataType.build(column.duckdb, dialect="duckdb")
    return exp.ColumnDef(this=identifier(column.name), kind=kind, constraints=constraints)


def _stands_as_it_is(column: items.Column) -> bool:
    """Whether to try what makes it smaller is in vain: a key is a hash (of a source there are few), and offsets are mostly null."""
    is_hash = column.name.endswith("_key") and column.name != "source_key" and not column.nullable
    return is_hash or column.name.endswith("_offset_days")


def _primary_key(table: str, columns: tuple[items.Column, ...]) -> list[exp.Expr]:
    key = [column.name for column in columns if column.item.role == "key"]
    declared = key and (table.startswith("dim_") or table in KEYED)
    return [exp.PrimaryKey(expressions=[identifier(name) for name in key])] if declared else []


def _allowed(table: str, codes: Codes) -> Allowed:
    """Of each column of a table the codes that a CHECK names; none where there is no such list, or a long one."""
    return tuple(_listed(column, codes) for column in items.columns(table))


def _listed(column: items.Column, codes: Codes) -> tuple[str, ...]:
    allowed: frozenset[str] | tuple[str, ...] = ()
    if column.item.type == "interval" and column.name.endswith("_precision"):
        allowed = PRECISIONS
    elif domain := code_list(column):
        allowed = codes.codes(domain)
    return tuple(sorted(allowed)) if len(allowed) <= MOST_CODES_IN_CHECK else ()


def _checks(column: items.Column, allowed: tuple[str, ...]) -> list[exp.Expr]:
    if limits := bounds(column):
        return [exp.CheckColumnConstraint(this=field(column.name).between(*limits))]
    return [exp.CheckColumnConstraint(this=field(column.name).isin(*allowed))] if allowed else []


def _ordered(interval: str, part: str) -> exp.Expr:
    return exp.CheckColumnConstraint(this=exp.LTE(this=field(f"{interval}_earliest_{part}"), expression=field(f"{interval}_latest_{part}")))


def _foreign_keys(table: str, columns: tuple[items.Column, ...]) -> list[exp.Expr]:
    if table not in SMALL:
        return []
    return [_reference(column) for column in columns if column.item.role == "parent"]


def _reference(column: items.Column) -> exp.ForeignKey:
    parent = column.item.domain
    key = next(item.column for item in items.items(parent) if item.role == "key")
    there = exp.Schema(this=named(parent), expressions=[identifier(key)])
    return exp.ForeignKey(expressions=[identifier(column.name)], reference=exp.Reference(this=there))


def _label(column: items.Column) -> str:
    unit = f" [{column.item.unit}]" if column.item.unit else ""
    return column.label + unit + (f" (NAACCR {column.item.naaccr})" if column.item.naaccr else "")
