"""Physical rows of a landed file, counted from its bytes and apart from the readers: the ledger must account for each."""

from __future__ import annotations

import mmap
import re
from pathlib import Path

from etl.landing import LandedFile
from etl.readers.excel import sheet_rows
from etl.readers.find_out import encoding_of
from etl.readers.naaccr_count import count_records

LINE_END = re.compile(rb"\r\n|\n|\r")


def physical_rows(file: LandedFile) -> int:
    """Lines of a text file, ended by LF, CR LF or CR; of a workbook the rows of the sheet that is read, of XML its records."""
    layout = file.contract.format
    if layout.kind == "excel":
        return sheet_rows(file.name, file.path.read_bytes(), layout)
    if layout.kind == "naaccr_xml":
        return count_records(file.name, file.path.read_bytes())
    if file.path.stat().st_size == 0:
        return 0
    wide = layout.encoding == "auto" or "".encode(layout.encoding).startswith((b"\xff", b"\xfe")) or b"\0" in "a".encode(layout.encoding)
    if wide:
        content = file.path.read_bytes()
        return _lines(content.decode(encoding_of(file.name, content, layout), "replace").removeprefix("\ufeff").encode("utf-8", "replace"))
    return _mapped(file.path)


def _mapped(path: Path) -> int:
    with path.open("rb") as handle, mmap.mmap(handle.fileno(), 0, access=mmap.ACCESS_READ) as content:
        return sum(1 for _ in LINE_END.finditer(content)) + (content[-1:] not in (b"\n", b"\r"))


def _lines(content: bytes) -> int:
    return sum(1 for _ in LINE_END.finditer(content)) + (content[-1:] not in (b"\n", b"\r"))
