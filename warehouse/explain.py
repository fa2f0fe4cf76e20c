"""What stands behind one published number: its subjects, their star rows, and the file, line, column and steps of each.

Everything is read from one release; the cells themselves only on demand, through a reader that the caller hands in, since
the warehouse knows nothing of files.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import duckdb
import polars as pl
from sqlglot import exp

from schemas.claims import Claim
from schemas.column_map import COLUMN_MAP, column_map
from schemas.contract import Contract
from schemas.core.errors import ConfigurationError, Mistake, did_you_mean
from schemas.study import Study
from warehouse import refused
from warehouse.build import OFFLINE
from warehouse.explaining.corrections import applied_corrections
from warehouse.explaining.explanation import Explanation, Fired, StarRow, Subject
from warehouse.explaining.rows import PSEUDONYM, ReadCells, known_by, query, star_rows, with_cells, with_origins
from warehouse.number_sources import NUMBER_SOURCES, StarSource, mart_columns, number_sources, star_sources
from warehouse.own_records import OWN, OWN_COLUMNS, Record, judged, own_columns

LOCKED = {**OFFLINE, "enable_external_access": "false", "lock_configuration": "true"}
# A number whose study names no column for it stands on being delivered at all.
# Where the ids of numbers are to be read.
IDS = "the column number_id of the CSV files in share/studies/ has them all"
DELIVERED = (StarSource("dim_patient", frozenset({PSEUDONYM}), {}),)


def write_maps(
    release: Path, contracts: Iterable[Contract], studies: Iterable[Study], said: Mapping[str, Sequence[Claim]] | None = None
) -> None:
    """Stores beside run.json what `explain` needs of the project: `column_map.csv`, `number_sources.csv` and `own_columns.csv`."""
    studies = tuple(studies)
    column_map(contracts).write_csv(release / "column_map.csv")
    number_sources(studies, said).write_csv(release / "number_sources.csv")
    own_columns(studies).write_csv(release / "own_columns.csv")


def explain(release: Path, number_id: str, read_cells: ReadCells | None = None, most: int | None = None) -> Explanation:
    """The explanation of one number of a release; with `read_cells` the cells too (those of the person identifier never).

    With `most` only the first subjects are looked up. Raises ConfigurationError where the release has no such number.
    """
    with locked(release / "warehouse.duckdb") as con:
        return explained(con, release, number_id, read_cells, most)


def explained(
    con: duckdb.DuckDBPyConnection, release: Path, number_id: str, read_cells: ReadCells | None = None, most: int | None = None
) -> Explanation:
    """As `explain`, on an open connection to the warehouse of the release."""
    number = _number(con, number_id)
    if refused.is_refused(number["study"], number["subjects_sql"]):
        return Explanation(number_id, None, (), refused=number["study"])
    people, total = _people(con, number, most)
    columns = _stored(release, "column_map", COLUMN_MAP)
    reads = _reads(release, number)
    verdicts = _verdicts(con, release, number["study"], reads)
    rows = with_origins(con, star_rows(con, star_sources(reads) or DELIVERED, verdicts), columns)
    shown = {row.patient_key for row in rows if row.origins}
    rows += known_by(con, {p["patient_key"]: p[PSEUDONYM] for p in people if p[PSEUDONYM] and p["patient_key"] not in shown}, columns)
    fired = con.sql(query("finding")).fetchall()
    if read_cells is not None:
        rows = with_cells(rows, read_cells)
    corrections = applied_corrections(release / "internal" / "corrections.csv", rows)
    return Explanation(number_id, number["value"], tuple(_subjects(people, rows, fired)), corrections, total=total)


def subjects(con: duckdb.DuckDBPyConnection, number_id: str) -> list[int]:
    """The patient_key of each person behind one number, in order; raises ConfigurationError where there is no such number."""
    return _keys(con, _number(con, number_id))


def locked(path: Path) -> duckdb.DuckDBPyConnection:
    """A connection to a warehouse that can neither write nor reach outside it."""
    return duckdb.connect(str(path), read_only=True, config=LOCKED)


def _number(con: duckdb.DuckDBPyConnection, number_id: str) -> dict[str, Any]:
    found = pl.DataFrame(con.sql(query("number"), params={"number_id": number_id}).to_arrow_table())
    if found.is_empty():
        known = (name for (name,) in con.sql(exp.select("number_id").from_("mart_number").sql("duckdb")).fetchall())
        raise ConfigurationError([Mistake(number_id, None, "no number of this release has this id", did_you_mean(number_id, known) or IDS)])
    return found.row(0, named=True)


def _keys(con: duckdb.DuckDBPyConnection, number: Mapping[str, Any]) -> list[int]:
    return sorted({key for (key, *_) in con.sql(number["subjects_sql"]).fetchall()})


def _people(con: duckdb.DuckDBPyConnection, number: Mapping[str, Any], most: int | None) -> tuple[list[dict[str, Any]], int]:
    """The first subjects, and how many there are.

    Leaves those on the connection as `wanted_subject`, and the tumours that the study means as `wanted_tumour`.
    """
    keys = pl.DataFrame({"patient_key": _keys(con, number)}, schema={"patient_key": pl.Int64})
    con.register("wanted_subject", keys.to_arrow())
    people = pl.DataFrame(con.sql(query("subject"), params={"study": number["study"]}).to_arrow_table())
    first = people if most is None else people.head(most)
    con.register("wanted_subject", first.select("patient_key").to_arrow())
    con.register("wanted_tumour", first.select("tumour_key").drop_nulls().to_arrow())
    return first.rows(named=True), people.height


def _reads(release: Path, number: Mapping[str, Any]) -> list[str]:
    stored = _stored(release, "number_sources", NUMBER_SOURCES)
    return mart_columns(stored, number["study"], number["output"], number["row"])


def _verdicts(con: duckdb.DuckDBPyConnection, release: Path, study: str, reads: Iterable[str]) -> Mapping[Record, tuple[str, ...]]:
    """What the columns that the study makes itself say of their records; nothing is asked where the number reads none."""
    names = [name.removeprefix(OWN) for name in reads if name.startswith(OWN)]
    return judged(con, _stored(release, "own_columns", OWN_COLUMNS), study, names) if names else {}


def _stored(release: Path, name: str, schema: Mapping[str, type[pl.DataType]]) -> pl.DataFrame:
    """One of the tables of `write_maps`, its columns by their names, whatever stands between them."""
    found = pl.read_csv(release / f"{name}.csv", infer_schema=False, empty_string_is_null=False)
    if lacks := [column for column in schema if column not in found.columns]:
        says = f"was written by another version: it lacks {', '.join(lacks)}"
        raise ConfigurationError([Mistake(f"{release.name}/{name}.csv", None, says, "explain it with that version")])
    return found.select(pl.col(column).cast(kind) for column, kind in schema.items())


def _subjects(people: Iterable[Mapping[str, Any]], rows: Iterable[StarRow], fired: Iterable[tuple[Any, ...]]) -> Iterator[Subject]:
    own: dict[int, list[StarRow]] = {}
    for row in rows:
        own.setdefault(row.patient_key, []).append(row)
    found: dict[int, list[tuple[Any, ...]]] = {}
    for key, *finding in fired:
        found.setdefault(key, []).append(tuple(finding))
    for person in people:
        key = person["patient_key"]
        yield Subject(person[PSEUDONYM], person["subject_label"], tuple(own.get(key, ())), _counted(found.get(key, ())))


def _counted(findings: Iterable[tuple[Any, ...]]) -> tuple[Fired, ...]:
    """What fired, each edit at each place once; the columns of all its findings together."""
    found: dict[tuple[Any, ...], Fired] = {}
    for finding in findings:
        one, place = Fired(*finding), finding[:-1]
        before = found.get(place)
        found[place] = one if before is None else replace(one, columns=_together((before.columns, one.columns)), n=before.n + 1)
    return tuple(found.values())


def _together(columns: Iterable[str | None]) -> str | None:
    return " ".join(dict.fromkeys(name for names in columns for name in (names or "").split())) or None
