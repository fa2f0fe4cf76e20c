"""Checks of the columns that a study makes itself: names that are taken, conditions over their records, values that cannot be taken."""

from __future__ import annotations

from typing import Protocol

import polars as pl
from sqlglot import exp

from schemas.candidate import INDEX, Known, known, of_rows
from schemas.claims import beside_candidate
from schemas.conditions import Conditions, columns_of
from schemas.core.errors import did_you_mean
from schemas.core.expression import ExpressionError
from schemas.domains import Codes
from schemas.study import Study
from schemas.study_column import COUNTING, NUMBERS, ORDERED, SOURCES, StudyColumn
from schemas.yaml_lines import Path, Source

# Columns of a drug whose words stand in the vocabulary of drugs and in no code list.
OF_DRUG = ("drug_class", "atc_code")


class DrugCodes(Codes, Protocol):
    """What knows the code lists and the drugs (`schemas.vocabulary.Vocabularies`)."""

    def table(self, name: str) -> pl.DataFrame:
        """One vocabulary as a frame with the columns of its dimension."""
        ...


def check_columns(source: Source, study: Study, codes: DrugCodes | None) -> None:
    """Report every mistake of the columns of a study; what names a broken one is reported where it stands."""
    taken = {column.name for column in known().columns} | set(known().dates) | beside_candidate(study)
    taken |= {f"{INDEX}{name}" for name in taken}
    for number, column in enumerate(study.columns):
        path = ("columns", number)
        if column.column in taken:
            source.report((*path, "column"), f"there is a column '{column.column}' already", "name it otherwise")
        taken |= {column.column, *(one.name for one in known(study.columns[: number + 1]).columns)}
        _records(source, study, codes, number)


def _records(source: Source, study: Study, codes: DrugCodes | None, number: int) -> None:
    """The condition and the value, over the records and what is known above the column."""
    column, path = study.columns[number], ("columns", number)
    over = of_rows(study.columns[:number], column)
    conditions = Conditions(source, columns_of(over.columns, over.dates), codes)
    conditions.add((*path, "where"), column.where)
    if column.take not in COUNTING and column.value is not None:
        _value(conditions, over, column, path)
    conditions.finish()
    if column.list == "drug" and codes is not None:
        _drugs(source, over, column, path, codes.table("drug"))


def _drugs(source: Source, over: Known, column: StudyColumn, path: Path, drugs: pl.DataFrame) -> None:
    """Report words that are compared with a class or ATC code and are none of any drug: the comparison would never hold."""
    try:
        tests = list(over.parsed(column.where).find_all(exp.EQ, exp.NEQ, exp.In))
    except ExpressionError:
        return
    for test in tests:
        sides = list(test.iter_expressions())
        for name in (side.name for side in sides if isinstance(side, exp.Column) and side.name in OF_DRUG):
            known_words = drugs[name].drop_nulls().unique()
            for word in (side.name for side in sides if isinstance(side, exp.Literal) and side.name not in known_words):
                source.report((*path, "where"), f"'where': no drug has the {name} '{word}'", did_you_mean(word, list(known_words)))


def _value(conditions: Conditions, over: Known, column: StudyColumn, path: Path) -> None:
    name = column.taken
    if name not in over.dates:
        conditions.add((*path, "value"), column.value, "number" if column.take in NUMBERS else "any")
    elif column.take not in ORDERED:
        conditions.source.report((*path, "value"), f"'take: {column.take}' takes no date", f"take: {ORDERED[0]} or {ORDERED[1]}")
    elif name not in _of_records(column, over):
        message = f"the date '{name}' is not one of the records: it is the same for all of them"
        conditions.source.report((*path, "value"), message, f"dates of these records: {', '.join(_of_records(column, over))}")


def _of_records(column: StudyColumn, over: Known) -> list[str]:
    return [item.column for item in SOURCES[column.list].items if item.column in over.dates]
