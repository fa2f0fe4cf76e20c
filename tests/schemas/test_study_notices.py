"""What is worth a second look in a study: values that the steps made sure of, dates that are asked whether they are known, ends."""

from __future__ import annotations

import datetime
from typing import Any

import pytest

from schemas.candidate import known
from schemas.checks.study_notices import needs, study_notices
from schemas.study import Study
from schemas.study_column import StudyColumn
from schemas.yaml_lines import Source

BRAIN = {"column": "brain", "label": "Brain", "list": "event", "where": "organ_code = 'brain'", "take": "first", "value": "event"}
SURVIVAL = {
    "endpoint": "survival", "label": "Survival", "origin": "diagnosis", "end": ("death", "contact"), "event": "true",
    "estimators": ("kaplan_meier",),
}  # fmt: skip


def told(when: str, *steps: str, as_of: datetime.date | None = None, **parts: Any) -> list[str]:
    kept = [{"step": f"step_{number}", "label": f"Step {number}", "keep": keep} for number, keep in enumerate(("true", *steps))]
    arm = {"arm": "one", "label": "One", "when": when, "decided": parts.pop("decided", None)}
    whole = {"steps": tuple(kept), "arms": (arm, {"arm": "rest", "label": "Rest", "residual": True}), **parts}
    study = Study.model_validate({"study": "small", "title": "Small", "columns": (BRAIN,), **whole})
    return [f"{one.message} ({one.hint})" for one in study_notices(Source("small.yml"), study, as_of)]


@pytest.mark.parametrize(
    ("condition", "known_of_all"),
    [
        ("stage_code = 'I' and er_code <> 'positive'", {"stage_code", "er_code"}),
        ("stage_code = 'I' or stage_code in ('II', 'III') and age_years < 40", {"stage_code"}),
        ("not (stage_code = 'I' or age_years < 40)", {"stage_code", "age_years"}),
        ("not (stage_code = 'I' and age_years < 40)", set()),
        ("stage_code is not null", {"stage_code"}),
        ("not (stage_code is not null)", set()),
        ("stage_code is null or stage_code = 'I'", set()),
        ("coalesce(stage_code, 'I') = 'I' and not is_neoadjuvant", {"is_neoadjuvant"}),
        ("days_between(operation, brain) <= 30", {"operation", "brain"}),
        ("not before(date '2016-12-31', brain)", {"brain"}),
        ("true", set()),
    ],
)
def test_knows_what_cannot_be_empty_where_a_condition_holds(condition: str, known_of_all: set[str]) -> None:
    assert needs(known((StudyColumn.model_validate(BRAIN),)).parsed(condition)) == known_of_all


def test_names_no_value_that_a_step_asks_and_says_of_a_date_what_can_be_written() -> None:
    (notice,) = told("age_years < 40 and before(diagnosis, date '2010-01-01')", "age_years < 60")
    assert "'diagnosis' was not delivered" in notice and "diagnosis is not null and ..." in notice
    assert told("age_years < 40", "age_years < 60", assume_met=("step_1",)) != []  # taken as met where nobody knows


def test_names_an_arm_of_which_a_date_that_is_not_known_counts_as_no_record() -> None:
    (notice,) = told("brain is not null")
    assert "'when' asks whether the date 'brain' is known" in notice and "take: any" in notice
    assert told("diagnosis is not null") == []


def test_names_an_arm_that_is_decided_on_the_day_that_ends_a_time() -> None:
    free = SURVIVAL | {"endpoint": "free", "end": ("recurrence", "death"), "censored": ("contact",)}
    found = told("has_recurrence", decided="recurrence", analyses=("as_published", "delayed_entry"), endpoints=(SURVIVAL, free))
    assert [("'free'" in notice, "nobody is at risk" in notice) for notice in found] == [(True, True)]


@pytest.mark.parametrize(("day", "is_told"), [(31, False), (30, True)])
def test_names_a_cut_off_that_no_export_can_have_reached(day: int, is_told: bool) -> None:
    found = told("has_metastasectomy", as_of=datetime.date(2016, 12, day), data_cut_off=datetime.date(2016, 12, 31))
    assert any("it cuts nothing" in notice for notice in found) is is_told


ROWS = {"arm": "one", "order_by": "age_years", "columns": ({"column": "age", "label": "Age", "text": "age_years"},)}


@pytest.mark.parametrize(("published", "min_cell", "is_told"), [(True, 5, True), (True, 2, True), (True, 1, False), (False, 5, False)])
def test_names_rows_of_women_that_are_published_beside_hidden_counts(published: bool, min_cell: int, is_told: bool) -> None:
    found = told("has_recurrence", table_2=ROWS | {"published": published}, min_cell=min_cell, min_cell_reason="it is a test")
    assert ["'published: true' shows one row per person of the arm 'one'" in notice for notice in found] == [True] * is_told


UNMET = "nobody can meet 'keep': no value of"
ABOVE = "nobody who meets what stands above can meet"


@pytest.mark.parametrize(
    ("when", "step", "says"),
    [
        ("has_metastasectomy", "age_years > 200", f"{UNMET} age_years fits ()"),
        (
            "has_metastasectomy", "days_between(diagnosis, birth) > 0",
            f"{UNMET} birth and diagnosis fits (only an over-ride of an error edit could let somebody through)",
        ),
        ("has_metastasectomy", "before(birth, death) and before(death, birth)", f"{UNMET} birth and death fits ()"),
        ("has_metastasectomy", "before(diagnosis, date '0001-01-01')", f"{UNMET} diagnosis fits ()"),
        ("sex_code = 'male' and has_recurrence", "sex_code = 'female'", f"{ABOVE} 'when': no value of sex_code fits ()"),
        ("has_metastasectomy", "age_years between 18 and 120", None),
        ("has_metastasectomy", "days_between(diagnosis, operation) < 0", None),  # an operation may give the diagnosis
        ("has_metastasectomy", "days_between(diagnosis, brain) < 0", None),  # nobody knows what a date of the study's own is
        ("has_metastasectomy", "false", None),
    ],
)  # fmt: skip
def test_names_a_condition_that_nobody_can_meet(when: str, step: str, says: str | None) -> None:
    assert [one for one in told(when, step) if "can meet" in one] == ([] if says is None else [says])


def test_holds_a_group_against_its_arm_and_takes_no_step_for_met_that_is_assumed() -> None:
    group = {"arm": "one", "subgroup": "men", "label": "Men", "when": "sex_code = 'male'"}
    found = told("sex_code = 'female'", subgroups=(group,))
    assert [one for one in found if "can meet" in one] == [f"{ABOVE} 'when': no value of sex_code fits ()"]
    assert told("sex_code = 'male'", "sex_code = 'female'", assume_met=("step_1",)) == told("sex_code = 'male'")


def test_names_a_cut_off_before_all_dates() -> None:
    assert told("has_metastasectomy is null", data_cut_off=datetime.date(201, 12, 31))[-1].startswith(
        "'data_cut_off' 0201-12-31 lies before"
    )
