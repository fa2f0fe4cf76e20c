"""What stands beside a treatment and says nothing of it: how it was irradiated, when and where (`beside` of treatment_grammar.yml)."""

from __future__ import annotations

import re
from functools import cache

from etl.normalise.treatment_text import declared, folded


def without_beside(cell: str, modality: str | None) -> str | None:
    """The folded cell of a column of `modality` without these; None where it has none of them, or nothing is left."""
    text = folded(cell)
    kept = text
    for pattern, replacement in _beside(modality or ""):
        kept = pattern.sub(replacement, kept)
    if kept == text:
        return None
    return " ".join(kept.split()).strip(" ,;-") or None


@cache
def _beside(modality: str) -> tuple[tuple[re.Pattern[str], str], ...]:
    """Expressions on folded text, in order, and what stands in their place."""
    return tuple((re.compile(row["pattern"]), row["by"]) for row in declared()["beside"].get(modality, ()))
