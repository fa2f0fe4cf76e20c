"""What became of the answers once all records are judged and routed: applied, out of date, said to be fixed and not."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import polars as pl

from schemas.core.errors import Mistake
from schemas.core.frames import EDIT_COUNTS, FINDINGS, empty, stack
from schemas.core.ids import located
from schemas.overrides import FILE as OVERRIDES
from schemas.overrides import Answer
from schemas.reading_edits import CONFIRMABLE, counts, findings
from schemas.statuses import FIXED, OPEN, OVERRIDDEN
from validations.answers import CONFLICT, EXPIRED, FUTURE, SILENCED, UNKNOWN, Said, name_of
from validations.views.text import KEY

if TYPE_CHECKING:
    from validations.route import Routed

# One row per answer: what became of it, and where its record stands now (empty where it is gone). `outcome` is a word of this module
# or of `answers`; without any value of a record.
REPORT: dict[str, type[pl.DataType]] = {
    "place": pl.String, "finding_id": pl.String, "edit": pl.String, "record": pl.String, KEY: pl.Int64, "source_file": pl.String,
    "source_row": pl.Int64, "answer": pl.String, "outcome": pl.String, "reason": pl.String, "author": pl.String, "date": pl.String,
    "expires": pl.String,
}  # fmt: skip
APPLIED, CHANGED, NOT_FOUND, GONE, MENDED, NOT_MENDED = "applied", "value_changed", "not_found", "record_gone", "mended", "not_mended"
# `NO_MORE`: it is not found any more, and nobody said that it was mended, or the edit says something else now.
PERHAPS, NO_MORE = "perhaps_not_mended", "found_no_more"
REWRITTEN, OLD = "edit_rewritten", "old_fingerprint"
# Outcomes that are findings of their own.
EDITS = {
    **dict.fromkeys((CHANGED, NOT_FOUND, GONE, OLD), "OVR-STALE"),
    REWRITTEN: "OVR-REWRITTEN",
    EXPIRED: "OVR-EXPIRED",
    FUTURE: "OVR-FUTURE",
    CONFLICT: "OVR-CONFLICT",
    UNKNOWN: "OVR-EDIT",
    NOT_MENDED: "WORK-NOT-FIXED",
    PERHAPS: "WORK-NOT-FIXED",
}
# Those of them that are findings whatever the answer is; the others are so of over-rides only: of what was answered otherwise the
# finding is `open` again.
OF_ANY_ANSWER = (OLD, REWRITTEN, FUTURE, CONFLICT, NOT_MENDED, PERHAPS)
STANDING = (APPLIED, NOT_MENDED, PERHAPS)
OF_OVERRIDES = ("OVR-STALE", "OVR-EXPIRED", "OVR-EDIT")
INCOMPLETE = "OVR-INCOMPLETE"
# One row per finding that is not `open`.
STATUSES: dict[str, type[pl.DataType]] = {"finding_id": pl.String, "fingerprint": pl.String, "status": pl.String}
Found = dict[str, dict[str, object]]
# A record by its kind and key -> where it stands (PLACE).
Places = dict[tuple[str, int], dict[str, object]]
PLACE = ("patient_key", "source_key", "source_row", "source_file")
# The files that deliver what a finding is about, by its id: SHA-256 -> name under the exports folder.
Concerning = Mapping[str, Mapping[str, str]]


@dataclass(frozen=True)
class Answered:
    """What became of the answers: `report` (REPORT), findings about them, counts, and `status` by finding.

    `statuses`: one row per finding that is not `open` (finding_id, fingerprint, status).
    """

    report: pl.DataFrame
    findings: pl.DataFrame
    counts: pl.DataFrame
    statuses: pl.DataFrame


def said_fixed(given: Said, identified: pl.DataFrame) -> pl.DataFrame:
    """The findings that stand although somebody says that they were mended."""
    names = pl.Series([name_of(one) for one in given.in_force if one.status == FIXED], dtype=pl.String)
    return identified.filter(pl.col("finding_id").is_in(names.implode()))


def answered(given: Said, identified: pl.DataFrame, routed: Routed, files: Concerning) -> Answered:
    """What became of every answer once all records are judged and routed.

    `identified`: all findings with their ids. `files`: what delivers each finding that is `said_fixed`.
    """
    if not given.answers and not given.unusable:
        return Answered(empty(REPORT), empty(FINDINGS), empty(EDIT_COUNTS), empty(STATUSES))
    names = pl.Series([name_of(one) for one in given.answers], dtype=pl.String)
    rows = identified.filter(pl.col("finding_id").is_in(names.implode())).rows(named=True)
    found: Found = {str(row["finding_id"]): row for row in rows}
    there = _there(routed, pl.Series([one.record_key for one in given.answers], dtype=pl.Int64))
    outcomes = _outcomes(given, found, set(routed.overridden.rows()), there, files)
    became = list(zip(given.answers, outcomes, strict=True))
    told = [_told(one, outcome, found.get(name_of(one)), there) for one, outcome in became]
    # what an answer to an edit that there is not names beside it says nothing
    bad = [
        (one, outcome, _stands(one, found.get(name_of(one)), {} if outcome == UNKNOWN else there))
        for one, outcome in became
        if _is_finding(one, outcome)
    ]
    stands = [one for place, (one, outcome) in enumerate(became) if place not in given.out and outcome in STANDING]
    statuses = _alike(stands, identified) | {(name_of(one), one.fingerprint or None): one.status for one in stands}
    return Answered(
        pl.DataFrame(told, schema=REPORT, orient="row"),
        pl.concat([_findings(bad, files), _unusable(given.unusable)]),
        _counts(given, outcomes),
        pl.DataFrame(sorted(((*name, status) for name, status in statuses.items()), key=str), schema=STATUSES, orient="row"),
    )


def _outcomes(given: Said, found: Found, applied: set[tuple[object, ...]], there: Places, files: Concerning) -> list[str]:
    """What became of each answer, in their order: of one that is not looked at (conflicting, expired …) why, as `answers` says."""
    rows = ((place, one, found.get(name_of(one))) for place, one in enumerate(given.answers))
    return [given.out.get(place) or _outcome(one, row, applied, files) or _stale(one, row, there, given.logic) for place, one, row in rows]


def _alike(stands: Sequence[Answer], identified: pl.DataFrame) -> dict[tuple[str, str | None], str]:
    """Finding and fingerprint -> status of all that over-rides of the linkage silence: an over-ride holds for what was compared, and two
    rows of a file may say the same of one record."""
    rows = {one.bound_to for one in stands if one.is_override and one.edit in CONFIRMABLE}
    silenced = pl.DataFrame(sorted(rows, key=str), schema=SILENCED, orient="row")
    found = identified.join(silenced, on=list(SILENCED), how="semi") if rows else identified.clear()
    return dict.fromkeys(found.select("finding_id", "fingerprint").iter_rows(), OVERRIDDEN)


def _there(routed: Routed, keys: pl.Series) -> Places:
    """Those of the records with these keys that are there, loaded or not, and where."""
    wanted = keys.implode()
    found = {name: located(frame.filter(pl.col(KEY).is_in(wanted))) for name, frame in routed.records.items()}
    behind = routed.quarantine.filter(pl.col(KEY).is_in(wanted)).with_columns(source_key=pl.lit(None, pl.Int64))
    there = {(str(row["record"]), int(row[KEY])): {name: row[name] for name in PLACE} for row in behind.rows(named=True)}
    for kind, frame in found.items():
        if set(PLACE) <= set(frame.columns):
            there |= {(kind, int(row[KEY])): {name: row[name] for name in PLACE} for row in frame.select(KEY, *PLACE).rows(named=True)}
    return there


def _outcome(one: Answer, row: Mapping[str, object] | None, applied: set[tuple[object, ...]], files: Concerning) -> str | None:
    """What became of an answer that still fits its finding; None of one that does not. One that is no over-ride is `applied` too."""
    if one.is_override and one.bound_to in applied:
        return APPLIED
    if row is None or (row["fingerprint"] or "") != one.fingerprint:
        return None
    return _mended(one, files.get(name_of(one), {})) if one.status == FIXED else APPLIED


def _mended(one: Answer, now: Mapping[str, str]) -> str:
    """What became of a finding that was said to be mended and stands on the same values.

    Which side was to be mended nobody says: it certainly was not once every file that delivers a side came anew, and perhaps was not
    where some did. A file that is there with the same bytes was not sent again.
    """
    waits = _not_sent(one, now)
    return APPLIED if len(waits) == len(one.delivered.split()) else PERHAPS if waits else NOT_MENDED


def _not_sent(one: Answer, now: Mapping[str, str]) -> list[str]:
    """Names of the files of that time that are still those that deliver it."""
    return sorted(name for sha256, name in now.items() if sha256.startswith(tuple(one.delivered.split())))


def _stale(one: Answer, row: Mapping[str, object] | None, there: Places, logic: Mapping[str, str]) -> str:
    """Why an answer fits no finding any more. That the edit says something else now goes before what the values say."""
    is_there = row is not None or (one.record, one.record_key) in there
    if one.fingerprint and (row is not None or (one.is_override and is_there)):
        if one.is_of_old_form:
            return OLD
        if one.logic != logic.get(one.edit, one.logic):
            return REWRITTEN
    if not one.is_override and row is None:
        if one.record_key is not None and not is_there:
            return GONE
        is_same_edit = not one.fingerprint or one.logic == logic.get(one.edit, one.logic)
        return MENDED if one.status == FIXED and is_same_edit else NO_MORE
    if not one.is_override:
        return CHANGED
    return CHANGED if row is not None else NOT_FOUND if is_there else GONE


def _is_finding(one: Answer, outcome: str) -> bool:
    return outcome in EDITS and (one.is_override or outcome in OF_ANY_ANSWER)


def _told(one: Answer, outcome: str, row: Mapping[str, object] | None, there: Places) -> tuple[object, ...]:
    expires = one.expires.isoformat() if one.expires else ""
    stands = _stands(one, row, there)
    where = (stands.get("source_file"), stands.get("source_row"))
    said_ = (one.status, outcome, one.reason, one.author, one.date.isoformat(), expires)
    return (one.place, name_of(one), one.edit, one.record, one.record_key, *where, *said_)


def _stands(one: Answer, row: Mapping[str, object] | None, there: Places) -> Mapping[str, object]:
    """Where the finding stands that an answer is about, else where its record does (PLACE); empty where that is gone too."""
    return row if row is not None else there.get((one.record, one.record_key or 0), {})


def _findings(bad: Sequence[tuple[Answer, str, Mapping[str, object]]], files: Concerning) -> pl.DataFrame:
    """One row per answer that is a finding of its own (FINDINGS), where it or its record stands (`_stands`)."""
    place = PLACE[:3]
    rows = [
        (EDITS[outcome], one.record, one.record_key, *(stands.get(name) for name in place), _about(one, outcome, files))
        for one, outcome, stands in bad
    ]
    kinds = {name: FINDINGS[name] for name in ("edit", "record", KEY, *place, "columns")}
    perhaps = pl.Series([outcome == PERHAPS for _, outcome, _ in bad], dtype=pl.Boolean)
    made = findings(pl.DataFrame(rows, schema=kinds, orient="row"))
    return made.with_columns(outcome=pl.when(perhaps).then(pl.lit("possible")).otherwise("outcome"))


def _about(one: Answer, outcome: str, files: Concerning) -> str:
    """What a finding about an answer says under `columns`. A code that no edit has may be any text: it is not repeated."""
    waits = f", not delivered anew: {', '.join(_not_sent(one, files.get(name_of(one), {})))}" if outcome == PERHAPS else ""
    return one.place if outcome == UNKNOWN else f"{one.edit} ({one.place}, {outcome}{waits})"


def _unusable(wrong: Sequence[Mistake]) -> pl.DataFrame:
    """One finding per line, row or file that is not applied: it is half filled in or not as it came; `columns` says where and why."""
    words = ("" if one.line is None else f" {'line' if one.file == OVERRIDES else 'row'} {one.line}" for one in wrong)
    told = [f"{one.file}{place}: {one.told}" for one, place in zip(wrong, words, strict=True)]
    return findings(pl.DataFrame({"columns": told}, schema={"columns": pl.String}).with_columns(record=pl.lit("answer")), INCOMPLETE)


def _counts(given: Said, outcomes: Sequence[str]) -> pl.DataFrame:
    """One row per edit about answers: how many of them are so, how many not; of what is said to be fixed how much is not."""
    bad = Counter(EDITS[outcome] for one, outcome in zip(given.answers, outcomes, strict=True) if _is_finding(one, outcome))
    total, others = len(given.answers), sum(not one.is_override for one in given.answers)
    rows = [counts(INCOMPLETE, violated=len(given.unusable), satisfied=total, not_applicable=0)]
    for code in dict.fromkeys(edit for edit in EDITS.values() if edit != EDITS[NOT_MENDED]):
        beside = min(others, total - bad[code]) if code in OF_OVERRIDES else 0
        rows.append(counts(code, violated=bad[code], satisfied=total - bad[code] - beside, not_applicable=beside))
    fixed = Counter(outcome for one, outcome in zip(given.answers, outcomes, strict=True) if one.status == FIXED)
    not_mended, perhaps, mended = (fixed[outcome] for outcome in (NOT_MENDED, PERHAPS, MENDED))
    others = total - not_mended - perhaps - mended
    rows.append(counts(EDITS[NOT_MENDED], violated=not_mended, possible=perhaps, satisfied=mended, not_applicable=others))
    return stack(rows, EDIT_COUNTS)


def with_status(identified: pl.DataFrame, statuses: pl.DataFrame) -> pl.DataFrame:
    """The findings with the column `status`: `open` where nobody has said anything that holds."""
    if statuses.is_empty():
        return identified.with_columns(status=pl.lit(OPEN))
    joined = identified.join(statuses, on=["finding_id", "fingerprint"], how="left", nulls_equal=True, maintain_order="left")
    return joined.with_columns(pl.col("status").fill_null(OPEN))
