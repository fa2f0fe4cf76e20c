"""Treatment cells that are not understood as a whole, without the parts about something else: `AC x4, awaiting paclitaxel`."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

import polars as pl

from etl.normalise.treatment_words import Lexicon
from schemas.vocabularies import clauses
from schemas.vocabularies.spelling import words

DOMAIN = "treatment"
NAMES = ("drug", "regimen", "course", "component")
LEAST_LENGTH = 3


def without_asides(cells: Sequence[str], lexicon: Lexicon) -> dict[str, str]:
    """By cell what is left of it, for the cells of which a part is set aside and something is left."""
    if not cells:
        return {}
    told = pl.Series("raw", cells, dtype=pl.String)
    found = clauses.apart(told, DOMAIN, _names(lexicon)).filter(~pl.col("is_another"))
    return dict(zip(told.gather(found["row"]), found["kept"], strict=True))


@lru_cache(maxsize=8)
def _names_of(texts: tuple[str, ...]) -> tuple[str, ...]:
    """These names as words of a part, without those that a pattern would take apart."""
    plain = pl.DataFrame({"text": texts}, schema={"text": pl.String}).select(text=words(pl.col("text")).str.strip_chars())
    fits = pl.col("text").str.contains(r"^[\p{L}\p{N} ]+$") & (pl.col("text").str.len_chars() >= LEAST_LENGTH)
    return tuple(plain.filter(fits).to_series().unique(maintain_order=True))


def _names(lexicon: Lexicon) -> tuple[str, ...]:
    return _names_of(tuple(text for text, word in lexicon.words.items() if word.kind in NAMES))
