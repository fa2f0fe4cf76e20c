"""A work list that somebody has filled in."""

from __future__ import annotations

from pathlib import Path

import openpyxl


def fill_in(out: Path, target: Path, edit: str, **answers: tuple[str, str]) -> None:
    """Fill in the work list of the current release and save it: per sheet and `source_row` (`a_3`) its answer and comment."""
    book = openpyxl.load_workbook(out / "current" / "internal" / "worklist.xlsx")
    for sheet in book.worksheets[1:]:
        header = {cell.value: place for place, cell in enumerate(sheet[1])}
        for row in sheet.iter_rows(min_row=2):
            said = answers.get(f"{sheet.title}_{row[header['source_row']].value}")
            if said is not None and row[header["edit"]].value == edit:
                for name, value in zip(("answer", "comment", "author", "date"), (*said, "AB", "2019-12-01"), strict=True):
                    row[header[name]].value = value
    target.parent.mkdir(exist_ok=True)
    book.save(target)
