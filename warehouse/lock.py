"""One run at a time per output folder: an advisory lock that the kernel releases when its process ends, however it ends."""

from __future__ import annotations

import fcntl
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from schemas.core.errors import LockedError

NAME = ".lock"


@contextmanager
def run_lock(out: Path) -> Iterator[None]:
    """Holds the lock of `out` while the block runs; raises LockedError (exit 4) naming the process that has it.

    The file stays when the lock is released: removing it would let two runs lock two files of the same name.
    """
    out.mkdir(parents=True, exist_ok=True)
    handle = os.open(out / NAME, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o640)
    try:
        _take(handle, out)
        yield
    finally:
        os.close(handle)


def _take(handle: int, out: Path) -> None:
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        raise LockedError(f"{out}: another run holds the lock{_holder(handle)}") from None
    note = {"pid": os.getpid(), "started": datetime.now(UTC).isoformat(timespec="seconds")}
    os.ftruncate(handle, 0)
    os.pwrite(handle, json.dumps(note).encode(), 0)


def _holder(handle: int) -> str:
    try:
        note = json.loads(os.pread(handle, 4096, 0))
        return f" (process {note['pid']}, started {note['started']})"
    except (ValueError, KeyError, TypeError):  # the other run has the lock and has not yet written who it is
        return ""
