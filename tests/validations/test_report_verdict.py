"""Whether a release is fit for its uses, as the first screen says it."""

from __future__ import annotations

from datetime import date

import polars as pl
import pytest
import report_examples
from report_examples import frame

from schemas.core.frames import EDIT_COUNTS
from validations.report import ReportInput, measures
from validations.report.page import context
from validations.report.problems import problems
from validations.report.report_input import EDITS, REPORTED_FINDINGS, StudyLink
from validations.report.verdict import verdicts


def follow_up(known: int, status: int) -> ReportInput:
    """A hundred contacts of which so many know the day and the vital status."""
    completeness = [("fact_follow_up", "contact", 100, 100 - known), ("fact_follow_up", "vital_status_code", 100, 100 - status)]
    rows = {"dim_patient": 100, "fact_follow_up": 100}
    return ReportInput("x", "r", date(2020, 1, 1), rows=rows, completeness=frame(completeness, measures.COMPLETENESS))


@pytest.mark.parametrize(
    ("known", "status", "level", "reason"),
    [
        (95, 95, "fit", "last contact known in 95 of 100"),
        (94, 100, "unfit", "last contact known in 94 of 100 (94.0\N{NO-BREAK SPACE}%), needed in 95\N{NO-BREAK SPACE}%"),
        (100, 94, "care", "vital status known in 94 of 100"),
        (100, 0, "care", "overall survival cannot be estimated"),
    ],
)
def test_judges_fitness_for_survival_by_its_rules(known: int, status: int, level: str, reason: str) -> None:
    verdict = next(v for v in verdicts(follow_up(known, status)) if v.use == "Survival")
    assert verdict.level == level
    assert any(reason in words for _, words in verdict.reasons)


def test_calls_an_empty_load_unfit_for_everything() -> None:
    data = report_examples.empty()
    assert {verdict.level for verdict in verdicts(data)} == {"unfit"}
    assert problems(data)[0].title == "No woman was loaded"


def test_puts_refused_sources_and_errors_before_warnings() -> None:
    titles = [problem.title for problem in problems(report_examples.realistic())]
    assert titles[0] == "Refused: pathology/export.xml"
    assert titles.index("DATE-011: Last contact not before diagnosis") < titles.index("Carried forward: oncology/regimens.csv")


def test_counts_what_is_overridden_and_does_not_call_it_a_problem() -> None:
    findings = frame([(f"f{i}", "b.csv", "A-1", "error", "violated", "tumour", i, i, 9, i, "x", "v1") for i in range(3)], REPORTED_FINDINGS)
    counts = frame([("A-1", "error", 3, 0, 5, 0, 0)], EDIT_COUNTS)
    texts = frame([("A-1", "A title", "error", "", "")], EDITS)
    for statuses, told in ((["overridden", "open", "open"], ["2 records"]), (["overridden"] * 3, [])):
        stands = findings.with_columns(status=pl.Series(statuses))
        data = ReportInput("R", "1" * 12, date(2020, 1, 1), rows={"dim_patient": 1}, edit_counts=counts, edits=texts, findings=stands)
        said = context(data)
        assert [problem.detail for problem in said["problems"]] == told
        assert (said["edits"][0]["violated"], said["edits"][0]["overridden"]) == (3, statuses.count("overridden"))


def test_a_study_whose_numbers_are_refused_is_a_problem_of_the_first_screen() -> None:
    refusal = "refused: more than 1.0% of the women who may be eligible are held until the source is mended"
    studies = [StudyLink("m", "M", "m.html", [refusal], refusal), StudyLink("n", "N", "n.html", ["no date of death"])]
    data = ReportInput("R", "1" * 12, date(2020, 1, 1), rows={"dim_patient": 1}, studies=studies)
    told = [(problem.title, problem.detail) for problem in context(data)["problems"]]
    assert told == [("No numbers of the study m", "more than 1.0% of the women who may be eligible are held until the source is mended")]


def test_says_of_which_arm_many_are_held() -> None:
    studies = [StudyLink("m", "M", "m.html", held_share=0.02, held_arms={"Operated": 0.1, "Others": 0.01})]
    data = ReportInput("R", "1" * 12, date(2020, 1, 1), rows={"dim_patient": 1}, studies=studies)
    told = [reason for use in context(data)["verdicts"] for _, reason in use.reasons if "held" in reason]
    assert told == ["more than 5\N{NO-BREAK SPACE}% of the arm “Operated” of study m are held"] * 2
