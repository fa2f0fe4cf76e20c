"""Morphology in two columns, as NAACCR items 522 and 523 and SEER have it: four digits, and the behaviour beside them."""

from __future__ import annotations

import polars as pl

from schemas.facts import shipped


def with_behaviour(types: pl.Series, behaviours: pl.Series) -> pl.Series:
    """`8500` and `3` (or `Malignant`) as `8500/3`; null where there is no type, the type alone where there is no behaviour.

    A type that has its behaviour already stays as it is where both agree. Where they contradict each other, or the behaviour is
    none, both texts stand together, which no code list knows: the cell is rejected and told, never half read.
    """
    type_text, behaviour_text = pl.col("type"), pl.col("behaviour")
    words = {row["word"]: row["behaviour"] for row in shipped("behaviours.csv", "word", "behaviour")}
    digit = behaviour_text.str.strip_chars().str.to_lowercase().replace_strict(words, default=None, return_dtype=pl.String)
    alone = type_text.str.strip_chars().str.contains(r"^[Mm]?-?\d{4}$")
    written = type_text.str.extract(r"^\s*[Mm]?-?\d{4}\s*/\s*(\d)\s*$")
    both = pl.concat_str(type_text, pl.lit(" / "), behaviour_text)
    told = (
        pl.when(behaviour_text.is_null() | (written == digit)).then(type_text)
        .when(alone & digit.is_not_null()).then(pl.concat_str(type_text.str.strip_chars(), pl.lit("/"), digit))
        .otherwise(both)
    )  # fmt: skip
    return pl.DataFrame({"type": types, "behaviour": behaviours}).select(told.alias("told")).to_series()
