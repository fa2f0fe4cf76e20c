"""The cells of an .xls sheet whose number format shows less or more than their value (etl.readers.number_formats)."""

from __future__ import annotations

import struct
from collections.abc import Iterator

from etl.readers import biff
from etl.readers.number_formats import BUILT_IN, kind
from etl.readers.sheet_marks import Marks

FORMAT, STYLE = 0x041E, 0x00E0


def marks_of(content: bytes, sheet: str) -> Marks:
    """By row (from 0) the columns of such cells, and what they are. Raises as `biff.epoch_and_errors` does."""
    stream = biff.workbook_stream(content)
    codes: dict[int, str] = dict(BUILT_IN)
    formats: list[int] = []
    begins = -1
    for record, data in biff.records(stream, 0):
        if record == FORMAT:
            codes[struct.unpack_from("<H", data)[0]] = _code(data)
        elif record == STYLE:
            formats.append(struct.unpack_from("<H", data, 2)[0])
        elif record == biff.SHEET and biff.sheet_name(data) == sheet:
            begins = struct.unpack_from("<I", data)[0]
    kinds = {number: how for number, code in codes.items() if (how := kind(code)) is not None}
    of_style = {n: kinds[number] for n, number in enumerate(formats) if number in kinds}
    marks: Marks = {}
    if of_style and begins >= 0:
        for row, place, style in _styled(stream, begins):
            if style in of_style:
                marks.setdefault(row, []).append((place, of_style[style]))
    return marks


def _styled(stream: bytes, begins: int) -> Iterator[tuple[int, int, int]]:
    """Row, column and style of each cell that holds a number."""
    for record, data in biff.records(stream, begins):
        if record in (biff.NUMBER, biff.RK, biff.FORMULA):
            yield struct.unpack_from("<HHH", data)
        elif record == biff.MANY_RK:
            row, first = struct.unpack_from("<HH", data)
            yield from ((row, first + n, struct.unpack_from("<H", data, 4 + 6 * n)[0]) for n in range((len(data) - 6) // 6))


def _code(data: bytes) -> str:
    """The text of a format: its length in one or two bytes, in the latter case whether each character takes two bytes."""
    length = struct.unpack_from("<H", data, 2)[0]
    if len(data) in (5 + length, 5 + 2 * length):
        return data[5:].decode("utf-16-le" if data[4] & 1 else "latin-1")
    return data[3 : 3 + data[2]].decode("latin-1")
