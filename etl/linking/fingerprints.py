"""What the linkage compared of two persons, in one text each: their fingerprints are made of it, and it is kept nowhere."""

from __future__ import annotations

from collections.abc import Collection

import polars as pl

from etl.linking.person_facts import Facts, of_roots, rooted
from schemas.core.ids import SEPARATOR

SIDES = ("patient_key", "with_key")


def of_pairs(pairs: pl.DataFrame, facts: Facts, roots: pl.DataFrame, kinds: Collection[str]) -> pl.Series:
    """One text per row of `pairs` (SIDES), in their order, none null: both numbers, and all that either person has of these kinds.

    Which of them agree is no part of it: that hangs on which sets and weights were tried. Neither does which of the two stands first
    change anything.
    """
    if pairs.is_empty():
        return pl.Series("text", [], dtype=pl.String)
    numbered = pairs.select(SIDES).with_row_index("pair")
    sides = [rooted(numbered.select("pair", patient_key=side), roots).with_columns(number=numbered[side].cast(pl.String)) for side in SIDES]
    both = pl.concat(sides)
    none = pl.DataFrame(schema={"root": pl.Int64, "kind": pl.String, "value": pl.String})
    values = [_values(facts.values[kind], kind, both["root"], roots) for kind in sorted(facts.values) if kind in kinds]
    hers = pl.concat([none, *values]).join(both, on="root", how="inner").group_by("pair", "number").agg(_joined("value"))
    side = both.join(hers, on=["pair", "number"], how="left").select(
        "pair", text=pl.concat_str("number", pl.col("value").fill_null(""), separator=SEPARATOR)
    )
    told = side.group_by("pair").agg(_joined("text"))
    return numbered.join(told, on="pair", how="left", maintain_order="left")["text"]


def of_persons(persons: pl.Series, values: pl.DataFrame, kind: str) -> pl.Series:
    """One text per person (`persons`: roots), in their order, none null: all values of one kind (`values`: root and kind)."""
    hers = values.filter(pl.col("root").is_in(persons.implode())).group_by("root").agg(_joined(kind))
    return persons.alias("root").to_frame().join(hers, on="root", how="left", maintain_order="left")[kind].fill_null("")


def _values(values: pl.DataFrame, kind: str, persons: pl.Series, roots: pl.DataFrame) -> pl.DataFrame:
    """What these persons have of one kind."""
    value = pl.concat_str(pl.lit(kind), pl.col(kind).cast(pl.String), separator=SEPARATOR)
    return of_roots(values, roots, persons).select("root", kind=pl.lit(kind), value=value)


def _joined(name: str) -> pl.Expr:
    return pl.col(name).unique().sort().str.join(SEPARATOR)
