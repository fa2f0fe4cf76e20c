"""Cells of a sheet that show something else than they hold, and workbooks that are spelt otherwise than usual or are none."""

from __future__ import annotations

import io
import re
import zipfile
from pathlib import Path

import openpyxl
import pytest
import xlwt
from openpyxl.styles import Font
from raw_workbook import respelt, workbook_of
from reading import refusal, said, table

from etl.readers import number_formats, sheet_marks

FIELDS = {"id": {"required": True}, "when": {}}
EXCEL = {"kind": "excel"}
KINDS = {
    "mmm\\-yy": "month", "mmmm yyyy": "month", "[$-407]mmm yy;@": "month", "yyyy": "year", "dddd, mmmm yyyy": "month",
    "d-mmm": "no_year", "dd/mm": "no_year", "mmm": "no_year", "dd.mm.yy": None, "yyyy-mm-dd hh:mm": None, "[h]:mm": None, "mm:ss": None,
    "m/d/yyyy": None, "0%": "percent", "0.00%;[Red]-0.00%": "percent", "00000": "5", "0": None, "0.00": None, "General": None, "@": None,
    '#,##0" days"': None, "#,##0\\ \\d": None, '0" Mon"': None, "[$-F800]dddd, mmmm dd, yyyy": None, '"y" mmm': "no_year",
    "0.00E+00": None, '#,##0.00\\ "€"': None, '00\\-0000': None,
}  # fmt: skip


@pytest.mark.parametrize(("code", "kind"), KINDS.items(), ids=list(KINDS))
def test_knows_what_a_number_format_shows(code: str, kind: str | None) -> None:
    assert number_formats.kind(code) == kind


def number(value: str, style: int = 1) -> str:
    return f'<c r="AT" s="{style}"><v>{value}</v></c>'


SHOWN = [
    ("mmm-yy", "39873", "2009-03", True), ("mmm-yy", "39876", "2009-03-04", True), ("yyyy", "39814", "2009", True),
    ("d-mmm", "39876", None, False), ("0.0%", "0.9", "90%", False), ("0%", "0.125", "12.5%", False), ("00000", "12", "00012", False),
    ("00000", "1.5", "1.5", False), ("yyyy-mm-dd", "39876.99999999", "2009-03-05", True), ("0.0", "0.30000000000000004", "0.3", False),
    ("0", "2.9999999999999996", "3", False),
]  # fmt: skip


@pytest.mark.parametrize(("code", "value", "text", "is_date"), SHOWN, ids=[f"{case[0]} {case[1]}" for case in SHOWN])
def test_reads_a_number_as_the_sheet_shows_it(tmp_path: Path, code: str, value: str, text: str | None, is_date: bool) -> None:
    content = workbook_of([number("39900", 2), number(value)], [code, "yyyy-mm-dd"])
    raw = table(tmp_path, content, name="w.xlsx", format=EXCEL, fields=FIELDS)
    assert raw.rows.row(1) == (3, "2", text, is_date)
    assert said(raw) == ([] if text else [("READ-CELL-ERROR", 3, "when")])


def test_writes_a_share_with_the_decimal_comma_of_the_contract(tmp_path: Path) -> None:
    raw = table(tmp_path, workbook_of([number("0.125")], ["0%"]), name="w.xlsx", format={**EXCEL, "decimal": ","}, fields=FIELDS)
    assert raw.rows["when"].to_list() == ["12,5%"]


def test_reads_numbers_of_an_old_workbook_as_the_sheet_shows_them(tmp_path: Path) -> None:
    book = xlwt.Workbook()
    sheet = book.add_sheet("Data")
    cells = [("MMM-YY", 39873.0), ("D-MMM", 39876.0), ("0%", 0.9), ("00000", 12), ("YYYY-MM-DD", 39876)]
    for row, (code, value) in enumerate([("General", "when"), *cells]):
        sheet.write(row, 0, str(row) if row else "id")
        sheet.write(row, 1, value, xlwt.easyxf(num_format_str=code))
    out = io.BytesIO()
    book.save(out)
    raw = table(tmp_path, out.getvalue(), name="w.xls", format=EXCEL, fields=FIELDS)
    assert raw.rows["when"].to_list() == ["2009-03", None, "90%", "00012", "2009-03-04"]
    assert said(raw) == [("READ-CELL-ERROR", 3, "when")]


def runs(*parts: tuple[str, str]) -> str:
    return "".join(f"<r><rPr>{look}</rPr><t>{letters}</t></r>" for letters, look in parts)


RAISED, STRUCK = '<vertAlign val="superscript"/>', "<strike/>"
TEXTS = [
    (runs(("12", ""), ("1", RAISED)), None), (runs(("1", STRUCK), ("2", "")), None), (runs(("4 cm", ""), ("2", RAISED)), "4 cm2"),
    (runs(("pT", "<b/>"), ("1c", "")), "pT1c"), (runs(("II", '<strike val="0"/>'), ("A", "")), "IIA"),
]  # fmt: skip


@pytest.mark.parametrize("is_shared", [True, False])
@pytest.mark.parametrize(("text", "read"), TEXTS, ids=[str(n) for n in range(len(TEXTS))])
def test_reads_no_text_that_is_not_what_the_sheet_shows(tmp_path: Path, text: str, read: str | None, is_shared: bool) -> None:
    cell = '<c r="AT" t="s"><v>0</v></c>' if is_shared else f'<c r="AT" t="inlineStr"><is>{text}</is></c>'
    raw = table(tmp_path, workbook_of([cell], texts=f"<si>{text}</si>"), name="w.xlsx", format=EXCEL, fields=FIELDS)
    assert raw.rows["when"].to_list() == [read]
    assert said(raw) == ([] if read else [("READ-CELL-ERROR", 2, "when")])


def test_empties_cells_that_are_crossed_out_as_a_whole(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    for row in (["id", "when"], ["1", "withdrawn"], ["2", 7], ["3", "x"], ["4", "y"]):
        book.active.append(row)
    for row, is_struck in ((2, True), (3, True), (4, False)):
        book.active.cell(row, 2).font = Font(strike=is_struck, bold=True)
    out = io.BytesIO()
    book.save(out)
    raw = table(tmp_path, out.getvalue(), name="w.xlsx", format=EXCEL, fields=FIELDS)
    assert raw.rows["when"].to_list() == [None, None, "x", "y"]
    assert said(raw) == [("READ-CELL-ERROR", row, "when") for row in (2, 3)]


def test_empties_cells_of_an_old_workbook_that_are_crossed_out(tmp_path: Path) -> None:
    book = xlwt.Workbook()
    sheet = book.add_sheet("Data")
    looks = [
        "bold on",
        "italic on",
        "struck_out on",
        "underline on",
        "struck_out on, bold on",
    ]  # of several fonts, for one number is left out
    for row, (value, look) in enumerate(zip(["when", "x", "withdrawn", 7, 8], looks, strict=True)):
        sheet.write(row, 0, str(row) if row else "id")
        sheet.write(row, 1, value, xlwt.easyxf(f"font: {look}"))
    out = io.BytesIO()
    book.save(out)
    raw = table(tmp_path, out.getvalue(), name="w.xls", format=EXCEL, fields=FIELDS)
    assert raw.rows["when"].to_list() == ["x", None, "7", None]
    assert said(raw) == [("READ-CELL-ERROR", row, "when") for row in (3, 5)]


CELLS = ['<c r="AT" t="e"><v>#N/A</v></c>', '<c r="AT"><f>1+1</f></c>', number("39873"), '<c r="AT" t="s"><v>0</v></c>']
SPELT = {
    "as usual": {},
    "type first": {'<c r="B2" t="e">': '<c t="e" r="B2">'},
    "other quotes": {'"': "'"},
    "blanks between": {"><v>": ">\n<v>", "><f>": ">\n <f>"},
    "no references": {f'<c r="{letter}{row}"': "<c" for letter in "AB" for row in range(1, 6)},
    "prefixes": {"<": "<x:", "<x:/": "</x:", "xmlns=": "xmlns:x="},
    "strict name space": {"http://schemas.openxmlformats.org/spreadsheetml/2006/main": "http://purl.oclc.org/ooxml/spreadsheetml/main"},
}


@pytest.mark.parametrize("change", SPELT.values(), ids=list(SPELT))
def test_sees_cells_in_error_however_the_sheet_is_spelt(tmp_path: Path, change: dict[str, str]) -> None:
    plain = workbook_of(CELLS, ["mmm-yy"], f"<si>{runs(('1', STRUCK), ('2', ''))}</si>")
    raw = table(tmp_path, respelt(plain, change), name="w.xlsx", format=EXCEL, fields=FIELDS)
    assert raw.rows["when"].to_list() == [None, None, "2009-03", None]
    assert said(raw) == [("READ-CELL-ERROR", row, "when") for row in (2, 3, 5)]


def test_knows_the_epoch_of_a_workbook_in_the_strict_name_space(tmp_path: Path) -> None:
    content = workbook_of([number("39873")], ["yyyy-mm-dd"], book="date1904='1'")
    strict = {"schemas.openxmlformats.org/officeDocument/2006": "purl.oclc.org/ooxml/officeDocument"}
    assert table(tmp_path, respelt(content, strict, ".xml"), name="w.xlsx", format=EXCEL, fields=FIELDS).epoch == 1904


@pytest.mark.parametrize("change", [{}, {'"': "'"}], ids=["usual", "unusual"])
def test_takes_no_nought_for_the_value_of_a_formula_that_nothing_has_computed(tmp_path: Path, change: dict[str, str]) -> None:
    plain = workbook_of(['<c r="AT"><f>1+1</f><v>0</v></c>', '<c r="AT"><f>1+1</f><v>2</v></c>', number("0", 0)])
    asked = respelt(respelt(plain, change), {"</sheets>": "</sheets><calcPr fullCalcOnLoad='1'/>"}, "workbook.xml")
    for content, read in ((plain, ["0", "2", "0"]), (asked, [None, "2", "0"])):
        raw = table(tmp_path, content, name="w.xlsx", format=EXCEL, fields=FIELDS)
        assert raw.rows["when"].to_list() == read
    assert said(raw) == [("READ-CELL-ERROR", 2, "when")]


@pytest.mark.parametrize(("content", "is_marked"), [
    (workbook_of(CELLS[:2], ["yyyy-mm-dd"]), False), (workbook_of(CELLS, ["mmm-yy"]), True),
    (respelt(workbook_of(CELLS[:2]), {'"': "'"}), True), (workbook_of([], texts=f"<si>{runs(('1', STRUCK), ('2', ''))}</si>"), True),
], ids=["plain", "format", "spelling", "text"])  # fmt: skip
def test_knows_sheets_of_which_values_alone_do_not_tell(content: bytes, is_marked: bool) -> None:
    with zipfile.ZipFile(io.BytesIO(content)) as parts:
        assert sheet_marks.is_marked(parts, "xl/worksheets/sheet1.xml") is is_marked


def test_knows_no_number_that_is_none(tmp_path: Path) -> None:
    raw = table(tmp_path, workbook_of([number("NaN", 0)]), name="w.xlsx", format=EXCEL, fields=FIELDS)
    assert raw.rows["when"].to_list() == [None]
    assert said(raw) == [("READ-LOST-DIGITS", 2, "when")]


def test_empties_the_number_of_a_person_that_has_become_a_date(tmp_path: Path) -> None:
    content = workbook_of([number("39876"), number("12", 0)], ["yyyy-mm-dd"])
    raw = table(tmp_path, content, name="w.xlsx", format=EXCEL, fields={"id": {"header": "when", "required": True}})
    assert raw.rows["id"].to_list() == [None, "12"]
    assert said(raw)[0] == ("READ-LOST-DIGITS", 2, "when")
    born = {"id": {"required": True}, "when": {"identifier": "birth"}}
    assert table(tmp_path, content, name="w.xlsx", format=EXCEL, fields=born).rows["when"].to_list() == ["2009-03-04", "12"]


def other_zip(name: str) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as book:
        book.writestr(name, "<x/>")
    return out.getvalue()


NO_WORKBOOK = [
    (b"<html><table><tr><td>id</td></tr></table></html>", "a web page or XML"), (b"id\twhen\n1\tx\n", "a text file"),
    ("id\twhen\n1\tx\n".encode("utf-16"), "a text file"), (other_zip("content.xml"), "an OpenDocument sheet"),
    (other_zip("ward.csv"), "a zip file and no workbook: unpack it"),
    (other_zip("xl/workbook.bin"), "a binary workbook"), (workbook_of([number("1", 0)])[:-30], "damaged or cut off"),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + "EncryptedPackage".encode("utf-16-le") + bytes(600), "protected by a password"),
]  # fmt: skip


@pytest.mark.parametrize(("content", "what"), NO_WORKBOOK, ids=[case[1] for case in NO_WORKBOOK])
def test_says_what_a_file_is_that_is_no_workbook(tmp_path: Path, content: bytes, what: str) -> None:
    reason, message = refusal(tmp_path, content, name="w.xls", format=EXCEL, fields=FIELDS)
    assert reason == "no_workbook"
    assert re.search(rf"^w\.xls: .*{what}", message)


def test_refuses_a_workbook_that_unpacks_beyond_all_measure(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("schemas.core.packed.MOST_UNPACKED", 100_000)
    content = respelt(workbook_of([number("1", 0)]), {"<sheetData>": " " * 1_000_000 + "<sheetData>"})
    assert refusal(tmp_path, content, name="w.xlsx", format=EXCEL, fields=FIELDS)[0] == "too_large"
