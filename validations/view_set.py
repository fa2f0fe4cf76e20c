"""The edit views: what an edit of one staging record may read (views/*.sql), on a connection that can reach nothing else."""

from __future__ import annotations

import csv
import datetime
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

import duckdb
import polars as pl
import sqlglot
from sqlglot import exp

from schemas.core.expression import locked_connection
from schemas.items import INTERVAL_PARTS, RECORDS, polars_schema
from schemas.items import items as dictionary
from validations.knowledge import TABLES

# The files that the record views stand on, each before those that read it.
PARTS = (
    "drug_block", "first_event", "distant_organ", "event_place", "tumour_marker", "tumour_treatment", "person_contact", "person_death",
    "person_tumour", "tumour_facts", "tumour_context", "person_context",
)  # fmt: skip
KEY = "record_key"
AS_OF = "as_of"


@dataclass(frozen=True)
class Computed:
    """One line of views/computed.csv: a column that no dictionary column is."""

    column: str
    domain: str
    reads: tuple[str, ...]
    label: str


@cache
def computed() -> Mapping[str, Computed]:
    """The computed columns by name, in the order of the file."""
    text = files("validations").joinpath("views", "computed.csv").read_text(encoding="utf-8")
    rows = csv.DictReader(line for line in text.splitlines() if not line.startswith("#"))
    return {row["column"]: Computed(row["column"], row["domain"], tuple(row["reads"].split()), row["label"]) for row in rows}


def view(record: str) -> exp.Table:
    """The edit view of one staging record, to select from."""
    return exp.to_table(f"{record}_view")


@contextmanager
def opened(
    records: Mapping[str, pl.DataFrame], as_of: datetime.date, knowledge: Mapping[str, pl.DataFrame]
) -> Iterator[duckdb.DuckDBPyConnection]:
    """A locked connection with the record tables and every view over them; a record without a frame is empty."""
    with locked_connection() as connection:
        for name, frame in _tables(records, as_of, knowledge).items():
            connection.register(name, frame.to_arrow())
        for name in (*PARTS, *RECORDS):
            connection.execute(_definition(name)).fetchall()
        yield connection


def view_columns(record: str) -> Mapping[str, pl.DataType]:
    """Physical column to polars type of one edit view: found by running it on empty tables."""
    return _schemas()[record]


@cache
def _schemas() -> dict[str, dict[str, pl.DataType]]:
    empty = {name: pl.DataFrame(schema=schema) for name, schema in TABLES.items()}
    with opened({}, datetime.date(2000, 1, 1), empty) as connection:
        return {name: _schema_of(connection, name) for name in RECORDS}


@cache
def view_dates(record: str) -> tuple[str, ...]:
    """Names of the clinical dates of one edit view: those that have all six parts."""
    columns = view_columns(record)
    bases = [name.removesuffix("_anchor") for name in columns if name.endswith("_anchor")]
    return tuple(base for base in bases if all(f"{base}_{part}" in columns for part, _, _ in INTERVAL_PARTS))


def origin(record: str, column: str) -> tuple[str, ...]:
    """The dictionary columns behind a column (or date) of the record's view: bare for its own, `tumour.diagnosis` for others'."""
    base = next((date for date in view_dates(record) if column in {f"{date}_{part}" for part, _, _ in INTERVAL_PARTS}), column)
    if base in {item.column for item in dictionary(record, "staging")}:
        return (base,)
    if base in computed():
        return tuple(name.removeprefix(f"{record}.") for name in computed()[base].reads)
    parent, name = ("tumour", base.removeprefix("tumour_"))
    owner = parent if name in {item.column for item in dictionary(parent, "staging")} else "patient"
    return (f"{owner}.{name}",)


def domain(record: str, column: str) -> str:
    """The code list of a column of the record's view; empty where it has none."""
    if column in computed() and column not in {item.column for item in dictionary(record, "staging")}:
        return computed()[column].domain
    owner, _, name = next(iter(origin(record, column)), "").rpartition(".")
    item = next((item for item in dictionary(owner or record, "staging") if item.column == name), None)
    return item.domain if item and item.type == "text" and ".." not in item.domain else ""


def _tables(records: Mapping[str, pl.DataFrame], as_of: datetime.date, knowledge: Mapping[str, pl.DataFrame]) -> dict[str, pl.DataFrame]:
    schemas = {name: {**polars_schema(name), KEY: pl.Int64} for name in RECORDS}
    frames = {name: records.get(name, pl.DataFrame(schema=schema)).select(schema.keys()) for name, schema in schemas.items()}
    return {**frames, **knowledge, AS_OF: _as_of(as_of)}


def _as_of(day: datetime.date) -> pl.DataFrame:
    """One row: the as-of date as a clinical date on the calendar."""
    parts = {"earliest_date": day, "latest_date": day, "precision": "day"}
    kinds = {"date": pl.Date, "text": pl.String, "int": pl.Int32}
    columns = {f"{AS_OF}_{part}": pl.Series([parts.get(part)], dtype=kinds[kind]) for part, kind, _ in INTERVAL_PARTS}
    return pl.DataFrame(columns)


@cache
def _definition(name: str) -> str:
    """The file of that name as a CREATE VIEW statement."""
    text = files("validations").joinpath("views", f"{name}.sql").read_text(encoding="utf-8")
    target = exp.to_table(name) if name in PARTS else view(name)
    return exp.Create(this=target, kind="VIEW", expression=sqlglot.parse_one(text, read="duckdb")).sql("duckdb", comments=False)


def _schema_of(connection: duckdb.DuckDBPyConnection, record: str) -> dict[str, pl.DataType]:
    found = connection.sql(exp.select("*").from_(view(record)).limit(0).sql("duckdb")).to_arrow_table()
    schema = dict(pl.DataFrame(found).schema)
    schema.pop(KEY)
    return schema
