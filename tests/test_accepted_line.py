"""A registry that shrank by right: the night is refused, the line that the refusal prints is pasted, and the next night is published."""

from __future__ import annotations

import csv
import datetime
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from etl.bundled import bundled
from etl.outcome import Outcome

FEWER = 200


@pytest.fixture
def shrunk(run_project: Callable[..., Outcome], tmp_path: Path) -> Path:
    """The trial's registry after a first release, with 200 of its 686 women left; its contract lets the smaller file pass."""
    source = next(folder for folder in bundled() if folder.name == "trial_days")
    project = Path(shutil.copytree(source, tmp_path / "project"))
    contract, export = project / "contracts/gbsg2.yml", project / "exports/gbsg2.csv"
    contract.write_text(contract.read_text(encoding="utf-8") + "\nexpected_rows: {of_last: 0.1}\n", encoding="utf-8")
    assert run_project(project).exit_code == 0
    lines = export.read_text(encoding="utf-8").splitlines(keepends=True)
    head = next(place for place, line in enumerate(lines) if not line.startswith("#")) + 1
    export.write_text("".join(lines[: head + FEWER]), encoding="utf-8")
    return project


@pytest.mark.slow
def test_what_the_refusal_prints_is_all_that_it_takes(shrunk: Path, run_project: Callable[..., Outcome], tmp_path: Path) -> None:
    refused = run_project(shrunk)
    assert (refused.exit_code, refused.place) == (3, tmp_path / "out/refused" / refused.run_id)
    said = refused.reason.splitlines()
    assert "women_against_previous" in said[0] and f"release {refused.run_id} is refused" in said[0]
    line = next(one for one in said if one.startswith("  "))
    assert line == f'  release: "{refused.run_id}"'

    with (shrunk / "registry.yml").open("a", encoding="utf-8") as registry:
        registry.write(f"accepted:\n{line}\n")
    for day in (2, 3):
        outcome = run_project(shrunk, as_of=datetime.date(2020, 1, day))
        assert (outcome.outcome, outcome.reason, outcome.notices) == ("published", "", ())
    with (tmp_path / "out/current/internal/baselines.csv").open(encoding="utf-8", newline="") as handle:
        women = next(row for row in csv.DictReader(handle) if row["expectation"] == "women_against_previous")
    assert (women["n"], women["run_id"], women["accepted"]) == (str(FEWER), outcome.run_id, refused.run_id)
