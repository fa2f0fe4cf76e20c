"""One run at a time per output folder: an advisory lock that the kernel releases when its process ends, however it ends.

Who holds the lock writes so into its file and empties it at the end: what is found there was left by a run that died.
"""

from __future__ import annotations

import errno
import fcntl
import json
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from schemas.core.errors import ConfigurationError, LockedError, Mistake
from warehouse.runs import HISTORY

NAME = ".lock"
OPEN = 0o755


@dataclass(frozen=True)
class Died:
    """What a run that died had noted when it took the lock: when that was, how many bytes runs.jsonl had then, which release was current.

    Whether it got further is seen from these two, whatever the clock does. They are None where an earlier version took the lock.
    """

    started: str
    noted: int | None = None
    current: str | None = None


def open_folder(path: Path) -> None:
    """Makes the folder and those above it, open to be entered whatever the umask; one that is there keeps its mode."""
    missing = [folder for folder in (path, *path.parents) if not folder.exists()]
    for folder in reversed(missing):
        folder.mkdir(exist_ok=True)
        folder.chmod(OPEN)


def not_the_project(folder: Path, out: Path) -> None:
    """Raises ConfigurationError (exit 2) where the output folder is the project folder: an output folder is opened for its readers."""
    if out.resolve() == folder.resolve():
        says = f"the output folder '{out}' is the project folder, and an output folder is opened for its readers"
        raise ConfigurationError([Mistake("--out", None, says, f"name another, such as {out / 'out'}")])


def usable(out: Path) -> None:
    """Makes the output folder where it is not there; raises ConfigurationError (exit 2) where nothing can be written to it, or not so."""
    try:
        open_folder(out)
        handle = os.open(out / NAME, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o640)
    except OSError as error:
        is_lost = error.errno != errno.ENAMETOOLONG and out.is_symlink() and not out.exists()
        why = "it is a link that leads nowhere" if is_lost else (error.strerror or "it cannot be made").lower()
        raise ConfigurationError([Mistake(str(out), None, f"cannot be used as the output folder: {why}", "name another --out")]) from error
    os.close(handle)
    link = out / "current"
    if link.exists() and not link.is_symlink():
        hint = "a copy followed the link; copy with links kept (cp -a) or move it away"
        raise ConfigurationError([Mistake(str(link), None, "is a folder or file of its own, where the link to a release stands", hint)])
    for folder in (out / "landing", out / "releases"):
        if folder.exists() and not folder.is_dir():
            raise ConfigurationError([Mistake(str(folder), None, "is no folder", "move it away, or name another --out")])


@contextmanager
def run_lock(out: Path) -> Iterator[Died | None]:
    """Holds the lock of `out` while the block runs; raises LockedError (exit 4) naming the process that has it.

    Gives what the run before had noted, where that run died (killed, or the machine stopped), else None.

    The file stays when the lock is released: removing it would let two runs lock two files of the same name.
    """
    open_folder(out)
    handle = os.open(out / NAME, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o640)
    try:
        died = _take(handle, out)
        try:
            yield died
        finally:
            os.ftruncate(handle, 0)
    finally:
        os.close(handle)


def _take(handle: int, out: Path) -> Died | None:
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        raise LockedError(f"{out}: another run holds the lock{_holder(handle)}") from None
    before = _note(handle)
    note = {"pid": os.getpid(), "started": datetime.now(UTC).isoformat(timespec="seconds"), "noted": _noted(out), "current": _current(out)}
    text = json.dumps(note).encode()
    os.ftruncate(handle, os.pwrite(handle, text, 0))  # in this order: on a full disk what stood there is the room for it
    return _died(before)


def _noted(out: Path) -> int:
    path = out / HISTORY
    return path.stat().st_size if path.is_file() else 0


def _current(out: Path) -> str:
    link = out / "current"
    return link.readlink().name if link.is_symlink() else ""


def _died(note: Mapping[str, str]) -> Died | None:
    noted = note.get("noted", "")
    return Died(note["started"], int(noted) if noted.isdecimal() else None, note.get("current")) if "started" in note else None


def _holder(handle: int) -> str:
    note = _note(handle)
    return f" (process {note['pid']}, started {note['started']})" if note.keys() >= {"pid", "started"} else ""


def _note(handle: int) -> dict[str, str]:
    """What whoever took the lock wrote; empty where it has not yet been written, or was emptied at the end."""
    try:
        note = json.loads(os.pread(handle, 4096, 0))
    except ValueError:
        return {}
    return {name: str(value) for name, value in note.items()} if isinstance(note, dict) else {}
