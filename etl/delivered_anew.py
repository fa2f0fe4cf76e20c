"""Since when each file in force is there with these bytes, and which sources were not delivered anew for long.

Days are as-of dates of releases, not days of the clock: a release is a function of its inputs (DESIGN 2.1), and this is history,
which derives from the release before. A file's day is the as-of date of the first release in a row that held its bytes for its contract.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Mapping
from typing import Any

import polars as pl

from etl.landing import LandedFile
from schemas.project import SourceRule
from validations.report.report_input import RESULTS

NAME = "delivered_anew"
REASON = "The same files night after night look like a load that is up to date; ask the source for a new export, or say how often it comes."


def since(files: Iterable[LandedFile], before: Mapping[str, Any], as_of: datetime.date) -> dict[str, datetime.date]:
    """By name of the file: the day since which its bytes are in force; `as_of` where the release before (its run.json) had others."""
    earlier = before.get("as_of") or as_of.isoformat()
    known = {
        (one["contract"], one["sha256"]): datetime.date.fromisoformat(one.get("since") or earlier)
        for one in before.get("inputs", {}).get("landed", ())
    }
    return {file.name: min(as_of, known.get((file.contract.contract, file.sha256), as_of)) for file in files}


def not_anew(
    files: Iterable[LandedFile], days: Mapping[str, datetime.date], rules: Mapping[str, SourceRule], as_of: datetime.date
) -> pl.DataFrame:
    """RESULTS: one row per source of which every file is older than its `new_within_days`; none stops anything."""
    newest: dict[str, datetime.date] = {}
    for file in files:
        newest[file.contract.source] = max(days[file.name], newest.get(file.contract.source, days[file.name]))
    rows = [_row(source, newest[source], rules[source].new_within_days, as_of) for source in sorted(newest) if source in rules]
    return pl.DataFrame([row for row in rows if row is not None], schema=RESULTS, orient="row")


def _row(source: str, day: datetime.date, most: int, as_of: datetime.date) -> tuple[str, str, bool, bool, str, str] | None:
    age = (as_of - day).days
    if age <= most:
        return None
    told = f"nothing new since the release as of {day.isoformat()}, {age:,} days before this one, expected within {most:,} days"
    return f"{NAME}.{source}", source, False, False, told, REASON
