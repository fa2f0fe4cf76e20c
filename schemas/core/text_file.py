"""The text of a file that people write: UTF-8, or a mistake with the line where it is none."""

from __future__ import annotations

from pathlib import Path

from schemas.core.errors import NO_UTF8, Mistake


def is_visible(path: Path) -> bool:
    """Whether a file is read: none that an editor or a system has put there, and no folder."""
    return path.is_file() and not path.name.startswith((".", "~"))


def text_of(path: Path, file: str) -> tuple[str | None, list[Mistake]]:
    """The text of a file, None and the mistake where it is no UTF-8; `file` is the name to report."""
    return decoded(path.read_bytes(), file)


def decoded(content: bytes, file: str) -> tuple[str | None, list[Mistake]]:
    """The text that these bytes are, without the mark that some systems put before it."""
    try:
        return content.decode("utf-8-sig"), []
    except UnicodeDecodeError as error:
        return None, [Mistake(file, content[: error.start].count(b"\n") + 1, *NO_UTF8)]
