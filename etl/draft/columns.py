"""The columns of a file never seen before: how many cells each fills, and what its cells tell of the order of day and month."""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import NamedTuple

import polars as pl

from etl.draft.layout import Laid
from etl.landing.landed import LandedFile
from etl.readers import RawTable, read
from schemas.contract import PERSON, TYPED, Contract
from schemas.core.date_doubts import TOLERATED_ONE_IN
from schemas.core.date_writing import plain_signs
from schemas.core.errors import UnreadableError
from schemas.facts import SEPARATOR, shipped
from schemas.header_words import item_names, meaning_of, without_marks

MOST_FOOTER, MOSTLY, NEARLY_ALL = 3, 0.5, 0.95
NOT_NAMES = {"case"}  # what a condition could not call a column
CODED, NATIONAL, SLASHED = r"^\d{1,3}$", r"^[A-Za-z]\d{7}[A-Za-z]$", r"^\d+\s*(?:/|of)\s*\d+$"
NEXT_WORD = re.compile(r"(?<=[a-z0-9])(?=[A-Z][a-z])")  # dateOfDiagnosis
COMMA, POINT = r"^-?\d+,(?:\d{1,2}|\d{4,})\s*(?:%|[a-zA-Z]{1,3})?$", r"^-?\d+\.\d+\s*(?:%|[a-zA-Z]{1,3})?$"  # 14,5; not 1,234
NUMBER = r"^-?\d+(?:[.,]\d+)?$"
ACCURACY, ACCURATE = r"(?i)^[aeu]{3}$", r"(?i)^aaa$"  # day, month and year accurate, estimated or unknown (date_flags.csv)
PACKED, PACKED_AS, YEARS = r"^\d{8}$", ("%Y%m%d", "%Y%d%m", "%d%m%Y", "%m%d%Y"), (1850, 2150)
YEAR = r"^(?:18[5-9]|19\d|20\d)\d$"
BUDDHIST_YEAR = r"^2[4-6]\d\d$"  # 543 years ahead of ours
NUMERIC_DATE = r"^(\d{1,2})[-/. ](\d{1,2})[-/. ](\d{2}|\d{4})(?:\D|$)"
NAMED_DATE = r"^\d{1,2}[-/. ]*\p{L}\D*(\d{4})$"  # 14 มี.ค. 2559


class Part(NamedTuple):
    """The one group of a `pattern` that counts of a cell, and its `name`."""

    name: str
    pattern: str


@dataclass(frozen=True)
class Column:
    """One column of a table.

    `name` of its field, `meaning` by its header (header_words.csv), `number` in the header of one that comes several times
    (`Surgery 2 Date`), `filled` cells and `distinct` texts among them. Of dates of three numbers: in how many the `first` or the
    `second` is above 12 and so the day, in how many neither (`open`), in how many the year is `short` of a century. `typed`: cells that
    are real dates of a spreadsheet. `marked`: cells that end with a footnote mark. Most cells have the form of a `national` number, or
    are `slashed` (3/15), or whole numbers of up to three digits (`coded`). `differs`: other sources mean something else by that header.
    `form`: what a field says of a national number that header and cells tell (national_numbers.csv). `padded`: the length of numbers that
    zeros in front bring to one length, 0 of others; `unpadded`: how many cells are shorter, mostly because a spreadsheet took them off.
    `commas`: cells that are numbers with a decimal comma; `fractions`: with a comma or a point; `is_number`: most cells are numbers.
    `is_buddhist`: nearly all of its dates have a year of the Buddhist calendar (14/03/2559, 14 มี.ค. 2559).
    `tells_accuracy`: its cells say which parts of a date are accurate (AAA, UUA).
    `is_instance`: one of several columns that each tell of a tumour of the person (UK Biobank), by `number`; without one of the first.
    `called`: the header by which its meaning is known. `is_year`: nearly all cells are years of four digits.
    `part`: what is taken of each cell (taken_apart.py), nothing where all of it counts. `is_longer`: the value stands in longer texts.
    `is_packed`: most cells are eight digits; `packed`: the forms of a date that nearly all of these have, where it is not year, month, day.
    """

    name: str
    header: str
    meaning: str | None
    filled: int
    distinct: int
    number: int | None = None
    first: int = 0
    second: int = 0
    open: int = 0
    short: int = 0
    typed: int = 0
    marked: int = 0
    national: bool = False
    slashed: bool = False
    differs: bool = False
    coded: bool = False
    form: Mapping[str, object] | None = None
    padded: int = 0
    unpadded: int = 0
    commas: int = 0
    fractions: int = 0
    is_number: bool = False
    is_packed: bool = False
    packed: tuple[str, ...] = ()
    tells_accuracy: bool = False
    is_buddhist: bool = False
    is_instance: bool = False
    part: Part | None = None
    is_longer: bool = False
    called: str = ""
    is_year: bool = False

    @property
    def source(self) -> str:
        """The column that a rule reads: the field, or the part of it that counts."""
        return self.name if self.part is None else f"{self.name}_{self.part.name}"

    @property
    def order(self) -> str | None:
        """The order of day and month that the cells prove, but for slips of the pen; None where they do not."""
        most, fewest = max(self.first, self.second), min(self.first, self.second)
        if not most or fewest * TOLERATED_ONE_IN > most + fewest:
            return None
        return "dmy" if self.first > self.second else "mdy"


def names(headers: Sequence[str]) -> list[str]:
    """A name for the field of each column: small letters, digits, single `_`, each once. An item number is called by its item."""
    found: list[str] = []
    for number, header in enumerate(item_names(headers), start=1):
        plain = unicodedata.normalize("NFKD", NEXT_WORD.sub("_", header.replace("ß", "ss"))).encode("ascii", "ignore").decode()
        name = re.sub(r"[^a-z0-9]+", "_", plain.lower()).strip("_")
        name = name if re.match(r"[a-z]", name) and name not in NOT_NAMES else f"column_{number}"
        found.append(name if name not in found else f"{name}_{number}")
    return found


def contract(name: str, laid: Laid, fields: Mapping[str, object], records: Sequence[Mapping[str, object]], **more: object) -> Contract:
    """A contract as it would be read from its file."""
    said = {"contract": name, "contract_version": 1, "title": name, "source": "draft", "files": ("*",), "format": laid.said, **more}
    return Contract.model_validate({**said, "fields": fields, "records": tuple(records)}).with_layout(laid.places)


@dataclass(frozen=True)
class Export:
    """One file never seen before, and its bytes."""

    path: Path
    content: bytes

    @cached_property
    def sha256(self) -> str:
        """By which what is read is known to be these bytes."""
        return hashlib.sha256(self.content).hexdigest()

    def rows(self, asked: Contract) -> RawTable:
        """The rows of the file as the contract reads them; raises UnreadableError where it cannot."""
        return read(LandedFile(self.path.name, self.sha256, len(self.content), self.path, asked, "", "goes_on"), asked)


@dataclass(frozen=True)
class Seen:
    """The columns of a table, their cells, and how it is laid out, with the footer that its end shows."""

    columns: tuple[Column, ...]
    cells: pl.DataFrame
    laid: Laid

    @property
    def n_rows(self) -> int:
        """How many rows it has."""
        return self.cells.height


def seen(export: Export, laid: Laid, footer: int = 0) -> Seen:
    """What a table holds. Short rows at its end are a footer, for the draft; that they may be a cut is said there."""
    whole = replace(laid, said=laid.said | {"footer_rows": footer}) if footer else laid
    named = {name: header for name, header in zip(names(laid.called or laid.headers), laid.headers, strict=True) if header}
    fields = {name: {"header": header} for name, header in named.items()}
    anything = {"rule": "row", "record": "patient", "set": {PERSON: {"from": next(iter(named))}}}  # a contract has a rule
    try:
        cells = export.rows(contract("draft", whole, fields, [anything])).rows
    except UnreadableError as error:
        if error.reason != "truncated" or footer == MOST_FOOTER:
            raise
        return seen(export, laid, footer + 1)
    called = dict(zip(laid.headers, laid.called or item_names(laid.headers), strict=True))
    if laid.said["kind"] in ("csv", "fixed") and _with_comma(cells.select(list(named))):
        whole = replace(whole, said=whole.said | {"decimal": ","})
    return Seen(tuple(_column(name, header, called[header], cells) for name, header in named.items()), cells, whole)


def _with_comma(cells: pl.DataFrame) -> bool:
    """Whether the numbers of a text have a decimal comma: cells of it say so, and none has a point."""
    texts = pl.concat([column.rename("cell") for column in cells]) if cells.width else pl.Series("cell", [], pl.String)
    return bool(texts.str.contains(COMMA).any()) and not texts.str.contains(POINT).any()


def _column(name: str, header: str, called: str, cells: pl.DataFrame) -> Column:
    said = plain_signs(cells[name].drop_nulls())
    typed = int(cells[f"{name}{TYPED}"].fill_null(value=False).sum()) if f"{name}{TYPED}" in cells.columns else 0
    told = said.alias("cell").value_counts(name="rows")  # the field may itself be called `count` or `n`
    parts = told.select("rows", part=pl.col("cell").str.extract_groups(NUMERIC_DATE)).unnest("part")
    first, second, year = (parts[group] for group in ("1", "2", "3"))
    last_year = year.fill_null(told["cell"].str.extract(NAMED_DATE, 1))
    late = [(part.cast(pl.Int32) > 12).fill_null(value=False) for part in (first, second)]
    dates = first.is_not_null()

    meant = meaning_of(called)

    def count(which: pl.Series) -> int:
        return int(parts["rows"].filter(which).sum())

    return Column(
        name, header, meant.meaning if meant else None, len(said), told.height, meant.number if meant else None,
        first=count(late[0] & ~late[1]), second=count(late[1] & ~late[0]), open=count(dates & ~late[0] & ~late[1]),
        short=count(dates & (year.str.len_chars() == 2)), typed=typed,
        marked=int(said.str.contains(r"\S[*†‡§#]+$").sum()),
        national=mostly(said, NATIONAL), slashed=mostly(said, SLASHED),
        differs=meant is not None and meant.differs, coded=mostly(said, CODED),
        form=_form(header, said) if meant is not None and meant.meaning == "person.nric" else None,
        padded=(length := _padded(said)), unpadded=int((said.str.len_chars() < length).sum()),
        commas=(commas := int(said.str.contains(COMMA).sum())), fractions=commas + int(said.str.contains(POINT).sum()),
        is_number=mostly(said, NUMBER),
        is_packed=(is_packed := mostly(said, PACKED)), packed=_packed(told["cell"]) if is_packed else (),
        called=called, is_year=nearly_all(said, YEAR),
        is_instance=meant is not None and meant.is_instance,
        is_buddhist=(
            count(last_year.is_not_null()) > 0
            and count(last_year.str.contains(BUDDHIST_YEAR).fill_null(value=False)) >= NEARLY_ALL * count(last_year.is_not_null())
        ),
        tells_accuracy=len(said) > 0 and bool(said.str.contains(ACCURACY).all() and said.str.contains(ACCURATE).any()),
    )  # fmt: skip


def _packed(texts: pl.Series) -> tuple[str, ...]:
    """The orders in which nearly all distinct texts of eight digits are days of the last two centuries; none where year, month and day
    are one of them, as everybody reads them. 99999999 is no day in any."""
    days = texts.filter(texts.str.contains(PACKED) & ~texts.is_in([digit * 8 for digit in "0123456789"]))
    parsed = {form: days.str.to_date(form, strict=False).dt.year().is_between(*YEARS).fill_null(value=False) for form in PACKED_AS}
    fits = tuple(form for form, right in parsed.items() if len(days) and int(right.sum()) >= NEARLY_ALL * len(days))
    return () if PACKED_AS[0] in fits else fits


def _padded(said: pl.Series) -> int:
    """The length of whole numbers to which zeros in front fill them up; 0 where none has such zeros, or they differ in length."""
    filled = said.filter(said.str.starts_with("0")).str.len_chars().unique()
    is_one = len(filled) == 1 and bool(said.str.contains(r"^\d+$").all())
    return int(filled[0]) if is_one and filled[0] == said.str.len_chars().max() else 0


def _form(header: str, said: pl.Series) -> Mapping[str, object] | None:
    """How a field reads the national number that the header names, where nearly all cells have its form."""
    plain = said.str.to_uppercase().str.replace_all(r"[^\p{L}\p{N}]", "")
    for row in shipped("national_numbers.csv", "number", "words", "pattern", "digits"):
        is_named = without_marks(header) in {without_marks(word) for word in row["words"].split(SEPARATOR)}
        if is_named and int(plain.str.contains(f"^(?:{row['pattern']})$").sum()) >= NEARLY_ALL * len(plain):
            return {"identifier": {"kind": "nric", "pattern": row["pattern"]}, **({"digits": int(row["digits"])} if row["digits"] else {})}
    return None


def mostly(cells: pl.Series, pattern: str) -> bool:
    """Whether most of the cells have that form."""
    return int(cells.str.contains(pattern).sum()) > MOSTLY * len(cells)


def nearly_all(cells: pl.Series, pattern: str) -> bool:
    """Whether there are cells and all but slips of the pen have that form."""
    return len(cells) > 0 and int(cells.str.contains(pattern).sum()) >= NEARLY_ALL * len(cells)
