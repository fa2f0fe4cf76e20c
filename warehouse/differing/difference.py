"""What changed from one release to another as plain objects, and as the text that the terminal shows."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import groupby

from warehouse.differing.numbers import ABSENT, Change, curves, is_counted
from warehouse.differing.people import ENTERED, LEFT, STAYED, Fired, Person
from warehouse.differing.rows import CHANGED, Row

# Without --all so many lines of each list are shown, and so many persons.
MOST = 10
MOST_NUMBERS = 3
PERSON_ROWS = 10
SAME_INPUTS = "the same files, configuration, code and day"
SAME_RELEASE = "one release, compared with itself: nothing changed"
WAYS = {ENTERED: "entered", LEFT: "left", STAYED: "stayed, with other cells, in"}


@dataclass(frozen=True)
class Difference:
    """Two releases compared.

    inputs, notes: sentences. ledger, edits: rows of a table, its head first. changes: every number that changed. moved: by number, how
    many people entered, left, or stayed with other cells. rows: by table of the star, how many rows are new, gone and changed. people:
    the first of the `movers`, who moved in a number, then of the `others`, whose records alone differ. is_same: both have the same
    studies, and every shown number is as before.
    """

    before: str
    after: str
    inputs: Sequence[str] = ()
    notes: Sequence[str] = ()
    ledger: Sequence[Sequence[object]] = ()
    edits: Sequence[Sequence[object]] = ()
    changes: Sequence[Change] = ()
    moved: Mapping[str, Sequence[int]] = field(default_factory=dict)
    rows: Sequence[Sequence[object]] = ()
    people: Sequence[Person] = ()
    movers: int = 0
    others: int = 0
    is_same: bool = False
    is_shared: bool = False


def render(found: Difference, most: int | None) -> str:
    """The difference as plain text; lists longer than `most` say how much they leave out. With `is_shared` nobody is named or counted."""
    lines = [
        f"release {found.before} -> {found.after}",
        *_section("inputs", _first(found.inputs, most) or [SAME_RELEASE if found.before == found.after else SAME_INPUTS]),
    ]
    lines += [*found.notes]
    lines += _section("rows by fate", _table(found.ledger, most) or ["no number differs"])
    lines += _section("findings by edit", _table(found.edits, most) or ["the same findings"])
    lines += _numbers(found, most)
    if not found.is_shared:
        lines += _section("rows of the star", _table(found.rows, None) or ["no row differs"])
        lines += _people(found, most)
    return "\n".join(lines)


def _section(title: str, lines: Iterable[str]) -> list[str]:
    return ["", f"{title}:", *(f"  {line}" for line in lines)]


def _table(rows: Sequence[Sequence[object]], most: int | None) -> list[str]:
    """Rows below their heads in columns; empty without rows."""
    if len(rows) < 2:
        return []
    shown = [[_said(cell) for cell in row] for row in (rows if most is None else rows[: most + 1])]
    widths = [max(len(row[place]) for row in shown) for place in range(len(shown[0]))]
    is_number = [all(isinstance(row[place], int) for row in rows[1:]) for place in range(len(shown[0]))]
    lines = [_line(row, widths, is_number) for row in shown]
    return [*lines, *_more(len(rows) - len(shown))]


def _line(cells: Sequence[str], widths: Sequence[int], is_number: Sequence[bool]) -> str:
    placed = (cell.rjust(width) if right else cell.ljust(width) for cell, width, right in zip(cells, widths, is_number, strict=True))
    return "  ".join(placed).rstrip()


def _said(cell: object) -> str:
    return f"{cell:,}" if isinstance(cell, int) else str(cell)


def _first(lines: Sequence[str], most: int | None) -> list[str]:
    """The first lines, and how many more there are."""
    return [*lines[:most], *_more(len(lines) - len(lines[:most]))]


def _more(n: int) -> list[str]:
    return [f"… and {n:,} more (--all shows them)"] if n > 0 else []


def _numbers(found: Difference, most: int | None) -> Iterator[str]:
    """The numbers that changed, study by study and table by table."""
    if not found.changes:
        yield from _section("published numbers", ["no number changed"])
    for study, of_study in groupby(found.changes, key=lambda change: change.study):
        yield from _section(f"published numbers of study {study}", _of_study(list(of_study), found, most))


def _of_study(changes: Sequence[Change], found: Difference, most: int | None) -> Iterator[str]:
    for output, group in groupby(changes, key=lambda change: change.output):
        mine = list(group)
        new, gone = (sum(not ids[place] for ids in (change.ids for change in mine)) for place in (0, 1))
        yield f"{output}: {len(mine) - new - gone:,} changed, {new:,} new, {gone:,} gone"
        told = [_curve(curve, found) for curve in curves(mine)] if is_counted(mine[0]) else [_change(change, found) for change in mine]
        reasons = [f"not available: {reason}" for reason in sorted({change.reason for change in mine if change.reason})]
        yield from (f"  {line}" for line in [*_first(told, most), *_first(reasons, most)])


def _change(change: Change, found: Difference) -> str:
    before, after = (value if value != ABSENT else "(none)" for value in (change.before, change.after))
    difference = "" if change.difference is None else f" ({change.difference:+.6g})"
    name = change.number_id if change.ids[0] in ("", change.number_id) else f"{change.ids[0]} = {change.number_id}"
    return f"{name}: {before} -> {after}{difference}{_moved(change, found)}"


def _curve(curve: Change, found: Difference) -> str:
    return f"{curve.curve}: {curve.n:,} of its values, the first {curve.number_id}{_moved(curve, found)}"


def _moved(change: Change, found: Difference) -> str:
    """How many entered, left or stayed with other cells; nothing where nobody did, or was looked up."""
    counts = found.moved.get(change.number_id, ())
    ways = [f"{n:,} {word}" for n, word in zip(counts, ("entered", "left", "stayed with other cells"), strict=False) if n]
    return f"  [{', '.join(ways)}]" if ways else ""


def _people(found: Difference, most: int | None) -> Iterator[str]:
    yield from _section("subjects", [_who(found)])
    for person in found.people:
        yield ""
        yield from _person(person, MOST_NUMBERS if most is not None else None)
    if left := _more(found.movers + found.others - len(found.people)):
        yield from ("", *left)


def _who(found: Difference) -> str:
    """How many moved, and of how many others records differ; why numbers changed though nobody moved."""
    n, word = found.others, "other " if found.movers else ""
    others = f"; {n:,} {word}person{' has' if n == 1 else 's have'} records that differ, in none of these numbers" if n else ""
    if found.movers:
        return f"{found.movers:,} moved in the numbers above{others}"
    why = ": the configuration, the code or the as-of date did it" if found.changes and not n else ""
    return f"nobody moved in the numbers above{others}{why}"


def _person(person: Person, most: int | None) -> Iterator[str]:
    name = f"pseudonym {person.pseudonym}" if person.pseudonym else "a person of whom no record was loaded"
    yield f"{name}, before {person.was}" if person.was else name
    for way, numbers in person.numbers.items():
        if numbers:
            more = len(numbers) - len(numbers[:most])
            yield f"  {WAYS[way]} {', '.join(numbers[:most])}{f' and {more:,} more' if more else ''}"
    yield from (f"  {said}" for said in person.table_2)
    rows = person.rows[:PERSON_ROWS] if most is not None else person.rows
    yield from (line for row in rows for line in _row(row))
    yield from (f"  {line}" for line in _more(len(person.rows) - len(rows)))
    yield from (f"  {line}" for line in _first([_fired(fired) for fired in person.fired], None if most is None else PERSON_ROWS))
    if not person.rows and not person.fired:
        yield "  none of her records changed: the configuration, the code, the as-of date or another woman's records did it"


def _fired(fired: Fired) -> str:
    place = f", {fired.source_file} line {fired.source_row}" if fired.source_file else ""
    return f"edit {fired.edit} {fired.kind}: {fired.outcome} on {fired.record}{place}"


def _row(row: Row) -> Iterator[str]:
    columns = f": {' '.join(row.columns)}" if row.kind == CHANGED else ""
    yield f"  {row.table} {row.row_key} {row.kind}{columns}"
    for word, places in (("before", row.before), ("after", row.after)):
        told = [place for place in places if not place[2]] or list(places)
        if told:
            yield f"    {word}: {', '.join(_place(*place) for place in told)}"
    yield from (f"    correction {kind}: {said}" for kind, said in row.corrections)


def _place(name: str, line: int, is_same: bool) -> str:
    return f"{name} line {line}{' (the same file in both)' if is_same else ''}"
