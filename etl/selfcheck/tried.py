"""One run of the line in a scratch folder, and how what it made differs from what another made."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path

import duckdb
import polars as pl

from etl.options import RunOptions
from etl.pipeline import run
from etl.progress import Progress
from schemas.core.errors import RefusedError
from warehouse import refused
from warehouse.audit import LOADED
from warehouse.differing.numbers import known_numbers
from warehouse.differing.rows import Differing, differing
from warehouse.differing.sides import AFTER, BEFORE, Side, frame, of_side, query, side, side_by_side, wanted

# Findings about how a file was written; a law that writes it in another way may change them.
ABOUT_FILES = "READ-"
# Findings about what one row says: how a cell of it was read, and that it contradicts what was kept. Each such row has its own.
ABOUT_ROWS = "^(NORM-|LINK-CONFLICT$)"
EXTRA = "READ-EXTRA-COLUMN"
FEW = 3
# One row per finding: its edit, and the row that it is about.
TOLD = {"edit": pl.String, "source_file": pl.String, "source_row": pl.Int64}
LEDGER = ("source_file", "stage", "unit", "fate", "reason", "n")


@dataclass(frozen=True)
class Scratch:
    """Where the runs of one selfcheck are made: its copy of the project folder, and the day they are judged as of."""

    folder: Path
    project: Path
    as_of: date


@dataclass(frozen=True)
class Differences:
    """How what was made of one delivery differs from what was made of another: sentences, without a value; and what was compared.

    rows: rows of the star that differ. numbers: the number_id of those with another value.
    findings: by edit how many more there are. ledger: by stage, unit and fate how many more. extra: the files with a notice of columns
    that are not read, before and after. of_rows: TOLD, before. persons: pseudonyms of the first whose rows differ.
    """

    rows: Differing
    numbers: tuple[str, ...]
    findings: dict[str, int]
    ledger: dict[tuple[str, str, str], int]
    compared: int
    extra: tuple[frozenset[str], frozenset[str]] = (frozenset(), frozenset())
    persons: tuple[str, ...] = ()
    of_rows: pl.DataFrame = field(default_factory=lambda: pl.DataFrame(schema=TOLD))

    @property
    def whose(self) -> str:
        """The first persons of whom rows differ, to begin to look with."""
        return f" (pseudonyms {', '.join(self.persons)})" if self.persons else ""

    def without_copies_of(self, copied: Iterable[tuple[str, int]]) -> Differences:
        """The same without the findings about these rows, each of which stands once more: a copy is not understood either."""
        again = pl.DataFrame(list(copied), schema=list(TOLD.items())[1:], orient="row").join(self.of_rows, on=["source_file", "source_row"])
        rest = Counter(self.findings)
        rest.subtract(again["edit"])
        return replace(self, findings={edit: n for edit, n in rest.items() if n})

    def told(self, *, allowed: Iterable[str] = (), with_ledger: bool = True) -> Iterator[str]:
        """What differs, findings whose edits are `allowed` apart."""
        if self.numbers:
            yield f"{len(self.numbers):,} published numbers differ: {first(self.numbers)}"
        if self.rows.whose.height:
            counted = self.rows.counts()
            each = ((table, n, kind) for table, *ns in counted.iter_rows() for kind, n in zip(counted.columns[1:], ns, strict=True) if n)
            said = (f"{table} {n:,} {kind}" for table, n, kind in each)
            yield "rows of the star differ: " + ", ".join(said) + self.whose
        if more := {edit: n for edit, n in self.findings.items() if not edit.startswith(ABOUT_FILES) and edit not in allowed}:
            yield "findings differ: " + ", ".join(f"{edit} {n:+,}" for edit, n in sorted(more.items()))
        if with_ledger and self.ledger:
            yield "fates differ: " + ", ".join(f"{' '.join(place)} {n:+,}" for place, n in sorted(self.ledger.items()))


def tried(scratch: Scratch, name: str, exports: Path) -> Side:
    """What the line makes of these exports; raises RefusedError where it makes nothing. A gate that refuses to publish changes nothing."""
    options = RunOptions(exports, scratch.as_of)
    outcome = run(scratch.project, scratch.folder / name, options, Progress(quiet=True))
    if outcome.place is None or not (outcome.place / "run.json").is_file():
        raise RefusedError(f"the line makes no release of it: {outcome.reason}")
    return side(outcome.place)


def differences(before: Side, after: Side) -> Differences:
    """How two runs differ, whatever their files are called."""
    with side_by_side(before, after) as con:
        rows, known = differing(con), known_numbers(con)
        wanted(con, "wanted_person", patient_key=rows.persons.sort().head(FEW))
        persons = tuple(str(name) for _, name in frame(con, query("person")).iter_rows() if name)
        findings = {edit: new for edit, old, now, *_ in frame(con, query("finding")).iter_rows() if (new := now - old)}
    both = known[BEFORE].join(known[AFTER], on="number_id", how="full", coalesce=True, suffix="_after")
    other = pl.col("exact").ne_missing(pl.col("exact_after")) | pl.col("study").is_null() | pl.col("study_after").is_null()
    numbers = tuple(both.filter(other)["number_id"].sort())
    old, new = _told(before), _told(after)
    extra, of_rows = (_with_notice(old), _with_notice(new)), old.filter(pl.col("edit").str.contains(ABOUT_ROWS))
    return Differences(rows, numbers, findings, _ledger(before, after), both.height, extra, persons, of_rows)


def star_rows(one: Side) -> int:
    """How many rows of the star, those that `differences` compares, a run has."""
    return sum(one.run["rows"].get(table, 0) for table in LOADED)


def behind(before: Side, after: Side, outputs: Iterable[str]) -> Iterator[tuple[str, frozenset[int], frozenset[int]]]:
    """Of each number of these tables that counts people who they are before and after."""
    with side_by_side(before, after) as con:
        known = {name: frame_.filter(pl.col("output").is_in(list(outputs))) for name, frame_ in known_numbers(con).items()}
        keys = {name: dict(_behind(con, name, frame_)) for name, frame_ in known.items()}
    for number in sorted(keys[BEFORE].keys() | keys[AFTER].keys()):
        yield number, keys[BEFORE].get(number, frozenset()), keys[AFTER].get(number, frozenset())


def _behind(con: duckdb.DuckDBPyConnection, name: str, numbers: pl.DataFrame) -> Iterator[tuple[str, frozenset[int]]]:
    for number, study, sql in numbers.select("number_id", "study", "subjects_sql").iter_rows():
        if not refused.is_refused(study, sql):
            yield number, frozenset(of_side(con, name, sql).to_series(0))


def _ledger(before: Side, after: Side) -> dict[tuple[str, str, str], int]:
    old, new = (_fates(one) for one in (before, after))
    return {place: n for place in old.keys() | new.keys() if (n := new.get(place, 0) - old.get(place, 0))}


def _told(one: Side) -> pl.DataFrame:
    """TOLD, one row per finding."""
    return pl.read_csv(one.path / "internal" / "findings.csv", columns=list(TOLD), schema_overrides=TOLD)


def _with_notice(found: pl.DataFrame) -> frozenset[str]:
    return frozenset(found.filter(pl.col("edit") == EXTRA)["source_file"].drop_nulls())


def _fates(one: Side) -> dict[tuple[str, str, str], int]:
    lines = pl.read_csv(one.path / "ledger.csv", columns=list(LEDGER), empty_string_is_null=False)
    counted = lines.group_by("stage", "unit", "fate").agg(pl.col("n").sum())
    return {(stage, unit, fate): n for stage, unit, fate, n in counted.iter_rows() if stage != "land"}


def first(names: Iterable[str], most: int = FEW) -> str:
    """The first names, and how many more there are."""
    found = list(names)
    return ", ".join(found[:most]) + (f" and {len(found) - most:,} more" if len(found) > most else "")
