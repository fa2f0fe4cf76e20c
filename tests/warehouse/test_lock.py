from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from schemas.core.errors import LockedError
from warehouse.lock import run_lock

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
    assert json.loads((tmp_path / "new/.lock").read_text())["pid"] == os.getpid()


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
