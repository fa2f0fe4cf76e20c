"""What `oncomart check` says of competing events and of a data cut-off: every mistake with its line, and what is not cut."""

from __future__ import annotations

from pathlib import Path

import pytest
from small_project import STUDY, mistakes, written

from etl.check import check_project
from schemas import items
from schemas.cut_off import known_by

FILE = "studies/outcome.yml"
ESTIMATORS = "    estimators: [kaplan_meier]\n"
COMPETING = """\
    estimators: [aalen_johansen]
    competing:
      - {competing: other, label: Other, event: "cause_of_death_code = 'other'", end: [death]}
"""
COMPARED = "comparisons:\n  - {endpoint: survival, arms: [relapsed, others]}\n"
BASE = STUDY.replace(ESTIMATORS, COMPETING).replace(COMPARED, "")


def told(folder: Path, text: str) -> list[tuple[str, str]]:
    """The line of the study and what is said of it, for each mistake."""
    lines = text.splitlines()
    return [(lines[mistake.line - 1] if mistake.line else "", str(mistake)) for mistake in mistakes(written(folder, {FILE: text}))]


def test_takes_an_endpoint_with_competing_events(tmp_path: Path) -> None:
    assert "No mistakes" in check_project(written(tmp_path, {FILE: BASE}))


def test_takes_competing_events_in_every_analysis(tmp_path: Path) -> None:
    late = BASE.replace("    competing:\n", "    entry: recurrence\n    landmark_days: 180\n    competing:\n")
    late = late.replace("when: has_recurrence}", "when: has_recurrence, decided: recurrence}")
    late = late.replace("subgroups:\n", "analyses: [as_published, delayed_entry, landmark]\nsubgroups:\n")
    assert "decided: recurrence" in late and "analyses:" in late
    assert "No mistakes" in check_project(written(tmp_path, {FILE: late}))


def test_names_the_estimator_that_a_late_entry_needs(tmp_path: Path) -> None:
    late = BASE.replace("[aalen_johansen]", "[median_observed_time]\n    entry: recurrence")
    found = told(tmp_path, late)
    assert any("'entry' belongs to the curve of 'aalen_johansen', and 'estimators' does not name it" in said for _, said in found), found


@pytest.mark.parametrize(
    ("old", "new", "line", "says"),
    [
        ("end: [death]}", "end: [deth]}", "competing: other", "there is no date 'deth' (did you mean death?)"),
        ("end: [death]}", "end: [death, death]}", "competing: other", "'end' names 'death' twice"),
        ("end: [death]}", "end: [birth]}", "competing: other", "'birth' never comes after 'diagnosis'"),
        ("end: [death]}", "end: [diagnosis]}", "competing: other", "the time would end on the day it begins"),
        ("end: [death]}", "end: []}", "competing: other", "'end'"),
        ("{competing: other,", "{competing: event,", "competing: event", "'event' is a cause that every endpoint has"),
        ("{competing: other,", "{competing: undetermined,", "competing: undetermined", "'undetermined' is a cause that every endpoint has"),
        ("cause_of_death_code = 'other'", "vital_status_code='dead'", "competing: other", "'other' is the event of the endpoint"),
        ("cause_of_death_code = 'other'", "cause_of_death_code = 'othr'", "competing: other", "'othr' is no code of 'cause_of_death'"),
        ("cause_of_death_code = 'other'", "has_relapse", "competing: other", "has_relapse"),
        ("[aalen_johansen]", "[kaplan_meier, aalen_johansen]", "endpoint: survival", "would count those who had a competing event"),
        ("[aalen_johansen]", "[median_observed_time]", "competing:", "'competing' is estimated by 'aalen_johansen' only"),
        ("subgroups:\n", f"{COMPARED}subgroups:\n", "{endpoint: survival,", "a log-rank test would take them for censored"),
    ],
)
def test_names_the_mistake_and_its_line(tmp_path: Path, old: str, new: str, line: str, says: str) -> None:
    assert BASE.count(old) == 1
    found = told(tmp_path, BASE.replace(old, new))
    assert any(line in where and says in said for where, said in found), found


def test_refuses_two_competing_events_of_one_name_or_condition(tmp_path: Path) -> None:
    again = "      - {competing: other, label: Again, event: \"cause_of_death_code  =  'other'\", end: [death]}\n"
    found = [said for _, said in told(tmp_path, BASE.replace(COMPETING, COMPETING + again))]
    assert any("'competing' names 'other' twice" in said for said in found)
    assert any("'other' is 'other' again" in said for said in found)


def test_refuses_a_cause_that_reads_like_another_endpoint(tmp_path: Path) -> None:
    other = STUDY[STUDY.index("  - endpoint: survival") : STUDY.index("comparisons:")].replace(
        "endpoint: survival", "endpoint: survival_other"
    )
    found = told(tmp_path, BASE + other)
    assert [said for where, said in found if "endpoint: survival" in where and "like the endpoint 'survival_other'" in said]


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("endpoint: survival", "endpoint: survival_month", "the days of 'survival_month' would read like the ticks of 'survival'"),
        ("competing: other", "competing: event_month", "the days of 'event_month' would read like the ticks of 'event'"),
    ],
)
def test_refuses_a_name_that_reads_like_the_ticks_of_another(tmp_path: Path, old: str, new: str, says: str) -> None:
    other = STUDY[STUDY.index("  - endpoint: survival") : STUDY.index("comparisons:")]
    text = BASE + other.replace(old, new) if old in other else BASE.replace(old, new)
    assert any(says in said for _, said in told(tmp_path, text))


def test_needs_competing_events_for_their_estimator(tmp_path: Path) -> None:
    found = told(tmp_path, STUDY.replace("[kaplan_meier]", "[kaplan_meier, aalen_johansen]"))
    assert any("'aalen_johansen' needs 'competing'" in said for _, said in found)


@pytest.mark.parametrize(("day", "is_good"), [("2016-12-31", True), ("2016-13-31", False), ("31.12.2016", False), ("2016", False)])
def test_takes_a_day_as_data_cut_off(tmp_path: Path, day: str, is_good: bool) -> None:
    text = f"{STUDY}data_cut_off: {day}\n"
    if is_good:
        assert "No mistakes" in check_project(written(tmp_path, {FILE: text}))
    else:
        assert any(where.startswith("data_cut_off") for where, _ in told(tmp_path, text))


def test_says_what_a_data_cut_off_does_not_cut(tmp_path: Path) -> None:
    said = [
        line for line in check_project(written(tmp_path, {FILE: f"{STUDY}data_cut_off: 2016-12-31\n"})).splitlines() if "cuts times" in line
    ]
    assert any("'when' reads 'has_recurrence' of all that was delivered, also after 2016-12-31" in line for line in said)
    assert any("has_recurrence ... and not before(date '2016-12-31', recurrence)" in line for line in said)
    assert not [line for line in check_project(written(tmp_path, {FILE: STUDY})).splitlines() if "cuts times" in line]


def test_says_nothing_of_a_condition_that_asks_for_the_day_itself(tmp_path: Path) -> None:
    guarded = STUDY.replace("when: has_recurrence", "when: \"has_recurrence and not before(date '2016-12-31', recurrence)\"")
    said = check_project(written(tmp_path, {FILE: f"{guarded}data_cut_off: 2016-12-31\n"}))
    assert "'when' reads 'has_recurrence'" not in said


def test_knows_columns_and_dates_of_the_candidates_only() -> None:
    columns = {item.column for item in items.items("mart_candidate")}
    assert set(known_by()) <= columns
    assert {date for date in known_by().values() if date} <= set(items.intervals("mart_candidate"))


def test_knows_every_column_of_what_may_happen_after_the_diagnosis() -> None:
    late = {"fact_event", "fact_follow_up"}
    from warehouse.study_inputs import sources_of

    dates = set(items.intervals("mart_candidate"))
    made = {item.column for item in items.items("mart_candidate") if item.type != "interval"}
    read = {column for column in made - dates if late & {source.partition(".")[0] for source in sources_of((), column)}}
    assert read <= set(known_by())
