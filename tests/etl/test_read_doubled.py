"""Two rows of a sheet with one number, two cells with one place: whatever lays out the sheet keeps the last, so the file is refused."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from raw_workbook import respelt, text, workbook_of
from reading import refusal, table

from etl.readers.doubled import DoubledError, check_doubled

EXCEL = {"name": "w.xlsx", "format": {"kind": "excel"}, "fields": {"id": {"required": True}, "when": {}}}
CELL = '<c r="AT"><v>5</v></c>'
# How the sheet is spelt: as most do, with a number format that must be looked at, and so that it is read node by node.
SPELT = {
    "plain": ({}, ()),
    "marked": ({}, ("mmm-yy",)),
    "node by node": ({"<sheetData": "<x:sheetData xmlns:x='http://schemas.openxmlformats.org/spreadsheetml/2006/main'",
                      "</sheetData>": "</x:sheetData>"}, ()),
}  # fmt: skip


def sheet(spelt: str, change: dict[str, str]) -> bytes:
    """Rows 2 to 4, changed."""
    prefix, formats = SPELT[spelt]
    return respelt(workbook_of([CELL, CELL, CELL], formats), {**change, **prefix})


TWICE = {
    "a row": ({'<row r="4">': '<row r="3">', 'r="A4"': 'r="A3"', 'r="B4"': 'r="B3"'}, 3),
    "a row far apart": ({'<row r="4">': '<row r="2">', 'r="A4"': 'r="A2"', 'r="B4"': 'r="B2"'}, 2),
    "a cell": ({'r="B4"': 'r="A4"'}, 4),
}


@pytest.mark.parametrize("spelt", SPELT)
@pytest.mark.parametrize("what", TWICE)
def test_refuses_a_sheet_that_holds_twice(tmp_path: Path, spelt: str, what: str) -> None:
    change, row = TWICE[what]
    reason, message = refusal(tmp_path, sheet(spelt, change), **EXCEL)
    assert (reason, f"w.xlsx, row {row}:" in message) == ("doubled_cell", True)


WHOLE = {
    "rows out of order": {'<row r="3">': '<row r="9">', 'r="A3"': 'r="A9"', 'r="B3"': 'r="B9"'},
    "one row in two parts": {'<c r="B3">': '</row><row r="3"><c r="B3">'},
    "a coloured cell beside": {'<c r="B3">': '<c r="B3" s="0"/><c r="B3">'},
    "nothing": {},
}


@pytest.mark.parametrize("spelt", SPELT)
@pytest.mark.parametrize("what", WHOLE)
def test_reads_what_only_looks_so(tmp_path: Path, spelt: str, what: str) -> None:
    raw = table(tmp_path, sheet(spelt, WHOLE[what]), **EXCEL)
    assert sorted(raw.rows["id"]) == ["1", "2", "3"]
    assert raw.rows["when"].to_list() == ["5"] * 3


def test_a_doubled_text_is_no_doubled_cell(tmp_path: Path) -> None:
    says = {text("A3", 2): text("A3", "r=&quot;A2&quot;&gt;")}
    assert table(tmp_path, sheet("plain", says), **EXCEL).rows.height == 3


@given(st.lists(st.tuples(st.integers(0, 3), st.integers(0, 3)), max_size=8))
def test_finds_a_place_that_occurs_twice_wherever_it_stands(places: list[tuple[int, int]]) -> None:
    row, column = pl.Series([at for at, _ in places], dtype=pl.UInt32), pl.Series([at for _, at in places], dtype=pl.UInt16)
    twice = sorted(place for place in places if places.count(place) > 1)
    if not twice:
        check_doubled(row, column)
        return
    with pytest.raises(DoubledError) as caught:
        check_doubled(row, column)
    assert caught.value.row - 1 in {at for at, _ in twice}
