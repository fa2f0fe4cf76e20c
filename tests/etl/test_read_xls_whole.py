"""An old workbook (.xls) that is damaged so that opening it would fill the memory is refused alone; the process lives on."""

from __future__ import annotations

import struct
from collections.abc import Callable
from pathlib import Path

import pytest
from reading import refusal, table
from test_read_excel import EXCEL, FIELDS, xls

from etl.draft.layout import layouts
from etl.readers.compound import workbook_stream
from schemas.core.errors import UnreadableError

WHOLE = xls([["id", "when"], ["1", 7.5], ["2", "x"]])
REACH, NUMBER = b"\x00\x02\x0e\x00", b"\x7e\x02\x0a\x00"
SECTOR = 512


def _record(content: bytes, begins: bytes) -> int:
    """Where the content of the first such record stands."""
    return content.index(begins, content.index(workbook_stream(content)[:64])) + 4


def _reaches(bottom: int, right: int) -> Callable[[bytearray], None]:
    return lambda content: struct.pack_into("<IIHH", content, _record(bytes(content), REACH), 0, bottom, 0, right)


def _cell_in_column(content: bytearray) -> None:
    struct.pack_into("<HH", content, _record(bytes(content), NUMBER), 65_535, 65_535)


def _sector_follows_itself(content: bytearray) -> None:
    table_sector = struct.unpack_from("<I", content, 76)[0]
    struct.pack_into("<I", content, (table_sector + 1) * SECTOR, 0)


def _table_of_tables_follows_itself(content: bytearray) -> None:
    struct.pack_into("<I", content, 68, 1)  # the sector that tells of further tables
    struct.pack_into("<I", content, (1 + 1) * SECTOR + SECTOR - 4, 1)


DAMAGED = {
    "a sheet of two thousand million rows": _reaches(0x7FFF_FFFF, 2),
    "a sheet of 65,535 columns": _reaches(3, 65_535),
    "a cell in column 65,536": _cell_in_column,
    "a sector that follows itself": _sector_follows_itself,
    "a table of sectors that follows itself": _table_of_tables_follows_itself,
}


@pytest.mark.parametrize("damage", DAMAGED.values(), ids=DAMAGED)
def test_refuses_an_old_workbook_that_would_fill_the_memory(tmp_path: Path, damage: Callable[[bytearray], None]) -> None:
    content = bytearray(WHOLE)
    damage(content)
    reason, message = refusal(tmp_path, bytes(content), name="w.xls", format=EXCEL, fields=FIELDS)
    assert reason == "no_workbook" and "damaged or cut off" in message
    with pytest.raises(UnreadableError):
        layouts("w.xls", bytes(content))


@pytest.mark.parametrize("damage", [_reaches(65_536, 256), _reaches(0, 0), _reaches(3, 2)], ids=["widest", "empty", "as it is"])
def test_reads_one_that_says_no_more_than_an_old_workbook_can_hold(tmp_path: Path, damage: Callable[[bytearray], None]) -> None:
    content = bytearray(WHOLE)
    damage(content)
    assert table(tmp_path, bytes(content), name="w.xls", format=EXCEL, fields=FIELDS).rows.height == 2
