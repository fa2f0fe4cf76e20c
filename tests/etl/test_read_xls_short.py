"""A small .xls of LibreOffice or Apache POI, whose workbook lies in short pieces within the root's stream, is read as any other."""

from __future__ import annotations

import struct
from pathlib import Path

import pytest
import xlwt
from reading import refusal, said, table
from test_read_excel import EXCEL, FIELDS, saved, xls

from etl.readers.compound import workbook_stream

SECTOR, PIECE, NONE, END, TABLE = 512, 64, 0xFFFFFFFF, 0xFFFFFFFE, 0xFFFFFFFD


def shortened(content: bytes) -> bytes:
    """The same workbook without the padding that lets it lie in whole sectors: table, folder, table of pieces, pieces."""
    stream = workbook_stream(content).rstrip(b"\x00") + bytes(3)  # its last record is an end: 0A 00 00 00
    pieces, sectors = -(-len(stream) // PIECE), -(-len(stream) // SECTOR)
    header = content[:44] + struct.pack("<IIIIIIIII", 1, 1, 0, 4096, 2, 1, END, 0, 0) + struct.pack("<I", NONE) * 108
    follows = [TABLE, END, END, *range(4, 3 + sectors), END]
    entries = _entry("Root Entry", 5, 3, pieces * PIECE, child=1) + _entry("Workbook", 2, 0, len(stream))
    parts = (_numbers(follows), entries, _numbers([*range(1, pieces), END]), stream)
    return header + b"".join(part.ljust(-(-len(part) // SECTOR) * SECTOR, b"\x00") for part in parts)


def _numbers(numbers: list[int]) -> bytes:
    return struct.pack(f"<{SECTOR // 4}I", *numbers, *[NONE] * (SECTOR // 4 - len(numbers)))


def _entry(name: str, kind: int, first: int, length: int, child: int = NONE) -> bytes:
    text = name.encode("utf-16-le")
    return text.ljust(64, b"\x00") + struct.pack("<HBBIII36xIQ", len(text) + 2, kind, 1, NONE, NONE, child, first, length)


@pytest.mark.parametrize("epoch", [1900, 1904])
def test_counts_its_day_numbers_from_the_epoch_that_it_says(tmp_path: Path, epoch: int) -> None:
    content = shortened(xls([["id", "when"], ["1", 39281]], from_1904=epoch == 1904))
    assert b"\x09\x08" in content and len(content) < 4096 + 4 * SECTOR
    raw = table(tmp_path, content, name="w.xls", format=EXCEL, fields=FIELDS)
    assert (raw.epoch, raw.rows["when"].to_list(), said(raw)) == (epoch, ["39281"], [])


def test_shows_its_numbers_as_they_are_formatted(tmp_path: Path) -> None:
    book = xlwt.Workbook()
    sheet = book.add_sheet("Data")
    sheet.write(0, 0, "id")
    sheet.write(0, 1, "when")
    sheet.write(1, 0, 7, xlwt.easyxf(num_format_str="00000"))
    raw = table(tmp_path, shortened(saved(book)), name="w.xls", format=EXCEL, fields=FIELDS)
    assert raw.rows["id"].to_list() == ["00007"]


def test_is_refused_where_no_workbook_begins_where_it_should(tmp_path: Path) -> None:
    content = shortened(xls([["id", "when"], ["1", 7]]))
    broken = content.replace(b"\x09\x08\x10\x00", b"\x00\x00\x10\x00", 1)
    assert refusal(tmp_path, broken, name="w.xls", format=EXCEL, fields=FIELDS)[0] == "no_workbook"
