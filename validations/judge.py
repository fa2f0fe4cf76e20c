"""Judging: every edit on every record, one SELECT per edit view, five outcomes each (DESIGN 2.4)."""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import TYPE_CHECKING

import duckdb
import polars as pl
from sqlglot import exp

from schemas.core.errors import RefusedError
from schemas.core.frames import EDIT_COUNTS, FINDINGS, empty, stack
from schemas.core.three_valued import OUTCOME_CODES, OUTCOMES
from schemas.items import RECORDS
from validations.compile import compiled
from validations.edit import Edit
from validations.knowledge import knowledge
from validations.view_set import KEY, opened, view

if TYPE_CHECKING:
    from schemas.vocabulary import Vocabularies

Records = Mapping[str, pl.DataFrame]
FOUND = ("violated", "possible")
# Where a finding is: taken over from the record, empty where the record does not carry it.
PLACE = {"patient_key": pl.Int64, "source_key": pl.Int64, "source_row": pl.Int64}


@dataclass(frozen=True)
class Judged:
    """What the edits say.

    counts: one row per edit (EDIT_COUNTS), by code; the five counts sum to the records of its kind.
    findings: one row per edit and record that it found violated or possible (FINDINGS), by edit and record.
    outcomes: per staging record one row per record: record_key, and per edit its outcome as the place in OUTCOMES (Int8).
    """

    counts: pl.DataFrame
    findings: pl.DataFrame
    outcomes: Mapping[str, pl.DataFrame] = field(default_factory=dict)


def judge(records: Records, edits: Iterable[Edit], as_of: datetime.date, vocabularies: Vocabularies | None = None) -> Judged:
    """All edits on all records; the order of rows changes nothing.

    `records` maps staging records to linked frames (the dictionary's columns, record_key, and for findings patient_key,
    source_key, source_row). A kind of record without a frame counts as empty.
    """
    return judge_knowing(records, edits, as_of, knowledge(vocabularies))


def judge_knowing(records: Records, edits: Iterable[Edit], as_of: datetime.date, known: Mapping[str, pl.DataFrame]) -> Judged:
    """As `judge`, with the knowledge tables at hand (see `validations.knowledge`)."""
    given = tuple(edits)
    grouped = {record: tuple(edit for edit in given if edit.record == record) for record in RECORDS}
    with opened(records, as_of, known) as connection:
        outcomes = {record: _outcomes(connection, record, chosen) for record, chosen in grouped.items() if chosen}
    counts = tallied(outcomes, {edit.edit: edit.severity for edit in given})
    found = [part for record in outcomes for part in _findings(records.get(record), outcomes[record], grouped[record])]
    return Judged(counts, stack(found, FINDINGS).sort("edit", "record", "record_key"), outcomes)


def _outcomes(connection: duckdb.DuckDBPyConnection, record: str, edits: tuple[Edit, ...]) -> pl.DataFrame:
    """One row per record, by key: its outcome under each edit. Raises RefusedError, without a value, for an edit that fails on the data."""
    found = _computed(connection, record, edits)
    if found is None:
        failed = [edit.edit for edit in edits if _computed(connection, record, (edit,)) is None]
        raise RefusedError(f"edits that cannot be computed on the records of {record}: {', '.join(failed)}")
    return found.sort(KEY)


def _computed(connection: duckdb.DuckDBPyConnection, record: str, edits: tuple[Edit, ...]) -> pl.DataFrame | None:
    """The outcomes, or None where the database gives up; its words are not kept, they hold values."""
    try:
        return pl.DataFrame(connection.sql(_query(record, edits)).to_arrow_table())
    except duckdb.Error:
        return None


@cache
def _query(record: str, edits: tuple[Edit, ...]) -> str:
    """One SELECT for all edits of one record, kept: 33 outcomes are some 80,000 characters, and routing judges in rounds."""
    chosen = [exp.alias_(compiled(edit).outcome, edit.edit, quoted=True, copy=False) for edit in edits]
    query = exp.Select(expressions=[exp.column(KEY), *chosen]).from_(view(record), copy=False)
    return query.sql("duckdb", comments=False)


def tallied(outcomes: Mapping[str, pl.DataFrame], severities: Mapping[str, str]) -> pl.DataFrame:
    """One row per edit (EDIT_COUNTS), by code: how often each outcome came, in one pass per frame for all its edits."""
    rows = [
        {"edit": edit, "severity": severities[edit], **{word: summed[f"{edit} {word}"] for word in OUTCOMES}}
        for frame in outcomes.values()
        for summed in frame.select(_sums(frame)).iter_rows(named=True)
        for edit in frame.columns
        if edit != KEY
    ]
    return pl.DataFrame(rows, schema=EDIT_COUNTS).sort("edit")


def _sums(frame: pl.DataFrame) -> Iterator[pl.Expr]:
    for edit in frame.columns:
        if edit != KEY:
            yield from ((pl.col(edit) == code).sum().cast(pl.Int64).alias(f"{edit} {word}") for word, code in OUTCOME_CODES.items())


def _findings(records: pl.DataFrame | None, outcomes: pl.DataFrame, edits: tuple[Edit, ...]) -> Iterator[pl.DataFrame]:
    if records is None or records.is_empty():
        yield empty(FINDINGS)
        return
    given = {name: pl.col(name) if name in records.columns else pl.lit(None, kind) for name, kind in PLACE.items()}
    place = records.select(KEY, **given)
    codes = [OUTCOME_CODES[word] for word in FOUND]
    for edit in edits:
        hits = outcomes.lazy().select(KEY, code=edit.edit).filter(pl.col("code").is_in(codes)).collect()
        if not hits.is_empty():
            yield _described(hits, edit).join(place, on=KEY, how="left")


def _described(hits: pl.DataFrame, edit: Edit) -> pl.DataFrame:
    words = dict(enumerate(OUTCOMES))
    return hits.select(
        KEY,
        edit=pl.lit(edit.edit),
        severity=pl.lit(edit.severity),
        outcome=pl.col("code").replace_strict(words, return_dtype=pl.String),
        record=pl.lit(edit.record),
        columns=pl.lit(" ".join(compiled(edit).reads)),
    )
