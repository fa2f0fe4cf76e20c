"""How the work list looks: its sheets, widths, lists of answers; the same bytes from run to run."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from io import BytesIO
from typing import Any

from schemas.statuses import ANSWERS
from schemas.worklist import COLUMNS, FILLED, HIDDEN
from warehouse.tables import CREATED

# xlsxwriter writes the day it runs unless told another; this one is the first its format can hold in every zip tool.
MOST_UNHEARD = 200
LONGEST = 4_000  # characters of a cell: more than anyone reads there
WIDTHS = {
    "finding_id": 14, "status": 14, "edit": 20, "severity": 9, "title": 34, "action": 44, "source_file": 26, "source_row": 8,
    "columns": 28, "record": 11, "cells": 64, "answer": 16, "comment": 36, "author": 12, "date": 12,
}  # fmt: skip
WRAPPED = ("title", "action", "columns", "cells", "comment")
# Not a character that the name of a sheet cannot have.
FORBIDDEN = re.compile(r"[\[\]:*?/\\']")
ABOUT = (
    "One sheet per source, one row per finding: errors first, then warnings. Only what is certainly wrong is listed.",
    "Under cells stands what the finding is about, as delivered. Where several records or sources are compared, each has a line",
    "that begins with its source, file and row: mend the side that is wrong. What names a person is not shown.",
    "Mend the record where it comes from, then choose an answer, and write your initials under author and the day under date:",
    "  fixed at source: it was mended, on whichever side; the finding goes when that file is delivered anew. If it does not, you are told.",
    "  correct as is: rare, but true. Say why under comment. The edit is silent for this record until a value it reads changes.",
    "    Of two sources that differ: what was kept is right, though the other will go on saying something else.",
    "  cannot tell: looked at, and nobody knows. The finding stays, marked so.",
    "Save the workbook and put it into the folder worklist/ of the project, beside registry.yml. The next run reads every",
    "workbook there; of several answers to one finding the latest counts. Rows without an answer may stay.",
    "Rows may be filtered. The sheets are protected without a password: take that off to sort or delete whole rows.",
    "The hidden columns tie each answer to its finding: leave them as they are.",
)


@dataclass(frozen=True)
class Sheet:
    """The rows of one source (COLUMNS, and `answers`: those that mean something), and how many there are in all."""

    source: str
    rows: Sequence[dict[str, Any]]
    total: int


def workbook(buffer: BytesIO, sheets: Sequence[Sheet], release: str, unheard: Sequence[tuple[str, str]] = ()) -> None:
    """Write the workbook. Every text is written as text: none of it can run as a formula, whatever sign it begins with.

    `unheard`: of each answer that did not count, or of what is said to be fixed and is not, what is the matter and where it stands.
    """
    import xlsxwriter  # noqa: PLC0415

    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    book = xlsxwriter.Workbook(buffer, options)
    book.set_properties({"title": "Work list", "created": CREATED})
    looks = _formats(book)
    first = book.add_worksheet("About")
    below = _about(first, looks, sheets, release)
    _unheard(first, looks, below, unheard)
    names: set[str] = {"about"}
    for sheet in sheets:
        page = book.add_worksheet(_name(sheet.source, names))
        _fill(page, looks, sheet)
    book.close()


def _formats(book: Any) -> dict[str, Any]:
    base: dict[str, object] = {"font_name": "Arial", "font_size": 10, "valign": "top"}
    text = base | {"num_format": "@", "quote_prefix": True}
    open_ = base | {"locked": False, "bg_color": "#fff8e1", "border": 1, "border_color": "#d9c98a"}
    kinds = {
        "title": base | {"font_size": 12, "bold": True}, "plain": base, "head": base | {"bold": True, "text_wrap": True, "bottom": 2},
        "number": base | {"num_format": "0", "align": "left"}, "text": text, "wrapped": text | {"text_wrap": True},
        "open": open_ | {"num_format": "@"}, "open_wrapped": open_ | {"num_format": "@", "text_wrap": True},
        "open_date": open_ | {"num_format": "yyyy-mm-dd", "align": "left"},
    }  # fmt: skip
    return {name: book.add_format(kind) for name, kind in kinds.items()}


def _about(page: Any, looks: dict[str, Any], sheets: Sequence[Sheet], release: str) -> int:
    """What the list is, and how much of it each source has; gives the first line that is free."""
    page.hide_gridlines(2)
    page.set_column(0, 0, 28)
    page.set_column(1, 2, 12)
    lines = ["Work list", release, "", *ABOUT, ""]
    for line, text in enumerate(lines):
        page.write_string(line, 0, text, looks["plain" if line else "title"])
    heads = ("source", "listed", "in all")
    rows = [(sheet.source, len(sheet.rows), sheet.total) for sheet in sheets]
    for column, head in enumerate(heads):
        page.write_string(len(lines), column, head, looks["head"])
    for line, row in enumerate(rows, start=len(lines) + 1):
        page.write_string(line, 0, row[0], looks["text"])
        page.write_number(line, 1, row[1], looks["number"])
        page.write_number(line, 2, row[2], looks["number"])
    if not rows:
        page.write_string(len(lines) + 1, 0, "nothing to mend", looks["plain"])
    page.protect()
    return len(lines) + 2 + max(1, len(rows))


def _unheard(page: Any, looks: dict[str, Any], line: int, unheard: Sequence[tuple[str, str]]) -> None:
    """The answers given before that need another look."""
    if unheard:
        page.write_string(line, 0, "Answers that need another look", looks["head"])
    for number, (title, where) in enumerate(unheard[:MOST_UNHEARD], start=line + 1):
        page.write_string(number, 0, f"{title}: {where}", looks["plain"])
    if len(unheard) > MOST_UNHEARD:
        page.write_string(line + MOST_UNHEARD + 1, 0, f"and {len(unheard) - MOST_UNHEARD} more, in internal/answers.csv", looks["plain"])


def _name(source: str, taken: set[str]) -> str:
    """A name that a sheet can have and no other sheet has."""
    bare = FORBIDDEN.sub("_", source)
    tries = (bare[:31], *(f"{bare[:27]}_{number}" for number in range(2, 1000)))
    name = next(one for one in tries if one.casefold() not in taken)
    taken.add(name.casefold())
    return name


def _fill(page: Any, looks: dict[str, Any], sheet: Sheet) -> None:
    for column, name in enumerate(COLUMNS):
        page.write_string(0, column, name, looks["head"])
        page.set_column(column, column, WIDTHS.get(name, 12), None, {"hidden": name in HIDDEN})
    for line, row in enumerate(sheet.rows, start=1):
        for column, name in enumerate(COLUMNS):
            _write(page, looks, (line, column), name, row[name])
        _validate(page, line, row["answers"])
    page.freeze_panes(1, 1)
    page.autofilter(0, 0, max(1, len(sheet.rows)), len(COLUMNS) - len(HIDDEN) - 1)
    page.protect("", {"autofilter": True, "format_columns": True, "format_rows": True, "select_locked_cells": True})
    page.set_landscape()
    page.fit_to_pages(1, 0)
    page.repeat_rows(0)


def _write(page: Any, looks: dict[str, Any], place: tuple[int, int], name: str, value: Any) -> None:
    if name in FILLED:
        look = looks["open_date" if name == "date" else "open_wrapped" if name in WRAPPED else "open"]
        page.write_blank(*place, None, look)
    elif isinstance(value, int):
        page.write_number(*place, value, looks["number"])
    else:
        text = "" if value is None else str(value)
        cut = text if len(text) <= LONGEST or name in HIDDEN else f"{text[: LONGEST - 1]}…"
        page.write_string(*place, cut, looks["wrapped" if name in WRAPPED else "text"])


def _validate(page: Any, line: int, answers: Sequence[str]) -> None:
    """A list of the answers, and a date: a slip of the hand is told at once."""
    column = {name: COLUMNS.index(name) for name in ("answer", "date")}
    chosen = {"validate": "list", "source": list(answers), "error_title": "answer", "error_message": f"One of: {', '.join(ANSWERS)}"}
    page.data_validation(line, column["answer"], line, column["answer"], chosen)
    day = {"validate": "date", "criteria": ">=", "value": date(2000, 1, 1), "error_title": "date", "error_message": "A day, YYYY-MM-DD"}
    page.data_validation(line, column["date"], line, column["date"], day)
