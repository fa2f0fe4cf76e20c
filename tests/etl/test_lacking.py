"""A required source of which one contract was never read: its records are loaded, and no study has numbers (DESIGN 2.9)."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from landing_project import contract, deliver, landed, project

from etl.landing.lacking import lacking
from etl.landing.land import mark

# of the ward: patients, and treatments (what came of them tonight, whether the source is required), and what is said
ONLY, READ = "id\n1\n", "id\n2\n"
CASES: dict[str, tuple[str, tuple[str, ...], str]] = {
    "both came": (READ, ("ward",), ""),
    "no treatments ever": ("", ("ward",), "refused: no export was ever read by the contract treatments of the required source ward"),
    "no treatments ever, of a source that is not required": ("", (), ""),
}


@pytest.mark.parametrize("case", CASES)
def test_says_why_a_study_has_no_numbers(tmp_path: Path, case: str) -> None:
    treatments, required, says = CASES[case]
    made: dict[str, Any] = {"source": "ward"}
    mine = project(tmp_path, contract("patients", "pat*.csv", **made), contract("treatments", "tre*.csv", **made), required=required)
    deliver(mine, pat__csv=ONLY, tre__csv=treatments)
    assert lacking(mine, landed(mine, tmp_path / "out")) == says


def test_takes_what_stands_in_for_tonight_s(tmp_path: Path) -> None:
    mine, out = project(tmp_path), tmp_path / "out"
    deliver(mine, ward__csv=ONLY)
    mark(out, [file.name for file in landed(mine, out).files], "good")
    deliver(mine, ward__csv="")
    assert lacking(mine, landed(mine, out)) == ""
