"""What items.csv allows in a column, read once for the DDL and for the pandera models.

The `domain` of an item is a closed range (`0..120`), a code list, or, for a parent, a table.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from typing import Protocol

from schemas.facts import own_rows
from schemas.items import Column

# The vocabulary of drugs also says what kind of treatment a drug is: a column and a list that is not its own.
OF_DRUG = ("modality_code", "drug")
PRECISIONS = ("day", "month", "year", "ambiguous", "unknown")


class Codes(Protocol):
    """What knows the code lists (`schemas.vocabulary.Vocabularies`)."""

    def codes(self, domain: str) -> frozenset[str]:
        """The codes of one list."""
        ...


def bounds(column: Column) -> tuple[int, int] | None:
    """Least and greatest value of a measure, both allowed; None where items.csv names no range."""
    low, dots, high = column.item.domain.partition("..")
    return (int(low), int(high)) if dots and column.type in {"int", "bigint", "float"} else None


def ranges(columns: Iterable[Column]) -> dict[str, tuple[float, float]]:
    """The `bounds` of the columns that have any, by name."""
    return {column.name: found for column in columns if (found := bounds(column)) is not None}


def code_list(column: Column) -> str | None:
    """Name of the closed code list of a text column; None where it has none (a parent's domain is a table)."""
    item = column.item
    listed = item.domain and ".." not in item.domain and item.role != "parent" and item.type == "text"
    return item.domain if listed else None


def natural_key(columns: tuple[Column, ...]) -> tuple[str, ...]:
    """The columns that name a row of a star table without its hash: identity columns and the parents no row lacks."""
    return tuple(c.name for c in columns if c.item.role == "identity" or (c.item.role == "parent" and not c.nullable))


@cache
def _grains() -> dict[str, str]:
    return {row["table"]: row["grain"] for row in own_rows("schemas", "tables.csv")}


def grain(table: str) -> str:
    """The sentence `One row per …, identified by ….` of one table."""
    return _grains()[table]
