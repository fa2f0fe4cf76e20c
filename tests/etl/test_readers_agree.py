"""Reading: both parsers of text cut it in the same way, every line is accounted for, and any bytes give rows or a clear error."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from polars.testing import assert_frame_equal
from reading import counted, table

from etl.readers.csv_exact import parse_exact
from etl.readers.csv_fast import parse_fast
from etl.readers.csv_lines import NotOneLineEachError
from etl.readers.physical import line_texts
from schemas.contract import Format
from schemas.core.errors import UnreadableError
from tests.searched import searched

LAYOUTS = st.builds(
    Format,
    delimiter=st.sampled_from([",", ";", "\t", " ", "|", "^"]), comment=st.sampled_from([None, "#", "# "]),
    preamble_rows=st.integers(0, 2), header_rows=st.integers(1, 2), footer_rows=st.integers(0, 2),
)  # fmt: skip
PLAIN = st.text(alphabet="ab1,;|^\t #\n\r\x0b\x1c\u00a0\u2028é", max_size=60)


@searched(40, 100, text=PLAIN, layout=LAYOUTS)
def test_cuts_text_without_quotes_in_the_same_way_by_both_parsers(text: str, layout: Format) -> None:
    agree(text, layout)


PIECES = ["a", "", '"b,"', '"c""d"', '""', " ", '"#x"', "é", '"', 'e"f', '"g"h', '" i"', '"k\nl"', '"m\r\n""\n#n"', '"\n"', '"\n\n,o"']
QUOTED = st.lists(st.lists(st.sampled_from(PIECES), max_size=4), max_size=5)


@searched(50, 120, rows=QUOTED, layout=LAYOUTS, end=st.sampled_from(["\n", "\r\n"]))
def test_cuts_text_with_quotes_in_the_same_way_by_both_parsers(rows: list[list[str]], layout: Format, end: str) -> None:
    text = "".join(layout.delimiter.join(row) + end for row in [["x", "y"], *rows])
    try:
        agree(text, layout)
    except NotOneLineEachError:
        return


@pytest.mark.parametrize("text", ["x^y\na^b\n", 'x^y\n"a"^b\n', 'y^z\nx^"b"\n'])
def test_does_not_take_a_text_for_a_compressed_file(text: str) -> None:
    agree(text, Format(delimiter="^"))


def test_needs_no_closer_look_where_quotes_close_within_their_line() -> None:
    text = 'x,y\n"a ""b"" , c",\nd,"e"\n"f","g,h",i\n'
    agree(text, Format())
    assert parse_fast(text.encode(), Format()).rows["n_cells"].to_list() == [2, 2, 3]


def test_asks_the_csv_module_of_the_rows_of_another_form_alone() -> None:
    text = 'x,y\n"a\nb",1\n"c"d,2\ne"f"g,3\n"h","i",j\n"k",l\n'
    agree(text, Format())
    fast = parse_fast(text.encode(), Format())
    assert fast.refused["malformed"] == [4]
    assert fast.rows.rows() == [(2, 2, 2, "a\nb", "1"), (5, 2, 1, 'e"f"g', "3"), (6, 3, 1, "h", "i"), (7, 2, 1, "k", "l")]


@pytest.mark.parametrize("text", ['x,y\n5" a,1\n7" b,2\n', 'x,y\n"a"b\n"",""\n', 'x,y\na,"b\n"c"d,e\n'])
def test_leaves_to_the_csv_module_what_may_reach_into_another_row(text: str) -> None:
    with pytest.raises(NotOneLineEachError):
        parse_fast(text.encode(), Format())


def test_finds_the_lines_of_a_file_by_their_numbers(tmp_path: Path) -> None:
    raw = table(tmp_path, b"id,stage\na,I\r\n\nb,II", format={})
    assert line_texts(raw.file, [4, 2, 3, 5, 0]) == {2: "a,I", 3: "", 4: "b,II"}


def test_needs_no_closer_look_where_a_line_break_stands_in_quotes() -> None:
    text = '\ufeffx,y\r\n"a\nb",1\r\n\r\nc,"d\r\n\r\n""e"""\r\n"f",g\r\n'.removeprefix("\ufeff")
    agree(text, Format())
    fast = parse_fast(text.encode(), Format())
    assert fast.rows.rows() == [(2, 2, 2, "a\nb", "1"), (5, 2, 3, "c", 'd\r\n\r\n"e"'), (8, 2, 1, "f", "g")]
    assert fast.not_data == {"header": 1, "continuation": 3, "blank": 1}


@searched(100, 300, text=st.text(alphabet='a1,""\n\n\r#;', max_size=80), layout=LAYOUTS)
def test_cuts_any_text_in_the_same_way_by_both_parsers(text: str, layout: Format) -> None:
    try:
        agree("x,y\n" + text, layout)
    except NotOneLineEachError:
        return


def agree(text: str, layout: Format) -> None:
    fast, exact = parse_fast(text.encode(), layout), parse_exact("a.csv", text.encode(), layout)
    assert fast.refused["malformed"] == exact.refused["malformed"]
    assert (fast.lines, fast.header, fast.header_row, +fast.not_data) == (exact.lines, exact.header, exact.header_row, exact.not_data)
    whole = pl.col("n_cells") == fast.width
    known = ("source_row", "n_cells", "span")
    assert_frame_equal(fast.rows.select(known), exact.rows.select(known))
    assert_frame_equal(fast.rows.filter(whole), exact.rows.filter(whole), check_column_order=False)


HEADS = st.sampled_from(["id,stage\n", "id,stage\r\n", '"id","stage"\r', "# x\n\nid,stage\n", "stage;id\n"])


@given(HEADS, st.text(alphabet='ab1,"\n\r #é\x0b', max_size=60))
@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_accounts_for_every_line_or_says_why_not(tmp_path: Path, head: str, text: str) -> None:
    content = (head + text).encode()
    try:
        raw = table(tmp_path, content, format={"comment": "# "})
    except UnreadableError as error:
        assert str(error).startswith("ward.csv")
        return
    assert raw.ledger["n"].sum() == len(content.splitlines())
    assert raw.rows.height == counted(raw)["goes_on"]
    assert raw.rows["source_row"].is_sorted() and raw.rows["source_row"].is_between(1, len(content.splitlines())).all()


@given(st.binary(max_size=120))
@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_never_fails_on_any_bytes_without_a_clear_error(tmp_path: Path, content: bytes) -> None:
    try:
        table(tmp_path, content)
    except UnreadableError as error:
        assert str(error).startswith("ward.csv")
