"""Codes that a project adds to an open list (open_lists.csv): what their rows must say, and where they stand in the list."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import cache

from schemas.core.errors import Mistake, did_you_mean
from schemas.facts import Row, shipped
from schemas.vocabularies.code_list import labels

# What a tumour of another organ has codes of its own for: its columns, and their lists. Those of the lists as shipped are the breast's.
OF_TUMOUR = {"stage_code": "stage", "t_code": "t_category", "n_code": "n_category", "m_code": "m_category", "grade_code": "grade"}
# Columns of a new code that are codes themselves, and their lists.
CODED = {
    "modality_code": "modality", "organ_code": "organ", "topography_code": "topography", "spread_code": "spread",
    "stage_class_code": "stage_class",
}  # fmt: skip
# By what a category begins its base is known, which edits and studies ask (`n_code like 'N0%'`, `m_code like 'M1%'`).
BEGINS = {
    "t_category": (re.compile(r"T(?:[0-4X]|is|a)"), "T, a figure of 0 to 4 and its letter"),
    "n_category": (re.compile(r"N[0-3X]"), "N, a figure of 0 to 3 and its letter"),
    "m_category": (re.compile(r"M[01]"), "M0 or M1 and its letter"),
}
# The code of its list after which a new one stands.
AFTER = "after"


@cache
def open_lists() -> dict[str, tuple[str, ...]]:
    """The lists that a project may add codes to, each with the columns that a new code must fill."""
    return {row["domain"]: tuple(row["needs"].split()) for row in shipped("open_lists.csv", "domain", "needs")}


def mistakes(row: Row, above: Mapping[str, Row]) -> Iterator[Mistake]:
    """What is wrong with the first row of a new code; `above`: those of the codes added to its list above it."""
    domain = row["domain"]
    yield from (row.mistake(f"a new {domain} needs {column}") for column in open_lists()[domain] if not row[column])
    for column, listed in CODED.items():
        if row[column] and row[column] not in labels(listed):
            yield row.mistake(f"'{column}': {listed} has no such code", did_you_mean(row[column], labels(listed)))
    if row[AFTER] and row[AFTER] not in {*labels(domain), *above}:
        yield row.mistake(f"'{AFTER}': {domain} has no such code above this line", did_you_mean(row[AFTER], (*labels(domain), *above)))
    begins, said = BEGINS.get(domain, (re.compile(""), ""))
    if not begins.match(row["code"]):
        yield row.mistake(f"a code of {domain} begins with {said}", "without the prefix c, p or yp, which is a column of its own")
    if domain == "stage" and row["stage_class_code"] in labels("stage_class") and not _is_of_class(row["code"], row["stage_class_code"]):
        yield row.mistake("'stage_class_code' is not the class with which the code begins", "IIC is of class II, IVA of class IV")


def _is_of_class(stage: str, named: str) -> bool:
    """Whether a stage begins with the class that its row names, and with no longer one (III is none of II)."""
    begun = [known for known in labels("stage_class") if stage.startswith(known)]
    return not begun or max(begun, key=len) == named


def in_order(listed: Mapping[str, str], added: Mapping[str, Row]) -> dict[str, str]:
    """Label by code of a list with the codes added to it: each behind the one that its row names under `after`, else at the end."""
    behind: dict[str, list[str]] = {}
    for code, row in added.items():
        behind.setdefault(row[AFTER], []).append(code)
    words = {**listed, **{code: row["label"] for code, row in added.items()}}

    def placed(codes: Iterator[str]) -> Iterator[str]:
        for code in codes:
            yield code
            yield from placed(iter(behind.get(code, ())))

    return {code: words[code] for code in placed(iter((*listed, *behind.get("", ()))))}
