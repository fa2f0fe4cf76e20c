"""CSV with quotes: the csv module decides where a row ends, and the physical lines of each row are counted."""

from __future__ import annotations

import csv
import io
from collections import Counter
from collections.abc import Iterator

import polars as pl

from etl.readers.parsed import Parsed, is_blank, unreadable
from schemas.contract_format import Format

Row = tuple[int, int, list[str]]
UNCLOSED = "a quote that is not closed swallows the rows that follow"


class _Lines:
    """Physical lines for the csv reader; passes over comments, but only where a row begins."""

    def __init__(self, text: str, layout: Format) -> None:
        self.source = io.StringIO(text, newline="")
        self.comment = layout.comment
        self.number = 0
        self.begins = 0
        self.at_start = True
        self.ended = False
        self.not_data: Counter[str] = Counter()
        for _ in range(layout.preamble_rows):
            if self.source.readline():
                self.number += 1
                self.not_data["preamble"] += 1

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        while line := self.source.readline():
            self.number += 1
            if self.at_start and self.comment is not None and line.startswith(self.comment):
                self.not_data["comment"] += 1
                continue
            if self.at_start:
                self.begins = self.number
                self.at_start = False
            return line
        self.ended = True
        raise StopIteration


def parse_exact(name: str, content: bytes, layout: Format) -> Parsed:
    """Cut UTF-8 text into rows and cells by a layout that has a quote character. Raises UnreadableError where a quote is not closed."""
    lines = _Lines(content.decode("utf-8"), layout)
    rows: list[Row] = []
    malformed: list[int] = []
    for row in _rows(name, lines, layout, malformed):
        lines.not_data["continuation"] += row[1] - 1
        if is_blank(row[2]):
            lines.not_data["blank"] += 1
        else:
            rows.append(row)
    top, data = rows[: layout.heads], rows[layout.heads :]
    footers = min(layout.footer_rows, len(data))
    footer = [layout.delimiter.join(cells) for _, _, cells in data[len(data) - footers :]]
    lines.not_data.update({"header": len(top), "footer": footers})
    header = [cells for _, _, cells in top]
    first = top[0][0] if top else 1
    frame = framed(data[: len(data) - footers], max(map(len, header), default=0))
    return Parsed(lines.number, header, first, frame, +lines.not_data, {"malformed": malformed}, footer)


def _rows(name: str, lines: _Lines, layout: Format, malformed: list[int]) -> Iterator[Row]:
    """Each row with the line where it begins and the lines it takes; a row of one line with a stray quote is set apart."""
    reader = csv.reader(lines, delimiter=layout.delimiter, quotechar=layout.quote, strict=True)
    while True:
        lines.at_start = True
        try:
            cells = next(reader, None)
        except csv.Error:
            if lines.ended or lines.number > lines.begins:
                unreadable("unclosed_quote", name, lines.begins, UNCLOSED)
            malformed.append(lines.begins)
            continue
        if cells is None:
            return
        yield lines.begins, lines.number - lines.begins + 1, cells


def framed(data: list[Row], width: int) -> pl.DataFrame:
    """One row per data row; the cells in the text columns `0`, `1` … as in `Parsed`."""
    columns: dict[str, list[str | None]] = {
        str(place): [cells[place] if place < len(cells) else None for _, _, cells in data] for place in range(width)
    }
    known = {"source_row": [begins for begins, _, _ in data], "n_cells": [len(c) for _, _, c in data], "span": [s for _, s, _ in data]}
    frame = pl.DataFrame(known, schema=dict.fromkeys(known, pl.Int64))
    return frame.hstack(pl.DataFrame(columns, schema=dict.fromkeys(columns, pl.String))) if width else frame
