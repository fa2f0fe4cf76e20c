"""What is written beside a column that is a time instead of a date (`Survival months`): by its header, for its cells are numbers."""

from __future__ import annotations

import re
from functools import cache

from etl.draft.columns import Column
from schemas.facts import shipped

UNITS = ("days", "weeks", "months", "years")


def hint(column: Column) -> str | None:
    """How the time would be used: from what it counts, and mostly up to what, only the source knows. None for what is no time."""
    unit = _unit(column.header) if column.is_number else None
    if unit is None:
        return None
    month = ", days_per_month: 30" if unit == "months" else ""
    said = f"{{from: {column.name}, duration: {unit}{month}, after: diagnosis}}"
    if _tells("contact", column.header) and not _tells("other", column.header):
        return f"where it is a time, write from what it counts, `contact: {said}`, and `death` in a rule for who died (docs/contracts.md)"
    return f"where it is a time, write from what and up to what it counts: `{said}` for the date of what happened then (docs/contracts.md)"


def _unit(header: str) -> str | None:
    """The unit that a header names first; None where it names none."""
    named = [(found.start(), unit) for unit in UNITS for pattern in _patterns(unit) if (found := pattern.search(header))]
    return min(named)[1] if named else None


def _tells(what: str, header: str) -> bool:
    return any(pattern.search(header) for pattern in _patterns(what))


@cache
def _patterns(tells: str) -> tuple[re.Pattern[str], ...]:
    rows = shipped("time_words.csv", "tells", "pattern")
    return tuple(re.compile(row["pattern"], re.IGNORECASE) for row in rows if row["tells"] == tells)
