"""Who stands behind the numbers that changed: who entered, who left, and who stayed with other cells."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import duckdb
import polars as pl

from schemas.items import PolarsType
from warehouse import refused
from warehouse.differing.numbers import OF_WOMEN, Change, studies
from warehouse.differing.rows import CHANGED, GONE, NEW, Differing, Row, located, rows_of
from warehouse.differing.sides import AFTER, BEFORE, SIDES, Side, frame, of_side, query, subjects, wanted
from warehouse.number_sources import StarSource, mart_columns, star_sources

ENTERED, LEFT, STAYED = "entered", "left", "stayed"
WAYS = (ENTERED, LEFT, STAYED)
Known = Mapping[str, Mapping[str, Mapping[str, object]]]
# One row per number, person and way, identified by all three; both texts are few, the rows may be many.
MOVED: dict[str, PolarsType] = {"patient_key": pl.Int64, "number_id": pl.Categorical, "way": pl.Enum(WAYS)}


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
    """Who moved: `moved`, one row per number, person and way (MOVED); `table_2`, by person what became of her row there."""

    moved: pl.DataFrame = field(default_factory=lambda: pl.DataFrame(schema=MOVED))
    table_2: dict[int, tuple[str, ...]] = field(default_factory=dict)

    def counts(self) -> dict[str, tuple[int, ...]]:
        """By number how many moved in each of WAYS."""
        counted = self.moved.group_by("number_id").agg((pl.col("way") == way).sum().alias(way) for way in WAYS)
        return {number: tuple(n) for number, *n in counted.iter_rows()}

    def people(self, changed: pl.Series) -> list[int]:
        """Everybody who moved: who has `changed` records first, then who entered or left most numbers, then who stayed in most."""
        told = pl.DataFrame({"patient_key": pl.Series([*self.table_2], dtype=pl.Int64)}).with_columns(came=0, stayed=0)
        stays = pl.col("way") == STAYED
        moved = self.moved.group_by("patient_key").agg(came=(~stays).sum().cast(pl.Int32), stayed=stays.sum().cast(pl.Int32))
        every = pl.concat([moved, told.cast(moved.schema)]).group_by("patient_key").agg(pl.col("came", "stayed").sum())
        order = [~pl.col("patient_key").is_in(changed.unique().implode()), -pl.col("came"), -pl.col("stayed"), pl.col("patient_key")]
        return every.sort(order)["patient_key"].to_list()

    def of(self, chosen: Sequence[int]) -> dict[int, dict[str, tuple[str, ...]]]:
        """By person and way the numbers in which these moved."""
        found: dict[int, dict[str, tuple[str, ...]]] = {key: {} for key in chosen}
        mine = self.moved.filter(pl.col("patient_key").is_in(chosen)).with_columns(pl.col("number_id", "way").cast(pl.String))
        for (key, way), numbers in mine.group_by("patient_key", "way", maintain_order=True):
            found[int(str(key))][str(way)] = tuple(numbers["number_id"])
        return {key: {way: ways[way] for way in WAYS if way in ways} for key, ways in found.items()}


def moves(
    con: duckdb.DuckDBPyConnection,
    listed: Sequence[Change],
    known: Mapping[str, pl.DataFrame],
    rows: Differing,
    sides: Mapping[str, Side],
) -> Moves:
    """Who moved in each of these changes; nobody in one of which a side is suppressed. rows: what differs in the star."""
    by_id: Known = {name: {row["number_id"]: row for row in found.iter_rows(named=True)} for name, found in known.items()}
    sources = {name: sides[name].stored("number_sources") for name in SIDES}
    found = [pl.DataFrame(schema=MOVED)]
    for change in (one for one in listed if one.is_open):
        numbers = {name: by_id[name].get(number) for name, number in zip(SIDES, change.ids, strict=True)}
        before, after = (_keys(con, name, numbers[name]) for name in SIDES)
        reads = rows.read_by([one for name, number in numbers.items() if number for one in _read(sources[name], number)])
        found += [_moved(change.number_id, way, keys) for way, keys in _ways(change, before, after, reads).items() if keys.len()]
    return Moves(pl.concat(found), _table_2(con, known, sides))


def people(
    con: duckdb.DuckDBPyConnection, made: Moves, rows: Differing, sides: Mapping[str, Side], most: int | None
) -> tuple[list[Person], tuple[int, int]]:
    """The first `most` people: those who moved, then those whose records alone differ; and how many there are of each.

    rows: the rows of the star that differ.
    """
    movers, differing = made.people(rows.persons), rows.persons.sort()
    others = differing.filter(~differing.is_in(pl.Series(movers, dtype=pl.Int64).implode()))
    chosen = [*movers[:most], *(others if most is None else others.head(most))][:most]
    own = located(con, rows_of(con, chosen), sides)
    wanted(con, "wanted_person", patient_key=pl.Series(chosen, dtype=pl.Int64))
    names, fired = dict(frame(con, query("person")).iter_rows()), _fired(con)
    was, numbers = _was(con, own), made.of(chosen)
    found = [
        Person(names[key], numbers[key], made.table_2.get(key, ()), tuple(own.get(key, ())), tuple(fired.get(key, ())), was.get(key, ""))
        for key in chosen
    ]
    return found, (len(movers), others.len())


def _ways(change: Change, before: pl.Series, after: pl.Series, differing: pl.Series) -> dict[str, pl.Series]:
    """Who entered, left or stayed with other cells. Nobody enters or leaves an estimate that is not made on one side: then those told of
    are the ones behind the other side whose cells differ.
    """
    if not change.has_people:
        return {STAYED: differing.filter(differing.is_in(pl.concat([before, after]).implode()))}
    return {
        ENTERED: after.filter(~after.is_in(before.implode())), LEFT: before.filter(~before.is_in(after.implode())),
        STAYED: differing.filter(differing.is_in(before.implode()) & differing.is_in(after.implode())),
    }  # fmt: skip


def _read(sources: pl.DataFrame, number: Mapping[str, object]) -> list[StarSource]:
    """What a number reads of the star, as its own release says it."""
    return star_sources(mart_columns(sources, str(number["study"]), str(number["output"]), str(number["row"])))


def _moved(number: str, way: str, keys: pl.Series) -> pl.DataFrame:
    return keys.alias("patient_key").to_frame().with_columns(number_id=pl.lit(number), way=pl.lit(way)).cast(MOVED)  # type: ignore[arg-type]


def _keys(con: duckdb.DuckDBPyConnection, name: str, number: Mapping[str, object] | None) -> pl.Series:
    if number is None or refused.is_refused(str(number["study"]), str(number["subjects_sql"])):
        return pl.Series("patient_key", [], pl.Int64)
    return subjects(con, name, str(number["subjects_sql"])).to_series(0).cast(pl.Int64).unique()


def _fired(con: duckdb.DuckDBPyConnection) -> dict[int, list[Fired]]:
    found: dict[int, list[Fired]] = {}
    for key, *finding in frame(con, query("fired")).iter_rows():
        found.setdefault(key, []).append(Fired(*finding))
    return found


def _was(con: duckdb.DuckDBPyConnection, own: Mapping[int, Sequence[Row]]) -> dict[int, str]:
    """By new person the pseudonym that a row of hers had before, where a file that both releases have delivers it.

    The number that the pseudonym is made of came from another file, which says something else today, or nothing.
    """
    new = [(key, row) for key, rows in own.items() for row in rows if (row.table, row.kind) == ("dim_patient", NEW)]
    lines = [(key, name, line) for key, row in new for name, line, is_same in row.after if is_same]
    schema = {"patient_key": pl.Int64, "source_file": pl.String, "source_row": pl.Int64}
    wanted(con, "wanted_line", **pl.DataFrame(lines, schema=schema, orient="row").to_dict())
    return dict(of_side(con, BEFORE, query("was")).iter_rows())


def _table_2(con: duckdb.DuckDBPyConnection, known: Mapping[str, pl.DataFrame], sides: Mapping[str, Side]) -> dict[int, tuple[str, ...]]:
    """By woman what became of her rows of Table 2: new, gone, or the columns that changed; never what they say."""
    before, after = (_rows_of_women(con, name, known[name], sides[name]) for name in SIDES)
    both = studies(sides[BEFORE]) & studies(sides[AFTER])
    found: dict[int, list[str]] = {}
    for key, study in sorted(place for place in before.keys() | after.keys() if place[1] in both):
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
            yield from one.table(path).iter_rows(named=True)
