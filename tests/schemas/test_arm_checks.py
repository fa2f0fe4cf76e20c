"""What `oncomart check` says of arms that nobody can be in, of days that no one lives, and of a curve that is not there."""

from __future__ import annotations

from pathlib import Path

import pytest
from small_project import STUDY, mistakes, written

from schemas.project import load_project

FILE = "studies/outcome.yml"
RELAPSED = "  - {arm: relapsed, label: Relapsed, when: has_recurrence}\n"
AGAIN = RELAPSED + "  - {arm: again, label: Again, when: \"(stage_code = 'I') and has_recurrence\"}\n"
CHANGING = AGAIN.replace("has_recurrence}", "has_recurrence, decided: recurrence}", 1)
TIME_DEPENDENT = "analyses: [as_published, time_dependent]\ncomparisons:\n"


def told(folder: Path, text: str) -> list[str]:
    """What is said of the study, each mistake with the line it names."""
    lines = text.splitlines()
    return [f"{mistake}  << {lines[mistake.line - 1] if mistake.line else ''}" for mistake in mistakes(written(folder, {FILE: text}))]


@pytest.mark.parametrize(
    ("old", "new", "says", "line"),
    [
        (RELAPSED, AGAIN, "nobody is in arm 'again': arm 'relapsed' before it takes whoever meets its condition", "arm: again"),
        ("when: has_recurrence", 'when: "true"', "everyone is in arm 'relapsed': the arms after it take nobody", "arm: relapsed"),
        ("when: has_recurrence", 'when: "has_recurrence and false"', "nobody is in arm 'relapsed': its condition never holds", "relapsed"),
        ("label: Others", "label: Relapsed", "two arms are called 'Relapsed'", "arm: others"),
        ("\"vital_status_code = 'dead'\"", '"false"', "'event' never holds: the endpoint has no event", "event:"),
        ("    estimators", "    horizon_days: 99999999999\n    estimators", "'horizon_days': input should be less than", "horizon_days"),
        ("    end:", "    landmark_days: 43831\n    end:", "'landmark_days': input should be less than", "landmark_days"),
    ],
)  # fmt: skip
def test_names_the_mistake_and_its_line(tmp_path: Path, old: str, new: str, says: str, line: str) -> None:
    found = told(tmp_path, STUDY.replace(old, new, 1))
    assert any(says in said and line in said.split("<<")[1] for said in found), found


def test_takes_a_narrower_arm_in_which_a_woman_is_until_another_is_decided(tmp_path: Path) -> None:
    text = STUDY.replace(RELAPSED, CHANGING).replace("comparisons:\n", TIME_DEPENDENT)
    assert load_project(written(tmp_path, {FILE: text})).studies


def test_asks_for_a_curve_that_an_envelope_can_stand_beside(tmp_path: Path) -> None:
    text = STUDY.replace("min_cell: 1", "date_convention: envelope\nmin_cell: 1").replace("[kaplan_meier]", "[median_observed_time]")
    text = text.partition("comparisons:")[0]
    (said,) = told(tmp_path, text)
    assert "'envelope' has no curve to stand beside" in said and "date_convention" in said


def test_says_nothing_of_a_name_that_may_be_the_one_it_could_not_read(tmp_path: Path) -> None:
    (said,) = told(tmp_path, STUDY.replace("endpoint: survival\n", "endpoint: Overall Survival\n"))
    assert "a name is small letters, digits and _" in said


def test_says_that_an_arm_that_changes_with_time_has_no_envelope(tmp_path: Path) -> None:
    text = STUDY.replace("when: has_recurrence}", "when: has_recurrence, decided: recurrence}").replace("comparisons:\n", TIME_DEPENDENT)
    text = text.replace("min_cell: 1", "date_convention: envelope\nmin_cell: 1")
    notices = [str(notice) for notice in load_project(written(tmp_path, {FILE: text})).notices]
    assert any(f"{FILE}:30: 'envelope' gives no bounds in 'time_dependent'" in notice for notice in notices), notices
