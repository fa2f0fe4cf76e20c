"""corrections.csv of a project: reviewed changes of single values, read and checked (docs/corrections.md).

One row per correction, identified by its line. No message repeats what a cell of the file says: anything may stand anywhere.
"""

from __future__ import annotations

import datetime
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from schemas.contract import Contract
from schemas.contract_format import sheets_apart
from schemas.core.errors import Mistake, did_you_mean
from schemas.core.interval import ISO_DATE
from schemas.domains import Codes, bounds, code_list
from schemas.facts import Row, day_mistakes, missing_columns, reviewed
from schemas.items import RECORDS, Column, columns, identity, intervals
from schemas.sheet_names import reading

FILE = "corrections.csv"
COLUMNS = ("target", "column", "expected_old_value", "new_value", "reason", "author", "date", "expires")
# An optional column: what binds a cell's correction to its row (docs/corrections.md).
BINDING = "row_key"
NEEDED = ("target", "column", "reason", "author", "date")
CELL = re.compile(r"^(?P<file>.+):(?P<row>[1-9][0-9]*)$")
# What binds a correction to the row it was reviewed on: of whom the row tells, and what it says (etl/normalise/row_key.py).
NOBODY = "0" * 12
ROW_KEY = re.compile(r"^[0-9a-f]{12}-[0-9a-f]{8}$")
# Columns from which others of the record follow when a cell is read: those are corrected in the cell.
FOLLOWED = {"event": ("site_code", "organ_code", "topography_code")}
NUMBER = re.compile(r"^[+-]?[0-9]+(\.[0-9]+)?$")


@dataclass(frozen=True)
class Correction:
    """One reviewed change: of a cell (`source_file`, `source_row`, `column` a header) or of a record (`record`, `key`, `column`).

    `key` is the natural key of the record as delivered, the pseudonym first. An empty `expected` or `value` is an empty cell.
    `row_key` is that of the row a cell was reviewed in; a cell without one is not bound, and such a correction is not applied.
    """

    line: int
    target: str
    column: str
    expected: str
    value: str
    reason: str
    author: str
    date: datetime.date
    expires: datetime.date | None = None
    source_file: str | None = None
    source_row: int | None = None
    record: str | None = None
    key: tuple[str, ...] = ()
    row_key: str = ""

    @property
    def is_unbound(self) -> bool:
        """Whether only the number of a row says where it belongs: tomorrow another woman's row may have that number."""
        return self.source_file is not None and not self.row_key

    @property
    def place(self) -> tuple[str, str, str]:
        """What two corrections of the same value have in common; a bound row is the same wherever it stands in its file."""
        return (f"{self.source_file}:{self.row_key}" if self.row_key else self.target, self.column, self.expected)

    def is_expired(self, as_of: datetime.date) -> bool:
        """Whether it holds no longer on that day; its last day is `expires`."""
        return self.expires is not None and self.expires < as_of

    def is_future(self, as_of: datetime.date) -> bool:
        """Whether it does not hold yet on that day; its first day is `date`."""
        return self.date > as_of


@dataclass(frozen=True)
class CorrectionsRead:
    """`corrections` in their order; `unusable`, what is wrong with a line that is not applied, a finding of the run; `mistakes`, why
    the file cannot be read as what it is at all.
    """

    corrections: tuple[Correction, ...] = ()
    unusable: tuple[Mistake, ...] = ()
    mistakes: tuple[Mistake, ...] = ()


def read_corrections(text: str, contracts: Sequence[Contract], codes: Codes | None) -> CorrectionsRead:
    """The corrections in order, and what is wrong with the other lines."""
    if (lacking := missing_columns(text, FILE, COLUMNS)) is not None:
        return CorrectionsRead(mistakes=(lacking,))
    rows, unusable = reviewed(text, FILE, COLUMNS, lambda row: _mistakes(row, contracts, codes))
    return CorrectionsRead(tuple(map(_correction, rows)), unusable)


def _correction(row: Row) -> Correction:
    said = (
        row.line, row["target"], row["column"], row["expected_old_value"], row["new_value"], row["reason"], row["author"],
        datetime.date.fromisoformat(row["date"]), row.day("expires"),
    )  # fmt: skip
    record, *key = row["target"].split("/")
    if (cell := _cell(row)) is not None:
        return Correction(*said, source_file=cell[0], source_row=cell[1], row_key=row[BINDING])
    return Correction(*said, record=record, key=tuple(key))


def _cell(row: Row) -> tuple[str, int] | None:
    """File and physical row of a target that names a cell."""
    match = CELL.match(row["target"])
    return (match["file"], int(match["row"])) if match is not None else None


def _mistakes(row: Row, contracts: Sequence[Contract], codes: Codes | None) -> Iterator[Mistake]:
    for name in NEEDED:
        if not row[name]:
            yield row.mistake(f"'{name}' is empty")
    yield from day_mistakes(row)
    if row["expected_old_value"] == row["new_value"]:
        yield row.mistake("'new_value' is what 'expected_old_value' says already", "take the line out")
    if row["target"]:
        yield from _of_cell(row, contracts) if _cell(row) is not None else _of_record(row, codes)


def _of_cell(row: Row, contracts: Sequence[Contract]) -> Iterator[Mistake]:
    """A contract reads the file, and has the column."""
    name, _ = _cell(row) or ("", 0)
    if row[BINDING] and not ROW_KEY.match(row[BINDING]):
        yield row.mistake(f"'{BINDING}' is no key of a row", "`oncomart explain FILE:ROW --raw` shows the row and its key")
    read_by = reading(name, contracts)
    if len(read_by) > 1 and sheets_apart([c.format for c in read_by]):
        names = " or ".join(f"[{c.contract}]" for c in read_by)
        yield row.mistake("'target' names no sheet of the workbook", f"write {names} before the ending, as findings do")
        return
    contract = read_by[0] if read_by else None
    if contract is None:
        patterns = [pattern for c in contracts for pattern in c.files]
        yield row.mistake("no contract reads the file that 'target' names", did_you_mean(name, patterns))
    elif row["column"] and not fields_of(contract, row["column"]):
        headers = [header for field, option in contract.fields.items() for header in option.headers(field)]
        yield row.mistake(f"the contract {contract.contract} has no such column", did_you_mean(row["column"], headers))


def unbound(corrections: Sequence[Correction]) -> Iterator[Mistake]:
    """The corrections that are not applied because only the number of a row says where they belong: worth a second look."""
    for one in corrections:
        if one.is_unbound:
            message = "'target' names the row by its number alone, which may be another woman's tomorrow: it is not applied"
            hint = f"look at the row with `oncomart explain FILE:ROW --raw` and write its key under '{BINDING}'"
            yield Mistake(FILE, one.line, message, hint)


def fields_of(contract: Contract, header: str) -> list[str]:
    """The fields that read that header (else the one of that name); none where its cells are never read."""
    may = {name: field for name, field in contract.fields.items() if field.identifier is not True}
    return [name for name, field in may.items() if header in field.headers(name)] or [name for name in may if name == header]


def _of_record(row: Row, codes: Codes | None) -> Iterator[Mistake]:
    """The record is one, its key is whole, the column can hold the value."""
    record, *key = row["target"].split("/")
    if record not in RECORDS or not key:
        hint = "write FILE:ROW or RECORD/PSEUDONYM/…, see docs/corrections.md"
        yield row.mistake("'target' names neither a row of a file nor a record", did_you_mean(record, RECORDS) or hint)
        return
    wanted = identity(record)
    if row[BINDING]:
        yield row.mistake(f"'{BINDING}' belongs to FILE:ROW; a record is found by its own key", "leave it empty")
    if len(key) != len(wanted) or not all(key):
        yield row.mistake(f"the key of '{record}' is {'/'.join(wanted)}")
    if not row["expected_old_value"]:
        yield row.mistake("an empty value of a record has no place", "name the cell (FILE:ROW) to fill it in")
    names = [column.item.column for column in columns(record, "staging") if column.item.role != "identity"]
    if row["column"] and row["column"] not in names:
        yield row.mistake(f"'{record}' has no such column that can be corrected", did_you_mean(row["column"], names))
    elif row["column"] in FOLLOWED.get(record, ()):
        yield row.mistake(f"other columns follow from '{row['column']}'", "name the cell (FILE:ROW)")
    elif row["column"]:
        yield from _values(row, record, codes)


def _values(row: Row, record: str, codes: Codes | None) -> Iterator[Mistake]:
    """Both values are such as the column holds: a record has codes and ISO dates, not the words of a file."""
    column = next(c for c in columns(record, "staging") if c.item.column == row["column"])
    for name in ("expected_old_value", "new_value"):
        says = _misfit(column, row[name], row["column"] in intervals(record), codes) if row[name] else ""
        if says:
            yield row.mistake(f"'{name}' {says}")
    if not row["new_value"] and not column.nullable:
        yield row.mistake(f"'{record}' cannot be without '{row['column']}'")


def _misfit(column: Column, text: str, is_date: bool, codes: Codes | None) -> str:
    if is_date:
        return "" if ISO_DATE.match(text) else "is no date: write YYYY-MM-DD, YYYY-MM or YYYY"
    if column.type in ("int", "float"):
        limits = bounds(column)
        fits = NUMBER.match(text) and (column.type == "float" or "." not in text)
        return "" if fits and (limits is None or limits[0] <= float(text) <= limits[1]) else f"is no number that '{column.name}' can hold"
    if column.type == "bool":
        return "" if text in ("true", "false") else "is neither true nor false"
    domain = code_list(column)
    return "" if codes is None or domain is None or text in codes.codes(domain) else f"is no code of '{domain}'"
