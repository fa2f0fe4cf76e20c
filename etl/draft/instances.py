"""Rows that hold all tumours of a person, in columns of one field and several instances (`p40005_i0`, `p40005_i1` of UK Biobank)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from etl.draft.columns import Column
from etl.draft.rules import Rule


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
