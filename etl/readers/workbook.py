"""What calamine does not tell of a workbook, read off its own parts: the epoch, cells in error, how far a sheet reaches.

calamine gives an empty cell for an error (#DIV/0!) and for a formula whose value was never computed, as it does for a cell in
which nothing stands. A sheet with a stray cell at its far end is refused here, before it is laid out in memory.
"""

from __future__ import annotations

import io
import re
import struct
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from xml.etree import ElementTree

from etl.readers import sheet_marks, sheet_nodes
from etl.readers.biff import epoch_and_errors
from etl.readers.biff_formats import marks_of
from etl.readers.compound import MAGIC
from etl.readers.doubled import check_doubled_cells
from etl.readers.sheet_marks import Marks
from schemas.core.sheet_columns import LETTERS, column_number

MOST_CELLS = 100_000_000
AT_ONCE = 1 << 23
ERROR = re.compile(rb'<c\s+r="([A-Z]{1,3})(\d{1,7})"[^>]*\st="e"')
# A formula without a value beside it; of one that gives the empty text the kind of the cell is `str`.
UNCOMPUTED = re.compile(rb'<c\s+r="([A-Z]{1,3})(\d{1,7})"((?:\s[^>]*)?)><f(?:\s[^>]*)?(?:/>|>[^<]*</f>)(?:<v\s*/>|<v></v>)?</c>')
# One that was written as 0 by a program that cannot compute (XlsxWriter), and that a spreadsheet has yet to compute.
NOUGHT = re.compile(rb'<c\s+r="([A-Z]{1,3})(\d{1,7})"((?:\s[^>]*)?)><f(?:\s[^>]*)?(?:/>|>[^<]*</f>)<v>0</v></c>')
# More than 78 columns: no sheet of fewer is too large, for it has a million rows at most.
NARROW, WIDE = 78, re.compile(rb'<c\s+r="(?:[A-Z]{3}|[C-Z][A-Z])\d')
REFERENCE = re.compile(rb'<c\s+r="([A-Z]{1,3})\d')


@dataclass(frozen=True)
class Inside:
    """`epoch` of its serials, `errors` as places (row and column from 0) of one sheet, `cells` it would take in memory.

    `marks`: by row (from 0) the cells that are not what they seem (etl.readers.sheet_marks).
    """

    epoch: int = 1900
    errors: list[tuple[int, int]] = field(default_factory=list)
    cells: int = 0
    marks: Marks = field(default_factory=dict)


def look_inside(content: bytes, sheet: str) -> Inside:
    """What the parts of a workbook say of one sheet; of an .xls that is built in an unusual way nothing.

    Raises ValueError where a part of it is damaged or not there, DoubledError where a cell of the sheet stands twice.
    """
    if content.startswith(MAGIC):
        try:
            epoch, errors = epoch_and_errors(content, sheet)
            return Inside(epoch, errors, marks=marks_of(content, sheet))
        except (ValueError, IndexError, struct.error):
            return Inside()
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as parts:
            return _inside(parts, sheet)
    except (zipfile.BadZipFile, zlib.error, EOFError, RuntimeError, LookupError, StopIteration, ElementTree.ParseError) as error:
        # a part that is damaged, locked by a password or elsewhere: calamine might read it all the same, and wrongly
        raise ValueError from error


def _inside(parts: zipfile.ZipFile, sheet: str) -> Inside:
    """The same of an .xlsx. Its XML is searched as text where it is written as most programs write it, else read node by node."""
    epoch, part, is_new = sheet_part(parts, sheet)
    of_style, texts = sheet_marks.styles(parts), sheet_marks.struck_texts(parts)
    marks: Marks = {}
    if sheet_marks.begins_usual(parts, part):
        check_doubled_cells(pieces(parts, part))
        errors, rows, width = _scanned(parts, part, is_new=is_new)
        if of_style or texts:
            marks = _by_row(sheet_marks.marked(pieces(parts, part), of_style, texts))
    else:
        errors, rows, width, marks = sheet_nodes.scanned(parts, part, of_style, texts, is_new=is_new)
    for row, place in errors if is_new else ():
        marks.setdefault(row, []).append((place, sheet_marks.NOUGHT))
    return Inside(epoch, errors, rows * (LETTERS if rows * LETTERS**2 < MOST_CELLS else width), marks)


def _is_1904(properties: ElementTree.Element) -> bool:
    return properties.get("date1904", "0") in ("1", "true")


def sheet_part(parts: zipfile.ZipFile, sheet: str) -> tuple[int, str, bool]:
    """The epoch of an .xlsx, the name of the part that holds a sheet, and whether no spreadsheet has computed the workbook yet.

    Raises KeyError or StopIteration where it is built otherwise.
    """
    book = sheet_marks.root_of(parts.read("xl/workbook.xml"))
    epoch = 1904 if any(_is_1904(node) for node in book.iter() if node.tag.endswith("}workbookPr")) else 1900
    named = next(node for node in book.iter() if node.tag.endswith("}sheet") and node.get("name") == sheet)
    relation = next(value for name, value in named.items() if name.endswith("}id"))  # of two name spaces
    links = sheet_marks.root_of(parts.read("xl/_rels/workbook.xml.rels"))
    target = next(node.get("Target", "") for node in links if node.get("Id") == relation)
    name = target.removeprefix("/") if target.startswith("/") else f"xl/{target}"
    return epoch, next(part for part in parts.namelist() if part.lower() == name.lower()), sheet_marks.is_new(book)


def _by_row(marked: Iterator[tuple[bytes, bytes, str]]) -> Marks:
    found: Marks = {}
    for letters, row, kind in marked:
        found.setdefault(int(row) - 1, []).append((column_number(letters), kind))
    return found


def _scanned(parts: zipfile.ZipFile, part: str, *, is_new: bool) -> tuple[list[tuple[int, int]], int, int]:
    """The places of cells in error, the number of the last row, and the columns that the rows reach (NARROW where they are fewer)."""
    errors: list[tuple[int, int]] = []
    letters: set[bytes] = set()
    rows = 0
    for piece in pieces(parts, part):
        errors += errors_in(piece, is_new=is_new)
        letters |= _ends(piece) if WIDE.search(piece) else set()
        begins = piece.rfind(b"<row ")
        found = re.search(rb'\sr="(\d+)"', piece[begins : begins + 200]) if begins >= 0 else None
        rows = int(found[1]) if found else rows + piece.count(b"<row")
    return errors, rows, max(NARROW, 1 + max(map(column_number, letters), default=0))


def _ends(piece: bytes) -> set[bytes]:
    """The letters of the last cell of each row."""
    ends = (row[row.rfind(b"<c ") :][:40] for row in piece.split(b"</row>"))
    return {found[1] for found in map(REFERENCE.match, ends) if found}


def pieces(parts: zipfile.ZipFile, part: str) -> Iterator[bytes]:
    """The XML of a sheet cut where rows begin: as a whole that of a large sheet takes a gigabyte."""
    rest: list[bytes] = []
    with parts.open(part) as xml:
        while some := xml.read(AT_ONCE):
            cut = some.rfind(b"<row ")
            if cut > 0 or (cut == 0 and rest):
                yield b"".join([*rest, some[:cut]])
                rest = []
            rest.append(some[max(cut, 0) :])
    yield b"".join(rest)


def errors_in(xml: bytes, *, is_new: bool) -> Iterator[tuple[int, int]]:
    """Row and column (from 0) of cells in error, and of formulas whose value was never computed.

    `is_new`: no spreadsheet has computed the workbook yet.
    """
    for place in _places(xml, b't="e"'):
        found = ERROR.match(xml, max(xml.rfind(b"<c", 0, place), 0))
        if found is not None and found.end() == place + 5:
            yield _place(found[1], found[2])
    if b"<f" in xml:
        yield from (_place(found[1], found[2]) for found in UNCOMPUTED.finditer(xml) if b't="str"' not in found[3])
        if is_new:
            yield from (_place(found[1], found[2]) for found in NOUGHT.finditer(xml))


def _places(xml: bytes, text: bytes) -> Iterator[int]:
    place = xml.find(text)
    while place >= 0:
        yield place
        place = xml.find(text, place + 1)


def _place(letters: bytes, row: bytes) -> tuple[int, int]:
    return int(row) - 1, column_number(letters)
