"""Persons whose name and birth together say that they are two: one number that both have is not enough to make them one.

A key alone is no evidence against that: numbers are mistyped, given twice, and taken from the card of the daughter. Each alone may
change or be a slip of the pen: a woman marries, a birth is guessed. Names are unlike that have no word in common (binti, de and other
particles are none) and are not nearly the same; births, that lie in two years and differ in more than two signs (so no slip, no day and
month in the wrong order). A birth of which only the month or the year is known is compared as far as both say; years alone are unlike
that are a generation apart and differ in more than one sign.
"""

from __future__ import annotations

from functools import cache

import polars as pl
from rapidfuzz import process
from rapidfuzz.distance import OSA, JaroWinkler

from etl.link_groups import twice
from schemas.facts import shipped

ALIKE = 0.8  # names of two women are seldom so near (Jaro and Winkler)
SLIPS = 2
MANY = 20  # a number of so many persons is none of a person: zeros, or that of the ward
GENERATION = 20  # years by which nobody guesses wrong
TELLS = ("name", "birth")
ONE_NUMBER = ("nric", "hospital_number")  # keys that are one number alone
YEAR = 4  # signs of YYYY-MM-DD


def told_births(days: pl.DataFrame, rough: pl.DataFrame | None) -> pl.DataFrame:
    """The births of persons (`days`: `birth`), of who has no day what is known of it (`rough`: `born`); the other column is the person."""
    if rough is None:
        return days
    hers = next(name for name in days.columns if name != "birth")
    without = rough.join(days, on=hers, how="anti").select(hers, birth="born")
    return pl.concat([days.select(hers, "birth"), without]) if len(without) else days


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
    """Whether `name` and `name_other` have a word in common, or are nearly the same. One of nothing but particles says nothing."""
    bare = pairs.select(_bare("name"), _bare("name_other"))
    words = bare.select(shared=pl.col("name").str.split(" ").list.set_intersection(pl.col("name_other").str.split(" ")).list.len() > 0)
    sides = (bare["name"].to_list(), bare["name_other"].to_list())
    nothing = bare.select(pl.any_horizontal(pl.all() == "")).to_series()
    return nothing | words["shared"] | (pl.Series(process.cpdist(*sides, scorer=JaroWinkler.similarity)) >= ALIKE)


def _bare(column: str) -> pl.Expr:
    """A name without its particles."""
    return pl.col(column).str.split(" ").list.filter(~pl.element().is_in(_particles())).list.join(" ")


@cache
def _particles() -> list[str]:
    return [row["word"] for row in shipped("name_particles.csv", "word", "of")]


def _alike_births(pairs: pl.DataFrame) -> pl.Series:
    """Whether `birth` and `birth_other` (YYYY-MM-DD, or its beginning) lie in one year or differ in few signs, as far as both say."""
    known = pl.min_horizontal(pl.col("birth").str.len_chars(), pl.col("birth_other").str.len_chars())
    cut = pairs.select(known.alias("known"), pl.col("birth").str.head(known), pl.col("birth_other").str.head(known))
    slips = pl.Series("slips", process.cpdist(cut["birth"].to_list(), cut["birth_other"].to_list(), scorer=OSA.distance))
    years = [pl.col(name).str.head(YEAR).cast(pl.Int32) for name in ("birth", "birth_other")]
    apart = (years[0] - years[1]).abs()
    by_year = (apart <= GENERATION) | (pl.col("slips") < SLIPS)
    near = pl.when(pl.col("known") == YEAR).then(by_year).otherwise(pl.col("slips") <= SLIPS)
    return cut.with_columns(slips).select(((apart == 0) | near).alias("alike")).to_series()
