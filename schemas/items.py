"""The data dictionary (items.csv) as objects: one declaration for types, DDL, comments, checks and pages."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import polars as pl

from schemas.facts import own_rows

# The six columns of one clinical date (DESIGN 7): suffix, type, what it says.
INTERVAL_PARTS = (
    ("earliest_date", "date", "earliest calendar day"),
    ("latest_date", "date", "latest calendar day"),
    ("precision", "text", "precision of the calendar interval"),
    ("earliest_offset_days", "int", "earliest day on the relative axis"),
    ("latest_offset_days", "int", "latest day on the relative axis"),
    ("anchor", "text", "anchor from which the days are counted"),
)
# Those that say which days a date may be: how exactly it was written says nothing of that.
WINDOW_PARTS = tuple(part for part, _, _ in INTERVAL_PARTS if part != "precision")
PolarsType = type[pl.DataType] | pl.DataType
POLARS: dict[str, PolarsType] = {
    "text": pl.String,
    "int": pl.Int32,
    "bigint": pl.Int64,
    "float": pl.Float64,
    "bool": pl.Boolean,
    "date": pl.Date,
}
DUCKDB = {"text": "VARCHAR", "int": "INTEGER", "bigint": "BIGINT", "float": "DOUBLE", "bool": "BOOLEAN", "date": "DATE"}
INHERITED_ROLES = frozenset({"date", "code", "measure", "flag", "text"})
# Each kind of record and the table of the star that holds it.
TABLE_OF = {
    "patient": "dim_patient", "tumour": "dim_tumour", "treatment": "fact_treatment", "event": "fact_event",
    "follow_up": "fact_follow_up", "biomarker": "fact_biomarker",
}  # fmt: skip
RECORDS = tuple(TABLE_OF)
RECORD_OF = {table: record for record, table in TABLE_OF.items()}


@dataclass(frozen=True)
class Item:
    """One line of items.csv."""

    layer: str
    table: str
    column: str
    type: str
    role: str
    nullable: bool
    domain: str
    unit: str
    label: str
    naaccr: str


@dataclass(frozen=True)
class Column:
    """One physical column: an item, or one of the six parts of an interval item."""

    name: str
    type: str
    nullable: bool
    label: str
    item: Item

    @property
    def polars(self) -> PolarsType:
        """Type of the column in a polars frame."""
        return POLARS[self.type]

    @property
    def duckdb(self) -> str:
        """Type of the column in the warehouse."""
        return DUCKDB[self.type]


@cache
def _declared() -> tuple[Item, ...]:
    return tuple(
        Item(
            r["layer"], r["table"], r["column"], r["type"], r["role"], r["nullable"] == "yes", r["domain"], r["unit"], r["label"],
            r["naaccr"],
        )
        for r in own_rows("schemas", "items.csv")
    )  # fmt: skip


@cache
def items(table: str, layer: str | None = None) -> tuple[Item, ...]:
    """The items of one table in order; a `*` row is replaced by what it takes over from its staging record."""
    found: list[Item] = []
    for item in _declared():
        if item.table != table or (layer and item.layer != layer):
            continue
        if item.column == "*":
            taken = {i.column for i in found}
            found += [i for i in items(item.domain, "staging") if i.role in INHERITED_ROLES and i.column not in taken]
        else:
            found.append(item)
    if not found:
        raise KeyError(f"items.csv declares no table {table!r}")
    return tuple(found)


@cache
def columns(table: str, layer: str | None = None) -> tuple[Column, ...]:
    """The physical columns of one table in order: each interval item expanded to its six columns."""
    return tuple(column for item in items(table, layer) for column in physical(item))


def physical(item: Item) -> tuple[Column, ...]:
    """The columns of one item: six of a clinical date, else one."""
    if item.type != "interval":
        return (Column(item.column, item.type, item.nullable, item.label, item),)
    return tuple(Column(f"{item.column}_{part}", kind, True, f"{item.label}: {says}", item) for part, kind, says in INTERVAL_PARTS)


def tables(layer: str) -> tuple[str, ...]:
    """Names of the tables of one layer, in the order of the dictionary."""
    return tuple(dict.fromkeys(item.table for item in _declared() if item.layer == layer))


def intervals(table: str) -> tuple[str, ...]:
    """Names of the clinical dates of one table."""
    return tuple(item.column for item in items(table) if item.type == "interval")


def identity(table: str) -> tuple[str, ...]:
    """Columns that together are the natural key of one staging record."""
    return tuple(item.column for item in items(table, "staging") if item.role == "identity")


def polars_schema(table: str) -> dict[str, PolarsType]:
    """Column name to polars type of one table, in order."""
    return {column.name: column.polars for column in columns(table)}
