"""Shared parts are computed once, and change no answer."""

from __future__ import annotations

import random

import polars as pl
from sqlglot import exp

from schemas.core.expression import locked_connection, parse, select_shared
from schemas.core.three_valued import outcome, three_valued

DATES = ("birth", "diagnosis", "death")
PARTS = ("earliest_date", "latest_date", "earliest_offset_days", "latest_offset_days", "anchor")
EDITS = ("before(death, diagnosis)", "before(diagnosis, birth)", "days_between(birth, death) > 4", "size > 2 and not before(death, birth)")


def rows(count: int) -> pl.DataFrame:
    rng = random.Random(5)
    columns: dict[str, list[object]] = {"row": list(range(count)), "size": [rng.choice((1, 2, 3, None)) for _ in range(count)]}
    for name in DATES:
        first = [rng.choice((None, *range(9))) for _ in range(count)]
        last = [None if day is None else day + rng.randint(0, 2) for day in first]
        anchors = [rng.choice(("surgery", "randomisation", None)) for _ in range(count)]
        for part, values in zip(PARTS, (first, last, first, last, anchors), strict=True):
            columns[f"{name}_{part}"] = list(values)
    dates = [pl.col(f"{name}_{part}").cast(pl.Int32).cast(pl.Date) for name in DATES for part in PARTS[:2]]
    return pl.DataFrame(columns).with_columns(dates)


def outcomes() -> dict[str, exp.Expr]:
    applies = three_valued(parse("birth is not null and death is not null", ("size",), DATES), DATES)
    return {text: outcome(applies, three_valued(parse(text, ("size",), DATES), DATES)) for text in EDITS}


def test_answers_as_the_plain_select_does() -> None:
    plain = exp.select("row", *(exp.alias_(tree, name, quoted=True) for name, tree in outcomes().items())).from_("facts").sql("duckdb")
    shared = select_shared(outcomes(), "facts", ["row"]).sql("duckdb")
    with locked_connection() as connection:
        connection.register("facts", rows(2_000).to_arrow())
        expected = pl.DataFrame(connection.sql(plain).to_arrow_table())
        got = pl.DataFrame(connection.sql(shared).to_arrow_table())
    assert got.equals(expected)
    assert expected[EDITS[0]].n_unique() >= 4


def test_writes_each_shared_part_once() -> None:
    shared = select_shared(outcomes(), "facts").sql("duckdb")
    plain = sum(len(tree.sql("duckdb")) for tree in outcomes().values())
    assert len(shared) < plain / 2
    assert shared.count('"death_latest_date" < "diagnosis_earliest_date"') == 1


def test_leaves_arithmetic_behind_the_case_that_guards_it() -> None:
    guarded = "case when size < 3 then size * size > 1 end"
    query = select_shared({"a": parse(guarded, ["size"]), "b": parse(f"not {guarded}", ["size"])}, "facts").sql("duckdb")
    assert query.count('"size" * "size"') == 2


def test_leaves_the_expressions_it_was_given_as_they_were() -> None:
    given = outcomes()
    written = {name: tree.sql() for name, tree in given.items()}
    select_shared(given, "facts")
    assert {name: tree.sql() for name, tree in given.items()} == written
