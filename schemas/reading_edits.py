"""The checks made while files are read, normalised and linked (reading_edits.csv)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from functools import cache

import polars as pl

from schemas.core.frames import EDIT_COUNTS, FINDINGS
from schemas.facts import shipped

# Findings of the linkage that a person who knows can confirm: what the linkage left standing is right, and the values compared are there.
# Two sources differ and the word that was kept is right; two persons share identifiers and are two; one was given a second national
# number. Of the others one statement is wrong in any case (LINK-AXES), or something is missing: without it nothing can be compared again.
CONFIRMABLE = ("LINK-CONFLICT", "LINK-IDENTITY", "LINK-NUMBERS", "LINK-POSSIBLE")


@dataclass(frozen=True)
class ReadingEdit:
    """One line of reading_edits.csv."""

    edit: str
    severity: str
    title: str
    reason: str
    action: str


@cache
def reading_edits() -> Mapping[str, ReadingEdit]:
    """The reading edits by their code, in the order of the file."""
    names = [field.name for field in fields(ReadingEdit)]
    rows = shipped("reading_edits.csv", *names)
    return {row["edit"]: ReadingEdit(*(row[name] for name in names)) for row in rows}


def unconfirmed() -> frozenset[str]:
    """The reading edits that no over-ride silences."""
    return frozenset(reading_edits()) - set(CONFIRMABLE)


def findings(frame: pl.DataFrame, edit: str | None = None) -> pl.DataFrame:
    """A frame of FINDINGS: `frame` has some of its columns, one row per finding; the others are null.

    `edit` names the edit of all rows; else the column `edit` does. The outcome is `violated`.
    """
    if edit is not None:
        named = {"edit": pl.lit(edit), "severity": pl.lit(reading_edits()[edit].severity)}
    else:
        named = {"severity": pl.col("edit").replace_strict(_severities(), return_dtype=pl.String)}
    filled = frame.with_columns(outcome=pl.lit("violated"), **named)
    return filled.select((pl.col(c) if c in filled.columns else pl.lit(None)).cast(kind).alias(c) for c, kind in FINDINGS.items())


@cache
def _severities() -> dict[str, str]:
    return {code: line.severity for code, line in reading_edits().items()}


def counts(edit: str, *, violated: int, satisfied: int, not_applicable: int, possible: int = 0, not_judgeable: int = 0) -> pl.DataFrame:
    """One row of EDIT_COUNTS: how many cells or records were not understood, perhaps not, understood, empty, not to be judged."""
    row = (edit, reading_edits()[edit].severity, violated, possible, satisfied, not_applicable, not_judgeable)
    return pl.DataFrame([row], schema=EDIT_COUNTS, orient="row")
