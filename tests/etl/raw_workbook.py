"""Workbooks written as XML by hand, for what no library writes: `id` in column A, one cell as given in column B of each row."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Sequence
from xml.sax.saxutils import quoteattr

MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PACKAGE = "http://schemas.openxmlformats.org/package/2006/relationships"


def workbook_of(cells: Sequence[str], formats: Sequence[str] = (), texts: str = "", book: str = "") -> bytes:
    """`AT` in a cell is its reference; style 1 is the first of `formats`; `texts` are the shared ones, `book` properties."""
    rows = "".join(f'<row r="{n}">{text(f"A{n}", n - 1)}{cell.replace("AT", f"B{n}")}</row>' for n, cell in enumerate(cells, 2))
    head = f'<row r="1">{text("A1", "id")}{text("B1", "when")}</row>'
    numbers = "".join(f"<numFmt numFmtId='{200 + n}' formatCode={quoteattr(code)}/>" for n, code in enumerate(formats))
    used = "".join(f"<xf numFmtId='{200 + n}'/>" for n in range(len(formats)))
    parts = {
        "_rels/.rels": links(("r", "officeDocument", "xl/workbook.xml")),
        "xl/_rels/workbook.xml.rels": links(("r1", "worksheet", "worksheets/sheet1.xml"), ("r2", "styles", "styles.xml"),
                                            ("r3", "sharedStrings", "sharedStrings.xml")),
        "xl/workbook.xml": f"<workbook xmlns='{MAIN}' xmlns:r='{OFFICE}'><workbookPr {book}/><sheets>"
                           "<sheet name='Data' sheetId='1' r:id='r1'/></sheets></workbook>",
        "xl/styles.xml": f"<styleSheet xmlns='{MAIN}'><numFmts>{numbers}</numFmts><cellXfs><xf numFmtId='0'/>{used}</cellXfs></styleSheet>",
        "xl/sharedStrings.xml": f"<sst xmlns='{MAIN}'>{texts}</sst>",
        "xl/worksheets/sheet1.xml": f"<worksheet xmlns='{MAIN}'><sheetData>{head}{rows}</sheetData></worksheet>",
    }  # fmt: skip
    return zipped(parts)


def zipped(parts: dict[str, str]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as book:
        for name, xml in parts.items():
            book.writestr(name, xml)
    return out.getvalue()


def links(*all_links: tuple[str, str, str]) -> str:
    said = "".join(f"<Relationship Id='{name}' Type='{OFFICE}/{kind}' Target='{target}'/>" for name, kind, target in all_links)
    return f"<Relationships xmlns='{PACKAGE}'>{said}</Relationships>"


def text(at: str, value: object) -> str:
    return f'<c r="{at}" t="inlineStr"><is><t>{value}</t></is></c>'


def respelt(content: bytes, change: dict[str, str], part: str = "sheet1.xml") -> bytes:
    """The workbook with texts of one part replaced."""
    with zipfile.ZipFile(io.BytesIO(content)) as book:
        parts = {name: book.read(name).decode() for name in book.namelist()}
    for old, new in change.items():
        parts = {name: xml.replace(old, new) if name.endswith(part) else xml for name, xml in parts.items()}
    return zipped(parts)
