"""No bytes crash a reader: it gives every physical row a fate, or a clear word why not."""

from __future__ import annotations

import datetime
import io
import zipfile
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from reading import table
from test_read_excel import workbook
from test_read_fixed import FIELDS as FIXED_FIELDS
from test_read_fixed import LAYOUT

from schemas.core.errors import UnreadableError

QUICK = settings(max_examples=50, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
AUTO = {"encoding": "auto", "delimiter": "auto", "quote": "auto"}


def accounted(folder: Path, content: bytes, **more: Any) -> None:
    try:
        raw = table(folder, content, **more)
    except UnreadableError as error:
        assert str(error).startswith(("ward", "w.")) and error.reason
        return
    assert raw.ledger["n"].sum() == raw.physical_rows
    assert raw.rows.height == raw.ledger.filter(fate="goes_on")["n"].sum()
    assert raw.rows["source_row"].is_sorted() and raw.rows["source_row"].n_unique() == raw.rows.height
    told = raw.findings["edit"].is_in(["READ-RAGGED", "READ-MALFORMED", "READ-TAB", "READ-LINE-LENGTH", "READ-REPEATED-ITEM"]).sum()
    assert told == raw.ledger.filter(fate="refused")["n"].sum()


HEADS = [b"id,stage\n", b"id;stage\r\n", "id\tstage\n".encode("utf-16"), b"\xef\xbb\xbf'id'|'stage'\n", b""]


@given(st.sampled_from(HEADS), st.binary(max_size=80))
@QUICK
def test_finds_out_any_bytes_or_says_why_not(tmp_path: Path, head: bytes, content: bytes) -> None:
    accounted(tmp_path, head + content, format=AUTO)


@given(st.text(alphabet="ab1é,;\t|\"' \n\r", max_size=80), st.sampled_from(["utf-8", "cp1252", "utf-16"]))
@QUICK
def test_finds_out_any_text_or_says_why_not(tmp_path: Path, text: str, encoding: str) -> None:
    accounted(tmp_path, f"id,stage\n{text}".encode(encoding), format=AUTO)


@given(st.text(alphabet="ab1é\t \n\r\u00a0#", max_size=160), st.sampled_from(["pad", "refuse"]), st.integers(0, 2), st.booleans())
@QUICK
def test_cuts_any_lines_by_a_layout_or_says_why_not(tmp_path: Path, text: str, short: str, rows: int, whole: bool) -> None:
    form = {"kind": "fixed", "layout": "l.csv", "short_lines": short, "header_rows": rows, "footer_rows": rows, "comment": "#"}
    good = "0001Muller20090304\n" * 3 if whole else ""
    accounted(tmp_path, (good + text).encode(), name="w.txt", layout=LAYOUT, format=form, fields=FIXED_FIELDS)


@given(st.binary(max_size=120))
@QUICK
def test_cuts_any_bytes_by_a_layout_or_says_why_not(tmp_path: Path, content: bytes) -> None:
    accounted(tmp_path, content, name="w.txt", layout=LAYOUT, format={"kind": "fixed", "layout": "l.csv"}, fields=FIXED_FIELDS)


CELL = st.one_of(
    st.none(), st.booleans(), st.integers(-(10**17), 10**17), st.floats(allow_nan=False, allow_infinity=False),
    st.sampled_from(["", " ", "x", "#N/A", "1"]),
    st.dates(datetime.date(1900, 1, 1), datetime.date(2100, 1, 1)), st.sampled_from([("=1/0", "#DIV/0!"), ("=1+1", 2)]),
)  # fmt: skip


@given(st.lists(st.lists(CELL, max_size=4), max_size=6), st.integers(0, 2), st.integers(0, 2), st.sampled_from([None, "#", "x"]))
@QUICK
def test_gives_every_row_of_any_sheet_a_fate(
    tmp_path: Path, cells: list[list[Any]], preamble: int, footer: int, comment: str | None
) -> None:
    content = workbook([["title"]] * preamble + [["id", "stage"], *cells])
    accounted(
        tmp_path, content, name="w.xlsx", format={"kind": "excel", "preamble_rows": preamble, "footer_rows": footer, "comment": comment}
    )


WHOLE = workbook([["id", "stage"], ["1", datetime.date(2009, 3, 4)], ["2", "x"], ["3", 12.5]])


@given(st.integers(0, len(WHOLE) - 1), st.binary(min_size=1, max_size=6))
@QUICK
def test_opens_a_damaged_workbook_or_says_why_not(tmp_path: Path, place: int, noise: bytes) -> None:
    content = WHOLE[:place] + noise + WHOLE[place + len(noise) :]
    accounted(tmp_path, content, name="w.xlsx", format={"kind": "excel"})


with zipfile.ZipFile(io.BytesIO(WHOLE)) as whole:
    PARTS = {part: whole.read(part) for part in whole.namelist()}
SHEET, BOOK = "xl/worksheets/sheet1.xml", "xl/workbook.xml"


@given(st.sampled_from(sorted(PARTS)), st.integers(0, 4_000), st.binary(min_size=1, max_size=6))
@example(SHEET, PARTS[SHEET].index(b"</v>") - 1, b"\xae")  # no UTF-8 any more
@example(BOOK, PARTS[BOOK].index(b"UTF-8"), b"T")  # an encoding that there is not
@QUICK
def test_opens_a_workbook_with_a_damaged_part_or_says_why_not(tmp_path: Path, part: str, place: int, noise: bytes) -> None:
    xml = PARTS[part]
    out, at = io.BytesIO(), place % len(xml)
    with zipfile.ZipFile(out, "w") as book:
        for name, content in (PARTS | {part: xml[:at] + noise + xml[at + len(noise) :]}).items():
            book.writestr(name, content)
    accounted(tmp_path, out.getvalue(), name="w.xlsx", format={"kind": "excel"})


@given(st.binary(max_size=200), st.sampled_from([b"", b"PK\x03\x04", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", WHOLE[:300]]))
@QUICK
def test_opens_any_bytes_as_a_workbook_or_says_why_not(tmp_path: Path, content: bytes, head: bytes) -> None:
    accounted(tmp_path, head + content, name="w.xls", format={"kind": "excel"})
