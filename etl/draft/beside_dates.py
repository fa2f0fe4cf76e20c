"""Columns beside a date: its month and its day (`year_of_birth`, `month_of_birth`), and those that say why there is none."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise

from etl.draft.columns import Column
from schemas.facts import shipped
from schemas.header_words import without_marks

FLAGS = ("flag", "genauigkeit")  # behind the header of a date: NAACCR and CDISC, the registries of Germany


def parts(columns: Sequence[Column]) -> dict[str, dict[str, str]]:
    """By name of the column of a year that means a date: those of its `month` and `day`, as far as they are there and filled."""
    by_header = {without_marks(column.called): column.name for column in columns if column.filled}
    found: dict[str, dict[str, str]] = {}
    for column in columns:
        if column.is_year:
            said = _beside(column.called, by_header)
            if "month" in said:
                found[column.name] = said
    return found


def _beside(header: str, by_header: Mapping[str, str]) -> dict[str, str]:
    """The columns of the month and the day whose header differs from that of the year in that word alone."""
    folded = without_marks(header)
    for row in shipped("date_part_words.csv", "year", "month", "day"):
        year = without_marks(row["year"])
        others = {part: folded.replace(year, without_marks(row[part])) for part in ("month", "day") if row[part]}
        if year in folded and others["month"] in by_header:
            return {part: by_header[other] for part, other in others.items() if other in by_header}
    return {}


def flags(columns: Sequence[Column]) -> dict[str, str]:
    """By name of a date that of the column that says why there is none or what is estimated: `Diagnosedatum` and
    `Diagnosedatum_Genauigkeit`, or a column of `AAA`, `UUA` directly behind it."""
    by_header = {without_marks(column.header): column.name for column in columns}
    flagged = (
        (name, by_header[f"{header}{word}"])
        for header, name in by_header.items()
        for word in reversed(FLAGS)
        if f"{header}{word}" in by_header
    )
    return dict(flagged) | {before.name: flag.name for before, flag in pairwise(columns) if flag.tells_accuracy}
