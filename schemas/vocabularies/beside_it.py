"""Words directly beside a category that a text names: `kein M1`, `at least T2`, `später T4 N1`, `N1 (Mutter)`.

A text with a T, an N, an M or a grade says much else, and a `no` in it mostly is about that (`pT2 pN0, no LVI`). One that stands
right before the category, or alone right behind it, is about the category.
"""

from __future__ import annotations

import polars as pl

from schemas.facts import Row
from schemas.vocabularies.spelling import rules

_IT = "\x1f"
_OTHERS = r"(^|[^a-z\x1f])(?:y?[cpra]|y)?[tnm]\s?(?:is|[0-4x])[a-d]?(?:mic?)?(?:\([a-z+-]+\))?"
_WORD = r"[\p{L}/.]+"
_LINK = r"(?:de|di|du|of|for|to|zu|von|auf|op|om|evidence of|d)"
_BEFORE = rf"({_WORD}(?:\s+{_LINK})?)[\s:(=]*{_IT}"
_BEHIND = rf"{_IT}\s*[a-d]?[\s(\[:=-]*({_WORD}(?:\s+{_LINK})?|\?)\s*(?:[)\];,]|\.\s|$)"


def is_doubted(texts: pl.Series, domain: str) -> pl.Series:
    """Whether each folded text denies, doubts or only bounds the category right beside it, or says it of another time, side or person.

    False for domains whose texts are read by ordinary words alone: those words deny the whole text there.
    """
    pattern = rules(domain, "it") or rules(domain, "find")
    if not pattern or not rules(domain, "beside"):
        return pl.repeat(False, len(texts), dtype=pl.Boolean, eager=True)
    marked = pl.concat_str(pl.lit(" "), pl.col("text")).str.replace_all(pattern[0]["pattern"], f" {_IT} ")
    alone = marked.str.replace_all(_OTHERS, "$1 ")
    said = [marked.str.extract_all(_BEFORE), marked.str.extract_all(_BEHIND)]
    words = pl.concat_list(*said).list.join(" | ")
    has = _has(marked, alone, "|".join(rule["pattern"] for rule in rules(domain, "beside")))
    found = pl.DataFrame({"text": texts}).select(words=words, has=has)
    # once for each that differs: beside a category stand few different words
    denied = found.select(pl.col("words").unique()).with_columns(denied=_any_of("words", rules("", "doubt")))
    found = found.join(denied, on="words", how="left", maintain_order="left", nulls_equal=True)
    return found["denied"] | found["has"]


def _any_of(name: str, doubts: tuple[Row, ...]) -> pl.Expr:
    return pl.any_horizontal(*(pl.col(name).str.contains(rule["pattern"]) for rule in doubts))


def _has(marked: pl.Expr, alone: pl.Expr, words: str) -> pl.Expr:
    """Whether one of the words stands before the category or behind it, or before or behind the whole TNM that it is part of."""
    before, behind = rf"[\s:.,(=-]*{_IT}", r"\.?\s*(?:[)\];,]|\.\s|$)"
    either = rf"(?:^|[^\p{{L}}])(?:{words}){before}|{_IT}\s*[a-d]?[\s(\[:=,-]*(?:{words}){behind}"
    return marked.str.contains(either) | alone.str.contains(either)
