"""Rows that hold all tumours of a person, in columns of one field and several instances (`p40005_i0`, `p40005_i1` of UK Biobank) or in
columns that number the tumours (`Tumour 1 Stage`, `Tumour 2 Stage`)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from etl.draft.columns import Column
from etl.draft.rules import Rule
from schemas.header_words import of_numbered_tumour

DIAGNOSIS, NUMBER = "tumour.diagnosis", "tumour.tumour_no"


def with_tumours(columns: Sequence[Column]) -> list[Column]:
    """The columns, those of numbered tumours as instances: where there are two or more, and each has a day of diagnosis.

    Without such a day Tumour 1 and Tumour 2 may be two foci of one cancer. Beside them nobody knows which tumour a column without a
    number tells of, so it is not used.
    """
    said = {column.name: of for column in columns if (of := of_numbered_tumour(column.called)) is not None and of[1] != NUMBER}
    filled = {said[column.name] for column in columns if column.name in said and column.filled}
    tumours = {number for number, _ in said.values()}
    if len(tumours) < 2 or min(tumours) != 1 or any((number, DIAGNOSIS) not in filled for number, _ in filled):
        return [*columns]
    return [_numbered(column, said[column.name]) if column.name in said else _without(column) for column in columns]


def _numbered(column: Column, of: tuple[int, str]) -> Column:
    number, meaning = of
    return replace(column, meaning=meaning, number=number - 1 or None, is_instance=True)


def _without(column: Column) -> Column:
    return replace(column, meaning=None) if (column.meaning or "").startswith("tumour.") else column


def instances(columns: Sequence[Column]) -> list[int]:
    """The numbers of the tumours after the first of which a cell is filled; empty where the columns are no instances."""
    return sorted({column.number for column in columns if column.is_instance and column.number is not None and column.filled})


def are_instances(columns: Sequence[Column]) -> bool:
    """Whether each tumour has columns of its own: a person of whom none is filled has no tumour."""
    return any(column.is_instance for column in columns)


def of_instance(columns: Sequence[Column], number: int) -> list[Column]:
    """The columns of one tumour after the first, as if it were the only one, and those of the person."""
    own = [replace(column, number=None) for column in columns if column.is_instance and column.number == number]
    return [*own, *(column for column in columns if column.meaning is not None and column.meaning.startswith("person."))]


def numbered(rules: Iterator[Rule], number: int) -> Iterator[Rule]:
    """The rules as those of the tumour of that number."""
    for rule in rules:
        who, *said = rule.set.items()
        name = rule.rule if number == 1 else f"{rule.rule}_{number}"
        yield replace(rule, rule=name, set=dict([who, ("tumour_no", {"value": number}), *said]))
