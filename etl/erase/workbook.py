"""A workbook (.xlsx) without some rows of its sheets: the cells are taken out of the XML, each row keeps its number.

What no contract reads of a workbook cannot be looked through for a person: other sheets are left empty and lose their names, and
comments, drawings, pivot tables, properties and all other parts are left out. Texts that no cell uses any more are emptied too.
"""

from __future__ import annotations

import html
import io
import posixpath
import re
import zipfile
import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from xml.etree import ElementTree

from etl.erase.text import CELL_END
from etl.readers.excel import sheet_meant
from etl.readers.workbook import sheet_part
from schemas.contract_format import Format
from schemas.core.errors import UnreadableError

Parts = dict[str, bytes]
BOOK, LINKS, TEXTS, TYPES = "xl/workbook.xml", "xl/_rels/workbook.xml.rels", "xl/sharedStrings.xml", "[Content_Types].xml"
KEPT = {BOOK, LINKS, TYPES, "_rels/.rels", "xl/styles.xml", TEXTS}
EMPTY = b'<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData/></worksheet>'
ROW = re.compile(rb"<row\b([^>]*?)(?:/>|>.*?</row>)", re.DOTALL)
NUMBER = re.compile(rb'\sr="(\d+)"')
TEXT = re.compile(rb"<si\b[^>]*?(?:/>|>.*?</si>)", re.DOTALL)
CELL = re.compile(rb'<c\b[^>]*?\bt="s"[^>]*>(?:<f\b[^>]*?(?:/>|>[^<]*</f>))?<v>(\d+)</v>')
WORDS, ZIP = re.compile(rb">([^<]*[^<\s][^<]*)<"), b"PK"
SAID, NAMED = re.compile(rb'="([^"]+)"'), re.compile(rb'(<sheet\b[^>]*?\bname=")([^"]*)"')
USUAL, BEGIN = b'<row r="', re.compile(rb'<row r="(\d+)"')
BEGINS, ENDS = b"<sheetData", b"</sheetData>"
MERGED = re.compile(rb"<mergeCells\b.*?</mergeCells>", re.DOTALL)
# Names and links in the book that tell of parts or cells that are left out.
TOLD = re.compile(rb"<(definedNames|externalReferences|pivotCaches|extLst)\b.*?</\1>", re.DOTALL)
OVERRIDE = re.compile(rb'<Override\b[^>]*?PartName="/([^"]*)"[^>]*?(?:/>|></Override>)')
LINK = re.compile(rb'<Relationship\b[^>]*?Target="([^"]*)"[^>]*?(?:/>|></Relationship>)')
WHEN = (1980, 1, 1, 0, 0, 0)
NO_XLSX = "rows cannot be taken out of a workbook of this kind (an old .xls, or one that is locked or spelt unusually); save it as .xlsx"


def sheet_of(name: str, content: bytes, layout: Format) -> str:
    """Name of the sheet of a workbook that a contract reads; the workbook was read before."""
    from python_calamine import CalamineWorkbook  # noqa: PLC0415  # only where a contract has spreadsheets

    return sheet_meant(name, CalamineWorkbook.from_filelike(io.BytesIO(content)), layout)


def unread_texts(content: bytes, sheets: Iterable[str]) -> list[str]:
    """The different texts of an .xlsx besides the rows of these sheets: of other sheets, their names, comments, lists to choose from."""
    if not content.startswith(ZIP):
        return []
    sheets = list(sheets)
    with zipfile.ZipFile(io.BytesIO(content)) as book:
        try:
            read = {sheet_part(book, sheet)[1] for sheet in sheets}
        except (KeyError, StopIteration, ElementTree.ParseError):  # spelt unusually: then all of it
            read = set()
        parts = [book.read(part) for part in book.namelist() if part not in read and part.endswith((".xml", ".rels"))]
        around = [_around(book.read(part)) for part in read]
        names = {name for _, name in NAMED.findall(book.read(BOOK))} - {html.escape(sheet).encode() for sheet in sheets}
    found = {text for part in (*parts, *around) for text in WORDS.findall(part)} | {text for part in around for text in SAID.findall(part)}
    return [html.unescape(text.decode("utf-8", "replace")) for text in sorted(found | names)]


def other_rows(content: bytes, sheet: str, rows: Iterable[int]) -> dict[int, str]:
    """The texts of the rows of one sheet besides these (from 1): titles above the header, comments, the footer."""
    if not content.startswith(ZIP):
        return {}
    known = set(rows)
    with zipfile.ZipFile(io.BytesIO(content)) as book:
        try:
            xml = book.read(sheet_part(book, sheet)[1])
        except (KeyError, StopIteration, ElementTree.ParseError):
            return {}
        others = {number: found[0] for number, found in _rows(xml, lambda number: number not in known)}
        wanted = {int(index) for row in others.values() for index in CELL.findall(row)}
        shared = book.read(TEXTS) if wanted and TEXTS in book.namelist() else b""
    texts = {number: found[0] for number, found in enumerate(TEXT.finditer(shared)) if number in wanted} if wanted else {}
    told = {number: b"".join([row, *(texts.get(int(index), b"") for index in CELL.findall(row))]) for number, row in others.items()}
    return {number: CELL_END.join(_words(row)) for number, row in told.items() if WORDS.search(row)}


def _words(xml: bytes) -> list[str]:
    return [html.unescape(text.decode("utf-8", "replace")) for text in WORDS.findall(xml)]


def _around(xml: bytes) -> bytes:
    """What stands above and below the rows of a sheet."""
    begin, end = xml.find(BEGINS), xml.rfind(ENDS)
    return xml[: max(begin, 0)] + xml[end:] if end >= 0 else xml


def _rows(xml: bytes, is_wanted: Callable[[int], bool]) -> Iterator[tuple[int, re.Match[bytes]]]:
    """Some rows of a sheet by their number; one that tells none is the next.

    Where each row begins as most programs spell it only those are looked at, for a pattern over a large sheet takes long.
    """
    if xml.count(USUAL) == xml.count(b"<row ") + xml.count(b"<row>"):
        wanted = ((int(begin[1]), begin.start()) for begin in BEGIN.finditer(xml) if is_wanted(int(begin[1])))
        yield from ((number, found) for number, begins in wanted if (found := ROW.match(xml, begins)) is not None)
        return
    seen = 0
    for found in ROW.finditer(xml):
        told = NUMBER.search(found[1])
        seen = int(told[1]) if told else seen + 1
        if is_wanted(seen):
            yield seen, found


def emptied(name: str, content: bytes, rows: Mapping[str, Iterable[int]]) -> bytes:
    """The workbook without the cells of these rows (from 1), by sheet; only those sheets are kept.

    Raises UnreadableError where it is no .xlsx, or one whose XML is not spelt as usual.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as book:
            sheets = {sheet_part(book, sheet)[1]: set(numbers) for sheet, numbers in rows.items()}
            parts = {part: book.read(part) for part in book.namelist() if part in KEPT or part in sheets}
            others = [part for part in book.namelist() if re.match(r"xl/worksheets/[^/]+\.xml$", part) and part not in sheets]
        cut = {part: _without(parts[part], numbers) for part, numbers in sheets.items()}
    except (zipfile.BadZipFile, zlib.error, KeyError, StopIteration, RuntimeError, ElementTree.ParseError, _UnusualError) as error:
        raise UnreadableError("not_erasable", f"{name}: {NO_XLSX}") from error
    parts |= cut | dict.fromkeys(others, EMPTY)
    if TEXTS in parts:
        parts[TEXTS] = _used_only(parts[TEXTS], {int(found[1]) for xml in cut.values() for found in CELL.finditer(xml)})
    parts[BOOK] = _renamed(TOLD.sub(b"", parts[BOOK]), rows)
    return _packed(dict(_linked(parts)))


def _renamed(book: bytes, kept: Iterable[str]) -> bytes:
    """The list of sheets, those that were emptied called by their place: a name may be hers."""
    names, number = {html.escape(name).encode() for name in kept}, 0

    def name(found: re.Match[bytes]) -> bytes:
        nonlocal number
        number += 1
        return found[0] if found[2] in names else b'%semptied %d"' % (found[1], number)

    return NAMED.sub(name, book)


class _UnusualError(Exception):
    """The XML of a sheet is not spelt as common programs spell it."""


def _without(xml: bytes, rows: set[int]) -> bytes:
    """The XML of a sheet without the cells of these rows, and without what stands below the data besides its merged cells."""
    begin, end = xml.find(BEGINS), xml.rfind(ENDS)
    if begin < 0 or end < 0 or b"<!--" in xml or b"CDATA" in xml:
        raise _UnusualError
    places = [(number, found.start(), found.end()) for number, found in _rows(xml, rows.__contains__)]
    if {number for number, *_ in places} != rows:
        raise _UnusualError
    merged, whole = MERGED.search(xml, end), memoryview(xml)
    kept: list[bytes | memoryview] = []  # a view each: the XML of a large sheet takes half a gigabyte
    place = 0
    for number, begins, ends in places:
        kept += [whole[place:begins], b'<row r="%d"/>' % number]
        place = ends
    return b"".join([*kept, whole[place:end], ENDS, merged[0] if merged else b"", b"</worksheet>"])


def _used_only(xml: bytes, used: set[int]) -> bytes:
    """The shared texts, those that no cell uses emptied: each keeps its number."""
    number = -1

    def text(found: re.Match[bytes]) -> bytes:
        nonlocal number
        number += 1
        return found[0] if number in used else b"<si><t/></si>"

    return TEXT.sub(text, xml)


def _linked(parts: Parts) -> Iterator[tuple[str, bytes]]:
    """The parts, their lists without what is left out."""
    for part, content in parts.items():
        if part == TYPES or part.endswith(".rels"):
            folder = posixpath.dirname(posixpath.dirname(part))
            entries = OVERRIDE if part == TYPES else LINK
            gone = [found[0] for found in entries.finditer(content) if _target(folder, found[1].decode()) not in parts]
            for entry in gone:
                content = content.replace(entry, b"")  # noqa: PLW2901 - the same part, shorter
        yield part, content


def _target(folder: str, target: str) -> str:
    return target[1:] if target.startswith("/") else posixpath.normpath(posixpath.join(folder, target))


def _packed(parts: Parts) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as book:
        for part, content in parts.items():
            book.writestr(zipfile.ZipInfo(part, WHEN), content, zipfile.ZIP_DEFLATED)
    return packed.getvalue()
