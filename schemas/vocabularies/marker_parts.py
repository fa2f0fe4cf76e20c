"""What a text that names several markers says of one of them: of `ER neg (0%), PR neg (0%), HER2 3+` HER2 is told the 3+ alone."""

from __future__ import annotations

import re
from itertools import pairwise, starmap

import polars as pl

from schemas.vocabularies.spelling import fold

# ER/PR, ER and PR, ER PR: what follows is said of both
_TOGETHER = re.compile(r"\s*(?:[/,&]|(?:and|und|et|y|e|en)(?![a-z]))\s*|\s+")
_FOR = r"(?:for|in|fur|pour|para|per)\s*"
# the result stands in front of the name: negative for HER2, Positive: ER, PR
_IN_FRONT = re.compile(
    r"(?:(?:positiv|negativ|\bpos|\bneg)[a-z.]*[\s:=()\[\]-]*|(?:[%+]|\d)[a-z.]*\s*|\d\+\s*[:=]\s*|\+\s*/\s*-\s*|-\s*/\s*\+\s*"
    r"|[(\[]\s*(?:[+-]+|\d{1,3}\s*%?|\d\s*\+)\s*[)\]]\s*)"
    rf"(?:{_FOR})?$"
)
# what is denied, missing or doubted is the name behind it: no ER, PR positive
_DENIED = re.compile(
    r"(?<![a-z])(?:no|not|non|nor|neither|either|without|kein[a-z]*|nicht|ohne|geen|niet|zonder|sans|pas|sin|senza|sem|nie|bez"
    r"|absent|(?:absence|loss|lack) of|lack(?:s|ed|ing)|lost)\s*$|(?<!\S)\?$"
)
# which of two names it is is open, or the sign is of the name behind it: ER or PR positive, -ER, +PR
_OPEN = re.compile(r"\s*(?:and\s*/\s*)?(?:or|nor|oder|of|ou|ov?|u)\s*|.*[,;/]\s*[(\[]?[+-]+[)\]]?")
_EDGES = " \t,;.:="
# A doubt, or a word between two names that is no sign and joins nothing.
_WORDS = re.compile(r"\?|\b(?!(?:ve|pos|neg|positive|negative|and|und|et|y|e|en|strong|weak|low)\b)[^\W\d_]+")


def own_parts(asked: pl.DataFrame, names: pl.DataFrame) -> pl.Series:
    """Per row of `asked` (raw, context: the marker) the text that is said of its marker; null where the text names several markers
    and does not tell. `names` (text, code): how markers are called."""
    called = dict(zip(names["text"], names["code"], strict=True))
    name = re.compile(rf"(?<![a-z0-9])(?:{'|'.join(re.escape(text) for text in sorted(called, key=len, reverse=True))})(?![a-z0-9])")
    glued, dash = _glued(sorted(called, key=len, reverse=True))
    told = pl.Series("raw", [glued.sub("-, ", raw) if raw and not dash.search(raw) else raw for raw in asked["raw"]], dtype=pl.String)
    folded = told.to_frame().select(fold(pl.col("raw"))).to_series()
    found = [
        raw if text is None or marker is None else _own_part(text, raw, marker, _named(name, text, called))
        for text, raw, marker in zip(folded, asked["raw"], asked["context"], strict=True)
    ]
    return pl.Series("raw", found, dtype=pl.String)


def _glued(names: list[str]) -> tuple[re.Pattern[str], re.Pattern[str]]:
    """A minus glued to what stands before it, a blank and a name behind it (`ER- PR-`): of the first one. Folding takes the blank away.

    And a minus between a name and a word or a number (`PR- positive`, `PR- pending`): it is a dash there, and so may be every other one.
    """
    any_name = "|".join(map(re.escape, names))
    glued = re.compile(rf"(?<=[a-z0-9])-\s+(?=(?:{any_name})(?![a-z0-9]))", re.IGNORECASE)
    next_name = rf"(?!(?:{any_name}|and|und|et|y|e|en)(?![a-z0-9]))"
    dash = rf"(?<![a-z0-9])(?:{any_name})-(?:\s+{next_name}[a-z0-9?]|\s*[:(]\s*{next_name}[a-z?])"
    return glued, re.compile(dash, re.IGNORECASE)


def _named(name: re.Pattern[str], text: str, called: dict[str, str]) -> list[tuple[int, int, str]]:
    """Where each name begins and ends, and of which marker it is."""
    return [(found.start(), found.end(), called[found[0]]) for found in name.finditer(text)]


def _own_part(text: str, raw: str, marker: str, named: list[tuple[int, int, str]]) -> str | None:
    codes = {code for _, _, code in named}
    if len(codes) < 2 or marker not in codes:
        return raw
    groups = _groups(text, named)
    starts = [group[0][0] for group in groups]
    ends = [*starts[1:], len(text)]
    pieces = [text[group[-1][1] : end] for group, end in zip(groups, ends, strict=True)]
    if any(_is_of_the_next(text[:start], place) for place, start in enumerate(starts)) or any(starmap(_is_open, pairwise(pieces))):
        return None
    parts = [
        _plain(piece, end == len(text)) for group, piece, end in zip(groups, pieces, ends, strict=True) if marker in {c for *_, c in group}
    ]
    if marker == "her2" and parts == ["+"] and _is_glued_plus(text, named):
        return "HER2+"  # glued to its name it is the result, as in a text of its own; apart it may be a score
    return None if "" in parts else ", ".join(parts)


def _is_glued_plus(text: str, named: list[tuple[int, int, str]]) -> bool:
    """Whether a plus is glued to the name of HER2, and no word before it says of whom (`ER+, mother HER2+`)."""
    befores = [0, *(end for _, end, _ in named)]
    her2 = [(text[before:start], end) for before, (start, end, code) in zip(befores, named, strict=False) if code == "her2"]
    return any(text[end : end + 1] == "+" and not _WORDS.search(before) for before, end in her2)


def _groups(text: str, named: list[tuple[int, int, str]]) -> list[list[tuple[int, int, str]]]:
    """The names that stand together, in order."""
    groups = [[named[0]]]
    for before, one in pairwise(named):
        if _TOGETHER.fullmatch(text[before[1] : one[0]]):
            groups[-1].append(one)
        else:
            groups.append([one])
    return groups


def _is_of_the_next(before: str, place: int) -> bool:
    """Whether what stands directly before a name is said of it: before the first one, with `for` behind it, or where it is denied."""
    in_front = _IN_FRONT.search(before) is not None
    return _DENIED.search(before) is not None or (in_front and (place == 0 or re.search(f"{_FOR}$", before) is not None))


def _is_open(piece: str, following: str) -> bool:
    """Whether what stands between two names may be of either, or of both: a plus joins them unless it is glued to the first one or
    signs are what the text says of each (ER + PR negative, but ER+ PR negative and ER + PR -)."""
    if _OPEN.fullmatch(piece):
        return True
    is_of_the_first = piece.startswith("+") and len(piece) > 1
    return piece.strip() == "+" and not is_of_the_first and not following.strip().startswith(("+", "-"))


def _plain(part: str, is_last: bool) -> str:
    """A part without the signs and words that join it to the next one; a hyphen before a word is none (HER2-negative, but -ve).

    A minus directly before the next name may join the two names: nothing is left of it."""
    part = re.sub(r"[\s,;/]+(?:and|und|et|y|e|en)\s*$", "", part)
    return "" if part == "-" and not is_last else re.sub(r"^-\s*(?=[a-z])(?!ve\b)", "", part.strip(_EDGES + "/")).strip(_EDGES)
