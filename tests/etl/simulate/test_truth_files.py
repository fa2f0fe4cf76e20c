"""The truth as files: nothing is lost by writing what components have in common once, and oddities are what the records say."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from etl.simulate.oddities import oddities
from etl.simulate.truth import Truth, make_truth
from etl.simulate.truth_files import DERIVED, apart, write_truth


@pytest.fixture(scope="module")
def truth() -> Truth:
    return make_truth(400, 7)


def test_components_and_what_they_were_are_the_treatments_again(truth: Truth) -> None:
    component, what = apart(truth.treatment)
    assert what.height < component.height / 4
    joined = component.join(what, on="what", how="left", maintain_order="left")
    assert_frame_equal(joined.select(truth.treatment.columns), truth.treatment)


def test_files_hold_every_column_that_has_a_value(truth: Truth, tmp_path: Path) -> None:
    write_truth(truth, tmp_path / "truth")
    for name in ("person", "tumour", "event", "follow_up"):
        frame: pl.DataFrame = getattr(truth, name)
        wanted = [c for c in frame.columns if frame[c].null_count() < frame.height and c not in DERIVED]
        read = pl.read_csv(tmp_path / f"truth/{name}.csv", infer_schema=False)
        assert (read.columns, read.height) == (wanted, frame.height)


def test_the_thirteen_have_the_oddities_of_the_paper(truth: Truth) -> None:
    number = truth.cohort.select("person_no", "table2_no")
    found = oddities(truth).join(number, on="person_no").filter(pl.col("table2_no").is_not_null())
    said = set(found.select("table2_no", "edit").iter_rows())
    # boost after mastectomy, no receptor for the drug, recurrence on neoadjuvant treatment, HER2 not known, HER2 without the drug
    assert {(5, "RAD-001"), (4, "REC-001"), (9, "EVT-006"), (10, "REC-003"), (1, "REC-004")} <= said


def test_warnings_are_true_of_the_thirteen_alone(truth: Truth) -> None:
    others = oddities(truth).join(truth.cohort.filter(pl.col("table2_no").is_null()), on="person_no", how="semi")
    assert set(others["edit"]) <= {"REC-002", "REC-004", "RAD-006"}
