from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from schemas.core.errors import ConfigurationError, LockedError
from warehouse.lock import Died, not_the_project, open_folder, run_lock, usable

HOLDER = """
import sys, pathlib
from warehouse.lock import run_lock
with run_lock(pathlib.Path(sys.argv[1])):
    print("held", flush=True)
    sys.stdin.read()
"""


def test_turns_a_second_run_away_and_says_who_holds_the_lock(tmp_path: Path) -> None:
    with run_lock(tmp_path), pytest.raises(LockedError, match=rf"process {os.getpid()}, started 20") as caught, run_lock(tmp_path):
        pass
    assert caught.value.exit_code == 4


def test_is_free_again_after_a_run_and_after_a_failure(tmp_path: Path) -> None:
    for _ in range(2):
        with pytest.raises(ZeroDivisionError), run_lock(tmp_path / "new"):
            raise ZeroDivisionError
    assert (tmp_path / "new/.lock").read_text() == ""


def test_tells_when_the_run_before_died(tmp_path: Path) -> None:
    with run_lock(tmp_path) as died:
        assert died is None
        note = json.loads((tmp_path / ".lock").read_text())
        assert note["pid"] == os.getpid()
    (tmp_path / ".lock").write_text(json.dumps(note))  # as a killed run leaves it
    (tmp_path / "runs.jsonl").write_text("{}\n")
    (tmp_path / "current").symlink_to("releases/a")
    with run_lock(tmp_path) as died:
        assert died == Died(note["started"], 0, "")
        later = json.loads((tmp_path / ".lock").read_text())
        assert (later["noted"], later["current"]) == (3, "a")
    with run_lock(tmp_path) as died:
        assert died is None


def test_opens_the_folders_it_makes_whatever_the_umask(tmp_path: Path) -> None:
    before = os.umask(0o077)
    try:
        open_folder(tmp_path / "a" / "b")
    finally:
        os.umask(before)
    assert [(tmp_path / name).stat().st_mode & 0o777 for name in ("a", "a/b")] == [0o755, 0o755]


def test_names_a_folder_that_cannot_be_used(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(ConfigurationError, match="file: cannot be used as the output folder"):
        usable(tmp_path / "file")


def test_names_a_copy_that_followed_the_link_and_a_file_in_the_place_of_a_folder(tmp_path: Path) -> None:
    usable(tmp_path)
    (tmp_path / "current").mkdir()
    with pytest.raises(ConfigurationError, match="current: is a folder or file of its own"):
        usable(tmp_path)
    (tmp_path / "current").rmdir()
    (tmp_path / "landing").write_text("")
    with pytest.raises(ConfigurationError, match="landing: is no folder"):
        usable(tmp_path)


def test_turns_a_run_away_that_comes_before_the_holder_has_written_its_name(tmp_path: Path) -> None:
    with run_lock(tmp_path):
        (tmp_path / ".lock").write_text("")
        with pytest.raises(LockedError, match=r"holds the lock$"), run_lock(tmp_path):
            pass


def test_is_released_when_the_process_is_killed(tmp_path: Path) -> None:
    with subprocess.Popen([sys.executable, "-c", HOLDER, str(tmp_path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as other:
        assert other.stdout is not None
        assert other.stdout.readline() == b"held\n"
        with pytest.raises(LockedError, match=f"process {other.pid}"), run_lock(tmp_path):
            pass
        other.kill()
        other.wait()
    with run_lock(tmp_path):
        pass


def test_does_not_take_the_project_folder_for_the_output_folder(tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(tmp_path)
    not_the_project(tmp_path, tmp_path / "out")
    for name in (".", "link", "out/.."):
        with pytest.raises(ConfigurationError, match="is the project folder"):
            not_the_project(tmp_path, tmp_path / name)
