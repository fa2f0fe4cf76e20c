"""The published numbers of the bundled registries, as small files whose difference a person can judge.

`make golden` writes them anew; look at the difference before you commit it. The suite only compares.
"""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest

HERE = Path(__file__).parent
STUDIES = {"published": "metastasectomy", "registry": "metastasectomy", "trial_days": "hormonal"}
FILES = ("cohort_counts.csv", "table_1.csv", "table_2.csv", "survival.csv", "at_risk.csv", "logrank.csv", "claims.csv")
CASES = [(name, f"share/studies/{study}/{file}") for name, study in STUDIES.items() for file in FILES]
CASES += [(name, file) for name in STUDIES for file in ("share/quality/edits.csv", "ledger.csv")]


@pytest.mark.parametrize(("name", "file"), CASES)
def test_published_numbers_are_those_kept(name: str, file: str, bundled_out: Path, request: pytest.FixtureRequest) -> None:
    made = bundled_out / name / "current" / file
    kept = HERE / name / Path(file).name
    if not made.is_file():
        assert not kept.exists(), f"{file} is no longer published"
        return
    if request.config.getoption("--golden"):
        kept.parent.mkdir(exist_ok=True)
        kept.write_bytes(made.read_bytes())
    assert made.read_text(encoding="utf-8") == kept.read_text(encoding="utf-8")


@pytest.mark.parametrize("name", ["published", "registry", "trial_days"])
def test_counts_of_edits_are_the_findings(name: str, bundled_out: Path) -> None:
    """edits.csv and findings.csv tell the same of every edit, violated and possible."""
    release = bundled_out / name / "current"
    found = pl.read_csv(release / "internal" / "findings.csv", infer_schema=False)
    edits = pl.read_csv(release / "share" / "quality" / "edits.csv")
    for outcome in ("violated", "possible"):
        rows = found.filter(pl.col("outcome") == outcome).group_by("edit").len()
        both = edits.select("edit", outcome).join(rows, on="edit", how="full", coalesce=True).fill_null(0)
        assert both.filter(pl.col(outcome) != pl.col("len")).rows() == []
