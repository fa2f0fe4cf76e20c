"""Troubles of the machine and not of the program: a full disk, no permission, no memory. Said without a word of the data."""

from __future__ import annotations

import errno
import os
import shutil
from contextlib import suppress
from pathlib import Path

from schemas.core.memory import is_out_of_memory

FULL = "the disk is full: make room for the output folder and for temporary files, and run again"
FULL_TEXTS = ("no space left on device", "disk quota exceeded", "no usable temporary directory")  # the last where TMPDIR has no room either
TOO_LARGE = "a file may not become as large as it must here: see the limit of the process (`ulimit -f`, LimitFSIZE) or of the file system"
MEMORY = "the memory does not suffice: see --memory-limit and docs/operating.md"
# A release is built beside the one before, the identifiers and the log of the database beside both: a third more, measured.
TIMES = 1.5
DENIED = {errno.EACCES: "permission denied", errno.EPERM: "permission denied", errno.EROFS: "it can only be read"}


class Room(str):
    """A note to an error for which there was no room: how much there is, and how much a run needs."""

    __slots__ = ()


def room(out: Path) -> Room:
    """What is free for the output folder and for temporary files now, and what a run needs, as its current release says."""
    places = {"the output folder": out, "temporary files": Path(os.environ.get("TMPDIR") or "/tmp")}
    free = [f"{_size(shutil.disk_usage(place).free)} for {what} ({place})" for what, place in places.items() if place.is_dir()]
    release, words = out / "current", f"now free: {' and '.join(free)}"
    if not release.is_dir():
        return Room(words)
    holds = sum(path.stat().st_size for path in release.resolve().rglob("*") if path.is_file())
    return Room(f"{words}; the current release holds {_size(holds)}, and a run needs about {_size(TIMES * holds)} in the output folder")


def note_room(error: BaseException, out: Path) -> None:
    """Have an error of a full disk say how much room there is (`trouble`); nothing to any other."""
    if (told := trouble(error)) is not None and told.startswith(FULL):
        with suppress(OSError):
            error.add_note(room(out))


def _size(n: float) -> str:
    return f"{n / 1e9:,.1f} GB" if n >= 1e9 else f"{n / 1e6:,.1f} MB"


def trouble(error: BaseException) -> str | None:
    """What an error says of the machine and what to do; None where it says nothing of it."""
    text = str(error).lower()  # searched, never shown
    number = error.errno if isinstance(error, OSError) else None
    if number in (errno.ENOSPC, errno.EDQUOT) or any(words in text for words in FULL_TEXTS):
        return "; ".join((FULL, *(note for note in getattr(error, "__notes__", ()) if isinstance(note, Room))))
    if number == errno.EFBIG or "file too large" in text:
        return TOO_LARGE
    if is_out_of_memory(error):
        return MEMORY
    if number == errno.ENOTDIR and isinstance(error, OSError) and error.filename is not None:
        return f"{error.filename}: a file stands where a folder should be"
    if number in DENIED and isinstance(error, OSError) and error.filename is not None:
        return f"{error.filename}: {DENIED[number]}"
    return None
