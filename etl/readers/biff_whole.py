"""Whether an .xls can be opened without filling the memory: calamine believes what a damaged one says of its own size.

What it cannot take up ends the process, and with it the night: no exception is raised that could refuse the file alone.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator

from etl.readers.biff import BOF, BOOLEAN_OR_ERROR, EOF, FORMULA, MANY_RK, NUMBER, RK, SHEET, records
from etl.readers.compound import MAGIC, check_chains, workbook_stream

REACH, LABEL, SHARED_TEXT, RICH_TEXT = 0x0200, 0x0204, 0x00FD, 0x00D6
CELLS = {NUMBER, RK, MANY_RK, FORMULA, BOOLEAN_OR_ERROR, LABEL, SHARED_TEXT, RICH_TEXT}
MOST_ROWS, MOST_COLUMNS = 65_536, 256  # of a sheet of an .xls


def check_whole(content: bytes) -> None:
    """Raises ValueError where an .xls is built so that opening it would fill the memory; says nothing of other files."""
    if not content.startswith(MAGIC):
        return
    try:
        check_chains(content)
        stream = workbook_stream(content)
        for kind, data in records(stream, 0):
            if kind == SHEET:
                _check_sheet(stream, struct.unpack_from("<I", data)[0])
    except (struct.error, IndexError) as error:
        raise ValueError from error


def _check_sheet(stream: bytes, begins: int) -> None:
    for kind, data in _to_end(stream, begins):
        if kind in CELLS and len(data) >= 4:
            column = int.from_bytes(data[2:4], "little") + (len(data) // 6 - 2 if kind == MANY_RK else 0)
            if column >= MOST_COLUMNS:
                raise ValueError
        elif kind == REACH and not _is_possible(data):
            raise ValueError


def _is_possible(data: bytes) -> bool:
    """Whether a sheet can reach from where to where it says: first row, row behind the last, the same of columns."""
    if len(data) not in (10, 14):
        return True  # not understood, so not believed
    top, bottom, left, right = struct.unpack("<IIHH" if len(data) == 14 else "<HHHH", data[:12] if len(data) == 14 else data[:8])
    is_nothing = not bottom or not right
    return is_nothing or (0 <= bottom - top <= MOST_ROWS and 0 <= right - left <= MOST_COLUMNS)


def _to_end(stream: bytes, place: int) -> Iterator[tuple[int, bytes]]:
    """Kind and content of each record of a sheet, wherever it is said to begin; charts within it are parts of their own."""
    depth = 0
    while place + 4 <= len(stream):
        kind, size = struct.unpack_from("<HH", stream, place)
        depth += (kind == BOF) - (kind == EOF)
        if kind == EOF and depth <= 0:
            return
        yield kind, stream[place + 4 : place + 4 + size]
        place += 4 + size
