"""The sectors of a compound file, the container of an .xls: chained by a table, as on an old disk.

Where a chain of a damaged file leads back into itself, who follows it fills the memory (calamine does): see `check_chains`.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass

MAGIC = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
STREAMS = ("Workbook", "Book")
NO_MORE = 0xFFFFFFFC  # marks of the sector table from here on are no sectors
STREAM, ROOT = 2, 5
BOF = b"\x09\x08"  # every workbook begins so
SHORT, SHORT_SECTOR = 56, 64  # where the header says below which length a stream lies in pieces of so many bytes within the root's
SMALL_SECTOR = 512  # in files of such sectors lengths have four bytes, and what stands in the next four means nothing


@dataclass(frozen=True)
class Entry:
    """A line of the folder: a stream, its first sector and its length in bytes."""

    name: str
    kind: int
    first: int
    length: int


def workbook_stream(content: bytes) -> bytes:
    """The bytes of the stream that holds the workbook. Raises ValueError, struct.error or IndexError where there is none to be read."""
    size, table = _size(content), _table(content)
    entries = list(_folder(content, table))
    found = next((entry for entry in entries if entry.name in STREAMS), None)
    if found is None:
        raise ValueError
    is_short = found.length < _header(content, SHORT)
    stream = _short(content, table, entries[0], found) if is_short else _joined(content, table, size, found.first)
    if not stream.startswith(BOF):
        raise ValueError
    return stream[: found.length]


def check_chains(content: bytes) -> None:
    """Raises ValueError (struct.error, where it is cut off) unless each chain of sectors ends and no stream is longer than the file."""
    size, table = _size(content), _table(content)
    small = _short_table(content, table)
    for entry in _folder(content, table):
        if entry.kind not in (STREAM, ROOT):
            continue
        if size != SMALL_SECTOR and entry.length > len(content):
            raise ValueError
        for chained in (table, small) if entry.kind == STREAM else (table,):
            for _ in _chain(chained, entry.first):
                pass


def _header(content: bytes, place: int) -> int:
    return int(struct.unpack_from("<I", content, place)[0])


def _size(content: bytes) -> int:
    """Bytes of a sector."""
    if not content.startswith(MAGIC):
        raise ValueError
    power = struct.unpack_from("<H", content, 30)[0]
    if power not in (9, 12):
        raise ValueError
    return 1 << int(power)


def _table(content: bytes) -> list[int]:
    """For each sector the one that follows it."""
    size = _size(content)
    sectors = [number for number in struct.unpack_from("<109I", content, 76) if number < NO_MORE]
    more, seen = _header(content, 68), 0
    while more < NO_MORE:
        *numbers, more = _numbers(content, size, more)
        sectors += [number for number in numbers if number < NO_MORE]
        seen += 1
        if seen > len(content) // size:
            raise ValueError
    return [following for sector in sectors for following in _numbers(content, size, sector)]


def _short_table(content: bytes, table: list[int]) -> list[int]:
    """For each piece of the root's stream the one that follows it."""
    return [number for sector in _chain(table, _header(content, 60)) for number in _numbers(content, _size(content), sector)]


def _short(content: bytes, table: list[int], root: Entry, entry: Entry) -> bytes:
    """A short stream, as LibreOffice and Apache POI write small workbooks; Excel fills them up to the length of a long one."""
    pieces = _joined(content, table, _size(content), root.first)
    chained = _chain(_short_table(content, table), entry.first)
    return b"".join(pieces[number * SHORT_SECTOR : (number + 1) * SHORT_SECTOR] for number in chained)


def _folder(content: bytes, table: list[int]) -> Iterator[Entry]:
    size = _size(content)
    folder = _joined(content, table, size, _header(content, 48))
    for place in range(0, len(folder) - 127, 128):
        entry = folder[place : place + 128]
        name = entry[: max(struct.unpack_from("<H", entry, 64)[0] - 2, 0)].decode("utf-16-le", "replace")
        first, length = struct.unpack_from("<IQ", entry, 116)
        yield Entry(name, entry[66], first, length & 0xFFFFFFFF if size == SMALL_SECTOR else length)


def _numbers(content: bytes, size: int, sector: int) -> tuple[int, ...]:
    """The numbers that fill a sector; where the file is cut off, marks that no sector follows."""
    piece = content[(sector + 1) * size : (sector + 2) * size]
    return struct.unpack(f"<{size // 4}I", piece.ljust(size, b"\xff"))


def _chain(table: list[int], first: int) -> Iterator[int]:
    """The sectors that follow each other from one on. Raises ValueError where one comes again."""
    passed = 0
    while first < len(table):
        if passed == len(table):
            raise ValueError
        yield first
        first, passed = table[first], passed + 1


def _joined(content: bytes, table: list[int], size: int, first: int) -> bytes:
    return b"".join(content[(sector + 1) * size : (sector + 2) * size] for sector in _chain(table, first))
