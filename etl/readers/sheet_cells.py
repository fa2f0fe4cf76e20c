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
ENDED = r"(?:</c>|/>)$"
BEGIN, CLOSE = b'<c r="', ord('"')
MOST_LETTERS, MOST_DIGITS = 3, 7  # of the place of a cell: XFD1048576
Bytes = npt.NDArray[np.uint8]
Whole = npt.NDArray[np.int64]


class NotPlainError(Exception):
    """The XML of this sheet has to be read cell by cell."""


def cells_of(xml: bytes, kind: pl.Categorical) -> pl.DataFrame:
    """One row per cell of some whole rows: row and column (from 0), and as `value`, a category of `kind`, the XML behind its place.

    Raises NotPlainError where a cell is not written as most programs write it; that each ends as a cell does (ENDED) is asked of the
    distinct texts, once they are there.
    """
    try:
        if not xml.isascii():
            xml.decode()
        raw = np.frombuffer(xml, np.uint8)
        begins = _begins(raw)
        column, digits = _number(raw, begins + len(BEGIN), "A", 26, MOST_LETTERS)
        row, ends = _number(raw, digits, "0", 10, MOST_DIGITS)
    except (UnicodeDecodeError, IndexError) as error:  # a place that is not ended
        raise NotPlainError from error
    before = xml[: int(begins[0])] if len(begins) else xml
    is_plain = (row > 0).all() and (column > 0).all() and (raw[ends] == CLOSE).all()
    if not is_plain or ANY_CELL.search(before):
        raise NotPlainError
    value = _texts(xml, ends + 1, _stops(xml, row, begins, ends + 1)).cast(kind)
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


def _number(raw: Bytes, place: Whole, first: str, signs: int, most: int) -> tuple[Whole, Whole]:
    """The number that up to `most` signs from `first` on tell at each place (0: none stands there), and where they end.

    Letters count from 1 (A) as columns do, digits from 0.
    """
    number, offset = np.zeros(len(place), np.int64), int(first == "A")
    for _ in range(most):
        sign = raw[place] - np.uint8(ord(first))
        goes_on = sign < signs
        number = np.where(goes_on, number * signs + sign + offset, number)
        place = place + goes_on
    return number, place


def _stops(xml: bytes, row: Whole, begins: Whole, behind: Whole) -> Whole:
    """Where the text of each cell ends: where the next begins, or before the tags of rows behind the last cell of each row."""
    stops = np.append(begins, len(xml))[1:]
    lasts = np.flatnonzero(np.append(row[1:] != row[:-1], True)[: len(row)])
    rests = _texts(xml, behind[lasts], stops[lasts])
    if rests.str.contains(rf"(?s)</row>.*{CELL}").any() or not rests.tail(1).str.contains("(?:</c>|/>)(?:</row>|$)").all():
        raise NotPlainError  # a cell that tells no place; one that is cut off
    size = rests.str.find("</row>", literal=True)
    stops[lasts] = behind[lasts] + size.fill_null(rests.str.len_bytes()).to_numpy()
    return stops


def _texts(xml: bytes, begins: Whole, stops: Whole) -> pl.Series:
    """What stands between each of these places and where it stops; cut out of the XML without a copy of it."""
    edges = np.column_stack([begins, stops]).ravel()
    if not len(edges):
        return pl.Series("text", [], dtype=pl.String)
    pieces = pa.LargeStringArray.from_buffers(len(edges) - 1, pa.py_buffer(edges), pa.py_buffer(xml))
    return pl.Series("text", pieces, dtype=pl.String).gather_every(2)
