"""Physical lines of a landed text, counted from its bytes and apart from the readers: the ledger must account for each."""

from __future__ import annotations

import mmap
from collections.abc import Iterable
from pathlib import Path

from etl.landing import LandedFile
from etl.readers.find_out import encoding_of
from etl.readers.naaccr_count import count_records

AT_ONCE = 1 << 24


def physical_rows(file: LandedFile) -> int:
    """Lines of a text file, ended by LF, CR LF or CR; of XML its records. Those of a workbook it tells itself (`Parsed.sheet_rows`)."""
    layout = file.contract.format
    if layout.kind == "naaccr_xml":
        return count_records(file.name, file.path.read_bytes())
    if file.path.stat().st_size == 0:
        return 0
    wide = layout.encoding == "auto" or "".encode(layout.encoding).startswith((b"\xff", b"\xfe")) or b"\0" in "a".encode(layout.encoding)
    if wide:
        content = file.path.read_bytes()
        return _lines(content.decode(encoding_of(file.name, content, layout), "replace").removeprefix("\ufeff").encode("utf-8", "replace"))
    return _mapped(file.path)


def line_texts(file: LandedFile, rows: Iterable[int]) -> dict[int, str]:
    """The bytes of the lines with these numbers, each byte a character; none of a workbook or XML, nor where lines end with CR alone."""
    wanted = set(rows) if file.contract.format.kind in ("csv", "fixed") else set()
    found: dict[int, str] = {}
    with file.path.open("rb") as handle:
        for number, line in enumerate(handle if wanted else (), 1):
            if number in wanted:
                found[number] = line.strip(b"\r\n\0").decode("latin-1")
                if len(found) == len(wanted):
                    break
    return found


def _mapped(path: Path) -> int:
    with path.open("rb") as handle, mmap.mmap(handle.fileno(), 0, access=mmap.ACCESS_READ) as content:
        ends = sum(_ends(content[place : place + AT_ONCE]) for place in range(0, len(content), AT_ONCE))
        split = sum(content[place - 1 : place + 1] == b"\r\n" for place in range(AT_ONCE, len(content), AT_ONCE))
        return ends - split + (content[-1:] not in (b"\n", b"\r"))


def _ends(content: bytes) -> int:
    returns = content.count(b"\r")
    return content.count(b"\n") + returns - (content.count(b"\r\n") if returns else 0)


def _lines(content: bytes) -> int:
    return _ends(content) + (content[-1:] not in (b"\n", b"\r"))
