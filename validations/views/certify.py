"""Certifies the edit views: every small mistake that could be in the SQL of one changes the rows that one of its cases expects.

An edit is certified by what it makes of its view's columns; that these are what they say is certified here (tests/views/VIEW.yml).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
import polars as pl
from sqlglot import exp

from schemas.core.errors import ConfigurationError, Mistake
from schemas.core.expression import locked_connection
from schemas.items import RECORDS
from schemas.staging import PSEUDONYM
from schemas.vocabulary import Vocabularies
from validations.cases import AS_OF, records_of
from validations.certified import EQUIVALENT, Verdict, equivalent, verdict
from validations.knowledge import knowledge
from validations.views.cases import ViewCase, view_cases_of
from validations.views.mutants import view_mutants
from validations.views.set import opened
from validations.views.text import KEYS, PARTS, statement

VIEWS = (*PARTS, *RECORDS)
Rows = list[Counter[tuple[Any, ...]]]  # per case: the rows, by the columns that it names


@dataclass(frozen=True)
class Opened:
    """One view to judge: its cases, its statement, the tables that it reads as frames, and whose key is whose."""

    name: str
    cases: Sequence[ViewCase]
    tree: exp.Expr
    tables: Mapping[str, pl.DataFrame]
    owners: Mapping[str, Mapping[int, int]]  # name of a key -> key -> number of the case


def certified_views(names: Iterable[str], folder: Path, vocabularies: Vocabularies) -> Iterator[Verdict]:
    """One verdict per view, in the order given; `folder` holds the cases and equivalent.csv.

    Raises ConfigurationError for a view without cases and for mistakes in them.
    """
    listed = equivalent(folder / EQUIVALENT)
    for one in _opened(names, folder, vocabularies):
        with locked_connection() as connection:
            types = {table: _register(connection, table, frame) for table, frame in one.tables.items()}
            original, unmet = _judged(connection, one)
            made = view_mutants(one.tree, types, vocabularies)
            rows = [(mutant, _rows(connection, one, mutant.statement)) for mutant in made]
        fit = [(mutant, found) for mutant, found in rows if found is not None]
        yield verdict(one.name, unmet, len(fit), [mutant for mutant, found in fit if found == original], listed)


def unmet_by_view(names: Iterable[str], folder: Path, vocabularies: Vocabularies) -> dict[str, tuple[str, ...]]:
    """By view: the cases whose rows it does not make."""
    found = {}
    for one in _opened(names, folder, vocabularies):
        with locked_connection() as connection:
            for table, frame in one.tables.items():
                _register(connection, table, frame)
            found[one.name] = _judged(connection, one)[1]
    return found


def read_by(records: Iterable[str]) -> tuple[str, ...]:
    """The views that the edits of these records read, each before those that read it."""
    found, ahead = set[str](), list(records)
    while ahead:
        name = ahead.pop()
        if name not in found:
            found.add(name)
            ahead += [table.name for table in statement(name).find_all(exp.Table) if table.name in PARTS]
    return tuple(name for name in VIEWS if name in found)


def _cases(folder: Path, name: str) -> list[ViewCase]:
    path = folder / f"{name}.yml"
    if not path.is_file():
        raise ConfigurationError([Mistake(f"{folder.name}/{path.name}", None, f"the view {name} has no cases")])
    return view_cases_of(path)


def _opened(names: Iterable[str], folder: Path, vocabularies: Vocabularies) -> list[Opened]:
    """The views with the tables that each reads; the people of all cases stand in them, each judged with her own view only."""
    cases = {name: _cases(folder, name) for name in names}
    records = records_of({f"{name}/{number}": case.given for name, listed in cases.items() for number, case in enumerate(listed)})
    trees = {name: statement(name) for name in cases}
    read = {name: sorted({table.name for table in tree.find_all(exp.Table)}) for name, tree in trees.items()}
    with opened(records, AS_OF, knowledge(vocabularies)) as connection:
        tables = {table: _all(connection, exp.to_table(table)) for table in sorted({one for listed in read.values() for one in listed})}
    people = {key: _people(records, key) for key in KEYS}
    return [
        Opened(name, cases[name], trees[name], {table: tables[table] for table in read[name]}, _of_view(people, name)) for name in cases
    ]


def _people(records: Mapping[str, pl.DataFrame], key: str) -> dict[int, str]:
    frames = [frame.select(key, PSEUDONYM) for frame in records.values() if {key, PSEUDONYM} <= {*frame.columns}]
    return dict(pl.concat(frames).iter_rows())


def _of_view(people: Mapping[str, Mapping[int, str]], name: str) -> dict[str, dict[int, int]]:
    """By key: the number of the case of the view that it is of."""
    return {
        key: {one: int(person.partition("/")[2]) for one, person in owners.items() if person.partition("/")[0] == name}
        for key, owners in people.items()
    }


def _all(connection: duckdb.DuckDBPyConnection, table: exp.Table) -> pl.DataFrame:
    return pl.DataFrame(connection.sql(exp.select("*").from_(table).sql("duckdb")).to_arrow_table())


def _register(connection: duckdb.DuckDBPyConnection, table: str, frame: pl.DataFrame) -> dict[str, str]:
    connection.register(table, frame.to_arrow())
    return {name: str(kind) for name, kind in frame.schema.items()}


def _judged(connection: duckdb.DuckDBPyConnection, one: Opened) -> tuple[Rows | None, tuple[str, ...]]:
    """What the view makes of each case, and the cases that expect something else."""
    expected, made = _expected(connection, one), _rows(connection, one, one.tree)
    return made, tuple(case.case for number, case in enumerate(one.cases) if made is None or made[number] != expected[number])


def _expected(connection: duckdb.DuckDBPyConnection, one: Opened) -> Rows:
    columns = _found(connection, one.tree)
    names = [] if columns is None else columns.columns
    return [Counter(tuple(row.values()) for row in case.expected(names)) for case in one.cases]


def _rows(connection: duckdb.DuckDBPyConnection, one: Opened, tree: exp.Expr) -> Rows | None:
    """What the statement makes of each case; None for one that does not fit its tables. A column that is not there is its own value."""
    found = _found(connection, tree)
    if found is None:
        return None
    key = next((name for name in KEYS if name in found.columns), None)
    of_case: dict[int, list[dict[str, Any]]] = {}
    for row in found.iter_rows(named=True):
        of_case.setdefault(one.owners[key].get(row[key], -1) if key else -1, []).append(row)
    return [_counted(case.expected(found.columns), of_case.get(number, [])) for number, case in enumerate(one.cases)]


def _counted(expected: Sequence[Mapping[str, Any]], rows: Sequence[Mapping[str, Any]]) -> Counter[tuple[Any, ...]]:
    named = list(expected[0]) if expected else []
    return Counter(tuple(row.get(name, KeyError) for name in named) for row in rows)


def _found(connection: duckdb.DuckDBPyConnection, tree: exp.Expr) -> pl.DataFrame | None:
    try:
        return pl.DataFrame(connection.sql(tree.sql("duckdb", comments=False)).to_arrow_table())
    except duckdb.Error:
        return None
