"""How often identifiers agree by chance: all pairs of a small registry, drawn ones of a large one."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations

import duckdb
import polars as pl
import pytest

from etl.linking.chance import UNSEEN, by_chance

NAMES = ["lim mary", "lim mary", "lim marry", "tan may", None, "ng ann", "ng anne"]


@pytest.fixture
def connection() -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect() as made:
        yield made


def test_counts_every_pair_of_a_small_registry_once(connection: duckdb.DuckDBPyConnection) -> None:
    exact, near, less, none = by_chance(connection, pl.Series(NAMES, dtype=pl.String), "name", 1)
    pairs = list(combinations([name for name in NAMES if name is not None], 2))
    assert exact == pytest.approx(1 / len(pairs))
    assert near == pytest.approx(3 / len(pairs))  # marry beside both marys, anne beside ann
    assert exact + near + (less if less > UNSEEN else 0) + none == pytest.approx(1)


def test_says_what_splink_says_of_a_level_that_no_pair_is_in(connection: duckdb.DuckDBPyConnection) -> None:
    assert by_chance(connection, pl.Series(["female", "male"]), "sex", 1) == [UNSEEN, 1.0]
    assert by_chance(connection, pl.Series(["female"]), "sex", 1) == [UNSEEN, 1.0]


def test_draws_the_same_pairs_again_and_close_to_all_of_them(
    connection: duckdb.DuckDBPyConnection, monkeypatch: pytest.MonkeyPatch
) -> None:
    births = pl.Series([f"{1930 + number * 7 % 40}-01-{1 + number * 11 % 28:02}" for number in range(900)])
    monkeypatch.setattr("etl.linking.chance.MOST_PAIRS", 1_000_000)
    whole = by_chance(connection, births, "birth", 1)
    monkeypatch.setattr("etl.linking.chance.MOST_PAIRS", 50_000)
    drawn = by_chance(connection, births.shuffle(seed=3), "birth", 1)
    assert drawn == by_chance(connection, births.shuffle(seed=3), "birth", 1)
    assert drawn[0] == pytest.approx(whole[0])
    assert drawn[1:] == pytest.approx(whole[1:], abs=0.01)
