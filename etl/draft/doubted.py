"""Columns whose header says what they are and whose numbers may be something else all the same."""

from __future__ import annotations

import re
from collections.abc import Sequence

import polars as pl

from etl.draft.columns import Column
from schemas.code_sets import set_of, targets

GROUPS = re.compile(r"ajcc|uicc|tnm|anatomic|prognostic", re.IGNORECASE)
DIGITS = r"^[0-4]$"
STAGE, AGE = "tumour.stage_code", "tumour.age_at_diagnosis_years"
SAYS = (
    "its header says tumour.stage_code, but digits alone may be another scale (1 localised, 2 regional nodes, as the extent of disease is "
    'coded); where they are stage groups use it with `map: {"1": I, "2": II, "3": III, "4": IV}`'
)
AGE_SAYS = f"its header says {AGE}, but a file that tells of the death and nothing else of the tumour mostly gives the age at death"


def doubted(columns: Sequence[Column], cells: pl.DataFrame) -> dict[str, str]:
    """By name the columns that are left out, and why: of a stage of bare digits neither header nor cells say that they are groups, and an
    age of which the header does not say when, in a file of deaths, is that at death."""
    code_set = set_of([column.header for column in columns if column.meaning])
    asked = [c for c in columns if c.meaning == STAGE and c.filled and not GROUPS.search(c.header)]
    known = {c.name for c in asked if code_set is not None and "stage" in targets(code_set, c.header)}
    groups = {c.name: SAYS for c in asked if c.name not in known and cells[c.name].drop_nulls().str.contains(DIGITS).all()}
    return groups | {c.name: AGE_SAYS for c in columns if c.meaning == AGE and c.differs and _of_deaths(columns)}


def _of_deaths(columns: Sequence[Column]) -> bool:
    """Whether a file tells of the death and, but for an age, nothing of a tumour (SIM of DATASUS: IDADE is the age at death)."""
    meant = {column.meaning for column in columns if column.meaning and column.filled} - {AGE}
    return "follow_up.death" in meant and not any(meaning.startswith("tumour.") for meaning in meant)
