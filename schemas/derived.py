"""Columns of a record that are derived from others of the same record (derived.csv).

Findings, held women of a study and `explain` go back through them to the columns that a cell really delivers.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache

from schemas.facts import shipped

FILE = "derived.csv"
ALWAYS = "always"


@cache
def made_from(record: str) -> Mapping[str, tuple[str, ...]]:
    """By column of one staging record that follows from others: those columns."""
    return {row["column"]: tuple(row["made_from"].split()) for row in _rows(record)}


@cache
def of_cells(record: str, column: str) -> tuple[str, ...]:
    """The columns that cells may make behind one column: itself, unless no cell delivers it, and those that it follows from."""
    (never, parts) = next(
        ((row["only"] == ALWAYS, row["made_from"].split()) for row in _rows(record) if row["column"] == column), (False, [])
    )
    return (*(() if never else (column,)), *parts)


def _rows(record: str) -> list[Mapping[str, str]]:
    rows = shipped(FILE, "record", "column", "made_from", "only")
    return [{name: row[name] for name in ("column", "made_from", "only")} for row in rows if row["record"] == record]
