"""When two headers are the same although they are not written alike."""

from __future__ import annotations

import unicodedata


def loosely(header: str) -> str:
    """The header without what `headers: loose` passes over: capitals, blanks, line breaks, `_`, `-`, `.` and the like."""
    folded = unicodedata.normalize("NFKC", header).casefold()
    return "".join(character for character in folded if character.isalnum()) or folded.strip()
