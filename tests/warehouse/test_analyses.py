"""The analyses beside what is published: who is in which arm, from when, who is left out, and what is written of it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import duckdb
import polars as pl
import pytest
from small_registry import SURVIVAL, Woman, registry, rows, study

from schemas.study import Study
from warehouse import mart
from warehouse.explain import subjects
from warehouse.studies import StudyResult, publish_studies

ARMS: Any = (
    {"arm": "operated", "label": "Operated", "when": "has_metastasectomy", "decided": "metastasectomy"},
    {"arm": "rest", "label": "The rest", "residual": True},
)
ENDPOINT = SURVIVAL | {"landmark_days": 180, "horizon_days": 1000}
ALL_ANALYSES = ("as_published", "delayed_entry", "landmark")


def late(**parts: Any) -> Study:
    endpoint = ENDPOINT | parts.pop("endpoint", {})
    return study(**{"arms": ARMS, "analyses": ALL_ANALYSES, "endpoints": (endpoint,), "ticks_months": (0, 6, 12)} | parts)


def woman(days: object, status: str | None = "dead", operated: object = None, **more: object) -> Woman:
    events = [{"event_type_code": "metastasectomy", "event": operated}] if operated is not None else []
    contact = {"contact": days, "vital_status_code": status} | ({"death": days} if status == "dead" else {})
    return {"treatment_start": 0, "events": events, "contacts": [contact], **more}


UNDATED: Woman = woman(500) | {"events": [{"event_type_code": "metastasectomy"}]}


def standing(tmp_path: Path, made: Study, analysis: str, *women: Woman) -> list[tuple[Any, ...]]:
    """Of each woman and arm but `all`: label, arm, whether it is certain, day of entry, risk_state."""
    con = registry(tmp_path, *women)
    mart.build_mart(con, [made])
    columns = "subject_label, t.arm, is_arm_certain, entry_days, risk_state"
    where = f"where analysis = '{analysis}' and t.arm <> 'all' order by subject_label, t.arm"
    return rows(con, f"select {columns} from mart_time_in_analysis as t join mart_subject using (patient_key) {where}")


def test_enters_an_arm_on_the_day_it_is_decided(tmp_path: Path) -> None:
    found = standing(tmp_path, late(), "delayed_entry", woman(400, operated=90), woman(400), woman(400, operated=0))
    assert found == [
        ("1", "operated", True, 90, "at_risk"),
        ("2", "rest", True, 0, "at_risk"),
        ("3", "operated", True, 0, "at_risk"),
    ]


def test_leaves_out_who_ended_by_the_day_of_entry_or_enters_at_the_horizon(tmp_path: Path) -> None:
    ends = [(91, 90, "at_risk"), (90, 90, "ended_before"), (89, 90, "ended_before"), (1500, 999, "at_risk"), (1500, 1000, "after_horizon")]
    found = standing(tmp_path, late(), "delayed_entry", *(woman(days, operated=operated) for days, operated, _ in ends))
    assert found == [(str(place), "operated", True, operated, state) for place, (_, operated, state) in enumerate(ends, start=1)]


def test_enters_on_the_last_of_the_day_of_entry_and_of_the_decision(tmp_path: Path) -> None:
    days = [(50, None, 50), (50, 90, 90), (90, 50, 90), (-20, None, 0)]
    made = late(endpoint={"entry": "enrolment"})
    women = [woman(400, operated=operated, enrolment=enrolled) for enrolled, operated, _ in days]
    assert [row[3] for row in standing(tmp_path, made, "delayed_entry", *women)] == [entry for *_, entry in days]


def test_keeps_the_days_of_entry_beside_what_is_published(tmp_path: Path) -> None:
    con = registry(tmp_path, woman(400, operated=90), woman(400), UNDATED)
    mart.build_mart(con, [late()])
    query = "select entry_days, point_days from mart_time_to_event join mart_subject using (patient_key) order by subject_label"
    assert rows(con, query) == [(90, 400), (0, 400), (None, 500)]


def test_puts_a_woman_into_the_arm_that_was_decided_by_the_landmark(tmp_path: Path) -> None:
    women = (woman(400, operated=180), woman(400, operated=181), woman(180, operated=10), woman(181))
    assert standing(tmp_path, late(), "landmark", *women) == [
        ("1", "operated", True, 180, "at_risk"),
        ("2", "rest", True, 180, "at_risk"),
        ("3", "operated", True, 180, "ended_before"),
        ("4", "rest", True, 180, "at_risk"),
    ]


def test_puts_her_into_the_next_arm_that_was_decided_by_then(tmp_path: Path) -> None:
    staged = {"arm": "staged", "label": "Staged", "when": "stage_code = 'I'"}
    found = standing(tmp_path, late(arms=(ARMS[0], staged, ARMS[1])), "landmark", woman(400, operated=300, stage_code="I"))
    assert [row[1] for row in found] == ["staged"]


@pytest.mark.parametrize(
    ("convention", "found"),
    [("refuse", [("operated", False), ("rest", False)]), ("midpoint", [("operated", True)])],
)
def test_stands_in_every_arm_that_the_dates_leave_open(tmp_path: Path, convention: str, found: list[tuple[str, bool]]) -> None:
    standings = standing(tmp_path, late(date_convention=convention), "landmark", woman(400, operated=(150, 200)))
    assert [row[1:3] for row in standings] == found


def test_knows_the_arm_where_the_dates_are_wide_and_lie_on_one_side(tmp_path: Path) -> None:
    women = (woman(400, operated=(100, 180)), woman(400, operated=(181, 200)))
    assert [row[1:3] for row in standing(tmp_path, late(), "landmark", *women)] == [("operated", True), ("rest", True)]


class Published:
    def __init__(self, folder: Path, made: Study, *women: Woman) -> None:
        self.folder = folder
        self.con: duckdb.DuckDBPyConnection = registry(folder, *women)
        (self.result,) = publish_studies(self.con, [made], folder / "share", folder / "internal", is_simulated=False)

    @property
    def outcome(self) -> StudyResult:
        return self.result

    def rows(self, name: str, **equal: object) -> list[dict[str, Any]]:
        path = self.folder / "share" / "studies" / "small" / f"{name}.csv"
        frame = pl.read_csv(path, infer_schema_length=None)
        return frame.filter(*(pl.col(column) == value for column, value in equal.items())).rows(named=True)


WOMEN = (
    *(woman(100 * n, operated=50 * n) for n in range(2, 9)),
    *(woman(90 * n, "dead" if n % 2 else "alive") for n in range(1, 9)),
    woman(60, operated=60),
)
COMPARED = late(comparisons=({"endpoint": "survival", "arms": ("operated", "rest")},))


@pytest.fixture(scope="module")
def usual(tmp_path_factory: pytest.TempPathFactory) -> Published:
    """The sixteen women published once."""
    return Published(tmp_path_factory.mktemp("analyses"), COMPARED, *WOMEN)


def test_counts_who_is_left_out_and_why(usual: Published) -> None:
    (published,) = usual.rows("survival", analysis="as_published", arm="operated")
    (delayed,) = usual.rows("survival", analysis="delayed_entry", arm="operated")
    assert (published["n"], published["left_out"], published["caution"]) == (8, None, "immortal_time")
    assert (delayed["n"], delayed["left_out"], delayed["caution"]) == (7, 1, None)
    assert delayed["left_out_reason"] == "the time ended by the day of entry for 1 of 8 women"
    (landmark,) = usual.rows("survival", analysis="landmark", arm="all")
    # by day 180: dead on day 60, 90 and 180, and alive on day 180
    assert (landmark["n"], landmark["left_out"]) == (13, 3)
    assert landmark["left_out_reason"] == "the time ended by the day of the landmark for 3 of 16 women"


def test_says_from_when_somebody_of_an_arm_is_at_risk(usual: Published) -> None:
    (row,) = usual.rows("survival", analysis="delayed_entry", arm="operated")
    first = usual.rows("km", analysis="delayed_entry", arm="operated")[0]
    assert (row["from_days"], first["days"], first["at_risk"], first["survival"]) == (100, 0, 0, 1)
    assert usual.rows("at_risk", analysis="delayed_entry", arm="operated", months=0)[0]["at_risk"] == 0


def test_counts_months_from_the_landmark(usual: Published) -> None:
    ticks = {row["months"]: row["at_risk"] for row in usual.rows("at_risk", analysis="landmark", arm="all")}
    # followed beyond day 180 / to day 360 / to day 540 and later
    assert ticks == {0: 13, 6: 10, 12: 6}
    assert usual.rows("survival", analysis="landmark", arm="all")[0]["horizon_days"] == 820


def test_tests_each_analysis_with_its_own_women(usual: Published) -> None:
    assert [row["analysis"] for row in usual.rows("logrank")] == list(ALL_ANALYSES)
    by_analysis = {row["analysis"]: row["method"].partition(" ")[0] for row in usual.rows("logrank")}
    assert by_analysis == {"as_published": "permutation", "delayed_entry": "simulation", "landmark": "permutation"}


def test_draws_a_figure_of_each_analysis(usual: Published) -> None:
    drawn = {path.name for path in (usual.folder / "share" / "studies" / "small" / "figures").iterdir()}
    assert drawn == {f"{analysis}_survival.{kind}" for analysis in ALL_ANALYSES for kind in ("svg", "png")}


def test_keeps_every_number_as_published_as_it_is_without_other_analyses(usual: Published, tmp_path: Path) -> None:
    alone = Published(tmp_path, COMPARED.model_copy(update={"analyses": ("as_published",)}), *WOMEN)
    query = "select * exclude (subjects_sql), subjects_sql from mart_number order by number_id"
    before, after = rows(alone.con, query), rows(usual.con, query)
    assert set(before) <= set(after)
    assert {row[0].split(".")[2].split("_survival")[0] for row in set(after) - set(before)} == {"delayed_entry", "landmark"}


def test_lists_as_many_women_behind_each_count_as_it_counts(usual: Published) -> None:
    counts = "output = 'at_risk' or (output = 'survival' and \"column\" in ('n', 'events', 'left_out'))"
    found = rows(usual.con, f"select number_id, value from mart_number where {counts}")
    assert {name for name, _ in found} >= {"small.survival.landmark_survival_kaplan_meier.left_out.all"}
    assert [(name, len(subjects(usual.con, name))) for name, _ in found] == [(name, int(value)) for name, value in found]


@pytest.mark.parametrize(
    ("analysis", "arm", "last", "reason"),
    [
        (
            "delayed_entry",
            "operated",
            UNDATED,
            "the day of entry is not delivered for 1 of 8 women; to leave them out, write a step with keep: "
            '"(not has_metastasectomy or metastasectomy is not null)"',
        ),
        (
            "delayed_entry",
            "operated",
            woman(400, operated=(90, 100)),
            "the day of entry is not certain for 1 of 8 women (date_convention refuse)",
        ),
        (
            "landmark",
            "rest",
            woman(400, operated=(170, 190)),
            # six followed beyond day 180, five operated on after it, and she
            "whether the arm was decided by the landmark is not certain for 1 of 12 women (date_convention refuse); to leave them out, "
            'write a step with keep: "(not has_metastasectomy or days_between(treatment_start, metastasectomy) <= 180 or '
            'days_between(treatment_start, metastasectomy) > 180)"',
        ),
    ],
)
def test_says_why_a_late_entry_is_not_estimated(tmp_path: Path, analysis: str, arm: str, last: Woman, reason: str) -> None:
    published = Published(tmp_path, COMPARED, *WOMEN, last)
    (row,) = published.rows("survival", analysis=analysis, arm=arm)
    assert (row["reason"], row["median_days"]) == (reason, None)
    assert f"not estimated: {arm}" in published.rows("logrank", analysis=analysis)[0]["reason"] or analysis == "landmark"
    # who stands in the way of an arm does not stand in the way of all, nor of what is published
    assert published.rows("survival", analysis=analysis, arm="all")[0]["reason"] is None
    assert published.rows("survival", analysis="as_published", arm=arm)[0]["reason"] is None
    if analysis == "landmark":  # the step that it names mends it
        keep = reason.split('keep: "')[1].removesuffix('"')
        (tmp_path / "after").mkdir()
        mended = late(steps=({"step": "sided", "label": "On one side", "keep": keep},))
        after = Published(tmp_path / "after", mended, *WOMEN, last)
        assert after.outcome.women["all"] == len(WOMEN)
        assert [row["reason"] for row in after.rows("survival", analysis="landmark")] == [None] * 3


def test_takes_the_middle_of_a_day_of_entry_under_midpoint(tmp_path: Path) -> None:
    published = Published(tmp_path, late(date_convention="midpoint"), *WOMEN, woman(400, operated=(90, 101)))
    (row,) = published.rows("survival", analysis="delayed_entry", arm="operated")
    assert (row["reason"], row["from_days"], row["uncertain"], row["widest_days"]) == (None, 96, 1, 11)


def test_draws_no_curve_where_nobody_is_at_risk_before_others_enter(tmp_path: Path) -> None:
    # she dies alone on day 100: the estimate would be 0 although two enter on day 150 and live on
    women = [woman(100, operated=20), woman(400, operated=150), woman(500, "alive", operated=150), woman(300), woman(700)]
    published = Published(tmp_path, COMPARED, *women)
    (row,) = published.rows("survival", analysis="delayed_entry", arm="operated")
    told = "nobody is left at risk before the entry for 2 of 3 women: the curve would be 0, or stand still, from there"
    assert (row["reason"], row["median_days"], row["horizon_survival"], row["n"]) == (told, None, None, 3)
    assert published.rows("km", analysis="delayed_entry", arm="operated") == []
    assert published.rows("logrank", analysis="delayed_entry")[0]["p"] is not None  # the test needs no curve


def test_says_so_where_nobody_is_left(tmp_path: Path) -> None:
    published = Published(tmp_path, late(), woman(90, operated=90), woman(400))
    (row,) = published.rows("survival", analysis="delayed_entry", arm="operated")
    assert (row["n"], row["left_out"], row["reason"]) == (0, 1, "nobody is left: the time ended by the day of entry for 1 of 1 women")


def test_publishes_a_study_of_nobody_in_every_analysis(tmp_path: Path) -> None:
    assert {row["reason"] for row in Published(tmp_path, COMPARED).rows("survival")} == {"no women with this endpoint"}


def test_marks_what_the_published_time_leaves_out_of_account(tmp_path: Path) -> None:
    made = late(analyses=("as_published",), endpoint={"entry": "enrolment", "landmark_days": None})
    found = Published(tmp_path, made, *(one | {"enrolment": 5} for one in WOMEN)).rows("survival")
    assert {row["arm"]: row["caution"] for row in found} == {
        "operated": "delayed_entry immortal_time",
        "rest": "delayed_entry",
        "all": "delayed_entry",
    }
