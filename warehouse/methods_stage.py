"""What the methods of a study say of the stage: one that was not delivered is derived, which no study has to ask for."""

from __future__ import annotations

import re
from collections.abc import Iterator

from schemas.study import Study
from schemas.study_column import StudyColumn
from warehouse.study_inputs import named_columns

STAGE = "stage_code"
# How many a variable of Table 1 counts (docs/studies.md), where small counts are hidden: no count stands in the methods.
SENTENCE = (
    "- A stage group (`stage_code`) is the one delivered. Where none was, or one after neoadjuvant treatment or at a recurrence only, it "
    "is derived from T, N and M at diagnosis by the edition of TNM (of tumours of the breast)."
)
BARE, OF_THE_TUMOUR = (re.compile(rf"\b{name}\b") for name in (STAGE, f"index_{STAGE}"))


def stage(study: Study) -> Iterator[str]:
    """The sentence, where anything of the study reads the stage of its tumours."""
    if STAGE in named_columns(study.columns, *_conditions(study)) or any(map(_is_made_of_it, study.columns)):
        yield SENTENCE


def _conditions(study: Study) -> Iterator[str | None]:
    """What the study reads of mart_candidate: steps, arms, tables and endpoints."""
    yield from (step.keep for step in study.steps)
    yield from (arm.when for arm in study.arms)
    yield from (group.when for group in study.subgroups)
    for variable in study.table_1:
        yield from (variable.level, variable.value, variable.of)
    for endpoint in study.endpoints:
        yield from endpoint.conditions
    if study.table_2 is not None:
        yield from (column.text for column in study.table_2.columns if column.list is None)


def _is_made_of_it(column: StudyColumn) -> bool:
    """Whether a column of the study's own reads it; over other tumours the bare name means theirs."""
    text = f"{column.where} {column.value or ''}"
    return bool(OF_THE_TUMOUR.search(text) or (column.list != "other_tumour" and BARE.search(text)))
