"""Routing: which records are loaded and which stay behind, until what is loaded passes every error edit (DESIGN 4).

A record that an error edit finds certainly violated is quarantined, its child records with it; an error of patient scope
holds the other records of the person. An error that a reviewed over-ride silences does neither. Taking a record away may
break another (the first recurrence is another one now), so what is left is judged again until nothing more falls.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import polars as pl

from schemas.core.frames import FINDINGS, LEDGER, empty, stack
from schemas.core.three_valued import OUTCOME_CODES, OUTCOMES
from validations.answers import SILENCED
from validations.edit import Edit
from validations.fates import FALLEN, fallen, others, quarantine
from validations.judge import FOUND_BY, Judged, Records, by_record, judge_knowing, of_persons, summed, tallied, with_errors
from validations.knowledge import knowledge
from validations.unread import TABLE as UNREAD
from validations.views.text import KEY

if TYPE_CHECKING:
    from schemas.vocabulary import Vocabularies


@dataclass(frozen=True)
class Routed:
    """Where the records went.

    records: all records, as they were given: few fall, and leaving them out here would copy all the others (`loaded` does, the
    star is built without them). quarantine: one row per record that is not loaded (QUARANTINE). ledger: stages edit and load, unit
    record, balanced per source_file. judged: what was found on all records as delivered, with what later rounds found added; its
    outcomes are those of the persons of whom an error was found. overridden: the findings of any round that an over-ride silenced
    (SILENCED). behind: all records, loaded or not, of each person of whom one is not.
    """

    records: Records
    quarantine: pl.DataFrame
    ledger: pl.DataFrame
    judged: Judged
    overridden: pl.DataFrame = field(default_factory=lambda: empty(SILENCED))
    behind: Records = field(default_factory=dict)

    def loaded(self) -> dict[str, pl.DataFrame]:
        """The records that are loaded, rows in their order."""
        return _without(self.records, self.quarantine)


def route(
    records: Records,
    judged: Judged,
    edits: Iterable[Edit],
    as_of: datetime.date,
    vocabularies: Vocabularies | None = None,
    *,
    silenced: pl.DataFrame | None = None,
    key: bytes = b"",
    unread: pl.DataFrame | None = None,
) -> Routed:
    """The records that pass every error edit, or whose error is overridden, and the fate of each other one.

    `judged` is what `judge` gave for the same records and edits. Frames need record_key, patient_key, tumour_key (where
    the record has a tumour), source_file and source_row. `silenced`: the findings that an over-ride silences (SILENCED).
    `key`: as in `judge`. `unread`: what was not understood (schemas.unread.UNREAD). All records are looked through once: what falls
    are records of persons of whom an error is found, and an edit reads nothing of another.
    """
    errors = [edit for edit in edits if edit.severity == "error"]
    patient_scope = frozenset(edit.edit for edit in errors if edit.scope == "patient")
    known = knowledge(vocabularies)
    quiet = silenced if silenced is not None else empty(SILENCED)
    gone, latest, rounds = empty(FALLEN), judged, [judged]
    theirs = of_persons(records, with_errors(_heard(judged.findings, quiet)))
    while not (new := _new(fallen(theirs, _heard(latest.findings, quiet), patient_scope), gone)).is_empty():
        gone = stack([gone, new], FALLEN)
        left = _without(theirs, gone) | ({} if unread is None else {UNREAD: unread})
        latest = judge_knowing(left, errors, as_of, known, key)
        rounds.append(latest)
    overridden = stack((_overridden(one.findings, quiet) for one in rounds), SILENCED).unique(maintain_order=True)
    return Routed(records, quarantine(theirs, gone), _ledger(records, theirs, gone), _joined(rounds, quiet), overridden, theirs)


def _new(found: pl.DataFrame, gone: pl.DataFrame) -> pl.DataFrame:
    """The records of a round that did not fall before."""
    return found.join(gone, on=["record", KEY], how="anti", maintain_order="left")


def _heard(findings: pl.DataFrame, silenced: pl.DataFrame) -> pl.DataFrame:
    """The findings without those that are overridden."""
    return findings.join(silenced, on=list(SILENCED), how="anti", maintain_order="left") if silenced.height else findings


def _overridden(findings: pl.DataFrame, silenced: pl.DataFrame) -> pl.DataFrame:
    """The findings that are (SILENCED)."""
    return (findings.join(silenced, on=list(SILENCED), how="semi") if silenced.height else findings.clear()).select(SILENCED.keys())


def _without(records: Records, gone: pl.DataFrame) -> dict[str, pl.DataFrame]:
    """The records that do not fall (`gone`: record and record_key), in their order."""
    return {name: others(frame, name, gone) for name, frame in records.items()}


def _ledger(records: Records, theirs: Records, gone: pl.DataFrame) -> pl.DataFrame:
    """Stages edit and load of the ledger, one line per source file, fate and reason.

    Only what falls is looked up, among the records of those persons (`theirs`): what goes on is all records of a file without those.
    """
    lines = [line for name, frame in records.items() if not frame.is_empty() for line in _fates(name, frame, theirs[name], gone)]
    if not lines:
        return empty(LEDGER)
    fates = pl.concat(lines).group_by("source_file", "fate", "reason").agg(pl.col("n").sum()).filter(pl.col("n") > 0)
    edit = fates.select("source_file", "fate", "reason", "n", stage=pl.lit("edit"), unit=pl.lit("record"))
    load = edit.filter(pl.col("fate") == "goes_on").with_columns(stage=pl.lit("load"), fate=pl.lit("loaded"))
    return stack([edit, load], LEDGER).sort("source_file", "stage", "fate", "reason")


def _fates(name: str, frame: pl.DataFrame, theirs: pl.DataFrame, gone: pl.DataFrame) -> tuple[pl.DataFrame, ...]:
    """Lines whose `n` per source file, fate and reason sum to the records of one kind: all go on, those that fall do not but fall."""
    fell = theirs.select("source_file", KEY).join(gone.filter(pl.col("record") == name), on=KEY, how="inner")
    goes_on = {"fate": pl.lit("goes_on"), "reason": pl.lit("")}
    n = pl.col("n").cast(pl.Int64)
    whole = frame.group_by("source_file").len("n").select("source_file", **goes_on, n=n)
    less = fell.group_by("source_file").len("n").select("source_file", **goes_on, n=-n)
    return whole, less, fell.group_by("source_file", "fate", "reason").len("n").with_columns(n)


def _joined(rounds: list[Judged], silenced: pl.DataFrame) -> Judged:
    """The first round, and what later rounds found violated that was not so before (the record's outcome is then that).

    A finding that was overridden gives way to one on other values, that is not: by that one the record has fallen.
    """
    first, outcomes, findings = rounds[0], dict(rounds[0].outcomes), rounds[0].findings
    violated = pl.col("outcome") == "violated"
    for later in rounds[1:]:
        new = _heard(later.findings.filter(violated), silenced)
        new = new.join(_heard(findings.filter(violated), silenced), on=FOUND_BY, how="anti")
        findings = stack([findings.join(new, on=FOUND_BY, how="anti"), new], FINDINGS)
        for edit, record in new.select("edit", "record").unique(maintain_order=True).iter_rows():
            keys = new.filter((pl.col("edit") == edit) & (pl.col("record") == record))[KEY]
            now = pl.when(pl.col(KEY).is_in(keys.implode())).then(OUTCOME_CODES["violated"]).otherwise(edit)
            outcomes[record] = outcomes[record].with_columns(now.cast(pl.Int8).alias(edit))
    severities = dict(first.counts.select("edit", "severity").iter_rows())
    before = tallied(first.outcomes, severities)
    changed = tallied(outcomes, severities).with_columns(pl.col(word) - before[word] for word in OUTCOMES)
    return Judged(summed([first.counts, changed]), by_record(findings), outcomes)
