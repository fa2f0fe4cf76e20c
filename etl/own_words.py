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


def settled(unmapped: pl.DataFrame, known: Vocabularies) -> pl.DataFrame:
    """result.UNMAPPED with `would_read` where each of the words may be a plain word of the project's own, else empty.

    None may be that stands in a cell of its own: there it is a value that no list knows (os of foie, os).
    """
    values = plain_words.folded(unmapped["spelling"].unique())
    asked = unmapped.filter(pl.col("would_read") != "").select("domain", word=pl.col("words").str.split(" "))
    each = asked.explode("word", empty_as_null=False).unique().sort("domain", "word")
    parts = [part.filter(known.refusals(str(domain), part["word"]).is_not_null()) for (domain,), part in each.group_by("domain")]
    refused = pl.concat([each.filter(pl.col("word").is_in(values.implode())), *parts]).with_columns(is_refused=True)
    lines = unmapped.with_row_index("line").select("line", "domain", word=pl.col("words").str.split(" "))
    lines = lines.explode("word", empty_as_null=False).join(refused, on=["domain", "word"], how="semi")
    is_refused = pl.int_range(pl.len()).is_in(lines["line"].unique().cast(pl.Int64).implode())
    return unmapped.with_columns(would_read=pl.when(is_refused).then(pl.lit("")).otherwise("would_read"))


def ranked(unmapped: pl.DataFrame) -> pl.DataFrame:
    """OWN_WORDS of the texts that no vocabulary read (`settled`), the words first that free most cells."""
    texts = unmapped.filter(pl.col("would_read") != "").group_by("domain", "words", "spelling", "would_read").agg(pl.col("n").sum())
    texts = texts.sort("n", "domain", "spelling", "words", "would_read", descending=[True, False, False, False, False])
    words = pl.col("words").str.split(" ").list.unique(maintain_order=True)
    needed = texts.with_row_index("text").with_columns(word=words).explode("word", empty_as_null=False)
    if needed.is_empty():
        return pl.DataFrame(schema=OWN_WORDS)
    is_alone = pl.len().over("text") == 1
    told = needed.with_columns(is_alone=is_alone).group_by("word", maintain_order=True)
    words_of = told.agg(
        domain=pl.col("domain").unique().sort().str.join(SEPARATOR),
        cells=pl.col("n").filter("is_alone").sum(),
        with_others=pl.col("n").filter(~pl.col("is_alone")).sum(),
        example=pl.col("spelling").first(),
        would_read=pl.col("would_read").first(),
    )
    listed = words_of.sort("cells", "with_others", "word", descending=[True, True, False]).with_row_index("place")
    # a text is read as soon as the last of its words stands there
    last = needed.join(listed.select("place", "word"), on="word").group_by("text").agg(pl.col("place").max(), pl.col("n").first())
    freed = last.group_by("place").agg(freed=pl.col("n").sum())
    listed = listed.join(freed, on="place", how="left", maintain_order="left")
    return listed.with_columns(so_far=pl.col("freed").fill_null(0).cum_sum()).select(pl.col(c).cast(kind) for c, kind in OWN_WORDS.items())
