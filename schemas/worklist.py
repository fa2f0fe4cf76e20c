"""The work list: its columns, and the answers in the workbooks that a registrar puts back into the project (worklist/*.xlsx).

One row per answer, identified by file, sheet and row. A message names these three and the column, never what a cell says.
"""

from __future__ import annotations

import datetime
import hashlib
import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from schemas.core.errors import Mistake, as_one, did_you_mean
from schemas.date_order import promised
from schemas.overrides import PROMISED_HINT, READ_HINT, Answer, AnswersRead
from schemas.reading_edits import unconfirmed
from schemas.statuses import ANSWERS, OVERRIDDEN
from schemas.worklist_book import Rows, Typed, sheets

FOLDER = "worklist"
FILLED = ("answer", "comment", "author", "date")
# What ties an answer to its finding. The last is a checksum of the others: a cell that was moved or changed is noticed.
BOUND = ("finding_id", "edit", "record", "record_key", "fingerprint", "delivered")
HIDDEN = ("record_key", "fingerprint", "delivered", "seal")
SHOWN = ("finding_id", "status", "edit", "severity", "title", "action", "source_file", "source_row", "columns", "record", "cells")
COLUMNS = (*SHOWN, *FILLED, *HIDDEN)
NEEDED = (*dict.fromkeys((*BOUND, *FILLED)), "seal")
# A sheet that is not one of findings (the first, which explains the others) has no row with this header.
HEAD = "finding_id"
SEAL = re.compile(r"^s[0-9a-f]{11}$")
# What a file manager leaves in a folder.
STRAY = ("thumbs.db", "desktop.ini")
# A work list saved otherwise may hold answers that counted last night, and without them the numbers are others: it stops the run, as a
# workbook does that cannot be opened. Of a letter or a picture nothing ever counted: it is told of, and the night goes on.
SPREADSHEETS = (".xls", ".xlsb", ".xlsm", ".ods", ".csv", ".tsv", ".numbers")
# What a spreadsheet shows where nothing came of a formula.
ERROR = re.compile(r"^(#.*)?$", re.DOTALL)
# Days as text that can be read one way only: 2026-01-30, and with points day, month, year (nobody writes the month first with points).
# With slashes or dashes 01/02/2026 is two days.
TEXT_DAYS = (
    re.compile(r"^(?P<year>\d{4})-(?P<month>\d{2})-(?P<day>\d{2})$"),
    re.compile(r"^(?P<day>\d{1,2})\. ?(?P<month>\d{1,2})\. ?(?P<year>\d{4})$"),
)


def seal(parts: Sequence[str]) -> str:
    """The checksum of what ties an answer to its finding; a letter first, so that no spreadsheet reads a number."""
    return "s" + hashlib.sha256("\x1f".join(parts).encode()).hexdigest()[:11]


def returned(project: Path) -> list[Path]:
    """What lies in the folder of the work lists and is looked at, in the order of names: files, and folders with workbooks in them."""
    there = sorted(path for path in (project / FOLDER).glob("*") if not path.name.startswith((".", "~")) and path.name.lower() not in STRAY)
    return [path for path in there if path.is_file() or any(one.suffix.lower() == ".xlsx" for one in path.glob("*"))]


def read_worklists(project: Path) -> AnswersRead:
    """The answers of every workbook of the project, by file, sheet and row, and what is wrong with the others."""
    found = AnswersRead()
    for path in returned(project):
        name = f"{FOLDER}/{path.name}"
        if path.is_dir():
            wrong = Mistake(name, None, "is a folder: the workbooks in it are not read", f"put them into {FOLDER}/ itself")
            found += AnswersRead(unusable=(wrong,))
        elif path.suffix.lower() != ".xlsx":
            wrong = Mistake(name, None, "only workbooks that end in .xlsx are read", "save it as .xlsx or take it out")
            found += _unread(wrong) if path.suffix.lower() in SPREADSHEETS else AnswersRead(unusable=(wrong,))
        else:
            found += read_worklist(name, path.read_bytes())
    return found


def _unread(*mistakes: Mistake) -> AnswersRead:
    return AnswersRead(mistakes=mistakes)


def read_worklist(name: str, content: bytes) -> AnswersRead:
    """The answers of one workbook; rows without an answer are passed over."""
    book = sheets(content)
    if book is None:
        return _unread(
            Mistake(
                name,
                None,
                "is no workbook that can be opened",
                "damaged, protected by a password, another kind of file, or with a cell far outside the list",
            )
        )
    heads = {place: _head(rows) for place, (rows, _) in enumerate(book, start=1)}
    # a sheet that lost its headers is no reason to lose its answers
    bare = [place for place, (rows, _) in enumerate(book, start=1) if heads[place] is None and _is_answered(rows)]
    mistakes = [_at(name, place, 1, f"the row of headers ({HEAD}, …) is gone", "put the sheet back as it came") for place in bare]
    if not bare and not any(heads.values()):
        return _unread(Mistake(name, None, f"no sheet has the columns of a work list ({HEAD}, …)", "put the workbook back as it came"))
    found = AnswersRead()
    for place, head in heads.items():
        if head is None:
            continue
        rows, typed = book[place - 1]
        header = [_text(cell) for cell in rows[head - 1]]
        missing = [column for column in NEEDED if header.count(column) != 1]
        if missing:
            mistakes.append(_at(name, place, head, f"column {' and '.join(missing)} is missing or stands there twice"))
            continue
        found += _of_sheet(name, place, head, _as_typed(header, rows, typed))
    return found + _unread(*mistakes)


def _of_sheet(name: str, place: int, head: int, rows: Sequence[Sequence[Any]]) -> AnswersRead:
    """The answers below the headers in row `head`. A row that is half filled in, or not as it came, is not applied and told of."""
    header, answers, unusable = [_text(cell) for cell in rows[head - 1]], [], []
    for number, cells in enumerate(rows[head:], start=head + 1):
        row = dict(zip(header, cells, strict=False))
        if wrong := list(_mistakes(row)):
            unusable.append(as_one([_at(name, place, number, message, hint) for message, hint in wrong]))
        elif _text(row["answer"]):
            answers.append(_answer(name, place, number, row))
    return AnswersRead(tuple(answers), tuple(unusable))


def _as_typed(header: Sequence[str], rows: Rows, typed: Typed) -> Rows:
    """The rows with what was typed behind a `=` where a person fills in: a comment is text, whatever a spreadsheet makes of it; of the
    others it counts where nothing came of it, so that the row is told of and not lost."""
    for (row, column), text in typed.items():
        name = header[column] if column < len(header) and row < len(rows) else ""
        if name in FILLED and (name == "comment" or ERROR.match(_text(rows[row][column]))):
            rows[row][column] = text
    return rows


def _head(rows: Sequence[Sequence[Any]]) -> int | None:
    """Number of the row of headers: the first, unless somebody wrote something above it. None where the sheet has none."""
    return next((number for number, cells in enumerate(rows, start=1) if HEAD in map(_text, cells)), None)


def _is_answered(rows: Sequence[Sequence[Any]]) -> bool:
    """Whether a sheet without headers holds rows of a work list, or answers."""
    return any(_answer_of(cell) in ANSWERS or SEAL.match(_text(cell)) for cells in rows for cell in cells)


def _at(name: str, sheet: int, row: int, message: str, hint: str = "") -> Mistake:
    return Mistake(name, row, f"sheet {sheet}: {message}", hint)


def _mistakes(row: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """(message, hint) for all that keeps the answer of one row from being applied."""
    answer, code = _answer_of(row["answer"]), _text(row["edit"])
    if not answer:
        if any(_text(row[column]) for column in FILLED):
            yield "something is written beside an empty 'answer'", f"write {_words(ANSWERS)}"
        return
    if not _is_bound(row):
        says = "the row is not as it came: a cell that ties the answer to its finding was changed, moved or emptied"
        yield says, "copy the answer into a fresh work list; whole rows may be sorted and deleted"
        return
    if answer not in ANSWERS:
        yield "'answer' is none of the words", did_you_mean(answer, ANSWERS) or f"write {_words(ANSWERS)}"
    elif ANSWERS[answer] == OVERRIDDEN and (not _text(row["fingerprint"]) or code in unconfirmed()):
        yield f"{code} is about how files were read or linked: 'correct as is' has no meaning there", READ_HINT
    elif ANSWERS[answer] == OVERRIDDEN and code in promised():
        yield f"{code} cannot be 'correct as is': star and mart rely on the order of these two dates", PROMISED_HINT
    elif ANSWERS[answer] == OVERRIDDEN and not _text(row["comment"]):
        yield "'comment' is empty", "say why it is correct as it is"
    if not _text(row["author"]):
        yield "'author' is empty", ""
    if _day(row["date"]) is None:
        yield "'date' is empty or no date", "write YYYY-MM-DD, or with points day.month.year"


def _is_bound(row: Mapping[str, Any]) -> bool:
    """Whether the cells that tie the answer to its finding are as they came."""
    key = _text(row["record_key"])
    return _text(row["seal"]) == seal([_text(row[column]) for column in BOUND]) and (not key or key.isdecimal())


def _words(words: Mapping[str, str]) -> str:
    return ", ".join(f"'{word}'" for word in words)


def _answer(name: str, sheet: int, number: int, row: Mapping[str, Any]) -> Answer:
    said = {column: _text(row[column]) for column in (*BOUND, *FILLED)}
    day = _day(row["date"])
    assert day is not None  # checked before
    key = int(said["record_key"]) if said["record_key"] else None
    return Answer(
        name, number, sheet, said["edit"], said["record"], key, said["fingerprint"], ANSWERS[_answer_of(said["answer"])], said["comment"],
        said["author"], day, None, said["finding_id"], said["delivered"],
    )  # fmt: skip


def _text(cell: Any) -> str:
    return str(cell).strip() if cell is not None else ""


def _answer_of(cell: Any) -> str:
    """An answer in the spelling of ANSWERS: letters and blanks may differ."""
    return " ".join(_text(cell).casefold().split())


def _day(cell: Any) -> datetime.date | None:
    """The day of a cell: a real date, or text in a form of TEXT_DAYS; None for any other, and for a day that there is not."""
    if isinstance(cell, datetime.datetime):
        return cell.date()
    if isinstance(cell, datetime.date):
        return cell
    found = next((match for form in TEXT_DAYS if (match := form.match(_text(cell)))), None)
    try:
        return datetime.date(**{part: int(number) for part, number in found.groupdict().items()}) if found else None
    except ValueError:
        return None
