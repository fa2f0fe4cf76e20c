"""Looking raw texts up in what a domain knows, as a whole (within.py: as the one code named inside a longer text).

Both take `asked` (raw, context) and the two look-ups of a domain (by text as listed, and by text after the retry rules),
and return `asked` in its order with code and how; how is null where nothing fits.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import polars as pl

from schemas.vocabularies import labelled_codes
from schemas.vocabularies.code_list import NOT_READ
from schemas.vocabularies.spelling import fold, latin, rewrite, rules, words

# Of a text that names one code beside words that no list knows.
BESIDE_UNLISTED = "beside_unlisted"
REJECTED = ("ambiguous_spelling", "needs_context", "unknown_spelling", NOT_READ)
# Shorter ones are words of the language, numbers or initials of something else inside a text (RT, 2 cm, L1): whole cells only.
_LONG_ENOUGH = r"^ (?:.*\p{L}{2}.*) $"
_LEAST_LENGTH = 3


@dataclass(frozen=True)
class Meanings:
    """A look-up: `rows` (code_list.MEANINGS) of one domain, one per text and context. What is taken of them is kept: every column of
    every file asks the same again."""

    rows: pl.DataFrame

    @cached_property
    def alone(self) -> pl.DataFrame:
        """text, code and how of what needs no context."""
        return self.rows.filter(pl.col("context") == "").select("text", "code", "how")

    @cached_property
    def in_context(self) -> pl.DataFrame | None:
        """text, context, code and how of the others; None where there are none."""
        found = self.rows.filter(pl.col("context") != "").select("text", "context", "code", "how")
        return None if found.is_empty() else found

    @cached_property
    def spelt(self) -> pl.DataFrame:
        """text and code of each spelling that needs no context."""
        return self.rows.filter((pl.col("how") == "spelling") & (pl.col("context") == "")).select("text", "code")

    @cached_property
    def as_words(self) -> pl.DataFrame:
        """code and words of the spellings that count inside a longer text, and whether they say nothing certain there."""
        alone = [pl.col("text").str.contains(rule["pattern"]) for domain in self.rows["domain"].unique() for rule in rules(domain, "alone")]
        spelt = self.spelt.with_columns(words=words(pl.col("text")), is_alone=pl.any_horizontal(pl.lit(False), *alone))
        known = spelt.select("code", "words", "is_alone").unique(maintain_order=True)
        return known.filter(pl.col("words").str.contains(_LONG_ENOUGH), pl.col("words").str.strip_chars().str.len_chars() >= _LEAST_LENGTH)


def whole(asked: pl.DataFrame, domain: str, exact: Meanings, retry: Meanings | None) -> pl.DataFrame:
    """One row per row of `asked`: the meaning of the whole text, or, where it has none, of the text changed by the retry rules (`rule`).

    `retry` is None for a domain without such rules.
    """
    folded = asked.with_columns(text=fold(pl.col("raw")))
    if domain not in labelled_codes.DOMAINS:
        return _looked(folded, domain, exact, retry)
    found = _looked(labelled_codes.plain(folded, lambda labels: _looked(labels, domain, exact, retry)), domain, exact, retry)
    differs = found["text"].str.ends_with(labelled_codes.DIFFERS)
    return found.with_columns(how=pl.when(differs).then(pl.lit("ambiguous_spelling")).otherwise("how"))


def _looked(folded: pl.DataFrame, domain: str, exact: Meanings, retry: Meanings | None) -> pl.DataFrame:
    """The rows of `folded` (text, context) with code and how: as the text stands, else after the retry rules."""
    first = _meaning(folded, exact)
    folded = folded.with_columns(text=latin(pl.col("text"), domain))
    if retry is None or not first["how"].null_count():
        return first
    again = _meaning(folded.with_columns(rewrite(pl.col("text"), domain, "retry")), retry)
    by_rule = pl.when(again["how"] == "spelling").then(pl.lit("rule")).otherwise(again["how"])
    return first.with_columns(
        code=pl.when(pl.col("how").is_null()).then(again["code"]).otherwise("code"),
        how=pl.coalesce("how", by_rule),
    )


def _meaning(asked: pl.DataFrame, meanings: Meanings) -> pl.DataFrame:
    """`asked` with code and how by text and context, else by text alone."""
    alone = asked.join(meanings.alone, on="text", how="left", maintain_order="left")
    if meanings.in_context is None:
        return alone
    both = asked.join(meanings.in_context, on=["text", "context"], how="left", maintain_order="left")
    code = pl.when(pl.col("how").is_null()).then(alone["code"]).otherwise("code")
    return both.with_columns(code=code, how=pl.coalesce("how", alone["how"]))


def binned(found: pl.DataFrame, codes: frozenset[str]) -> pl.DataFrame:
    """raw, code, bin and reason of looked-up rows: canonical (the code itself, or known to be absent), fixed, rejected."""
    blank = pl.col("raw").is_null() | (pl.col("raw").str.strip_chars() == "")
    is_code = pl.col("raw").is_in(list(codes)) & (pl.col("raw") == pl.col("code"))
    reason = pl.when(blank).then(pl.lit("blank")).when(is_code).then(pl.lit("")).otherwise(pl.col("how").fill_null("unknown_spelling"))
    shelf = pl.when(reason.is_in(REJECTED)).then(pl.lit("rejected")).when(pl.col("code").is_null() | is_code).then(pl.lit("canonical"))
    return found.select("raw", "code", bin=shelf.otherwise(pl.lit("fixed")), reason=reason)
