"""What takes long to make and is only read: made by the first worker that asks for it, for all of them."""

from __future__ import annotations

import fcntl
import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest


def made_once(factory: pytest.TempPathFactory, name: str, make: Callable[[Path], object]) -> Path:
    """The folder of that name, filled by `make`; nobody may change it."""
    base = factory.getbasetemp()
    folder = (base.parent if "PYTEST_XDIST_WORKER" in os.environ else base) / name
    done = folder.with_suffix(".done")
    with folder.with_suffix(".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not done.is_file():
            shutil.rmtree(folder, ignore_errors=True)  # what a failure has left
            folder.mkdir()
            make(folder)
            done.touch()
    return folder


def after_one_night(bundled_out: Path, out: Path) -> Path:
    """A copy of the output folder of the published registry as its first run has left it; tests run into the original."""
    with Path(f"{bundled_out}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        shutil.copytree(bundled_out / "published", out, symlinks=True)
    attempts = out / "runs.jsonl"
    attempts.write_text(attempts.read_text(encoding="utf-8").splitlines(keepends=True)[0], encoding="utf-8")
    return out
