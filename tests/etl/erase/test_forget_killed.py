"""An erasure that is killed, or whose release is refused, leaves a whole release; the next call or the next night's run makes it good."""

from __future__ import annotations

import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from etl.erase.every_run import withheld_of
from etl.erase.forgetting import forget, plan
from etl.options import RunOptions
from etl.pipeline import run
from etl.progress import Progress
from schemas.core.errors import RefusedError
from tests.commands import oncomart
from tests.etl.erase.forget_project import NRIC, places_with_her, project, ward
from tests.expectations_met import expectations_met

# Runs a command that is killed when it comes to one function: MODULE:NAME.NAME, then the words of the command.
KILLED = """
import os, signal, sys
from functools import reduce
from importlib import import_module
from tests.expectations_met import expectations_met
module, _, names = sys.argv[1].partition(":")
*way, last = names.split(".")
setattr(reduce(getattr, way, import_module(module)), last, lambda *_, **__: os.kill(os.getpid(), signal.SIGKILL))
from etl.cli import main
sys.argv = ["oncomart", *sys.argv[2:]]
with expectations_met():
    main()
"""
STEPS = (
    "etl.erase.landed:Erasing.sweep",  # the list is written, nothing else
    "etl.erase.landed:write_manifest",  # a file without her is there, the manifest still names the one with her
    "etl.erase.landed:Erasing._forget_content",  # the manifest names the one without her, both are there
    "etl.vault:put_in_place",  # all landed files are without her, the release is not
    "etl.pipeline:purge",  # the release without her is current, older ones are there
)


@pytest.fixture(scope="module")
def nights(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    folder = tmp_path_factory.mktemp("nights")
    project(folder / "project")
    with expectations_met():
        assert night(folder) == "published"
        yield folder


def night(folder: Path) -> str:
    return run(folder / "project", folder / "out", RunOptions(), Progress(quiet=True)).outcome


def killed(step: str, folder: Path, *words: str) -> None:
    call = [sys.executable, "-c", KILLED, step, *words, "--project", str(folder / "project"), "--out", str(folder / "out"), "--quiet"]
    assert subprocess.run(call, capture_output=True, check=False).returncode == -signal.SIGKILL


@pytest.mark.slow
@pytest.mark.parametrize("step", STEPS)
@pytest.mark.parametrize("again", ["forget", "run"])
def test_it_is_made_good_after_it_was_killed(step: str, again: str, nights: Path, tmp_path: Path) -> None:
    folder = Path(shutil.copytree(nights, tmp_path / "folder", symlinks=True))
    out = folder / "out"
    killed(step, folder, "forget", NRIC, "--yes")
    assert (out / "current" / "warehouse.duckdb").is_file()
    assert places_with_her(out), "it was killed before it was done"
    if again == "run":
        night(folder)
    else:
        place = folder / "project", out
        done = forget(*place, plan(*place, NRIC, None, drop=False), RunOptions(), Progress(quiet=True), drop=False)
        assert done is not None and done.exit_code == 0
    assert places_with_her(out) == []
    assert not withheld_of(out).is_pending
    assert night(folder) == "unchanged"


@pytest.mark.slow
def test_it_lands_no_export_with_her_where_the_night_after_is_killed(nights: Path, tmp_path: Path) -> None:
    folder = Path(shutil.copytree(nights, tmp_path / "folder", symlinks=True))
    place = folder / "project", folder / "out"
    assert forget(*place, plan(*place, NRIC, None, drop=False), RunOptions(), Progress(quiet=True), drop=False) is not None
    (folder / "project" / "exports" / "ward.csv").write_text(ward().replace("seen", "called"), encoding="utf-8")
    killed("etl.erase.landed:Erasing.put", folder, "run")
    assert places_with_her(folder / "out") == []
    assert night(folder) == "published"
    assert places_with_her(folder / "out") == []


@pytest.mark.slow
def test_it_says_so_where_the_release_without_her_is_refused(
    nights: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:  # fmt: skip
    def refuses(*_: object, **__: object) -> None:
        raise RefusedError("a gate")

    folder = Path(shutil.copytree(nights, tmp_path / "folder", symlinks=True))
    with expectations_met():
        monkeypatch.setattr("etl.pipeline.load", refuses)
        place = ("--project", str(folder / "project"), "--out", str(folder / "out"))
        told = oncomart("forget", NRIC, "--yes", *place)
        assert told.returncode == 3 and "the current release still holds her" in told.stdout
        assert (folder / "out" / "current" / "warehouse.duckdb").is_file()
        assert not [name for name in places_with_her(folder / "out") if name.startswith("landing/")]
        monkeypatch.undo()
    with expectations_met():
        assert night(folder) == "published"
    assert places_with_her(folder / "out") == []
