"""Exports of REDCap: what tells one, and what a draft does not take for read in it."""

from __future__ import annotations

import re
from collections.abc import Sequence

from etl.draft.columns import Column
from schemas.header_words import meaning_of, without_marks
from schemas.items import RECORDS, items

# Headers of a raw export, and of one with labels: several kinds of rows, each of which fills the columns of its own instrument.
RAW = {"redcapeventname", "redcaprepeatinstrument", "redcaprepeatinstance"}
LABELLED = {"eventname", "repeatinstrument", "repeatinstance"}
# X_DATA_2024-05-06_1210.csv has a sister with labels, X_DATA_LABELS_2024-05-06_1210.csv, which `X_DATA*.csv` would claim too.
DATA = "_DATA"
TICKED = re.compile(r"___\d+$")
# A choice of a checkbox in an export with labels: `Adjuvant treatment (choice=Chemotherapy)`, and headers that say that it was given.
CHOICE = re.compile(r"^(?P<of>.*\S)\s*\(choice=(?P<choice>.*)\)$")
TICKS = "('Checked', '1')"  # as labels, or as raw data under labels; one that is not ticked may be a form that nobody filled in
GIVEN = re.compile(
    r"^(?:(?:type of|types of|primary|cancer|initial|first)\s+)*(?P<setting>(?:neo-?)?adjuvant\s+)?(?:treatment|therapy|therapies)s?"
    r"(?:\s+(?:received|given))?\s*:?$",
    re.IGNORECASE,
)
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


def ticked_treatment(header: str) -> tuple[str, str | None] | None:
    """The kind of treatment, and the setting where it is said, that a tick in a column of that header says was given; None of another."""
    found = CHOICE.match(header)
    given = GIVEN.match(found["of"]) if found else None
    meant = meaning_of(found["choice"]) if found and given else None
    if given is None or meant is None or meant.differs or not meant.meaning.startswith("treatment."):
        return None
    setting = (given["setting"] or "").strip().lower().replace("-", "")
    return meant.meaning.partition(".")[2], setting or None
