"""Which column of the file each field of the contract is; a header that has changed its name is refused by name."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from difflib import get_close_matches

from etl.readers.parsed import WHITE, Parsed, unreadable
from schemas.checks.fields import read_headers, ticked
from schemas.contract import Contract
from schemas.core.errors import few
from schemas.headings import loosely

# A header that the contract calls by its number, since it stands there several times.
NUMBERED = re.compile(r"^(?P<header>.+) \[(?P<number>[1-9][0-9]*)\]$")
DELIMITERS = {";": "semicolons", "\t": "tabs", "|": "bars", ",": "commas"}


@dataclass(frozen=True)
class Columns:
    """Where the fields are: `places` by field name (None: an optional column not delivered), `headers` as read, `extra` unread.

    `choices`: of a checkbox the place of each choice that was delivered.
    """

    places: dict[str, int | None]
    headers: list[str]
    extra: list[str]
    choices: dict[str, dict[str, int]]

    @property
    def absent(self) -> list[str]:
        """The optional fields whose column was not delivered."""
        return [name for name, place in self.places.items() if place is None]


def joined(header: list[list[str]], separator: str = " ", *, fill: bool = False) -> list[str]:
    """One header per column: the cells of all header rows, trimmed, joined.

    With `fill` a blank cell above the last header row takes the text to its left (a group that spans columns).
    """
    width = max((len(cells) for cells in header), default=0)
    rows = [[cells[place].strip(WHITE) if place < len(cells) else "" for place in range(width)] for cells in header]
    filled = [*map(_filled, rows[:-1]), *rows[-1:]] if fill else rows
    return [separator.join(part for part in column if part) for column in zip(*filled, strict=True)]


def _numbered(headers: list[str], contract: Contract, wanted: Collection[str]) -> list[str]:
    """The headers, those that stand there several times with their number (`Date [2]`) where the contract calls one of them so."""
    said = [alike(header, contract) for header in headers]
    times, met = Counter(said), Counter[str]()
    called = []
    for header, plain in zip(headers, said, strict=True):
        met[plain] += 1
        numbers = range(1, times[plain] + 1) if times[plain] > 1 else ()
        is_called = header and any(alike(f"{header} [{number}]", contract) in wanted for number in numbers)
        called.append(f"{header} [{met[plain]}]" if is_called else header)
    return called


def _all_numbered(name: str, parsed: Parsed, contract: Contract, times: Counter[str], said: Collection[str]) -> None:
    """Refuse a file in which a numbered header comes fewer times than the contract says: nobody can tell which column is missing."""
    wanted = [header for key, field in contract.fields.items() for header in read_headers(key, field)]
    called = {header: NUMBERED.match(header) for header in wanted}
    plain = {alike(header, contract) for header in wanted}
    for header, parts in called.items():
        there = times[alike(parts["header"], contract)] if parts else 0
        if not parts or not there or alike(header, contract) in said or alike(parts["header"], contract) in plain:
            continue
        most = max(int(other["number"]) for other in called.values() if other and other["header"] == parts["header"])
        says = f"the header '{parts['header']}' stands in {there} column(s), where the contract numbers it up to {most}"
        unreadable("missing_header", name, parsed.header_row, says + ": which of them is missing cannot be told")


def _filled(cells: list[str]) -> list[str]:
    return [cells[max((place for place in range(here + 1) if cells[place]), default=here)] for here in range(len(cells))]


def _another_delimiter(headers: list[str], contract: Contract) -> str:
    """Of a header row that is one cell: which delimiter seems to stand in it."""
    there = [sign for sign in DELIMITERS if len(headers) == 1 and sign in headers[0]] if contract.format.kind == "csv" else []
    return f"; it is one cell that holds {DELIMITERS[there[0]]}: compare 'delimiter' in the contract" if there else ""


def match(name: str, parsed: Parsed, contract: Contract) -> Columns:
    """Match headers to fields by header or alias; raises UnreadableError for a missing, repeated or unexpected column."""
    headers = _called(name, parsed, contract)
    said = [alike(header, contract) for header in headers]
    choices = {key: _choices(name, parsed, contract, said, key) for key, field in contract.fields.items() if field.checkbox}
    places = {key: _place_of(name, parsed, contract, said, key) for key in contract.fields}
    if all(place is None for place in places.values()):
        says = "none of the contract's headers stands in the header row"
        unreadable("missing_header", name, parsed.header_row, says + _another_delimiter(headers, contract))
    _all_required(name, parsed, contract, places, headers)
    taken = {place for place in places.values() if place is not None} | {place for of in choices.values() for place in of.values()}
    extra = [place for place, header in enumerate(headers) if place not in taken and header]
    _none_extra(name, parsed, contract, extra)
    return Columns(places, headers, [headers[place] for place in extra], choices)


def _called(name: str, parsed: Parsed, contract: Contract) -> list[str]:
    """One header per column, as the contract calls it: numbered where it numbers those that stand there several times."""
    wanted = {alike(header, contract) for key, field in contract.fields.items() for header in read_headers(key, field)}
    stands = joined(parsed.header, contract.format.header_separator, fill=contract.format.fill_headers)
    times = Counter(alike(header, contract) for header in stands)
    repeated = [place for place, header in enumerate(stands) if alike(header, contract) in wanted and times[alike(header, contract)] > 1]
    if repeated:
        says = f"a header that the contract reads stands there twice, first in column {repeated[0] + 1}"
        hint = "; where both are meant, the contract calls them by the header with [1], [2] behind it"
        unreadable("duplicate_header", name, parsed.header_row, says + hint)
    headers = _numbered(stands, contract, wanted)
    _all_numbered(name, parsed, contract, times, {alike(header, contract) for header in headers})
    return headers


def _none_extra(name: str, parsed: Parsed, contract: Contract, extra: list[int]) -> None:
    """Refuse columns (their places) that the contract does not name, where it names all that there may be."""
    if extra and contract.columns == "exact":
        numbers = ", ".join(few(place + 1 for place in extra))
        says = f"columns that the contract does not name: {numbers} (write `columns: open` to leave them unread)"
        unreadable("extra_column", name, parsed.header_row, says)


def alike(header: str, contract: Contract) -> str:
    """The header in the form in which it is compared: an umlaut is the same letter whether its dots stand apart (macOS) or not, and what
    no eye sees (marks of no width or of the direction of writing) does not count."""
    one = unicodedata.normalize("NFC", header)
    if not one.isascii():
        one = "".join(sign for sign in one if unicodedata.category(sign) != "Cf").strip(WHITE)
    return loosely(one) if contract.headers == "loose" else one


def _choices(name: str, parsed: Parsed, contract: Contract, said: list[str], key: str) -> dict[str, int]:
    """Where each choice of a checkbox is ticked: the columns `<header>___<choice>`."""
    field = contract.fields[key]
    called = {choice: [column for header in field.headers(key) for column in ticked(header, choice)] for choice in field.checkbox}
    places = {choice: _found(contract, said, columns) for choice, columns in called.items()}
    for found in places.values():
        _one(name, parsed, key, found)
    return {choice: found[0] for choice, found in places.items() if found}


def _place_of(name: str, parsed: Parsed, contract: Contract, said: list[str], key: str) -> int | None:
    """The column that is the field; of a checkbox the first of its columns stands for it."""
    field = contract.fields[key]
    found = _found(contract, said, read_headers(key, field))
    if not field.checkbox:
        _one(name, parsed, key, found)
    return found[0] if found else None


def _found(contract: Contract, said: list[str], headers: Sequence[str]) -> list[int]:
    """The columns that have one of these headers."""
    wanted = {alike(header, contract) for header in headers}
    return [place for place, header in enumerate(said) if header in wanted]


def _one(name: str, parsed: Parsed, key: str, found: list[int]) -> None:
    if len(found) > 1:
        unreadable("duplicate_header", name, parsed.header_row, f"{len(found)} columns are the field '{key}': a header and its alias")


def _all_required(name: str, parsed: Parsed, contract: Contract, places: dict[str, int | None], headers: list[str]) -> None:
    """Refuse the file where a required column is missing, with the number of the column whose header is nearest and read by no field.

    Headers of the file are not repeated: where the row of headers is gone, they are cells.
    """
    missing = [key for key, field in contract.fields.items() if field.required and places[key] is None]
    if not missing:
        return
    free = [header for place, header in enumerate(headers) if place not in places.values() and header]
    says = []
    for key in missing:
        wanted = read_headers(key, contract.fields[key])[0]
        near = _nearest(wanted, free)
        hint = f"; the header of column {headers.index(near) + 1} is nearest (renamed? add it to 'aliases')" if near is not None else ""
        says.append(f"the column '{wanted}' is missing{hint}")
    unreadable("missing_header", name, parsed.header_row, "; ".join(few(says)))


def _nearest(wanted: str, free: list[str]) -> str | None:
    """The header most like the wanted one; case, blanks and underscores do not count."""
    plain = {"".join(c for c in header.casefold() if c.isalnum()): header for header in reversed(free)}
    near = get_close_matches("".join(c for c in wanted.casefold() if c.isalnum()), plain, n=1, cutoff=0.5)
    return plain[near[0]] if near else None
