"""The time-dependent analysis: in which arm a woman is on which day, what is tested and regressed, and what is not known."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest
from small_registry import Woman, registry, rows
from test_analyses import ARMS, UNDATED, Published, late, standing, woman

from schemas.study import Study
from warehouse import mart
from warehouse.explain import subjects
from warehouse.survival.cox import _Sets, hazard_ratios
from warehouse.survival.late_logrank import tables

CHANGING = ("as_published", "time_dependent")
BOTH = ({"endpoint": "survival", "arms": ("operated", "rest")},)
STAGED = {"arm": "staged", "label": "Staged", "when": "stage_code = 'I'"}
Stretch = tuple[Any, ...]


def labelled(tmp_path: Path, made: Study, *women: Woman) -> list[Stretch]:
    """Of each woman and arm but `all`: label, arm, from when she is at risk, until when, whether with the event, risk_state."""
    con = registry(tmp_path, *women)
    mart.build_mart(con, [made])
    columns = "subject_label, t.arm, entry_days, point_days, is_event, risk_state"
    where = "where analysis = 'time_dependent' and t.arm <> 'all' order by cast(subject_label as int), entry_days, t.arm"
    return rows(con, f"select {columns} from mart_time_in_analysis as t join mart_subject using (patient_key) {where}")


def stretches(tmp_path: Path, made: Study, *women: Woman) -> list[Stretch]:
    """The same without the label."""
    return [row[1:] for row in labelled(tmp_path, made, *women)]


def changing(**parts: Any) -> Study:
    return late(**{"analyses": CHANGING, "comparisons": BOTH} | parts)


def of_each(tmp_path: Path, made: Study, *women: Woman) -> list[list[Stretch]]:
    """The stretches of each of these women, who stand in one registry."""
    found = dict.fromkeys((str(number) for number in range(1, len(women) + 1)), ())
    for label, *stretch in labelled(tmp_path, made, *women):
        found[label] = (*found[label], tuple(stretch))
    return [list(of_one) for of_one in found.values()]


def test_is_in_the_other_arm_until_it_is_decided(tmp_path: Path) -> None:
    days: dict[int | None, list[Stretch]] = {
        None: [("rest", 0, 400, True, "at_risk")],
        90: [("rest", 0, 90, False, "at_risk"), ("operated", 90, 400, True, "at_risk")],
        1: [("rest", 0, 1, False, "at_risk"), ("operated", 1, 400, True, "at_risk")],
        0: [("operated", 0, 400, True, "at_risk")],  # at the origin
        -30: [("operated", 0, 400, True, "at_risk")],
        399: [("rest", 0, 399, False, "at_risk"), ("operated", 399, 400, True, "at_risk")],
        400: [("rest", 0, 400, True, "at_risk"), ("operated", 400, 400, True, "ended_before")],  # on the day of the event
        401: [("rest", 0, 400, True, "at_risk"), ("operated", 401, 400, True, "ended_before")],
    }
    found = of_each(tmp_path, changing(), *(woman(400, operated=day) for day in days))
    assert dict(zip(days, found, strict=True)) == days


def test_is_in_the_arm_whose_condition_she_meets_until_one_before_it_is_decided(tmp_path: Path) -> None:
    made = changing(arms=(ARMS[0], STAGED, ARMS[1]))
    assert stretches(tmp_path, made, woman(400, operated=300, stage_code="I"), woman(400, operated=300, stage_code="IIIA")) == [
        ("staged", 0, 300, False, "at_risk"),
        ("operated", 300, 400, True, "at_risk"),
        ("rest", 0, 300, False, "at_risk"),
        ("operated", 300, 400, True, "at_risk"),
    ]


def test_is_at_risk_in_no_arm_before_she_enters(tmp_path: Path) -> None:
    enrolled = {
        50: [("rest", 50, 90, False), ("operated", 90, 400, True)],
        90: [("operated", 90, 400, True)],
        200: [("operated", 200, 400, True)],
        -5: [("rest", 0, 90, False), ("operated", 90, 400, True)],
    }
    made = changing(endpoint={"entry": "enrolment"})
    found = of_each(tmp_path, made, *(woman(400, operated=90, enrolment=day) for day in enrolled))
    assert [[row[:-1] for row in of_one] for of_one in found] == [*enrolled.values()]


def test_enters_an_arm_on_the_same_day_in_every_analysis(tmp_path: Path) -> None:
    # decided in the thirty days around the origin: from it on these are 0 to 10, and the middle is 5
    made = changing(
        analyses=("as_published", "delayed_entry", "time_dependent"), date_convention="midpoint", endpoint={"horizon_days": 1000}
    )
    con = registry(tmp_path, woman(400, operated=(-20, 10)))
    mart.build_mart(con, [made])
    found = rows(con, "select analysis, entry_days from mart_time_in_analysis where arm = 'operated' order by analysis")
    assert found == [("delayed_entry", 5), ("time_dependent", 5)]


def test_does_not_enter_an_arm_at_the_horizon(tmp_path: Path) -> None:
    assert stretches(tmp_path, changing(), woman(1500, operated=1000)) == [
        ("rest", 0, 1000, False, "at_risk"),
        ("operated", 1000, 1500, True, "after_horizon"),
    ]


OPEN: tuple[tuple[object, object, list[Stretch]], ...] = (
    (400, (90, 120), [("rest", 0, None, False), ("operated", None, 400, True)]),
    (400, (400, 500), [("rest", 0, 400, True), ("operated", None, 400, True)]),  # after the event
    ((80, 400), 90, [("rest", 0, None, True), ("operated", 90, None, True)]),  # on either side of the end
    ((91, 400), 90, [("rest", 0, 90, False), ("operated", 90, None, True)]),  # before the end for certain
    (400, (-9, 0), [("operated", 0, 400, True)]),  # by the origin
    (400, (-9, 1), [("rest", 0, None, False), ("operated", None, 400, True)]),  # about the origin
)


def test_guesses_no_day_where_the_dates_leave_it_open(tmp_path: Path) -> None:
    made = of_each(tmp_path, changing(), *(woman(days, operated=operated) for days, operated, _ in OPEN))
    assert [{row[:-1] for row in of_one} for of_one in made] == [set(found) for *_, found in OPEN]


def test_takes_the_middle_of_the_day_of_decision_under_midpoint(tmp_path: Path) -> None:
    made = changing(date_convention="midpoint")
    assert [row[:-1] for row in stretches(tmp_path, made, woman(400, operated=(90, 110)))] == [
        ("rest", 0, 100, False),
        ("operated", 100, 400, True),
    ]


def many(operated: int = 12, others: int = 12) -> tuple[Woman, ...]:
    """Some who are operated on and die, some who are not and die, and a few who live."""
    late_ones = tuple(woman(300 + 10 * number, operated=20 * number) for number in range(1, operated + 1))
    return (*late_ones, *(woman(100 + 20 * number) for number in range(others)), *(woman(900, "alive") for _ in range(5)))


def test_gives_a_hazard_ratio_with_an_id_that_lists_both_arms_and_counts_a_woman_once_in_each_of_hers(tmp_path: Path) -> None:
    release = Published(tmp_path, changing(), *many())
    folder = tmp_path / "share" / "studies" / "small"
    (row,) = pl.read_csv(folder / "cox.csv").rows(named=True)
    assert (row["arm"], row["reference"], row["ties"], row["reason"]) == ("operated", "rest", "efron", None)
    assert row["lower"] < row["hazard_ratio"] < row["upper"]
    assert row["number_id"] == "small.cox.time_dependent_survival.hazard_ratio.operated_rest"
    assert len(subjects(release.con, row["number_id"])) == 29
    found = pl.read_csv(folder / "survival.csv").filter(pl.col("analysis") == "time_dependent")
    assert found.select("arm", "n", "events").rows() == [("operated", 12, 12), ("rest", 29, 12), ("all", 29, 24)]


def test_gives_no_hazard_ratio_of_an_arm_with_fewer_than_ten_events(tmp_path: Path) -> None:
    Published(tmp_path, changing(), *many(operated=9))
    folder = tmp_path / "share" / "studies" / "small"
    (row,) = pl.read_csv(folder / "cox.csv").rows(named=True)
    assert (row["hazard_ratio"], row["reason"]) == (None, "fewer than 10 events while another arm is at risk: operated")
    tested = pl.read_csv(folder / "logrank.csv").filter(pl.col("analysis") == "time_dependent")
    assert tested["method"][0].startswith("simulation of the events")


def test_writes_no_hazard_ratios_where_no_arm_changes_with_time(tmp_path: Path) -> None:
    Published(tmp_path, late(comparisons=BOTH), *many())
    assert not (tmp_path / "share" / "studies" / "small" / "cox.csv").exists()


def test_says_why_an_arm_is_not_estimated(tmp_path: Path) -> None:
    Published(tmp_path, changing(), *many(), UNDATED)
    folder = tmp_path / "share" / "studies" / "small"
    found = pl.read_csv(folder / "survival.csv").filter(pl.col("analysis") == "time_dependent")
    words = {
        "operated": "the day of entry is not delivered for 1 of 13 women",
        "rest": "the dates are not certain to the day for 1 of 30 women",
    }
    for arm, said in words.items():
        assert found.filter(pl.col("arm") == arm)["reason"][0].startswith(said)
    (row,) = pl.read_csv(folder / "cox.csv").rows(named=True)
    assert row["reason"] == "not estimated: operated, rest (see survival.csv)"


def test_says_whom_a_condition_leaves_open_before_her_arm_is_decided(tmp_path: Path) -> None:
    made = changing(arms=(ARMS[0], STAGED, ARMS[1]))
    Published(tmp_path, made, *many(), woman(400, operated=90), woman(400, stage_code="I"))
    found = pl.read_csv(tmp_path / "share" / "studies" / "small" / "survival.csv", infer_schema_length=None)
    (reason,) = found.filter(pl.col("analysis") == "time_dependent", pl.col("arm") == "staged")["reason"]
    assert reason.startswith("whether she ever came into the arm is not certain for ")
    assert "(stage_code = 'I') or not (stage_code = 'I')" in reason


@pytest.mark.parametrize("convention", ["refuse", "midpoint"])
@pytest.mark.parametrize("when", ["stage_code = 'I'", "before(diagnosis, date '2010-06-01')"])
def test_an_arm_that_she_may_be_in_until_hers_is_decided_is_certain_of_none(tmp_path: Path, when: str, convention: str) -> None:
    arms = (ARMS[0], STAGED | {"when": when}, ARMS[-1])
    # operated on day 900: nobody knows whether she was in the second arm or in the rest before, which is no width of a date
    asked = woman(1100, operated=900, diagnosis=("2010-01-01", "2010-12-31"))
    found = standing(tmp_path, changing(arms=arms, comparisons=(), date_convention=convention), "time_dependent", asked)
    assert [(arm, certain, risk) for _, arm, certain, _, risk in found] == [
        ("operated", True, "at_risk"), ("rest", False, "at_risk"), ("staged", False, "at_risk"),
    ]  # fmt: skip


def test_has_no_hazard_ratio_where_every_event_falls_into_one_arm() -> None:
    """Ten of one arm die before anybody of the other does, and leave nobody to compare with."""
    times = pl.DataFrame(
        [("one", 0, day, True, 1) for day in range(1, 11)] + [("other", 0, day, True, 1) for day in range(11, 21)],
        schema=["arm", "entry_days", "days", "is_event", "n"],
        orient="row",
    )
    assert hazard_ratios(times, ("one", "other")) == "fewer than 10 events while another arm is at risk: other"
    twice = pl.concat([times, times.with_columns(arm=pl.lit("other"), days=pl.col("days") + 40)])
    kept = pl.concat([twice, pl.DataFrame([("one", 0, 900, False, 1)], schema=twice.schema, orient="row")])
    assert not isinstance(hazard_ratios(kept, ("one", "other")), str)


def test_regresses_until_nothing_moves_the_ninth_digit() -> None:
    """Near the greatest likelihood rounding makes some steps look like losses: halved away, they left the slope at 7e-9."""
    times = pl.DataFrame(
        [("one" if row % 3 else "other", 0, 7 * row * row % 31 + 1, True, 1) for row in range(40)],
        schema=["arm", "entry_days", "days", "is_event", "n"],
        orient="row",
    )
    found, (at_risk, events, _) = hazard_ratios(times, ("one", "other")), tables(times)
    assert not isinstance(found, str)
    assert abs(_Sets(at_risk, events).at(np.array([found["one"].coefficient]))[1][0]) < 1e-12
