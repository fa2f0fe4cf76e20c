"""Cells that stand twice in the XML of a sheet: two rows with one number, two cells with one place.

No spreadsheet writes them; a program that pastes rows together does. Whatever reads the sheet keeps the last and says nothing: a woman
would be gone, so the file is refused.
"""

from __future__ import annotations

from collections.abc import Iterable

import polars as pl

from schemas.core.sheet_columns import column_number

COLUMNS = 1 << 14  # of a sheet
# A cell that holds something, its letters and its row; one that is only coloured takes nothing from another.
FILLED = r'<c\s+r="([A-Z]{1,3})(\d{1,7})"[^>]*[^/>]>|<c\s+r="([A-Z]{1,3})(\d{1,7})">'


class DoubledError(Exception):
    """`row`: the number of the sheet row in which a cell stands twice."""

    def __init__(self, row: int) -> None:
        super().__init__(row)
        self.row = row


def check_doubled(row: pl.Series, column: pl.Series) -> None:
    """Raise DoubledError where a row and column (from 0) occur twice. Cells mostly stand in order, and then nothing is sorted."""
    place = row.cast(pl.UInt64) * COLUMNS + column.cast(pl.UInt64)
    ordered = place if place.is_sorted() else place.sort()
    twice = ordered.head(max(len(ordered) - 1, 0)) == ordered.slice(1)
    if twice.any():
        raise DoubledError(int(ordered.gather(twice.arg_true()[:1]).item()) // COLUMNS + 1)


def check_doubled_cells(pieces: Iterable[bytes]) -> None:
    """The same of the cells of a usual sheet (`sheet_marks.is_usual`), in pieces of whole rows."""
    found = [pl.DataFrame(schema={"row": pl.UInt32, "column": pl.UInt16}), *(_places(piece) for piece in pieces)]
    cells = pl.concat(found)
    check_doubled(cells["row"], cells["column"])


def _places(xml: bytes) -> pl.DataFrame:
    """Row and column (from 0) of the cells of a piece that hold something. Raises ValueError where it is no UTF-8: it is damaged."""
    text = pl.Series([xml.decode()])
    told = text.str.extract_all(FILLED).explode().drop_nulls().str.extract(r'r="([A-Z]+\d+)"', 1)
    letters = told.str.strip_chars_end("0123456789")
    numbers = {name: column_number(name.encode()) for name in letters.unique()}
    column = letters.replace_strict(numbers, return_dtype=pl.UInt16) if numbers else letters.cast(pl.UInt16)
    return pl.DataFrame({"row": told.str.strip_chars_start("ABCDEFGHIJKLMNOPQRSTUVWXYZ").cast(pl.UInt32) - 1, "column": column})
