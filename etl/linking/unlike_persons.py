"""Persons whose name and birth together say that they are two: one number that both have is not enough to make them one.

A key alone is no evidence against that: numbers are mistyped, given twice, and taken from the card of the daughter. Each alone may
change or be a slip of the pen: a woman marries, a birth is guessed. Names are unlike that are not nearly the same and of which each has
a word that the other has not (binti, geb., de and other particles, and single letters, are none); to share a word beside it speaks a
little for one woman. Births are unlike that differ in more than one sign and more than a day, with day and month in either order, and,
where one of them is no day or a 1 January, lie more than a year apart; two signs, or such a guess, speak a little. Little for both is
enough. A birth of which only the month or the year is known is compared as far as both say; years alone are unlike that are a
generation apart and differ in more than one sign.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache

import numpy as np
import polars as pl
from rapidfuzz import process
from rapidfuzz.distance import OSA, JaroWinkler

from etl.linking.groups import twice
from schemas.facts import shipped

ALIKE = 0.8  # names of two women are seldom so near (Jaro and Winkler)
SLIPS = 2
SHORT = 3  # letters: Lan, Lin
MANY = 20  # a number of so many persons is none of a person: zeros, or that of the ward
GENERATION = 20  # years by which nobody guesses wrong
TELLS = ("name", "birth")
SPEAKS = (*TELLS, "born")  # the kinds of facts that tell of these; `born`: a birth without a day
TWO_BIRTHS = ("birth", "birth_other")
YEAR, DAY = 4, 10  # signs of YYYY-MM-DD, as far as a year and a day
# How much speaks for two names, and two births, to be one woman's: none at all, too little beside nothing, enough. They add up.
NOTHING, LITTLE, ENOUGH = 0, 1, 2
Judge = Callable[[pl.DataFrame], pl.Series]


def told_births(days: pl.DataFrame, rough: pl.DataFrame | None) -> pl.DataFrame:
    """The births of persons (`days`: `birth`), of who has no day what is known of it (`rough`: `born`); the other column is the person."""
    if rough is None:
        return days
    hers = next(name for name in days.columns if name != "birth")
    without = rough.join(days, on=hers, how="anti").select(hers, birth="born")
    return pl.concat([days.select(hers, "birth"), without]) if len(without) else days


def unlike_ties(ties: pl.DataFrame, names: pl.DataFrame, births: pl.DataFrame) -> pl.DataFrame:
    """The ties (`tie`) with two persons whose names and births are unlike.

    `ties` has `node` and `tie`; `names` and `births` tell of nodes. Where more than `MANY` stand under one number, each is held
    against the one who was born first: every pair of them would be too many. Who has more than `MANY` names and births is nobody.
    """
    told = [ties.select("tie", "node").unique(), *(_first_told(values, kind) for values, kind in ((names, "name"), (births, "birth")))]
    known = told[0].join(told[1], on="node").join(told[2], on="node")
    pairs = _pairs(known, "tie", ["birth", "name"], "node").filter(pl.col("node") != pl.col("node_other"))
    ward = pairs.filter(_is_nobody("") | _is_nobody("_other"))
    is_open = (pl.col("birth") != pl.col("birth_other")) & (pl.col("name") != pl.col("name_other"))  # nearly all agree in one of them
    few = pairs.filter(is_open).select("node", "node_other").unique()
    # a person with several names or births is unlike another where all of them are
    for values, kind, judged in ((births, "birth", _births_speak), (names, "name", _names_speak)):
        few = few.join(_most(few, values, kind, judged), on=["node", "node_other"]).filter(pl.col(kind) < ENOUGH)
    two = few.filter(pl.col("name") + pl.col("birth") < ENOUGH)
    return pl.concat([ward.select("tie"), pairs.join(two, on=["node", "node_other"], how="semi").select("tie")]).unique()


def _first_told(values: pl.DataFrame, kind: str) -> pl.DataFrame:
    """One row per node: the least of its values of one kind, and how many different ones it has (`n_` and the kind)."""
    is_several = twice(values["node"])
    several = values.filter(is_several).group_by("node").agg(pl.col(kind).min(), pl.col(kind).n_unique().cast(pl.Int64).alias(f"n_{kind}"))
    return pl.concat([values.filter(~is_several).select("node", kind, pl.lit(1, pl.Int64).alias(f"n_{kind}")), several])


def _is_nobody(side: str) -> pl.Expr:
    return pl.all_horizontal(pl.col(f"n_{kind}{side}") > MANY for kind in TELLS)


def _most(pairs: pl.DataFrame, values: pl.DataFrame, kind: str, judged: Judge) -> pl.DataFrame:
    """One row per pair of nodes: how much at most what they have of one kind speaks for one woman; of more than `MANY` the first tell."""
    told = values.select("node", kind).join(pairs.unpivot().select(node="value").unique(), on="node", how="semi").unique()
    told = told.sort("node", kind).filter(pl.int_range(pl.len()).over("node") < MANY)
    each = pairs.join(told, on="node").join(told, left_on="node_other", right_on="node", suffix="_other")
    return each.select("node", "node_other", judged(each).alias(kind)).group_by("node", "node_other").agg(pl.col(kind).max())


def two_in_one(values: Mapping[str, pl.DataFrame]) -> pl.Series:
    """The numbers (`patient_key`) under which two women stand, as far as `values` (by kind) has names and births."""
    if not values.keys() >= set(TELLS):
        return pl.Series("root", dtype=pl.Int64)
    births = [values[kind].select(root="patient_key", birth=kind) for kind in ("birth", "born") if kind in values]
    return unlike_within(values["name"].rename({"patient_key": "root"}), pl.concat(births))


def unlike_within(names: pl.DataFrame, births: pl.DataFrame) -> pl.Series:
    """The persons (`root`) who have two names and two births that are unlike."""
    least = _least(births, "birth", _births_speak)
    asked = names.filter(pl.col("root").is_in(least["root"].implode()))  # few have two births
    both = least.join(_least(asked, "name", _names_speak), on="root")
    return both.filter(pl.col("name") + pl.col("birth") < ENOUGH)["root"].sort()


def _least(told: pl.DataFrame, kind: str, judged: Judge) -> pl.DataFrame:
    """One row per person of whom two of one kind do not speak enough for one woman: how little they do."""
    few = told.filter(twice(told["root"])).unique()  # most have one, told once
    pairs = _pairs(few, "root", [kind], kind)
    return pairs.select("root", judged(pairs).alias(kind)).group_by("root").agg(pl.col(kind).min()).filter(pl.col(kind) < ENOUGH)


def _pairs(told: pl.DataFrame, group: str, order: list[str], one: str) -> pl.DataFrame:
    """Each two rows of a group whose `one` differs, once; where it has more than `MANY` of them, each row with the first in `order`."""
    is_many = pl.col(one).n_unique().over(group) > MANY
    few, many = told.filter(~is_many), told.filter(is_many)
    first = many.sort(group, *order).unique(group, keep="first", maintain_order=True)
    every = few.join(few, on=group, suffix="_other").filter(pl.col(one) < pl.col(f"{one}_other"))
    return pl.concat([every, many.join(first, on=group, suffix="_other")])


def _names_speak(pairs: pl.DataFrame) -> pl.Series:
    """How much `name` and `name_other` speak for one woman.

    Enough where they are nearly the same or all words of one are in the other (a name of particles alone has none, and contradicts
    nothing), little where they share a word, else nothing.
    """
    words = pairs.select(_bare("name"), _bare("name_other"))
    own = _own(words)
    shared = words.select(pl.col("name").list.set_intersection("name_other").list.len()).to_series()
    is_in = (own[0].list.len() == 0) | (own[1].list.len() == 0)
    is_none = words.select((pl.col("name").list.len() == 0) | (pl.col("name_other").list.len() == 0)).to_series()
    # Le and Van are particles here and family names there: beside one word in common they count
    few = pl.Series(np.flatnonzero(is_in & (shared == 1)), dtype=pl.UInt32)
    whole = _own(pairs[few].select(_words("name"), _words("name_other")))
    has_all = (is_in & (is_none | (shared > 1))).scatter(few, (whole[0].list.len() == 0) | (whole[1].list.len() == 0))
    near = _near(words["name"], words["name_other"])
    near_own = _near(own[0].list.sort(), own[1].list.sort())
    return _as_much(has_all | near_own | (near & (shared == 0)), shared > 0)


def _near(one: pl.Series, other: pl.Series) -> pl.Series:
    """Whether the words of two names, together, are nearly the same; none that are so short that one letter makes another name."""
    texts = [words.list.join(" ") for words in (one, other)]
    alike = pl.Series(process.cpdist(*(side.to_list() for side in texts), scorer=JaroWinkler.similarity), dtype=pl.Float64) >= ALIKE
    is_long = [side.str.len_chars() > SHORT for side in texts]
    return alike & is_long[0] & is_long[1]


def _as_much(enough: pl.Series, little: pl.Series) -> pl.Series:
    told = pl.DataFrame([enough.alias("enough"), little.alias("little")])
    return told.select(pl.when("enough").then(ENOUGH).when("little").then(LITTLE).otherwise(NOTHING)).to_series()


def _own(words: pl.DataFrame) -> list[pl.Series]:
    """The words that only `name` has, and those that only `name_other` has."""
    sides = (("name", "name_other"), ("name_other", "name"))
    return [words.select(pl.col(one).list.set_difference(other)).to_series() for one, other in sides]


def _bare(column: str) -> pl.Expr:
    """The words of a name without its particles and without single letters."""
    return _words(column).list.filter(~pl.element().is_in(_particles()))


def _words(column: str) -> pl.Expr:
    """The words of a name without single letters."""
    return pl.col(column).str.split(" ").list.filter(~pl.element().str.contains(r"^[a-z]$"))


@cache
def _particles() -> list[str]:
    return [row["word"] for row in shipped("name_particles.csv", "word", "of")]


def _births_speak(pairs: pl.DataFrame) -> pl.Series:
    """How much `birth` and `birth_other` (YYYY-MM-DD, or its beginning) speak for one woman, as far as both say.

    Enough where they differ in one sign or by one day, have day and month in the other order, or lie within a year and one of them is
    no day, or a 1 January (which is often a guess); little where one of them is so, or they differ in two signs; else nothing.
    """
    known = pl.min_horizontal(pl.col("birth").str.len_chars(), pl.col("birth_other").str.len_chars())
    cut = pairs.select(known.alias("known"), pl.col("birth").str.head(known), pl.col("birth_other").str.head(known))
    slips = pl.Series("slips", process.cpdist(cut["birth"].to_list(), cut["birth_other"].to_list(), scorer=OSA.distance), dtype=pl.Int64)
    months = [
        12 * pl.col(name).str.head(YEAR).cast(pl.Int32) + pl.col(name).str.slice(YEAR + 1, 2).cast(pl.Int32, strict=False).fill_null(0)
        for name in TWO_BIRTHS
    ]
    apart = (months[0] - months[1]).abs()
    is_day = pl.all_horizontal((pl.col("known") == DAY) & ~pl.col(name).str.ends_with("-01-01") for name in TWO_BIRTHS)
    one, other = (pl.col(name).str.to_date("%Y-%m-%d", strict=False) for name in TWO_BIRTHS)
    turned = pl.concat_str(pl.col("birth").str.head(YEAR + 1), pl.col("birth").str.slice(YEAR + 4), pl.col("birth").str.slice(YEAR, 3))
    is_slip = (pl.col("slips") < SLIPS) | ((pl.col("known") == DAY) & (turned == pl.col("birth_other")))
    is_near = ((one - other).dt.total_days().abs() <= 1).fill_null(value=False) | ((apart <= 12) & ~is_day)
    within = is_slip | pl.when(pl.col("known") == YEAR).then(apart <= 12 * GENERATION).otherwise(is_near)
    judged = cut.with_columns(slips).select(enough=within, little=(pl.col("slips") <= SLIPS) | ~is_day)
    return _as_much(judged["enough"], judged["little"])
