"""What of all tables of a study may be shared beside each other: where two count the same women, what one hides the other may not tell."""

from __future__ import annotations

from collections.abc import Collection, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from warehouse.suppressing.analyses import Published
from warehouse.suppressing.disclosure import Sums, hide
from warehouse.suppressing.same_women import COHORT, Overlap, Places, Same, Table

AnySums = Sums[Any, Any]
Of = tuple[Table, Hashable]
# In the place of the file of a table: what several endpoints have in common.
OVERLAP = "overlap of"


@dataclass(frozen=True)
class SharedTables:
    """What all tables of a study show beside each other. `joined`: by table all those that count the same women, as they are shown."""

    tables: Mapping[Table, AnySums]
    hidden: Mapping[Table, set[Any]]
    joined: Mapping[Table, Sums[Of, Of]]

    def shown(self, kind: str) -> dict[str, frozenset[Any]]:
        """The counts that are shown of each variable (`table_1`), or of each endpoint as published (`survival`)."""
        return {table[1]: frozenset(sums.shown.keys() - self.hidden[table]) for table, sums in self.tables.items() if table[0] == kind}

    def published(self) -> dict[str, Published]:
        """What each endpoint shows as published, with what of it is hidden and stands in other tables too."""
        return {name: self._published(("survival", name), shown) for name, shown in self.shown("survival").items()}

    def _published(self, table: Table, shown: frozenset[Any]) -> Published:
        if table not in self.joined:
            return Published(shown)
        of = self.tables[table].shown
        return Published(shown, self.joined[table], {name: _of(table, of[name]) for name in of.keys() - shown})


def shared_tables(tables: Mapping[Table, AnySums], places: Places | None, min_cell: int) -> SharedTables:
    """Hides of each table what it must hide alone, and what would give that away in another.

    `tables` has the cohort counts as they are shared (`told`): they are hidden first, and nothing more of them here. Without
    `places` each table is hidden alone.
    """
    hidden = {table: hide(sums, min_cell) for table, sums in tables.items()}
    same = _same([table for table in tables if places is not None and table in places.rows], hidden, places)
    overlaps = [one for one in places.overlaps() if any(hidden.get(table) for table in one.tables)] if places is not None else []
    groups = _groups(tables, [*(one.tables for one in same), *(one.tables for one in overlaps)])
    for group in groups:
        first = {(table, name) for table in group for name in hidden[table]}
        found = hide(_joined(tables, group, same, overlaps), min_cell, first)
        hidden |= {table: {name for of, name in found if of == table} for table in group}
    settled = {table: told(sums, hidden[table]) for table, sums in tables.items()}
    return SharedTables(
        tables, hidden, {table: joined for group in groups for joined in [_joined(settled, group, same, overlaps)] for table in group}
    )


def _same(tables: Sequence[Table], hidden: Mapping[Table, set[Any]], places: Places | None) -> list[Same]:
    """What holds the same women, or a part of them, in tables that hide something and in those that have this in common with such a table;
    what the cohort counts hide was settled before."""
    found: list[Same] = []
    waiting, asked = [table for table in tables if hidden[table] or table == COHORT], set[Table]()
    while waiting and places is not None:
        one = waiting.pop(0)
        asked.add(one)
        for other in (table for table in tables if table not in asked):
            if same := [*places.same(one, other), *places.parts(one, other), *places.parts(other, one)]:
                found += same
                waiting += [other] if other not in waiting else []
    return found


def told(sums: AnySums, hidden: Collection[Hashable]) -> AnySums:
    """A table of which it is settled what it shows: a reader knows that. In the order of the texts: that of a set is another every day."""
    shown = tuple(sums.shown[name] for name in sorted(sums.shown, key=str) if name not in hidden)
    return replace(sums, shown={}, known=(*sums.known, *shown), cost={})


def _groups(tables: Mapping[Table, AnySums], linked: Sequence[Sequence[Table]]) -> list[list[Table]]:
    """Tables that count the same women, directly or by way of others; each in the order of the study."""
    groups = [[table] for table in tables]
    for one, other in ((first, other) for first, *others in linked for other in others):
        left, right = (next(group for group in groups if table in group) for table in (one, other))
        if left is not right:
            groups.remove(right)
            left += right
    return [[table for table in tables if table in group] for group in groups if len(group) > 1]


def _joined(tables: Mapping[Table, AnySums], group: Sequence[Table], same: Sequence[Same], overlaps: Sequence[Overlap]) -> Sums[Of, Of]:
    """Several tables as one, in which it is known what holds the same women."""
    common = [((OVERLAP, one.tables[0][1]), one) for one in overlaps if one.tables[0] in group]
    each: list[tuple[Table, AnySums]] = [(table, tables[table]) for table in group]
    told = [{*one.tables} for _, one in common]  # what each two of these have in common is said already
    linked = [one for one in same if {*one.tables} <= {*group} and not any({*one.tables} <= of for of in told)]
    return Sums(
        cells={(table, cell): n for table, sums in each for cell, n in sums.cells.items()}
        | {(name, cell): n for name, one in common for cell, n in one.cells.items()},
        shown={(table, name): _of(table, cells) for table, sums in each for name, cells in sums.shown.items()},
        known=tuple(_of(table, cells) for table, sums in each for cells in sums.known),
        cost={(table, name): cost for table, sums in each for name, cost in sums.cost.items()},
        same=(
            *_sides(one for one in linked if not one.is_part),
            *((_of(table, cells), _of(name, those)) for name, one in common for table, cells, those in one.same),
        ),
        within=_sides(one for one in linked if one.is_part),
        free=frozenset((name, cell) for name, one in common for cell in one.cells),
    )


def _sides(linked: Iterable[Same]) -> tuple[tuple[frozenset[Of], frozenset[Of]], ...]:
    return tuple((_of(one.tables[0], one.cells[0]), _of(one.tables[1], one.cells[1])) for one in linked)


def _of(table: Table, cells: Iterable[Hashable]) -> frozenset[Of]:
    return frozenset((table, cell) for cell in cells)
