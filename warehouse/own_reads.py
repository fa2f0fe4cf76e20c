"""What the columns that a study makes are made of: the columns of their records, and those of mart_candidate beside them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import cache

from schemas import items
from schemas.candidate import INDEX, Known, Own, known, made, of_rows
from schemas.study_column import ORDERED, SOURCES, StudyColumn


def needed(own: Own, names: Iterable[str]) -> Own:
    """Those of the study's columns that are among these names, and those that they are made of, in the order of the study."""
    wanted = set(names)
    for place in reversed(range(len(own))):
        if own[place].column in wanted:
            wanted |= named(own[:place], own[place])
    return tuple(column for column in own if column.column in wanted)


def read_of_candidate(own: Own) -> frozenset[str]:
    """Columns and dates of mart_candidate, and of the study, that the study's columns are made of beside their records."""
    return frozenset().union(*(beside(own[:place], column) for place, column in enumerate(own)))


def sources(own: Own) -> dict[str, tuple[str, ...]]:
    """For each column the items of the star (`table.item`) that it reads of its records, sorted."""
    return {column.column: _of_records(own[:place], column) for place, column in enumerate(own)}


def behind(own: Own) -> list[str]:
    """What these columns are made of as `record.column`, after the columns of mart_candidate that they read beside."""
    of_records = [
        f"{items.RECORD_OF[table]}.{item}" for reads in sources(own).values() for table, _, item in (one.partition(".") for one in reads)
    ]
    return [*sorted(read_of_candidate(own) - {column.column for column in own}), *of_records]


def ordering(over: Known, column: StudyColumn) -> str:
    """The date that is taken, else the one that orders records of this kind."""
    return column.taken if column.taken in over.dates else SOURCES[column.list].date


@cache
def named(above: Own, column: StudyColumn) -> frozenset[str]:
    """The columns and dates that the condition and the value name, of the records and beside them."""
    over = of_rows(above, column)
    is_date = column.taken in over.dates
    return over.named(column.where, None if is_date else column.value) | ({column.taken} if is_date else set())


def beside(above: Own, column: StudyColumn) -> frozenset[str]:
    """Those of them that are not of the records, as mart_candidate and the columns above call them."""
    there = {item.column for item in (*known().items, *(made(above[:place], one) for place, one in enumerate(above)))}
    names = named(above, column) - {item.column for item in SOURCES[column.list].items}
    return frozenset(name if name in there else name.removeprefix(INDEX) for name in names)


def _of_records(above: Own, column: StudyColumn) -> tuple[str, ...]:
    source, over = SOURCES[column.list], of_rows(above, column)
    names = named(above, column) & {item.column for item in source.items}
    if column.take in ORDERED:
        names |= {ordering(over, column)}
    names = names or frozenset({source.date})  # how many there are hangs on the records, whatever they say
    read: Sequence[str] = [source.more.get(name, f"{source.table}.{name}") for name in names]
    return tuple(sorted({one for text in read for one in text.split()}))
