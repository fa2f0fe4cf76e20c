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

FEWER, AGAIN = 200, 60


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
    once, outcome = (run_project(shrunk, as_of=datetime.date(2020, 1, day)) for day in (2, 3))
    assert (once.outcome, once.reason) == ("published", "")
    assert ["records_kept" in notice.message for notice in once.notices] == [True]  # who is gone is told of the first night
    assert (outcome.outcome, outcome.reason, outcome.notices) == ("published", "", ())
    with (tmp_path / "out/current/internal/baselines.csv").open(encoding="utf-8", newline="") as handle:
        women = next(row for row in csv.DictReader(handle) if row["expectation"] == "women_against_previous")
    assert (women["n"], women["run_id"], women["accepted"]) == (str(FEWER), outcome.run_id, refused.run_id)


@pytest.mark.slow
def test_the_alarm_returns_while_the_line_stays(shrunk: Path, run_project: Callable[..., Outcome]) -> None:
    """A second source tells of the women too, and later the registry shrinks again: the line spoke for the first time only."""
    _second_source(shrunk)
    first = run_project(shrunk)
    assert first.exit_code == 3
    _accept(shrunk, first.run_id)
    assert run_project(shrunk, as_of=datetime.date(2020, 1, 2)).exit_code == 0
    _left(shrunk, AGAIN)
    again = run_project(shrunk, as_of=datetime.date(2020, 1, 3))
    assert again.exit_code == 3
    assert "women_against_previous" in again.reason.splitlines()[0]
    assert f'  release: "{again.run_id}"' in again.reason.splitlines()
    assert run_project(shrunk, as_of=datetime.date(2020, 1, 4)).exit_code == 3, "and sounds until it is answered"


def _accept(project: Path, run_id: str) -> None:
    with (project / "registry.yml").open("a", encoding="utf-8") as registry:
        registry.write(f'accepted:\n  release: "{run_id}"\n')


def _left(project: Path, women: int) -> None:
    """So many women of each export."""
    for export in (project / "exports").glob("*.csv"):
        lines = export.read_text(encoding="utf-8").splitlines(keepends=True)
        head = next(place for place, line in enumerate(lines) if not line.startswith("#")) + 1
        export.write_text("".join(lines[: head + women]), encoding="utf-8")


def _second_source(project: Path) -> None:
    """The same women from another hand."""
    contract, export = project / "contracts/gbsg2.yml", project / "exports/gbsg2.csv"
    text = contract.read_text(encoding="utf-8")
    other = text.replace("contract: gbsg2", "contract: other").replace("source: gbsg2", "source: other").replace("gbsg2.csv", "other.csv")
    (project / "contracts/other.yml").write_text(other, encoding="utf-8")
    shutil.copy(export, project / "exports/other.csv")
    registry = project / "registry.yml"
    said = registry.read_text(encoding="utf-8").replace("  gbsg2: {required: true}", "  gbsg2: {required: true}\n  other: {}")
    registry.write_text(said.replace("trust: [gbsg2]", "trust: [gbsg2, other]"), encoding="utf-8")
