"""What a study publishes of the envelope of its curves, and of times that are too wide for a middle."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from small_registry import SURVIVAL, Woman, study
from test_analyses import ARMS, Published, woman

from schemas.study import Study
from warehouse.explain import subjects

BOTH = {"endpoint": "survival", "arms": ("operated", "rest")}


def enveloped(**parts: Any) -> Study:
    base = {"arms": ARMS, "endpoints": (SURVIVAL,), "ticks_months": (0, 6, 12), "date_convention": "envelope"}
    return study(**base | parts)


def women(n: int = 1) -> tuple[Woman, ...]:
    """Of each n: dead on a day from 100 to 200, dead on day 300, seen alive on a day from 170 to 400; operated on on day 50 and dead."""
    return (woman((100, 200)), woman(300), woman((170, 400), "alive"), woman(250, operated=50)) * n


def read(folder: Path, name: str, part: str = "share") -> pl.DataFrame:
    return pl.read_csv(folder / part / "studies" / "small" / f"{name}.csv", infer_schema_length=None)


def test_gives_the_bounds_at_the_ticks(tmp_path: Path) -> None:
    """Month 6 is day 180: the first may be dead by then, and if so the third may have left before (day 170) or not."""
    release = Published(tmp_path, enveloped(), *women())
    found = read(tmp_path, "envelope").filter(pl.col("arm") == "rest")
    assert found.select("months", "days", "bounds").rows() == [(0, 0.0, "sharp"), (6, 180.0, "sharp")]
    assert found["lower"].to_list() == [1.0, 0.5]
    assert found["upper"].to_list() == [1.0, 1.0]
    assert found["number_id"][1] == "small.envelope.as_published_survival_6.lower.rest"
    assert len(subjects(release.con, "small.envelope.as_published_survival_6.upper.rest")) == 3


def test_holds_the_curve_beside_it(tmp_path: Path) -> None:
    Published(tmp_path, enveloped(), *women(3))
    curve = read(tmp_path, "km").filter(pl.col("arm") == "rest")
    for row in read(tmp_path, "envelope").filter(pl.col("arm") == "rest").iter_rows(named=True):
        survival = curve.filter(pl.col("days") <= row["days"])["survival"][-1]
        assert row["lower"] <= survival <= row["upper"]


def test_gives_outer_bounds_with_late_entry_and_none_where_the_arm_is_in_doubt(tmp_path: Path) -> None:
    made = enveloped(analyses=("as_published", "delayed_entry", "time_dependent"))
    Published(tmp_path, made, *women(2))
    found = read(tmp_path, "envelope")
    assert found.group_by("analysis", "arm", maintain_order=True).agg(pl.col("bounds").first()).rows() == [
        ("as_published", "operated", "sharp"),
        ("as_published", "rest", "sharp"),
        ("as_published", "all", "sharp"),
        ("delayed_entry", "operated", "outer"),
        ("delayed_entry", "rest", "sharp"),
        ("delayed_entry", "all", "sharp"),
    ]


LANDMARK = {"arms": ARMS, "endpoints": (SURVIVAL | {"landmark_days": 180},), "analyses": ("as_published", "landmark")}


@pytest.mark.slow
def test_gives_the_bounds_of_a_landmark_over_the_arms_that_the_dates_leave_open(tmp_path: Path) -> None:
    """The landmark is day 180, month 6 after it day 360. The last is operated on about the landmark and dies on day 300.

    Of the others one is operated on and one not, and both live. By the middle (day 185) the last is in `rest`: she is operated on
    for some days that the dates allow, so in either arm the least is 1/2, and the greatest 1. One who may have died before the
    landmark (day 170 to 200, by the middle after it) is in `rest` or gone: then 1/3 is the least there.
    """
    women = (woman(900, "alive", operated=50), woman(900, "alive"), woman(300, operated=(175, 195)), woman((170, 200)))
    release = Published(tmp_path, enveloped(**LANDMARK), *women)
    found = read(tmp_path, "envelope").filter(pl.col("analysis") == "landmark", pl.col("months") == 6)
    assert found.select("arm", "lower", "upper", "bounds").rows() == [
        ("operated", 0.5, 1.0, "outer"),
        ("rest", pytest.approx(1 / 3), 1.0, "outer"),
        ("all", 0.5, pytest.approx(2 / 3), "sharp"),
    ]
    assert len(subjects(release.con, "small.envelope.landmark_survival_6.lower.rest")) == 3


def test_gives_outer_bounds_of_a_landmark_with_late_entry(tmp_path: Path) -> None:
    made = enveloped(**LANDMARK | {"endpoints": (SURVIVAL | {"landmark_days": 180, "entry": "enrolment"},)})
    Published(tmp_path, made, *(woman(300 + n, enrolment=(-9, 0)) for n in range(3)), woman(600, enrolment=(190, 200)))
    found = read(tmp_path, "envelope").filter(pl.col("analysis") == "landmark", pl.col("arm") == "rest")
    assert found["bounds"].unique().to_list() == ["outer"]
    assert found.filter(pl.col("months") == 6).select("lower", "upper").row(0) == (0.25, 0.25)


@pytest.mark.parametrize("convention", ["refuse", "midpoint"])
def test_writes_no_envelope_that_nobody_asked_for(tmp_path: Path, convention: str) -> None:
    Published(tmp_path, enveloped(date_convention=convention), *women())
    assert not (tmp_path / "share" / "studies" / "small" / "envelope.csv").exists()


def test_decides_no_event_by_the_middle_under_envelope(tmp_path: Path) -> None:
    """Whether she died by the cut-off is open: midpoint decides it, an envelope would have to hold both."""
    lives = [{"contact": ("2010-01-01", "2010-12-31"), "vital_status_code": "dead", "death": ("2010-01-01", "2010-12-31")}]
    her: Woman = {"treatment_start": "2009-01-01", "contacts": lives}
    for convention, words in (("midpoint", None), ("envelope", "whether the time ends by the data cut-off")):
        (tmp_path / convention).mkdir()
        Published(tmp_path / convention, enveloped(date_convention=convention, data_cut_off=date(2010, 9, 30)), her)
        (reason,) = read(tmp_path / convention, "survival").filter(pl.col("arm") == "rest")["reason"]
        assert reason is None if words is None else reason.startswith(words)


def test_shares_the_bounds_where_the_events_may_be_shared(tmp_path: Path) -> None:
    Published(tmp_path, enveloped(min_cell=5, min_cell_reason=None), *women(12))
    exact, shared = (read(tmp_path, "envelope", part).filter(pl.col("arm") == "rest") for part in ("internal", "share"))
    assert shared["lower"].to_list() == exact["lower"].to_list() == [1.0, 0.5]


def test_shares_no_bound_that_tells_of_a_few(tmp_path: Path) -> None:
    """Two of forty may have died by month 6: shown, the lower bound would tell them."""
    Published(tmp_path, enveloped(min_cell=5, min_cell_reason=None), *(woman(300),) * 38, *(woman((100, 200)),) * 2)
    shared = read(tmp_path, "envelope").filter(pl.col("arm") == "rest", pl.col("months") == 6)
    assert shared["lower"].to_list() == [None]
    assert read(tmp_path, "envelope", "internal").filter(pl.col("arm") == "rest", pl.col("months") == 6)["lower"].to_list() == [0.95]


@pytest.mark.slow
def test_hides_no_more_of_the_curve_for_it(tmp_path: Path) -> None:
    for convention in ("midpoint", "envelope"):
        (tmp_path / convention).mkdir()
        made = enveloped(min_cell=5, min_cell_reason=None, date_convention=convention)
        Published(tmp_path / convention, made, *women(7), *(woman((150 + n, 190 + n)) for n in range(6)))
    for name in ("km", "at_risk", "survival"):
        assert read(tmp_path / "midpoint", name).equals(read(tmp_path / "envelope", name))


def test_shares_no_bound_beside_other_analyses(tmp_path: Path) -> None:
    made = enveloped(min_cell=5, min_cell_reason=None, analyses=("as_published", "delayed_entry"))
    Published(tmp_path, made, *women(12))
    assert read(tmp_path, "envelope").select(pl.col("lower", "upper").count()).row(0) == (0, 0)


@pytest.mark.parametrize("convention", ["midpoint", "envelope"])
@pytest.mark.parametrize(("width", "left"), [(730, 0), (731, 1)])
def test_leaves_out_a_time_that_is_wider_than_two_years_known(tmp_path: Path, convention: str, width: int, left: int) -> None:
    release = Published(tmp_path, enveloped(date_convention=convention), *women(2), woman((100, 100 + width)))
    row = read(tmp_path, "survival").filter(pl.col("arm") == "rest").row(0, named=True)
    assert (row["n"], row["left_out"], row["reason"]) == (7 - left, left, None)
    assert row["left_out_reason"] == ("the dates leave more than 730 days open for 1 of 7 women" if left else None)
    assert len(subjects(release.con, "small.survival.as_published_survival_kaplan_meier.left_out.rest")) == left
    assert len(subjects(release.con, "small.survival.as_published_survival_kaplan_meier.n.rest")) == 7 - left
    assert any("left out" in reason for reason in release.result.reasons) == bool(left)


def test_leaves_out_what_is_wider_than_the_study_allows_in_every_analysis(tmp_path: Path) -> None:
    analyses = ("as_published", "delayed_entry", "time_dependent")
    made = enveloped(max_width_days=30, analyses=analyses, comparisons=(BOTH,), date_convention="midpoint")
    Published(tmp_path, made, *(woman(300),) * 3, *(woman(300, operated=9),) * 3, woman((100, 200)), woman(400, operated=(20, 90)))
    found = read(tmp_path, "survival").filter(pl.col("arm") == "rest").select("analysis", "n", "left_out")
    assert found.rows() == [("as_published", 3, 1), ("delayed_entry", 3, 1), ("time_dependent", 6, 2)]


def test_limits_no_width_where_no_middle_is_taken() -> None:
    assert list(enveloped(max_width_days=30).problems()) == []
    (problem,) = enveloped(date_convention="refuse", max_width_days=30).problems()
    assert problem.startswith("'max_width_days' is used by nothing")
