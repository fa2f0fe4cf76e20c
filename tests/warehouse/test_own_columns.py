"""Columns that a study makes of the records of its women: what is taken, of which records, and what stays open."""

from __future__ import annotations

import random
from collections.abc import Iterator
from itertools import product
from pathlib import Path
from typing import Any

import pytest
from small_registry import SURVIVAL, Woman, registry, rows, study

from schemas.study_column import StudyColumn
from warehouse import mart
from warehouse.candidates import store
from warehouse.number_sources import mart_columns, number_sources

SHOWN = ({"variable": "it", "label": "It", "level": "it"},)
BRAIN = "event_type_code = 'distant_recurrence' and organ_code = 'brain'"


def recurrence(number: int, organ: str | None, day: object = None, **more: object) -> dict[str, object]:
    return {"event_type_code": "distant_recurrence", "event_no": number, "organ_code": organ, "event": day, **more}


def given(course: str, **more: object) -> dict[str, object]:
    return {"course_code": course, **more}


def column(**parts: Any) -> StudyColumn:
    return StudyColumn.model_validate({"column": "it", "label": "It", "list": "event"} | parts)


def taken(folder: Path, women: list[Woman], *columns: StudyColumn) -> list[Any]:
    """The last of these columns for each tumour in order; the days of a date as (earliest, latest) of the axis that has them."""
    con = registry(folder, *women)
    store(con, study(columns=tuple(one.model_dump() for one in columns)))
    found = con.sql("select * from mart_candidate order by subject_label::int, tumour_no").to_arrow_table().to_pylist()
    name = columns[-1].column
    return [row[name] if name in row else _days(row, name) for row in found]


def _days(row: dict[str, Any], name: str) -> tuple[object, object] | None:
    for part in ("date", "offset_days"):
        ends = row[f"{name}_earliest_{part}"], row[f"{name}_latest_{part}"]
        if ends != (None, None):
            return (str(ends[0]), str(ends[1])) if part == "date" else ends
    return None


@pytest.mark.parametrize(
    ("organs", "any_", "count"),
    [
        ([], False, 0),
        (["lung"], False, 0),
        (["brain"], True, 1),
        (["lung", "brain", "brain"], True, 2),
        ([None], None, None),
        (["lung", None], None, None),
        (["brain", None], True, None),
    ],
)
def test_says_whether_and_how_many_and_what_is_open_where_an_organ_is_not_known(
    tmp_path: Path, organs: list[str | None], any_: bool | None, count: int | None
) -> None:
    woman = {"events": [recurrence(number, organ) for number, organ in enumerate(organs, start=1)]}
    assert taken(tmp_path, [woman], column(where=BRAIN)) == [any_]
    assert taken(tmp_path, [woman], column(where=BRAIN, take="count")) == [count]


@pytest.mark.parametrize(
    ("take", "lesions", "says"),
    [
        ("sum", [2, 3], 5),
        ("min", [2, 3], 2),
        ("max", [2, 3], 3),
        ("sum", [2, None], None),
        ("sum", [], None),
        ("only", [2, 2], 2),
        ("only", [2, 3], None),
        ("only", [2, None], None),
    ],
)
def test_takes_a_number_of_the_records_where_each_has_one(tmp_path: Path, take: str, lesions: list[int | None], says: int | None) -> None:
    woman = {"events": [recurrence(number, "brain", lesion_count=count) for number, count in enumerate(lesions, start=1)]}
    assert taken(tmp_path, [woman], column(where=BRAIN, take=take, value="lesion_count")) == [says]


@pytest.mark.parametrize(
    ("days", "first", "last"),
    [
        (["2010-01-05"], ("2010-01-05", "2010-01-05"), ("2010-01-05", "2010-01-05")),
        (["2010-03-01", "2010-01-05"], ("2010-01-05", "2010-01-05"), ("2010-03-01", "2010-03-01")),
        ([("2010-01-01", "2010-12-31"), "2010-03-01"], ("2010-01-01", "2010-03-01"), ("2010-03-01", "2010-12-31")),
        ([None, "2010-03-01"], None, None),
        ([(3, 9), 5], (3, 5), (5, 9)),
        ([5, "2010-03-01"], None, None),
    ],
)
def test_takes_the_days_on_which_the_first_and_the_last_of_them_may_lie(
    tmp_path: Path, days: list[object], first: object, last: object
) -> None:
    woman = {"events": [recurrence(number, "brain", day) for number, day in enumerate(days, start=1)]}
    assert taken(tmp_path, [woman], column(where=BRAIN, take="first", value="event")) == [first]
    assert taken(tmp_path, [woman], column(where=BRAIN, take="last", value="event")) == [last]


def test_takes_days_between_dates_where_they_leave_one_number(tmp_path: Path) -> None:
    days = column(list="event", take="max", value="days_between(treatment_start, event) / 2 + 1")
    month = ("2011-02-01", "2011-02-28")
    women: list[Woman] = [
        {"treatment_start": "2011-01-01", "events": [recurrence(1, None, "2011-01-11"), recurrence(2, None, "2011-01-02")]},
        {"treatment_start": "2011-01-01", "events": [recurrence(1, None, month), recurrence(2, None, "2011-01-02")]},
        {"treatment_start": 0, "events": [recurrence(1, None, 30)]},
        {"treatment_start": 0, "events": [recurrence(1, None, "2011-01-02")]},
    ]
    assert taken(tmp_path, women, days) == [6.0, None, 16.0, None]


def test_tells_what_both_have_apart(tmp_path: Path) -> None:
    other = column(
        list="other_tumour",
        where="laterality_code <> index_laterality_code and days_between(index_diagnosis, diagnosis) > 90",
    )
    women: list[Woman] = [
        {"person": "x", "laterality_code": "left", "diagnosis": "2001-01-01"},
        {"person": "x", "tumour_no": 2, "laterality_code": "right", "diagnosis": "2001-04-02"},
        {"person": "y", "laterality_code": "left", "diagnosis": "2001-01-01"},
        {"person": "y", "tumour_no": 2, "laterality_code": "left", "diagnosis": "2005-01-01"},
    ]
    assert taken(tmp_path, women, other) == [True, False, False, False]
    traced = mart_columns(number_sources([study(columns=(other.model_dump(),), table_1=SHOWN)]), "small", "table_1", "it")
    assert traced == ["diagnosis", "laterality_code", "tumour.diagnosis", "tumour.laterality_code", "own.it"]


def test_has_the_drugs_of_a_regimen_and_none_that_was_not_given(tmp_path: Path) -> None:
    women: list[Woman] = [
        {"treatments": [given("a", regimen_code="AC")]},
        {"treatments": [given("a", drug_code="doxorubicin", is_given=False)]},
        {"treatments": [given("a", drug_code="docetaxel")]},
        {"treatments": [given("a")]},
        {"treatments": [given("a", modality_code="radiation")]},
        {},
    ]
    assert taken(tmp_path, women, column(list="drug", where="drug_class = 'anthracycline'")) == [True, False, False, None, False, False]


def test_reads_what_is_known_of_the_tumour_and_the_columns_above_it(tmp_path: Path) -> None:
    brain = column(column="brain", where=BRAIN, take="first", value="event")
    after = column(list="treatment", where="is_given and not before(treatment, brain) and has_distant_recurrence")
    day = "2010-06-01"
    women: list[Woman] = [
        {"events": [recurrence(1, "brain", day)], "treatments": [given("a", treatment="2010-06-02"), given("b", treatment="2009-01-01")]},
        {"events": [recurrence(1, "brain", day)], "treatments": [given("a", treatment="2010-05-31")]},
        {"events": [recurrence(1, "brain", day)], "treatments": [given("a", treatment=("2010-05-31", "2010-06-02"))]},
        {"events": [recurrence(1, "lung", day)], "treatments": [given("a", treatment="2010-06-02")]},
    ]
    assert taken(tmp_path, women, brain, after) == [True, False, None, None]


def test_takes_the_value_of_the_last_contact_and_of_the_other_tumours(tmp_path: Path) -> None:
    contacts = [
        {"follow_up_no": 1, "contact": "2010-01-01", "performance_status_code": "0"},
        {"follow_up_no": 2, "contact": "2011-01-01", "performance_status_code": "2"},
        {"follow_up_no": 3, "contact": ("2010-06-01", "2011-06-01"), "performance_status_code": "1"},
    ]
    women: list[Woman] = [{"contacts": contacts[:2]}, {"contacts": contacts}]
    assert taken(tmp_path, women, column(list="follow_up", take="last", value="performance_status_code")) == ["2", None]
    both: list[Woman] = [{"person": "x", "laterality_code": "left"}, {"person": "x", "tumour_no": 2, "laterality_code": "right"}, {}]
    other = column(list="other_tumour", take="only", value="laterality_code")
    assert sorted(map(str, taken(tmp_path, both, other))) == ["None", "left", "right"]


def _completions(events: list[dict[str, Any]]) -> Iterator[list[tuple[int, object]]]:
    """Each way in which it may have been: the (day, lesions) of the events that meet the condition."""
    choices = []
    for place, event in enumerate(events):
        days = range(event["event"][0], event["event"][1] + 1)
        lesions = event["lesion_count"] if event["lesion_count"] is not None else f"open {place}"
        met = [(day, lesions) for day in days]
        choices.append([None] if event["organ_code"] == "lung" else met if event["organ_code"] == "brain" else [None, *met])
    for choice in product(*choices):
        yield [one for one in choice if one is not None]


def _expected(events: list[dict[str, Any]], take: str) -> tuple[object, object]:
    """The days of the first or last in all completions, and its lesions where all agree; nothing where none certainly meets it."""
    ways = list(_completions(events))
    if not all(ways):
        return None, None
    edge = min if take == "first" else max
    days = [edge(day for day, _ in way) for way in ways]
    lesions = {count for way, day in zip(ways, days, strict=True) for met, count in way if met == day}
    known = lesions if all(isinstance(count, int) for count in lesions) else set()
    return (min(days), max(days)), known.pop() if len(known) == 1 else None


@pytest.mark.parametrize("take", ["first", "last"])
def test_gives_what_every_completion_of_the_dates_would_give(tmp_path: Path, take: str) -> None:
    draw = random.Random(20250726)
    women: list[Woman] = []
    for _ in range(200):
        events = []
        for number in range(1, draw.randint(1, 3) + 1):
            earliest = draw.randint(0, 4)
            day = (earliest, earliest + draw.choice((0, 0, 1, 2)))
            events.append(recurrence(number, draw.choice(("brain", "brain", "lung", None)), day, lesion_count=draw.choice((1, 1, 2, None))))
        women.append({"events": events})
    expected = [_expected(list(woman["events"]), take) for woman in women]
    assert taken(tmp_path, women, column(where=BRAIN, take=take, value="event")) == [days for days, _ in expected]
    assert taken(tmp_path, women, column(where=BRAIN, take=take, value="lesion_count")) == [lesions for _, lesions in expected]


def test_serves_steps_arms_tables_and_times_of_a_study(tmp_path: Path) -> None:
    made = study(
        columns=(
            column(column="has_brain", where=BRAIN).model_dump(),
            column(column="brain", where=BRAIN, take="first", value="event").model_dump(),
            column(column="sites", where="event_type_code = 'distant_recurrence'", take="count").model_dump(),
        ),
        steps=({"step": "spread", "label": "Spread", "keep": "sites > 0"},),
        arms=({"arm": "brain", "label": "Brain", "when": "has_brain"}, {"arm": "rest", "label": "The rest", "residual": True}),
        table_1=({"variable": "sites", "label": "Sites", "value": "sites", "statistics": ("median",)},),
        endpoints=(SURVIVAL | {"origin": "brain", "among": "has_brain"},),
    )
    dead = [{"contact": "2012-01-01", "death": "2012-01-01", "vital_status_code": "dead"}]
    women: list[Woman] = [
        {"events": [recurrence(1, "brain", "2011-12-22"), recurrence(2, "lung", "2011-01-01")], "contacts": dead},
        {"events": [recurrence(1, "lung", "2011-12-22")], "contacts": dead},
        {"contacts": dead},
    ]
    con = registry(tmp_path, *women)
    mart.build_mart(con, [made])
    found = rows(con, "select subject_label, excluded_step, arm from mart_subject order by subject_label")
    assert found == [("1", None, "brain"), ("2", None, "rest"), ("3", "spread", None)]
    assert rows(con, "select value from mart_subject_variable order by arm") == [(2.0,), (1.0,)]
    assert rows(con, "select arm, point_days, is_event from mart_time_to_event") == [("brain", 10, True)]
