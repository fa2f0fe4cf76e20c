"""Numbers whose identifiers are alike without being equal, weighed by Splink 5 (Fellegi and Sunter's model).

How often identifiers agree by chance is counted in the data itself (`etl.linking.chance`); how often they agree for one person is
stated here, because small registries have too few doubles to learn it from.
"""

from __future__ import annotations

from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import duckdb
import numpy as np
import numpy.typing as npt
import polars as pl

from etl.linking.chance import by_chance
from etl.linking.groups import in_order, rows_of, twice
from schemas.linkage import Probabilistic

PAIRS: dict[str, type[pl.DataType]] = {
    "left": pl.Int64,
    "right": pl.Int64,
    "by": pl.String,
    "probability": pl.Float64,
    "is_slip": pl.Boolean,
}
# Of 100 pairs that are one person, how many agree exactly, nearly, less nearly, not at all (ours: slips of the pen and of the
# keyboard in one identifier in ten; half of those who move leave the old postcode in one of the files).
SAME = {"name": [0.88, 0.07, 0.03, 0.02], "birth": [0.93, 0.04, 0.02, 0.01], "postcode": [0.75, 0.25], "sex": [0.99, 0.01]}
DOUBLES = 0.1  # one person in twenty stands under two numbers: 0.05 n pairs of n * n / 2
SHORT = 3  # one letter of three makes another name
FEWEST = 20  # fewer persons say nothing about how often identifiers agree by chance


def alike(nodes: pl.Series, values: Mapping[str, pl.DataFrame], roots: pl.DataFrame, said: Probabilistic) -> pl.DataFrame:
    """One row per pair of persons (PAIRS, the lesser key on the left) at least as probable as the review threshold.

    Only pairs are weighed that share the birth and a word of the name or the postcode, or the name and the year or the day of birth.
    `is_slip`: what differs may be a slip of the pen. The weights take identifiers as independent, which they are not within a family:
    twins share birth, surname and postcode, and a daughter may have her mother's name.
    """
    table = _table(nodes, values, roots, said)
    if table.height < FEWEST:
        return pl.DataFrame(schema=PAIRS)
    with duckdb.connect(config={"threads": 1, "autoinstall_known_extensions": "false", "autoload_known_extensions": "false"}) as connection:
        found = _predicted(connection, table, said)
    left, right = pl.min_horizontal("unique_id_l", "unique_id_r"), pl.max_horizontal("unique_id_l", "unique_id_r")
    by = pl.concat_str([pl.when(pl.col(f"gamma_{name}") > 0).then(pl.lit(name)) for name in said.compare], separator=" ", ignore_nulls=True)
    # the last digits of a float hang on the order of its sums: the same pairs pass on every machine
    slips = _slips(found, table["name"])
    return found.select(left=left, right=right, by=by, probability=pl.col("match_probability").round(6), is_slip=slips).sort(
        "left", "right"
    )


def _slips(pairs: pl.DataFrame, names: pl.Series) -> pl.Series:
    """Whether the names of each pair are equal or nearly so, the births too but for one slip, and the words that differ are no two names.

    Two names are words by which others are called as well (Anna, Anne), and such of three letters or fewer (Lan, Lin).
    """
    words = pairs.select(l=pl.col("name_l").str.split(" "), r=pl.col("name_r").str.split(" "))
    differing = words.select(l=pl.col("l").list.set_difference("r"), r=pl.col("r").list.set_difference("l"))
    asked = pl.concat([differing["l"].explode(), differing["r"].explode()]).drop_nulls().unique()
    used = names.str.split(" ").explode()
    used = used.filter(used.is_in(asked.implode())).value_counts().filter(pl.col("count") > 1)["name"]
    both = [pl.col(side).list.len() > 0 for side in ("l", "r")]
    is_name = pl.element().is_in(used.implode()) | (pl.element().str.len_chars() <= SHORT)
    called = [pl.col(side).list.eval(is_name).list.all() for side in ("l", "r")]
    is_other = differing.select(pl.all_horizontal(*both, *called)).to_series()
    near = (pairs["gamma_name"] > 0) & (pairs["gamma_birth"] > 1)
    return (near & ~is_other).alias("is_slip")


def _table(nodes: pl.Series, values: Mapping[str, pl.DataFrame], roots: pl.DataFrame, said: Probabilistic) -> pl.DataFrame:
    """One row per person so far with one value of each identifier, in order of the key."""
    of_whom, persons = _places(nodes, roots)

    def column(kind: str) -> pl.Series:
        told = values[kind]
        places = of_whom[_found(nodes.to_numpy(), told["patient_key"])]
        found = told[kind].gather(rows_of(pl.Series(places), len(persons)))  # of several values any, until the least is written over it
        several = np.bincount(places, minlength=len(persons))[places] > 1
        hers = pl.DataFrame({"place": places, kind: told[kind]}).filter(several)
        least = hers.group_by("place").agg(pl.col(kind).min())
        return found.scatter(least["place"], least[kind]) if least.height else found

    with ThreadPoolExecutor(2, "alike") as threads:
        return pl.DataFrame([persons, *threads.map(column, said.compare)])


def _places(nodes: pl.Series, roots: pl.DataFrame) -> tuple[npt.NDArray[np.int64], pl.Series]:
    """Of each number the place of its person among all persons so far; and the keys of these, in order."""
    keys = nodes.to_numpy()
    root = np.arange(len(keys))
    root[_found(keys, roots["patient_key"])] = _found(keys, roots["root"])
    is_root = root == np.arange(len(keys))
    return (np.cumsum(is_root) - 1)[root], nodes.filter(pl.Series(is_root)).alias("unique_id")


def _found(keys: npt.NDArray[np.int64], asked: pl.Series) -> npt.NDArray[np.int64]:
    """The places of some keys among all, which are in order. Asked for in order as well, which takes a quarter of the time."""
    rows, _ = in_order(asked)
    found = np.empty(len(rows), np.int64)
    found[rows] = np.searchsorted(keys, asked.to_numpy()[rows])
    return found


def _predicted(connection: duckdb.DuckDBPyConnection, table: pl.DataFrame, said: Probabilistic) -> pl.DataFrame:
    import splink  # noqa: PLC0415 - takes a second

    with ThreadPoolExecutor(1, "alike") as thread:  # both keep one processor busy
        company = thread.submit(_in_company, table, said)
        chances: dict[str, list[float]] = {name: by_chance(connection, table[name], name, said.seed) for name in said.compare}
        open_ = company.result()
    api = splink.DuckDBAPI(connection)
    linker = splink.Linker(api.register(open_.to_arrow(), table_name="persons"), _settings(table.height, said, chances), log_level="ERROR")
    predicted = linker.inference.predict(threshold_match_probability=said.review_from, warning_mode="never")
    return pl.DataFrame(predicted.as_duckdbpyrelation().to_arrow_table())


def _blocks(said: Probabilistic) -> list[tuple[str, str]]:
    """What two persons must share to be weighed: any of these pairs of columns."""
    blocks = [("birth", "word_a"), ("birth", "word_b"), ("name", "birth_year"), ("name", "birth_day")]
    return blocks + ([("birth", "postcode")] if "postcode" in said.compare else [])


def _with_words(table: pl.DataFrame) -> pl.DataFrame:
    """`table` with what pairs are looked up by."""
    words = table["name"].str.split(" ")  # once for both: an expression is split twice
    born = {"birth_year": pl.col("birth").str.head(4), "birth_day": pl.col("birth").str.tail(5)}
    return table.with_columns(words.list.first().alias("word_a"), words.list.last().alias("word_b"), **born)


def _in_company(table: pl.DataFrame, said: Probabilistic) -> pl.DataFrame:
    """The persons of `table` who share any block with another, with what they are looked up by; of the others no pair can be made.

    By the hashes of the texts, which are numbers: who were let in by chance shares no block in the end.
    """
    asked = _with_words(table).select(pl.col(name) for name in {name: None for block in _blocks(said) for name in block})
    known = {name: asked[name].is_not_null() for name in asked.columns}
    hashed = asked.select(pl.all().hash())
    shares = pl.repeat(False, table.height, dtype=pl.Boolean, eager=True)
    for a, b in _blocks(said):
        shares |= twice(hashed[a] ^ hashed[b]) & known[a] & known[b]
    return _with_words(table.filter(shares))


def _settings(n: int, said: Probabilistic, chances: Mapping[str, list[float]]) -> Any:
    import splink.comparison_library as compare  # noqa: PLC0415
    from splink import SettingsCreator, block_on  # noqa: PLC0415

    known = {
        "name": compare.JaroWinklerAtThresholds("name", [0.94, 0.88]),
        "birth": compare.DamerauLevenshteinAtThresholds("birth", [1, 2]),
        "postcode": compare.ExactMatch("postcode"),
        "sex": compare.ExactMatch("sex"),
    }
    return SettingsCreator(
        link_type="dedupe_only",
        comparisons=[known[name].configure(m_probabilities=SAME[name], u_probabilities=chances[name]) for name in said.compare],
        blocking_rules_to_generate_predictions=[block_on(*columns) for columns in _blocks(said)],
        probability_two_random_records_match=min(DOUBLES / n, 0.5),
        retain_matching_columns=True,
        retain_intermediate_calculation_columns=False,
    )
