"""The cells of an .xls sheet whose number format shows less or more than their value (etl.readers.number_formats), or that are crossed out.

A text of which a part is crossed out is not known from its whole: its runs lie in a table of their own, which is not read.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator

from etl.readers import biff
from etl.readers.compound import workbook_stream
from etl.readers.number_formats import BUILT_IN, kind
from etl.readers.sheet_marks import STRUCK, Marks

FORMAT, STYLE, FONT = 0x041E, 0x00E0, 0x0031
SHARED_TEXT, TEXT, RICH_TEXT = 0x00FD, 0x0204, 0x00D6
CROSSED_OUT = 0x0008
NO_FONT = 4  # fonts are counted without it: 3 is followed by 5


def marks_of(content: bytes, sheet: str) -> Marks:
    """By row (from 0) the columns of such cells, and what they are. Raises as `biff.epoch_and_errors` does."""
    stream = workbook_stream(content)
    codes: dict[int, str] = dict(BUILT_IN)
    formats: list[int] = []
    fonts: list[int] = []
    crossed: set[int] = set()
    n_fonts = 0
    for record, data in biff.records(stream, 0):
        if record == FORMAT:
            codes[struct.unpack_from("<H", data)[0]] = _code(data)
        elif record == STYLE:
            formats.append(struct.unpack_from("<H", data, 2)[0])
            fonts.append(struct.unpack_from("<H", data)[0])
        elif record == FONT:
            n_fonts += 1
            crossed |= {_font(n_fonts)} if struct.unpack_from("<H", data, 2)[0] & CROSSED_OUT else set()
    kinds = {number: how for number, code in codes.items() if (how := kind(code)) is not None}
    of_style = {n: kinds[number] for n, number in enumerate(formats) if number in kinds}
    of_style |= {n: STRUCK for n, font in enumerate(fonts) if font in crossed}
    marks: Marks = {}
    for begins in biff.sheet_begins(stream, sheet) if of_style else ():
        for row, place, style in _styled(stream, begins):
            if style in of_style:
                marks.setdefault(row, []).append((place, of_style[style]))
    return marks


def _font(number: int) -> int:
    """By which number styles name the font that stands there as the first, the second …"""
    return number - 1 if number <= NO_FONT else number


def _styled(stream: bytes, begins: int) -> Iterator[tuple[int, int, int]]:
    """Row, column and style of each cell that holds a number or a text."""
    for record, data in biff.records(stream, begins):
        if record in (biff.NUMBER, biff.RK, biff.FORMULA, SHARED_TEXT, TEXT, RICH_TEXT):
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
