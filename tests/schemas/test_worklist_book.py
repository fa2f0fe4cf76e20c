"""A file in the place of a work list that cannot be laid out is told of; the process lives on."""

from __future__ import annotations

import io
import zipfile

import openpyxl
import pytest

from schemas.core import packed
from schemas.worklist import read_worklist
from schemas.worklist_book import sheets


def _saved(**cells: str) -> bytes:
    book, file = openpyxl.Workbook(), io.BytesIO()
    for place, text in cells.items():
        book.active[place] = text
    book.save(file)
    return file.getvalue()


def _with_part(name: str, content: str) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as parts:
        parts.writestr(name, content)
    return file.getvalue()


# What lies there under the name list.xlsx; opening the last two ended the process (no memory), and no exception told of it.
NONE = {
    "a text": b"finding_id,answer\n",
    "a workbook cut off": _saved(A1="finding_id")[:2000],
    "an OpenDocument sheet": _with_part("content.xml", "<office/>"),
    "an old workbook (.xls): a damaged one says of itself that it has 2,000 million rows": b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
    + bytes(5000),
    "a cell in the last row and the last column": _saved(A1="finding_id", XFD1048576="x"),
}


@pytest.mark.parametrize("what", NONE)
def test_what_is_no_work_list_that_can_be_laid_out_is_told_of(what: str) -> None:
    [mistake] = read_worklist("worklist/list.xlsx", NONE[what]).mistakes
    assert mistake.message == "is no workbook that can be opened"


def test_parts_that_unpack_to_far_more_than_a_workbook_are_not_unpacked(monkeypatch: pytest.MonkeyPatch) -> None:
    content = _saved(A1="x" * 30_000)
    assert sheets(content) is not None
    monkeypatch.setattr(packed, "MOST_UNPACKED", 1000)
    monkeypatch.setattr(packed, "MOST_TIMES", 1)
    assert sheets(content) is None


def test_a_note_far_beside_the_list_does_no_harm() -> None:
    [(rows, _)] = sheets(_saved(A1="finding_id", XFD1="x")) or []
    assert rows[0][0] == "finding_id" and rows[-1][-1] == "x"
