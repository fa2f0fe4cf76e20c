"""Things that two origins tell of one person (tumours, events, treatments) and that are one: agreeing in what both know.

An origin is one number of a person in one source. Within an origin, things are as it numbers them and never brought together.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import polars as pl

from etl.linking.groups import groups

ORIGIN = ("source", "own_key")
DATE = "date"


@dataclass(frozen=True)
class Likeness:
    """What makes two things one: `within` is the same for both, `differs` must not differ where both know it, `agrees` only speaks
    for it, and the dates must overlap where both are known, at most `days` apart."""

    within: tuple[str, ...]
    differs: tuple[str, ...]
    agrees: tuple[str, ...]
    days: int


@dataclass(frozen=True)
class Matches:
    """`roots`: `thing`, `root` (the thing most trusted) and `by` (what agrees). `doubtful`: things that fit several."""

    roots: pl.DataFrame
    doubtful: pl.DataFrame


def things(pieces: pl.DataFrame, local: Sequence[str], facts: Sequence[str], date: str | None) -> pl.DataFrame:
    """One row per thing of persons with several origins: `patient_key`, ORIGIN, the columns `local` that name it there, its facts.

    `origin` numbers the origins of a person in the order of trust, `early` and `late` are its date, `thing` is its number; ordered.
    """
    by = ["patient_key", *ORIGIN]
    several = pieces.select(by).unique().filter(pl.col("patient_key").is_duplicated())
    hers = pieces.join(several, on=by, how="semi").sort("delivery", "source_row_id", descending=[True, False])
    early = pl.col(f"{date}_earliest_date") if date else pl.lit(None, pl.Date)
    late = pl.col(f"{date}_latest_date") if date else pl.lit(None, pl.Date)
    # an interval in days only, or with a contradiction within the origin, is no date to compare
    found = hers.with_columns(e=early, l=late).group_by([*by, *local]).agg(
        *(pl.col(fact).first(ignore_nulls=True) for fact in facts), pl.col("trust").min(), pl.col("source_row_id").min(),
        early=pl.col("e").max(), late=pl.col("l").min(),
    )  # fmt: skip
    clash = (pl.col("early") > pl.col("late")).fill_null(value=False)
    found = found.with_columns(pl.when(~clash).then(pl.col(c)).alias(c) for c in ("early", "late"))
    origin = pl.struct(pl.col("trust").min().over(by), "own_key", "source").rank("dense").over("patient_key").cast(pl.Int32)
    ordered = found.with_columns(origin=origin).sort("patient_key", "origin", *local)
    return ordered.with_row_index("thing").with_columns(pl.col("thing").cast(pl.Int64))


def match(found: pl.DataFrame, like: Likeness) -> Matches:
    """The things of several origins that are one; a thing that fits several equally well is left apart and named."""
    pairs = _pairs(found, like)
    best = [pl.col("score") == pl.col("score").max().over(*side) for side in (("a", "b_origin"), ("b", "a_origin"))]
    tops = pairs.with_columns(top_a=best[0], top_b=best[1])
    alone_a = pl.col("top_a").sum().over("a", "b_origin") == 1
    alone_b = pl.col("top_b").sum().over("b", "a_origin") == 1
    tops = tops.with_columns(alone_a=alone_a, alone_b=alone_b)
    sure = tops.filter("top_a", "top_b", "alone_a", "alone_b").sort("a", "b").with_row_index("tie")
    tied = _consistent(sure, found)
    doubtful = tops.filter((pl.col("top_a") & ~pl.col("alone_a")) | (pl.col("top_b") & ~pl.col("alone_b")))["b"]
    spread = sure.join(tied, left_on="b", right_on="thing", how="anti")["b"]
    # a thing most trusted is the least number, since things are numbered in the order of trust
    said = sure.sort("b", "a").unique("b", keep="first", maintain_order=True).select(thing="b", by="by")
    roots = found.select("thing").join(tied, on="thing", how="left").join(said, on="thing", how="left", maintain_order="left")
    open_ = pl.concat([doubtful, spread]).unique()
    return Matches(
        roots.select("thing", pl.coalesce("root", "thing").alias("root"), "by"), found.filter(pl.col("thing").is_in(open_.implode()))
    )


def _pairs(found: pl.DataFrame, like: Likeness) -> pl.DataFrame:
    """Every two things of different origins that do not contradict each other, and how much speaks for their being one."""
    keys = list(like.within)
    lone = found.with_columns(lone=pl.len().over(*keys, "origin") == 1)
    names = list(dict.fromkeys([*like.differs, *like.agrees]))
    taken = ["thing", "origin", "early", "late", "lone", *(name for name in names if name not in keys)]
    left, right = (lone.select(*keys, pl.col(taken).name.prefix(side)) for side in ("a_", "b_"))
    pairs = left.join(right, on=keys).filter(pl.col("a_origin") < pl.col("b_origin"))
    equal = {name: (pl.col(f"a_{name}") == pl.col(f"b_{name}")).fill_null(value=False) for name in names}
    apart = pl.any_horizontal(
        *((pl.col(f"a_{name}") != pl.col(f"b_{name}")).fill_null(value=False) for name in like.differs), pl.lit(value=False)
    )
    near, far = _dates(like.days)
    score = pl.sum_horizontal(*(test.cast(pl.Int32) for test in equal.values()), 2 * near.cast(pl.Int32))
    words = [pl.when(test).then(pl.lit(name)) for name, test in {DATE: near, **equal}.items()]
    scored = pairs.with_columns(score=score, apart=apart | far, by=pl.concat_str(words, separator=" ", ignore_nulls=True))
    only = pl.col("a_lone") & pl.col("b_lone")
    kept = scored.filter(~pl.col("apart") & ((pl.col("score") > 0) | only))
    named = kept.with_columns(by=pl.when(pl.col("by") != "").then("by").otherwise(pl.lit("only_one")))
    return named.select("a_origin", "b_origin", "score", "by", a="a_thing", b="b_thing")


def _dates(days: int) -> tuple[pl.Expr, pl.Expr]:
    """Whether two dates can be at most so many days apart, and whether they certainly lie further apart; an open side is unbounded."""
    reach = pl.duration(days=days)
    a_known = pl.col("a_early").is_not_null() | pl.col("a_late").is_not_null()
    b_known = pl.col("b_early").is_not_null() | pl.col("b_late").is_not_null()
    over = (pl.col("a_early") > pl.col("b_late") + reach).fill_null(value=False)
    under = (pl.col("b_early") > pl.col("a_late") + reach).fill_null(value=False)
    return a_known & b_known & ~over & ~under, over | under


def _consistent(sure: pl.DataFrame, found: pl.DataFrame) -> pl.DataFrame:
    """Groups (thing, root) of tied things in which no origin has two."""
    if sure.is_empty():
        return pl.DataFrame(schema={"thing": pl.Int64, "root": pl.Int64})
    ties = pl.concat([sure.select("tie", node="a"), sure.select("tie", node="b")])
    grouped = groups(ties).rename({"node": "thing"}).join(found.select("thing", "origin"), on="thing")
    twice = grouped.filter(pl.struct("root", "origin").is_duplicated())
    return grouped.join(twice, on="root", how="anti").select("thing", "root")
