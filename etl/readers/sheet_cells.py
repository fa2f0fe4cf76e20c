"""The cells of a sheet's XML, found by their bytes: where each begins, its row and column, and its text behind them.

A few passes over all bytes at once (numpy): cutting the XML into texts first, and those into places and contents, takes twice as long.
"""

from __future__ import annotations

import re

import numpy as np
import numpy.typing as npt
import polars as pl
import pyarrow as pa

CELL = r"<c[\s/>]"
ANY_CELL = re.compile(CELL.encode())
BEGIN, CLOSE = b'<c r="', ord('"')
MOST_LETTERS, MOST_DIGITS = 3, 7  # of the place of a cell: XFD1048576
Bytes = npt.NDArray[np.uint8]
Whole = npt.NDArray[np.int64]


class NotPlainError(Exception):
    """The XML of this sheet has to be read cell by cell."""


def cells_of(xml: bytes, kind: pl.Categorical) -> pl.DataFrame:
    """One row per cell of some whole rows: row and column (from 0), and as `value`, a category of `kind`, the XML behind its place.

    Raises NotPlainError where a cell is not written as most programs write it.
    """
    try:
        if not xml.isascii():
            xml.decode()
        raw = np.frombuffer(xml, np.uint8)
        begins = _begins(raw)
        column, digits = _column(raw, begins + len(BEGIN))
        row, ends = _row(raw, digits)
    except (UnicodeDecodeError, IndexError) as error:  # a place that is not ended
        raise NotPlainError from error
    before = xml[: int(begins[0])] if len(begins) else xml
    is_plain = (row > 0).all() and (column > 0).all() and (raw[ends] == CLOSE).all()
    if not is_plain or ANY_CELL.search(before):
        raise NotPlainError
    value = _ended(_texts(xml, begins, ends + 1)).cast(kind)
    return pl.DataFrame({"row": pl.Series(row - 1, dtype=pl.UInt32), "column": pl.Series(column - 1, dtype=pl.UInt16), "value": value})


def _begins(raw: Bytes) -> Whole:
    """Where the cells begin."""
    size = max(len(raw) - len(BEGIN), 0)
    is_cell = raw[:size] == BEGIN[0]
    for place in (1, 2):
        is_cell &= raw[place : place + size] == BEGIN[place]
    begins = np.flatnonzero(is_cell)
    if not all((raw[begins + place] == BEGIN[place]).all() for place in range(3, len(BEGIN))):
        raise NotPlainError
    return begins


def _column(raw: Bytes, place: Whole) -> tuple[Whole, Whole]:
    """The number of each column, from 1 (0: no letter stands there), and where its letters end."""
    column = np.zeros(len(place), np.int64)
    for _ in range(MOST_LETTERS):
        letter = raw[place] - np.uint8(ord("A"))
        goes_on = letter < 26
        column = np.where(goes_on, column * 26 + letter + 1, column)
        place = place + goes_on
    return column, place


def _row(raw: Bytes, place: Whole) -> tuple[Whole, Whole]:
    """The number of each row, from 1 (0: no number stands there), and where its digits end."""
    row = np.zeros(len(place), np.int64)
    for _ in range(MOST_DIGITS):
        digit = raw[place] - np.uint8(ord("0"))
        goes_on = digit < 10
        row = np.where(goes_on, row * 10 + digit, row)
        place = place + goes_on
    return row, place


def _texts(xml: bytes, begins: Whole, behind: Whole) -> pl.Series:
    """What stands behind the place of each cell, up to the next; cut out of the XML without a copy of it."""
    edges = np.full(2 * len(begins) + 1, len(xml), np.int64)
    edges[0:-1:2], edges[1:-2:2] = behind, begins[1:]
    pieces = pa.LargeStringArray.from_buffers(len(edges) - 1, pa.py_buffer(edges), pa.py_buffer(xml))
    return pl.Series("text", pieces, dtype=pl.String).gather_every(2)


def _ended(text: pl.Series) -> pl.Series:
    """The texts of cells without the tags of rows behind the last cell of each row."""
    is_last = ~(text.str.ends_with("</c>") | text.str.ends_with("/>"))
    lasts = pl.concat([is_last.head(len(text) - 1), pl.Series([True] * min(len(text), 1), dtype=pl.Boolean)]).arg_true()
    cut, behind = text.gather(lasts).str.splitn("</row>", 2).struct.unnest().get_columns()
    if not (cut.str.ends_with("</c>") | cut.str.ends_with("/>")).all() or behind.str.contains(CELL).any():
        raise NotPlainError
    return text.scatter(lasts, cut)
