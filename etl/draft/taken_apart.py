"""Cells that say more than their column can hold, and whose part a `pattern` takes: `61.3` years, `C18.7 Sigmoid colon`."""

from __future__ import annotations

import polars as pl

from etl.draft.columns import Column, Part, nearly_all

LEAST_UNREAD = 0.05
_LABEL = r"(?:[\s,:=-]+[^\W\d_][^?]*)?$"  # no label with a question mark
# By meaning. Years of age are completed ones: who is 61.96 years old is 61. A code of ICD-10 is told by itself, whatever its label is.
PARTS = {
    "tumour.age_at_diagnosis_years": Part("years", r"^(?P<years>\d{1,3})(?:\.\d+)?$"),
    "tumour.topography_code": Part("code", rf"^(?P<code>[CD]\d\d(?:\.?\d)?){_LABEL}"),
    "tumour.histology_code": Part("code", rf"^(?P<code>\d{{4}}){_LABEL}"),
    "follow_up.cause_of_death_code": Part("code", rf"^(?P<code>[A-Z]\d\d(?:\.?\d)?){_LABEL}"),
}


def part_of(column: Column, cells: pl.Series, unread: int) -> Part | None:
    """What to take of the cells of a column, of which so many could not be read; None where that is no question of their form."""
    part = PARTS.get(column.meaning or "")
    if part is None or column.part or unread <= LEAST_UNREAD * column.filled:
        return None
    return part if nearly_all(cells.drop_nulls(), part.pattern) else None
