"""The known spelling of which a text that no vocabulary knows is a slip of the pen: a hint for a person, never applied by itself."""

from __future__ import annotations

import re
from itertools import starmap

import polars as pl

from schemas.vocabularies.slips import is_slip
from schemas.vocabularies.spelling import fold

LEAST_LETTERS = 3  # of two letters one is half of the text: TC is no slip of an abbreviation of tucatinib
LEAST_LIKENESS = 75  # of 100; below it no spelling is asked about
LOOKED_AT = 20  # of the most alike
TOKENS = re.compile(r"(?:[^\W_]|(?<=[^\W\d_])\?(?=[^\W\d_]))+|[+±%<>=?]|-(?!\w)")
# Regimens are called by letters: only words as long as those of drugs have slips.
LEAST_WORD = {"regimen": 7}
# What denies is most like what it denies: "nicht verstorben" must not be offered as dead, nor "amplifiziert" as "nicht amplifiziert".
DENIALS = frozenset({
    "no", "not", "non", "never", "without",
    "nicht", "kein", "keine", "keinen", "keiner", "ohne", "niet", "geen", "pas", "sans", "sin", "senza",
})  # fmt: skip
# A question mark that is no letter torn by an encoding (`infiltr?nt`): of a value that is doubted the plain one is no spelling.
DOUBT = r"(^|[^\pL])\?|\?([^\pL]|$)"
# One row per text, identified by raw: the known spelling most like it and its code.
NEAREST = {"raw": pl.String, "suggestion": pl.String, "code": pl.String}


def nearest(texts: pl.Series, spellings: pl.DataFrame, domain: str = "") -> pl.DataFrame:
    """NEAREST: the spelling of which each text is a slip, where there is one; none for a text that denies, doubts or is very short.

    The line can be pasted as it is, so the words must be the same but for one letter (two of a long word), never the first one; codes,
    numbers and signs must be the same: IIC is not IIIC. None where the slip may be one of two codes. `spellings` are folded texts with
    their codes (text, code).
    """
    from rapidfuzz import fuzz, process  # noqa: PLC0415 - only what was not understood needs it

    known = [text for text in spellings["text"] if DENIALS.isdisjoint(text.split())]
    code_of, least = dict(spellings.select("text", "code").iter_rows()), LEAST_WORD.get(domain, 4)
    asked = texts.cast(pl.String).alias("raw").to_frame().filter(~pl.col("raw").str.contains(DOUBT))
    folded = asked.select("raw", text=fold(pl.col("raw"))).drop_nulls()
    rows = []
    for raw, text in folded.iter_rows():
        if len(text) < LEAST_LETTERS or not DENIALS.isdisjoint(text.split()):
            continue
        found = process.extract(text, known, scorer=fuzz.ratio, score_cutoff=LEAST_LIKENESS, limit=LOOKED_AT)
        alike = [spelling for spelling, _, _ in found if _is_spelling(TOKENS.findall(text), TOKENS.findall(spelling), least)]
        if len({code_of[spelling] for spelling in alike}) == 1:
            rows.append((raw, alike[0], code_of[alike[0]]))
    return pl.DataFrame(rows, schema=NEAREST, orient="row")


def _is_spelling(text: list[str], spelling: list[str], least: int) -> bool:
    """Whether the tokens of a text are those of a spelling, slips of the pen aside; words may be written together or apart."""
    if len(text) != len(spelling) and 1 in (len(text), len(spelling)) and all(map(str.isalnum, text)):
        text, spelling = ["".join(text)], ["".join(spelling)]
    return len(text) == len(spelling) and all(starmap(lambda word, known: is_slip(word, known, least), zip(text, spelling, strict=True)))
