"""A sheet read by its distinct cells is the sheet that calamine lays out; what is written in an unusual way is left to calamine."""

from __future__ import annotations

import io
import random
import zipfile
from collections.abc import Callable
from typing import Any

import openpyxl
import polars as pl
import pytest
from python_calamine import CalamineWorkbook

from etl.readers import excel
from etl.readers.excel_distinct import MOST_DOUBTFUL, laid_out
from etl.readers.sheet_cells import NotPlainError, cells_of

FORMATS = ("General", "0.00", "yyyy-mm-dd", "dd/mm/yy hh:mm", "[h]:mm:ss", "hh:mm", "@", "#,##0", '"x"0', "d mmm yy")
MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
LINK = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/sharedStrings"
SHARED = (
    f'<sst xmlns="{MAIN}"><si><t>a</t></si><si><t></t></si><si><t>ä &amp; &lt;b&gt;</t></si><si><r><t>ri</t></r><r><t>ch</t></r></si></sst>'
)
CONTENTS = (
    "/>", "></c>", ' t="s"><v>0</v></c>', ' t="s"><v>1</v></c>', ' t="s"><v>2</v></c>', ' t="s"><v>3</v></c>', "><v>39876</v></c>",
    "><v>1.5</v></c>", "><v>0</v></c>", "><v>1e15</v></c>", ' t="b"><v>1</v></c>', ' t="e"><v>#DIV/0!</v></c>', ' t="n"><v>7</v></c>',
    ' t="str"><f>A1&amp;"x"</f><v>yes</v></c>', ' t="str"><f>A1</f><v></v></c>', "><f>A1+1</f></c>", "><f>A1+1</f><v>3.5</v></c>",
    ' t="inlineStr"><is><t> 007</t></is></c>', ' t="inlineStr"><is><t/></is></c>', ' t="d"><v>2009-03-04</v></c>',
    ' t="inlineStr"><is><r><t>ri</t></r><r><t xml:space="preserve">ch </t></r></is></c>', '><f t="shared" si="0"/><v>7</v></c>',
    ' t="inlineStr"><is><t>1e5</t></is></c>', ' t="inlineStr"><is><t xml:space="preserve">X12a</t></is></c>',
)  # fmt: skip


def _shell() -> dict[str, bytes]:
    """The parts of a workbook with a style per format, and shared strings."""
    book = openpyxl.Workbook()
    for place, form in enumerate(FORMATS, 1):
        book.active.cell(1, place, 1.5).number_format = form
    out = io.BytesIO()
    book.save(out)
    with zipfile.ZipFile(out) as parts:
        found = {name: parts.read(name) for name in parts.namelist()}
    links = "xl/_rels/workbook.xml.rels"
    more = f'<Relationship Id="rId99" Type="{LINK}" Target="sharedStrings.xml"/></Relationships>'
    found[links] = found[links].replace(b"</Relationships>", more.encode())
    return {**found, "xl/sharedStrings.xml": SHARED.encode()}


SHELL = _shell()


def _workbook(rows: str, behind: str = "") -> bytes:
    sheet = f'<worksheet xmlns="{MAIN}"><dimension ref="A1:B2"/><sheetData>{rows}</sheetData>{behind}</worksheet>'
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as parts:
        for name, content in SHELL.items():
            parts.writestr(name, sheet.encode() if name == "xl/worksheets/sheet1.xml" else content)
    return out.getvalue()


def _rows(chance: random.Random) -> str:
    """A few rows of cells of all kinds, with gaps between rows and columns."""
    rows, number = [], chance.choice([0, 0, 3])
    for _ in range(chance.randrange(1, 7)):
        number += chance.choice([1, 1, 2, 5])
        places = sorted(chance.sample(["A", "B", "C", "D", "Z", "AA", "BK"], chance.randrange(0, 6)), key=lambda name: (len(name), name))
        styled = [(place, chance.choice(["", f' s="{chance.randrange(10)}"']), chance.choice(CONTENTS)) for place in places]
        cells = "".join(f'<c r="{place}{number}"{style}{text}' for place, style, text in styled)
        rows.append(f'<row r="{number}">{cells}</row>' if cells else f'<row r="{number}"/>')
    return "".join(rows)


def _laid(make: Callable[[], excel.Sheet]) -> Any:
    """All that a sheet says; the name of what was raised where it cannot be read."""
    try:
        sheet = make()
        told = [(type(value), value) for row in sheet.rows for value in row]
        return told, sheet.height, sheet.width, list(sheet.merged), sorted(sheet.inside.errors), sheet.inside.epoch
    except OverflowError as error:  # a serial of no calendar
        return str(error)


@pytest.mark.parametrize("seed", range(150))
def test_is_the_sheet_that_calamine_lays_out(seed: int) -> None:
    chance = random.Random(seed)
    behind = chance.choice(["", '<mergeCells count="1"><mergeCell ref="A1:B2"/></mergeCells>'])
    content = _workbook(_rows(chance), behind)
    try:
        found = _laid(lambda: excel._by_distinct_cells("w.xlsx", laid_out(content, "Sheet"), "Sheet", []))
    except NotPlainError:
        assert b"<c " not in zipfile.ZipFile(io.BytesIO(content)).read("xl/worksheets/sheet1.xml")
        return
    book = CalamineWorkbook.from_filelike(io.BytesIO(content))
    assert found == _laid(lambda: excel._by_rows("w.xlsx", content, book, "Sheet", [], decimal="."))


UNUSUAL = {
    "no_place": '<row r="1"><c r="A1"><v>1</v></c></row><row r="2"><c><v>1</v></c></row>',
    "style_first": '<row r="1"><c s="1" r="A1"><v>1</v></c></row>',
    "blanks_between": '<row r="1"><c r="A1"><v>1</v></c> <c r="B1"><v>2</v></c></row>',
    "comment": '<row r="1"><c r="A1"><v>1</v></c><!-- <c r="B1"><v>2</v></c> --></row>',
    "no_cells": '<row r="1"/>',
    "texts_of_nothing": "".join(f'<row r="{n}"><c r="A{n}" t="str"><f>B{n}</f><v></v></c></row>' for n in range(1, MOST_DOUBTFUL + 2)),
}


@pytest.mark.parametrize("rows", UNUSUAL.values(), ids=UNUSUAL)
def test_leaves_to_calamine_what_is_written_in_an_unusual_way(rows: str) -> None:
    with pytest.raises(NotPlainError):
        laid_out(_workbook(rows), "Sheet")


@pytest.mark.parametrize("place", ["a1", "A", "1", "", "AAAA1", "A12345678", "A0", "A1 ", "$A$1", "R1C1"])
def test_leaves_to_calamine_a_cell_of_which_the_place_is_no_usual_one(place: str) -> None:
    for rows in (f'<row r="1"><c r="A1"><v>1</v></c><c r="{place}"><v>2</v></c></row>', f'<row r="1"><c r="A1"><v>1</v></c><c r="{place}'):
        with pytest.raises(NotPlainError):
            cells_of(rows.encode(), pl.Categorical(pl.Categories.random()))


def test_finds_the_cells_of_a_piece_by_their_bytes() -> None:
    rows = '<row r="1"><c r="A1"><v>1</v></c><c r="XFD1" s="1"/></row><row r="1048576"><c r="AZ1048576" t="str"><v>ä</v></c></row>'
    found = cells_of(rows.encode(), pl.Categorical(pl.Categories.random()))
    assert found.cast({"value": pl.String}).rows() == [
        (0, 0, "><v>1</v></c>"),
        (0, 16383, ' s="1"/>'),
        (1048575, 51, ' t="str"><v>ä</v></c>'),
    ]
    assert cells_of(b'<row r="1"/>', pl.Categorical(pl.Categories.random())).is_empty()
    with pytest.raises(NotPlainError):
        cells_of(rows.encode("latin-1"), pl.Categorical(pl.Categories.random()))
