"""Compares two headers while passing over how they are written (`headers: loose`)."""

from __future__ import annotations

import unicodedata


def loosely(header: str) -> str:
    """The header without what `headers: loose` passes over: capitals, blanks, line breaks, `_`, `-`, `.` and the like."""
    folded = unicodedata.normalize("NFKC", header).casefold()
    return "".join(character for character in folded if character.isalnum()) or folded.strip()
