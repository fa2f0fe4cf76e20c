"""The patterns of `files`: whether one name can match two of them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from fnmatch import fnmatchcase

# A piece of a pattern: `*`, `?`, a class in brackets, or one character.
PIECE = re.compile(r"\*+|\?|\[!?\]?[^\]]*\]|.", re.DOTALL)
_RANGE = re.compile(r"\[(\w)-(\w)\]")


def is_plain(pattern: str) -> bool:
    """Whether the pattern is the name of one file."""
    return not any(mark in pattern for mark in "*?[")


def matches_nothing(pattern: str) -> bool:
    """Whether no name matches: an empty pattern, or a class in brackets whose range runs backwards (`[9-0]`)."""
    backwards = [ends for ends in _RANGE.findall(pattern) if ends[0] > ends[1]]
    return not pattern.strip() or bool(backwards)


def can_share(one: str, other: str) -> bool:
    """Whether some name matches both. Of two classes in brackets it is taken that they can share a character."""
    if is_plain(one) or is_plain(other):
        plain, pattern = (one, other) if is_plain(one) else (other, one)
        return fnmatchcase(plain, pattern)
    return _meet(PIECE.findall(one), PIECE.findall(other))


def _meet(a: Sequence[str], b: Sequence[str]) -> bool:
    """Walk both patterns at once: the pairs of places that some text leads to."""
    places, seen = [(0, 0)], {(0, 0)}
    while places:
        i, j = places.pop()
        if i == len(a) and j == len(b):
            return True
        for step in _steps(a[i] if i < len(a) else "", b[j] if j < len(b) else ""):
            nearer = (i + step[0], j + step[1])
            if nearer not in seen:
                seen.add(nearer)
                places.append(nearer)
    return False


def _steps(x: str, y: str) -> list[tuple[int, int]]:
    """How far both may go on: a star ends, or takes what the other has; two pieces that share a character are passed together."""
    steps = []
    if x.startswith("*"):
        steps += [(1, 0), (0, 1)] if y else [(1, 0)]
    if y.startswith("*"):
        steps += [(0, 1), (1, 0)] if x else [(0, 1)]
    elif x and y and not x.startswith("*") and _share(x, y):
        steps.append((1, 1))
    return steps


def _share(x: str, y: str) -> bool:
    if len(x) == 1 and x != "?":
        return fnmatchcase(x, y) if len(y) > 1 or y == "?" else x == y
    return fnmatchcase(y, x) if len(y) == 1 and y != "?" else True
