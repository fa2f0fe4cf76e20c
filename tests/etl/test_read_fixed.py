"""Fixed-width files: cut by characters, never by luck; a line that does not fit its layout is refused or said to be short."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from reading import counted, refusal, said, table

from schemas.layout import Place, read_layout

LAYOUT = (Place("number", 1, 4), Place("name", 5, 6), Place("date", 11, 8))
FIELDS = {"id": {"header": "number", "required": True}, "name": {}, "date": {}}
FIXED: dict[str, Any] = {"kind": "fixed", "layout": "ward.csv"}


def fixed(folder: Path, content: str | bytes, **form: Any) -> Any:
    return table(folder, content, name="w.txt", layout=LAYOUT, format={**FIXED, **form}, fields=FIELDS)


def test_cuts_lines_at_the_characters_of_the_layout(tmp_path: Path) -> None:
    raw = fixed(tmp_path, "0001Müller20090304\n0002      200903  \n\n")
    assert raw.rows.rows() == [(1, "0001", "Müller", "20090304"), (2, "0002", None, "200903")]
    assert counted(raw) == {"goes_on": 2, "not_data blank": 1}


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_takes_every_kind_of_line_end(tmp_path: Path, end: str) -> None:
    assert fixed(tmp_path, f"0001AAAAAA20090304{end}0002BBBBBB20090305{end}").rows.height == 2


def test_fills_short_lines_with_blanks_and_says_so(tmp_path: Path) -> None:
    raw = fixed(tmp_path, "0001AAAAAA20090304\n0002BBB\n")
    assert raw.rows.row(1) == (2, "0002", "BBB", None)
    assert said(raw) == [("READ-SHORT-LINE", None, "lines=1")]


def test_refuses_short_lines_where_the_contract_says_so(tmp_path: Path) -> None:
    raw = fixed(tmp_path, "0001AAAAAA20090304\n0002BBB\n0003CCCCCC20090306\n", short_lines="refuse")
    assert raw.rows["source_row"].to_list() == [1, 3]
    assert said(raw) == [("READ-LINE-LENGTH", 2, None)]


def test_refuses_a_line_with_a_tab_or_with_text_beyond_its_end(tmp_path: Path) -> None:
    good = "0001AAAAAA20090304\n" * 3
    raw = fixed(tmp_path, f"{good}0002\tBBBBB20090304\n0003CCCCCC20090304x\n")
    assert counted(raw) == {"goes_on": 3, "refused tab": 1, "refused line_length": 1}
    assert said(raw) == [("READ-LINE-LENGTH", 5, None), ("READ-TAB", 4, None)]


def test_skips_header_lines_comments_and_footers(tmp_path: Path) -> None:
    form = {"preamble_rows": 1, "header_rows": 1, "comment": "#", "footer_rows": 1, "trailer": r"^ROWS=(?P<rows>\d+)"}
    raw = fixed(tmp_path, "An export\nNUMBERNAME\n0001AAAAAA20090304\n# note\nROWS=1\n", **form)
    assert counted(raw) == {
        "goes_on": 1, "not_data comment": 1, "not_data footer": 1, "not_data header": 1, "not_data preamble": 1,
    }  # fmt: skip


G = "0001AAAAAA20090304\n"


def test_takes_columns_for_bytes_where_longer_letters_have_taken_the_place_of_blanks(tmp_path: Path) -> None:
    raw = fixed(tmp_path, G.encode() * 3 + "0002Mül  20090305\n0003Ölmü20090306\n".encode())
    assert raw.rows.rows()[3:] == [(4, "0002", "Mül", "20090305"), (5, "0003", "Ölmü", "20090306")]
    assert said(raw) == [("READ-FOUND-OUT", None, "columns=bytes")]
    assert fixed(tmp_path, f"{G}0002Müller20090305\n").rows["date"].to_list() == ["20090304", "20090305"]


def test_cuts_no_letter_in_two(tmp_path: Path) -> None:
    raw = fixed(tmp_path, G.encode() * 3 + "0002Mül  20090305\n0003Mulleü0090305\n".encode())
    assert raw.rows["source_row"].to_list() == [1, 2, 3, 4]
    assert said(raw) == [("READ-LINE-LENGTH", 5, None), ("READ-FOUND-OUT", None, "columns=bytes")]


@pytest.mark.parametrize(("text", "encoding"), [("0002Mül  20090305\n0003Müller20090306\n", "utf-8"), ("0002中国  20090305\n", "gbk")])
def test_refuses_a_line_that_is_whole_in_bytes_only(tmp_path: Path, text: str, encoding: str) -> None:
    assert said(fixed(tmp_path, (G * 3 + text).encode(encoding), encoding=encoding)) == [("READ-LINE-LENGTH", 4, None)]


def test_refuses_a_short_line_where_others_end_with_blanks(tmp_path: Path) -> None:
    content = "0001AAAAAA200903  \n" * 3 + "0002BBBBB20090304\n"
    assert said(fixed(tmp_path, content)) == [("READ-LINE-LENGTH", 4, None)]
    assert said(fixed(tmp_path, content, short_lines="pad")) == [("READ-SHORT-LINE", None, "lines=1")]


def test_refuses_a_line_with_blanks_beyond_its_end_where_the_others_end_there(tmp_path: Path) -> None:
    raw = fixed(tmp_path, "0001AAAAAA20090304\n0002 BBBBBB200903  \n0003CCCCCC200903  \n")
    assert said(raw) == [("READ-LINE-LENGTH", 2, None)], "a character too many has moved the name and the month"


def test_takes_no_sum_and_no_end_of_file_for_a_person(tmp_path: Path) -> None:
    raw = fixed(tmp_path, f"{G}TOTAL 00001\n\x1a\n")
    assert counted(raw) == {"goes_on": 1, "refused total_row": 1, "not_data blank": 1}
    assert said(raw) == [("READ-TOTAL", 2, None)]


REFUSED = [
    ("NUMBNAME  DATE    \n" + G, {}, "header", "row 1: the line holds the names of the columns"),
    ("", {}, "empty", "the file is empty"),
    ("\n\n", {}, "no_rows", "no rows"),
    ("0001AAAAAA20090304\n0002BBBBBB2009", {}, "truncated", "row 2: the last line has 14 of 18 characters"),
    ("0001AAAAAA20090304xxx\n" * 3, {}, "line_length", "row 1: 3 of 3 lines are not 18 characters long"),
    ("0001\0AAAAA20090304\n", {}, "nul_bytes", "row 1: holds NUL bytes"),
    (b"0001M\xfcller20090304\n", {}, "encoding", "is not utf-8"),
]


@pytest.mark.parametrize(("content", "form", "reason", "says"), REFUSED, ids=[case[2] for case in REFUSED])
def test_refuses_the_whole_file_for(tmp_path: Path, content: str | bytes, form: dict[str, Any], reason: str, says: str) -> None:
    found, message = refusal(tmp_path, content, name="w.txt", layout=LAYOUT, format={**FIXED, **form}, fields=FIELDS)
    assert found == reason
    assert says in message


def test_reads_a_layout(tmp_path: Path) -> None:
    path = tmp_path / "layout.csv"
    path.write_text("# NAACCR-like\nfield,start,width,item\nnumber,1,4,20\nname, 5 ,6,\n", encoding="utf-8")
    assert read_layout(path, "contracts/layout.csv") == ((Place("number", 1, 4), Place("name", 5, 6)), [])


WRONG = [
    ("field,start\nnumber,1\n", 1, "column width is missing"),
    ("field,start,width\n", None, "the layout has no rows"),
    ("field,start,width\nnumber,0,4\n", 2, "'start' is a whole number from 1"),
    ("field,start,width\nnumber,1,x\n", 2, "'width' is a whole number from 1"),
    ("field,start,width\n,1,2\n", 2, "the column has no name"),
    ("field,start,width\na,1,2\na,3,2\n", 3, "the column 'a' is given twice"),
    ("field,start,width\na,1\n", 2, "2 cells where the header has 3"),
]


@pytest.mark.parametrize(("text", "line", "says"), WRONG, ids=[case[2] for case in WRONG])
def test_finds_the_mistake_in_a_layout(tmp_path: Path, text: str, line: int | None, says: str) -> None:
    path = tmp_path / "layout.csv"
    path.write_text(text, encoding="utf-8")
    mistakes = read_layout(path, "contracts/layout.csv")[1]
    assert [(mistake.line, mistake.message) for mistake in mistakes] == [(line, says)]


def test_says_which_layout_is_not_there(tmp_path: Path) -> None:
    assert "there is no such layout file" in read_layout(tmp_path / "x.csv", "contracts/x.csv")[1][0].message
