"""One export written in every kind of file a contract reads, for the table of features (contract_features.yml)."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence
from typing import Any
from xml.sax.saxutils import escape

from test_contract_features import cell_of
from test_read_excel import workbook, xls

KINDS = {"csv": "CSV", "excel": "Excel (.xlsx, .xls)", "fixed": "fixed width", "naaccr_xml": "NAACCR XML"}
# Old workbooks are tried too; their column of the table is that of Excel.
OLD = "xls"
ENDINGS = {"csv": ".csv", "excel": ".xlsx", "fixed": ".txt", "naaccr_xml": ".xml", OLD: ".xls"}
LAYOUT = "ward_layout.csv"
Cells = Sequence[Sequence[str]]


def names(cells: Cells, form: dict[str, Any]) -> Sequence[str]:
    """The header row of an export: behind its preamble, the last of several."""
    return cells[int(form.get("preamble_rows", 0)) + int(form.get("header_rows", 1)) - 1]


def export(kind: str, cells: Cells, form: dict[str, Any], encoding: str) -> bytes:
    """The cells as the bytes of a file of that kind."""
    if kind in ("excel", OLD):
        return (xls if kind == OLD else workbook)([[_typed(cell) for cell in row] for row in cells])
    if kind == "naaccr_xml":
        return _xml(cells, encoding).encode(encoding)
    if kind == "fixed":
        return _fixed(cells, form).encode(encoding)
    out = io.StringIO()
    delimiter, quote = (str(form.get(key, usual)) for key, usual in (("delimiter", ","), ("quote", '"')))
    plain = {"delimiter": ","} if delimiter == "auto" else {"delimiter": delimiter}
    csv.writer(out, **plain, quotechar='"' if quote == "auto" else quote, lineterminator="\n").writerows(cells)  # type: ignore[arg-type]
    return out.getvalue().encode(encoding)


def _typed(text: str) -> Any:
    """The cell of a sheet: `date(…)` and `number(…)` are real ones."""
    if text.startswith("number("):
        return float(text[7:-1])
    return cell_of(text) if text.startswith("date(") else text or None


def _xml(cells: Cells, encoding: str) -> str:
    items = [zip(cells[0], row, strict=False) for row in cells[1:]]
    rows = ["".join(f"\n<Item naaccrId='{name}'>{escape(cell)}</Item>" for name, cell in row) for row in items]
    patients = "".join(f"\n<Patient>\n<Tumor>{row}\n</Tumor>\n</Patient>" for row in rows)
    return f"<?xml version='1.0' encoding='{encoding}'?>\n<NaaccrData xmlns='http://naaccr.org/naaccrxml'>{patients}\n</NaaccrData>\n"


def _widths(cells: Cells, header: Sequence[str]) -> list[int]:
    whole = [row for row in cells if len(row) == len(header)]
    return [max(len(row[place]) for row in whole) + 1 for place in range(len(header))]


def _fixed(cells: Cells, form: dict[str, Any]) -> str:
    """Lines without the header, unless the contract has header rows; a row of fewer cells stands as it is."""
    header = names(cells, form)
    widths = _widths(cells, header)
    kept = [row for row in cells if row is not header or "header_rows" in form]
    lines = ["".join(cell.ljust(width) for cell, width in zip(row, widths, strict=False)).rstrip() for row in kept]
    return "".join(f"{line}\n" for line in lines)


def layout(cells: Cells, form: dict[str, Any], headers: Iterable[str]) -> str:
    """The layout of the fixed-width file, its columns named as in `headers`."""
    lines, start = ["field,start,width"], 1
    for name, width in zip(headers, _widths(cells, names(cells, form)), strict=True):
        lines.append(f"{name},{start},{width}")
        start += width
    return "\n".join(lines) + "\n"
