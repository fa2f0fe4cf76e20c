"""The words that keep texts from being read and that no list knows, those first that give most cells back: internal/own_words.csv.

Its lines can be pasted into the project's vocabularies/plain_words.csv once a person has looked at each: what says something of the value
beside it must not stand there. Nothing of it is applied by itself.
"""

from __future__ import annotations

import polars as pl

from schemas.facts import SEPARATOR
from schemas.vocabularies import plain_words
from schemas.vocabulary import Vocabularies

FILE, GOES_TO = "own_words.csv", f"vocabularies/{plain_words.FILE}.csv"
# One row per word; `domain`: those of its texts. `cells`: cells that are read with this word alone; `so_far`: with this line and all above
# it; `with_others`: cells that need it and other words of the list. `example`: the most frequent text that needs it, `would_read` its code.
OWN_WORDS = {
    "domain": pl.String, "word": pl.String, "cells": pl.Int64, "so_far": pl.Int64, "with_others": pl.Int64,
    "example": pl.String, "would_read": pl.String,
}  # fmt: skip


def ranked(unmapped: pl.DataFrame, known: Vocabularies) -> pl.DataFrame:
    """OWN_WORDS of the texts that no vocabulary read (result.UNMAPPED), the words first that free most cells.

    Not offered: what stands in a cell of its own, for there it is a value that no list knows (os of foie, os).
    """
    texts = unmapped.filter(pl.col("would_read") != "").group_by("domain", "words", "spelling", "would_read").agg(pl.col("n").sum())
    texts = texts.sort("n", "domain", "spelling", "words", "would_read", descending=[True, False, False, False, False])
    values = plain_words.folded(unmapped["spelling"].unique())
    needed = _needed(texts.with_row_index("text"), known)
    needed = needed.filter(~pl.col("word").is_in(values.implode()).any().over("text"))
    if needed.is_empty():
        return pl.DataFrame(schema=OWN_WORDS)
    is_alone = pl.len().over("text") == 1
    told = needed.with_columns(is_alone=is_alone).group_by("word", maintain_order=True)
    words = told.agg(
        domain=pl.col("domain").unique().sort().str.join(SEPARATOR),
        cells=pl.col("n").filter("is_alone").sum(),
        with_others=pl.col("n").filter(~pl.col("is_alone")).sum(),
        example=pl.col("spelling").first(),
        would_read=pl.col("would_read").first(),
    )
    words = words.sort("cells", "with_others", "word", descending=[True, True, False]).with_row_index("place")
    # a text is read as soon as the last of its words stands there
    last = needed.join(words.select("place", "word"), on="word").group_by("text").agg(pl.col("place").max(), pl.col("n").first())
    freed = last.group_by("place").agg(freed=pl.col("n").sum())
    words = words.join(freed, on="place", how="left", maintain_order="left")
    return words.with_columns(so_far=pl.col("freed").fill_null(0).cum_sum()).select(pl.col(c).cast(kind) for c, kind in OWN_WORDS.items())


def _needed(texts: pl.DataFrame, known: Vocabularies) -> pl.DataFrame:
    """One row per text (`text`) and word that must be plain for it to be read."""
    each = texts.with_columns(word=pl.col("words").str.split(" ").list.unique(maintain_order=True)).explode("word", empty_as_null=False)
    parts = [
        part.filter(pl.lit(known.refusals(str(domain), part["word"]).is_null()))
        for (domain,), part in each.group_by("domain", maintain_order=True)
    ]
    return pl.concat([each.clear(), *parts]).select("text", "domain", "word", "n", "spelling", "would_read")
