"""The same exports with every date a whole number of calendar cycles earlier, and what stands in the way of that.

Twenty-eight years (10,227 days) keep weekdays, leap days and the ends of months in every year from 1901 to 2099. Earlier, since no day as
of which a run is judged may be to come; not four hundred years, since a clinical date is of 1850 or later (warehouse.inputs). A cell is
changed where its year is written in four digits: with two the century would change, and the serial number of a spreadsheet is no text.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from etl.selfcheck.text_export import ENDS, LINE, Row, TextExport
from schemas import items
from schemas.contract import Contract, Field
from schemas.date_words import sentinels

YEARS = 28
YEAR = re.compile(r"(?<!\d)(?:18|19|20)\d\d(?!\d)")
COMPACT = re.compile(r"(?:18|19|20)\d\d(?:0\d|1[0-2])[0-3]\d(?!\d)")
ISO = re.compile(r"\b(?:19|20)\d\d(?=-\d\d-\d\d\b)")
# The year 1900 has no such day.
LEAP_1928 = re.compile(r"(?=.*\b1928\b)(?=.*\b29\b)(?=.*(?:\b0?2\b|[A-Za-z]))")
NUMBER = re.compile(r"\d+")


@dataclass(frozen=True)
class Earlier:
    """One export as it is and earlier. `emptied`: cells without a year of four digits, which are empty in both."""

    before: TextExport
    after: TextExport
    emptied: int


def earlier_text(text: str) -> str:
    """A text of the project folder with its ISO dates earlier."""
    return ISO.sub(lambda year: _earlier(year[0]), text)


def earlier_day(day: date) -> date:
    """The same day of the year, so many years earlier."""
    return day.replace(year=day.year - YEARS)


def earlier(text: TextExport, contract: Contract) -> Earlier | str:
    """The export earlier, or why it cannot be."""
    fields = date_fields(contract)
    if isinstance(fields, str):
        return fields
    tokens = {name: {*contract.null_tokens, *contract.fields[name].null_tokens} for name in fields}
    change = _fixed(contract, tokens) if text.layout.kind == "fixed" else _delimited(text, contract, tokens)
    if isinstance(change, str):
        return change
    made = [change(row.own) for row in text.rows]
    emptied, changed = (sum(counts[place] for _, _, counts in made) for place in (0, 1))
    if emptied > changed:
        return "has dates whose year is not written in four digits"
    before = replace(text, rows=tuple(Row(row.line, now, row.below) for row, (now, _, _) in zip(text.rows, made, strict=True)))
    after = replace(text, rows=tuple(Row(row.line, then, row.below) for row, (_, then, _) in zip(text.rows, made, strict=True)))
    return Earlier(before, after, emptied)


def date_fields(contract: Contract) -> list[str] | str:
    """The fields that hold dates, or what stands in the way: dates within other texts, or taken apart."""
    found = {name for name, field in contract.fields.items() if _is_birth(field)}
    others = set[str]()
    for rule in contract.records:
        for target, part in rule.set.items():
            if part.from_ is None or part.duration or target not in items.intervals(rule.record):
                others |= {column for _, column in part.reads()}
                continue
            if part.from_ not in contract.fields or part.calendar or part.month:
                return f"has dates that are taken out of other cells ({part.from_})"
            found.add(part.from_)
    mixed = sorted(found & others)
    return f"has dates among other values ({', '.join(mixed)})" if mixed else sorted(found)


def _is_birth(field: Field) -> bool:
    return getattr(field.identifier, "kind", None) == "birth"


# A row as it is and earlier, and how many of its cells were emptied and changed.
Changed = tuple[str, str, tuple[int, int]]


def _delimited(text: TextExport, contract: Contract, tokens: Mapping[str, set[str]]) -> Callable[[str], Changed] | str:
    if text.layout.heads != 1:
        return "has several header rows"
    head = [line for line in LINE.findall(text.head) if line.strip()][-1:]
    (names,) = csv.reader([line.rstrip(ENDS).lstrip("\ufeff") for line in head], **_dialect(text)) if head else ([],)
    places: dict[int, set[str]] = {}
    for name in tokens:
        headers = {header.strip().casefold() for header in contract.fields[name].headers(name)}
        places |= {place: tokens[name] for place, header in enumerate(names) if header.strip().casefold() in headers}

    def change(own: str) -> Changed:
        bare = own.rstrip(ENDS)
        (cells,) = csv.reader(io.StringIO(bare, newline=""), **_dialect(text))
        now, then, counts = _cells(cells, places)
        return _written(now, text) + own[len(bare) :], _written(then, text) + own[len(bare) :], counts

    return change


def _dialect(text: TextExport) -> dict[str, Any]:
    quote = text.layout.quote
    return {"delimiter": text.layout.delimiter, "quotechar": quote or '"', "quoting": csv.QUOTE_MINIMAL if quote else csv.QUOTE_NONE}


def _written(cells: Sequence[str], text: TextExport) -> str:
    if not text.layout.quote:
        return text.layout.delimiter.join(cells)
    line = io.StringIO(newline="")
    csv.writer(line, **_dialect(text), lineterminator=ENDS).writerow(cells)  # a cell with such a character is quoted
    return line.getvalue().removesuffix(ENDS)


def _cells(cells: Sequence[str], places: Mapping[int, set[str]]) -> tuple[list[str], list[str], tuple[int, int]]:
    now, then = [*cells], [*cells]
    emptied = changed = 0
    for place in (place for place in places if place < len(cells)):
        new = moved(cells[place], places[place])
        if new is None:
            now[place] = then[place] = ""
            emptied += 1
        else:
            then[place] = new
            changed += new != cells[place]
    return now, then, (emptied, changed)


def _fixed(contract: Contract, tokens: Mapping[str, set[str]]) -> Callable[[str], Changed]:
    heads = {header: tokens[name] for name in tokens for header in contract.fields[name].headers(name)}
    spans = [(one.start - 1, one.end, heads[one.header]) for one in contract.layout if one.header in heads]

    def change(own: str) -> Changed:
        now, then, emptied, changed = own, own, 0, 0
        for start, end, words in spans:
            cell = own[start:end].rstrip(ENDS)
            new = moved(cell, words)
            if new is None:
                now, then = (f"{line[:start]}{' ' * len(cell)}{line[start + len(cell) :]}" for line in (now, then))
                emptied += 1
            else:
                then = f"{then[:start]}{new}{then[start + len(cell) :]}"
                changed += new != cell
        return now, then, (emptied, changed)

    return change


def moved(cell: str, tokens: set[str]) -> str | None:
    """The cell earlier; as it is where it is no date, or a word for none; None where it may be one whose year cannot be told."""
    bare = cell.strip()
    if bare in tokens or _is_none(bare):
        return cell
    if COMPACT.match(bare):
        then = cell.replace(bare[:4], _earlier(bare[:4]), 1)
        return None if _is_none(then.strip()) or bare.startswith("19280229") else then
    then = YEAR.sub(lambda year: _earlier(year[0]), cell)
    return then if len(YEAR.findall(bare)) == 1 and not _is_none(then.strip()) and not LEAP_1928.search(bare) else None


def _earlier(year: str) -> str:
    return str(int(year) - YEARS)


def _is_none(bare: str) -> bool:
    """No number, zeros, a year such as 9999, or a day that systems write where none is known: these stand for themselves."""
    split = COMPACT.sub(lambda day: f"{day[0][:4]}-{day[0][4:6]}-{day[0][6:8]}", bare)
    numbers = NUMBER.findall(split)
    day = {int(number) for number in numbers[:3]}
    repeated = any(len(number) == 4 and len({*number}) == 1 for number in numbers)
    return not any(day) or repeated or any(day == {int(part) for part in none.split("-")} for none in sentinels())
