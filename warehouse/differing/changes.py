"""What changed in the published numbers from one release to another, and which rows did it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby
from typing import TypedDict

import duckdb
import polars as pl

from warehouse.differing.difference import Difference
from warehouse.differing.few import few
from warehouse.differing.inputs import inputs, ledger
from warehouse.differing.numbers import Change, changes, curves, is_counted, known_numbers, lost_files, studies
from warehouse.differing.people import Person, moves, people
from warehouse.differing.rows import Differing, differing, lacking
from warehouse.differing.sides import AFTER, BEFORE, SIDES, Side, frame, query, side_by_side
from warehouse.refused import is_refused

KEY = "key_fingerprint"


def compared(before: Side, after: Side, most: int | None, *, is_shared: bool = False) -> Difference:
    """The difference of two releases; with `most` only the first persons behind the first changes of each table are looked up.

    With `is_shared` nobody is looked up at all. Raises ConfigurationError where another version wrote one of them and tables lack.
    """
    if before.path == after.path:
        return Difference(before.run_id, after.run_id, is_same=True, is_shared=is_shared)
    sides = {BEFORE: before, AFTER: after}
    with side_by_side(before, after) as con:
        known = known_numbers(con)
        found = changes(sides, known)
        notes, edits = [*_notes(con, sides, known), *few(sides, found)], _edits(con)
        may_be_found = not is_shared and before.run.get(KEY) == after.run.get(KEY)
        behind = _behind(con, sides, known, found, most) if may_be_found else {}
    is_same = not found and _same_tables(sides, known)
    if is_shared:
        found, edits = [change.for_sharing() for change in found], [line[:3] for line in edits if line[1] != line[2]]
    rows = ledger(sides)
    return Difference(
        before.run_id, after.run_id, inputs(sides), notes, [rows.columns, *rows.rows()], edits, found,
        is_same=is_same, is_shared=is_shared, **behind,
    )  # fmt: skip


class Behind(TypedDict, total=False):
    """What of a Difference tells who is behind the numbers."""

    moved: Mapping[str, Sequence[int]]
    rows: Sequence[Sequence[object]]
    people: Sequence[Person]
    movers: int
    others: int


def _behind(
    con: duckdb.DuckDBPyConnection, sides: Mapping[str, Side], known: Mapping[str, pl.DataFrame], found: Sequence[Change], most: int | None
) -> Behind:
    """Who is behind the changes, and which rows of the star; of two releases whose pseudonyms were made with one key."""
    rows = differing(con)
    made = moves(con, _listed(found, most), known, rows, sides)
    named, (movers, others) = people(con, made, rows, sides, most)
    return Behind(moved=made.counts(), rows=_by_table(rows), people=named, movers=movers, others=others)


def _listed(found: Sequence[Change], most: int | None) -> list[Change]:
    """The changes that are told one by one, of each table the first; of curves each is one."""
    told = (change for change in found if not is_counted(change))
    each = [change for _, group in groupby(told, key=_table) for change in list(group)[:most]]
    counted = curves(change for change in found if is_counted(change))
    return each + [curve for _, group in groupby(counted, key=_table) for curve in list(group)[:most]]


def _table(change: Change) -> tuple[str, str]:
    return change.study, change.output


def _notes(con: duckdb.DuckDBPyConnection, sides: Mapping[str, Side], known: Mapping[str, pl.DataFrame]) -> Iterator[str]:
    before, after = (studies(sides[name]) for name in SIDES)
    yield from (f"study {name} is {'new' if name in after else 'gone'}: its numbers are not listed" for name in sorted(before ^ after))
    for study, output, name in lost_files(sides, known):
        yield f"study {study}: {output}.csv is missing in release {sides[name].run_id}, so its numbers are not compared"
    for name in SIDES:
        withheld = {row[0] for row in known[name].select("study", "subjects_sql").unique().rows() if is_refused(*row)}
        yield from (f"study {study}: its numbers are refused in release {sides[name].run_id}" for study in sorted(withheld))
    if lacks := lacking(con):
        yield f"only one of the two releases has these columns, so they are not compared: {', '.join(lacks)}"
    if sides[BEFORE].run.get(KEY) != sides[AFTER].run.get(KEY):
        yield "the pseudonyms of the two releases were made with different keys: nobody can be found again"


def _same_tables(sides: Mapping[str, Side], known: Mapping[str, pl.DataFrame]) -> bool:
    before, after = (studies(sides[name]) for name in SIDES)
    return before == after and not lost_files(sides, known)


def _edits(con: duckdb.DuckDBPyConnection) -> list[Sequence[object]]:
    found = frame(con, query("finding")).filter((pl.col("n_new") > 0) | (pl.col("n_gone") > 0))
    return [("edit", "before", "after", "new", "gone"), *found.rows()]


def _by_table(rows: Differing) -> list[Sequence[object]]:
    counted = rows.counts()
    return [("table", *counted.columns[1:]), *counted.rows()] if counted.height else []
