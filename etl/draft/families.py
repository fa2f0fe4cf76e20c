"""Clinical and pathological T, N and stage in one file: a proposal takes both categories and the stage from one of the two."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cache

from etl.draft.columns import Column
from schemas.facts import shipped

# pT and cN among them; the header of M is left alone: M0 is nearly always the clinical one, M1 either
TOGETHER = ("tumour.t_code", "tumour.n_code", "tumour.stage_code")
STAGED = TOGETHER[:2]
FAMILIES = ("pathological", "clinical")


def passed_over(columns: Sequence[Column]) -> dict[str, str]:
    """By name the columns of the other family, and why they are left out; none where one family has all that the other has.

    The family that has T and N is taken (a stage is made of them), of two that have both the one whose columns fill more cells, of two
    alike the pathological one.
    """
    found = {family: {c.meaning: c for c in reversed(columns) if _is_of(c, family)} for family in FAMILIES}
    told = {family: (len(of.keys() & set(STAGED)), sum(column.filled for column in of.values())) for family, of in found.items()}
    taken = max(FAMILIES, key=lambda family: told[family])
    other = next(family for family in FAMILIES if family != taken)
    if not found[taken].keys() & found[other].keys():
        return {}
    why = "have T and N" if told[taken][0] > told[other][0] else "fill more cells" if told[taken] > told[other] else "are as full"
    says = f"{other}, and T, N and stage are taken from the {taken} columns, which {why}: use those of one of the two"
    return {column.name: says for column in columns if _is_of(column, other)}


def _is_of(column: Column, family: str) -> bool:
    """Whether a filled column of T, N or stage is of this family by its header, and of no other."""
    says = {name for name, pattern in _patterns() if pattern.search(column.header.strip())}
    return column.meaning in TOGETHER and column.filled > 0 and says == {family}


@cache
def _patterns() -> tuple[tuple[str, re.Pattern[str]], ...]:
    """The families with what tells each in a header (tnm_family_words.csv)."""
    rows = shipped("tnm_family_words.csv", "family", "pattern")
    return tuple((row["family"], re.compile(row["pattern"], re.IGNORECASE)) for row in rows)
