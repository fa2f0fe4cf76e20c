"""What every parser hands on, and what they agree to call blank."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import NoReturn

import polars as pl

from schemas.core.errors import UnreadableError, Unsaid

# Unicode's White_Space, as polars strips it (Python's own str.strip takes four control characters more).
WHITE = "\t\n\x0b\x0c\r \x85\xa0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u2028\u2029\u202f\u205f\u3000"


@dataclass(frozen=True)
class CellNotice:
    """The rows in which one column has a cell that one reading edit is about; `judged` counts the cells looked at."""

    edit: str
    place: int
    rows: list[int]
    judged: int


@dataclass
class Parsed:
    """A file cut into rows and cells.

    `header` holds the cells of each header row, `header_row` the physical line of the first. `rows` has one row per data row:
    `source_row` (physical line where it begins), `n_cells`, `span` (physical lines it takes) and the text columns `0`, `1` …
    up to the width of the header (null where the row is shorter). `not_data` counts physical lines by reason, `refused` lists
    the lines of rows that cannot be read by reason. `lines` is the number of physical lines. `footer` holds the text of the
    footer rows, `noticed` what is to be said of the file (edit to words), `cells` what is to be said of single cells.

    A column of a spreadsheet that holds real dates has a Boolean companion `<place> typed`; `epoch` is that of its serials,
    `sheet_rows` the number of its rows as the workbook gives it. `misnumbered`: of NAACCR XML the items under another item's number.
    """

    lines: int
    header: list[list[str]]
    header_row: int
    rows: pl.DataFrame
    not_data: Counter[str] = field(default_factory=Counter)
    refused: dict[str, list[int]] = field(default_factory=dict)
    footer: list[str] = field(default_factory=list)
    noticed: dict[str, list[str]] = field(default_factory=dict)
    cells: list[CellNotice] = field(default_factory=list)
    epoch: int | None = None
    sheet_rows: int | None = None
    misnumbered: list[str] = field(default_factory=list)

    @property
    def n_refused(self) -> int:
        """Rows that cannot be read."""
        return sum(map(len, self.refused.values()))

    @property
    def width(self) -> int:
        """Cells of a whole row."""
        return max((len(cells) for cells in self.header), default=0)


def is_blank(cells: list[str]) -> bool:
    """Whether no cell holds anything."""
    return not any(cell.strip(WHITE) for cell in cells)


def unreadable(reason: str, name: str, row: int | None, says: str, unsaid: Unsaid | None = None) -> NoReturn:
    """Refuse the file: its name, the row where there is one, and what is wrong; never a value."""
    raise UnreadableError(reason, f"{name}, row {row}: {says}" if row is not None else f"{name}: {says}", unsaid)


def typed(place: int) -> str:
    """Name of the companion of a column in `Parsed.rows`: whether the cell is a real date of a spreadsheet."""
    return f"{place} typed"


def has_text(frame: pl.DataFrame, width: int) -> pl.Series:
    """Whether a text stands in the row; asked of each column for those rows only in which none stands further left."""
    found = frame["0"].str.contains(r"\S").fill_null(value=False)
    for place in range(1, width):
        left = (~found).arg_true()
        if left.is_empty():
            break
        found = found.scatter(left, frame[str(place)].gather(left).str.contains(r"\S").fill_null(value=False))
    return found
