"""A treatment cell as tokens: names, counts, doses, separators and marks, in order."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from functools import lru_cache

from etl.normalise.treatment_words import Lexicon, folded


class NotUnderstoodError(Exception):
    """The cell does not follow the grammar; the message is the reason and holds no text of the cell."""


@dataclass(frozen=True)
class Token:
    """One token; `text` is the name or the mark, `numbers` the numbers in order (None where a part is absent)."""

    kind: str  # name | mark | dose | fields | fractions | count | count_before | then | with
    text: str
    numbers: tuple[float | None, ...] = ()


# In this order at each place; forms other than the seed's (x4; 50+10Gy; 3 fields) are usual in hospital exports.
NUMBERS = {
    "dose": r"(?P<dose_gy>\d+(?:\.\d+)?)(?:\s*\+\s*(?P<boost_gy>\d+(?:\.\d+)?))?\s*(?P<centi>c?)gy\b",
    "fields": r"(?P<fields_n>\d+)\s*fields?\b",
    "fractions": r"(?:/|\bin)\s*(?P<fractions_n>\d+)\s*(?:#|fractions?\b|fr\b|f\b)",
    "count_before": r"(?P<before_n>\d+)\s*x\s*(?=[a-z])",
    "count": r"(?:x\s*(?P<times_n>\d+)|\*(?P<star_n>\d+)|\((?P<bracket_n>\d+)\)|(?P<cycles_n>\d+)\s*(?:#|cycles?\b))",
}
SEPARATORS = {"then": r";|->|=>|→|>|then\b|followed by\b|f/b(?![a-z])", "with": r"[/+,&]|and\b"}
SUP = r"<sup>\s*(?P<sup_text>[^<>]*?)\s*</sup>"


@lru_cache(maxsize=32)
def _pattern(names: str, symbols: tuple[str, ...]) -> re.Pattern[str]:
    """One expression for all tokens: the groups named by kind say which one matched."""
    marks = "|".join(re.escape(mark) for mark in symbols) or r"(?!)"
    parts = {"sup": SUP, "symbol": marks, "name": names, **NUMBERS, **SEPARATORS, "letter": r"(?<=\s)[a-z](?=\s|$)"}
    return re.compile("|".join(f"(?P<{kind}>{expression})" for kind, expression in parts.items()))


def tokens(cell: str, lexicon: Lexicon, marks: Collection[str]) -> tuple[Token, ...]:
    """The tokens of one cell in order. `marks` are the marks the contract names.

    Raises NotUnderstoodError where a stretch of the cell is no token or a mark is not in the contract.
    """
    symbols = tuple(sorted((mark for mark in marks if not mark.isalnum()), key=lambda mark: (-len(mark), mark)))
    return tuple(_scanned(folded(cell), _pattern(lexicon.names, symbols), lexicon, marks))


def _scanned(text: str, pattern: re.Pattern[str], lexicon: Lexicon, marks: Collection[str]) -> Iterator[Token]:
    place, before = 0, ""
    while place < len(text):
        if text[place] == " ":
            place += 1
            continue
        match = pattern.match(text, place)
        if match is None or match.end() == place:
            raise NotUnderstoodError("unknown word")
        token = _token(match, before, lexicon, marks)
        yield token
        place, before = match.end(), token.text if token.kind == "name" else ""


def _token(match: re.Match[str], before: str, lexicon: Lexicon, marks: Collection[str]) -> Token:
    kind = str(match.lastgroup)
    kind = next(k for k in ("sup", "symbol", "name", *NUMBERS, *SEPARATORS, "letter") if match[k] is not None)
    if kind == "sup":
        return _mark(match["sup_text"], marks)
    if kind == "symbol":
        return Token("mark", match[0])
    if kind == "letter":
        if before not in lexicon.letter_marks_after:
            raise NotUnderstoodError("unknown word")
        return _mark(match[0], marks)
    return Token(kind, match[0], _numbers(kind, match))


def _mark(text: str, marks: Collection[str]) -> Token:
    if text not in marks:
        raise NotUnderstoodError("mark not in the contract")
    return Token("mark", text)


def _numbers(kind: str, match: re.Match[str]) -> tuple[float | None, ...]:
    if kind == "dose":
        unit = 100 if match["centi"] else 1
        return tuple(None if part is None else float(part) / unit for part in (match["dose_gy"], match["boost_gy"]))
    groups = {
        "fields": ("fields_n",),
        "fractions": ("fractions_n",),
        "count_before": ("before_n",),
        "count": ("times_n", "star_n", "bracket_n", "cycles_n"),
    }
    return tuple(float(match[name]) for name in groups.get(kind, ()) if match[name] is not None)
