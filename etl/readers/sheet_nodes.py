"""A sheet of an .xlsx whose XML is spelt otherwise than usual (prefixes, other order of attributes), read node by node: slow and sure."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterator
from xml.etree import ElementTree

import polars as pl

from etl.readers.doubled import check_doubled
from etl.readers.number_formats import Kind
from etl.readers.sheet_marks import STRUCK, Marks, is_doubtful
from schemas.core.sheet_columns import column_number


def scanned(
    parts: zipfile.ZipFile, part: str, of_style: dict[int, Kind], texts: set[int], *, is_new: bool
) -> tuple[list[tuple[int, int]], int, int, Marks]:
    """The places (from 0) of cells in error or never computed, the rows, the columns, and the marked cells by row."""
    errors: list[tuple[int, int]] = []
    marks: Marks = {}
    rows = width = 0
    held: dict[str, list[int]] = {"row": [], "column": []}
    for row, place, cell in _cells(parts, part):
        if len(cell):
            held["row"].append(row)
            held["column"].append(place)
        rows, width = max(rows, row + 1), max(width, place + 1)
        if _in_error(cell, is_new=is_new):
            errors.append((row, place))
        elif _is_struck(cell, texts):
            marks.setdefault(row, []).append((place, STRUCK))
        elif (how := of_style.get(int(cell.get("s", "0")))) is not None:
            marks.setdefault(row, []).append((place, how))
    cells = pl.DataFrame(held, schema={"row": pl.UInt32, "column": pl.UInt16})
    check_doubled(cells["row"], cells["column"])
    return errors, rows, width, marks


def _cells(parts: zipfile.ZipFile, part: str) -> Iterator[tuple[int, int, ElementTree.Element]]:
    """Row, column (from 0) and node of each cell; one without a reference stands behind the one before."""
    row = place = -1
    with parts.open(part) as xml:
        for event, node in ElementTree.iterparse(xml, ("start", "end")):
            name = node.tag.rpartition("}")[2]
            if event == "start" and name == "row":
                row, place = int(node.get("r", row + 2)) - 1, -1
            elif event == "start" and name == "c":
                found = re.match(r"([A-Z]+)(\d+)$", node.get("r", ""))
                row, place = (int(found[2]) - 1, column_number(found[1].encode())) if found else (row, place + 1)
            elif event == "end" and name == "c":
                yield row, place, node
                node.clear()
            elif event == "end" and name == "row":
                node.clear()


def numbers(parts: zipfile.ZipFile, part: str) -> Iterator[tuple[int, int, float]]:
    """Row, column (from 0) and value of each cell that holds a number."""
    for row, place, cell in _cells(parts, part):
        value = next((node.text or "" for node in cell if node.tag.rpartition("}")[2] == "v"), "")
        if cell.get("t", "n") == "n" and re.fullmatch(r"-?\d+(\.\d*)?([eE][+-]?\d{1,2})?", value):
            yield row, place, float(value)


def _in_error(cell: ElementTree.Element, *, is_new: bool) -> bool:
    """An error, or a formula without a value: the kind of one that gives the empty text is `str`; where nothing was computed 0 is none."""
    parts = {node.tag.rpartition("}")[2]: node for node in cell}
    value = parts["v"].text if "v" in parts else None
    return cell.get("t") == "e" or ("f" in parts and ((not value and cell.get("t") != "str") or (is_new and value == "0")))


def _is_struck(cell: ElementTree.Element, texts: set[int]) -> bool:
    parts = {node.tag.rpartition("}")[2]: node for node in cell}
    if cell.get("t") == "s" and "v" in parts:
        return int(parts["v"].text or -1) in texts
    return cell.get("t") == "inlineStr" and "is" in parts and is_doubtful(parts["is"])
