"""Facts that a project may replace by a file of the same name in its `vocabularies` folder (DESIGN 10).

The built-in tables are read from public sources; a site that holds a licence of its own, or whose laboratories use other
cut-offs, puts its table there. It takes the place of the built-in one as a whole.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

import polars as pl

from schemas.core.errors import Mistake, did_you_mean
from schemas.facts import Row, shipped
from schemas.vocabularies.code_list import labels
from schemas.vocabularies.tables import Schema, frame


@dataclass(frozen=True)
class Fact:
    """One table of facts: its columns, how many of them from the left identify a row, and the code lists of those that hold codes."""

    schema: Schema
    identity: int
    domains: dict[str, str]
    filled: tuple[str, ...]


_T, _N, _M, _EDITION = "t_category", "n_category", "m_category", "tnm_edition"
FACTS = {
    "stage_groups": Fact(
        dict.fromkeys(("tnm_edition_code", "t_code", "n_code", "m_code", "stage_code", "finding"), pl.String), 4,
        {"tnm_edition_code": _EDITION, "t_code": _T, "n_code": _N, "m_code": _M, "stage_code": "stage"},
        ("tnm_edition_code", "t_code", "n_code", "m_code"),
    ),
    "stage_editions": Fact(
        {"tnm_edition_code": pl.String, "first_day": pl.Date, "last_day": pl.Date}, 1, {"tnm_edition_code": _EDITION},
        ("tnm_edition_code", "first_day", "last_day"),
    ),
    "node_counts": Fact(
        {"tnm_edition_code": pl.String, "n_code": pl.String, "min_positive": pl.Int32, "max_positive": pl.Int32}, 2,
        {"tnm_edition_code": _EDITION, "n_code": _N}, ("tnm_edition_code", "n_code"),
    ),
    "marker_cutoffs": Fact(
        {"marker_code": pl.String, "unit_code": pl.String, "from_value": pl.Float64, "to_value": pl.Float64, "result_code": pl.String}, 3,
        {"marker_code": "marker", "unit_code": "marker_unit", "result_code": "marker_result"},
        ("marker_code", "unit_code", "from_value", "result_code"),
    ),
}  # fmt: skip
_SHAPES: dict[object, str] = {pl.Date: r"^\d{4}-\d{2}-\d{2}$", pl.Int32: r"^\d{1,4}$", pl.Float64: r"^\d+(?:\.\d+)?$"}
_SAYS: dict[object, str] = {pl.Date: "a date such as 2003-01-01", pl.Int32: "a whole number", pl.Float64: "a number"}


@cache
def built_in(name: str) -> pl.DataFrame:
    """One row per row of the shipped table of that name, with the columns of its schema."""
    fact = FACTS[name]
    return frame(shipped(f"{name}.csv", *fact.schema), fact.schema)


def replacement(name: str, rows: list[Row]) -> tuple[pl.DataFrame | None, list[Mistake]]:
    """The table of a project's own rows, or what is wrong with them: codes that do not exist, cells that do not parse, rows said twice."""
    mistakes = [mistake for row in rows for mistake in _wrong(FACTS[name], row)] + list(_twice(FACTS[name], rows))
    if not rows:
        return None, []
    return (None, mistakes) if mistakes else (frame(tuple(rows), FACTS[name].schema), [])


def _wrong(fact: Fact, row: Row) -> Iterator[Mistake]:
    for column, kind in fact.schema.items():
        cell = row[column]
        if not cell:
            if column in fact.filled:
                yield row.mistake(f"{column} is empty")
            continue
        domain = fact.domains.get(column)
        if domain is not None and cell not in labels(domain):
            yield row.mistake(f"'{column}': {domain} has no such code", did_you_mean(cell, labels(domain)))
        if kind in _SHAPES and not _parses(cell, kind):
            yield row.mistake(f"{column} is not {_SAYS[kind]}")


def _parses(cell: str, kind: object) -> bool:
    fits = pl.Series([cell]).str.contains(_SHAPES[kind]).item()
    return bool(fits and (kind != pl.Date or pl.Series([cell]).str.to_date("%Y-%m-%d", strict=False).item() is not None))


def _twice(fact: Fact, rows: list[Row]) -> Iterator[Mistake]:
    met: dict[tuple[str, ...], int] = {}
    for row in rows:
        key = tuple(row[column] for column in list(fact.schema)[: fact.identity])
        if key in met:
            yield row.mistake(f"the same {' and '.join(list(fact.schema)[: fact.identity])} as line {met[key]}")
        met.setdefault(key, row.line)
