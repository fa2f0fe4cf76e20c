"""What became of the answers once all records are judged and routed: applied, out of date, said to be fixed and not."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import polars as pl

from schemas.core.frames import EDIT_COUNTS, FINDINGS, empty, stack
from schemas.overrides import Answer
from schemas.reading_edits import counts, findings
from schemas.statuses import FIXED, OPEN
from validations.answers import CONFLICT, EXPIRED, UNKNOWN, Said, name_of
from validations.view_set import KEY

if TYPE_CHECKING:
    from validations.route import Routed

# One row per answer: what became of it. `outcome` is a word of this module or of `answers`; without any value of a record.
REPORT: dict[str, type[pl.DataType]] = {
    "place": pl.String, "finding_id": pl.String, "edit": pl.String, "record": pl.String, KEY: pl.Int64, "answer": pl.String,
    "outcome": pl.String, "reason": pl.String, "author": pl.String, "date": pl.String, "expires": pl.String,
}  # fmt: skip
APPLIED, CHANGED, NOT_FOUND, GONE, MENDED, NOT_MENDED = "applied", "value_changed", "not_found", "record_gone", "mended", "not_mended"
STALE = (CHANGED, NOT_FOUND, GONE)
# Outcomes that are findings of their own.
EDITS = {
    **dict.fromkeys(STALE, "OVR-STALE"),
    EXPIRED: "OVR-EXPIRED",
    CONFLICT: "OVR-CONFLICT",
    UNKNOWN: "OVR-EDIT",
    NOT_MENDED: "WORK-NOT-FIXED",
}
# One row per finding that is not `open`.
STATUSES: dict[str, type[pl.DataType]] = {"finding_id": pl.String, "fingerprint": pl.String, "status": pl.String}
Found = dict[str, dict[str, object]]


@dataclass(frozen=True)
class Answered:
    """What became of the answers: `report` (REPORT), findings about them, counts, and `status` by finding.

    `statuses`: one row per finding that is not `open` (finding_id, fingerprint, status).
    """

    report: pl.DataFrame
    findings: pl.DataFrame
    counts: pl.DataFrame
    statuses: pl.DataFrame


def answered(given: Said, identified: pl.DataFrame, routed: Routed, files: Mapping[str, str]) -> Answered:
    """What became of every answer once all records are judged and routed.

    `identified`: all findings with their ids. `files`: SHA-256 of each file in force by its name.
    """
    if not given.answers:
        return Answered(empty(REPORT), empty(FINDINGS), empty(EDIT_COUNTS), empty(STATUSES))
    names = pl.Series([name_of(one) for one in given.answers], dtype=pl.String)
    rows = identified.filter(pl.col("finding_id").is_in(names.implode())).rows(named=True)
    found: Found = {str(row["finding_id"]): row for row in rows}
    applied = set(routed.overridden.rows())
    there = _there(routed, pl.Series([one.record_key for one in given.answers], dtype=pl.Int64))
    outcomes = [
        given.out.get(place) or _outcome(one, found.get(name_of(one)), applied, there, files) for place, one in enumerate(given.answers)
    ]
    told = [_told(one, outcome) for one, outcome in zip(given.answers, outcomes, strict=True)]
    bad = [(one, outcome, found.get(name_of(one))) for one, outcome in zip(given.answers, outcomes, strict=True) if outcome in EDITS]
    stands = [one for place, one in enumerate(given.answers) if place not in given.out and outcomes[place] in {APPLIED, NOT_MENDED, OPEN}]
    statuses = {(name_of(one), one.fingerprint or None, one.status) for one in stands}
    return Answered(
        pl.DataFrame(told, schema=REPORT, orient="row"),
        findings(_findings(bad)),
        _counts(given.answers, outcomes),
        pl.DataFrame(sorted(statuses, key=str), schema=STATUSES, orient="row"),
    )


def _there(routed: Routed, keys: pl.Series) -> set[tuple[str, int]]:
    """Those of the records with these keys that are there, loaded or not."""
    wanted = keys.implode()
    loaded = {(name, key) for name, frame in routed.records.items() for key in frame[KEY].filter(frame[KEY].is_in(wanted))}
    return loaded | set(routed.quarantine.filter(pl.col(KEY).is_in(wanted)).select("record", KEY).rows())


def _outcome(
    one: Answer, row: Mapping[str, object] | None, applied: set[tuple[object, ...]], there: set[tuple[str, int]], files: Mapping[str, str]
) -> str:
    """What became of an answer that counts. An answer that is no over-ride and still stands is `applied`."""
    if one.is_override and (one.edit, one.record, one.record_key, one.fingerprint) in applied:
        return APPLIED
    if row is None or (row["fingerprint"] or "") != one.fingerprint:
        if not one.is_override:
            return MENDED if row is None else CHANGED
        return CHANGED if row is not None else NOT_FOUND if (one.record, one.record_key) in there else GONE
    if one.status == FIXED and one.delivered and not files.get(str(row["source_file"]), one.delivered).startswith(one.delivered):
        return NOT_MENDED
    return APPLIED


def _told(one: Answer, outcome: str) -> tuple[object, ...]:
    expires = one.expires.isoformat() if one.expires else ""
    said_ = (one.status, outcome, one.reason, one.author, one.date.isoformat(), expires)
    return (one.place, name_of(one), one.edit, one.record, one.record_key, *said_)


def _findings(bad: Sequence[tuple[Answer, str, Mapping[str, object] | None]]) -> pl.DataFrame:
    """One row per answer that is a finding of its own, where the finding stands that it is about."""
    place = ("patient_key", "source_key", "source_row")
    rows = [
        (EDITS[outcome], one.record, one.record_key, *((row or {}).get(name) for name in place), _about(one, outcome))
        for one, outcome, row in bad
        if one.is_override or outcome == NOT_MENDED
    ]
    kinds = {name: FINDINGS[name] for name in ("edit", "record", KEY, *place, "columns")}
    return pl.DataFrame(rows, schema=kinds, orient="row")


def _about(one: Answer, outcome: str) -> str:
    """What a finding about an answer says under `columns`. A code that no edit has may be any text: it is not repeated."""
    return one.place if outcome == UNKNOWN else f"{one.edit} ({one.place})"


def _counts(answers: Sequence[Answer], outcomes: Sequence[str]) -> pl.DataFrame:
    """One row per edit about answers: of the over-rides how many are so, of what is said to be fixed how much is not."""
    overrides = Counter(EDITS.get(outcome, "") for one, outcome in zip(answers, outcomes, strict=True) if one.is_override)
    fixed = Counter(outcome for one, outcome in zip(answers, outcomes, strict=True) if one.status == FIXED)
    total, rest = overrides.total(), len(answers) - overrides.total()
    codes = list(dict.fromkeys(edit for outcome, edit in EDITS.items() if outcome != NOT_MENDED))
    rows = [counts(code, violated=overrides[code], satisfied=total - overrides[code], not_applicable=rest) for code in codes]
    not_mended, judged = fixed[NOT_MENDED], fixed[NOT_MENDED] + fixed[MENDED]
    rows.append(counts(EDITS[NOT_MENDED], violated=not_mended, satisfied=judged - not_mended, not_applicable=len(answers) - judged))
    return stack(rows, EDIT_COUNTS)


def with_status(identified: pl.DataFrame, statuses: pl.DataFrame) -> pl.DataFrame:
    """The findings with the column `status`: `open` where nobody has said anything that holds."""
    if statuses.is_empty():
        return identified.with_columns(status=pl.lit(OPEN))
    joined = identified.join(statuses, on=["finding_id", "fingerprint"], how="left", nulls_equal=True, maintain_order="left")
    return joined.with_columns(pl.col("status").fill_null(OPEN))
