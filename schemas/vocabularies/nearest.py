"""The known spelling most like a text that no vocabulary knows: a hint for a person, never applied by itself."""

from __future__ import annotations

import re

import polars as pl

from schemas.vocabularies.spelling import fold

LEAST_LETTERS = 3  # of two letters one is half of the text: TC is no slip of an abbreviation of tucatinib
LEAST_LIKENESS = 75  # of 100; below it a hint misleads more than it helps
LOOKED_AT = 20  # of the most alike, until one names what the text names
# A word that is mostly a code, whose every letter counts: of `stage ib` the ib, of `iiic` all, and of `iilc`, where an l stands for an i.
CODE = re.compile(r".{1,3}|[ivxl]+[a-d]?")
NUMBERS = re.compile(r"\d+")
# What denies is most like what it denies: "nicht verstorben" must not be offered as dead, nor "amplifiziert" as "nicht amplifiziert".
DENIALS = frozenset({
    "no", "not", "non", "never", "without",
    "nicht", "kein", "keine", "keinen", "keiner", "ohne", "niet", "geen", "pas", "sans", "sin", "senza",
})  # fmt: skip
# A question mark that is no letter torn by an encoding (`infiltr?nt`): of a value that is doubted the plain one is no spelling.
DOUBT = r"(^|[^\pL])\?|\?([^\pL]|$)"
# One row per text, identified by raw: the known spelling most like it and its code.
NEAREST = {"raw": pl.String, "suggestion": pl.String, "code": pl.String}


def nearest(texts: pl.Series, spellings: pl.DataFrame) -> pl.DataFrame:
    """NEAREST: the most alike of each text, where one is alike enough; none that denies, none for a text that denies, doubts or is short.

    None with another number or another code either: the line can be pasted as it is, and grade 7 is not grade 1. `spellings` are folded
    texts with their codes (text, code).
    """
    from rapidfuzz import fuzz, process  # noqa: PLC0415 - only what was not understood needs it

    known = [text for text in spellings["text"] if DENIALS.isdisjoint(text.split())]
    code_of = dict(spellings.select("text", "code").iter_rows())
    asked = texts.cast(pl.String).alias("raw").to_frame().filter(~pl.col("raw").str.contains(DOUBT))
    folded = asked.select("raw", text=fold(pl.col("raw"))).drop_nulls()
    rows = []
    for raw, text in folded.iter_rows():
        if len(text) < LEAST_LETTERS or not DENIALS.isdisjoint(text.split()):
            continue
        found = process.extract(text, known, scorer=fuzz.ratio, score_cutoff=LEAST_LIKENESS, limit=LOOKED_AT)
        if (alike := next((spelling for spelling, _, _ in found if _same_codes(text, spelling)), None)) is not None:
            rows.append((raw, alike, code_of[alike]))
    return pl.DataFrame(rows, schema=NEAREST, orient="row")


def _same_codes(text: str, spelling: str) -> bool:
    """Whether the numbers and codes of a spelling stand in the text: what a slip of the pen there means nobody can tell."""
    numbers, words = NUMBERS.findall(spelling), set(text.split())
    return (not numbers or numbers == NUMBERS.findall(text)) and all(word in words for word in spelling.split() if CODE.fullmatch(word))
