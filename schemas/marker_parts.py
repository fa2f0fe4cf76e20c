"""What a text that names several markers says of one of them: of `ER neg (0%), PR neg (0%), HER2 3+` HER2 is told the 3+ alone."""

from __future__ import annotations

import re
from itertools import pairwise

import polars as pl

from schemas.spelling import fold

# ER/PR, ER and PR: what follows is said of both
_TOGETHER = re.compile(r"\s*(?:[/,&]|(?:and|und|et|y|e|en)(?![a-z]))\s*")
# the result stands in front of the name: negative for HER2
_IN_FRONT = re.compile(r"(?:positiv|negativ|\bpos|\bneg|[%+]|\d)[a-z.]*\s*(?:(?:for|in|fur|pour|para|per)\s*)?$")
_EDGES = " \t,;.:="


def own_parts(asked: pl.DataFrame, names: pl.DataFrame) -> pl.Series:
    """Per row of `asked` (raw, context: the marker) the text that is said of its marker; null where the text names several markers
    and does not tell. `names` (text, code): how markers are called."""
    called = dict(zip(names["text"], names["code"], strict=True))
    name = re.compile(rf"(?<![a-z0-9])(?:{'|'.join(re.escape(text) for text in sorted(called, key=len, reverse=True))})(?![a-z0-9])")
    folded = asked.select(fold(pl.col("raw"))).to_series()
    found = [
        raw if text is None or marker is None else _own_part(text, raw, marker, _named(name, text, called))
        for text, raw, marker in zip(folded, asked["raw"], asked["context"], strict=True)
    ]
    return pl.Series("raw", found, dtype=pl.String)


def _named(name: re.Pattern[str], text: str, called: dict[str, str]) -> list[tuple[int, int, str]]:
    """Where each name begins and ends, and of which marker it is."""
    return [(found.start(), found.end(), called[found[0]]) for found in name.finditer(text)]


def _own_part(text: str, raw: str, marker: str, named: list[tuple[int, int, str]]) -> str | None:
    codes = {code for _, _, code in named}
    if len(codes) < 2 or marker not in codes:
        return raw
    groups = _groups(text, named)
    starts = [group[0][0] for group in groups]
    if any(_IN_FRONT.search(text[:start]) and _is_in_front(text, start, groups) for start in starts):
        return None
    ends = [*starts[1:], len(text)]
    pieces = zip(groups, ends, strict=True)
    parts = [_plain(text[group[-1][1] : end], end == len(text)) for group, end in pieces if marker in {code for _, _, code in group}]
    return None if "" in parts else ", ".join(parts)


def _groups(text: str, named: list[tuple[int, int, str]]) -> list[list[tuple[int, int, str]]]:
    """The names that stand together, in order."""
    groups = [[named[0]]]
    for before, one in pairwise(named):
        if _TOGETHER.fullmatch(text[before[1] : one[0]]):
            groups[-1].append(one)
        else:
            groups.append([one])
    return groups


def _is_in_front(text: str, start: int, groups: list[list[tuple[int, int, str]]]) -> bool:
    """Whether what stands directly before a name is of no name before it: before the first one, or with `for` behind it."""
    return start == groups[0][0][0] or re.search(r"(?:for|in|fur|pour|para|per)\s*$", text[:start]) is not None


def _plain(part: str, is_last: bool) -> str:
    """A part without the signs and words that join it to the next one; a hyphen before a word is none (HER2-negative).

    A minus directly before the next name may join the two names: nothing is left of it."""
    part = re.sub(r"[\s,;/]+(?:and|und|et|y|e|en)\s*$", "", part)
    return "" if part == "-" and not is_last else re.sub(r"^-\s*(?=[a-z])", "", part.strip(_EDGES + "/")).strip(_EDGES)
