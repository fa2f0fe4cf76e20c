"""One study published: its files, its refusals, what is shared and what is not."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import duckdb
import polars as pl
import pytest
from small_registry import SURVIVAL, Woman, held, registry, study

from schemas.study import Study
from warehouse.studies import StudyResult, publish_studies
from warehouse.study_made import SIMULATED

PARTS: dict[str, Any] = {
    "table_1": ({"variable": "stage", "label": "Stage", "level": "stage_code"},),
    "table_2": {
        "arm": "operated",
        "order_by": "subject_label",
        "columns": ({"column": "patient", "label": "Patient", "text": "subject_label"},),
    },
    "endpoints": (SURVIVAL | {"horizon_days": 300, "estimators": ("kaplan_meier", "median_observed_time")},),
    "comparisons": ({"endpoint": "survival", "arms": ("operated", "rest")},),
    "ticks_months": (0, 6, 12),
}


def woman(days: object, status: str | None, operated: bool = False) -> Woman:
    events = [{"event_type_code": "metastasectomy", "event": 1}] if operated else []
    contact = {"contact": days, "vital_status_code": status} | ({"death": days} if status == "dead" else {})
    return {"treatment_start": 0, "stage_code": "I", "events": events, "contacts": [contact]}


WOMEN = [woman(100 * n, "dead" if n % 2 else "alive", operated=n < 4) for n in range(1, 13)]


class Published:
    def __init__(
        self, tmp_path: Path, made: Study, *women: Woman, is_simulated: bool = False, findings: pl.DataFrame | None = None
    ) -> None:
        self.folder = tmp_path
        self.con: duckdb.DuckDBPyConnection = registry(tmp_path, *women, findings=findings)
        share, internal = tmp_path / "share", tmp_path / "internal"
        (self.result,) = publish_studies(self.con, [made], share, internal, is_simulated=is_simulated)

    @property
    def outcome(self) -> StudyResult:
        return self.result

    def csv(self, name: str, side: str = "share") -> pl.DataFrame:
        return pl.read_csv(self.folder / side / "studies" / "small" / f"{name}.csv", infer_schema_length=None)

    def files(self, side: str = "share") -> set[str]:
        root = self.folder / side / "studies" / "small"
        return {str(path.relative_to(root)) for path in root.rglob("*") if path.is_file()}


@pytest.fixture(scope="module")
def usual(tmp_path_factory: pytest.TempPathFactory) -> Published:
    """The twelve women published once, for the tests that only read."""
    return Published(tmp_path_factory.mktemp("usual"), study(**PARTS), *WOMEN)


@pytest.fixture(scope="module")
def guarded(tmp_path_factory: pytest.TempPathFactory) -> Published:
    """The same with small cells hidden."""
    return Published(tmp_path_factory.mktemp("guarded"), study(**PARTS, min_cell=5, min_cell_reason=None), *WOMEN)


ALL_FILES = {
    "cohort_counts.csv",
    "cohort_counts.svg",
    "table_1.csv",
    "table_1.html",
    "table_1.xlsx",
    "km.csv",
    "survival.csv",
    "methods.md",
    "survival.html",
    "survival.xlsx",
    "at_risk.csv",
    "logrank.csv",
    "figures/as_published_survival.svg",
    "figures/as_published_survival.png",
}
TABLE_2 = {"table_2.csv", "table_2.html", "table_2.xlsx"}


def test_writes_each_file_of_a_study(usual: Published) -> None:
    assert usual.files() == ALL_FILES
    assert usual.files("internal") == TABLE_2  # one row per woman: shared only where declared published
    assert usual.outcome.women == {"operated": 3, "rest": 9, "all": 12}
    assert {path.name for path in usual.outcome.files} == {Path(name).name for name in ALL_FILES | TABLE_2}


def test_shares_table_2_where_the_study_declares_it_published(tmp_path: Path) -> None:
    parts = PARTS | {"table_2": PARTS["table_2"] | {"published": True}}
    assert Published(tmp_path, study(**parts), *WOMEN).files() == ALL_FILES | TABLE_2


def test_registers_every_published_row(usual: Published) -> None:
    known = {name for (name,) in usual.con.sql("select number_id from mart_number").fetchall()}
    for name in ("cohort_counts", "table_1", "km", "survival", "at_risk", "logrank"):
        assert set(usual.csv(name)["number_id"]) <= known
    assert len(known) == usual.outcome.numbers


def test_writes_the_same_bytes_twice(usual: Published, tmp_path: Path) -> None:
    one, other = (
        {file: (published.folder / "share" / "studies" / "small" / file).read_bytes() for file in published.files()}
        for published in (usual, Published(tmp_path, study(**PARTS), *WOMEN))
    )
    assert one == other


def test_gives_survival_at_the_horizon_and_both_medians(usual: Published) -> None:
    rows = usual.csv("survival").filter(pl.col("arm") == "operated")
    curve, observed = rows.rows(named=True)
    # operated: dead on day 100, alive on 200, dead on 300: S(100) = 2/3, S(300) = 0, and the horizon is day 300
    assert (curve["n"], curve["events"], curve["median_days"], curve["horizon_survival"]) == (3, 2, 300, 0)
    assert (observed["median_days"], observed["min_days"], observed["max_days"]) == (200, 100, 300)


def test_names_the_permutation_test_of_small_arms(usual: Published) -> None:
    (row,) = usual.csv("logrank").rows(named=True)
    assert row["method"].startswith("permutation of the log-rank chi-square")


@pytest.mark.parametrize(
    ("last", "reason"),
    [
        (
            woman(50, None),
            "whether the event happened is not known for 1 of 13 women (it needs vital_status_code); "
            "where a source names only those to whom it happened, write event: \"coalesce(vital_status_code = 'dead', false)\"; "
            'to leave them out, write a step with keep: "vital_status_code is not null"',
        ),
        (
            woman(-5, "alive"),
            "the time is negative for 1 of 13 women; to leave them out, write a step with keep: "
            '"(death is null or not before(death, treatment_start)) and (contact is null or not before(contact, treatment_start))"',
        ),
        (
            {"treatment_start": 0, "contacts": [{"contact": 50, "vital_status_code": "dead"}]},
            "the event happened on a day not delivered for 1 of 13 women; to leave them out, write a step with keep: "
            "\"not (vital_status_code = 'dead') or death is not null\", or declare death_date: last_contact",
        ),
        (woman((-40, 5), "alive"), "the dates are not certain to the day for 1 of 13 women (date_convention refuse)"),
        (woman((50, 60), "alive"), "the dates are not certain to the day for 1 of 13 women (date_convention refuse)"),
        (
            woman("2010-01-01", "alive"),
            "the time is not delivered for 1 of 13 women (a date is missing, or one counts in days and the other is on the calendar: "
            "then deliver both alike); to leave them out, write a step with keep: "
            '"treatment_start is not null and (death is not null or contact is not null)"',
        ),
    ],
)
def test_says_why_a_curve_is_not_drawn(tmp_path: Path, last: Woman, reason: str) -> None:
    published = Published(tmp_path, study(**PARTS), *WOMEN, last)
    rows = published.csv("survival").filter(pl.col("estimator") == "kaplan_meier", pl.col("arm") == "all").rows(named=True)
    assert (rows[0]["reason"], rows[0]["median_days"]) == (reason, None)
    assert any(reason in notice for notice in published.outcome.notices)
    (test,) = published.csv("logrank").rows(named=True)
    assert (test["p"], test["reason"]) == (None, "not estimated: rest (see survival.csv)")  # the arm of the thirteenth woman


@pytest.mark.parametrize(
    "last",
    [
        woman(50, None),
        woman(-5, "alive"),
        {"treatment_start": 0, "contacts": [{"contact": 50, "vital_status_code": "dead"}]},
    ],
)
def test_names_a_step_that_mends_the_curve(tmp_path: Path, last: Woman) -> None:
    published = Published(tmp_path, study(**PARTS), *WOMEN, last)
    (keep,) = set(published.csv("survival")["reason"].drop_nulls().str.extract(r'keep: "([^"]*)"').drop_nulls())
    steps = ({"step": "known", "label": "Known", "keep": keep},)
    (tmp_path / "again").mkdir()
    again = Published(tmp_path / "again", study(**PARTS | {"steps": steps}), *WOMEN, last)
    assert again.outcome.reasons == ()
    assert again.outcome.women["all"] == 12


def test_carries_the_width_that_a_date_convention_has_decided(tmp_path: Path) -> None:
    made = study(**PARTS, date_convention="midpoint")
    rows = Published(tmp_path, made, *WOMEN, woman((50, 60), "alive")).csv("survival").filter(pl.col("arm") == "all")
    assert rows.select("uncertain", "widest_days").rows() == [(1, 10), (1, 10)]


def test_hides_small_cells_in_what_is_shared_and_keeps_them_inside(guarded: Published) -> None:
    published = guarded
    assert published.files("internal") == ALL_FILES | TABLE_2
    operated = (pl.col("step") == "analysed") & (pl.col("arm") == "operated")
    assert published.csv("cohort_counts").filter(operated)["n"][0] is None
    assert published.csv("cohort_counts", "internal").filter(operated)["n"][0] == 3
    assert set(published.csv("km")["days"]) <= {0, 180}  # the horizon is day 300
    assert set(published.csv("km")["number_id"]) <= {f"small.km.as_published_survival_month_{m}.survival.all" for m in (0, 6)}
    for name in ("km", "survival", "at_risk"):
        assert set(published.csv(name)["arm"]) == {"all"}  # three women, and the nine who would give them away
    assert published.csv("km", "internal").height > published.csv("km").height


def test_marks_simulated_data_in_every_picture(tmp_path: Path) -> None:
    published = Published(tmp_path, study(**PARTS), *WOMEN, is_simulated=True)
    for name in ("table_1.html", "cohort_counts.svg"):
        assert SIMULATED in (published.folder / "share" / "studies" / "small" / name).read_text(encoding="utf-8")


def test_refuses_the_numbers_where_too_many_are_held(tmp_path: Path) -> None:
    published = Published(tmp_path, study(**PARTS), *WOMEN, findings=held(42))
    assert published.outcome.refusal == "refused: more than 5.0% of the women who may be eligible are held until the source is mended"
    assert published.csv("table_1").height == published.csv("km").height == 0
    assert set(published.csv("survival")["reason"]) == {published.outcome.refusal}
    survival = published.csv("survival")  # no number of an outcome stands beside the refusal
    assert survival.select("n", "events").null_count().row(0) == (survival.height,) * 2
    assert published.csv("cohort_counts").filter(pl.col("step") == "held")["n"].to_list() == [1]


def test_publishes_a_study_of_nobody(tmp_path: Path) -> None:
    published = Published(tmp_path, study(**PARTS))
    assert published.outcome.women == {"operated": 0, "rest": 0, "all": 0}
    assert set(published.csv("survival")["reason"]) == {"no women with this endpoint"}


def test_says_so_where_an_arm_has_nobody(tmp_path: Path) -> None:
    published = Published(tmp_path, study(**PARTS), *[woman(100 * n, "dead") for n in range(1, 4)])
    rows = published.csv("survival").filter(pl.col("arm") == "operated")
    assert rows.select("n", "reason").unique().rows() == [(0, "no women with this endpoint")]
    assert published.csv("logrank")["reason"].to_list() == ["not estimated: operated (see survival.csv)"]
    assert published.outcome.reasons == ()


@pytest.mark.parametrize("is_simulated", [False, True])
def test_marks_each_row_of_each_csv_of_a_simulated_registry_in_a_last_column(
    tmp_path: Path, guarded: Published, is_simulated: bool
) -> None:
    hidden = study(**PARTS, min_cell=5, min_cell_reason=None)
    published = Published(tmp_path, hidden, *WOMEN, is_simulated=True) if is_simulated else guarded
    files = list(published.folder.rglob("studies/**/*.csv"))
    assert {path.name for path in files} >= {"cohort_counts.csv", "table_1.csv", "table_2.csv", "survival.csv", "km.csv"}
    for path in files:
        frame = pl.read_csv(path, infer_schema=False)
        assert (frame.columns[-1] == "is_simulated") == is_simulated, path.name
        assert not is_simulated or set(frame["is_simulated"]) <= {"true"}, path.name


def test_calls_the_subjects_what_the_study_calls_them(tmp_path: Path) -> None:
    published = Published(tmp_path, study(**PARTS, subjects="men", min_cell=5, min_cell_reason=None), *WOMEN, woman(50, None))
    folder = published.folder / "share" / "studies" / "small"
    told = [path for kind in ("csv", "html", "svg") for path in folder.rglob(f"*.{kind}")]
    assert {path.name for path in told} >= {"cohort_counts.csv", "table_1.html", "cohort_counts.svg"}
    assert [path.name for path in told if "women" in path.read_text(encoding="utf-8").lower()] == []
    assert "men" in (folder / "table_1.html").read_text(encoding="utf-8").lower()


def test_keeps_the_living_where_it_says_whom_to_leave_out_for_want_of_a_cause_of_death(tmp_path: Path) -> None:
    event = "vital_status_code = 'dead' and cause_of_death_code = 'breast_cancer'"
    made = study(endpoints=({**SURVIVAL, "end": ("death",), "censored": ("death", "contact"), "event": event},))
    keep = f"({event}) or not ({event})"
    women = (woman(100, "alive"), woman(200, "dead"), woman(300, "dead") | {"contacts": [OF_THE_CANCER]})
    (tmp_path / "a").mkdir()
    reason = Published(tmp_path / "a", made, *women).csv("survival").filter(pl.col("arm") == "all", pl.col("ci") != "")["reason"][0]
    assert f'to leave them out, write a step with keep: "{keep}"' in reason
    (tmp_path / "b").mkdir()
    step = {"step": "judged", "label": "Cause known", "keep": keep}
    after = Published(tmp_path / "b", study(steps=(step,), endpoints=made.endpoints), *women).csv("survival")
    assert after.filter(pl.col("arm") == "all").select("n", "events", "reason").row(0) == (2, 1, None)


OF_THE_CANCER = {"contact": 300, "vital_status_code": "dead", "death": 300, "cause_of_death_code": "breast_cancer"}


@pytest.mark.parametrize("dated", [(), ({"event_type_code": "distant_recurrence", "event": 150},)])  # the other may have come first
def test_says_which_step_leaves_out_a_recurrence_on_an_unknown_day(dated: tuple[dict[str, object], ...], tmp_path: Path) -> None:
    free = {**SURVIVAL, "end": ("recurrence", "death", "contact"), "event": "has_recurrence or vital_status_code = 'dead'"}
    women = (woman(100, "alive"), woman(200, "dead") | {"events": [{"event_type_code": "local_recurrence"}, *dated]})
    (tmp_path / "a").mkdir()
    reason = Published(tmp_path / "a", study(endpoints=(free,)), *women).csv("survival").filter(pl.col("arm") == "all")["reason"][0]
    keep = "(not has_recurrence or not before(recurrence, treatment_start))"
    told = "a date that may have come first has no day for 1 of 2 women; "
    assert reason == f'{told}to leave them out, write a step with keep: "{keep}"'
    (tmp_path / "b").mkdir()
    step = {"step": "dated", "label": "Recurrence with a date", "keep": keep}
    after = Published(tmp_path / "b", study(steps=(step,), endpoints=(free,)), *women).csv("survival")
    assert after.filter(pl.col("arm") == "all").select("n", "reason").row(0) == (1, None)


def test_says_that_a_study_without_characteristics_has_none(tmp_path: Path) -> None:
    published = Published(tmp_path, study(), woman(100, "alive"))
    page = (published.folder / "share" / "studies" / "small" / "table_1.html").read_text(encoding="utf-8")
    assert "The study names no characteristics of the women." in page and "Values are n" not in page


def test_counts_no_events_to_the_horizon_where_it_may_lie_before_one(tmp_path: Path) -> None:
    women = (woman(100, "dead"), woman((200, 400), "dead"), woman((200, 400), "alive"))
    rows = Published(tmp_path, study(endpoints=PARTS["endpoints"]), *women).csv("survival").filter(pl.col("arm") == "all")
    assert rows.select("estimator", "n", "events").rows() == [("kaplan_meier", 3, None), ("median_observed_time", 3, 2)]
