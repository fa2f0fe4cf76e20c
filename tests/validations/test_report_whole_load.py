"""What is not met of the load as a whole, on the first screen of the report: among the worst problems and among what changed."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import polars as pl
import pytest
import report_examples
from report_examples import frame
from test_report import rendered
from test_report_history import several

from schemas.core.frames import EDIT_COUNTS, LEDGER
from validations.report.problems import problems
from validations.report.report_input import RESULTS


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
