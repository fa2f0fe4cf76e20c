"""Whether the cells of a column may tell what it is: its header can speak of something else with the same texts (by_cells_words.csv)."""

from __future__ import annotations

import re
from functools import cache

import polars as pl

from etl.draft.columns import NEXT_WORD
from schemas.facts import shipped
from schemas.header_words import is_of_another, meaning_of, of_numbered_tumour

WORD = re.compile(r"[^\W\d_]+")
NUMERALS = r"^\s*[IVX]+\s*$"
EVENT_TYPE = "event.event_type_code"  # of a relapse more than of anything else


def may_tell(header: str, meaning: str, cells: pl.Series) -> bool:
    """Whether a column of that header may have the meaning that its cells fit.

    Not where a word of it is known for another (I, II and III of `grade_modified_bloom_richardson` are no stage), where it is of another
    person, time or tumour (`Recurrence Stage`), one of several tumours or foci, or of something else (`Dominant hand`, `NYHA class`).
    """
    if (meaning != EVENT_TYPE and is_of_another(header)) or of_numbered_tumour(header) is not None:
        return False
    said = {found.meaning for found in map(meaning_of, WORD.findall(header)) if found is not None and not found.differs}
    if said and meaning not in said:
        return False
    words = " ".join(word for word in re.split(r"[\W_]+", NEXT_WORD.sub(" ", header)) if word).lower()
    tells = {what: bool(pattern.search(words)) for what, pattern in _patterns(meaning)}
    is_numeral = bool(cells.drop_nulls().str.contains(NUMERALS).all())
    return not tells.get("against") and tells.get("needed", True) and (tells.get("needed_of_numerals", True) or not is_numeral)


@cache
def _patterns(meaning: str) -> tuple[tuple[str, re.Pattern[str]], ...]:
    """What a header may tell of a meaning, the patterns of one kind in one."""
    found: dict[str, list[str]] = {}
    for row in shipped("by_cells_words.csv", "meaning", "tells", "pattern"):
        if meaning.startswith(row["meaning"]):
            found.setdefault(row["tells"], []).append(row["pattern"])
    return tuple((what, re.compile("|".join(patterns))) for what, patterns in found.items())
