"""The reviewed corrections that changed a cell behind a number, as the release notes them in internal/corrections.csv."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

import polars as pl

from warehouse.explaining.explanation import Cell, StarRow

APPLIED = "applied"


def applied_corrections(path: Path, rows: Sequence[StarRow]) -> tuple[str, ...]:
    """One sentence per correction that changed a cell shown: place, column, reason, author and day; none where there is no such file."""
    if not path.is_file():
        return ()
    shown = {(origin.source_file, str(origin.source_row), name) for row in rows for origin in row.origins for name in _names(origin.cells)}
    noted = pl.read_csv(path, infer_schema=False, empty_string_is_null=False).filter(pl.col("outcome") == APPLIED)
    said = {
        (int(one["line"]), one["source_file"], int(one["source_row"])): (
            f"{one['source_file']} line {one['source_row']} column {one['column']}: {one['reason']} "
            f"({one['author']}, {one['date']}; corrections.csv line {one['line']})"
        )
        for one in noted.iter_rows(named=True)
        if (one["source_file"], one["source_row"], one["column"]) in shown
    }
    return tuple(said[place] for place in sorted(said))


def _names(cells: Iterable[Cell]) -> Iterable[str]:
    """Names under which a correction may speak of a cell: its column of the record and the headers it comes from."""
    for cell in cells:
        yield cell.column
        yield from cell.header.split(" | ")
