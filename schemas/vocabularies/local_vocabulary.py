"""A project's `vocabularies` folder: spellings, codes added to open lists, and tables of facts that replace the built-in ones."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

import polars as pl

from schemas import date_words, items, replaced_facts
from schemas.core.errors import ConfigurationError, Mistake, did_you_mean, few
from schemas.core.text_file import is_visible
from schemas.facts import Row, read_rows
from schemas.vocabularies import added_codes, plain_words
from schemas.vocabularies.added_codes import open_lists
from schemas.vocabularies.code_list import NOT_READ, Listed, built_in, clashes, domains, labels, listed

COLUMNS = ("domain", "spelling", "code")
# The apostrophe that unmapped.csv and unlisted_words.csv put before a cell that a spreadsheet would run as a formula.
FORMULA_SAFE = re.compile(r"^'(?=[=+\-@\t\r\n])")


@dataclass(frozen=True)
class Local:
    """What one project adds: `rows` of spellings by domain, `added` the first row of each new code by domain, `facts` by name, `plain`
    the folded words by domain that say nothing beside a value."""

    rows: Mapping[str, list[Row]] = field(default_factory=dict)
    added: Mapping[str, Mapping[str, Row]] = field(default_factory=dict)
    facts: Mapping[str, pl.DataFrame] = field(default_factory=dict)
    plain: Mapping[str, frozenset[str]] = field(default_factory=dict)


def read(folder: Path) -> Local:
    """The contents of the folder; raises ConfigurationError with every mistake (file, line)."""
    files, mistakes = _files(folder)
    spellings = [row for name, rows in files.items() if name not in {*replaced_facts.FACTS, plain_words.FILE} for row in rows]
    facts = {}
    for name in files.keys() & replaced_facts.FACTS.keys():
        table, wrong = replaced_facts.replacement(name, files[name])
        mistakes += wrong
        if table is not None:
            facts[name] = table
    added = _added(spellings)
    wrong_at = {id(row): _names(row, added) for row in spellings}
    mistakes += [mistake for found in wrong_at.values() for mistake in found]
    # what names something that does not exist is left out, so that all mistakes are told in one go
    mistakes += _clashes([row for row in spellings if not wrong_at[id(row)]])
    plain, wrong = plain_words.read([_unquoted(row) for row in files.get(plain_words.FILE, [])], _by_domain(spellings))
    mistakes += wrong
    if mistakes:
        raise ConfigurationError(mistakes)
    return Local(_by_domain(spellings), added, facts, plain)


def spelt(rows: Iterable[Row]) -> pl.DataFrame:
    """MEANINGS of local rows: the spelling, and of a new code the code and its label."""
    cells: list[Listed] = []
    for row in rows:
        own = (row["code"], row["code"].replace("_", " "), row["label"]) if row["label"] else ()
        code, how = (None, NOT_READ) if row["code"] == NOT_READ else (row["code"], "spelling")
        spelling = FORMULA_SAFE.sub("", row["spelling"])
        cells += [(row["domain"], text, row["context"], code, how, row) for text in dict.fromkeys((spelling, *own))]
    return listed(cells)


def _files(folder: Path) -> tuple[dict[str, list[Row]], list[Mistake]]:
    """Rows by file name and mistakes of shape of every CSV file, in the order of their names."""
    found: dict[str, list[Row]] = {}
    mistakes: list[Mistake] = []
    for path in filter(is_visible, sorted(folder.glob("*.csv"))):
        file = f"{folder.name}/{path.name}"
        fact = replaced_facts.FACTS.get(path.stem)
        required = plain_words.COLUMNS if path.stem == plain_words.FILE else COLUMNS
        rows, wrong = read_rows(path, file, required if fact is None else fact.schema)
        found[path.stem] = rows
        mistakes += wrong
    return found, mistakes


def _unquoted(row: Row) -> Row:
    """A row without the apostrophe before its word."""
    return replace(row, cells={**row.cells, "word": FORMULA_SAFE.sub("", row["word"])})


def _by_domain(rows: Iterable[Row]) -> dict[str, list[Row]]:
    found: dict[str, list[Row]] = defaultdict(list)
    for row in rows:
        found[row["domain"]].append(row)
    return dict(found)


def _added(rows: Iterable[Row]) -> dict[str, dict[str, Row]]:
    """The first row with a label of each code that its open list does not have."""
    found: dict[str, dict[str, Row]] = defaultdict(dict)
    for row in rows:
        if row["label"] and row["code"] and row["domain"] in open_lists() and row["code"] not in labels(row["domain"]):
            found[row["domain"]].setdefault(row["code"], row)
    return dict(found)


# No message repeats a cell: spellings are copied from exports, and what slips into another column with them may be anything.


def _names(row: Row, added: Mapping[str, Mapping[str, Row]]) -> list[Mistake]:
    """What one row names that does not exist, or leaves out."""
    if row["domain"] == date_words.MONTH:
        return date_words.mistakes(row)
    found = [] if row["spelling"] else [row.mistake("the spelling is empty")]
    if row["domain"] not in domains():
        return [*found, _no_domain(row)] if row["domain"] else [_no_domain(row)]
    of_list = added.get(row["domain"], {})
    if row["code"] in of_list:
        return _of_new_code(row, of_list)
    if row["code"] not in {*labels(row["domain"]), NOT_READ}:
        return [*found, _no_code(row)]
    if row["label"] and row["label"] != labels(row["domain"]).get(row["code"]):
        return [*found, row.mistake(f"{row['domain']}: the label of this code is built in; leave it empty")]
    return found


def _no_domain(row: Row) -> Mistake:
    if not row["domain"]:  # a line of unmapped.csv about a cell that no code list reads
        hint = "no code list reads a treatment, a number or a person: take the line out, give the field a `map` or mend the cell"
        return row.mistake("the domain is empty", hint)
    list_of = {item.column: item.domain for record in items.RECORDS for item in items.items(record, "staging")}.get(row["domain"])
    if list_of in domains():
        return row.mistake("unknown domain", f"the code list of that column is '{list_of}'")
    return row.mistake("unknown domain", did_you_mean(row["domain"], domains()) or "docs/code_lists.md has them all")


def _no_code(row: Row) -> Mistake:
    if not row["code"]:  # a line of unmapped.csv as it is
        return row.mistake("the code is empty", "say what the spelling means, or take the line out")
    return row.mistake(f"{row['domain']} has no such code", _what_to_do(row))


def _what_to_do(row: Row) -> str:
    near = did_you_mean(row["code"], labels(row["domain"]))
    if near:
        return near
    if row["domain"] in open_lists():
        return f"a new code needs a label; those that are there: docs/code_lists.md#{row['domain']}"
    return f"the list is closed: {', '.join(few(sorted(labels(row['domain']))))}"


def _of_new_code(row: Row, added: Mapping[str, Row]) -> list[Mistake]:
    """What is wrong with a row of a new code; the first row says what the code is."""
    first = added[row["code"]]
    if row is first:
        codes = list(added)
        return list(added_codes.mistakes(row, {code: added[code] for code in codes[: codes.index(row["code"])]}))
    if row["label"] and row["label"] != first["label"]:
        return [row.mistake(f"{row['domain']}: the code has another label in line {first.line}")]
    return []


def _clashes(rows: list[Row]) -> list[Mistake]:
    """Spellings, and names of months, that mean two things."""
    months: dict[str, str] = {}
    two = []
    for row in (row for row in rows if row["domain"] == date_words.MONTH):
        name = date_words.fold_month(row["spelling"])
        if months.setdefault(name, row["code"]) != row["code"]:
            two.append(row.mistake("month: one spelling means two months"))
    spellings = [row for row in rows if row["domain"] != date_words.MONTH]
    used = {row["domain"] for row in spellings}
    return two + (clashes(pl.concat([*(built_in(domain) for domain in sorted(used)), spelt(spellings)])) if used else [])
