"""Physical lines of a landed text, counted from its bytes and apart from the readers: the ledger must account for each."""

from __future__ import annotations

import mmap
from collections.abc import Iterable
from pathlib import Path

import numpy as np
import numpy.typing as npt

from etl.landing.landed import LandedFile
from etl.readers.find_out import encoding_of
from etl.readers.naaccr_count import count_records

AT_ONCE = 1 << 20  # fits into the cache of the processor
LF = ord("\n")


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
    wanted = sorted(set(rows)) if file.contract.format.kind in ("csv", "fixed") else []
    if not wanted or file.path.stat().st_size == 0:
        return {}
    with file.path.open("rb") as handle, mmap.mmap(handle.fileno(), 0, access=mmap.ACCESS_READ) as content:
        begins = line_begins(content)
        there = [number for number in wanted if 0 < number < len(begins) and begins[number - 1] < len(content)]
        lines = {number: content[begins[number - 1] : begins[number]] for number in there}
    return {number: line.strip(b"\r\n\0").decode("latin-1") for number, line in lines.items()}


def _mapped(path: Path) -> int:
    with path.open("rb") as handle, mmap.mmap(handle.fileno(), 0, access=mmap.ACCESS_READ) as content:
        ends = sum(_ends(content[place : place + AT_ONCE]) for place in range(0, len(content), AT_ONCE))
        split = sum(content[place - 1 : place + 1] == b"\r\n" for place in range(AT_ONCE, len(content), AT_ONCE))
        return ends - split + (content[-1:] not in (b"\n", b"\r"))


def line_begins(content: bytes | mmap.mmap) -> npt.NDArray[np.int64]:
    """Where each line begins that ends with a line feed, or with the text, and where the last one ends."""
    begins = np.concatenate([[0], places_of(content, LF) + 1])
    return begins if begins[-1] == len(content) else np.append(begins, len(content))


def places_of(content: bytes | mmap.mmap, character: int) -> npt.NDArray[np.int64]:
    """Where a character of one byte stands: as numbers, for a loop over millions of lines takes a second."""
    begins = range(0, len(content), AT_ONCE)
    found = [np.flatnonzero(np.frombuffer(content[place : place + AT_ONCE], np.uint8) == character) + place for place in begins]
    return np.concatenate([np.empty(0, np.int64), *found])


def _ends(content: bytes) -> int:
    returns = content.count(b"\r")
    return int(np.count_nonzero(np.frombuffer(content, np.uint8) == LF)) + returns - (content.count(b"\r\n") if returns else 0)


def _lines(content: bytes) -> int:
    return _ends(content) + (content[-1:] not in (b"\n", b"\r"))
