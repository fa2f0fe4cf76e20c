"""Why a vocabulary read nothing from a text, and what it would read once the words that no list knows were plain words of the project."""

from __future__ import annotations

import polars as pl

from etl.normalise import markers
from etl.normalise.result import WHY
from schemas.vocabularies.reasons import UNLISTED_WORD
from schemas.vocabulary import Vocabularies

# Reasons that the reading itself gives, and that stand.
_STANDS = ("contradiction", "not_read", "needs_context")


def why_not(known: Vocabularies, domain: str, rejected: pl.DataFrame, *, within_text: bool) -> pl.DataFrame:
    """WHY for each row of `rejected` (raw, context, reason), in their order; a null text has an empty reason."""
    is_marker = domain == markers.DOMAIN and within_text
    texts = markers.told_of_it(known, rejected) if is_marker else rejected["raw"]
    found = known.why(domain, texts, within_text=within_text)
    stands = rejected["reason"].cast(pl.String)
    reason = pl.select(pl.when(stands.is_in(_STANDS)).then(stands).otherwise(found["reason"])).to_series().alias("reason")
    words = pl.select(pl.when(reason == UNLISTED_WORD).then(found["words"]).otherwise(pl.lit(""))).to_series().alias("words")
    told = rejected.select("raw", "context").hstack([reason, words])
    return told.with_columns(_would_read(known, domain, told, within_text=within_text)).select(WHY)


def _would_read(known: Vocabularies, domain: str, told: pl.DataFrame, *, within_text: bool) -> pl.Series:
    """The code that each text gives once all its words are plain ones: read again, not inferred. Empty where it gives none.

    Whether the words may be plain is asked once for all files (etl/own_words.py): each asking takes a tenth of a second.
    """
    none = pl.repeat("", told.height, dtype=pl.String, eager=True).alias("would_read")
    places = (told["words"] != "").arg_true()
    if places.is_empty():
        return none
    each = told["words"].gather(places).str.split(" ").explode(empty_as_null=False).unique().sort()
    more, asked = known.with_plain(domain, list(each)), told[places].select("raw", "context")
    if domain == markers.DOMAIN:
        found = markers.read_results(more, asked, within_text=within_text)
    else:
        found = more.normalise(domain, asked["raw"], asked["context"], within_text=within_text)
    codes = found.select(
        pl.when(pl.col("bin").cast(pl.String) != "rejected").then(pl.col("code").cast(pl.String)).fill_null("")
    ).to_series()
    return none.scatter(places, codes)
