"""The clean twin of a simulated registry through reading, linking and the edits: nothing is wrong with it."""

from __future__ import annotations

from pathlib import Path

import duckdb
import polars as pl
import pytest

from etl.options import RunOptions
from etl.pipeline import run
from etl.progress import Progress
from etl.simulate.project import simulate

ARMS = {"metastasectomy": 13, "systemic_only": 216, "untreated": 93}


@pytest.fixture(scope="module")
def release(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("clean")
    simulate(folder / "project", 400, 11, clean=True)
    outcome = run(folder / "project", folder / "out", RunOptions(), Progress(quiet=True))
    assert outcome.outcome == "published", outcome.reason
    return (folder / "out/current").resolve()


def test_has_no_finding_of_severity_error_and_no_text_that_was_not_understood(release: Path) -> None:
    found = pl.read_csv(release / "internal/findings.csv", infer_schema=False)
    assert found.filter(severity="error").is_empty()
    assert found.filter(pl.col("edit").str.starts_with("NORM-")).is_empty()


def test_keeps_the_published_margins_whatever_the_seed(release: Path) -> None:
    counts = pl.read_csv(release / "share/studies/metastasectomy/cohort_counts.csv").filter(step="analysed")
    assert dict(counts.filter(pl.col("arm") != "all").select("arm", "n").iter_rows()) == ARMS


def test_loads_every_record_delivered(release: Path) -> None:
    with duckdb.connect(str(release / "warehouse.duckdb"), read_only=True) as con:
        assert con.sql("select count(*) from ledger where fate in ('quarantined', 'held')").fetchall() == [(0,)]
