"""Conditions of rules: the rows for which each holds, asked of each row or once per distinct text."""

from __future__ import annotations

import polars as pl

from etl.normalise.conditions import MANY, are_among, holding
from schemas.core.expression import parse

ROWS = pl.DataFrame(
    {"item": ["B", "A", None, "C", "A", "B"], "value": ["1", None, "1", "1", "1", None]}, schema_overrides={"item": pl.String}
)
CONDITIONS = ["item = 'A'", "item in ('B', 'C')", "item is null", "item <> 'A'", "item = 'Z'"]


def places(*conditions: str) -> dict[str, list[int]]:
    return {name: found.tolist() for name, found in holding(ROWS, {text: parse(text, ROWS.columns) for text in conditions}).items()}


def test_asks_many_conditions_on_one_column_as_it_asks_one() -> None:
    assert len(CONDITIONS) >= MANY
    assert places(*CONDITIONS) == dict(zip(CONDITIONS, [[1, 4], [0, 3, 5], [2], [0, 3, 5], []], strict=True))
    assert places(*CONDITIONS) == {name: found for text in CONDITIONS for name, found in places(text).items()}


def test_finds_the_rows_of_conditions_on_several_columns() -> None:
    assert places("item = 'A' and value = '1'", *CONDITIONS)["item = 'A' and value = '1'"] == [4]


def test_says_which_rows_stand_at_any_of_some_places() -> None:
    found = holding(ROWS, {text: parse(text, ROWS.columns) for text in ("item = 'A'", "value = '1'")})
    assert are_among(found.values(), ROWS.height).to_list() == [True, True, True, True, True, False]
    assert are_among([], 2).to_list() == [False, False]
