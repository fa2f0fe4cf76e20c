"""How often the identifiers of two different persons agree by chance: the u of Fellegi and Sunter, counted in the data itself.

Exact agreement is counted over all pairs, by the frequency of each value. Near agreement needs each pair looked at: in a small
registry all of them, in a large one pairs drawn by a fixed shift along the keys, which are hashes and know nothing of the person.
"""

from __future__ import annotations

import duckdb
import numpy as np
import polars as pl

MOST_PAIRS = 200_000
UNSEEN = 1e-6  # what Splink takes for a level that no pair is in
# The levels of Splink's comparison below exact agreement, the nearest first.
NEAR = {
    "name": ("jaro_winkler_similarity(l, r) >= 0.94", "jaro_winkler_similarity(l, r) >= 0.88"),
    "birth": ("damerau_levenshtein(l, r) <= 1", "damerau_levenshtein(l, r) <= 2"),
}


def by_chance(connection: duckdb.DuckDBPyConnection, values: pl.Series, kind: str, seed: int) -> list[float]:
    """The probability of each level (exact, near ones, none) for two persons who both have a value; `values` in order of the key."""
    told = values.drop_nulls()
    exact = _exact(told)
    near = _near(connection, _pairs(told, seed), NEAR.get(kind, ()))
    return [share or UNSEEN for share in (exact, *near, max(1 - exact - sum(near), 0.0))]


def _exact(told: pl.Series) -> float:
    n = len(told)
    hashes = np.sort(told.hash().to_numpy())  # to sort numbers takes less than half of looking up as many texts
    times = np.diff(np.flatnonzero(hashes[1:] != hashes[:-1]), prepend=-1, append=n - 1)
    return float((times * (times - 1)).sum()) / (n * (n - 1)) if n > 1 else 0.0


def _pairs(told: pl.Series, seed: int) -> pl.DataFrame:
    """Pairs of values (l, r): all, or where they are too many those that stand so many places apart."""
    n = len(told)
    if n * (n - 1) // 2 <= MOST_PAIRS:
        rows = pl.DataFrame({"r": told}).with_row_index("b")
        left = rows.select(a="b", l="r")
        return left.join(rows, how="cross").filter(pl.col("a") < pl.col("b")).select("l", "r")
    shifts = [1 + (seed + shift) % (n - 1) for shift in range(-(-MOST_PAIRS // n))]
    parts = [pl.DataFrame({"l": told, "r": pl.concat([told.slice(shift), told.head(shift)])}).head(MOST_PAIRS) for shift in shifts]
    return pl.concat(parts)


def _near(connection: duckdb.DuckDBPyConnection, pairs: pl.DataFrame, levels: tuple[str, ...]) -> list[float]:
    """The share of the pairs in each near level: such as are not equal, nor in a nearer one."""
    if not levels or pairs.is_empty():
        return [0.0] * len(levels)
    connection.register("pairs", pairs.filter(pl.col("l") != pl.col("r")).to_arrow())
    tests = [f"count(*) filter (where {level})" for level in levels]  # each level holds the nearer ones
    [within] = connection.execute(f"select {', '.join(tests)} from pairs").fetchall()
    connection.unregister("pairs")
    return [(n - nearer) / pairs.height for nearer, n in zip((0, *within), within, strict=False)]
