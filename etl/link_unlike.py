"""Persons whose name and birth together say that they are two: one number that both have is not enough to make them one.

A key alone is no evidence against that: numbers are mistyped, given twice, and taken from the card of the daughter. Each alone may
change or be a slip of the pen: a woman marries, a birth is guessed. Names are unlike that have no word in common and are not nearly
the same; births, that lie in two years and differ in more than two signs (so no slip, no day and month in the wrong order).
"""

from __future__ import annotations

import polars as pl
from rapidfuzz import process
from rapidfuzz.distance import OSA, JaroWinkler

from etl.link_groups import twice

ALIKE = 0.8  # names of two women are seldom so near (Jaro and Winkler)
SLIPS = 2
MANY = 20  # a number of so many persons is none of a person: zeros, or that of the ward
TELLS = ("name", "birth")
NUMBERS = ("nric", "hospital_number")  # keys that are one number alone


def unlike_ties(ties: pl.DataFrame, names: pl.DataFrame, births: pl.DataFrame) -> pl.DataFrame:
    """The ties (`tie`) with two persons of whom both name and birth are unlike.

    `ties` has `node` and `tie`; `names` and `births` tell of nodes. Where more than `MANY` stand under one number, each is held
    against the one who was born first: every pair of them would be too many.
    """
    told = ties.select("tie", "node").unique().join(names, on="node").join(births, on="node")
    pairs = _pairs(told, "tie", ["birth", "name"], "node").filter(pl.col("node") != pl.col("node_other"))
    both = pairs.with_columns(name_alike=_alike_names(pairs), birth_alike=_alike_births(pairs))
    # a person with several names or births is unlike another where all of them are
    judged = both.group_by("tie", "node", "node_other").agg(pl.col("name_alike", "birth_alike").any())
    return judged.filter(~pl.col("name_alike"), ~pl.col("birth_alike")).select("tie").unique()


def unlike_within(names: pl.DataFrame, births: pl.DataFrame) -> pl.Series:
    """The persons (`root`) who have two names that are unlike and two births that are."""
    both = []
    for told, kind, judged in ((names, "name", _alike_names), (births, "birth", _alike_births)):
        few = told.filter(twice(told["root"])).unique()  # most have one, told once
        pairs = _pairs(few, "root", [kind], kind)
        both.append(pairs.filter(~judged(pairs))["root"].unique())
    return both[0].filter(both[0].is_in(both[1].implode())).sort()


def _pairs(told: pl.DataFrame, group: str, order: list[str], one: str) -> pl.DataFrame:
    """Each two rows of a group whose `one` differs, once; where it has more than `MANY` of them, each row with the first in `order`."""
    is_many = pl.col(one).n_unique().over(group) > MANY
    few, many = told.filter(~is_many), told.filter(is_many)
    first = many.sort(group, *order).unique(group, keep="first", maintain_order=True)
    every = few.join(few, on=group, suffix="_other").filter(pl.col(one) < pl.col(f"{one}_other"))
    return pl.concat([every, many.join(first, on=group, suffix="_other")])


def _alike_names(pairs: pl.DataFrame) -> pl.Series:
    """Whether `name` and `name_other` have a word in common, or are nearly the same."""
    words = pairs.select(shared=pl.col("name").str.split(" ").list.set_intersection(pl.col("name_other").str.split(" ")).list.len() > 0)
    sides = (pairs["name"].to_list(), pairs["name_other"].to_list())
    return words["shared"] | (pl.Series(process.cpdist(*sides, scorer=JaroWinkler.similarity)) >= ALIKE)


def _alike_births(pairs: pl.DataFrame) -> pl.Series:
    """Whether `birth` and `birth_other` (YYYY-MM-DD) lie in one year or differ in few signs."""
    sides = (pairs["birth"].to_list(), pairs["birth_other"].to_list())
    year = pairs["birth"].str.head(4) == pairs["birth_other"].str.head(4)
    return year | (pl.Series(process.cpdist(*sides, scorer=OSA.distance)) <= SLIPS)
