"""The edit views as the statements that create them: views/*.sql, each kept once it is read, and what of them need not be made."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from functools import cache
from importlib.resources import files

import sqlglot
from sqlglot import exp

from schemas.items import RECORDS

# The files that the record views stand on, each before those that read it; those of STORED are computed once and kept.
PARTS = (
    "drug_block", "open_block", "first_event", "unsaid_recurrence", "distant_organ", "event_place", "tumour_marker", "tumour_treatment",
    "person_contact", "person_dead", "person_death", "person_tumour", "tumour_facts", "tumour_context", "person_context",
)  # fmt: skip
STORED = frozenset({"person_tumour", "tumour_facts", "tumour_context", "person_context"})
KEY = "record_key"
# What the views join by: numbers, which join several times faster than the texts they stand for. No edit reads them.
KEYS: dict[str, tuple[str, ...]] = {KEY: (), "patient_key": ("patient_pseudonym",), "tumour_key": ("patient_pseudonym", "tumour_no")}
# By record the columns that are going to be asked of its view; of one that is not there, none.
Needed = Mapping[str, Collection[str]]


def view(record: str) -> exp.Table:
    """The edit view of one staging record, to select from."""
    return exp.to_table(f"{record}_view")


@cache
def definitions(needed: frozenset[tuple[str, frozenset[str]]] | None) -> tuple[tuple[str, tuple[str, ...]], ...]:
    """By name of a file what creates it, in an order in which each can be (kept: every portion of the records opens the same views)."""
    of = None if needed is None else dict(needed)
    parts = ((name, (_definition(name), *(_stored(name, of) if name in STORED else ()))) for name in PARTS)
    return (*parts, *((name, (_record_definition(name, of),)) for name in RECORDS))


def _stored(name: str, needed: Needed | None) -> tuple[str, str]:
    """One part as a table of its keys and the columns of which a column may be made that is needed of a view which reads the part, and a
    view in which the others are empty.
    """
    theirs = None if needed is None else frozenset().union(*(needed.get(record, ()) for record in _readers(name)))
    columns = _statement(name).named_selects
    kept = {column for column in columns if theirs is None or column in KEYS or any(one.endswith(column) for one in theirs)}
    stored = ", ".join(column for column in columns if column in kept)
    shown = ", ".join(column if column in kept else f"null as {column}" for column in columns)
    return (
        f"create table {name}_stored as select {stored} from {name}_made",
        f"create view {name} as select {shown} from {name}_stored",
    )


def _record_definition(name: str, needed: Needed | None) -> str:
    """The view of one record. A stored part of which it is asked nothing is joined as an empty table, which is no work."""
    joined = [join.this.name for join in _statement(name).args["joins"]]
    empty = () if needed is None else {one for one in joined if one in STORED and not _shown(name, one).intersection(needed.get(name, ()))}
    tree = _statement(name) if not empty else statement(name)
    for join in tree.args["joins"] if empty else ():
        if join.this.name in empty:
            join.this.replace(exp.select("*").from_(join.this.name).where(exp.false()).subquery(join.this.name))
    return exp.Create(this=view(name), kind="VIEW", expression=tree).sql("duckdb", comments=False)


@cache
def _shown(record: str, part: str) -> frozenset[str]:
    """Under which names the view of a record shows columns of a part that it joins."""
    tree = _statement(record)
    if isinstance(tree.selects[0], exp.Star):
        return frozenset(_statement(part).named_selects)
    return frozenset(one.alias_or_name for one in tree.selects for column in one.find_all(exp.Column) if column.table == part)


@cache
def named_by_views() -> frozenset[str]:
    """The columns that any view names."""
    return frozenset().union(*(columns for columns, _ in _named().values()))


@cache
def _readers(part: str) -> frozenset[str]:
    """The records whose view reads the part, itself or through another part."""
    direct = {name for name, (_, tables) in _named().items() if part in tables}
    return frozenset(direct.intersection(RECORDS)).union(*(_readers(name) for name in direct.intersection(PARTS)))


@cache
def _named() -> Mapping[str, tuple[frozenset[str], frozenset[str]]]:
    """By view the columns and the tables that its statement names."""
    trees = {name: _statement(name) for name in (*PARTS, *RECORDS)}
    return {name: (_names(tree, exp.Column), _names(tree, exp.Table)) for name, tree in trees.items()}


def _names(tree: exp.Expr, kind: type[exp.Expr]) -> frozenset[str]:
    return frozenset(node.name for node in tree.find_all(kind))


@cache
def _definition(name: str) -> str:
    """The part of that name as a CREATE VIEW statement."""
    target = exp.to_table(f"{name}_made" if name in STORED else name)
    return exp.Create(this=target, kind="VIEW", expression=_statement(name)).sql("duckdb", comments=False)


def statement(name: str) -> exp.Select:
    """The statement of the file of that name; the caller may change it."""
    return _statement(name).copy()


@cache
def _statement(name: str) -> exp.Select:
    text = files("validations").joinpath("views", f"{name}.sql").read_text(encoding="utf-8")
    return sqlglot.parse_one(text, read="duckdb", into=exp.Select)
