"""The layout of a fixed-width file: a CSV beside the contract that says where each column begins and how wide it is."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from schemas.core.errors import Mistake
from schemas.facts import Row, read_rows

COLUMNS = ("field", "start", "width")
LONGEST = 100_000  # no line of an export is longer


@dataclass(frozen=True)
class Place:
    """One column: its header, the character it begins with (the first is 1), how many characters it has."""

    header: str
    start: int
    width: int

    @property
    def end(self) -> int:
        """Its last character."""
        return self.start + self.width - 1


def read_layout(path: Path, file: str) -> tuple[tuple[Place, ...], list[Mistake]]:
    """The columns of one layout file in its order, and every mistake in it; `file` is the name to report."""
    if not path.is_file():
        return (), [Mistake(file, None, "there is no such layout file", "put it beside the contract")]
    rows, mistakes = read_rows(path, file, COLUMNS)
    if mistakes and not rows:
        return (), mistakes
    found = [(row, place) for row in rows if (place := _place(row)) is not None]
    mistakes += [mistake for row in rows for mistake in _wrong(row)]
    mistakes += _twice([(row, place.header) for row, place in found])
    if not rows and not mistakes:
        mistakes = [Mistake(file, None, "the layout has no rows", "write one line per column: field,start,width")]
    return tuple(place for _, place in found), mistakes


def _place(row: Row) -> Place | None:
    return None if any(_wrong(row)) else Place(row["field"], int(row["start"]), int(row["width"]))


def _wrong(row: Row) -> Iterator[Mistake]:
    if not row["field"]:
        yield row.mistake("the column has no name")
    for column in ("start", "width"):
        text = row[column]
        if not (text.isascii() and text.isdigit() and 1 <= int(text[:9]) <= LONGEST):
            yield row.mistake(f"'{column}' is a whole number from 1", "characters are counted from 1")


def _twice(named: list[tuple[Row, str]]) -> Iterator[Mistake]:
    seen: set[str] = set()
    for row, header in named:
        if header in seen:
            yield row.mistake(f"the column '{header}' is given twice")
        seen.add(header)
