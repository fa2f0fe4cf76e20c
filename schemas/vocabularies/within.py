"""Finding the one code that a longer text names, its parts about something else and its doubts put right (clauses.py, text_rules.csv)."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import NamedTuple

import polars as pl

from schemas.facts import Row
from schemas.vocabularies import beside_it, clauses, labelled_codes
from schemas.vocabularies.code_list import NOT_READ
from schemas.vocabularies.lookup import BESIDE_UNLISTED, Meanings, whole
from schemas.vocabularies.named import named_in
from schemas.vocabularies.spelling import fold, latin, rewrite, rules

# Rules of doubt that are made one pattern: more are faster, but may be more than the regex crate compiles.
AT_ONCE = 4


@dataclass(frozen=True)
class Known:
    """What reading texts of one domain needs: its meanings (as they stand, after the retry rules), and the project's plain words."""

    exact: Meanings
    retry: Meanings | None = None
    plain: frozenset[str] = frozenset()


class Facts(NamedTuple):
    """What of some texts does not depend on the project's plain words, one row or value per text each: the text as a whole, what it names
    (named.py), what is said of that, and what of it was read (without its parts about something else)."""

    direct: pl.DataFrame
    named: pl.DataFrame
    said: pl.DataFrame
    read: pl.Series

    def at(self, places: pl.Series) -> Facts:
        """Those of the texts at some places."""
        return Facts(self.direct[places], self.named[places], self.said[places], self.read.gather(places))

    def places(self, asked: pl.DataFrame) -> pl.Series | None:
        """Where each row of `asked` (raw, context) stands among them; None where one is none of them."""
        here = self.direct.select("raw", "context").with_row_index("place").unique(["raw", "context"], keep="first")
        found = asked.join(here, on=["raw", "context"], how="left", nulls_equal=True, maintain_order="left")["place"]
        return None if found.null_count() else found


def within(found: Facts, domain: str, known: Known, *, is_open: bool = False) -> pl.DataFrame:
    """One row per text: the one code it names (how `within_text`), none (`not_in_text`) or several (`ambiguous_spelling`).

    A text that is a spelling as a whole, or is listed as ambiguous or not to be read, keeps that meaning. One with a word of doubt or
    denial (`no`, `possible`, `T1-2`), and one in which nothing is found and that is not of the kind the domain expects (no T, N or M in
    it), is an unknown spelling; so is one with a word that no list knows where the domain is strict, elsewhere it is `beside_unlisted`.
    `is_open`: no domain is strict.
    """
    return _judged(found.direct, found.named, told(found, domain, known, is_open=is_open))


def facts(asked: pl.DataFrame, domain: str, known: Known) -> Facts:
    """The facts of each row of `asked` (raw, context)."""
    exact, retry = known.exact, known.retry
    direct = whole(asked, domain, exact, retry)
    bare, is_nothing = _unqualified(asked, domain)
    read, apart = _without_asides(bare, domain)
    cut = pl.repeat(False, asked.height, dtype=pl.Boolean, eager=True).scatter(apart["row"], apart["aside"] != "")
    folded = read.select(text=_folded(domain))  # once: each rule that reads it in an expression would fold all texts again
    named = named_in(read.with_columns(is_cut=cut), folded, domain, exact, retry)
    expected = [pl.col("text").str.contains(rule["pattern"]) for rule in rules(domain, "expect")]
    names = pl.lit(named["codes"] > 0)
    hidden = _hidden(asked, apart.filter(pl.lit(named["codes"].gather(apart["row"]) == 0)), domain, exact, retry)
    is_doubted = (
        _doubted(domain)
        | pl.lit(is_nothing)
        | pl.lit(beside_it.is_doubted(folded["text"], domain))
        | pl.lit(_doubted_by_aside(folded.height, apart, domain))
        | pl.lit(_stays_doubted(folded.height, apart, domain))
    )
    is_another = pl.lit(_of_something_else(folded["text"], apart, domain))
    said = folded.with_columns(
        is_doubted=(is_doubted & (names | bool(rules(domain, "find")))) | pl.lit(hidden),
        is_another=is_another & names,
        is_none=pl.all_horizontal(pl.lit(True), pl.lit(named["unread"] == 0), *expected),
    )
    if domain in labelled_codes.DOMAINS:
        said = said.with_columns(is_doubted=said["is_doubted"] | labelled_codes.is_another(folded["text"], named["code"]))
    fits = direct["how"].is_in(["spelling", "rule", "unknown_token", "ambiguous_spelling", NOT_READ]).fill_null(value=False)
    is_bare = (bare["raw"] != asked["raw"]).fill_null(value=False) & ~fits
    bare_code = _whole_without(bare, is_bare, domain, known)
    said = said.drop("text").with_columns(fits=fits, bare_code=bare_code)
    return Facts(direct.select(*asked.columns, "code", "how"), named.select("code", "codes", "rest"), said, read["raw"])


def told(found: Facts, domain: str, known: Known, *, is_open: bool = False) -> pl.DataFrame:
    """What is said of each text, its words beside what it names held against the lists and the project's plain words."""
    said, named = found.said, found.named
    is_read = (named["codes"] == 1) & ~said["is_doubted"] & ~said["is_another"] & ~said["fits"]
    is_beside = _is_beside_unlisted(named["rest"], is_read, domain, known.plain)
    refused = is_beside & False if is_open else _is_refused(found.read, is_beside, domain, known)
    kept = {"is_read": is_read & ~refused, "is_beside": is_beside, "is_refused": refused}
    return said.with_columns(is_another=said["is_another"] | refused, **kept)


def _whole_without(bare: pl.DataFrame, is_bare: pl.Series, domain: str, known: Known) -> pl.Series:
    """The code of each text that is a spelling as a whole without what says nothing of it (`is_bare`): the F of `F, 45 y`."""
    places = is_bare.arg_true()
    if places.is_empty():
        return pl.repeat(None, bare.height, dtype=pl.String, eager=True)
    again = whole(bare[places], domain, known.exact, known.retry)
    is_one = again["how"].is_in(["spelling", "rule"]).fill_null(value=False)
    codes = pl.repeat(None, bare.height, dtype=pl.String, eager=True)
    return codes.scatter(places.filter(is_one), again["code"].filter(is_one))


def _judged(direct: pl.DataFrame, named: pl.DataFrame, said: pl.DataFrame) -> pl.DataFrame:
    """`direct` with code and how of the longer texts, by what they name and what is `said` of each (is_doubted, is_another, is_none,
    fits: it is read as a whole, is_read: the one code it names is taken, is_beside: with words that no list knows, bare_code: of
    what is left of it without what says nothing)."""
    fits, is_read, is_doubted, is_another, is_beside = (said[name] for name in ("fits", "is_read", "is_doubted", "is_another", "is_beside"))
    several = pl.when(named["codes"] > 1).then(pl.lit("ambiguous_spelling")).when(is_another).then(pl.lit("unknown_spelling"))
    one = pl.when(is_beside).then(pl.lit(BESIDE_UNLISTED)).when(named["codes"] == 1).then(pl.lit("within_text"))
    none = pl.when(said["is_none"]).then(pl.lit("not_in_text")).otherwise(pl.lit("unknown_spelling"))
    judged = pl.when(fits).then("how").when(is_doubted).then(pl.lit("unknown_spelling")).otherwise(pl.coalesce(several, one, none))
    bare = said["bare_code"]
    return direct.with_columns(
        code=pl.coalesce(bare, pl.when(fits).then("code").when(is_read).then(named["code"])),
        how=pl.when(bare.is_not_null()).then(pl.lit("within_text")).otherwise(judged),
    )


def unlisted(texts: pl.Series, domain: str, known: Known) -> pl.Series:
    """The words of each text, without its parts about something else, that no list knows, beside what it names."""
    bare, _ = _unqualified(pl.DataFrame({"raw": texts}).with_columns(context=pl.lit("")), domain)
    read, _ = _without_asides(bare, domain)
    named = named_in(read, read.select(text=_folded(domain)), domain, known.exact, known.retry)
    return clauses.unlisted(named["rest"], domain, known.plain)


def _is_beside_unlisted(rest: pl.Series, is_read: pl.Series, domain: str, plain: frozenset[str]) -> pl.Series:
    """Whether a text that would be read has a word beside what it names that no list knows; the others are not asked."""
    found = pl.repeat(False, len(rest), dtype=pl.Boolean, eager=True)
    places = is_read.arg_true()
    if places.is_empty():
        return found
    # texts differ by their numbers most of all: what is known with one number of two digits is known with every number
    left = rest.gather(places)
    alike = left.str.replace_all(r"(?-u:\b)\d+(?-u:\b)", "99")
    once = alike.unique()
    is_left = ~alike.is_in(once.filter(clauses.unlisted(once, domain, plain) == "").implode())
    places, left = places.filter(is_left), left.filter(is_left)
    return found.scatter(places, clauses.unlisted(left, domain, plain) != "") if len(places) else found


def _is_refused(texts: pl.Series, is_beside: pl.Series, domain: str, known: Known) -> pl.Series:
    """Whether words that no list knows refuse a text: in a strict domain, and where their part of the text must be that of the value."""
    if not clauses.reads_beside_parts(domain) or not is_beside.any():
        return is_beside & clauses.is_strict(domain)
    places = (is_beside & clauses.may_have_parts(texts)).arg_true()  # the one part of the others is that of the value
    found = _of_parts(texts.gather(places), domain, known)
    # a value that no part names alone was read across them
    refused = found.select((pl.col("words") != "") | ~pl.col("names")).to_series()
    return is_beside.clone().scatter(places, refused) if len(places) else is_beside  # scatter writes into its own


def _of_parts(texts: pl.Series, domain: str, known: Known) -> pl.DataFrame:
    """One row per text: the `words` that no list knows of its parts that name a value, and whether a part names one (`names`)."""
    parts = clauses.parts(texts).select("row", raw="part", context=pl.lit(""))
    named = named_in(parts, parts.select(text=_folded(domain)), domain, known.exact, known.retry)
    words = clauses.unlisted(named["rest"], domain, known.plain)
    told = parts.select("row", names=named["codes"] > 0, words=pl.when(named["codes"] > 0).then(words).otherwise(pl.lit("")))
    both = (pl.col("words").str.join(" ").str.strip_chars(), pl.col("names").any())
    return told.group_by("row", maintain_order=True).agg(both)


def refusing(found: Facts, domain: str, known: Known) -> pl.Series:
    """The words that refuse each text: those of `unlisted`, but where it is read beside other parts those of the parts that name it."""
    every = clauses.unlisted(found.named["rest"], domain, known.plain)
    places = clauses.may_have_parts(found.read).arg_true()  # the one part of the others is the text
    if not clauses.reads_beside_parts(domain) or places.is_empty():
        return every
    parts = _of_parts(found.read.gather(places), domain, known)
    named = parts.select(pl.col("names") & (pl.col("words") != "")).to_series()
    return every.clone().scatter(places.filter(named), parts["words"].filter(named)) if named.any() else every


def _hidden(asked: pl.DataFrame, apart: pl.DataFrame, domain: str, exact: Meanings, retry: Meanings | None) -> pl.Series:
    """Per row of `asked` whether only a part that was set aside names a code (lung nodule, stable): that is not nothing."""
    found = pl.repeat(False, asked.height, dtype=pl.Boolean, eager=True)
    if apart.is_empty():
        return found
    named = named_in(apart, apart.select(text=_folded(domain)), domain, exact, retry)
    return found.scatter(apart["row"], named["codes"] > 0)


def _without_asides(asked: pl.DataFrame, domain: str) -> tuple[pl.DataFrame, pl.DataFrame]:
    """`asked` without the parts of its texts that are about something else; and those texts (clauses.ASIDE, `raw` as it stood)."""
    apart = clauses.apart(asked["raw"], domain)
    apart = apart.with_columns(raw=asked["raw"].gather(apart["row"]))
    kept = pl.when(pl.col("kept") == "").then("raw").otherwise("kept")  # all set aside: what it names is not read
    return asked.with_columns(asked["raw"].scatter(apart["row"], apart.select(kept).to_series())), apart


def _unqualified(asked: pl.DataFrame, domain: str) -> tuple[pl.DataFrame, pl.Series]:
    """`asked` without what stands beside a value and says nothing of it (how, where, when and by whom it was found); and whether the whole
    of a text is such a thing: what `Dr Bone` names is a doctor. Such a text stays as it is."""
    left = pl.col("raw")
    for rule in rules(domain, "qualifier"):
        left = left.str.replace_all(rule["pattern"], rule.cells["replacement"])
    found = asked.select("raw", left=left.str.strip_chars(" ,;"))
    is_nothing = found.select((pl.col("raw").str.strip_chars() != "") & (pl.col("left") == "")).to_series().fill_null(value=False)
    return asked.with_columns(found.select(raw=pl.when(pl.col("left") == "").then("raw").otherwise("left")).to_series()), is_nothing


def _of_something_else(texts: pl.Series, apart: pl.DataFrame, domain: str) -> pl.Series:
    """Whether what a folded text names is said of something else than the domain is about."""
    is_another = clauses.lacks(texts, domain)
    return is_another.scatter(apart["row"], is_another.gather(apart["row"]) | apart["is_another"])


def _doubted_by_aside(height: int, apart: pl.DataFrame, domain: str) -> pl.Series:
    """Whether a part in brackets that was set aside stands right behind the category and says whose it is: `N1 (thyroid)`."""
    found = pl.repeat(False, height, dtype=pl.Boolean, eager=True)
    bracketed = apart.filter(pl.col("aside").str.starts_with("("))
    if bracketed.is_empty():
        return found
    full = bracketed.select(text=_folded(domain)).to_series()
    return found.scatter(bracketed["row"], beside_it.is_doubted(full, domain))


def _stays_doubted(height: int, apart: pl.DataFrame, domain: str) -> pl.Series:
    """Whether a doubt of the whole text is not one of the parts set aside alone: `grade 2, lymphoedema` stays in doubt."""
    apart = apart.filter(pl.col("aside") != "")
    found = pl.repeat(False, height, dtype=pl.Boolean, eager=True)
    if apart.is_empty():
        return found
    full, aside = apart.select(full=_folded(domain)), apart.select(raw="aside").select(aside=_folded(domain))
    each = (pl.col("full").str.contains(one["pattern"]) & ~pl.col("aside").str.contains(one["pattern"]) for one in _doubts(domain))
    return found.scatter(apart["row"], full.hstack(aside).select(pl.any_horizontal(pl.lit(value=False), *each)).to_series())


def _doubted(domain: str) -> pl.Expr:
    """Whether a folded text denies or doubts what it names."""
    return pl.any_horizontal(pl.lit(False), *(pl.col("text").str.contains(pattern) for pattern in _any_doubt(domain)))


@cache
def _any_doubt(domain: str) -> tuple[str, ...]:
    """The rules of doubt of a domain and those of what is left, some at once: a text is searched once for each pattern."""
    each = [f"(?:{rule['pattern']})" for rule in _doubts(domain) + rules(domain, "rest")]
    return tuple("|".join(each[first : first + AT_ONCE]) for first in range(0, len(each), AT_ONCE))


def _doubts(domain: str) -> tuple[Row, ...]:
    """The rules of doubt of a domain; those without a domain are those of ordinary words."""
    return rules(domain, "doubt") + (() if rules(domain, "find") else rules("", "doubt"))


def _folded(domain: str) -> pl.Expr:
    return latin(fold(rewrite(pl.col("raw"), domain, "cased") if rules(domain, "cased") else pl.col("raw")), domain)
