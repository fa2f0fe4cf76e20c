"""A data cut-off and competing events in the analyses beside what is published: who is in them, who is not and why, what is counted."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from small_registry import Woman, rows
from test_analyses import ALL_ANALYSES, ARMS, Published, late, standing
from test_competing import DEATH, RECURRENCE
from test_cut_off import LAST, START

from warehouse.explain import subjects

LATE = {"landmark_days": 180, "horizon_days": 1000}
COMPETING = RECURRENCE | LATE


def woman(last: object, status: str = "alive", *, start: object = START, operated: object = None, **more: Any) -> Woman:
    """Followed from the first day of 2016, a leap year, to a date: the cut-off is day 365."""
    events = [{"event_type_code": "metastasectomy", "event": operated}] if operated is not None else []
    contact = {"contact": last, "vital_status_code": status} | ({"death": last} if status == "dead" else {})
    return {"treatment_start": start, "events": events, "contacts": [contact], **more}


def test_leaves_out_who_enters_on_the_day_of_the_cut_off_or_later(tmp_path: Path) -> None:
    days = [
        ("2016-12-30", "2018-05-05", "at_risk"),  # one day of her time is left
        ("2016-12-31", "2018-05-05", "after_cut_off"),
        ("2017-03-01", "2018-05-05", "after_cut_off"),
        ("2016-12-31", "2016-12-31", "ended_before"),  # last seen on the day itself
        ("2016-06-01", "2016-06-01", "ended_before"),
    ]
    women = (woman(last, "dead" if last < "2017" else "alive", operated=operated) for operated, last, _ in days)
    found = standing(tmp_path, late(data_cut_off=LAST), "delayed_entry", *women)
    assert [(label, arm, risk) for label, arm, _, _, risk in found] == [
        (str(number), "operated", state) for number, (*_, state) in enumerate(days, start=1)
    ]


def test_leaves_out_whose_landmark_lies_on_the_day_of_the_cut_off_or_later(tmp_path: Path) -> None:
    starts = [
        ("2016-07-03", "at_risk"),  # the landmark is the day before the cut-off
        ("2016-07-04", "after_cut_off"),
        ("2016-12-31", "after_cut_off"),
        ("2017-01-01", "not_begun"),
    ]
    found = standing(tmp_path, late(data_cut_off=LAST), "landmark", *(woman("2018-05-05", start=start) for start, _ in starts))
    assert [(label, arm, risk) for label, arm, _, _, risk in found] == [
        (str(number), "rest", state) for number, (_, state) in enumerate(starts, start=1)
    ]


@pytest.mark.parametrize(("convention", "state"), [("refuse", "at_risk"), ("midpoint", "after_cut_off")])
def test_does_not_guess_on_which_side_of_the_cut_off_she_enters(tmp_path: Path, convention: str, state: str) -> None:
    doubtful = woman("2018-05-05", operated=("2016-12-21", "2017-01-31"))
    found = standing(tmp_path, late(data_cut_off=LAST, date_convention=convention), "delayed_entry", doubtful)
    assert [(entry is None, risk) for _, _, _, entry, risk in found] == [(convention == "refuse", state)]


WOMEN = (
    *(woman(f"2016-0{month}-15", "dead", operated="2016-02-01") for month in range(3, 9)),
    *(woman(f"2016-0{month}-20", "dead" if month % 2 else "alive") for month in range(1, 9)),
    woman("2018-05-05", operated="2016-12-30"),
    woman("2018-05-05", operated="2017-03-01"),
    woman("2018-05-05", "dead"),
    woman("2018-05-05", start="2016-08-01"),
    woman("2018-05-05", start="2017-02-01", operated="2017-03-01"),
    woman("2018-05-05", start="2017-02-01"),
)


@pytest.fixture(scope="module")
def cut(tmp_path_factory: pytest.TempPathFactory) -> Published:
    """The twenty women published once."""
    compared = ({"endpoint": "survival", "arms": ("operated", "rest")},)
    return Published(tmp_path_factory.mktemp("cut"), late(data_cut_off=LAST, comparisons=compared), *WOMEN)


def test_counts_whom_the_cut_off_leaves_out_of_each_analysis(cut: Published) -> None:
    (published,) = cut.rows("survival", analysis="as_published", arm="operated")
    (delayed,) = cut.rows("survival", analysis="delayed_entry", arm="operated")
    counts = ("n", "left_out", "cut_off_censored", "cut_off_not_begun")
    assert [published[name] for name in counts] == [8, None, 2, 1]
    # in it: six dead and she who was operated on the day before; not in it: operated on later, and not begun
    assert [delayed[name] for name in counts] == [7, 2, 1, 1]
    assert delayed["left_out_reason"] == (
        "the time begins after the data cut-off 2016-12-31 for 1 of 9 women; "
        "the entry comes on the day of the data cut-off 2016-12-31 or later for 1 of 9 women"
    )


def test_counts_whose_landmark_the_cut_off_does_not_reach(cut: Published) -> None:
    (row,) = cut.rows("survival", analysis="landmark", arm="all")
    # day 180 is 29 June: dead in March to June (4), dead or last seen in January to June (6); still followed 2 and 2, three to the cut-off
    assert (row["n"], row["left_out"], row["cut_off_censored"], row["cut_off_not_begun"]) == (7, 13, 3, 2)
    assert row["left_out_reason"] == (
        "the time begins after the data cut-off 2016-12-31 for 2 of 20 women; "
        "the landmark comes on the day of the data cut-off 2016-12-31 or later for 1 of 20 women; "
        "the time ended by the day of the landmark for 10 of 20 women"
    )


def test_says_once_whose_time_begins_after_the_cut_off(cut: Published) -> None:
    (told,) = (line for line in cut.outcome.notices if "begins after the data cut-off" in line)
    assert "for 2 of 20 women" in told


SEEN = "output = 'at_risk' or (output = 'survival' and \"column\" in ('n', 'events', 'left_out', 'competing_events', 'cut_off_censored', "


def behind_counts(published: Published) -> list[tuple[str, int, int]]:
    """Each count with its value and how many women stand behind it."""
    found = rows(published.con, f"select number_id, value from mart_number where {SEEN}'cut_off_not_begun'))")
    return [(name, int(value), len(subjects(published.con, name))) for name, value in found]


def test_lists_as_many_women_as_it_counts_under_a_cut_off(cut: Published) -> None:
    found = behind_counts(cut)
    assert {name for name, _, _ in found} >= {"small.survival.landmark_survival_kaplan_meier.cut_off_not_begun.all"}
    assert [name for name, value, women in found if value != women] == []


def recurring(recurrence: int | None, death: int | None, operated: int | None = None, last: int = 900) -> Woman:
    events = [{"event_type_code": "distant_recurrence", "event": recurrence}] if recurrence is not None else []
    events += [{"event_type_code": "metastasectomy", "event": operated}] if operated is not None else []
    dead = {"vital_status_code": "dead", "contact": death, "death": death} if death is not None else {}
    return {"treatment_start": 0, "events": events, "contacts": [{"contact": last, "vital_status_code": "alive"} | dead]}


RECURRING = (
    recurring(300, 500, operated=100),
    recurring(None, 400, operated=200),
    recurring(None, 150, operated=150),  # dies on the day of the operation: not in the arm
    recurring(None, None, operated=100),
    recurring(250, None, operated=210),
    recurring(170, 600),  # before the landmark
    recurring(200, None),
    recurring(None, 350),
)


@pytest.fixture(scope="module")
def competing(tmp_path_factory: pytest.TempPathFactory) -> Published:
    """Eight women of whom some die before a recurrence can come."""
    return Published(tmp_path_factory.mktemp("competing"), late(endpoints=(COMPETING,)), *RECURRING)


def curve(published: Published, analysis: str, arm: str, cause: str) -> list[tuple[int, int, int, float]]:
    found = published.rows("cuminc", analysis=analysis, arm=arm, cause=cause)
    return [(row["days"], row["at_risk"], row["events"], row["incidence"]) for row in found]


def test_draws_the_incidence_over_the_sets_at_risk(competing: Published) -> None:
    # in the arm from day 100 (two), 200 and 210: a recurrence of four on day 250, of three on day 300, a death of two on day 400
    assert curve(competing, "delayed_entry", "operated", "event") == [
        (0, 0, 0, 0), (250, 4, 1, 0.25), (300, 3, 1, 0.5), (400, 2, 0, 0.5), (900, 1, 0, 0.5),
    ]  # fmt: skip
    assert [step[3] for step in curve(competing, "delayed_entry", "operated", "death")] == [0, 0, 0, 0.25, 0.25]
    (row,) = competing.rows("survival", analysis="delayed_entry", arm="operated")
    assert (row["n"], row["events"], row["competing_events"], row["left_out"], row["from_days"]) == (4, 2, 1, 1, 100)


def test_counts_the_incidence_from_the_landmark(competing: Published) -> None:
    # operated on by day 180 and still followed: she of day 300 and she who lives on
    assert curve(competing, "landmark", "operated", "event") == [(0, 2, 0, 0), (120, 2, 1, 0.5), (720, 1, 0, 0.5)]
    # the others: a recurrence of four on day 200, of three on day 250, deaths of two and one on days 350 and 400
    assert [step[:3] for step in curve(competing, "landmark", "rest", "event")] == [
        (0, 4, 0),
        (20, 4, 1),
        (70, 3, 1),
        (170, 2, 0),
        (220, 1, 0),
    ]
    assert [step[3] for step in curve(competing, "landmark", "rest", "death")] == [0, 0, 0, 0.25, 0.5]
    (row,) = competing.rows("survival", analysis="landmark", arm="all")
    assert (row["left_out"], row["left_out_reason"]) == (2, "the time ended by the day of the landmark for 2 of 8 women")


def test_marks_immortal_time_beside_competing_events_too(competing: Published) -> None:
    found = {(row["analysis"], row["arm"]): row["caution"] for row in competing.rows("survival")}
    assert found["as_published", "operated"] == "immortal_time"
    assert [cell for key, cell in found.items() if key != ("as_published", "operated")] == [None] * 8


def test_lists_as_many_women_as_it_counts_of_each_cause(competing: Published) -> None:
    found = behind_counts(competing)
    assert {name for name, _, _ in found} >= {"small.survival.landmark_recurrence_aalen_johansen.competing_events.rest"}
    assert [name for name, value, women in found if value != women] == []
    # who had it by day 300, in her arm from its decision on
    assert len(subjects(competing.con, "small.cuminc.delayed_entry_recurrence_event_300.incidence.operated")) == 2


def test_draws_a_figure_of_the_incidence_in_each_analysis(competing: Published) -> None:
    drawn = {path.stem for path in (competing.folder / "share" / "studies" / "small" / "figures").iterdir()}
    assert drawn == {f"{analysis}_recurrence" for analysis in ALL_ANALYSES}


def test_keeps_the_incidence_as_published_as_it_is_without_other_analyses(competing: Published, tmp_path: Path) -> None:
    alone = Published(tmp_path, late(analyses=("as_published",), endpoints=(RECURRENCE | {"horizon_days": 1000},)), *RECURRING)
    query = "select * from mart_number order by number_id"
    before, after = rows(alone.con, query), rows(competing.con, query)
    assert set(before) <= set(after)
    assert {row[0].split(".")[2].split("_recurrence")[0] for row in set(after) - set(before)} == {"delayed_entry", "landmark"}


def test_censors_the_incidence_at_the_cut_off_in_every_analysis(tmp_path: Path) -> None:
    made = late(data_cut_off=LAST, endpoints=(COMPETING,))
    later = woman("2018-05-05", "dead", operated="2016-03-01")
    women = (later, woman("2016-11-30", "dead", operated="2016-04-01"), woman("2018-05-05"))
    rows = Published(tmp_path, made, *women).rows("survival", arm="operated")
    assert {row["analysis"] for row in rows} == {"as_published", "delayed_entry", "landmark"}
    assert {(row["n"], row["events"], row["competing_events"], row["cut_off_censored"]) for row in rows} == {(2, 0, 1, 1)}


def test_shares_the_words_of_nobody_in_few_numbers(tmp_path: Path) -> None:
    made = late(data_cut_off=LAST, min_cell=5, min_cell_reason=None, arms=ARMS, endpoints=(COMPETING | {"competing": (DEATH,)},))
    rows = Published(tmp_path, made, *WOMEN).rows("survival")
    assert {(row["competing_events"], row["cut_off_censored"], row["cut_off_not_begun"]) for row in rows} == {(None, None, None)}
    assert not any(" of 20 " in (row["left_out_reason"] or "") for row in rows)
