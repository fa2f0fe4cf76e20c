"""How two spellings are the same: folding, and the rules of text_rules.csv for what no spelling fits.

Everything works on whole columns of distinct texts; nothing here runs once per row.
"""

from __future__ import annotations

from functools import cache

import polars as pl

from schemas.core.date_writing import OTHER_DIGITS
from schemas.facts import SEPARATOR, Row, shipped

_DASHES = "[‐‑‒–—−]"
# accents of Latin letters (other scripts have signs of their own that make another word), and what no eye sees: BOM, blanks without width
_UNSEEN = r"[\u{300}-\u{36f}\p{Cf}]"
# a raised digit behind a digit is the mark of a footnote: 3¹ is no 31
_RAISED = r"(\p{Nd})([⁰¹²³⁴-⁹]+)"
# What is written in Latin letters wherever it is written: of these a letter of another script is a slip of the keyboard.
CODES_IN_LATIN = ("t_category", "n_category", "m_category", "stage", "stage_basis", "topography", "grade")
_NO_WORD = r"[^\p{L}\p{N}+%]+"


def fold(text: pl.Expr) -> pl.Expr:
    """One spelling for many: Unicode NFKD without accents, lower case, single blanks, none around hyphens, no dots at the end, 3.0 as 3."""
    folded = (
        unraised(text)
        .str.normalize("NFKD")
        .str.replace_many(OTHER_DIGITS)
        .str.to_lowercase()
        .str.replace_all(_UNSEEN, "")
        .str.replace_all(_DASHES, "-")
    )
    folded = folded.str.replace_all(r"\s+", " ").str.strip_chars().str.replace_all(" ?- ?", "-")
    # a spreadsheet turns grade 3 into 3.0
    return folded.str.replace(r"^(\d+)\.0+$", "$1").str.replace(r"^(.*[^. ]) ?\.+$", "$1")


def latin(text: pl.Expr, domain: str) -> pl.Expr:
    """A folded text of a domain of codes with the Latin letters for the Cyrillic and Greek ones that look like them (Т2 for T2).

    All of them or none: a text with a letter that looks like none is in words of that language, or no code.
    """
    if domain not in CODES_IN_LATIN:
        return text
    plain = text.str.replace_many(look_alikes())
    return pl.when(plain.str.contains(r"^[\x00-\x7f]*$")).then(plain).otherwise(text)


@cache
def look_alikes() -> dict[str, str]:
    """The Latin letter for each letter of another script that stands for it without doubt (look_alike_letters.csv), in lower case."""
    return {row["letter"]: row["latin"] for row in shipped("look_alike_letters.csv", "letter", "latin")}


def unraised(text: pl.Expr) -> pl.Expr:
    """The text with `^` between a digit and a raised one, which would become a digit of the number where signs are made plain."""
    return text.str.replace_all(_RAISED, "${1}^${2}")


@cache
def rules(domain: str, use: str) -> tuple[Row, ...]:
    """The rules of one domain and use (retry, expand, qualifier, cased, doubt, alone, cut, find, expect), in order."""
    rows = shipped("text_rules.csv", "domain", "use", "pattern", "replacement")
    return tuple(row for row in rows if domain in row["domain"].split(SEPARATOR) and row["use"] == use)


def rewrite(text: pl.Expr, domain: str, use: str) -> pl.Expr:
    """A folded text after the replacements of one domain and use."""
    for rule in rules(domain, use):
        # the raw cell: a replacement may be a single blank
        text = text.str.replace_all(rule["pattern"], rule.cells["replacement"])
    return text.str.replace_all(r"\s+", " ").str.strip_chars()


def words(text: pl.Expr) -> pl.Expr:
    """A folded text as words between single blanks, with a blank at both ends, so that ` left ` is found as a whole word."""
    return pl.concat_str(pl.lit(" "), text.str.replace_all(_NO_WORD, " ").str.strip_chars(), pl.lit(" "))
