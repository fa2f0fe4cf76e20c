"""The part of a text that holds some of its rows: these are cut as in the whole, or the part is not used."""

from __future__ import annotations

from pathlib import Path
from unittest.mock import patch

import numpy as np
import polars as pl
import pytest
from hypothesis import strategies as st
from landing_project import contract
from reading import landed
from test_readers_agree import LAYOUTS, PIECES

from etl.readers import read, some_lines, some_rows, table
from etl.readers.csv_exact import parse_exact
from etl.readers.parsed import Parsed
from schemas.contract import Format
from schemas.core.errors import UnreadableError
from tests.searched import searched

ROWS = st.lists(st.lists(st.sampled_from(["a", "1", *PIECES]), min_size=1, max_size=3), min_size=4, max_size=25)


def cut(utf8: bytes, layout: Format, asked: list[int]) -> Parsed | None:
    """The rows asked for as cut from their part of the text; None where the whole is to be cut."""
    rows = np.array(asked, np.int64)
    part = some_lines.part_with(utf8, layout, rows)
    try:
        return None if part is None else some_lines.numbered(table._cut("w.csv", part.content, layout), part, rows)
    except UnreadableError:
        return None


@searched(100, 300, rows=ROWS, layout=LAYOUTS, end=st.sampled_from(["\n", "\r\n"]), data=st.data())
def test_cuts_rows_as_in_the_whole_or_not_at_all(rows: list[list[str]], layout: Format, end: str, data: st.DataObject) -> None:
    utf8 = "".join(layout.delimiter.join(row) + end for row in [["x", "y"], *rows]).encode()
    try:
        whole = parse_exact("w.csv", utf8, layout)
    except UnreadableError:
        return
    asked = sorted(data.draw(st.sets(st.integers(1, whole.lines), min_size=1, max_size=3)))
    with patch.object(some_lines, "AROUND", 2), patch.object(some_lines, "ONE_IN", 0):
        found = cut(utf8, layout, asked)
    if found is not None:
        wanted = pl.col("source_row").is_in(asked)
        assert found.rows.filter(wanted).rows() == whole.rows.select(found.rows.columns).filter(wanted).rows()
        assert (found.header, found.header_row) == (whole.header, whole.header_row)


BODY = [f"{number},IIA" for number in range(400)]
TEXTS = {
    "plain": (BODY, {}, [2, 9, 401]),
    "several lines in a cell": ([*BODY[:150], '"a","b\n\n""c"""', *BODY, '7,"x\ny"'], {}, [152, 157, 555]),
    "a quote within a cell": ([*BODY[:150], '1,6" wide', *BODY, '8,"x, y"'], {}, [152, 553]),
    "above and below": ([*BODY, "sum,2", "", "end,1"], {"preamble_rows": 0, "comment": "#", "footer_rows": 2}, [3, 401]),
}


@pytest.mark.parametrize("kind", TEXTS)
@pytest.mark.parametrize(("end", "encoding"), [("\n", "utf-8"), ("\r\n", "utf-8-sig"), ("\n", "cp1252"), ("\r\n", "utf-16")])
def test_does_not_cut_the_rows_that_are_not_asked_for(tmp_path: Path, kind: str, end: str, encoding: str) -> None:
    lines, layout, asked = TEXTS[kind]
    text = end.join("\n".join(["id,stage", *lines, "ä,IV", ""]).split("\n"))
    by = contract("ward", "w.csv", format={**layout, "encoding": encoding})
    file = landed(tmp_path, text.encode(encoding), by)
    rows, wanted = read(file, by).rows, pl.Series(asked, dtype=pl.Int64)
    with patch.object(table, "numbered", wraps=some_lines.numbered) as numbered:
        found = some_rows(file, by, wanted)
    assert found.rows() == rows.filter(pl.col("source_row").is_in(wanted.implode())).rows()
    assert found.height == len(asked)
    assert numbered.call_args.args[0].rows.height < rows.height


def test_does_not_take_a_footer_for_a_row() -> None:
    utf8 = "\n".join(["id,stage", *BODY, "sum,400", ""]).encode()
    assert cut(utf8, Format(footer_rows=1), [300, 402]) is None
    found = cut(utf8, Format(footer_rows=1), [300, 401])
    assert found is not None
    assert found.rows["source_row"][-1] == 401


def test_does_not_take_a_row_for_the_header() -> None:
    utf8 = "\n".join([*["# made"] * 150, "id,stage", *BODY]).encode()
    assert cut(utf8, Format(comment="#"), [300]) is None


def test_leaves_a_text_whose_lines_end_with_carriage_returns_alone_to_the_whole() -> None:
    assert cut("\r".join(["id,stage", *BODY]).encode(), Format(), [300]) is None
