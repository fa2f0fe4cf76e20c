"""What calamine does not tell of an .xls workbook, read off its records: the epoch, and the cells of a sheet that are in error.

An .xls is a compound file (etl.readers.compound) whose stream `Workbook` is a sequence of records.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator

from etl.readers.compound import workbook_stream

NUMBER, RK, MANY_RK = 0x0203, 0x027E, 0x00BD
BOF, EOF, DATE_MODE, SHEET, BOOLEAN_OR_ERROR, FORMULA = 0x0809, 0x000A, 0x0022, 0x0085, 0x0205, 0x0006
IN_ERROR = 2


def epoch_and_errors(content: bytes, sheet: str) -> tuple[int, list[tuple[int, int]]]:
    """The epoch of the serials, and row and column (from 0) of each cell of the sheet in error.

    Raises ValueError, struct.error or IndexError where the workbook is built in another way than usual.
    """
    stream = workbook_stream(content)
    is_1904 = any(kind == DATE_MODE and data[:2] == b"\x01\x00" for kind, data in records(stream, 0))
    return 1904 if is_1904 else 1900, [place for begins in sheet_begins(stream, sheet) for place in _errors(stream, begins)]


def sheet_begins(stream: bytes, sheet: str) -> list[int]:
    """Where the records of a sheet of that name begin; none where there is no such sheet."""
    begins = [struct.unpack_from("<I", data)[0] for kind, data in records(stream, 0) if kind == SHEET and sheet_name(data) == sheet]
    return begins[-1:]


def _errors(stream: bytes, begins: int) -> Iterator[tuple[int, int]]:
    for kind, data in records(stream, begins):
        is_error = kind == BOOLEAN_OR_ERROR and data[7] == 1
        is_error |= kind == FORMULA and data[12:14] == b"\xff\xff" and data[6] == IN_ERROR
        if is_error:
            row, column = struct.unpack_from("<HH", data)
            yield row, column


def numbers(content: bytes, sheet: str) -> Iterator[tuple[int, int, float]]:
    """Row, column (from 0) and value of each cell of a sheet that holds a number; raises as `epoch_and_errors` does."""
    stream = workbook_stream(content)
    for kind, data in (record for begins in sheet_begins(stream, sheet) for record in records(stream, begins)):
        if kind in (NUMBER, FORMULA) and not (kind == FORMULA and data[12:14] == b"\xff\xff"):
            row, column, _, value = struct.unpack_from("<HHHd", data)
            yield row, column, value
        elif kind == RK:
            row, column, _, packed = struct.unpack_from("<HHHI", data)
            yield row, column, _unpacked(packed)
        elif kind == MANY_RK:
            row, first = struct.unpack_from("<HH", data)
            for n in range((len(data) - 6) // 6):
                yield row, first + n, _unpacked(struct.unpack_from("<I", data, 6 + 6 * n)[0])


def _unpacked(packed: int) -> float:
    """A number in 30 bits: a whole one or the upper half of a fraction (bit 1), perhaps in hundredths (bit 0)."""
    whole = packed >> 2
    value = float(whole - (1 << 30) if whole >> 29 else whole) if packed & 2 else struct.unpack("<d", struct.pack("<Q", whole << 34))[0]
    return value / 100 if packed & 1 else value


def records(stream: bytes, place: int) -> Iterator[tuple[int, bytes]]:
    """Kind and content of each record from a place to the end of that part; charts within it are parts of their own."""
    depth = 0
    while place + 4 <= len(stream):
        kind, size = struct.unpack_from("<HH", stream, place)
        depth += (kind == BOF) - (kind == EOF)
        yield kind, stream[place + 4 : place + 4 + size]
        place += 4 + size
        if depth <= 0:
            return


def sheet_name(data: bytes) -> str:
    """Name of a sheet: its length, whether each character takes two bytes, its characters."""
    length, is_wide = data[6], data[7] & 1
    return data[8 : 8 + length * 2].decode("utf-16-le") if is_wide else data[8 : 8 + length].decode("latin-1")
