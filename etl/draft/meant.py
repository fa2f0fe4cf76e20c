"""The columns of a table by what they mean, and what every rule says alike: whose a record is, its dates, its plain columns."""

from __future__ import annotations

from collections.abc import Sequence

from etl.draft.beside_dates import flags, parts
from etl.draft.columns import Column
from etl.draft.families import passed_over
from etl.draft.instances import are_instances
from etl.draft.rules import WHICH, Setting, any_filled, columns_of
from schemas.code_sets import MANY_ITEMS, set_of
from schemas.contract import PERSON
from schemas.items import intervals

MANY_ROWS = 20  # fewer may all be of one person


class Meant:
    """Columns of known meaning: `by` meaning, and `several` by meaning and number; of two of one meaning the surer header counts, then
    the fuller.

    `items`: how many headers that are items of a code set tell that the file follows it. `of_kinds`: rows are of several kinds, and a
    record is there only where one of its columns is filled. `left`: columns that are not used, and why. `fields`: what is said of a field,
    by name; the rules of treatments add what they say of theirs. `parts` and `flags`: the columns beside a date.
    """

    def __init__(self, columns: Sequence[Column], n_rows: int, items: int = MANY_ITEMS, *, of_kinds: bool = False) -> None:
        self.by: dict[str, Column] = {}
        self.several: dict[tuple[str, int], Column] = {}
        self.fields: dict[str, dict[str, object]] = {}
        self.columns, self.n_rows, self.items = columns, n_rows, items
        self.of_kinds = of_kinds or are_instances(columns)
        self.code_set = set_of([column.header for column in columns], items)
        self.parts, self.flags = parts(columns), flags(columns)
        self.left = passed_over(columns)
        for column in columns:
            self._take(column)

    def _take(self, column: Column) -> None:
        if column.meaning is None or not column.filled or column.name in self.left:
            return
        if _is_one(column):
            self.left[column.name] = f"names no person: {column.filled:,} cells, all the same"
            return
        if column.number is not None:
            self.several.setdefault((column.meaning, column.number), column)
            return
        other = self.by.get(column.meaning)
        kept, passed = (column, other) if other is None or _sure(column) > _sure(other) else (other, column)
        self.by[column.meaning] = kept
        if passed is not None:
            self.left[passed.name] = f"means the same as '{kept.header}', {_why(kept, passed)}"

    def name(self, meaning: str) -> str | None:
        """The name of the field of that meaning; None where no column has it."""
        column = self.by.get(meaning)
        return column.name if column is not None else None

    def first(self, *meanings: str) -> Column | None:
        """The first of these meanings that a column has."""
        return next((self.by[meaning] for meaning in meanings if meaning in self.by), None)

    def date(self, column: Column) -> object:
        """A date, with its form as far as the cells prove it, its month and day, and its flag."""
        formats = column.packed if len(column.packed) == 1 else None
        calendar = "buddhist" if column.is_buddhist else None
        more = {
            "order": column.order, "formats": formats, "calendar": calendar, "flag": self.flags.get(column.name),
            **self.parts.get(column.name, {}),
        }  # fmt: skip
        said = {key: value for key, value in more.items() if value is not None}
        return {"from": column.name, **said} if said else column.name

    def hers(self, *, tumour: bool = True) -> Setting:
        """By what a rule names the person, and the tumour where a column numbers it."""
        person = self.name("person.hospital_number") or self.name("person.nric") or WHICH
        number = self.name("tumour.tumour_no") if tumour else None
        hers: Setting = {PERSON: person}
        return hers | ({"tumour_no": number} if number else {})

    def plain(self, record: str, *, but: Sequence[str] = ()) -> Setting:
        """The columns of one record whose meaning is its own column."""
        found: Setting = {}
        for meaning, column in self.by.items():
            name, _, target = meaning.partition(".")
            if name == record and target not in but:
                found[target] = self.date(column) if target in intervals(record) else _cell(column)
        return found

    def filled(self, said: Setting) -> str | None:
        """That one of these columns is filled, where rows are of several kinds."""
        return any_filled(name for part in said.values() for name in columns_of(part)) if self.of_kinds else None


def _cell(column: Column) -> object:
    """A column that is no date, as a rule reads it."""
    return {"from": column.source, "within_text": True} if column.is_longer else column.source


def _is_one(column: Column) -> bool:
    """Whether it should tell persons apart and holds one text, as the number of a study does (STUDYID)."""
    return (column.meaning or "").startswith("person.") and column.distinct == 1 and column.filled >= MANY_ROWS


def _sure(column: Column) -> tuple[bool, int, int]:
    """How sure a column is of its meaning: by its header, then by its cells."""
    return not column.differs, *_told(column)


def _why(kept: Column, passed: Column) -> str:
    """What the one column has over the other of the same meaning."""
    if passed.differs != kept.differs:
        return "whose header means nothing else"
    if kept.filled != passed.filled:
        return "which fills more cells"
    return "whose cells say more" if _told(kept) != _told(passed) else "which stands before it"


def _told(column: Column) -> tuple[int, int]:
    """How many cells a column fills, then how much they say (C50.4 beside C50), but for numbers of a person: of those the one with fewer
    may be hers and the other of a stay."""
    return column.filled, 0 if (column.meaning or "").startswith("person.") else column.distinct
