"""The text of a treatment cell in the one form in which it is compared with the words of the grammar (schemas/treatment_grammar.yml)."""

from __future__ import annotations

import re
import unicodedata
from functools import cache
from importlib.resources import files
from typing import Any

from ruamel.yaml import YAML

from schemas.core.date_writing import FULL_WIDTH, OTHER_DIGITS
from schemas.vocabularies.spelling import look_alikes

PLAIN = str.maketrans(FULL_WIDTH | OTHER_DIGITS)
# 50,4 Gy, 50,4+10 Gy and 2,5 mg: one or two digits behind it, so that 5,040 cGy stays what nobody knows
DECIMAL_COMMA = re.compile(
    r"(?<![\d,])(\d+),(\d{1,2})(?=\s*(?:\+\s*\d+(?:[.,]\d{1,2})?\s*)?(?:c?gy|гр|mg|мг|jaar|jahre?n?|years?|yrs?|an(?:s|os?|ni)\b|ar\b))"
)
# A word with a Cyrillic or Greek letter in it; looked for where a word begins only, else a cell of one long word takes seconds
OTHER_SCRIPT = re.compile(r"(?<![^\W\d_])[^\W\d_]*[\u0370-\u03ff\u0400-\u052f][^\W\d_]*")
# 50 Гр; a total dose of 5.04 cGy is given to nobody, so three digits behind the comma of centigrays are thousands
GRAYS = re.compile(r"(?<=\d)\s*(?:гр\b\.?|grays?\b)")
THOUSANDS = re.compile(r"(?<![\d,.])(\d),(\d{3})(?=\s*cgy)")
# q 3 wk, q.3 week and q3wks are q3w; q wk and q weekly are qw
EVERY_WEEKS = re.compile(r"(?<![a-z0-9])q\.?\s*([1-6]?)\s*(?:w(?:ee)?ks?|weekly|wkly)(?![a-z0-9])")


@cache
def declared() -> dict[str, Any]:
    """schemas/treatment_grammar.yml, without accents as the cells that are compared with it."""
    text = files("schemas").joinpath("treatment_grammar.yml").read_text(encoding="utf-8")
    found: dict[str, Any] = YAML(typ="safe", pure=True).load(unaccented(text))
    return found


def unaccented(text: str) -> str:
    """The letters without their accents: wöchentlich and wochentlich, Tamoxifène and Tamoxifene."""
    return "".join(mark for mark in unicodedata.normalize("NFD", text) if not unicodedata.combining(mark))


def folded(text: str) -> str:
    """Lower case, runs of blanks as one, the multiplication sign as x, one kind of dash, no accents, doses with a point."""
    latin = OTHER_SCRIPT.sub(_latin, text.translate(PLAIN))
    plain = re.sub("[‐‑‒–—−]", "-", unaccented(latin).casefold().replace("×", "x").replace("²", "2"))
    plain = DECIMAL_COMMA.sub(r"\1.\2", THOUSANDS.sub(r"\1\2", GRAYS.sub(" gy", plain)))
    return EVERY_WEEKS.sub(r"q\1w", " ".join(plain.split()))


def _latin(word: re.Match[str]) -> str:
    """A code in capitals (АС), a word of two scripts (FEС) or a multiplication sign (х4) in Latin letters, where all look like some.
    None of an answer (ΟΧΙ), which is no code, nor of a Greek Ν alone, which is short for ναι: yes."""
    text = word[0]
    if unaccented(text).casefold() in _answers() or text in "Νν":
        return text
    plain = "".join(look_alikes().get(letter, letter) for letter in text.lower())
    is_code = text.isupper() or (not text.isascii() and any(letter.isascii() for letter in text))
    return plain if plain.isascii() and (is_code or plain == "x") else text


@cache
def _answers() -> frozenset[str]:
    """The words for yes and no that have no Latin letter."""
    said = [*declared()["not_given"], *declared()["given_unknown"]]
    return frozenset(word for word in said if OTHER_SCRIPT.fullmatch(word))
