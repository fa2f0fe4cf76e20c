"""Competing events: which came first, what is published of them, what is shared."""

from __future__ import annotations

from datetime import date
from itertools import pairwise
from pathlib import Path
from typing import Any

import duckdb
import polars as pl
import pytest
from competing_women import DEATH, RECURRENCE, woman
from small_registry import SURVIVAL, Woman, held, registry, rows, study

from schemas.study import Study
from warehouse import mart
from warehouse.studies import StudyResult, publish_studies
from warehouse.survival.aalen_johansen import incidence


def times(tmp_path: Path, made: Study, *women: Woman) -> list[tuple[Any, ...]]:
    """Day used, event and cause, woman by woman."""
    con = registry(tmp_path, *women)
    mart.build_mart(con, [made])
    return rows(
        con, "select point_days, is_event, cause from mart_time_to_event join mart_subject using (patient_key) order by subject_label"
    )


def one(convention: str = "refuse", **parts: Any) -> Study:
    return study(endpoints=(RECURRENCE | parts,), date_convention=convention)


# Of each woman: the recurrence, the death, and what is found.
FIRST = [
    (100, 500, (100, True, "event")),
    (None, 500, (500, False, "death")),
    (None, None, (999, False, None)),
    (100, None, (100, True, "event")),
    (300, 300, (300, True, "event")),  # found at her death: the recurrence counts
    (100, "undated", (100, True, "event")),  # a death comes before nothing that has a day
    (None, "undated", (None, False, "death")),
    ("undated", 500, (None, True, "event")),  # on a day not known, and before her death all the same
    ("undated", None, (None, True, "event")),
    ("undated", "undated", (None, True, "event")),
    ((100, 200), 150, (None, True, "event")),  # nobody recurs after her death, so from 100 to 150
    (150, (100, 200), (150, True, "event")),
    ((140, 160), (100, 200), (None, True, "event")),
    (201, (100, 200), (None, False, "death")),  # a mistake of the source, which an edit finds
    ((100, 200), 200, (None, True, "event")),  # the recurrence certainly first, on a day not certain
    ((100, 200), (200, 300), (None, True, "event")),
    ((150, 200), (100, 149), (None, False, "death")),
]
# Where the middles of the dates decide.
MIDDLES = [
    ((100, 200), 160, (130, True, "event")), ((100, 200), 150, (125, True, "event")), ((100, 200), 101, (101, True, "event")),
    (190, (100, 200), (190, True, "event")), ((100, 200), (100, 200), (150, True, "event")),
]  # fmt: skip


@pytest.mark.parametrize(("convention", "given"), [("refuse", FIRST), ("midpoint", MIDDLES)])
def test_ends_at_the_first_of_the_events(tmp_path: Path, convention: str, given: list[tuple[object, object, tuple[object, ...]]]) -> None:
    women = [woman(recurrence, death, subject_label=f"{place:02}") for place, (recurrence, death, _) in enumerate(given)]
    assert times(tmp_path, one(convention), *women) == [found for *_, found in given]


@pytest.mark.parametrize(
    ("recurrence", "death", "days"),
    [
        (150, (100, 200), (150, 150)),  # the time is certain although the death is not
        ((100, 200), 150, (100, 150)),
        ((120, 300), (100, 200), (120, 200)),
        (None, (100, 200), (100, 200)),
        (150, "undated", (150, 150)),
        ("undated", (100, 200), (None, 200)),  # it may have come at any time before
        (201, (100, 200), (100, 200)),  # a mistake of the source
    ],
)
def test_takes_no_death_for_earlier_than_the_recurrence_before_it(
    tmp_path: Path, recurrence: object, death: object, days: tuple[int | None, int]
) -> None:
    free = SURVIVAL | {"event": "has_recurrence or vital_status_code = 'dead'", "end": ("recurrence", "death"), "censored": ("contact",)}
    con = registry(tmp_path, woman(recurrence, death))
    mart.build_mart(con, [study(endpoints=(free,))])
    assert rows(con, "select earliest_days, latest_days from mart_time_to_event") == [days]


def test_knows_the_order_of_two_dates_although_the_start_is_not_certain(tmp_path: Path) -> None:
    # counted from a month: 300 to 330 days and 310 to 340, and yet the first came ten days before the other
    dated = woman("2010-11-27", "2010-12-07", treatment_start=("2010-01-01", "2010-01-31"))
    assert times(tmp_path, one(), dated) == [(None, True, "event")]


def test_takes_the_first_written_of_two_that_compete_on_one_day(tmp_path: Path) -> None:
    operated = {"competing": "operated", "label": "Operated", "event": "has_metastasectomy", "end": ("metastasectomy",)}
    con = registry(tmp_path, woman(None, 300, events=[{"event_type_code": "metastasectomy", "event": 300}]))
    ways = {"died": (DEATH, operated), "operated": (operated, DEATH)}
    mart.build_mart(con, [study(study=name, endpoints=(RECURRENCE | {"competing": both},)) for name, both in ways.items()])
    found = rows(con, "select study, point_days, is_event, cause from mart_time_to_event order by study")
    assert found == [("died", 300, False, "death"), ("operated", 300, False, "operated")]


def test_does_not_know_what_a_death_of_unknown_cause_was(tmp_path: Path) -> None:
    of_cancer = RECURRENCE | {"event": "vital_status_code = 'dead' and cause_of_death_code = 'breast_cancer'", "end": ("death",)}
    other = DEATH | {"event": "vital_status_code = 'dead' and cause_of_death_code <> 'breast_cancer'"}
    found = times(tmp_path, study(endpoints=(of_cancer | {"competing": (other,)},)), woman(None, 300), woman(None, None))
    assert [row[1] for row in found] == [None, False]


def test_needs_no_order_of_events_that_all_come_after_the_data_cut_off(tmp_path: Path) -> None:
    made = study(endpoints=(RECURRENCE,), data_cut_off=date(2010, 12, 31))
    assert times(tmp_path, made, woman(("2011-02-01", "2011-04-01"), "2011-03-01", treatment_start="2010-01-01")) == [(364, False, None)]


def test_has_the_times_of_each_study_under_its_own_name(tmp_path: Path) -> None:
    con = registry(tmp_path, woman(100, 500))
    mart.build_mart(con, [one(), study(study="second", endpoints=(SURVIVAL,))])
    found = rows(con, "select study, endpoint, point_days from mart_time_to_event order by study")
    assert found == [("second", "survival", 500), ("small", "recurrence", 100)]


def test_cuts_a_competing_event_after_the_data_cut_off(tmp_path: Path) -> None:
    made = study(endpoints=(RECURRENCE,), data_cut_off=date(2010, 12, 31))
    begun = {"treatment_start": "2010-01-01"}
    found = times(
        tmp_path, made, woman(None, "2010-12-31", **begun), woman(None, "2011-01-01", **begun), woman("2011-02-01", "2011-03-01", **begun)
    )
    assert found == [(364, False, "death"), (364, False, None), (364, False, None)]


class Published:
    def __init__(self, folder: Path, made: Study, *women: Woman) -> None:
        self.folder = folder
        self.con: duckdb.DuckDBPyConnection = registry(folder, *women)
        (self.result,) = publish_studies(self.con, [made], folder / "share", folder / "internal", is_simulated=False)

    def csv(self, name: str, side: str = "share") -> pl.DataFrame:
        return pl.read_csv(self.folder / side / "studies" / "small" / f"{name}.csv", infer_schema_length=None)

    @property
    def said(self) -> StudyResult:
        return self.result


OPERATED = {"event_type_code": "metastasectomy", "event": 5}
WOMEN = [
    woman(100, 500), woman(100, None), woman(None, 200), woman(None, None, 150), woman(None, None, 700), woman(300, 400), woman(None, 600),
    {**woman(None, 50), "events": [OPERATED]}, {**woman(None, None, 90), "events": [OPERATED]},
]  # fmt: skip


@pytest.fixture(scope="module")
def usual(tmp_path_factory: pytest.TempPathFactory) -> Published:
    made = study(endpoints=(RECURRENCE | {"horizon_days": 500}, SURVIVAL), ticks_months=(0, 6, 12))
    return Published(tmp_path_factory.mktemp("competing"), made, *WOMEN)


def test_adds_up_with_those_still_free_of_every_event(usual: Published) -> None:
    # in the arm `rest`: 7 women; at 100 two recur: 2/7; one leaves at 150; at 200 one of 4 dies: 5/7 * 1/4; at 300 one of 3 recurs
    rest = usual.csv("cuminc").filter(pl.col("arm") == "rest")
    event, death = (rest.filter(pl.col("cause") == cause) for cause in ("event", "death"))
    assert event["days"].to_list() == death["days"].to_list() == [0, 100, 150, 200, 300, 500]
    assert event["at_risk"].to_list() == [7, 7, 5, 4, 3, 2]
    assert event["incidence"].to_list() == pytest.approx([0, 2 / 7, 2 / 7, 2 / 7, 2 / 7 + 5 / 7 * 3 / 4 / 3, 2 / 7 + 5 / 28])
    assert death["incidence"].to_list() == pytest.approx([0, 0, 0, 5 / 28, 5 / 28, 5 / 28])
    assert death["events"].sum() == 1  # the other died beyond the horizon
    assert event["censored"].sum() == 3  # one left, two are followed beyond it


def test_publishes_no_survival_curve_of_what_others_compete_with(usual: Published) -> None:
    assert set(usual.csv("km")["endpoint"]) == {"survival"}
    rows_ = usual.csv("survival").filter(pl.col("endpoint") == "recurrence", pl.col("arm") == "rest").rows(named=True)
    assert [(row["estimator"], row["n"], row["events"], row["competing_events"], row["median_days"]) for row in rows_] == [
        ("aalen_johansen", 7, 3, 1, None)
    ]


def test_gives_every_row_a_number_and_the_women_behind_it(usual: Published) -> None:
    found = usual.csv("cuminc").filter(pl.col("days") > 0)
    running = found.with_columns(had=pl.col("events").cum_sum().over("arm", "cause"))
    for number, value, had in running.select("number_id", "incidence", "had").iter_rows():
        ((stored, query),) = rows(usual.con, f"select value, subjects_sql from mart_number where number_id = '{number}'")
        assert stored == pytest.approx(value)
        assert len(rows(usual.con, query)) == had
    name = "small.survival.as_published_recurrence_aalen_johansen.competing_events.rest"
    ((value, query),) = rows(usual.con, f"select value, subjects_sql from mart_number where number_id = '{name}'")
    assert len(rows(usual.con, query)) == value == 1


def test_draws_the_incidence(usual: Published) -> None:
    names = {path.name for path in usual.said.files}
    assert {"cuminc.csv", "as_published_recurrence.svg", "as_published_recurrence.png"} <= names


def test_writes_no_incidence_for_a_study_without_competing_events(tmp_path: Path) -> None:
    made = Published(tmp_path, study(endpoints=(SURVIVAL,)), *WOMEN)
    assert "cuminc.csv" not in {path.name for path in made.said.files}


@pytest.mark.parametrize(
    ("last", "reason"),
    [
        (
            woman("undated", 500),
            "what came first has no day for 1 of 10 women; to leave them out, write a step with keep: "
            '"(not has_recurrence or not before(recurrence, treatment_start))"',
        ),
        (
            woman(None, "undated"),
            "the event 'death' happened on a day not delivered for 1 of 10 women; to leave them out, write a step with keep: "
            "\"not (vital_status_code = 'dead') or death is not null\", or declare death_date: last_contact",
        ),
        (woman((100, 110), 500), "the dates are not certain to the day for 1 of 10 women (date_convention refuse)"),
        (
            {"treatment_start": 0, "contacts": [{"contact": 50}]},
            "whether the event happened is not known for 1 of 10 women (it needs has_recurrence, vital_status_code); to leave them out, "
            'write a step with keep: "((has_recurrence) or not (has_recurrence)) and '
            "((vital_status_code = 'dead') or not (vital_status_code = 'dead'))\"",
        ),
    ],
)
def test_says_why_nothing_is_estimated(tmp_path: Path, last: Woman, reason: str) -> None:
    made = Published(tmp_path, study(endpoints=(RECURRENCE,)), *WOMEN, last)
    (row,) = made.csv("survival").filter(pl.col("arm") == "all").rows(named=True)
    assert row["reason"] == reason
    assert set(made.csv("cuminc")["arm"]) == {"operated"}
    if "keep" in reason:
        keep = reason.partition('keep: "')[2].partition('"')[0]
        (tmp_path / "again").mkdir()
        steps = ({"step": "known", "label": "Known", "keep": keep},)
        again = Published(tmp_path / "again", study(endpoints=(RECURRENCE,), steps=steps), *WOMEN, last)
        assert (again.said.reasons, again.said.women["all"]) == ((), 9)


def test_shares_an_incidence_only_where_the_events_of_every_cause_may_be_told(tmp_path: Path) -> None:
    # 20 recur in the first year and 20 in the second; in the second 2 die
    women = [woman(n + 1, None) for n in range(20)] + [woman(400 + n, None) for n in range(20)] + [woman(None, 500)] * 2 + [woman()] * 20
    arms = ({"arm": "everyone", "label": "Everyone", "residual": True},)
    made = study(endpoints=(RECURRENCE,), min_cell=5, min_cell_reason=None, arms=arms, ticks_months=(0, 12, 24))
    published = Published(tmp_path, made, *women)
    shared = published.csv("cuminc").filter(pl.col("arm") == "everyone").select("cause", "days", "events", "incidence", "number_id")
    by_tick = {(cause, days): (events, found) for cause, days, events, found, _ in shared.iter_rows()}
    assert by_tick["event", 360] == (20, 0.32)  # 20 of 62
    assert by_tick["event", 720] == (20, None)
    assert by_tick["death", 720] == (None, None)
    assert set(shared["number_id"].str.extract(r"month_(\d+)")) == {"0", "12", "24"}
    assert published.csv("cuminc")["censored"].null_count() == published.csv("cuminc").height
    assert published.csv("cuminc", "internal").height > shared.height
    assert {row[0] for row in rows(published.con, "select number_id from mart_number")} >= set(shared["number_id"])


def test_withholds_the_incidence_of_a_study_whose_numbers_are_refused(tmp_path: Path) -> None:
    con = registry(tmp_path, *WOMEN, findings=held(42))
    (result,) = publish_studies(con, [study(endpoints=(RECURRENCE,))], tmp_path / "share", tmp_path / "internal", is_simulated=False)
    assert result.refusal
    assert pl.read_csv(tmp_path / "share" / "studies" / "small" / "cuminc.csv").height == 0
    assert rows(con, "select count(*) from mart_number where output = 'cuminc' or value > 0 and output = 'survival'") == [(0,)]


def test_never_lets_the_incidences_pass_one() -> None:
    made = pl.DataFrame({"entry_days": [0] * 4, "days": [1, 2, 3, 4], "cause": ["a", "b", None, "a"], "n": [3, 2, 1, 1]})
    wide = incidence(made, ["a", "b"], "log").pivot("cause", index="days", values="incidence")
    assert (wide["a"] + wide["b"]).to_list() == pytest.approx([0, 3 / 7, 5 / 7, 5 / 7, 1])
    assert all(before <= after for column in ("a", "b") for before, after in pairwise(wide[column].to_list()))
