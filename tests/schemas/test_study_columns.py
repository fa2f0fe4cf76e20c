"""What `oncomart check` says of the columns that a study makes itself: every mistake with its line."""

from __future__ import annotations

from pathlib import Path

import pytest
from small_project import STUDY, mistakes, written

from etl.check import check_project
from schemas.candidate import known
from schemas.project import load_project

FILE = "studies/outcome.yml"
ALL = "event_type_code = 'distant_recurrence'"


def with_columns(*columns: str) -> str:
    lines = "".join(f"  - {{label: It, {column}}}\n" for column in columns)
    assert STUDY.count("steps:\n") == 1
    return STUDY.replace("steps:\n", f"columns:\n{lines}steps:\n")


@pytest.mark.parametrize(
    ("column", "says"),
    [
        ("column: stage_code, list: event", "there is a column 'stage_code' already"),
        ("column: diagnosis, list: event", "there is a column 'diagnosis' already"),
        ("column: diagnosis_anchor, list: event", "there is a column 'diagnosis_anchor' already"),
        ("column: index_diagnosis, list: event", "there is a column 'index_diagnosis' already"),
        ("column: subgroup, list: event", "there is a column 'subgroup' already"),
        ("column: survival_days, list: event", "there is a column 'survival_days' already"),
        ("column: it, list: evnt", "'list' knows no word 'evnt' (did you mean event?)"),
        ('column: it, list: event, where: "event_type = 1"', "there is no column event_type here"),
        ("column: it, list: event, where: \"event_type_code = 'distant'\"", "'distant' is no code of 'event_type'"),
        ("column: it, list: event, where: lesion_count", "is no condition"),
        ('column: it, list: event, where: "before(it, event)"', "before takes clinical dates"),
        ('column: it, list: event, where: "(select 1) = 1"', "select is not allowed"),
        ("column: it, list: event, take: sum", "'take: sum' needs 'value'"),
        ("column: it, list: event, value: lesion_count", "'take: any' takes no 'value'"),
        ("column: it, list: event, take: sum, value: site_code", "'value': is no number"),
        ("column: it, list: event, take: max, value: event", "'take: max' takes no date (take: first or last)"),
        ("column: it, list: event, take: first, value: diagnosis", "the date 'diagnosis' is not one of the records"),
        ("column: it, list: event, take: first, value: evnt", "there is no column evnt here"),
        ("column: it, list: drug, where: \"drug_class = 'anthracyclin'\"", "'anthracyclin' (did you mean anthracycline?)"),
        ("column: it, list: drug, where: \"drug_code = 'doxorubicine'\"", "'doxorubicine' is no code of 'drug'"),
        ("column: it, list: other_tumour, where: \"laterality_code = 'both'\"", "'both' is no code of 'laterality'"),
    ],
)  # fmt: skip
def test_names_the_mistake_and_its_line(tmp_path: Path, column: str, says: str) -> None:
    text = with_columns(column)
    found = mistakes(written(tmp_path, {FILE: text}))
    assert [says in str(mistake) and column in text.splitlines()[(mistake.line or 1) - 1] for mistake in found] == [True], found


def test_refuses_two_of_one_name_and_what_is_made_further_down(tmp_path: Path) -> None:
    text = with_columns("column: one, list: event, where: two", "column: two, list: event", "column: two, list: drug")
    found = [str(mistake) for mistake in mistakes(written(tmp_path, {FILE: text}))]
    assert ["no column two here" in said or "'two' already" in said for said in found] == [True, True], found


def test_takes_a_condition_over_the_column_and_knows_its_codes(tmp_path: Path) -> None:
    text = with_columns(f'column: it, list: event, where: "{ALL}", take: only, value: organ_code')
    spoilt = text.replace("when: has_recurrence", "when: \"it = 'brian'\"")
    assert spoilt != text
    assert ["'brian' is no code of 'organ'" in str(mistake) for mistake in mistakes(written(tmp_path, {FILE: spoilt}))] == [True]
    assert "No mistakes" in check_project(written(tmp_path, {FILE: spoilt.replace("brian", "brain")}))


@pytest.mark.parametrize(
    ("column", "type_"),
    [
        ("column: it, list: event", "bool"),
        ("column: it, list: event, take: count", "int"),
        ("column: it, list: event, take: sum, value: lesion_count", "int"),
        ("column: it, list: treatment, take: max, value: dose_gy", "float"),
        ("column: it, list: treatment, take: max, value: dose_gy / 2", "float"),
        ("column: it, list: event, take: first, value: event", "interval"),
        ("column: it, list: event, take: only, value: lower(site_code)", "text"),
    ],
)
def test_has_the_type_of_what_is_taken(tmp_path: Path, column: str, type_: str) -> None:
    project = load_project(written(tmp_path, {FILE: with_columns(column)}))
    made = known(project.studies[0].columns).item("it")
    assert made is not None and made.type == type_


@pytest.mark.parametrize(("where", "is_told"), [(ALL, True), (f"{ALL} and not before(date '2016-12-31', event)", False)])
def test_names_a_column_that_knows_what_came_after_the_data_cut_off(tmp_path: Path, where: str, is_told: bool) -> None:
    text = with_columns(f'column: it, list: event, where: "{where}"').replace("when: has_recurrence", "when: it")
    told = check_project(written(tmp_path, {FILE: f"data_cut_off: 2016-12-31\n{text}"}))
    hint = "in the 'where' of 'it': ... and not before(date '2016-12-31', event)"
    assert (hint in told.replace("\n", " ")) is is_told


def test_tells_of_a_study_that_the_registry_does_not_name(tmp_path: Path) -> None:
    folder = written(tmp_path, {"studies/second.yml": STUDY.replace("study: outcome", "study: second")})
    told = check_project(folder).replace("\n", " ")
    assert "studies/second.yml:1: this study is not published: registry.yml does not name it (studies: [outcome, second])" in told
