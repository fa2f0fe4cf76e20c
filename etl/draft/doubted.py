"""Columns whose header says what they are and whose numbers may be another scale all the same."""

from __future__ import annotations

import re
from collections.abc import Sequence

import polars as pl

from etl.draft.columns import Column
from schemas.code_sets import set_of, targets

GROUPS = re.compile(r"ajcc|uicc|tnm|anatomic|prognostic", re.IGNORECASE)
DIGITS = r"^[0-4]$"
STAGE = "tumour.stage_code"
SAYS = (
    "its header says tumour.stage_code, but digits alone may be another scale (1 localised, 2 regional nodes, as the extent of disease is "
    'coded); where they are stage groups use it with `map: {"1": I, "2": II, "3": III, "4": IV}`'
)


def doubted(columns: Sequence[Column], cells: pl.DataFrame) -> dict[str, str]:
    """By name the columns that are left out, and why: of a stage of bare digits neither header nor cells say that they are groups."""
    code_set = set_of([column.header for column in columns if column.meaning])
    asked = [c for c in columns if c.meaning == STAGE and c.filled and not GROUPS.search(c.header)]
    known = {c.name for c in asked if code_set is not None and "stage" in targets(code_set, c.header)}
    return {c.name: SAYS for c in asked if c.name not in known and cells[c.name].drop_nulls().str.contains(DIGITS).all()}
