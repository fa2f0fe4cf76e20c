"""Files with a row per item, or per treatment: what one column names, the others say. A contract is proposed item by item."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace

import polars as pl

from etl.draft.columns import SLASHED, Column, Seen, mostly, names
from etl.draft.proposal import Proposal, proposal_of
from etl.draft.rules import Rule
from schemas.header_words import meaning_of
from schemas.items import RECORDS, intervals

MOST_ITEMS, LEAST_KNOWN = 300, 0.3  # of its rows those whose item is known by name
FULL = 0.5
MOST_BESIDE = 2  # columns that mean something by themselves, beside the person, the tumour and the day
ROW_ID = re.compile(r"(?:_|\b)id$", re.IGNORECASE)  # measurement_id, measurement_concept_id
DAY, WHOSE = "context.date", ("person.", "context.", "tumour.tumour_no")


@dataclass(frozen=True)
class Item:
    """One item that is known by name: its text, the columns of its rows as the proposal takes them, and how many rows it has."""

    text: str
    name: str
    columns: tuple[Column, ...]
    n_rows: int


@dataclass(frozen=True)
class Long:
    """`by`: the column that names the items. `unknown`: how many others there are, in how many rows."""

    by: Column
    items: tuple[Item, ...]
    unknown: tuple[int, int]

    def without(self, texts: Collection[str]) -> Long:
        """The items but these: they go with the unknown ones."""
        left = [item for item in self.items if item.text in texts]
        unknown = (self.unknown[0] + len(left), self.unknown[1] + sum(item.n_rows for item in left))
        return replace(self, items=tuple(item for item in self.items if item.text not in texts), unknown=unknown)


def long_of(table: Seen) -> Long | None:
    """The items of a table, where one column names them; None where each column says something of its own."""
    if sum(c.meaning is not None and not c.meaning.startswith(WHOSE) for c in table.columns) > MOST_BESIDE:
        return None
    asked = [c for c in table.columns if c.meaning is None and 1 < c.distinct <= MOST_ITEMS]
    found = max((_by(table, column) for column in asked), key=_rows, default=None)
    return found if found is not None and len(found.items) > 1 and _rows(found) >= LEAST_KNOWN * found.by.filled else None


def _rows(long: Long) -> int:
    return sum(item.n_rows for item in long.items)


def _by(table: Seen, by: Column) -> Long:
    """The table by the items that one of its columns may name; of two of one meaning the one with more rows counts."""
    told = table.cells[by.name].drop_nulls().alias("item").value_counts(name="n").sort("n", "item", descending=[True, False])
    known: dict[tuple[str, int | None], str] = {}
    for text in told["item"]:
        if (meant := meaning_of(text)) is not None and not meant.meaning.startswith(WHOSE):
            known.setdefault((meant.meaning, meant.number), text)
    called = zip(known.values(), names([*known.values()]), strict=True)
    again = _again(table, by)
    items = tuple(item for text, name in called if (item := _item(table, by, text, name, again)).columns)
    others = told.filter(~pl.col("item").is_in([item.text for item in items]))
    return Long(by, items, (others.height, int(others["n"].sum())))


def _again(table: Seen, by: Column) -> set[str]:
    """The columns that say the same in all rows of an item, whatever the item is: its name once more, its unit."""
    pairs = {c.name: table.cells.select(by.name, c.name).drop_nulls().n_unique() for c in table.columns if c.name != by.name}
    return {name for name, n in pairs.items() if n <= by.distinct}


def _item(table: Seen, by: Column, text: str, name: str, again: Collection[str]) -> Item:
    """What the rows of one item hold: in the one column of no meaning that says most, or in the day of the row, what the item means.

    The column that says most fills half of the rows at least, and has the most different texts in the file: no unit and no number, nor
    the item `again` where another column says more.
    """
    rows = table.cells.filter(pl.col(by.name) == text)
    here = [_in(rows, column) for column in table.columns if column.name != by.name]
    whose = [column for column in here if column.meaning is not None and column.meaning.startswith(WHOSE)]
    texts = {column.name: column.distinct for column in table.columns}
    full = [c for c in here if c.meaning is None and c.filled >= FULL * rows.height and not (c.is_number and ROW_ID.search(c.header))]
    said = max([c for c in full if c.name not in again] or full, key=lambda column: texts[column.name], default=None)
    return Item(text, name, tuple(_meant(text, whose, said)), rows.height)


def _in(rows: pl.DataFrame, column: Column) -> Column:
    """A column in the rows of one item; its dates are proved by all rows."""
    said = rows[column.name].drop_nulls()
    return replace(column, filled=len(said), distinct=said.n_unique(), slashed=mostly(said, SLASHED))


def _meant(text: str, whose: Sequence[Column], said: Column | None) -> Iterator[Column]:
    """The columns of an item's rows with what they mean by it; none where no cell says anything."""
    if (found := meaning_of(text)) is None:
        return
    record, _, target = found.meaning.partition(".")
    day = next((column for column in whose if column.meaning == DAY and column.filled), None)
    cell = day if _is_day(found.meaning) and (said is None or (day is not None and day.filled > said.filled)) else said
    if cell is None:
        return
    yield from (column for column in whose if column.meaning != DAY)
    name = f"{cell.name}_{target}" if record == "treatment" else cell.name
    yield replace(cell, meaning=found.meaning, number=found.number, name=name)
    beside = {"treatment": f"date.{target}", "at": f"first.{target}"}.get(record)
    if day is not None and beside is not None:
        yield replace(day, meaning=beside, number=found.number)


def _is_day(meaning: str) -> bool:
    """Whether what is meant is a day."""
    record, _, target = meaning.partition(".")
    return record in ("date", "end", "first") or (record in RECORDS and target in intervals(record))


def proposed(long: Long) -> Proposal:
    """The rules of all items, each where its column says so, with the fields that they read."""
    made = Proposal()
    for item in long.items:
        found = proposal_of(item.columns, item.n_rows)
        made.fields |= found.fields
        made.headers |= {column.name: column.header for column in item.columns}
        made.rules += [_asked(rule, long.by, item, several=len(found.rules) > 1) for rule in found.rules]
    if made.rules:
        made.fields[long.by.name] = {}
    return made


def _asked(rule: Rule, by: Column, item: Item, *, several: bool) -> Rule:
    """The rule for the rows of one item, called by it."""
    text = item.text.replace("'", "''")
    name = f"{item.name}_start" if several and rule.rule.endswith("_start") else item.name
    return replace(rule, rule=name, when=f"{by.name} = '{text}'", of=item.text)
