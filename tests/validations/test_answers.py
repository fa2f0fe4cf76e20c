"""Over-rides: one edit silenced on one record while what it reads stays the same; what is loaded passes or is overridden."""

from __future__ import annotations

import datetime
import hmac
from typing import Any

import polars as pl
import pytest
from edit_cases import AS_OF, records_of
from random_people import people
from test_route import CASCADE, CASCADE_EDITS, WOMAN, rule

from schemas.core.errors import Mistake
from schemas.core.frames import FINDINGS
from schemas.findings import IDENTIFIED, identified
from schemas.overrides import Answer
from schemas.statuses import CANNOT_TELL, FIXED, OVERRIDDEN
from validations.answered import (
    APPLIED,
    CHANGED,
    EDITS,
    GONE,
    INCOMPLETE,
    MENDED,
    NO_MORE,
    NOT_FOUND,
    NOT_MENDED,
    OLD,
    PERHAPS,
    REWRITTEN,
    answered,
)  # fmt: skip
from validations.answers import CONFLICT, EXPIRED, FUTURE, REPEATED, REPLACED, SILENCED, UNKNOWN, finding_id, said
from validations.edit import Edit
from validations.fingerprint import logic, logics, values_read
from validations.judge import judge
from validations.load import built_in_edits
from validations.route import Routed, route

DAY = datetime.date(2020, 1, 1)
NEXT = DAY + datetime.timedelta(days=1)
LOGIC = {"TRY-001": "000"}
ERRORS = [edit for edit in built_in_edits() if edit.severity == "error"]


def routed(given: dict[str, Any], edits: list[Edit], silenced: pl.DataFrame, as_of: datetime.date = AS_OF) -> Routed:
    records = records_of(given)
    return route(records, judge(records, edits, as_of), edits, as_of, silenced=silenced)


def found(given: dict[str, Any], edits: list[Edit], as_of: datetime.date = AS_OF) -> pl.DataFrame:
    """What can be overridden in the first round."""
    return judge(records_of(given), edits, as_of).findings.select(SILENCED.keys())


GRADE = [rule("TRY-001", "tumour", "grade_code = '3'", scope="patient")]


def test_an_overridden_error_neither_quarantines_nor_holds() -> None:
    result = routed({"one": WOMAN}, GRADE, found({"one": WOMAN}, GRADE))
    assert result.quarantine.is_empty()
    assert result.overridden.height == 1
    # it is still violated, and counted so
    assert result.judged.counts["violated"].to_list() == [1]
    assert set(result.ledger["fate"]) == {"goes_on", "loaded"}


def test_silences_one_edit_on_one_record_only() -> None:
    edits = [*GRADE, rule("TRY-002", "tumour", "tumour_no = 1")]
    quiet = found({"one": WOMAN}, edits).filter(edit="TRY-001")
    result = routed({"one": WOMAN, "two": {"tumour": {"grade_code": "3"}}}, edits, quiet)
    assert result.quarantine.filter(record="tumour").select("edits").to_series().to_list() == ["TRY-002", "TRY-001 TRY-002"]


def test_does_not_silence_another_value() -> None:
    edits = [rule("TRY-001", "tumour", "grade_code >= '2'")]
    quiet = found({"one": {"tumour": {"grade_code": "3"}}}, edits)
    assert routed({"one": {"tumour": {"grade_code": "3"}}}, edits, quiet).quarantine.is_empty()
    assert routed({"one": {"tumour": {"grade_code": "2"}}}, edits, quiet).quarantine.height == 1


def test_is_not_moved_by_what_the_edit_does_not_read() -> None:
    quiet = found({"one": WOMAN}, GRADE)
    other = {**WOMAN, "tumour": [{**WOMAN["tumour"][0], "laterality_code": "left"}, WOMAN["tumour"][1]]}
    assert routed({"one": other}, GRADE, quiet).quarantine.is_empty()


def test_the_fingerprint_is_the_same_on_another_day() -> None:
    edits = [edit for edit in built_in_edits() if edit.edit == "DATE-023"]
    given = {"one": {"tumour": {"diagnosis": "2031-01-01"}}}
    first, later = (found(given, edits, as_of) for as_of in (AS_OF, AS_OF + datetime.timedelta(days=1)))
    assert first.height == 1
    assert first.equals(later)


def test_every_edit_reads_something_that_can_change() -> None:
    assert [edit.edit for edit in built_in_edits() if not values_read(edit)] == []


def test_silences_what_only_a_later_round_finds() -> None:
    later = routed({"one": CASCADE}, CASCADE_EDITS, pl.DataFrame(schema=SILENCED))
    quiet = later.judged.findings.filter(edit="TRY-002").select(SILENCED.keys())
    result = routed({"one": CASCADE}, CASCADE_EDITS, quiet)
    assert result.quarantine["reason"].to_list() == ["TRY-001"]
    assert result.overridden.equals(quiet)


def test_what_is_loaded_passes_every_error_edit_or_is_overridden() -> None:
    # every second finding of an error is overridden: the others still take away what they took, until nothing more falls
    records = records_of(people(40, 11))
    judged = judge(records, ERRORS, AS_OF)
    quiet = judged.findings.filter(outcome="violated").select(SILENCED.keys()).gather_every(2)
    assert quiet.height > 5
    result = route(records, judged, ERRORS, AS_OF, silenced=quiet)
    again = judge(result.loaded(), ERRORS, AS_OF).findings.filter(outcome="violated")
    assert again.join(quiet, on=list(SILENCED), how="anti").is_empty()
    assert again.height > 0
    sums = result.ledger.group_by("stage").agg(pl.col("n").sum())
    assert dict(sums.iter_rows())["edit"] == sum(frame.height for frame in records.values())
    assert dict(sums.iter_rows())["load"] == sum(frame.height for frame in result.loaded().values())


def one(
    line: int = 2, fingerprint: str = "k0001", status: str = OVERRIDDEN, sheet: int = 0, day: datetime.date = DAY, **more: Any
) -> Answer:
    given = {"edit": "TRY-001", "record": "tumour", "record_key": 7, "reason": "r", "author": "AB", **more}
    name = finding_id("TRY-001", "tumour", 7) if sheet else ""
    file = "worklist/a.xlsx" if sheet else "overrides.csv"
    return Answer(file=file, line=line, sheet=sheet, fingerprint=fingerprint, status=status, date=day, finding_id=name, **given)


def test_two_lines_of_one_finding_that_name_different_values_contradict_each_other() -> None:
    given = said([one(2), one(3, "k0002"), one(4, record_key=8)], LOGIC, DAY)
    assert given.out == {0: CONFLICT, 1: CONFLICT}
    assert given.silenced["record_key"].to_list() == [8]


def test_two_lines_that_say_the_same_are_one() -> None:
    given = said([one(2), one(3)], LOGIC, DAY)
    assert given.out == {1: REPEATED}
    assert given.silenced.height == 1


AS_IT_IS, MENDED_THERE, UNCLEAR = ({"status": status, "sheet": 2} for status in (OVERRIDDEN, FIXED, CANNOT_TELL))
# What two people say of one finding: the answers, and what keeps each from counting on the second day ("": it counts).
TWO_ANSWERS = {
    "a line and a work list of one day": ([one(), one(3, **MENDED_THERE)], [CONFLICT, CONFLICT]),
    "two work lists of one day": ([one(**AS_IT_IS), one(3, **UNCLEAR)], [CONFLICT, CONFLICT]),
    "two answers of one day, neither an over-ride": ([one(**MENDED_THERE), one(3, **UNCLEAR)], [CONFLICT, CONFLICT]),
    "a work list of a later day": ([one(**AS_IT_IS), one(3, day=NEXT, **MENDED_THERE)], [REPLACED, ""]),
    "a line of a later day": ([one(day=NEXT), one(3, **MENDED_THERE)], ["", REPLACED]),
    "a line of a later day on other values": ([one(), one(3, "k0002", day=NEXT)], [REPLACED, ""]),
    "a later one that has expired": ([one(), one(3, day=NEXT, expires=DAY)], [REPLACED, EXPIRED]),
    "one dated in the future": ([one(), one(3, day=NEXT + datetime.timedelta(days=1), **MENDED_THERE)], ["", FUTURE]),
}


@pytest.mark.parametrize("kind", TWO_ANSWERS)
def test_of_two_answers_the_later_day_counts_and_of_one_day_none_that_is_contradicted(kind: str) -> None:
    answers, expected = TWO_ANSWERS[kind]
    for some, told in ((answers, expected), (answers[::-1], expected[::-1])):  # in whichever file they stand
        given = said(some, LOGIC, NEXT)
        assert [given.out.get(place, "") for place in range(2)] == told


def test_an_over_ride_counts_from_its_day_on() -> None:
    assert said([one(day=NEXT)], LOGIC, DAY).silenced.is_empty()
    assert said([one(day=NEXT)], LOGIC, NEXT).silenced.height == 1


def test_does_not_apply_what_is_expired_or_of_an_edit_that_there_is_not() -> None:
    given = said([one(2, expires=DAY), one(3, edit="TRY-009")], LOGIC, DAY + datetime.timedelta(days=1))
    assert given.out == {0: EXPIRED, 1: UNKNOWN}


def test_an_over_ride_of_what_no_edit_finds_any_more_is_stale() -> None:
    edits = [rule("TRY-001", "tumour", "grade_code = '2'")]
    result = routed({"one": {"tumour": {"grade_code": "3"}}}, edits, pl.DataFrame(schema=SILENCED))
    key = result.loaded()["tumour"]["record_key"].item()
    given = said([one(2, record_key=key), one(3, record_key=key + 1)], LOGIC, DAY)
    nothing = pl.DataFrame(schema=IDENTIFIED)
    became = answered(given, nothing, result, {})
    assert became.report["outcome"].to_list() == [NOT_FOUND, GONE]
    assert became.findings["edit"].to_list() == ["OVR-STALE", "OVR-STALE"]
    [stands, gone] = became.findings.select("patient_key", "source_key", "source_row").rows()
    assert None not in stands and set(gone) == {None}
    codes = {*EDITS.values(), INCOMPLETE}
    assert dict(became.counts.select("edit", "violated").iter_rows()) == {code: 2 if code == "OVR-STALE" else 0 for code in codes}


def test_a_row_that_is_half_filled_in_is_a_finding_that_says_where_and_what() -> None:
    wrong = [Mistake("worklist/a.xlsx", 3, "sheet 2: 'author' is empty"), Mistake("overrides.csv", 4, "'date' is no date")]
    became = answered(said([], LOGIC, DAY, wrong), pl.DataFrame(schema=IDENTIFIED), routed({}, [], pl.DataFrame(schema=SILENCED)), {})
    assert became.findings.select("edit", "columns").rows() == [
        (INCOMPLETE, "worklist/a.xlsx row 3: sheet 2: 'author' is empty"), (INCOMPLETE, "overrides.csv line 4: 'date' is no date"),
    ]  # fmt: skip
    assert became.counts.filter(edit=INCOMPLETE)["violated"].item() == 2


# What a fingerprint that was given for other words of the edit, or by an older version, makes of an answer.
UNFIT = {
    "the edit was rewritten": ("k", "grade_code in ('3')", REWRITTEN, "OVR-REWRITTEN"),
    "another value": ("k", "grade_code = '3'", CHANGED, "OVR-STALE"),
    "an older version": ("v", "grade_code = '3'", OLD, "OVR-STALE"),
}


@pytest.mark.parametrize("kind", UNFIT)
def test_says_why_an_answer_does_not_fit_any_more(kind: str) -> None:
    mark, violated, outcome, code = UNFIT[kind]
    edits = [rule("TRY-001", "tumour", violated)]
    was = logic(rule("TRY-001", "tumour", "grade_code = '3'"))[:3]
    result = routed({"one": WOMAN}, edits, pl.DataFrame(schema=SILENCED))
    rows = identified(result.judged.findings, pl.DataFrame(schema={"source_key": pl.Int64, "source_file": pl.String}))
    key = rows["record_key"].item()
    given = said([one(2, f"{mark}{was}00000000", record_key=key)], logics(edits), DAY)
    became = answered(given, rows, result, {})
    assert became.report["outcome"].to_list() == [outcome]
    assert became.findings.select("edit", "columns").rows() == [(code, f"TRY-001 (overrides.csv line 2, {outcome})")]


def test_an_over_ride_of_an_edit_that_was_rewritten_silences_nothing() -> None:
    quiet = found({"one": WOMAN}, GRADE)
    rewritten = [rule("TRY-001", "tumour", "grade_code >= '3'", scope="patient")]
    assert not routed({"one": WOMAN}, rewritten, quiet).quarantine.is_empty()
    # another spelling of the same is no other edit, nor are other words about it
    spelled = [rule("TRY-001", "tumour", "GRADE_CODE  ='3'", scope="patient").model_copy(update={"title": "Another"})]
    assert routed({"one": WOMAN}, spelled, quiet).quarantine.is_empty()


def test_every_edit_has_a_logic_of_its_own() -> None:
    assert len({logic(edit) for edit in built_in_edits()}) == len(built_in_edits())


def test_a_fingerprint_is_an_hmac_under_the_key_of_the_registry() -> None:
    (edit,), records = GRADE, records_of({"one": WOMAN})
    prints = {key: judge(records, GRADE, AS_OF, key=key).findings["fingerprint"].item() for key in (b"one key", b"another key")}
    for key, seen in prints.items():
        secret = hmac.digest(key, b"fingerprint", "sha256")
        text = f"{logic(edit)}\x1f3"  # grade 3: whoever has the key can make it, and nobody else
        assert seen == f"k{logic(edit)[:3]}{hmac.digest(secret, text.encode(), 'sha256').hex()[:8]}"
    assert len(set(prints.values())) == 2


def test_knows_a_finding_by_the_name_that_findings_csv_gives_it() -> None:
    frame = pl.DataFrame([{"edit": "TRY-001", "record": "tumour", "record_key": 7, "source_key": 1}], schema=FINDINGS)
    files = pl.DataFrame({"source_key": [1], "source_file": ["a.csv"]}, schema={"source_key": pl.Int64, "source_file": pl.String})
    assert identified(frame, files)["finding_id"].item() == finding_id("TRY-001", "tumour", 7)


SENT = {"a" * 64: "a.csv", "b" * 64: "b.csv"}


@pytest.mark.parametrize(
    ("delivered", "now", "outcome"),
    [
        ("a" * 12, SENT, APPLIED),
        (f"{'a' * 12} {'b' * 12}", SENT, APPLIED),
        (f"{'a' * 12} {'c' * 12}", SENT, PERHAPS),
        (f"{'c' * 12} {'d' * 12}", SENT, NOT_MENDED),
        ("c" * 12, SENT, NOT_MENDED),
        ("", SENT, APPLIED),
    ],
)
def test_is_not_mended_once_every_file_that_delivers_it_came_anew(delivered: str, now: dict[str, str], outcome: str) -> None:
    one = Answer("w.xlsx", 2, 1, "TRY-001", "tumour", 1, "k1", FIXED, "", "AB", DAY, finding_id="TRY-001-1", delivered=delivered)
    rows = pl.DataFrame([{"finding_id": "TRY-001-1", "edit": "TRY-001", "fingerprint": "k1"}], schema=IDENTIFIED)
    became = answered(said([one], LOGIC, DAY), rows, routed({}, [], pl.DataFrame(schema=SILENCED)), {"TRY-001-1": now})
    assert became.report["outcome"].to_list() == [outcome]
    assert became.statuses["status"].to_list() == [FIXED]
    told = became.counts.filter(edit="WORK-NOT-FIXED").select("violated", "possible").row(0)
    assert told == (int(outcome == NOT_MENDED), int(outcome == PERHAPS))
    assert became.findings["outcome"].to_list() == {APPLIED: [], PERHAPS: ["possible"], NOT_MENDED: ["violated"]}[outcome]


# Of a finding that is there no more: its edit, its fingerprint (the digits behind the k show the logic), the answer and what became of it.
NO_FINDING = [
    ("TRY-001", "k0001", FIXED, MENDED),
    ("TRY-001", "k9991", FIXED, NO_MORE),  # the edit was rewritten: perhaps it looks for something else
    ("TRY-001", "k0001", CANNOT_TELL, NO_MORE),
    ("TRY-404", "k0001", FIXED, UNKNOWN),  # the edit was taken out: nothing was looked for
    ("TRY-404", "k0001", CANNOT_TELL, UNKNOWN),
    ("NORM-DATE", "", FIXED, MENDED),  # what reading finds
]


@pytest.mark.parametrize(("edit", "fingerprint", "status", "outcome"), NO_FINDING)
def test_says_mended_only_where_the_same_edit_still_looks_for_it(edit: str, fingerprint: str, status: str, outcome: str) -> None:
    given = [one(fingerprint=fingerprint, status=status, sheet=1, edit=edit, record_key=None)]
    became = answered(said(given, LOGIC, DAY), pl.DataFrame(schema=IDENTIFIED), routed({}, [], pl.DataFrame(schema=SILENCED)), {})
    assert became.report["outcome"].to_list() == [outcome]
    assert became.counts.filter(edit="WORK-NOT-FIXED")["satisfied"].item() == int(outcome == MENDED)
    assert became.findings.is_empty()
