"""Troubles of the machine and not of the program: a full disk, no permission, no memory. Said without a word of the data."""

from __future__ import annotations

import errno

FULL = "the disk is full: make room for the output folder and for temporary files, and run again"
MEMORY = "the memory does not suffice: see --memory-limit and docs/operating.md"
DENIED = {errno.EACCES: "permission denied", errno.EPERM: "permission denied", errno.EROFS: "it can only be read"}


def trouble(error: BaseException) -> str | None:
    """What an error says of the machine and what to do; None where it says nothing of it."""
    text = str(error).lower()  # searched, never shown
    number = error.errno if isinstance(error, OSError) else None
    if number in (errno.ENOSPC, errno.EDQUOT) or "no space left on device" in text or "disk quota exceeded" in text:
        return FULL
    if isinstance(error, MemoryError) or type(error).__name__ == "OutOfMemoryException":
        return MEMORY
    if number in DENIED and isinstance(error, OSError) and error.filename is not None:
        return f"{error.filename}: {DENIED[number]}"
    return None
