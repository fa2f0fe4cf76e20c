"""Why nothing is read from a text: a hint for the person who looks at it, never used to read anything."""

from __future__ import annotations

import polars as pl

from schemas.vocabularies import clauses
from schemas.vocabularies.code_list import NOT_READ
from schemas.vocabularies.within import Facts, Known, refusing, told

UNLISTED_WORD, UNKNOWN, SEVERAL, LONGER = "unlisted_word", "unknown", "several_values", "longer_text"
# One row per text: why, and of an unlisted word the words (folded, a blank between them), else empty.
REASONS = {"reason": pl.String, "words": pl.String}
# What a text says that is not read: the first of these whose words it has.
SAID = (
    ("denial", ("denial", "refusal")), ("doubt", ("doubt",)), ("plan", ("plan", "later", "wish")), ("stopped", ("stop",)),
    ("another_person", ("person",)), ("another_cancer", ("other_cancer",)), ("another_organ", ("organ", "body")),
)  # fmt: skip
OTHER = "another_thing"
# In these an organ is the value.
_OF_ORGANS = ("site", "topography", "procedure", "radiation_volume", "event_type", "cause_of_death")
# The reasons, in the order in which docs/contracts.md tells them; texts of no code list have the edit that tells of them.
CLOSED = (
    UNLISTED_WORD, UNKNOWN, SEVERAL, "ambiguous", "needs_context", LONGER, *(name for name, _ in SAID), OTHER, "contradiction", NOT_READ,
)  # fmt: skip
_AS_LISTED = {"ambiguous_spelling": "ambiguous", "needs_context": "needs_context", NOT_READ: NOT_READ}


def reasons(texts: pl.Series, domain: str, known: Known, facts: Facts, *, within_text: bool) -> pl.DataFrame:
    """REASONS of texts from which nothing is read (`facts`: theirs), in their order; `within_text`: read as longer texts, else as whole
    cells."""
    direct, named, said = facts.direct, facts.named, told(facts, domain, known)
    as_listed = direct["how"].replace_strict(_AS_LISTED, default=None, return_dtype=pl.String)
    is_one = (said["is_read"] | said["is_refused"]) & ~said["fits"]
    is_another = (said["is_doubted"] | said["is_another"]) & ~said["is_refused"]
    found = direct.select(
        reason=pl.coalesce(
            as_listed,
            pl.when(is_one).then(pl.lit(UNLISTED_WORD if within_text else LONGER)),
            _said(texts, is_another & as_listed.is_null() & ~is_one, domain),
            pl.when(named["codes"] > 1).then(pl.lit(SEVERAL)),
            pl.when(is_another).then(pl.when(said["is_doubted"]).then(pl.lit("doubt")).otherwise(pl.lit(OTHER))),
            pl.lit(UNKNOWN),
        )
    )
    places = (found["reason"] == UNLISTED_WORD).arg_true()
    none = pl.repeat("", found.height, dtype=pl.String, eager=True)
    listed = none.scatter(places, refusing(facts.at(places), domain, known)) if len(places) else none
    return found.with_columns(listed.alias("words"))


def _said(texts: pl.Series, is_asked: pl.Series, domain: str) -> pl.Series:
    """What each text that is asked about says by its words, whatever refuses it; null where it has none of them."""
    found = pl.repeat(None, len(texts), dtype=pl.String, eager=True)
    places = is_asked.arg_true()
    asked = clauses.as_words(texts.gather(places))
    for name, classes in SAID:
        if places.is_empty():
            break
        if name != "another_organ" or domain not in _OF_ORGANS:
            has = clauses.say(asked, classes)
            if has.any():
                found = found.scatter(places.filter(has), name)
                places, asked = places.filter(~has), asked.filter(~has)
    return found
