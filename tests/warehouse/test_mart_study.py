"""What a study makes of the candidates: who stays, in which arm, with which values and times."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import duckdb
import pytest
from small_registry import SURVIVAL, Woman, registry, rows, study

from schemas.study import Study
from warehouse import mart
from warehouse.narrowed import narrowed

OPERATED = {"events": [{"event_type_code": "metastasectomy", "event": 500}]}
WINDOW = {"step": "in_window", "label": "In the window", "keep": "not before(distant_recurrence, date '2005-01-01')"}


def recurred(day: object) -> Woman:
    return {"events": [{"event_type_code": "distant_recurrence", "event": day}]}


def subjects(tmp_path: Path, made: Study, *women: Woman) -> list[tuple[Any, ...]]:
    con = registry(tmp_path, *women)
    mart.build_mart(con, [made])
    return rows(con, "select subject_label, excluded_step, is_undetermined, arm, subgroup from mart_subject order by subject_label")


def test_keeps_whom_the_step_keeps_for_certain(tmp_path: Path) -> None:
    found = subjects(tmp_path, study(steps=(WINDOW,)), recurred("2005-01-01"), recurred("2004-12-31"))
    assert found == [("1", None, False, "rest", None), ("2", "in_window", False, None, None)]


def test_marks_who_cannot_be_judged(tmp_path: Path) -> None:
    found = subjects(tmp_path, study(steps=(WINDOW,)), recurred(("2004-12-01", "2005-01-31")), recurred(700))
    assert found == [("1", "in_window", True, None, None), ("2", "in_window", True, None, None)]


def test_keeps_who_may_meet_a_step_that_is_assumed_met(tmp_path: Path) -> None:
    assumed = study(steps=(WINDOW,), assume_met=("in_window",))
    found = subjects(tmp_path, assumed, recurred(("2004-12-01", "2005-01-31")), recurred("2004-12-31"))
    assert [row[1] for row in found] == [None, "in_window"]


def test_lets_a_woman_leave_at_the_first_step_she_fails(tmp_path: Path) -> None:
    steps = (
        {"step": "staged", "label": "Staged", "keep": "stage_code is not null"},
        {"step": "first", "label": "I", "keep": "stage_code = 'I'"},
    )
    found = subjects(tmp_path, study(steps=steps), {"stage_code": "I"}, {"stage_code": "IIB"}, {})
    assert [row[1] for row in found] == [None, "first", "staged"]


def test_gives_the_first_arm_whose_condition_holds_and_the_rest_to_the_residual(tmp_path: Path) -> None:
    arms = ({"arm": "any", "label": "Any", "when": "has_recurrence"}, *study().model_dump()["arms"])
    both = {"events": [*OPERATED["events"], {"event_type_code": "distant_recurrence"}]}
    assert [row[3] for row in subjects(tmp_path, study(arms=arms), OPERATED, both, {})] == ["operated", "any", "rest"]


def test_never_puts_a_woman_of_unknown_arm_into_the_residual_arm(tmp_path: Path) -> None:
    arms = ({"arm": "hormonal", "label": "Hormonal", "when": "has_primary_hormonal"}, {"arm": "none", "label": "None", "residual": True})
    hormonal = {"modality_code": "hormonal", "setting_code": "adjuvant"}
    found = subjects(tmp_path, study(arms=arms), {"treatments": [hormonal]}, {"treatments": [{**hormonal, "is_given": False}]}, {})
    assert [(row[1], row[2], row[3]) for row in found] == [(None, False, "hormonal"), (None, False, "none"), ("arm", True, None)]


def test_gives_the_first_group_within_the_arm(tmp_path: Path) -> None:
    groups = (
        {"arm": "rest", "subgroup": "early", "label": "Early", "when": "stage_code = 'I'"},
        {"arm": "operated", "subgroup": "staged", "label": "Staged", "when": "stage_code is not null"},
    )
    found = subjects(tmp_path, study(subgroups=groups), {"stage_code": "I"}, {"stage_code": "I", **OPERATED}, {})
    assert [row[4] for row in found] == ["early", "staged", None]


def test_takes_the_tumour_that_the_study_means(tmp_path: Path) -> None:
    meant = {"first": 1, "first_with_distant_recurrence": 2}
    con = registry(tmp_path, {"person": "a"}, {"person": "a", "tumour_no": 2, **recurred(100)})
    mart.build_mart(con, [study(study=choice, tumour=choice) for choice in meant])
    assert dict(rows(con, "select study, tumour_no from mart_subject join dim_tumour using (tumour_key)")) == meant


RADIATION = {"modality_code": "radiation", "setting_code": "adjuvant", "fields": 3}
UNKNOWN = {"markers": [{"marker_code": "er", "result_code": "unknown"}]}
# A variable of each kind, and below what it is of three women: much is delivered, radiation is said not to be given, nothing is delivered.
VARIABLES: list[dict[str, Any]] = [
    {"variable": "stage", "level": "stage_code"},
    {"variable": "er", "level": "er_code"},
    {"variable": "flag", "level": "has_metastasectomy"},
    {"variable": "number", "value": "nodes_positive", "statistics": ("median",)},
    {"variable": "asked", "level": "radiation_fields", "of": "has_primary_radiation"},
]
MUCH = {"stage_code": "I", "nodes_positive": 3, "treatments": [RADIATION], **OPERATED, **UNKNOWN}
KNOWN = [
    ("stage", [("I", None, "known"), ("", None, "missing"), ("", None, "missing")]),
    ("er", [("", None, "missing")] * 3),  # a result that is unknown is missing
    ("flag", [("yes", None, "known"), ("no", None, "known"), ("no", None, "known")]),
    ("number", [("", 3.0, "known"), ("", None, "missing"), ("", None, "missing")]),
    ("asked", [("3", None, "known"), ("", None, "not_applicable"), ("", None, "missing")]),
]


@pytest.fixture(scope="module")
def variables(tmp_path_factory: pytest.TempPathFactory) -> duckdb.DuckDBPyConnection:
    con = registry(tmp_path_factory.mktemp("variables"), MUCH, {"treatments": [{**RADIATION, "is_given": False}]}, {})
    mart.build_mart(con, [study(table_1=tuple({"label": "V", **one} for one in VARIABLES))])
    return con


@pytest.mark.parametrize(("variable", "found"), KNOWN, ids=[name for name, _ in KNOWN])
def test_has_a_level_a_value_or_neither(variables: duckdb.DuckDBPyConnection, variable: str, found: list[tuple[object, ...]]) -> None:
    mine = f"from mart_subject_variable join mart_subject using (patient_key) where variable = '{variable}' order by subject_label"
    assert rows(variables, f"select level, value, state {mine}") == found


def times(tmp_path: Path, made: Study, *women: Woman) -> list[tuple[Any, ...]]:
    con = registry(tmp_path, *women)
    mart.build_mart(con, [made])
    columns = "earliest_days, point_days, latest_days, is_event"
    return rows(con, f"select {columns} from mart_time_to_event join mart_subject using (patient_key) order by subject_label")


def followed(contact: object, status: str | None, start: object = 0, **more: object) -> Woman:
    return {"treatment_start": start, "contacts": [{"contact": contact, "vital_status_code": status, **more}]}


MONTH = followed(("2010-02-01", "2010-02-28"), "alive", "2010-01-01")
FOLLOWED = {
    "counts days since the start": (followed(400, "alive"), (400, 400, 400, False)),
    "counts days of the calendar": (followed("2011-01-31", "alive", "2010-12-31"), (31, 31, 31, False)),
    "ends at death where it happened": (followed(400, "dead", death=390), (390, 390, 390, True)),
    "ends at the last contact where it is not known": (followed(400, None), (400, 400, 400, None)),
    "has no time for a death on an unknown day": (followed(400, "dead"), (None, None, None, True)),
    "has no point where dates are not certain": (MONTH, (31, None, 58, False)),
    "keeps a negative time away from estimators": (followed(-1, "alive"), (-1, None, -1, False)),
    "takes a time of no day": (followed(0, "alive"), (0, 0, 0, False)),
    "has no time between dates that share no axis": (followed("2011-01-31", "alive"), (None, None, None, False)),
}


@pytest.fixture(scope="module")
def survived(tmp_path_factory: pytest.TempPathFactory) -> dict[str, tuple[Any, ...]]:
    """The time of each of them to her death, or her last contact."""
    found = times(tmp_path_factory.mktemp("survived"), study(endpoints=(SURVIVAL,)), *(woman for woman, _ in FOLLOWED.values()))
    return dict(zip(FOLLOWED, found, strict=True))


@pytest.mark.parametrize("what", FOLLOWED)
def test_of_a_time_to_death_it(survived: dict[str, tuple[Any, ...]], what: str) -> None:
    assert survived[what] == FOLLOWED[what][1]


BOTH_SIDES = {
    ("2010-03-05", ("2010-03-01", "2010-03-31")): (-4, 13, 26, False),  # from 0 to 26: no time is negative
    ("2010-03-29", ("2010-03-01", "2010-03-31")): (-28, 1, 2, False),
    ("2010-03-31", ("2010-03-01", "2010-03-31")): (-30, 0, 0, False),
    ("2010-04-01", ("2010-03-01", "2010-03-31")): (-31, None, -1, False),  # certainly negative
    ("2010-02-28", ("2010-03-01", "2010-03-31")): (1, 16, 31, False),
}


@pytest.mark.parametrize("convention", ["midpoint", "envelope"])
def test_takes_the_middle_of_the_days_from_the_origin_on(tmp_path: Path, convention: str) -> None:
    made = study(endpoints=(SURVIVAL,), date_convention=convention)
    assert times(tmp_path, made, *(followed(contact, "alive", start) for start, contact in BOTH_SIDES)) == [*BOTH_SIDES.values()]


def test_takes_the_last_contact_for_a_death_on_an_unknown_day_where_the_study_declares_so(tmp_path: Path) -> None:
    made = study(endpoints=(SURVIVAL,), death_date="last_contact")
    found = times(tmp_path, made, followed(400, "dead"), followed(400, "dead", death=390), followed(400, "alive"))
    assert found == [(400, 400, 400, True), (390, 390, 390, True), (400, 400, 400, False)]


def test_does_not_end_at_the_last_contact_where_the_event_happened_on_an_unknown_day(tmp_path: Path) -> None:
    recurrence = {**SURVIVAL, "end": ("recurrence", "contact"), "event": "has_recurrence"}
    woman = {**followed(400, "alive"), "events": [{"event_type_code": "local_recurrence"}]}
    assert times(tmp_path, study(endpoints=(recurrence,)), woman) == [(None, None, None, True)]


FREE = {**SURVIVAL, "end": ("recurrence", "death", "contact"), "event": "has_recurrence or vital_status_code = 'dead'"}


@pytest.mark.parametrize("convention", ["refuse", "midpoint"])
def test_does_not_end_at_death_where_a_recurrence_came_on_an_unknown_day(tmp_path: Path, convention: str) -> None:
    made = study(endpoints=(FREE,), date_convention=convention)
    events = [{"event_type_code": "local_recurrence"}]
    undated = {**followed(400, "dead", death=400), "events": events}
    off_axis = {**followed(400, "dead", death=400), "events": [{**events[0], "event": "2010-01-01"}]}
    found = times(tmp_path, made, undated, off_axis, followed(400, "dead", death=400))
    assert found == [(None, None, 400, True), (None, None, 400, True), (400, 400, 400, True)]


def test_does_not_end_at_death_where_she_was_operated_on_on_an_unknown_day(tmp_path: Path) -> None:
    either = {
        **SURVIVAL,
        "end": ("operation", "death"),
        "censored": ("contact",),
        "event": "operation_code is not null or death is not null",
    }
    operated = {"modality_code": "surgery", "setting_code": "primary", "procedure_code": "mastectomy"}
    dead = followed(400, "dead", death=400)
    women = [{**dead, "treatments": [operated]}, {**dead, "treatments": [{**operated, "treatment": 30}]}, dead]
    found = times(tmp_path, study(endpoints=(either,)), *women)
    assert found == [(None, None, 400, True), (30, 30, 30, True), (400, 400, 400, True)]


def test_ends_at_the_first_date_of_the_event(tmp_path: Path) -> None:
    relapsed = {"events": [{"event_type_code": "local_recurrence", "event": 90}]}
    found = times(
        tmp_path, study(endpoints=(FREE,)), {**followed(400, "dead", death=400), **relapsed}, {**followed(99, "dead"), **relapsed}
    )
    assert found == [(90, 90, 90, True), (90, 90, 90, True)]


OF_THE_CANCER = {
    **SURVIVAL,
    "end": ("death",),
    "censored": ("death", "contact"),
    "event": "vital_status_code = 'dead' and cause_of_death_code = 'breast_cancer'",
}


def test_leaves_at_the_last_of_the_dates_of_censoring(tmp_path: Path) -> None:
    women = [
        followed(400, "dead", death=500, cause_of_death_code="breast_cancer"),
        followed(400, "dead", death=500, cause_of_death_code="infection"),
        followed(400, "dead", death=(390, 410), cause_of_death_code="infection"),
        followed(None, "dead", death=500, cause_of_death_code="infection"),
        followed(400, "alive"),
        followed(400, "dead", death=500),
    ]
    found = times(tmp_path, study(endpoints=(OF_THE_CANCER,)), *women)
    assert found == [
        (500, 500, 500, True),
        (500, 500, 500, False),
        (400, None, 410, False),
        (500, 500, 500, False),
        (400, 400, 400, False),
        (500, 500, 500, None),
    ]


def test_takes_the_cause_of_the_death_that_wins(tmp_path: Path) -> None:
    said = [
        {"follow_up_no": 1, "contact": 9, "vital_status_code": "dead", "cause_of_death_code": "infection"},
        {"follow_up_no": 2, "contact": 9, "death": 9, "vital_status_code": "dead", "cause_of_death_code": "breast_cancer"},
        {"follow_up_no": 3, "contact": 9, "death": 9, "vital_status_code": "dead"},
    ]
    con = registry(tmp_path, {"contacts": said}, {"contacts": said[:1]}, {"contacts": said[2:]}, {"contacts": []})
    found = rows(con, "select cause_of_death_code from mart_candidate order by subject_label")
    assert found == [("breast_cancer",), ("infection",), (None,), (None,)]


def test_counts_from_the_definitive_operation(tmp_path: Path) -> None:
    operations = [
        {"course_code": code, "modality_code": "surgery", "setting_code": "primary", "procedure_code": "mastectomy", "treatment": day}
        for code, day in (("first", "2010-03-01"), ("second", "2010-04-01"))
    ]
    after = {**operations[0], "course_code": "late", "setting_code": "after_recurrence", "treatment": "2012-01-01"}
    made = study(endpoints=({**SURVIVAL, "origin": "operation"},))
    found = times(tmp_path, made, {**followed("2010-05-01", "alive"), "treatments": [*operations, after]}, followed("2010-05-01", "alive"))
    assert found == [(30, 30, 30, False), (None, None, None, False)]


def test_takes_the_middle_under_midpoint(tmp_path: Path) -> None:
    made = study(endpoints=(SURVIVAL,), date_convention="midpoint")
    assert times(tmp_path, made, MONTH) == [(31, 45, 58, False)]  # 44.5, half up


def test_leaves_out_whom_the_endpoint_is_not_about(tmp_path: Path) -> None:
    made = study(endpoints=({**SURVIVAL, "among": "has_metastasectomy"},))
    assert len(times(tmp_path, made, {**OPERATED, **followed(9, "alive")}, followed(9, "alive"))) == 1


def test_narrows_the_star_to_the_analysed_women_and_gives_it_back(tmp_path: Path) -> None:
    con = registry(tmp_path, recurred("2005-01-01"), recurred("2004-12-31"))
    made = study(steps=(WINDOW,))
    mart.build_mart(con, [made])
    count = "select (select count(*) from dim_patient), (select count(*) from fact_event), (select count(*) from mart_candidate)"
    assert rows(con, count) == [(2, 2, 2)]
    with narrowed(con, made):
        assert rows(con, count) == [(1, 1, 1)]
    assert rows(con, count) == [(2, 2, 2)]
