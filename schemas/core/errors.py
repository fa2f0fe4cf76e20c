"""Errors that a user is expected to meet, each with the exit code of DESIGN 8.

An expected error prints one sentence per mistake and no traceback. None of them may carry a
patient value: they name the file, line or row, column, edit and count.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path


@dataclass(frozen=True, order=True)
class Mistake:
    """One mistake in what the user wrote: where it is, what is wrong, what to do.

    `file` is relative to the project folder (or the user's own spelling of the path); `line` is 1-based.
    """

    file: str
    line: int | None
    message: str
    hint: str = ""

    def __str__(self) -> str:
        place = self.file if self.line is None else f"{self.file}:{self.line}"
        return f"{place}: {self.told}"

    @property
    def told(self) -> str:
        """What is wrong and what to do, without the place."""
        return f"{self.message} ({self.hint})" if self.hint else self.message


class OncomartError(Exception):
    """An expected failure: `exit_code` is what the command line returns."""

    exit_code = 1


class ConfigurationError(OncomartError):
    """The project, a contract, a study, a vocabulary or the call is wrong (exit 2, before any data is read)."""

    exit_code = 2

    def __init__(self, mistakes: Iterable[Mistake]) -> None:
        self.mistakes = sorted(set(mistakes), key=lambda m: (m.file, m.line or 0, m.message))
        super().__init__("\n".join(str(mistake) for mistake in self.mistakes))


class RefusedError(OncomartError):
    """The data or a gate refused to publish (exit 3); the last good release stays current."""

    exit_code = 3


class LockedError(OncomartError):
    """Another run holds the lock of this output folder (exit 4)."""

    exit_code = 4


@dataclass(frozen=True)
class Unsaid:
    """A setting that nobody can tell from the file and somebody must say: its key in a contract, and in words what it may be."""

    key: str
    perhaps: str


class UnreadableError(OncomartError):
    """One export cannot be read or breaks its contract: it is refused alone (DESIGN 2.9).

    `reason` is a word for the ledger, `what` says file, row and column; never a value. The message adds where to say what is `unsaid`.
    """

    exit_code = 3

    def __init__(self, reason: str, what: str, unsaid: Unsaid | None = None) -> None:
        self.reason, self.what, self.unsaid = reason, what, unsaid
        super().__init__(what if unsaid is None else f"{what}; say under '{unsaid.key}' which it has{unsaid.perhaps}")


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """A hint naming the nearest known words, or an empty text where none is near."""
    listed = sorted(known)
    near = get_close_matches(word, listed, n=2, cutoff=0.6) or get_close_matches(word.lower(), listed, n=2, cutoff=0.6)
    return f"did you mean {' or '.join(near)}?" if near else ""


NO_UTF8 = ("the file is not UTF-8 text", "save it with the encoding UTF-8 (in Excel: 'CSV UTF-8')")  # message and hint


def no_folder(path: Path, kind: str = "folder") -> str:
    """What to say of a path that should be a folder and is none."""
    return f"'{path}' is a file; what is named is a folder" if path.exists() else f"there is no {kind} '{path}'"


def as_one(wrong: Sequence[Mistake]) -> Mistake:
    """All that is wrong with one line or row as one mistake."""
    first = wrong[0]
    messages, hints = (dict.fromkeys(getattr(one, part) for one in wrong) for part in ("message", "hint"))
    return Mistake(first.file, first.line, "; ".join(messages), "; ".join(hint for hint in hints if hint))


MOST_NAMED = 10


def few(names: Iterable[object]) -> list[str]:
    """The names, of very many the first ten and how many more there are: a list that nobody reads to its end says nothing."""
    listed = [str(name) for name in names]
    return listed if len(listed) <= MOST_NAMED else [*listed[:MOST_NAMED], f"and {len(listed) - MOST_NAMED:,} more"]
