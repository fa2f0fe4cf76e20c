"""Routing holds back what cannot be true, with everything that hangs on it, and accounts for every record."""

from __future__ import annotations

from functools import cache
from typing import Any

import polars as pl
import pytest
from edit_cases import AS_OF, records_of
from polars.testing import assert_frame_equal
from random_people import people

from schemas.core.three_valued import OUTCOMES
from validations.edit import Edit
from validations.judge import judge
from validations.load import built_in_edits
from validations.route import Routed, route


def rule(code: str, record: str, violated: str, **changes: str) -> Edit:
    given = {"edit": code, "title": code, "severity": "error", "record": record, "violated": violated}
    return Edit(**({**given, "reason": "a reason", "action": "an action"} | changes))


def routed(given: dict[str, Any], edits: list[Edit] | tuple[Edit, ...]) -> Routed:
    records = records_of(given)
    return route(records, judge(records, edits, AS_OF), edits, AS_OF)


@cache
def random_routed(seed: int) -> Routed:
    return routed(people(40, seed), built_in_edits())


def fates(result: Routed) -> dict[str, set[tuple[str, str]]]:
    """Kind of record -> (fate, reason) of those that are not loaded."""
    parts = result.quarantine.partition_by("record", as_dict=True)
    return {str(name): set(part.select("fate", "reason").rows()) for (name,), part in parts.items()}


WOMAN = {
    "patient": {"sex_code": "female"},
    "tumour": [{"tumour_no": 1, "grade_code": "3"}, {"tumour_no": 2, "grade_code": "1"}],
    "treatment": [{"tumour_no": 1}, {"tumour_no": 2}],
    "event": [{"tumour_no": 1}, {"tumour_no": 2}],
    "biomarker": [{"tumour_no": 1}],
    "follow_up": {"contact": 2012},
}
GRADE_3 = "grade_code = '3'"


def test_loads_everything_where_nothing_is_wrong() -> None:
    records = records_of({"one": WOMAN})
    result = routed({"one": WOMAN}, [rule("TRY-001", "tumour", "grade_code = '2'")])
    assert result.quarantine.is_empty()
    for name, frame in records.items():
        assert_frame_equal(result.loaded()[name], frame)


def test_quarantines_a_record_with_its_children() -> None:
    result = routed({"one": WOMAN}, [rule("TRY-001", "tumour", GRADE_3)])
    gone = ("quarantined", "TRY-001")
    assert fates(result) == {"tumour": {gone}, "treatment": {gone}, "event": {gone}, "biomarker": {gone}}
    assert {name: frame.height for name, frame in result.loaded().items()} == {
        "patient": 1, "tumour": 1, "treatment": 1, "event": 1, "follow_up": 1, "biomarker": 0,
    }  # fmt: skip
    assert result.loaded()["event"]["tumour_no"].to_list() == [2]


def test_quarantines_everything_below_a_patient() -> None:
    result = routed({"one": WOMAN}, [rule("TRY-001", "patient", "sex_code = 'female'")])
    assert all(frame.is_empty() for frame in result.loaded().values())
    assert {fate for kind in fates(result).values() for fate in kind} == {("quarantined", "TRY-001")}


def test_holds_the_other_records_of_a_person_where_the_scope_is_the_patient() -> None:
    result = routed({"one": WOMAN, "two": {"follow_up": {"contact": 2012}}}, [rule("TRY-001", "event", "tumour_no = 2", scope="patient")])
    held = ("held", "TRY-001")
    assert fates(result) == {
        "patient": {held}, "tumour": {held}, "treatment": {held}, "biomarker": {held}, "follow_up": {held},
        "event": {held, ("quarantined", "TRY-001")},
    }  # fmt: skip
    assert result.loaded()["patient"]["patient_pseudonym"].to_list() == ["two"]
    assert {name: frame.height for name, frame in result.behind.items()} == {
        "patient": 1, "tumour": 2, "treatment": 2, "event": 2, "follow_up": 1, "biomarker": 1,
    }  # fmt: skip


@pytest.mark.parametrize("severity", ["warning", "notice"])
def test_holds_nothing_for_less_than_an_error(severity: str) -> None:
    result = routed({"one": WOMAN}, [rule("TRY-001", "tumour", GRADE_3, severity=severity)])
    assert result.quarantine.is_empty()
    assert result.judged.findings.height == 1


def test_holds_nothing_that_is_only_possible() -> None:
    doubtful = {"tumour": {"diagnosis": "2009"}}
    result = routed({"one": doubtful}, [rule("TRY-001", "tumour", "before(diagnosis, date '2009-06-01')")])
    assert result.judged.counts["possible"].item() == 1
    assert result.quarantine.is_empty()


def test_names_every_edit_and_gives_the_first_as_the_reason() -> None:
    edits = [rule("TRY-002", "tumour", GRADE_3), rule("TRY-001", "tumour", "tumour_no = 1")]
    (row,) = routed({"one": {"tumour": {"grade_code": "3"}}}, edits).quarantine.rows(named=True)
    assert (row["reason"], row["edits"], row["source_file"], row["source_row"]) == ("TRY-001", "TRY-001 TRY-002", "tumour.csv", 2)


# The first distant recurrence (2009) is itself an error; without it the metastasectomy of 2010 comes before the next (2012).
CASCADE = {
    "event": [
        {"event_no": 1, "event": "2009-01-01", "lesion_count": 9},
        {"event_no": 2, "event": "2012-01-01"},
        {"event_type_code": "metastasectomy", "event": "2010-01-01"},
    ]
}
CASCADE_EDITS = [
    rule("TRY-001", "event", "lesion_count = 9"),
    rule("TRY-002", "event", "before(event, distant_recurrence)", applies="event_type_code = 'metastasectomy'"),
    rule("TRY-003", "event", "n_metastasectomies = 0", applies="event_no = 2", severity="warning"),
]


def test_judges_again_until_what_is_loaded_passes() -> None:
    result = routed({"one": CASCADE}, CASCADE_EDITS)
    reasons = result.quarantine.sort("reason").select("reason", "edits").rows()
    assert reasons == [("TRY-001", "TRY-001"), ("TRY-002", "TRY-002")]
    assert result.loaded()["event"]["event_no"].to_list() == [2]


def test_counts_what_a_later_round_found_and_keeps_the_sums() -> None:
    result = routed({"one": CASCADE}, CASCADE_EDITS)
    counts = result.judged.counts.select("edit", "violated", "satisfied", "not_applicable").rows()
    # warnings are judged on what was delivered: the metastasectomy that routing took away was there
    assert counts == [("TRY-001", 1, 0, 0), ("TRY-002", 1, 0, 2), ("TRY-003", 0, 1, 2)]
    assert result.judged.counts.select(pl.sum_horizontal(OUTCOMES)).to_series().to_list() == [3, 3, 3]
    assert result.judged.findings.select("edit", "outcome").rows() == [("TRY-001", "violated"), ("TRY-002", "violated")]


@pytest.mark.parametrize("seed", [11, pytest.param(12, marks=pytest.mark.slow)])
def test_loads_only_what_passes_every_error_edit(seed: int) -> None:
    result = random_routed(seed)
    again = judge(result.loaded(), [edit for edit in built_in_edits() if edit.severity == "error"], AS_OF)
    assert again.counts["violated"].sum() == 0
    assert 0 < result.loaded()["patient"].height < 40


@pytest.mark.parametrize("seed", [11, pytest.param(12, marks=pytest.mark.slow)])
def test_gives_every_record_one_fate(seed: int) -> None:
    records = records_of(people(40, seed))
    result = random_routed(seed)
    delivered = {f"{name}.csv": frame.height for name, frame in records.items() if frame.height}
    sums = result.ledger.group_by("stage", "source_file").agg(pl.col("n").sum())
    stages = {stage: dict(sums.filter(pl.col("stage") == stage).select("source_file", "n").iter_rows()) for stage in ("edit", "load")}
    loaded = {f"{name}.csv": frame.height for name, frame in result.loaded().items() if frame.height}
    assert stages == {"edit": delivered, "load": loaded}
    held = result.ledger.filter(pl.col("fate").is_in(["quarantined", "held"]))["n"].sum()
    assert held == result.quarantine.height == result.quarantine.select("record", "record_key").n_unique()
    assert sum(delivered.values()) == held + sum(loaded.values())


def test_leaves_no_child_without_its_parent() -> None:
    left = random_routed(11).loaded()
    for name, frame in left.items():
        assert frame.join(left["patient"], on="patient_key", how="anti").is_empty(), name
        if "tumour_key" in frame.columns:
            assert frame.join(left["tumour"], on="tumour_key", how="anti").is_empty(), name


@pytest.mark.slow
def test_does_not_depend_on_the_order_of_rows() -> None:
    records = records_of(people(30, 31))
    shuffled = {name: frame.sample(fraction=1.0, shuffle=True, seed=5) for name, frame in records.items()}
    first, second = (route(given, judge(given, built_in_edits(), AS_OF), built_in_edits(), AS_OF) for given in (records, shuffled))
    assert_frame_equal(first.quarantine, second.quarantine)
    assert_frame_equal(first.ledger, second.ledger)
    assert_frame_equal(first.judged.findings, second.judged.findings)
    assert_frame_equal(first.judged.counts, second.judged.counts)


def test_hands_on_the_records_as_they_were_given() -> None:
    """Another copy of them would be a quarter of the memory of a night."""
    records = records_of(people(30, 31))
    result = route(records, judge(records, built_in_edits(), AS_OF), built_in_edits(), AS_OF)
    assert not result.quarantine.is_empty()
    assert result.records is records


@pytest.mark.slow
def test_the_outcomes_of_persons_of_whom_an_error_is_found_are_enough() -> None:
    records, edits = records_of(people(40, 11)), built_in_edits()
    whole, few = judge(records, edits, AS_OF), judge(records, edits, AS_OF, of_all=False)
    assert_frame_equal(few.counts, whole.counts)
    assert_frame_equal(few.findings, whole.findings)
    assert 0 < few.outcomes["tumour"].height < whole.outcomes["tumour"].height
    of_few, of_whole = (route(records, judged, edits, AS_OF) for judged in (few, whole))
    assert_frame_equal(of_few.judged.counts, of_whole.judged.counts)
    assert_frame_equal(of_few.judged.findings, of_whole.judged.findings)
    assert_frame_equal(of_few.quarantine, of_whole.quarantine)
