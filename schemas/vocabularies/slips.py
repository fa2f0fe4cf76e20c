"""Whether one word is another one but for a slip of the pen: liverr, negatve."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable

import polars as pl

LONG_WORD = 11  # letters from which two slips are allowed: a mastotomy is no mastectomy
# A word that is a code, whose every letter counts: short ones, Roman numbers also behind the letters of TNM and with an l for an I
# (iiic, ptib, pt3b), and what says of which T, N and M they are (yptnm).
CODE = re.compile(r".{1,3}|.{,6}\d.*|[acmpry]*[tnm]?[ivxl]+[a-d]?|[acpry]*tnm")
WORD = re.compile(r"[^\W_]{4,}")
# What is done to an organ: a hysterotomy is no hysterectomy.
ENDINGS = ("ectomy", "otomy", "ostomy", "oscopy", "plasty", "pexy", "graphy", "centesis")
# Shorter words are one letter apart from many others.
LEAST_ALIKE = 5


def is_slip(word: str, known: str, least: int) -> bool:
    """Whether a word is another one, or a slip of it."""
    from rapidfuzz.distance import OSA  # noqa: PLC0415 - only what was not understood needs it

    if word == known:
        return True
    shorter = min(len(word), len(known))
    is_code = any(map(CODE.fullmatch, (word, known))) or any(map(str.isdigit, known))
    if shorter < least or word[0] != known[0] or is_code or _ending(word) not in ("", _ending(known)):
        return False
    most = 2 if shorter >= LONG_WORD else 1
    return OSA.distance(word, known, score_cutoff=most) <= most


def mistakes(words: pl.Series, spellings: pl.DataFrame) -> pl.Series:
    """Of each text of words whether one is a slip of a word of the spellings: then it says something of the value, whatever that is."""
    known = {word for text in spellings["text"] for word in WORD.findall(text)}
    each = {word for text in words for word in text.split()}
    slips = {word for word in each if word not in known and any(is_slip(word, other, 4) for other in known)}
    return pl.Series(words.name, [not slips.isdisjoint(text.split()) for text in words], dtype=pl.Boolean)


class Alike:
    """Words, those of letters alone, to find whether another is one letter away from one, whichever: the first too, and of a code."""

    def __init__(self, words: Iterable[str]) -> None:
        self._left: dict[str, list[str]] = defaultdict(list)
        for word in filter(str.isalpha, words):
            if len(word) >= LEAST_ALIKE:
                for left in _without_one(word):
                    self._left[left].append(word)

    def has_one(self, word: str) -> bool:
        """Whether one of the words is this one, or one slip away from it."""
        from rapidfuzz.distance import OSA  # noqa: PLC0415 - as above

        near = (known for left in _without_one(word) for known in self._left.get(left, ())) if len(word) >= LEAST_ALIKE else ()
        return any(OSA.distance(word, known) <= 1 for known in near)


def _without_one(word: str) -> set[str]:
    """A word, and what is left of it without each of its letters: two words one slip apart have one of these in common."""
    return {word, *(word[:place] + word[place + 1 :] for place in range(len(word)))}


def _ending(word: str) -> str:
    return next((ending for ending in ENDINGS if word.endswith(ending)), "")
