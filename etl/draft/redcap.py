"""Exports of REDCap: what tells one, and what a draft does not take for read in it."""

from __future__ import annotations

import re
from collections.abc import Sequence

from etl.draft.columns import Column
from schemas.header_words import without_marks
from schemas.items import RECORDS, items

# Headers of a raw export, and of one with labels: several kinds of rows, each of which fills the columns of its own instrument.
RAW = {"redcapeventname", "redcaprepeatinstrument", "redcaprepeatinstance"}
LABELLED = {"eventname", "repeatinstrument", "repeatinstance"}
# X_DATA_2024-05-06_1210.csv has a sister with labels, X_DATA_LABELS_2024-05-06_1210.csv, which `X_DATA*.csv` would claim too.
DATA = "_DATA"
TICKED = re.compile(r"___\d+$")
CHOICES = "its header says {meaning}, but its numbers are those of REDCap's choices: a `map` says what each of them means"


def behind(stem: str) -> tuple[str, ...]:
    """What may stand in the name of a file between its stem and its ending: anything, but no `_` and a word where that is another one."""
    return ("", "[!_]*", "_[0-9]*") if stem.endswith(DATA) else ("*",)


def has_kinds_of_rows(columns: Sequence[Column]) -> bool:
    """Whether the rows are of several kinds, so that a record is there only where its columns are filled."""
    return any(without_marks(column.header) in RAW | LABELLED for column in columns)


def choices(columns: Sequence[Column]) -> dict[str, str]:
    """By name the columns of a raw export whose numbers only its data dictionary explains, and why they are left out: 1 may be stage IA."""
    is_raw = any(without_marks(column.header) in RAW or TICKED.search(column.header) for column in columns)
    numbers = [column for column in columns if column.coded and column.meaning and _is_code(column.meaning)] if is_raw else []
    return {column.name: CHOICES.format(meaning=column.meaning) for column in numbers}


def _is_code(meaning: str) -> bool:
    """Whether a column of that meaning holds codes: numbers there may be any code list's."""
    part, _, name = meaning.partition(".")
    if part in ("biomarker", "treatment"):
        return name != "ki67"
    return part in RECORDS and any(item.column == name and item.role == "code" for item in items(part, "staging"))
