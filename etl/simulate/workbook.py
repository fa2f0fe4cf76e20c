"""A plain .xlsx file written column by column: XlsxWriter takes minutes for a million rows, and its cells are Python objects.

Text cells are inline strings, dates are numbers with a date format, numbers are numbers. Bytes depend on nothing but the cells.
"""

from __future__ import annotations

import zipfile
from collections.abc import Sequence
from pathlib import Path

import polars as pl

# A cell text that begins so is written as a real date (`date:39000`), as a bare number (`number:39000`), as an error (`error:#REF!`).
DATE, NUMBER, ERROR = "date:", "number:", "error:"
SLICE = 50_000
SHEET = "xl/worksheets/sheet1.xml"
STAMP = (2018, 1, 12, 0, 0, 0)
TYPES = "application/vnd.openxmlformats-officedocument.spreadsheetml."
MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PACKAGE = "http://schemas.openxmlformats.org/package/2006/"
XML = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
PART = "application/vnd.openxmlformats-package."
PARTS = {
    "[Content_Types].xml": (
        f'<Types xmlns="{PACKAGE}content-types"><Default Extension="rels" ContentType="{PART}relationships+xml"/>'
        '<Default Extension="xml" ContentType="application/xml"/>'
        f'<Override PartName="/xl/workbook.xml" ContentType="{TYPES}sheet.main+xml"/>'
        f'<Override PartName="/xl/worksheets/sheet1.xml" ContentType="{TYPES}worksheet+xml"/>'
        f'<Override PartName="/xl/styles.xml" ContentType="{TYPES}styles+xml"/></Types>'
    ),
    "_rels/.rels": (
        f'<Relationships xmlns="{PACKAGE}relationships">'
        f'<Relationship Id="rId1" Type="{OFFICE}/officeDocument" Target="xl/workbook.xml"/></Relationships>'
    ),
    "xl/workbook.xml": (
        f'<workbook xmlns="{MAIN}" xmlns:r="{OFFICE}"><sheets><sheet name="Treatment" sheetId="1" r:id="rId1"/></sheets></workbook>'
    ),
    "xl/_rels/workbook.xml.rels": (
        f'<Relationships xmlns="{PACKAGE}relationships">'
        f'<Relationship Id="rId1" Type="{OFFICE}/worksheet" Target="worksheets/sheet1.xml"/>'
        f'<Relationship Id="rId2" Type="{OFFICE}/styles" Target="styles.xml"/></Relationships>'
    ),
    "xl/styles.xml": (
        f'<styleSheet xmlns="{MAIN}"><fonts count="1"><font><sz val="11"/><name val="Calibri"/></font></fonts>'
        '<fills count="2"><fill><patternFill patternType="none"/></fill><fill><patternFill patternType="gray125"/></fill></fills>'
        '<borders count="1"><border><left/><right/><top/><bottom/><diagonal/></border></borders>'
        '<cellStyleXfs count="1"><xf numFmtId="0" fontId="0" fillId="0" borderId="0"/></cellStyleXfs>'
        '<cellXfs count="2"><xf numFmtId="0" fontId="0" fillId="0" borderId="0" xfId="0"/>'
        '<xf numFmtId="14" fontId="0" fillId="0" borderId="0" xfId="0" applyNumberFormat="1"/></cellXfs>'
        '<cellStyles count="1"><cellStyle name="Normal" xfId="0" builtinId="0"/></cellStyles></styleSheet>'
    ),
}


def write_workbook(path: Path, above: Sequence[Sequence[str]], rows: pl.DataFrame, merged: Sequence[str] = ()) -> None:
    """Write one sheet: the lines `above` (cells of text), then `rows` (text; see DATE and NUMBER), with `merged` ranges."""
    # Of a large file half the time is compression. `zipfile` takes the level for a name only, an entry has its own, which is 6.
    place = _entry(SHEET) if rows.height <= SLICE else SHEET
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as package:
        for name, text in PARTS.items():
            package.writestr(_entry(name), XML + text)
        with package.open(place, "w", force_zip64=True) as sheet:
            sheet.write(f'{XML}<worksheet xmlns="{MAIN}"><sheetData>'.encode())
            head = pl.DataFrame(list(above), schema=rows.columns, orient="row") if above else rows.clear()
            sheet.write(_xml(head, 1).encode())
            for start in range(0, rows.height, SLICE):
                sheet.write(_xml(rows.slice(start, SLICE), len(above) + 1 + start).encode())
            ranges = "".join(f'<mergeCell ref="{place}"/>' for place in merged)
            sheet.write(f"</sheetData>{f'<mergeCells>{ranges}</mergeCells>' if ranges else ''}</worksheet>".encode())


def _entry(name: str) -> zipfile.ZipInfo:
    entry = zipfile.ZipInfo(name, STAMP)
    entry.compress_type = zipfile.ZIP_DEFLATED
    return entry


def column_letters(place: int) -> str:
    """A for 0, Z for 25, AA for 26."""
    return (column_letters(place // 26 - 1) if place >= 26 else "") + chr(ord("A") + place % 26)


def _xml(rows: pl.DataFrame, first: int) -> str:
    at = pl.int_range(first, first + rows.height, eager=True).cast(pl.String)
    cells = [piece for place, cell in enumerate(rows) for piece in _cell(cell, at, column_letters(place))]
    lines = pl.select(pl.concat_str(pl.lit('<row r="'), at, pl.lit('">'), *cells, pl.lit("</row>"))).to_series()
    return str(lines.str.join("").item()) if rows.height else ""


def _cell(cell: pl.Series, at: pl.Series, letters: str) -> tuple[pl.Expr, ...]:
    """The pieces of each cell of a column, in order; nothing of an empty cell. They are joined once per row: copies of text take time."""
    if cell.null_count() == len(cell):
        return ()
    text = cell.fill_null("")
    empty, date, number, error = text == "", *(text.str.starts_with(mark) for mark in (DATE, NUMBER, ERROR))
    marks = pl.when(date).then(len(DATE)).when(number).then(len(NUMBER)).when(error).then(len(ERROR))
    bare = text.str.slice(pl.select(marks.otherwise(0)).to_series())
    nothing = pl.lit("")
    return (
        pl.when(empty).then(nothing).otherwise(pl.lit(f'<c r="{letters}')),
        pl.when(empty).then(nothing).otherwise(at),
        pl.when(empty).then(nothing).when(date).then(pl.lit('" s="1"><v>')).when(number).then(pl.lit('"><v>'))
        .when(error).then(pl.lit('" t="e"><v>'))
        .otherwise(pl.lit('" t="inlineStr"><is><t xml:space="preserve">')),
        pl.lit(_escaped(bare)),
        pl.when(empty).then(nothing).when(date | number | error).then(pl.lit("</v></c>")).otherwise(pl.lit("</t></is></c>")),
    )  # fmt: skip


def _escaped(text: pl.Series) -> pl.Series:
    if not text.str.contains("[&<>]").any():
        return text
    plain = text.str.replace_all("&", "&amp;", literal=True).str.replace_all("<", "&lt;", literal=True)
    return plain.str.replace_all(">", "&gt;", literal=True)
