"""The edit views: what an edit of one staging record may read (views/*.sql), on a connection that can reach nothing else."""

from __future__ import annotations

import csv
import datetime
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

import duckdb
import polars as pl
import sqlglot
from sqlglot import exp

from schemas.core.errors import RefusedError
from schemas.core.expression import locked_connection
from schemas.core.ids import keyed
from schemas.items import INTERVAL_PARTS, RECORDS, polars_schema
from schemas.items import items as dictionary
from schemas.staging import NAMED, PSEUDONYM
from validations.knowledge import TABLES

# The files that the record views stand on, each before those that read it; those of STORED are computed once and kept.
PARTS = (
    "drug_block", "first_event", "distant_organ", "event_place", "tumour_marker", "tumour_treatment", "person_contact", "person_death",
    "person_tumour", "tumour_facts", "tumour_context", "person_context",
)  # fmt: skip
STORED = frozenset({"person_tumour", "tumour_facts", "tumour_context", "person_context"})
KEY = "record_key"
# What the views join by: numbers, which join several times faster than the texts they stand for. No edit reads them.
KEYS: dict[str, tuple[str, ...]] = {KEY: (), "patient_key": ("patient_pseudonym",), "tumour_key": ("patient_pseudonym", "tumour_no")}
AS_OF = "as_of"
# By record the columns that are going to be asked of its view; of one that is not there, none.
Needed = Mapping[str, Collection[str]]


@dataclass(frozen=True)
class Computed:
    """One line of views/computed.csv: a column that no dictionary column is."""

    column: str
    domain: str
    reads: tuple[str, ...]
    label: str
    of_siblings: bool
    of: str = ""


@cache
def computed() -> Mapping[str, Computed]:
    """The computed columns by name, in the order of the file."""
    text = files("validations").joinpath("views", "computed.csv").read_text(encoding="utf-8")
    rows = csv.DictReader(line for line in text.splitlines() if not line.startswith("#"))
    return {
        row["column"]: Computed(
            row["column"], row["domain"], tuple(row["reads"].split()), row["label"], row["siblings"] == "yes", row["of"]
        )
        for row in rows
    }


def view(record: str) -> exp.Table:
    """The edit view of one staging record, to select from."""
    return exp.to_table(f"{record}_view")


@contextmanager
def opened(
    records: Mapping[str, pl.DataFrame],
    as_of: datetime.date,
    knowledge: Mapping[str, pl.DataFrame],
    needed: Needed | None = None,
    threads: int | None = None,
) -> Iterator[duckdb.DuckDBPyConnection]:
    """A locked connection with the record tables and every view over them; a record without a frame is empty.

    `needed`: the columns that are going to be asked of each view; without it all can be. `threads` as in `locked_connection`.
    """
    asked = None if needed is None else frozenset().union(*needed.values())
    with locked_connection(threads=threads) as connection:
        for name, frame in _tables(records, as_of, knowledge, asked).items():
            connection.register(name, frame.to_arrow(compat_level=pl.CompatLevel.newest()))  # texts are shared, not copied
        for name, texts in _definitions(None if needed is None else frozenset((one, frozenset(of)) for one, of in needed.items())):
            _create(connection, name, texts)
        yield connection


def _create(connection: duckdb.DuckDBPyConnection, name: str, texts: Collection[str]) -> None:
    try:
        for text in texts:
            connection.execute(text).fetchall()
    except duckdb.Error:
        if name not in STORED:
            raise
        raise RefusedError(f"what edits read of persons and tumours ({name}) cannot be computed") from None


@cache
def _definitions(needed: frozenset[tuple[str, frozenset[str]]] | None) -> tuple[tuple[str, tuple[str, ...]], ...]:
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


def calendar_only(records: Mapping[str, pl.DataFrame], record: str) -> frozenset[str]:
    """The clinical dates of one edit view of which the records hold no anchor: they are on the calendar only."""
    return frozenset(date for date in view_dates(record) if not any(_has_anchor(records, record, place) for place in origin(record, date)))


def _has_anchor(records: Mapping[str, pl.DataFrame], record: str, place: str) -> bool:
    owner, _, date = place.rpartition(".")
    frame = records.get(owner or record)
    return frame is not None and frame[f"{date}_anchor"].null_count() < frame.height


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
    base = _base(record, column)
    if base in {item.column for item in dictionary(record, "staging")}:
        return (base,)
    if base in computed():
        return tuple(name.removeprefix(f"{record}.") for name in computed()[base].reads)
    parent, name = ("tumour", base.removeprefix("tumour_"))
    owner = parent if name in {item.column for item in dictionary(parent, "staging")} else "patient"
    return (f"{owner}.{name}",)


def of_siblings(record: str, column: str) -> bool:
    """Whether a column (or date) of the record's view is made of other records of its kind too."""
    base = _base(record, column)
    return base not in {item.column for item in dictionary(record, "staging")} and base in computed() and computed()[base].of_siblings


def of_kind(record: str, column: str) -> str:
    """The kind of event, or the marker, of the records that a column (or date) of the record's view is made of; empty where any count."""
    base = _base(record, column)
    return computed()[base].of if base in computed() and base not in {item.column for item in dictionary(record, "staging")} else ""


def _base(record: str, column: str) -> str:
    """The date that a physical column is a part of, else the column."""
    return next((date for date in view_dates(record) if column in {f"{date}_{part}" for part, _, _ in INTERVAL_PARTS}), column)


def domain(record: str, column: str) -> str:
    """The code list of a column of the record's view; empty where it has none."""
    if column in computed() and column not in {item.column for item in dictionary(record, "staging")}:
        return computed()[column].domain
    owner, _, name = next(iter(origin(record, column)), "").rpartition(".")
    item = next((item for item in dictionary(owner or record, "staging") if item.column == name), None)
    return item.domain if item and item.type == "text" and ".." not in item.domain else ""


def _tables(
    records: Mapping[str, pl.DataFrame], as_of: datetime.date, knowledge: Mapping[str, pl.DataFrame], needed: Collection[str] | None
) -> dict[str, pl.DataFrame]:
    names = None if needed is not None and PSEUDONYM not in needed else records.get(NAMED)
    frames = {name: _table(name, records.get(name), names, needed) for name in RECORDS}
    return {**frames, **knowledge, AS_OF: _as_of(as_of)}


def narrowed(frame: pl.DataFrame, asked: Collection[str], place: Collection[str]) -> pl.DataFrame:
    """The columns of one kind of record that the views name, that are `asked` of them or are in `place`, and what keys are made of.

    Portions of all records are copied: what nothing reads is left out before that.
    """
    parts = {part for key, of in KEYS.items() if key not in frame.columns for part in of}
    return frame.select(column for column in frame.columns if column in place or column in KEYS or column in parts or _read(column, asked))


def _read(column: str, asked: Collection[str] | None) -> bool:
    """Whether a view may read a record's column; one that no view names passes at most through it, as it is."""
    return asked is None or column in asked or column in _named_by_views()


@cache
def _named_by_views() -> frozenset[str]:
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


def _table(record: str, frame: pl.DataFrame | None, names: pl.DataFrame | None, needed: Collection[str] | None) -> pl.DataFrame:
    """The columns that the views of one record read: those of the dictionary, and the keys (made here where they are not given).

    A record without the pseudonym of its person takes it from `names`, the patients; without those it is null. So is a column
    that is not there and that nothing reads; any other that is not there is an error of the caller.
    """
    kinds = polars_schema(record)
    keys = [key for key, parts in KEYS.items() if set(parts) <= set(kinds)]
    given = pl.DataFrame(schema={**kinds, **dict.fromkeys(keys, pl.Int64)}) if frame is None else frame
    if PSEUDONYM not in given.columns:
        given = _with_pseudonym(given, names)
    for key in keys:
        given = given if key in given.columns else keyed(given, key, KEYS[key])
    # of no type: nothing asks for them, and a column of a type takes memory once it is handed to the database
    spare = [pl.lit(None).alias(name) for name in kinds if name not in given.columns and not _read(name, needed)]
    return given.with_columns(spare).select(*kinds, *keys)


def _with_pseudonym(records: pl.DataFrame, names: pl.DataFrame | None) -> pl.DataFrame:
    if names is None:
        return records.with_columns(pl.lit(None, pl.String).alias(PSEUDONYM))
    return records.join(names.select("patient_key", PSEUDONYM), on="patient_key", how="left", maintain_order="left")


def _as_of(day: datetime.date) -> pl.DataFrame:
    """One row: the as-of date as a clinical date on the calendar."""
    parts = {"earliest_date": day, "latest_date": day, "precision": "day"}
    kinds = {"date": pl.Date, "text": pl.String, "int": pl.Int32}
    columns = {f"{AS_OF}_{part}": pl.Series([parts.get(part)], dtype=kinds[kind]) for part, kind, _ in INTERVAL_PARTS}
    return pl.DataFrame(columns)


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


def _schema_of(connection: duckdb.DuckDBPyConnection, record: str) -> dict[str, pl.DataType]:
    found = connection.sql(exp.select("*").from_(view(record)).limit(0).sql("duckdb")).to_arrow_table()
    schema = dict(pl.DataFrame(found).schema)
    return {name: kind for name, kind in schema.items() if name not in KEYS}
