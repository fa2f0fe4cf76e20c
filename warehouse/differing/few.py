"""Counts that two releases show and that differ by a few: whoever has both can tell where these few women stand."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby

from warehouse.differing.numbers import Change
from warehouse.differing.sides import SIDES, Side
from warehouse.methods_words import min_cell_of

# Columns of a number_id that count women.
COUNTS = frozenset({"n", "left", "missing", "not_applicable", "events", "at_risk"})
TOLD = (
    "study {study}: {n} that both releases show differ{s} by fewer than {min_cell}: whoever reads both can tell where a few came or left, "
    "so give readers one of the two (docs/studies.md)"
)


def few(sides: Mapping[str, Side], found: Sequence[Change]) -> Iterator[str]:
    """One sentence for each study that hides small counts. `found`: the changes of all studies, study by study."""
    for study, changes in groupby(found, key=lambda change: change.study):
        min_cell = max(_min_cell(sides[name], study) for name in SIDES)
        n = sum(_is_count(change) and 0 < abs(change.difference or 0) < min_cell for change in changes)
        if n:
            yield TOLD.format(study=study, n=f"{n:,} count{'' if n == 1 else 's'}", s="s" if n == 1 else "", min_cell=min_cell)


def _is_count(change: Change) -> bool:
    """Whether a number is a count, shown in both releases."""
    return change.is_open and change.number_id.split(".")[-2] in COUNTS


def _min_cell(side: Side, study: str) -> int:
    path = side.path / "share" / "studies" / study / "methods.md"
    return min_cell_of(path.read_text(encoding="utf-8")) if path.is_file() else 1
