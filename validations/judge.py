"""Judging: every edit on every record, one SELECT per edit view, five outcomes each (DESIGN 2.4)."""

from __future__ import annotations

import datetime
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import duckdb
import polars as pl

from schemas.core.errors import RefusedError
from schemas.core.frames import EDIT_COUNTS, FINDINGS, ranked, stack
from schemas.core.ids import located
from schemas.core.memory import raise_out_of_memory
from schemas.core.three_valued import OUTCOME_CODES, OUTCOMES
from schemas.items import RECORDS
from validations.compile import compiled, outcome_text
from validations.edit import Edit
from validations.fingerprint import fingerprinted
from validations.knowledge import knowledge
from validations.unread import TABLE as UNREAD
from validations.views.set import calendar_only, narrowed, opened
from validations.views.text import KEY, view

if TYPE_CHECKING:
    from schemas.vocabulary import Vocabularies

Records = Mapping[str, pl.DataFrame]
FOUND = ("violated", "possible")
FOUND_BY = ["edit", "record", KEY]
# Where a finding is: taken over from the record (or out of its ROW), empty where the record does not carry it.
PLACE = {"patient_key": pl.Int64, "source_key": pl.Int64, "source_row": pl.Int64}
ROW = "source_row_id"
# Records that a database holds and joins at one time, of whole persons, and how many such portions are judged at a time.
ROWS_AT_ONCE, AT_ONCE = 1_700_000, 2


@dataclass(frozen=True)
class Judged:
    """What the edits say.

    counts: one row per edit (EDIT_COUNTS), by code; the five counts sum to the records of its kind.
    findings: one row per edit and record that it found violated or possible (FINDINGS), by edit and record.
    outcomes: per staging record one row per record: record_key, and per edit its outcome as the place in OUTCOMES (Int8); of all
    records, or of those that `judge` was asked to keep.
    """

    counts: pl.DataFrame
    findings: pl.DataFrame
    outcomes: Mapping[str, pl.DataFrame] = field(default_factory=dict)


def judge(
    records: Records,
    edits: Iterable[Edit],
    as_of: datetime.date,
    vocabularies: Vocabularies | None = None,
    key: bytes = b"",
    *,
    of_all: bool = True,
) -> Judged:
    """All edits on all records; the order of rows changes nothing. `key`: the registry's, which fingerprints are made with.

    `records` maps staging records to linked frames (the dictionary's columns, record_key, and for findings patient_key,
    source_key, source_row), and `unread` to what was not understood (`schemas.unread.UNREAD`), if anything was. A kind of record
    without a frame counts as empty. `of_all`: whether the outcomes of all records are kept, or, which needs patient_key, those of the
    persons of whom an error is found: routing asks for no others, and they are a third of a
    GiB less at a million women.
    """
    return judge_knowing(records, edits, as_of, knowledge(vocabularies), key, of_all=of_all)


def judge_knowing(
    records: Records,
    edits: Iterable[Edit],
    as_of: datetime.date,
    known: Mapping[str, pl.DataFrame],
    key: bytes,
    *,
    of_all: bool = True,
) -> Judged:
    """As `judge`, with the knowledge tables at hand (see `validations.knowledge`)."""
    given = tuple(edits)
    grouped = {record: tuple(edit for edit in given if edit.record == record) for record in RECORDS}
    plans = tuple(Plan(record, chosen, calendar_only(records, record), key) for record, chosen in grouped.items() if chosen)
    asked = {column for edit in given for column in compiled(edit).needs} | {column for plan in plans for column in plan.needs}
    narrow = {name: narrowed(frame, asked, (*PLACE, ROW)) for name, frame in records.items()}

    def work(some: Records, threads: int | None) -> Judged:
        part = _judged(plans, some, as_of, known, threads)
        return part if of_all else replace(part, outcomes=_of_errors(part, some))

    parts = _in_portions(narrow, work)
    return Judged(
        summed(part.counts for part in parts),
        by_record(stack((part.findings for part in parts), FINDINGS)),
        {plan.record: pl.concat(part.outcomes[plan.record] for part in parts) for plan in plans},
    )


def with_errors(findings: pl.DataFrame) -> pl.Series:
    """The persons (patient_key) of whom an error is certain, each once."""
    return findings.filter(pl.col("severity") == "error", pl.col("outcome") == "violated")["patient_key"].unique()


def of_persons(records: Records, persons: pl.Series) -> dict[str, pl.DataFrame]:
    """The records of these persons, who are few, in their order."""
    return {name: frame.filter(pl.col("patient_key").is_in(persons.implode())) for name, frame in records.items()}


def _of_errors(judged: Judged, records: Records) -> dict[str, pl.DataFrame]:
    """The outcomes of the persons of whom an error is found."""
    narrow = {name: frame.select(KEY, "patient_key") for name, frame in records.items() if name != UNREAD}
    theirs = of_persons(narrow, with_errors(judged.findings))
    return {name: outcomes.filter(pl.col(KEY).is_in(theirs[name][KEY].implode())) for name, outcomes in judged.outcomes.items()}


def by_record(findings: pl.DataFrame) -> pl.DataFrame:
    """Findings (FINDINGS) by edit and record, of which there is one each."""
    whole = findings.rechunk()  # texts of many pieces are taken out one by one
    order = whole.select(ranked(whole["edit"]), ranked(whole["record"]), KEY)
    return whole[order.select(pl.arg_sort_by(FOUND_BY)).to_series()]


def _in_portions(records: Records, work: Callable[[Records, int | None], Judged]) -> list[Judged]:
    """The results of `work` on portions of the records, each of whole persons.

    A portion is small enough for what is joined to judge it to fit into memory beside all records. Several portions are worked on
    AT_ONCE, each by a thread of its own, since one query keeps one processor busy at most.
    An edit reads nothing of another person, so that every outcome is the same in a portion as in the whole.
    """
    portions = -(-sum(frame.height for frame in records.values()) // ROWS_AT_ONCE)
    if portions <= 1 or not all("patient_key" in frame.columns for frame in records.values()):
        return [work(records, None)]

    # the portion of each record is found once: to divide all keys for every portion takes as long as to copy their records
    portion_of = {name: (frame["patient_key"] % portions).cast(pl.UInt16) for name, frame in records.items()}

    def one(portion: int) -> Judged:
        return work({name: _portion(frame, portion_of[name] == portion) for name, frame in records.items()}, 1)

    with ThreadPoolExecutor(AT_ONCE) as pool:
        return list(pool.map(one, range(portions)))


def _portion(frame: pl.DataFrame, is_of: pl.Series) -> pl.DataFrame:
    """Some of the records; a column in which nothing is known is not copied: those of one type are one and the same."""
    unknown = {name: frame.schema[name] for name in frame.columns if frame[name].null_count() == frame.height}
    told = frame.drop(unknown).filter(is_of)
    nothing = {kind: pl.Series("", [], kind).clear(told.height) for kind in set(unknown.values())}
    return told.with_columns(nothing[kind].alias(name) for name, kind in unknown.items())


def _judged(plans: Sequence[Plan], records: Records, as_of: datetime.date, known: Records, threads: int | None) -> Judged:
    """All edits on some of the records; findings in any order."""
    outcomes, found = {plan.record: _of_none(plan) for plan in plans}, []
    asked = [plan for plan in plans if plan.record in records and not records[plan.record].is_empty()]
    needed = {plan.record: frozenset(plan.needs) for plan in asked}
    with opened(records, as_of, known, needed, threads) as connection:
        for plan in asked:
            outcomes[plan.record] = _outcomes(connection, plan)
            found.append(_findings(connection, records[plan.record], outcomes[plan.record], plan))
    severities = {edit.edit: edit.severity for plan in plans for edit in plan.edits}
    return Judged(tallied(outcomes, severities), stack(found, FINDINGS), outcomes)


def _of_none(plan: Plan) -> pl.DataFrame:
    """The outcomes of a kind of record of which there is none: nothing is asked of its view, which takes a while to set up."""
    return pl.DataFrame(schema={KEY: pl.Int64, **{edit.edit: pl.Int8 for edit in plan.edits}})


@dataclass(frozen=True)
class Plan:
    """What is asked of the view of one record: its edits, and which clinical dates are on the calendar only. `key`: of fingerprints."""

    record: str
    edits: tuple[Edit, ...]
    calendar_only: frozenset[str]
    key: bytes = field(default=b"", repr=False)

    @property
    def needs(self) -> Iterator[str]:
        """The columns of the view that the edits read."""
        return (column for edit in self.edits for column in compiled(edit, self.calendar_only).needs)

    def query(self, edits: Iterable[Edit]) -> str:
        """One SELECT for these edits, out of texts that are kept: 33 outcomes are some 80,000 characters, and routing judges in rounds."""
        columns = (KEY, *(outcome_text(edit, self.calendar_only) for edit in edits))
        return " ".join(("select", ", ".join(columns), "from", view(self.record).sql("duckdb")))


def _outcomes(connection: duckdb.DuckDBPyConnection, plan: Plan) -> pl.DataFrame:
    """One row per record, in any order: its outcome under each edit.

    Raises RefusedError, without a value, for an edit that fails on the data.
    """
    found = _computed(connection, plan.query(plan.edits))
    if found is None:
        failed = [edit.edit for edit in plan.edits if _computed(connection, plan.query((edit,))) is None]
        raise RefusedError(f"edits that cannot be computed on the records of {plan.record}: {', '.join(failed)}")
    return found


def _computed(connection: duckdb.DuckDBPyConnection, query: str) -> pl.DataFrame | None:
    """The outcomes, or None where the database gives up; its words are not kept, they hold values."""
    try:
        return pl.DataFrame(connection.sql(query).to_arrow_table())
    except duckdb.Error as error:
        raise_out_of_memory(error)
        return None


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


def summed(counts: Iterable[pl.DataFrame]) -> pl.DataFrame:
    """Counts (EDIT_COUNTS) of several portions of the records as those of all."""
    return stack(counts, EDIT_COUNTS).group_by("edit", "severity").agg(pl.col(OUTCOMES).sum()).sort("edit")


def _sums(frame: pl.DataFrame) -> Iterator[pl.Expr]:
    for edit in frame.columns:
        if edit != KEY:
            yield from ((pl.col(edit) == code).sum().cast(pl.Int64).alias(f"{edit} {word}") for word, code in OUTCOME_CODES.items())


def _findings(connection: duckdb.DuckDBPyConnection, records: pl.DataFrame, outcomes: pl.DataFrame, plan: Plan) -> pl.DataFrame:
    """One row per edit and record that it found violated or possible: only records with a finding leave the wide form."""
    worst = max(OUTCOME_CODES[word] for word in FOUND)
    hits = outcomes.filter(pl.min_horizontal(pl.exclude(KEY)) <= worst)
    carried = records.select(column for column in (KEY, *PLACE, ROW) if column in records.columns)
    found_of = located(carried.join(hits.select(KEY), on=KEY, how="semi"))
    place = found_of.select(KEY, *(pl.col(name) if name in found_of else pl.lit(None, kind).alias(name) for name, kind in PLACE.items()))
    long = hits.unpivot(index=KEY, variable_name="edit", value_name="code").filter(pl.col("code") <= worst)
    prints = _fingerprints(connection, plan, long)
    found = long.join(place, on=KEY, how="left").join(_described(plan), on="edit", how="left").join(prints, on=["edit", KEY], how="left")
    return found.with_columns(outcome=pl.col("code").replace_strict(dict(enumerate(OUTCOMES)), return_dtype=pl.String))


def _fingerprints(connection: duckdb.DuckDBPyConnection, plan: Plan, found: pl.DataFrame) -> pl.DataFrame:
    try:
        return fingerprinted(connection, plan.record, plan.edits, found, plan.key)
    except duckdb.Error as error:
        raise_out_of_memory(error)
        raise RefusedError(f"what the edits read of the records of {plan.record} cannot be computed") from None


def _described(plan: Plan) -> pl.DataFrame:
    """One row per edit: what its findings say of it."""
    rows = [(one.edit, one.severity, one.record, " ".join(compiled(one, plan.calendar_only).reads)) for one in plan.edits]
    return pl.DataFrame(rows, schema=dict.fromkeys(("edit", "severity", "record", "columns"), pl.String), orient="row")
