"""Certifies edits: every small mistake that could be in one (a mutant) must change the outcome of one of its cases.

`python -m validations.mutate [CODE …]` does so for the built-in edits and their cases in tests/edits, and for the SQL of the views
that they read and its cases in tests/views (validations/views/certify.py; the name of a view stands for it alone),
`python -m validations.mutate --project FOLDER [CODE …]` for the edits.yml of a project and its cases in edit_cases/CODE.yml.
Prints per edit mutants, killed and listed, and each survivor as SQL. A mutant that means the same as the edit is listed, with
the reason, in equivalent.csv beside the cases. Exit 1: a case with another outcome, an edit without cases, a survivor that is
not listed, a listed one that is none; 2: a mistake in the project.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path

import duckdb
import polars as pl
from sqlglot import exp

from schemas import vocabulary
from schemas.configuration import EDITS
from schemas.core.errors import ConfigurationError, Mistake, OncomartError, RefusedError, did_you_mean
from schemas.core.expression import locked_connection
from schemas.core.three_valued import OUTCOMES, ThreeValued, outcome
from schemas.items import RECORDS
from schemas.vocabulary import Vocabularies
from validations.cases import AS_OF, Case, cases_of, records_of
from validations.certified import EQUIVALENT, Listed, Verdict, equivalent, summed, told, verdict
from validations.compile import PARTS_READ
from validations.edit import Edit
from validations.knowledge import knowledge
from validations.load import built_in_edits, load_edits
from validations.local_cases import LOCAL_CASES
from validations.mutants import Mutant, mutants, pair_of
from validations.views.certify import VIEWS, certified_views, read_by
from validations.views.set import opened
from validations.views.text import KEY, view

BUILT_IN_CASES = Path(__file__).resolve().parent.parent / "tests" / "edits"
VIEW_CASES = BUILT_IN_CASES.with_name("views")
ORIGINAL, ROWS, PLACE = "original", "case_rows", "place"


def certified(edits: Iterable[Edit], folder: Path, vocabularies: Vocabularies) -> Iterator[Verdict]:
    """One verdict per edit, in the order given; `folder` holds the cases and equivalent.csv.

    Raises ConfigurationError for an edit without cases and for mistakes in them.
    """
    chosen = tuple(edits)
    listed = equivalent(folder / EQUIVALENT)
    cases = {edit.edit: _cases(folder, edit) for edit in chosen}
    rows = _rows(chosen, cases, vocabularies)
    for edit in chosen:
        yield _verdict(edit, cases[edit.edit], rows[edit.edit], mutants(edit, vocabularies), listed)


def _cases(folder: Path, edit: Edit) -> list[Case]:
    path = folder / f"{edit.edit}.yml"
    if not path.is_file():
        raise ConfigurationError(
            [Mistake(f"{folder.name}/{path.name}", None, f"{edit.edit} has no cases", "docs/edits.md says how to write them")]
        )
    return cases_of(path)[0]


def _rows(edits: Sequence[Edit], cases: Mapping[str, list[Case]], vocabularies: Vocabularies) -> dict[str, pl.DataFrame]:
    """By edit: the row of its view that each of its cases asks about, in the order of the cases."""
    people = {f"{edit}/{number}": case.given for edit, listed in cases.items() for number, case in enumerate(listed)}
    records = records_of(people)
    first = {name: records[name].unique("patient_pseudonym", keep="first", maintain_order=True).select(KEY) for name in RECORDS}
    with opened(records, AS_OF, knowledge(vocabularies)) as connection:
        asked = {record: exp.select("*").from_(view(record)).sql("duckdb") for record in {edit.record for edit in edits}}
        views = {record: pl.DataFrame(connection.sql(query).to_arrow_table()) for record, query in asked.items()}
    views = {record: rows.join(first[record], on=KEY, how="semi") for record, rows in views.items()}
    return {edit.edit: _of(views[edit.record], edit.edit, len(cases[edit.edit])) for edit in edits}


def _of(rows: pl.DataFrame, edit: str, n_cases: int) -> pl.DataFrame:
    names = pl.DataFrame({"patient_pseudonym": [f"{edit}/{number}" for number in range(n_cases)]})
    return names.join(rows, on="patient_pseudonym", how="left", maintain_order="left")


def _verdict(edit: Edit, cases: list[Case], rows: pl.DataFrame, made: list[Mutant], listed: Listed) -> Verdict:
    outcomes = _outcomes(edit, rows, made)
    original = outcomes[ORIGINAL].to_list()
    words = [OUTCOMES[code] for code in original]
    unmet = tuple(case.case for case, word in zip(cases, words, strict=True) if word != case.outcome)
    alive = [
        mutant for number, mutant in enumerate(made) if f"{number}" in outcomes.columns and outcomes[f"{number}"].to_list() == original
    ]
    return verdict(edit.edit, unmet, len(outcomes.columns) - 1, alive, listed)


def _outcomes(edit: Edit, rows: pl.DataFrame, made: list[Mutant]) -> pl.DataFrame:
    """One row per case: the outcome of the edit, and of each mutant by its number, all in one query."""
    written = {part: pair_of(edit.record, getattr(edit, part)) for part in PARTS_READ}
    pairs = {f"{ORIGINAL} {part}": pair for part, pair in written.items() if pair is not None}
    pairs |= {f"{number} {mutant.part}": mutant.pair for number, mutant in enumerate(made)}
    with locked_connection() as connection:
        connection.register(ROWS, rows.with_row_index(PLACE).to_arrow())
        found = _computed(connection, pairs)
        if found is not None:
            return found
        # A mutant that does not fit the types of its columns is none; the others are judged without it.
        fits = {name for name in pairs if _computed(connection, _alone(pairs, name)) is not None}
        found = _computed(connection, {name: pair for name, pair in pairs.items() if name in fits})
    if found is None:
        raise RefusedError(f"{edit.edit} cannot be computed on its cases")
    return found


def _alone(pairs: Mapping[str, ThreeValued], name: str) -> dict[str, ThreeValued]:
    return {other: pair for other, pair in pairs.items() if other == name or other.startswith(ORIGINAL)}


def _computed(connection: duckdb.DuckDBPyConnection, pairs: Mapping[str, ThreeValued]) -> pl.DataFrame | None:
    """Each pair is computed once, in an inner SELECT; the outer one makes outcomes of them."""
    inner = {f"{name} {word}": getattr(pair, word) for name, pair in pairs.items() for word in ("certain", "possible")}
    numbers = dict.fromkeys((ORIGINAL, *(name.partition(" ")[0] for name in pairs)))
    outer = {number: outcome(*(_by_name(pairs, number, part) for part in PARTS_READ)) for number in numbers}
    source = _select(inner, PLACE).from_(ROWS, copy=False).subquery("pairs", copy=False)
    query = _select(outer, PLACE).from_(source, copy=False).order_by(PLACE, copy=False)
    try:
        return pl.DataFrame(connection.sql(query.sql("duckdb", comments=False, copy=False)).to_arrow_table()).drop(PLACE)
    except duckdb.Error:
        return None


def _by_name(pairs: Mapping[str, ThreeValued], number: str, part: str) -> ThreeValued:
    """The pair of a mutant's part as columns of the inner SELECT: its own where the part differs, else the edit's."""
    name = f"{number} {part}" if f"{number} {part}" in pairs else f"{ORIGINAL} {part}"
    return ThreeValued(*(exp.column(exp.to_identifier(f"{name} {word}", quoted=True)) for word in ("certain", "possible")))


def _select(expressions: Mapping[str, exp.Expr], key: str) -> exp.Select:
    chosen = [exp.alias_(expression, name, quoted=True, copy=False) for name, expression in expressions.items()]
    return exp.Select(expressions=[exp.column(key), *chosen])


def main(arguments: Sequence[str] | None = None) -> int:
    """Certify the edits named (all of them where none is); returns the exit code."""
    options = _options(arguments)
    try:
        edits, folder, vocabularies = _given(options.project)
        views = VIEWS if options.project is None else ()
        chosen = _chosen(edits, views, options.codes)
        read = [name for name in read_by({edit.record for edit in chosen}) if name in views]
        named = [*read, *(name for name in views if name in options.codes and name not in read)]
        verdicts = [_said(one) for one in certified(chosen, folder, vocabularies)]
        of_views = [_said(one) for one in certified_views(named, VIEW_CASES, vocabularies)]
    except OncomartError as error:
        sys.stderr.write(f"{error}\n")
        return error.exit_code
    sums = [summed(verdicts, "edits")] if verdicts else []
    sys.stdout.write("".join(f"{line}\n" for line in (*sums, *([summed(of_views, "views")] if of_views else []))))
    return 0 if all(one.is_certified for one in (*verdicts, *of_views)) else 1


def _said(one: Verdict) -> Verdict:
    sys.stdout.write("".join(f"{line}\n" for line in told(one)))
    return one


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m validations.mutate", description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("codes", nargs="*", metavar="CODE", help="edits or views to certify (default: all)")
    parser.add_argument("--project", type=Path, help="project folder with edits.yml and edit_cases/")
    return parser.parse_args(arguments)


def _given(project: Path | None) -> tuple[tuple[Edit, ...], Path, Vocabularies]:
    """The edits to choose from, the folder of their cases, the code lists."""
    if project is None:
        return built_in_edits(), BUILT_IN_CASES, vocabulary.load(None)
    spellings = project / "vocabularies"
    vocabularies = vocabulary.load(spellings if spellings.is_dir() else None)
    own = project / EDITS
    if not own.is_file():
        raise ConfigurationError(
            [Mistake(own.name, None, f"there is no {EDITS} in the project folder", "without --project the built-in edits are certified")]
        )
    known = {edit.edit for edit in built_in_edits()}
    return tuple(edit for edit in load_edits(own, vocabularies) if edit.edit not in known), project / LOCAL_CASES, vocabularies


def _chosen(edits: Sequence[Edit], views: Sequence[str], codes: Sequence[str]) -> list[Edit]:
    """The edits of these codes, all where there are none; a code may name a view instead."""
    known = {*(edit.edit for edit in edits), *views}
    unknown = [Mistake(code, None, "there is no such edit here", did_you_mean(code, known)) for code in codes if code not in known]
    if unknown:
        raise ConfigurationError(unknown)
    return [edit for edit in edits if not codes or edit.edit in codes]


if __name__ == "__main__":
    sys.exit(main())
