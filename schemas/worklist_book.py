"""The cells of a workbook as whoever filled it in sees them: what was typed behind a `=` is text, a merged cell counts for its rows."""

from __future__ import annotations

import io
import re
import zipfile
import zlib
from collections.abc import Iterator, Mapping
from typing import Any
from xml.etree import ElementTree

from schemas.core.packed import is_blown_up
from schemas.core.sheet_columns import column_number

Rows = list[list[Any]]
# Row and column (from 0) -> what was typed, of the cells that a spreadsheet takes for a formula.
Typed = Mapping[tuple[int, int], str]
WORKBOOK, RELATIONS = "xl/workbook.xml", "xl/_rels/workbook.xml.rels"
PLACE = re.compile(r"([A-Z]+)(\d+)$")
FORMULA = re.compile(rb"<(?:\w+:)?f[\s>/]")
# The place of a cell that holds something.
HELD = re.compile(rb'<(?:\w+:)?c\s(?:[^>]*?\s)?r="([A-Z]{1,3})(\d{1,7})"[^>]*(?<!/)>')
MOST_CELLS = 30_000_000  # of a sheet: more rows and columns than any list has, in some gigabytes


def sheets(content: bytes) -> list[tuple[Rows, Typed]] | None:
    """The cells of every sheet, rows from the first, and what was typed as a formula; None where the file is no .xlsx (the Rust reader
    may panic on one), or opening it would fill the memory."""
    from python_calamine import CalamineWorkbook  # noqa: PLC0415  # only where a project has work lists

    if not _fits(content):
        return None
    try:
        book = CalamineWorkbook.from_filelike(io.BytesIO(content))
        typed = _typed(content)
        return [(_unmerged(book.get_sheet_by_name(title)), typed.get(title, {})) for title in book.sheet_names]
    except (KeyboardInterrupt, SystemExit):
        raise
    except BaseException:  # its words may quote a cell
        return None


def _fits(content: bytes) -> bool:
    """Whether it is an .xlsx that can be laid out. Nothing else is a work list, and what an old .xls says of its own size, or one cell at
    the end of a sheet, makes calamine ask for more memory than there is: that ends the process, and no exception tells of it."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as parts:
            names = parts.namelist()
            return WORKBOOK in names and not is_blown_up(content) and all(_fits_sheet(parts, name) for name in names)
    except (zipfile.BadZipFile, zlib.error, ValueError, EOFError, RuntimeError, NotImplementedError):  # damaged, or behind a password
        return False


def _fits_sheet(parts: zipfile.ZipFile, name: str) -> bool:
    if not name.lower().startswith("xl/worksheets/") or not name.lower().endswith(".xml"):
        return True
    places = HELD.findall(parts.read(name))
    height, width = max((int(row) for _, row in places), default=0), max((column_number(one) for one, _ in places), default=0) + 1
    return height * width <= MOST_CELLS


def _unmerged(sheet: Any) -> Rows:
    """The rows; what stands in a cell that is merged with those below it stands in each of them."""
    rows: Rows = sheet.to_python(skip_empty_area=False)
    for (top, column), (bottom, _) in sheet.merged_cell_ranges or ():
        for row in rows[top + 1 : bottom + 1]:
            row[column] = rows[top][column]
    return rows


def _typed(content: bytes) -> dict[str, dict[tuple[int, int], str]]:
    """By the title of its sheet what was typed behind a `=`: a comment that begins so has no value, or an error."""
    try:
        return _typed_in(content)
    except (LookupError, ValueError, ElementTree.ParseError, zipfile.BadZipFile):  # spelt otherwise: those cells are empty, and told of
        return {}


def _typed_in(content: bytes) -> dict[str, dict[tuple[int, int], str]]:
    found = {}
    with zipfile.ZipFile(io.BytesIO(content)) as parts:
        targets = {node.get("Id"): node.get("Target", "") for node in ElementTree.fromstring(parts.read(RELATIONS))}
        for node in ElementTree.fromstring(parts.read(WORKBOOK)).iter():
            if _name(node) != "sheet":
                continue
            target = targets.get(next((value for key, value in node.items() if key.endswith("}id")), None), "")
            part = target.removeprefix("/") if target.startswith("/") else f"xl/{target}"
            if part in parts.namelist() and FORMULA.search(xml := parts.read(part)):
                found[node.get("name", "")] = dict(_formulas(xml))
    return found


def _formulas(xml: bytes) -> Iterator[tuple[tuple[int, int], str]]:
    for cell in ElementTree.fromstring(xml).iter():
        place = PLACE.match(cell.get("r", "")) if _name(cell) == "c" else None
        formula = next((node for node in cell if _name(node) == "f"), None) if place else None
        if place and formula is not None:
            yield (int(place[2]) - 1, column_number(place[1].encode())), f"={formula.text or ''}"


def _name(node: ElementTree.Element) -> str:
    return node.tag.rpartition("}")[2]
