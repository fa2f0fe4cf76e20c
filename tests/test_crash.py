"""A run that is killed leaves the last release current and nothing in the way of the next run."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from etl.nights import delivered_anew, history
from tests.same_release import differences

# What compares with the releases before: from nothing there was none (DESIGN 2.1).
HISTORY = sorted(map(Path, (delivered_anew.STOOD, history.STOOD, history.EDITS, "share/quality/index.html", history.MEASURES)))
COMMAND = [sys.executable, "-m", "etl.cli", "run", "--quiet"]


def start(project: Path, out: Path) -> subprocess.Popen[bytes]:
    return subprocess.Popen([*COMMAND, "--project", str(project), "--out", str(out)], stdout=subprocess.DEVNULL)


@pytest.mark.slow
@pytest.mark.parametrize("part", [0.15, 0.45, 0.7, 0.9, 0.98])
def test_a_killed_run_leaves_the_last_release_and_the_next_run_completes(
    part: float, published: Path, tmp_path: Path, bundled_out: Path
) -> None:
    out = tmp_path / "out"
    began = time.perf_counter()
    assert start(published, out).wait() == 0
    whole = time.perf_counter() - began
    first = (out / "current").resolve()
    facts = published / "exports" / "text_facts.csv"
    kept = facts.read_bytes()
    facts.write_bytes(kept.replace(b"side effects", b"toxicity"))
    process = start(published, out)
    time.sleep(part * whole)
    os.kill(process.pid, signal.SIGKILL)
    process.wait()
    assert (out / "current" / "warehouse.duckdb").is_file()
    assert (out / "current" / "share" / "quality" / "index.html").is_file()
    assert start(published, out).wait() == 0
    assert (out / "current").resolve() != first
    assert not [path for path in (out / "releases").iterdir() if path.name.startswith(".")]
    facts.write_bytes(kept)
    assert start(published, out).wait() == 0
    assert differences(bundled_out / "published", out) == [f"published: {name} differs" for name in HISTORY]
