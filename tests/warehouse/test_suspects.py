"""The rows that the database holds suspect are those that the pandera model of the table refuses: every check, every table."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable
from datetime import date
from functools import cache

import duckdb
import polars as pl
import pytest

from schemas import items
from schemas.domains import Codes, bounds, code_list
from schemas.frame_checks import failures
from schemas.star import ordered_dates, star_model
from schemas.vocabulary import Vocabularies, load
from warehouse.suspects import suspects

TABLES = [table for layer in ("star", "mart") for table in items.tables(layer)]
ROWS = 400
Both = Callable[[str], tuple[pl.DataFrame, pl.DataFrame]]
DAYS = [date(2001, 1, 1), date(2002, 2, 2), date(2003, 3, 3)]


@pytest.fixture(scope="module")
def codes() -> Vocabularies:
    return load()


def values(column: items.Column, codes: Codes) -> list[object]:
    """Values that the column may hold, and values that it may not."""
    if column.type == "date":
        return list(DAYS)
    if limits := bounds(column):
        low, high = limits
        return [low, high, low - 1, high + 1] + ([float("nan"), float("inf")] if column.type == "float" else [])
    if column.type != "text":
        return [True, False] if column.type == "bool" else [1, 2, 3]
    if column.item.type == "interval":
        return ["day", "ambiguous", "week"] if column.name.endswith("_precision") else ["birth", "diagnosis"]
    listed = sorted(codes.codes(code_list(column) or "")) if code_list(column) else []
    return [*listed[:2], *listed[-1:], "no such code", ""]


def spoilt(table: str, codes: Codes) -> pl.DataFrame:
    """Rows of random values, most of them empty, so that every check is broken by some and kept by others."""
    chance = random.Random(table)
    columns = items.columns(table)
    pools = {column.name: values(column, codes) for column in columns}
    rows = []
    for _ in range(ROWS):
        filled = chance.choice((0.1, 0.5, 0.95))
        rows.append({name: chance.choice(pool) if chance.random() < filled else None for name, pool in pools.items()})
    return pl.DataFrame(rows, schema={column.name: column.polars for column in columns}, orient="row")


def found(table: str, frame: pl.DataFrame, codes: Codes) -> pl.DataFrame:
    """The suspects of a frame, found by DuckDB in a table without any constraint."""
    with duckdb.connect() as con:
        con.register("given", frame.to_arrow())
        con.execute(f'create table "{table}" as select * from given').fetchall()
        return pl.DataFrame(con.sql(suspects(con, table, codes).sql("duckdb")).to_arrow_table())


@pytest.fixture(scope="module")
def both(codes: Vocabularies) -> Both:
    """The spoilt rows of a table and the suspects among them, made once."""

    @cache
    def of(table: str) -> tuple[pl.DataFrame, pl.DataFrame]:
        frame = spoilt(table, codes)
        return frame, found(table, frame, codes)

    return of


def allowed(table: str, codes: Codes) -> pl.DataFrame:
    """One row that breaks nothing: full where a column may not be empty."""
    row = {column.name: None if column.nullable else values(column, codes)[0] for column in items.columns(table)}
    return pl.DataFrame([row], schema={column.name: column.polars for column in items.columns(table)}, orient="row")


@pytest.mark.slow
@pytest.mark.parametrize("table", TABLES)
def test_the_model_finds_in_the_suspects_what_it_finds_in_the_table(table: str, codes: Vocabularies, both: Both) -> None:
    frame, suspected = both(table)
    whole = failures(star_model(table, codes), frame)
    assert failures(star_model(table, codes), suspected) == whole
    assert len(whole) == sum(promised(table, codes).values())


@pytest.mark.slow
@pytest.mark.parametrize("table", TABLES)
def test_no_suspect_passes_the_model(table: str, codes: Vocabularies, both: Both) -> None:
    for row in both(table)[1].head(6).iter_slices(1):
        assert failures(star_model(table, codes), row), row


@pytest.mark.parametrize("table", TABLES)
def test_a_row_that_breaks_nothing_is_no_suspect(table: str, codes: Vocabularies) -> None:
    row = allowed(table, codes)
    assert not failures(star_model(table, codes), row)
    assert found(table, row, codes).is_empty()


def promised(table: str, codes: Codes) -> Counter[str]:
    """How many checks of each sort the model of a table has, all of which the spoilt rows break."""
    columns = items.columns(table)
    return Counter(
        empty=sum(not column.nullable for column in columns),
        range=sum(bounds(column) is not None for column in columns),
        precision=sum(column.item.type == "interval" and column.name.endswith("_precision") for column in columns),
        code=sum(bool(code_list(column) and codes.codes(code_list(column) or "")) for column in columns),
        interval=3 * len(items.intervals(table)),
        order=len(ordered_dates(table)),
    )
