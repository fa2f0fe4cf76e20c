"""Spreadsheets: cells keep what they are, every sheet row is counted, what Excel has lost or broken is said."""

from __future__ import annotations

import datetime
import io
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import openpyxl
import polars as pl
import pytest
import xlsxwriter
import xlwt
from hypothesis import strategies as st
from reading import counted, refusal, said, table

from etl.readers import excel_cells
from tests.searched import searched

DAY = datetime.date(2009, 3, 4)
FIELDS: dict[str, Any] = {"id": {"required": True}, "when": {}}
EXCEL = {"kind": "excel"}


def workbook(
    rows: Sequence[Sequence[Any]], merged: Sequence[tuple[int, int, int, int]] = (), *, from_1904: bool = False, **sheets: Any
) -> bytes:
    """A workbook whose first sheet has these cells; a tuple is (formula, value)."""
    out = io.BytesIO()
    book = xlsxwriter.Workbook(out, {"in_memory": True, "date_1904": from_1904, "default_date_format": "yyyy-mm-dd"})
    for name, cells in {"Data": rows, **sheets}.items():
        sheet = book.add_worksheet(name)
        for row, values in enumerate(cells):
            for column, value in enumerate(values):
                if isinstance(value, tuple):
                    sheet.write_formula(row, column, value[0], None, value[1])
                elif isinstance(value, str):
                    sheet.write_string(row, column, value)
                elif value is not None:
                    sheet.write(row, column, value)
        for first_row, first, last_row, last in merged if name == "Data" else ():
            sheet.merge_range(first_row, first, last_row, last, rows[first_row][first])
    book.close()
    return out.getvalue()


def xls(rows: Sequence[Sequence[Any]], *, from_1904: bool = False) -> bytes:
    book = xlwt.Workbook()
    book.dates_1904 = from_1904
    sheet = book.add_sheet("Data")
    date = xlwt.easyxf(num_format_str="YYYY-MM-DD")
    for row, values in enumerate(rows):
        for column, value in enumerate(values):
            sheet.write(row, column, value, *([date] if isinstance(value, datetime.date) else []))
    return saved(book)


def saved(book: xlwt.Workbook) -> bytes:
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


CELLS = [
    ("x", "x"), (12.0, "12"), (12.5, "12.5"), (-1, "-1"), (0.1, "0.1"), (123456789012345, "123456789012345"), (True, "true"),
    (False, "false"), (DAY, "2009-03-04"), (datetime.datetime(2009, 3, 4, 13, 45), "2009-03-04T13:45:00"), ("007", "007"),
    (("=1+1", 2), "2"), (("=A1", "y"), "y"), (" padded ", "padded"), ("two\nlines", "two\nlines"), (None, None),
]  # fmt: skip


@pytest.mark.parametrize(("cell", "text"), CELLS, ids=[str(text) for _, text in CELLS])
def test_renders_each_cell_by_what_it_is(tmp_path: Path, cell: Any, text: str | None) -> None:
    raw = table(tmp_path, workbook([["id", "when"], ["1", cell]]), name="w.xlsx", format=EXCEL, fields=FIELDS)
    assert raw.rows.select("source_row", "id", "when").rows() == [(2, "1", text)]


def test_marks_the_real_dates_of_a_column_that_mixes_them_with_text_and_serials(tmp_path: Path) -> None:
    content = workbook([["id", "when"], ["1", DAY], ["2", "4/3/2009"], ["3", 39876], ["4", None]])
    raw = table(tmp_path, content, name="w.xlsx", format=EXCEL, fields=FIELDS)
    assert raw.rows.select("when", "when__typed").rows() == [
        ("2009-03-04", True), ("4/3/2009", False), ("39876", False), (None, False),
    ]  # fmt: skip
    assert raw.rows.schema["when__typed"] == pl.Boolean


def test_has_no_mark_where_a_column_holds_no_real_date(tmp_path: Path) -> None:
    raw = table(tmp_path, workbook([["id", "when"], ["1", "x"]]), name="w.xlsx", format=EXCEL, fields=FIELDS)
    assert raw.rows.columns == ["source_row", "id", "when"]


@pytest.mark.parametrize("from_1904", [False, True])
@pytest.mark.parametrize("make", [workbook, xls])
def test_reads_dates_of_both_epochs_and_both_kinds_of_workbook(tmp_path: Path, make: Any, from_1904: bool) -> None:
    content = make([["id", "when"], ["1", DAY]], from_1904=from_1904)
    raw = table(tmp_path, content, name="w.xls", format=EXCEL, fields=FIELDS)
    assert raw.rows.select("when", "when__typed").rows() == [("2009-03-04", True)]
    assert raw.epoch == (1904 if from_1904 else 1900)


def test_takes_the_epoch_that_the_contract_declares(tmp_path: Path) -> None:
    raw = table(tmp_path, workbook([["id"], ["1"]]), name="w.xlsx", format={**EXCEL, "epoch": 1904}, fields={"id": {}})
    assert (raw.epoch, said(raw)) == (1904, [("READ-EPOCH", None, "epoch=1900")])  # its real dates stay those of the workbook
    assert said(table(tmp_path, workbook([["id"], ["1"]]), name="w.xlsx", format={**EXCEL, "epoch": 1900}, fields={"id": {}})) == []


VALUES = st.one_of(
    st.sampled_from(["", "x", "1", "true"]), st.booleans(), st.sampled_from([0, 1, 10**15, -(10**16)]),
    st.sampled_from([0.0, -0.0, 1.0, 0.5, 1e15, 12.25]),
    st.sampled_from([DAY, datetime.datetime(2009, 3, 4), datetime.datetime(2009, 3, 4, 1, 2)]),
    st.sampled_from([datetime.time(1, 2, 3), datetime.timedelta(hours=30)]),
)  # fmt: skip


@searched(60, 150, values=st.lists(VALUES, max_size=12), decimal=st.sampled_from([".", ","]), at_once=st.integers(1, 5))
def test_turns_columns_into_text_as_it_does_single_cells(values: list[Any], decimal: str, at_once: int) -> None:
    parts = [values[place : place + at_once] for place in range(0, len(values), at_once)] or [[]]
    found = excel_cells.joined([excel_cells.column(part, decimal) for part in parts])
    written = [excel_cells.rendered(one).replace(".", decimal if type(one) is float else ".") for one in values]
    assert found.text.to_list() == written
    is_date = [type(one) in (datetime.date, datetime.datetime) for one in values]
    assert (found.dates.to_list() if found.dates is not None else [False] * len(values)) == is_date
    assert found.lost == [n for n, one in enumerate(values) if type(one) in (int, float) and abs(one) >= 10**15]


@pytest.mark.parametrize("rows", [1, 3, 50_000])
def test_reads_a_sheet_in_parts_as_in_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, rows: int) -> None:
    monkeypatch.setattr("etl.readers.excel.ROWS_AT_ONCE", rows)
    content = workbook([[], [None, None, "id", "when"], [None, None, "1", "4/3/2009"], [], [None, None, "2", DAY], [None, None, 3, 1.5]])
    raw = table(tmp_path, content, name="w.xlsx", format=EXCEL, fields=FIELDS)
    assert raw.rows.rows() == [(3, "1", "4/3/2009", False), (5, "2", "2009-03-04", True), (6, "3", "1.5", False)]
    assert raw.physical_rows == raw.ledger["n"].sum() == 6


@pytest.mark.parametrize("name", ["w.xlsx", "ward.csv"])
def test_refuses_data_without_a_header_where_the_contract_is_exact(tmp_path: Path, name: str) -> None:
    rows = [["id", "when", ""], ["1", "x", "more"]]
    content = workbook(rows) if name == "w.xlsx" else "\n".join(map(",".join, rows)).encode()
    more = {"format": EXCEL} if name == "w.xlsx" else {}
    reason, says = refusal(tmp_path, content, name=name, fields=FIELDS, columns="exact", **more)
    assert reason == "extra_column" and "column" in says and "more" not in says.replace("(write", "")
    empty = workbook([["id", "when", ""], ["1", "x", ""]]) if name == "w.xlsx" else b"id,when,\n1,x,\n"
    assert table(tmp_path, empty, name=name, fields=FIELDS, columns="exact", **more).rows.height == 1


def test_sees_a_stray_cell_that_would_fill_the_memory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("etl.readers.workbook.AT_ONCE", 64)
    monkeypatch.setattr("etl.readers.workbook.MOST_CELLS", 30_000)
    monkeypatch.setattr("etl.readers.excel.MOST_CELLS", 30_000)
    cells = [["id", "when"], *([["1", "x"]] * 60)]
    content = workbook([*cells, [None] * 600 + ["stray"], *cells[1:]])
    assert refusal(tmp_path, content, name="w.xlsx", format=EXCEL, fields=FIELDS)[0] == "too_large"
    assert table(tmp_path, workbook(cells), name="w.xlsx", format=EXCEL, fields=FIELDS).rows.height == 60


def test_counts_every_sheet_row_once(tmp_path: Path) -> None:
    cells = [["Treatment 2016"], [], ["id", "when"], [], ["1", "x"], ["", " "], ["2", "y"], ["Total: 2"]]
    form = {**EXCEL, "preamble_rows": 1, "footer_rows": 1}
    content = workbook(cells)
    raw = table(tmp_path, content, name="w.xlsx", format=form, fields=FIELDS)
    assert raw.rows["source_row"].to_list() == [5, 7]
    assert counted(raw) == {"goes_on": 2, "not_data blank": 3, "not_data footer": 1, "not_data header": 1, "not_data preamble": 1}
    assert raw.physical_rows == raw.ledger["n"].sum() == len(cells)


def test_passes_over_rows_whose_first_cell_begins_a_comment(tmp_path: Path) -> None:
    cells = [["# a note", None], ["id", "when"], ["1", "# no comment"], [None, None], ["#2", "x"]]
    raw = table(tmp_path, workbook(cells), name="w.xlsx", format={**EXCEL, "comment": "#"}, fields=FIELDS)
    assert raw.rows.rows() == [(3, "1", "# no comment")]
    assert counted(raw) == {"goes_on": 1, "not_data comment": 2, "not_data header": 1, "not_data blank": 1}
    assert raw.physical_rows == 5


def test_stretches_merged_headers_over_their_columns(tmp_path: Path) -> None:
    cells = [
        ["Treatment", "", "", "", ""],
        ["PID", "Surgery 1", "", "Surgery 2", ""],
        ["", "Date", "Type", "Date", "Type"],
        ["1", "a", "b", "c", "d"],
    ]
    fields = {"id": {"header": "PID"}, "first": {"header": "Surgery 1/Type"}, "second": {"header": "Surgery 2/Date"}}
    content = workbook(cells, [(0, 0, 0, 4), (1, 0, 2, 0), (1, 1, 1, 2), (1, 3, 1, 4)])
    form = {**EXCEL, "preamble_rows": 1, "header_rows": 2, "header_separator": "/"}
    assert table(tmp_path, content, name="w.xlsx", format=form, fields=fields).rows.row(0) == (4, "1", "b", "c")


@pytest.mark.parametrize("sheet", ["Second", "second ", 2])
def test_reads_a_sheet_by_its_name_or_number(tmp_path: Path, sheet: str | int) -> None:
    content = workbook([["x"]], Second=[["id", "when"], ["1", "y"]])
    raw = table(tmp_path, content, name="w.xlsx", format={**EXCEL, "sheet": sheet}, fields=FIELDS)
    assert raw.rows.row(0) == (2, "1", "y")
    assert said(raw) == []


def test_says_which_other_sheets_it_has_not_read(tmp_path: Path) -> None:
    raw = table(tmp_path, workbook([["id", "when"], ["1", "y"]], Second=[["z"]]), name="w.xlsx", format=EXCEL, fields=FIELDS)
    assert said(raw) == [("READ-OTHER-SHEET", None, "sheet 2")]


def test_notes_cells_in_error_and_formulas_never_computed(tmp_path: Path) -> None:
    content = workbook([["id", "when"], ["1", ("=1/0", "#DIV/0!")], ["2", "x"], ["3", "#N/A"]])
    raw = table(tmp_path, content, name="w.xlsx", format=EXCEL, fields=FIELDS)
    assert raw.rows["when"].to_list() == [None, "x", "#N/A"]
    assert said(raw) == [("READ-CELL-ERROR", 2, "when")]
    book = openpyxl.Workbook()
    for row in (["id", "when"], ["1", "=1+1"], ["2", "x"]):
        book.active.append(row)
    out = io.BytesIO()
    book.save(out)
    assert said(table(tmp_path, out.getvalue(), name="w.xlsx", format=EXCEL, fields=FIELDS)) == [("READ-CELL-ERROR", 2, "when")]


def test_notes_cells_in_error_of_an_old_workbook(tmp_path: Path) -> None:
    # the record of a formula whose value is an error, and that of a cell that holds one: xlwt writes a boolean, its last byte says which
    content = bytearray(xls([["id", "when"], ["1", True], ["2", "x"]]))
    place = content.index(b"\x05\x02\x08\x00\x01\x00\x01\x00")
    content[place + 10 : place + 12] = b"\x07\x01"
    raw = table(tmp_path, bytes(content), name="w.xls", format=EXCEL, fields=FIELDS)
    assert raw.rows["when"].to_list() == [None, "x"]
    assert said(raw) == [("READ-CELL-ERROR", 2, "when")]


def test_knows_no_number_of_more_than_fifteen_digits(tmp_path: Path) -> None:
    raw = table(tmp_path, workbook([["id", "when"], ["1", 12345678901234567890]]), name="w.xlsx", format=EXCEL, fields=FIELDS)
    assert raw.rows["when"].to_list() == [None]
    assert said(raw) == [("READ-LOST-DIGITS", 2, "when")]


def test_says_where_data_has_no_header_and_where_cells_are_merged(tmp_path: Path) -> None:
    content = workbook([["id", "when", None], ["1", "x", "stray"], ["2", "y"], ["3", None]], [(2, 1, 3, 1)])
    raw = table(tmp_path, content, name="w.xlsx", format=EXCEL, fields=FIELDS)
    assert raw.rows["when"].to_list() == ["x", "y", None]
    assert sorted(said(raw)) == [("READ-EXTRA-COLUMN", None, "column 3"), ("READ-MERGED-CELL", None, "row 3")]


def test_writes_numbers_with_the_decimal_comma_of_the_contract(tmp_path: Path) -> None:
    content = workbook([["id", "when"], ["1", 14.5], ["2", "14,5"], [3.0, 1234]])
    raw = table(tmp_path, content, name="w.xlsx", format={**EXCEL, "decimal": ","}, fields=FIELDS)
    assert raw.rows.select("id", "when").rows() == [("1", "14,5"), ("2", "14,5"), ("3", "1234")]


REFUSED = [
    (b"id,when\n1,x\n", {}, "no_workbook"),
    (b"PK\x03\x04 broken", {}, "no_workbook"),
    (workbook([["id", "when"], ["1", "x"]])[:-400], {}, "no_workbook"),
    (workbook([["id"], ["1"]]), {"sheet": "Dat"}, "no_sheet"),
    (workbook([["id"], ["1"]]), {"sheet": 2}, "no_sheet"),
    (workbook([]), {}, "empty"),
    (workbook([["id", "when"]]), {}, "no_rows"),
    (workbook([["ident"], ["1"]]), {}, "missing_header"),
    (workbook([["id", "id"], ["1", "2"]]), {}, "duplicate_header"),
    (workbook([["id"], ["1"], *[[]] * 200_000, [None] * 16_383 + ["stray"]]), {}, "too_large"),
]  # fmt: skip


@pytest.mark.parametrize(("content", "form", "reason"), REFUSED, ids=[f"{case[2]}-{n}" for n, case in enumerate(REFUSED)])
def test_refuses_a_workbook_for(tmp_path: Path, content: bytes, form: dict[str, Any], reason: str) -> None:
    found, message = refusal(tmp_path, content, name="w.xlsx", format={**EXCEL, **form}, fields=FIELDS)
    assert found == reason
    assert message.startswith("w.xlsx")


@pytest.mark.parametrize("fill", [True, False])
def test_fills_cells_merged_downwards_where_the_contract_says_so(tmp_path: Path, fill: bool) -> None:
    first_row = ["A", datetime.date(2009, 3, 4), 12]
    cells = [["id", "day", "size"], first_row, [None, None, 14], [None, None, None], ["B", "x", None], ["C", None, 9]]
    merged = [(1, 0, 3, 0), (1, 1, 2, 1), (4, 1, 4, 2)]  # the last one across two columns
    more = {"fill_merged": True} if fill else {}
    fields = {"id": {}, "day": {}, "size": {}}
    raw = table(tmp_path, workbook(cells, merged), name="ward.xlsx", fields=fields, format={"kind": "excel", **more})
    first = ("A", "2009-03-04") if fill else (None, None)
    assert raw.rows.select("source_row", "id", "day").rows() == [(2, "A", "2009-03-04"), (3, *first), (5, "B", "x"), (6, "C", None)]
    assert [words for edit, _, words in said(raw) if edit == "READ-MERGED-CELL"] == ["row 5" if fill else "row 2 row 2 row 5"]
