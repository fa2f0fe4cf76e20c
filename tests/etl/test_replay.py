"""`oncomart replay`: what is in quarantine is judged again without the exports, under what the project says today."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest
from answered_wards import HEAD, deliver, findings, line, project, quarantined, ran

from etl.landing.land_again import land_again
from etl.options import RunOptions
from etl.progress import Progress
from etl.replay import Replayed, replay, told
from etl.row_of_file import explain_row
from schemas.core.errors import ConfigurationError, RefusedError
from schemas.project import load_project
from tests.expectations_met import expectations_met
from warehouse.content import content_hash

QUIET = Progress(quiet=True)


def replayed(folder: Path) -> Replayed:
    with expectations_met():
        return replay(folder / "project", folder / "out", RunOptions(), QUIET)


def said(folder: Path) -> dict[str, Any]:
    return dict(json.loads((folder / "out/current/run.json").read_text(encoding="utf-8")))


@pytest.fixture(scope="module")
def ward(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, Any]]:
    """Two nights, the second with a register of deaths that cannot be read; then no exports any more, and replays."""
    folder, seen = tmp_path_factory.mktemp("ward"), {}
    mine, out = project(folder / "project"), folder / "out"
    assert ran(mine, out).outcome == "published"
    deliver(mine, "deaths.csv", "nric,died\n", "id_no,died\n")
    assert ran(mine, out).outcome == "published_with_refusals"
    seen["second night"] = said(folder)
    shutil.move(mine / "exports", folder / "exports")
    seen["nothing changed"] = replayed(folder)
    (mine / "overrides.csv").write_text(HEAD + line(findings(out).row(0, named=True)), encoding="utf-8")
    seen["overridden"] = replayed(folder)
    seen["overridden run"] = said(folder)
    contract = mine / "contracts" / "deaths.yml"
    contract.write_text(contract.read_text(encoding="utf-8").replace("nric: {", "nric: {header: id_no, "), encoding="utf-8")
    bound = {target: explain_row(mine, out, target).splitlines()[1].removeprefix("row_key: ") for target in ("a.csv:2", "b.csv:4")}
    (mine / "corrections.csv").write_text(
        "target,column,expected_old_value,new_value,reason,author,date,expires,row_key\n"
        f"b.csv:4,Side,right,left,chart,AB,2019-12-01,,{bound['b.csv:4']}\na.csv:2,Side,left,right,chart,AB,2019-12-01,,{bound['a.csv:2']}\n",
        encoding="utf-8",
    )
    seen["contract mended"] = replayed(folder)
    return folder, seen


@pytest.mark.slow
def test_says_unchanged_where_nothing_changed(ward: tuple[Path, dict[str, Any]]) -> None:
    night = ward[1]["nothing changed"]
    assert (night.outcome.outcome, night.outcome.exit_code, night.told) == ("unchanged", 0, None)
    assert "the quarantine is as it was" in told(night)
    # the file that was refused was tried again and refused again, and the same delivery stands in
    assert [one.carried_forward for one in night.outcome.refusals] == ["deaths.csv"]


@pytest.mark.slow
def test_releases_what_is_overridden_today_without_the_exports(ward: tuple[Path, dict[str, Any]]) -> None:
    night = ward[1]["overridden"]
    assert night.outcome.outcome == "published_with_refusals"
    assert night.told.rows() == [("OURS-001", 2, 1, 1, 0, 0)]
    assert told(night).splitlines()[1].split() == ["edit", "before", "released", "still", "gone", "newly"]


@pytest.mark.slow
def test_keeps_what_was_refused_and_what_stands_in(ward: tuple[Path, dict[str, Any]]) -> None:
    before, after = ward[1]["second night"], ward[1]["overridden run"]
    assert after["inputs"]["landed"] == before["inputs"]["landed"]
    assert after["refusals"] == before["refusals"]
    assert {one["fate"] for one in after["inputs"]["landed"]} == {"goes_on", "carried_forward"}


@pytest.mark.slow
def test_reads_a_refused_file_that_todays_contract_can_read(ward: tuple[Path, dict[str, Any]]) -> None:
    folder, seen = ward
    night = seen["contract mended"]
    assert night.outcome.outcome == "published"
    assert {one["fate"] for one in said(folder)["inputs"]["landed"]} == {"goes_on"}
    # b.csv row 4 was corrected; a.csv row 2 was turned into an error
    assert sum(night.told["released"]) == 1
    assert sum(night.told["newly"]) == 1
    assert quarantined(folder / "out") == {("a.csv", 2)}


@pytest.mark.slow
def test_publishes_what_a_run_with_the_exports_would(ward: tuple[Path, dict[str, Any]], tmp_path: Path) -> None:
    folder, seen = ward
    mine = Path(shutil.copytree(folder / "project", tmp_path / "project"))
    shutil.copytree(folder / "exports", mine / "exports")
    outcome = ran(mine, tmp_path / "out")
    assert outcome.run_id == seen["contract mended"].outcome.run_id
    hashes = [content_hash(out / "current" / "warehouse.duckdb") for out in (folder / "out", tmp_path / "out")]
    assert hashes[0] == hashes[1]


def test_needs_a_release(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="nothing is published here"):
        replay(project(tmp_path / "project"), tmp_path / "out", RunOptions(), QUIET)
    assert not (tmp_path / "out").exists()


@pytest.mark.slow
def test_says_which_landed_copy_is_gone(ward: tuple[Path, dict[str, Any]], tmp_path: Path) -> None:
    folder, _ = ward
    out = Path(shutil.copytree(folder / "out", tmp_path / "out", symlinks=True))
    sha256 = next(one["sha256"] for one in said(folder)["inputs"]["landed"] if one["name"] == "b.csv")
    (out / "landing" / sha256[:2] / f"{sha256}.csv").unlink()
    with pytest.raises(RefusedError, match=r"b\.csv: its landed copy is gone"):
        land_again(load_project(folder / "project"), out)
