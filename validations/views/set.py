"""The edit views: what an edit of one staging record may read (views/*.sql), on a connection that can reach nothing else."""

from __future__ import annotations

import datetime
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from functools import cache

import duckdb
import polars as pl
from sqlglot import exp

from schemas.core.errors import ConfigurationError, RefusedError
from schemas.core.expression import locked_connection
from schemas.core.ids import keyed
from schemas.core.memory import raise_out_of_memory
from schemas.items import INTERVAL_PARTS, RECORDS, polars_schema
from schemas.items import items as dictionary
from schemas.staging import NAMED, PSEUDONYM
from schemas.unread import UNREAD
from validations.computed import computed, no_dates
from validations.knowledge import TABLES
from validations.unread import TABLE, flagged
from validations.views.text import KEYS, STORED, Needed, definitions, named_by_views, view

AS_OF = "as_of"


@contextmanager
def opened(
    records: Mapping[str, pl.DataFrame],
    as_of: datetime.date,
    knowledge: Mapping[str, pl.DataFrame],
    needed: Needed | None = None,
    threads: int | None = None,
) -> Iterator[duckdb.DuckDBPyConnection]:
    """A locked connection with the record tables and every view over them; a record without a frame is empty.

    Beside the records what was not understood of persons may be given (`schemas.unread.UNREAD`, as `unread`).

    `needed`: the columns that are going to be asked of each view; without it all can be. `threads` as in `locked_connection`.
    """
    asked = None if needed is None else frozenset().union(*needed.values())
    with locked_connection(threads=threads) as connection:
        for name, frame in _tables(records, as_of, knowledge, asked).items():
            connection.register(name, frame.to_arrow(compat_level=pl.CompatLevel.newest()))  # texts are shared, not copied
        for name, texts in definitions(None if needed is None else frozenset((one, frozenset(of)) for one, of in needed.items())):
            _create(connection, name, texts)
        yield connection


def _create(connection: duckdb.DuckDBPyConnection, name: str, texts: Collection[str]) -> None:
    try:
        for text in texts:
            connection.execute(text).fetchall()
    except duckdb.Error as error:
        raise_out_of_memory(error)
        if name not in STORED:
            raise
        raise RefusedError(f"what edits read of persons and tumours ({name}) cannot be computed") from None


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
    """Names of the clinical dates of one edit view: those that have all six parts.

    Raises ConfigurationError where one is computed of what is no date.
    """
    columns = view_columns(record)
    bases = [name.removesuffix("_anchor") for name in columns if name.endswith("_anchor")]
    dates = tuple(base for base in bases if all(f"{base}_{part}" in columns for part, _, _ in INTERVAL_PARTS))
    if mistakes := list(no_dates(computed(), dates)):
        raise ConfigurationError(mistakes)
    return dates


def origin(record: str, column: str) -> tuple[str, ...]:
    """The dictionary columns behind a column (or date) of the record's view: bare for its own, `tumour.diagnosis` for others'."""
    base = _base(record, column)
    if base in _own(record):
        return (base,)
    if base in computed():
        return tuple(name.removeprefix(f"{record}.") for name in computed()[base].reads)
    parent, name = ("tumour", base.removeprefix("tumour_"))
    owner = parent if name in _own(parent) else "patient"
    return (f"{owner}.{name}",)


def of_siblings(record: str, column: str) -> bool:
    """Whether a column (or date) of the record's view is made of other records of its kind too."""
    base = _base(record, column)
    return base not in _own(record) and base in computed() and computed()[base].of_siblings


def of_kind(record: str, column: str) -> str:
    """The kind of event, or the marker, of the records that a column (or date) of the record's view is made of; empty where any count."""
    base = _base(record, column)
    return computed()[base].of if base in computed() and base not in _own(record) else ""


def _base(record: str, column: str) -> str:
    """The date that a physical column is a part of, else the column."""
    return next((date for date in view_dates(record) if column in {f"{date}_{part}" for part, _, _ in INTERVAL_PARTS}), column)


@cache
def _own(record: str) -> frozenset[str]:
    """The columns and dates that a staging record has itself."""
    return frozenset(item.column for item in dictionary(record, "staging"))


def domain(record: str, column: str) -> str:
    """The code list of a column of the record's view; empty where it has none."""
    if column in computed() and column not in _own(record):
        return computed()[column].domain
    owner, _, name = next(iter(origin(record, column)), "").rpartition(".")
    item = next((item for item in dictionary(owner or record, "staging") if item.column == name), None)
    return item.domain if item and item.type == "text" and ".." not in item.domain else ""


def _tables(
    records: Mapping[str, pl.DataFrame], as_of: datetime.date, knowledge: Mapping[str, pl.DataFrame], needed: Collection[str] | None
) -> dict[str, pl.DataFrame]:
    names = None if needed is not None and PSEUDONYM not in needed else records.get(NAMED)
    frames = {name: _table(name, records.get(name), names, needed) for name in RECORDS}
    return {**frames, **knowledge, TABLE: flagged(records.get(TABLE, pl.DataFrame(schema=UNREAD))), AS_OF: _as_of(as_of)}


def narrowed(frame: pl.DataFrame, asked: Collection[str], place: Collection[str]) -> pl.DataFrame:
    """The columns of one kind of record that the views name, that are `asked` of them or are in `place`, and what keys are made of.

    Portions of all records are copied: what nothing reads is left out before that.
    """
    parts = {part for key, of in KEYS.items() if key not in frame.columns for part in of}
    return frame.select(column for column in frame.columns if column in place or column in KEYS or column in parts or _read(column, asked))


def _read(column: str, asked: Collection[str] | None) -> bool:
    """Whether a view may read a record's column; one that no view names passes at most through it, as it is."""
    return asked is None or column in asked or column in named_by_views()


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


def _schema_of(connection: duckdb.DuckDBPyConnection, record: str) -> dict[str, pl.DataType]:
    found = connection.sql(exp.select("*").from_(view(record)).limit(0).sql("duckdb")).to_arrow_table()
    schema = dict(pl.DataFrame(found).schema)
    return {name: kind for name, kind in schema.items() if name not in KEYS}
