"""What is not met of the load as a whole, on the first screen of the report: among the worst problems and among what changed."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import polars as pl
import pytest
import report_examples
from report_examples import frame
from report_nights import several
from report_page import rendered

from schemas.core.frames import EDIT_COUNTS, LEDGER
from validations.load import load_edits
from validations.report.not_met import names_not_met
from validations.report.problems import problems
from validations.report.report_input import RESULTS
from validations.report.rests_on import doubts, reads
from validations.report.tables_view import expectations
from validations.report.verdict import verdicts


def _told(*failed: tuple[str, bool], before: list[str] | None = None) -> list[tuple[str, str]]:
    """Level and title of the worst problems of a load whose records have six kinds of errors, and where these expectations fail."""
    counts = [(f"DATE-00{n}", "error", n, 0, 0, 0, 0) for n in range(1, 7)] + [("RAD-001", "warning", 10**6, 0, 0, 0, 0)]
    results = [(name, "of", critical, False, f"says {name}", "why") for name, critical in failed]
    data = replace(
        report_examples.empty(), rows={"dim_patient": 9}, edit_counts=frame(counts, EDIT_COUNTS),
        expectations=frame(results, RESULTS), not_met_before=before, ledger=pl.DataFrame(schema=LEDGER),
    )  # fmt: skip
    return [(problem.level, problem.title) for problem in problems(data)]


def test_a_warning_about_the_whole_load_has_a_place_among_the_worst_problems() -> None:
    errors = [("unfit", f"DATE-00{n}: DATE-00{n}") for n in (6, 5, 4, 3)]
    assert _told() == [*errors, ("unfit", "DATE-002: DATE-002")]
    assert _told(("grade_known", False)) == [*errors, ("care", "Expectation grade_known (of)")]
    # the one that is new comes before the one that stood yesterday; a critical one before all
    two = (("grade_known", False), ("stage_shares.a", False))
    assert _told(*two, before=["grade_known"])[-1] == ("care", "Expectation stage_shares.a (of), new in this release")
    assert _told(*two, ("women_loaded", True))[0] == ("unfit", "Expectation women_loaded (of)")


def test_of_the_parts_of_one_expectation_the_new_one_is_named() -> None:
    two = (("stage_shares.a", False), ("stage_shares.b", False))
    assert _told(*two, before=["stage_shares.a"])[-1] == ("care", "Expectation stage_shares.b (of), new in this release")
    assert _told(*two, before=["stage_shares.a", "stage_shares.b"])[-1] == ("care", "Expectation stage_shares.a (of)")


def test_parts_of_one_expectation_are_one_problem() -> None:
    names = ("edits_judged", "edits_judged.A", "edits_judged.B")
    results = frame([(name, "edits", name.endswith("B"), False, f"says {name}", "why") for name in names], RESULTS)
    data = replace(report_examples.empty(), rows={"dim_patient": 9}, ledger=pl.DataFrame(schema=LEDGER), expectations=results)
    (problem,) = problems(data)
    assert (problem.title, problem.detail) == ("Expectation edits_judged.B (edits)", "says edits_judged.B; and 1 more of edits_judged")


def test_what_has_long_been_missing_of_the_load_leaves_room_for_the_records() -> None:
    names = [f"{name}_known" for name in ("age", "contact", "grade", "sex", "stage")]
    counts = frame([(f"RAD-00{n}", "warning", n, 0, 0, 0, 0) for n in range(1, 7)], EDIT_COUNTS)
    data = replace(
        report_examples.empty(), rows={"dim_patient": 9}, edit_counts=counts, not_met_before=names, ledger=pl.DataFrame(schema=LEDGER),
        expectations=frame([(name, "of", False, False, "says", "why") for name in names], RESULTS),
    )  # fmt: skip
    titles = [problem.title.split(" (")[0].split(":")[0] for problem in problems(data)]
    assert titles == ["Expectation age_known", "Expectation contact_known", "RAD-006", "RAD-005", "RAD-004"]
    assert len(problems(replace(data, edit_counts=pl.DataFrame(schema=EDIT_COUNTS)))) == 5  # where there is nothing else they have it


@pytest.mark.parametrize(
    ("before", "says"),
    [
        (["grade_known", "women_loaded"], "Expectations not met2+1 new −1 met again"),
        (["grade_known", "stage_shares.a"], "Expectations not met2none changed"),
        (None, None),
    ],
)
def test_what_is_not_met_since_this_release_is_among_what_changed(tmp_path: Path, before: list[str] | None, says: str | None) -> None:
    results = [(name, "of", False, False, "says", "why") for name in ("grade_known", "stage_shares.a", "shares_by_source")]
    text = rendered(tmp_path, replace(several(), expectations=frame(results, RESULTS), not_met_before=before)).text
    told = "".join(text.split())
    assert ("Expectationsnotmet" in told) == (says is not None)
    assert "".join((says or "").split()) in told
    assert ("Notmetsincethisrelease:stage_shares.a" in told) == (before is not None and "stage_shares.a" not in before)


def test_one_number_of_what_is_not_met_everywhere() -> None:
    names = (("shares_by_source", False), ("er_shares.a", False), ("grade_known", False))
    results = frame([(name, "of", critical, False, f"says {name}", "why") for name, critical in names], RESULTS)
    data = replace(report_examples.empty(), rows={"dim_patient": 9}, expectations=results)
    shown = expectations(data.expectations)
    assert [row["name"] for row in shown["failed"]] == names_not_met(results) == ["er_shares.a", "grade_known"]
    assert [row["name"] for row in shown["summed"]] == ["shares_by_source"]


@pytest.mark.parametrize(
    ("name", "subject", "uses"),
    [
        ("er_shares.south", "fact_biomarker.result_code", ["Counts", "Treatment tables"]),
        ("stage_shares", "dim_tumour.stage_code", ["Counts", "Treatment tables"]),
        ("contact_known", "fact_follow_up.contact", ["Survival"]),
        ("follow_up_at_most", "fact_follow_up", ["Counts", "Survival"]),
        ("women_at_most", "dim_patient", ["Counts"]),
        ("drug_known", "fact_treatment.drug_code", ["Treatment tables"]),
        ("diagnosis_date_known", "dim_tumour.diagnosis", ["Counts", "Survival"]),
    ],
)
def test_a_use_that_rests_on_what_is_not_met_is_one_with_care(name: str, subject: str, uses: list[str]) -> None:
    results = frame([(name, subject, False, False, "says so", "why")], RESULTS)
    data = replace(report_examples.empty(), expectations=results)
    told = {one.use: [words for level, words in one.reasons if level == "care" and name in words] for one in verdicts(data)}
    assert [use for use, words in told.items() if words] == uses
    assert told[uses[0]] == [f"expectation {name} is not met: says so"]


def test_what_stopped_a_release_comes_first_in_every_use_and_is_named() -> None:
    given = [("er_shares", False), ("shares_by_source", False), ("tumours_against_previous", True), ("edits_judged.DATE-001", True)]
    results = frame([(name, "fact_biomarker", critical, False, f"says {name}", "why") for name, critical in given], RESULTS)
    data = replace(several(), expectations=results)
    for one in verdicts(data):
        words = [words for _, words in one.reasons]
        assert words[:2] == [
            "critical expectation tumours_against_previous is not met: says tumours_against_previous",
            "critical expectation edits_judged.DATE-001 is not met: says edits_judged.DATE-001",
        ]
        assert one.level == "unfit"
        assert not any("shares_by_source" in said for said in words)


def test_an_edit_that_fell_silent_touches_the_uses_that_read_what_it_reads() -> None:
    known = {edit.edit: edit for edit in load_edits()}
    served = {}
    for code in ("DATE-001", "TUM-001", "TRT-001", "FUP-001", "READ-RAGGED"):
        results = frame([(f"edits_judged.{code}", f"edits.{code}", False, False, "says so", "why")], RESULTS)
        data = replace(report_examples.empty(), expectations=results, edit_reads=reads(known.values()))
        served[code] = [one.use for one in verdicts(data) if any(code in words for _, words in one.reasons)]
    assert served == {
        "DATE-001": ["Counts", "Survival"],  # the diagnosis
        "TUM-001": ["Counts", "Survival"],  # diagnosis and treatment_start
        "TRT-001": ["Treatment tables"],
        "FUP-001": ["Survival"],
        "READ-RAGGED": [],  # of a file, not of a table
    }


def test_many_doubts_are_told_as_a_number() -> None:
    results = frame([(f"a{n}", "fact_event", False, False, "says so", "why") for n in range(5)], RESULTS)
    assert list(doubts(results, "Survival"))[-1] == "2 more expectations that it rests on are not met"
