"""overrides.csv of a project: "rare but true", one edit silenced on one record, read and checked (docs/overrides.md).

One row per over-ride, identified by its line. What an answer of the work list says has the same form (`schemas.worklist`).
"""

from __future__ import annotations

import datetime
import re
from collections.abc import Iterator
from dataclasses import dataclass

from schemas.core.errors import Mistake, did_you_mean
from schemas.date_order import promised
from schemas.facts import Row, day_mistakes, missing_columns, reviewed
from schemas.items import RECORDS
from schemas.reading_edits import unconfirmed
from schemas.statuses import OVERRIDDEN

FILE = "overrides.csv"
COLUMNS = ("edit", "record", "record_key", "fingerprint", "reason", "author", "date", "expires")
NEEDED = COLUMNS[:-1]
READ_HINT = "mend the cell, the contract or a vocabulary"
PROMISED_HINT = "mend one of them at the source or in corrections.csv"
KEY = re.compile(r"^[0-9]{1,19}$")
# A letter in front keeps a spreadsheet from reading a number. The first digits show what the edit says, the others what it reads.
MARK, LOGIC_DIGITS = "k", 3
# Earlier versions hashed the values alone, without a key: such a fingerprint fits nothing any more.
OLD_MARK = "v"
FINGERPRINT = re.compile(rf"^[{MARK}{OLD_MARK}][0-9a-f]{{11}}$")


@dataclass(frozen=True, order=True)
class Answer:
    """What a person says of one finding: `status` is one of schemas.statuses, `file` and `line` (or row of
    a sheet) say where; `sheet` counts from 1, 0 where there is none.

    An over-ride holds while the finding has this `fingerprint`. Findings that no compiled edit made have neither fingerprint
    nor record key; they are known by `finding_id`, which an answer of overrides.csv leaves empty.
    """

    file: str
    line: int
    sheet: int
    edit: str
    record: str
    record_key: int | None
    fingerprint: str
    status: str
    reason: str
    author: str
    date: datetime.date
    expires: datetime.date | None = None
    finding_id: str = ""
    delivered: str = ""  # the first digits of the SHA-256 of each file that delivered what it is about when the work list was made

    @property
    def place(self) -> str:
        """File and line, as a person finds it."""
        return f"{self.file} sheet {self.sheet} row {self.line}" if self.sheet else f"{self.file} line {self.line}"

    @property
    def is_override(self) -> bool:
        """Whether it silences the finding."""
        return self.status == OVERRIDDEN

    @property
    def is_of_old_form(self) -> bool:
        """Whether its fingerprint was made by an older version, of which nothing can be compared."""
        return self.fingerprint.startswith(OLD_MARK)

    @property
    def logic(self) -> str:
        """What its fingerprint shows of the logic of its edit."""
        return self.fingerprint[len(MARK) : len(MARK) + LOGIC_DIGITS]

    @property
    def bound_to(self) -> tuple[str, str, int | None, str]:
        """What it was given on: the edit, the record and its key, and the values that the edit read there (the fingerprint)."""
        return self.edit, self.record, self.record_key, self.fingerprint

    @property
    def says(self) -> tuple[str, str]:
        """What it says of the finding: two answers that say the same are one."""
        return self.status, self.fingerprint

    def is_expired(self, as_of: datetime.date) -> bool:
        """Whether it holds no longer on that day; its last day is `expires`."""
        return self.expires is not None and self.expires < as_of


@dataclass(frozen=True)
class AnswersRead:
    """What people have said: `answers` in their order; `unusable`, what is wrong with a line or row that is not applied, a finding
    of the run; `mistakes`, why a file cannot be read as what it is at all.
    """

    answers: tuple[Answer, ...] = ()
    unusable: tuple[Mistake, ...] = ()
    mistakes: tuple[Mistake, ...] = ()

    def __add__(self, other: AnswersRead) -> AnswersRead:
        return AnswersRead(self.answers + other.answers, self.unusable + other.unusable, self.mistakes + other.mistakes)


def read_overrides(text: str) -> AnswersRead:
    """The over-rides in order, and what is wrong with the other lines. Whether there is such an edit is not known here."""
    if (lacking := missing_columns(text, FILE, COLUMNS)) is not None:
        return AnswersRead(mistakes=(lacking,))
    rows, unusable = reviewed(text, FILE, COLUMNS, _mistakes)
    return AnswersRead(tuple(map(_answer, rows)), unusable)


def _answer(row: Row) -> Answer:
    said = (row["edit"], row["record"], int(row["record_key"]), row["fingerprint"], OVERRIDDEN, row["reason"], row["author"])
    return Answer(FILE, row.line, 0, *said, datetime.date.fromisoformat(row["date"]), row.day("expires"))


def _mistakes(row: Row) -> Iterator[Mistake]:
    for name in NEEDED:
        if not row[name]:
            hint = "copy it from internal/findings.csv: without it the over-ride would outlive the value" if name == "fingerprint" else ""
            yield row.mistake(f"'{name}' is empty", hint)
    if row["edit"] in unconfirmed():
        yield row.mistake(f"{row['edit']} is about how files were read or linked and cannot be overridden", READ_HINT)
    if row["edit"] in promised():
        yield row.mistake(f"{row['edit']} cannot be overridden: star and mart rely on the order of these two dates", PROMISED_HINT)
    if row["record"] and row["record"] not in RECORDS:
        yield row.mistake("'record' is no kind of record", did_you_mean(row["record"], RECORDS))
    if row["record_key"] and not (KEY.match(row["record_key"]) and int(row["record_key"]) < 2**63):
        yield row.mistake("'record_key' is no key of a record", "copy it as text: a spreadsheet rounds numbers of so many digits")
    if row["fingerprint"] and not FINGERPRINT.match(row["fingerprint"]):
        yield row.mistake("'fingerprint' is no fingerprint", "copy it from internal/findings.csv")
    yield from day_mistakes(row)
