"""Who stands behind the numbers that changed: who entered, who left, and who stayed with other cells."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import duckdb
import polars as pl

from warehouse import refused
from warehouse.diff_numbers import OF_WOMEN, Change
from warehouse.diff_rows import CHANGED, GONE, NEW, Row, located, read_by
from warehouse.diff_sides import AFTER, BEFORE, SIDES, Side, frame, of_side, query, wanted
from warehouse.number_sources import mart_columns, star_sources

ENTERED, LEFT, STAYED = "entered", "left", "stayed"
WAYS = (ENTERED, LEFT, STAYED)
Known = Mapping[str, Mapping[str, Mapping[str, object]]]


@dataclass(frozen=True)
class Fired:
    """A finding about a person that stands in one of the two releases only."""

    edit: str
    outcome: str
    record: str
    source_file: str | None
    source_row: int | None
    kind: str


@dataclass(frozen=True)
class Person:
    """One person who moved. numbers: by way those she entered, left, or stayed in with other cells; table_2: what became of her row there.

    pseudonym: None where neither release has loaded a record of hers; was: the pseudonym that the same row of a file had before.
    """

    pseudonym: str | None
    numbers: Mapping[str, tuple[str, ...]]
    table_2: tuple[str, ...] = ()
    rows: tuple[Row, ...] = ()
    fired: tuple[Fired, ...] = ()
    was: str = ""


@dataclass
class Moves:
    """By number (its id) and way the keys of those who moved; `table_2` by person what became of her row."""

    numbers: dict[str, dict[str, frozenset[int]]] = field(default_factory=dict)
    table_2: dict[int, tuple[str, ...]] = field(default_factory=dict)

    def of_people(self, changed: Collection[int]) -> dict[int, dict[str, list[str]]]:
        """By person the numbers she moved in: who has `changed` records first, then who entered or left most, then who stayed in most."""
        found: dict[int, dict[str, list[str]]] = {key: {way: [] for way in WAYS} for key in self.table_2}
        for number, ways in self.numbers.items():
            for way, keys in ways.items():
                for key in keys:
                    found.setdefault(key, {way: [] for way in WAYS})[way].append(number)

        def place(key: int) -> tuple[bool, int, int, int]:
            return key not in changed, -len(found[key][ENTERED]) - len(found[key][LEFT]), -len(found[key][STAYED]), key

        return {key: found[key] for key in sorted(found, key=place)}


def moves(
    con: duckdb.DuckDBPyConnection,
    listed: Sequence[Change],
    known: Mapping[str, pl.DataFrame],
    rows: pl.DataFrame,
    sides: Mapping[str, Side],
) -> Moves:
    """Who moved in each of these changes; nobody in one of which a side is suppressed. rows: ROWS."""
    by_id: Known = {name: {row["number_id"]: row for row in found.iter_rows(named=True)} for name, found in known.items()}
    sources = sides[AFTER].stored("number_sources")
    made = Moves(table_2=_table_2(con, known, sides))
    for change in (one for one in listed if one.has_people):
        keys = {name: _keys(con, name, by_id[name].get(number)) for name, number in zip(SIDES, change.ids, strict=True)}
        stayed = keys[BEFORE] & keys[AFTER]
        number = by_id[AFTER].get(change.ids[1])
        read = (
            read_by(rows, star_sources(mart_columns(sources, change.study, change.output, str(number["row"])))) if number else rows.clear()
        )
        ways = {ENTERED: keys[AFTER] - stayed, LEFT: keys[BEFORE] - stayed, STAYED: stayed & frozenset(read["patient_key"])}
        if any(ways.values()):
            made.numbers[change.number_id] = ways
    return made


def people(
    con: duckdb.DuckDBPyConnection, made: Moves, rows: pl.DataFrame, sides: Mapping[str, Side], most: int | None
) -> tuple[list[Person], int]:
    """The first of those who moved, with what is behind it, and how many there are. rows: ROWS."""
    moved = made.of_people(frozenset(rows["patient_key"]))
    chosen = list(moved)[:most]
    wanted(con, "wanted_person", patient_key=pl.Series(chosen, dtype=pl.Int64))
    names = dict(frame(con, query("person")).iter_rows())
    fired = _fired(con)
    own = located(con, rows.filter(pl.col("patient_key").is_in(chosen)), sides)
    was = _was(con, rows, sides)
    found = [
        Person(
            names[key], {way: tuple(numbers) for way, numbers in moved[key].items()}, made.table_2.get(key, ()), tuple(own.get(key, ())),
            tuple(fired.get(key, ())), was.get(key, ""),
        )
        for key in chosen
    ]  # fmt: skip
    return found, len(moved)


def _keys(con: duckdb.DuckDBPyConnection, name: str, number: Mapping[str, object] | None) -> frozenset[int]:
    if number is None or refused.is_refused(str(number["study"]), str(number["subjects_sql"])):
        return frozenset()
    return frozenset(of_side(con, name, str(number["subjects_sql"])).to_series(0))


def _fired(con: duckdb.DuckDBPyConnection) -> dict[int, list[Fired]]:
    found: dict[int, list[Fired]] = {}
    for key, *finding in frame(con, query("fired")).iter_rows():
        found.setdefault(key, []).append(Fired(*finding))
    return found


def _was(con: duckdb.DuckDBPyConnection, rows: pl.DataFrame, sides: Mapping[str, Side]) -> dict[int, str]:
    """By new person the pseudonym that a row of hers had before, where a file that both releases have delivers it.

    The number that the pseudonym is made of came from another file, which says something else today, or nothing.
    """
    persons = rows.filter(pl.col("table_name") == "dim_patient", pl.col("kind").is_in([NEW, GONE]))
    at = located(con, persons, sides)
    wanted(con, "wanted_person", patient_key=persons["patient_key"])
    names = dict(frame(con, query("person")).iter_rows())
    old = {place: names[key] for key, found in at.items() for row in found for place in row.before if row.kind == GONE and place[2]}
    new = ((key, old[place]) for key, found in at.items() for row in found for place in row.after if row.kind == NEW and place in old)
    return dict(new)


def _table_2(con: duckdb.DuckDBPyConnection, known: Mapping[str, pl.DataFrame], sides: Mapping[str, Side]) -> dict[int, tuple[str, ...]]:
    """By woman what became of her rows of Table 2: new, gone, or the columns that changed; never what they say."""
    before, after = (_rows_of_women(con, name, known[name], sides[name]) for name in SIDES)
    found: dict[int, list[str]] = {}
    for key, study in sorted(before.keys() | after.keys()):
        if said := _became(before.get((key, study)), after.get((key, study))):
            found.setdefault(key, []).append(said)
    return {key: tuple(said) for key, said in found.items()}


def _became(before: Mapping[str, str] | None, after: Mapping[str, str] | None) -> str:
    if before is None or after is None:
        return f"{(after or before or {})['number_id']}: row {NEW if before is None else GONE}"
    changed = [name for name in sorted({*before, *after} - {"number_id"}) if before.get(name) != after.get(name)]
    return f"{after['number_id']}: row {CHANGED} ({' '.join(changed)})" if changed else ""


def _rows_of_women(con: duckdb.DuckDBPyConnection, name: str, known: pl.DataFrame, one: Side) -> dict[tuple[int, str], dict[str, str]]:
    """By woman and study her row of Table 2, from where the study has put it."""
    rows = {row["number_id"]: row for row in _files_of_women(one)}
    mine = known.filter(pl.col("output") == OF_WOMEN, pl.col("number_id").is_in(list(rows)))
    return {(key, row["study"]): rows[row["number_id"]] for row in mine.iter_rows(named=True) for key in _keys(con, name, row)}


def _files_of_women(one: Side) -> Iterable[dict[str, str]]:
    for folder in ("share", "internal"):
        for path in sorted((one.path / folder / "studies").glob(f"*/{OF_WOMEN}.csv")):
            yield from pl.read_csv(path, infer_schema=False).iter_rows(named=True)
