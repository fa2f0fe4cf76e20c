"""Conditions that nothing can meet are named, and no condition that a record meets ever is."""

from __future__ import annotations

import random
from collections.abc import Callable
from datetime import date
from itertools import product

import polars as pl
import pytest

from schemas.checks.never import Limits, never
from schemas.core.evaluation import evaluate
from schemas.core.expression import parse
from schemas.core.three_valued import valued

COLUMNS, DATES = ("n", "m", "x", "y", "s", "t", "f"), ("birth", "death")
LIMITS = Limits({"n": (0, 3)}, frozenset({"n"}), lambda a, b: (a, b) == ("birth", "death"))


def why(*texts: str, limits: Limits = LIMITS) -> str:
    return never([parse(text, COLUMNS, DATES) for text in texts], limits)


@pytest.mark.parametrize(
    "text",
    [
        "n > 3", "n < 0", "n = 1.5", "n > 1 and n < 2", "n >= 2 and not (n > 1)", "n in (7, 9)", "n * 2 > 7", "not (n between 0 and 9)",
        "f = true and f = false", "f <> false and not f", "true = coalesce(f, false) and f is null",
        "s = 'a' and s = 'b'", "s = 'a' and s is null", "s in ('a', 'b') and s not in ('b', 'a')", "s <> s", "f and not f",
        "f and not coalesce(f, false)", "(s = 'a' or n > 3) and s = 'b'", "null", "1 = 2",
        "before(death, birth)", "days_between(death, birth) > 0", "days_between(birth, death) / 365.25 < -1",
        "days_between(birth, death) > 30 and days_between(birth, death) < 20", "before(birth, date '0001-01-01')",
        "before(date '2999-01-01', birth)", "before(birth, date '2000-01-01') and before(date '2000-01-01', birth)",
        "days_between(birth, date '2000-01-01') > 10 and days_between(date '2000-01-01', birth) > -5",
        "birth is null and before(birth, death)",
        "coalesce(n, 0) > 3", "not (coalesce(n, 1) <= 3)", "coalesce(n, 9) > 3 and n is not null", "coalesce(s, 'a') = 'b' and s = 'a'",
        "coalesce(s, 'a') is null", "coalesce(n, 0) in (7, 9)", "coalesce(n, 0) between 5 and 6", "coalesce(n, m, 0) > 3 and m < 2",
        "lower(s) = 'III'", "upper(s) in ('iii', 'Iv')", "trim(s) = 'a '", "lower(trim(s)) = ' a'", "trim(lower(s)) = 'A'",
        "substr(s, 1, 1) = 'ab'", "lower(coalesce(s, 'x')) = 'A'", "lower(s) = 'a' and lower(s) = 'b'", "lower(s) = 'a' and s is null",
        "length(s) < 0", "length(s) = 3 and length(s) <> 3 and length(s) < 3", "x + y > 3 and x + y < 2", "abs(x) < 0",
        "x < y and y < x", "x < y and y <= x", "x = y and y < x", "x = y and x <> y", "x < y and not (x < y)", "y > x and x > y",
        "x < y and y < m and m < x", "x < y and y < 2 and x > 2", "x < n and x > 3", "n < m and m <= 0", "x <= y and y <= 1 and x > 1",
        "5 < 4", "1 = 1.5", "true = false", "n = 1 and not true = true", "coalesce(f, true) = coalesce(f, false) and f is null",
    ],
)  # fmt: skip
def test_names_a_condition_that_nothing_can_meet(text: str) -> None:
    assert why(text)


@pytest.mark.parametrize(
    "text",
    [
        "n = 3", "n * 0.1 = 0.3", "x > 1 and x < 2", "f = true and f <> false", "f = true or f = false",
        "s = 'a' or s is null", "not (s = 'a' and s = 'b')", "coalesce(s, 'a') = 'b' and s = 'b'", "f",
        "not f and not coalesce(f, false)", "f is null and not coalesce(f, false)", "f is null and coalesce(f, true)",
        "days_between(birth, death) = 0", "not before(birth, death)", "before(birth, date '1900-01-01')", "s like 'a%' and s = 'b'",
        "not coalesce(f, false) and coalesce(f, true)", "coalesce(n, 9) > 3", "coalesce(n, 0) >= 0", "coalesce(f, true) = false",
        "coalesce(s, 'a') = 'a' and s is null",
        "lower(s) = 'iii'", "upper(lower(s)) = 'A'", "upper(s) = 'STRAßE'", "lower(s) = 'a' and s = 'A'", "lower(s) <> 'A'",
        "trim(s) = 'a b'", "lower(s || 'A') <> 'x'", "concat(s, 'a') = 'A' and s is null", "replace(s, 'a', 'A') = 'A'",
        "x < y and y > x", "x <= y and y <= x", "x < y or y < x", "x = y and s = 'a' and t = 'b'", "x < y and y < m",
        "1 = 1.0", "true <> false", "x > 9007199254740992 and x <= 9007199254740993", "n > 1e400", "n * 1e-400 = 1", "x / 1e400 = 1",
        "9007199254740993 > 9007199254740992", "n = '1' and n = '1.0'", "x - y < 0", "length(s) = 0",
    ],
)  # fmt: skip
def test_says_nothing_where_something_may_meet_it(text: str) -> None:
    assert not why(text)


def test_names_the_columns() -> None:
    assert why("n > 3") == "no value of n fits"
    assert why("n > 3 or s <> s") == "no value of n and s fits"
    assert why("s = 'a'", "s = 'b' and f") == "no value of s fits"
    assert why("1 = 2") == "it compares two constants"
    assert (why("s = ''"), why("s = ''", limits=Limits(empty_is_null=True))) == ("", "no value of s fits")


def dated(chance: random.Random) -> str:
    """A comparison of dates, of flags, or of one column with constants."""
    day = f"date '2000-01-0{chance.randint(1, 3)}'"
    sign = chance.choice(("<", "<=", "=", "<>", ">", ">="))
    return chance.choice((
        f"n {sign} {chance.randint(-1, 4)}", f"n {sign} {chance.randint(0, 3)}.5", f"{chance.randint(0, 3)} {sign} n",
        f"s {chance.choice(('=', '<>'))} '{chance.choice('ab')}'", "s in ('a', 'b')", "s not in ('a', 'c')", "s is null", "n is null",
        "n in (1, 3)", "n not in (0, 1)", "n between 1 and 2", "f", "coalesce(f, false)", "coalesce(f, true)", "f is null",
        "f = true", "f <> true", "coalesce(f, true) = false",
        "s like 'a'",
        f"before(birth, {day})", f"before({day}, death)", "before(birth, death)", "before(death, birth)", "death is null",
        f"days_between(birth, death) {sign} {chance.randint(-1, 3)}", f"days_between(death, birth) / 2 {sign} {chance.randint(-1, 1)}",
        f"days_between({day}, birth) {sign} {chance.randint(-1, 2)}", f"days_between(death, {day}) {sign} {chance.randint(-1, 2)}",
    ))  # fmt: skip


def compared(chance: random.Random) -> str:
    """A comparison of columns with each other, or of what functions make of them."""
    one, other = chance.choice(("n", "x")), chance.choice(("n", "x", "y"))
    sign, number = chance.choice(("<", "<=", "=", "<>", ">", ">=")), chance.randint(-1, 4)
    text = chance.choice(("", "a", "A", "aB", " a"))
    given = chance.choice((
        "lower(s)", "upper(s)", "trim(s)", "lower(trim(s))", "trim(upper(s))", "substr(s, 1, 1)", "coalesce(s, 'A')", "s",
    ))  # fmt: skip
    return chance.choice((
        f"{one} {sign} {other}", f"{other} {sign} {one}", f"{one} {sign} {other}", f"{other} {sign} {number}", f"{one} {sign} {number}",
        f"coalesce({one}, {number}) {sign} {chance.randint(-1, 4)}", f"coalesce({one}, {other}) {sign} {number}",
        f"coalesce({one}, 2) {sign} {other}", f"coalesce({other}, {one}, {number}) in (1, 2)", f"coalesce({one}, 1) between 0 and {number}",
        f"{given} {chance.choice(('=', '<>'))} '{text}'", f"{given} {chance.choice(('in', 'not in'))} ('{text}', 'b')",
        f"lower(coalesce(s, 'b')) = '{text}'", f"coalesce(s, '{text}') is null", f"{other} is null", "s is null", f"s || 'a' = '{text}'",
        f"length(s) {sign} {number}", f"length({given}) {sign} 1", f"{one} + {other} {sign} {number}",
        f"abs({one} - {other}) {sign} {number}",
    ))  # fmt: skip


def made(chance: random.Random, leaf: Callable[[random.Random], str], depth: int) -> str:
    if depth == 0:
        return leaf(chance)
    parts = [made(chance, leaf, depth - 1) for _ in range(2)]
    return chance.choice(
        (f"({parts[0]} and {parts[1]})", f"({parts[0]} and {parts[1]})", f"({parts[0]} or {parts[1]})", f"not ({parts[0]})")
    )


def of_dates() -> pl.DataFrame:
    """Every record of a small world, in which a birth never lies after a death."""
    days = [None, *(date(2000, 1, day) for day in (1, 2, 3))]
    rows = list(product((None, 0, 1, 2, 3), (None, "a", "b"), (None, True, False), days, days))
    return (
        pl.DataFrame(rows, schema={"n": pl.Int64, "s": pl.String, "f": pl.Boolean, "birth": pl.Date, "death": pl.Date}, orient="row")
        .filter((pl.col("birth") <= pl.col("death")).fill_null(value=True))
        .with_columns(pl.col(name).alias(f"{name}_{end}_date") for name in DATES for end in ("earliest", "latest"))
        .with_columns(pl.lit(None, pl.Int64).alias(f"{name}_{end}_offset_days") for name in DATES for end in ("earliest", "latest"))
        .with_columns(pl.lit(None, pl.String).alias(f"{name}_anchor") for name in DATES)
        .with_columns(pl.when(pl.col(name).is_not_null()).then(pl.lit("day")).alias(f"{name}_precision") for name in DATES)
    )


def of_columns() -> pl.DataFrame:
    """Every record of a small world of numbers and texts."""
    numbers = (None, -1, 0, 1.5, 2, 5)
    rows = list(product((None, 0, 1, 2, 3), numbers, numbers, (None, "", "a", "A", "aB", " a", "b")))
    return pl.DataFrame(rows, schema={"n": pl.Int64, "x": pl.Float64, "y": pl.Float64, "s": pl.String}, orient="row")


@pytest.mark.parametrize(("leaf", "world", "fewest"), [(dated, of_dates, 8), (compared, of_columns, 12)])
def test_never_names_a_condition_that_a_record_meets(
    leaf: Callable[[random.Random], str], world: Callable[[], pl.DataFrame], fewest: int
) -> None:
    chance = random.Random(4)
    trees = {f"c{n}": parse(made(chance, leaf, chance.choice((1, 2, 3))), COLUMNS, DATES) for n in range(150)}
    met = evaluate(world(), {name: valued(tree, DATES).certain for name, tree in trees.items()}).select(pl.all().any())
    told = {name: bool(never([tree], LIMITS)) for name, tree in trees.items()}
    assert [name for name, is_never in told.items() if is_never and met[name].item()] == []
    assert sum(told.values()) > fewest
