"""A project's own plain words: what its staff, wards and laboratories write beside a value and that says nothing of it.

`vocabularies/plain_words.csv` (columns domain, word) names them one by one. A word that a built-in list knows as anything else, that
denies, plans or looks back, or that is one slip away from a value, is none: what is beside it would be read and be wrong.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from functools import cache

import polars as pl

from schemas.core.errors import Mistake, did_you_mean
from schemas.facts import SEPARATOR, Row, shipped
from schemas.vocabularies.clause_rules import alternatives
from schemas.vocabularies.code_list import domains, everything
from schemas.vocabularies.slips import Alike
from schemas.vocabularies.spelling import fold, rules, words

FILE, COLUMNS = "plain_words", ("domain", "word")
# Cells of treatments are read by a grammar of their own, which knows its own words.
TREATMENT = "treatment"
# A word has letters and nothing else: one with a digit may be a category or a number. A run of signs of these scripts may be a sentence.
_ONE_WORD, _NO_BLANKS = r"^\p{L}{2,40}$", r"[\p{Han}\p{Hiragana}\p{Katakana}\p{Thai}\p{Lao}\p{Khmer}\p{Myanmar}]"
_MEANS_NOTHING = ("filler", "plain", "staged", "tumour", "stain", "picture", "course")
_SAYS = {
    "denial": "a denial", "refusal": "a denial", "doubt": "a doubt", "plan": "a plan", "later": "a plan", "wish": "a plan",
    "stop": "an end", "person": "another person", "fate": "how she fares", "other_cancer": "another cancer",
}  # fmt: skip
# Lists of words beside the spellings: file, column of the word, what it says.
_OTHER_LISTS = (("no_event_words.csv", "word", "a denial"), ("yes_no.csv", "word", "yes or no"), ("other_stains.csv", "name", "a stain"))


def read(rows: Iterable[Row], own: Mapping[str, Iterable[Row]]) -> tuple[dict[str, frozenset[str]], list[Mistake]]:
    """The folded words by domain, and what is wrong with the rows; `own`: the spellings of the project by domain. No message repeats
    a cell."""
    found: dict[str, set[str]] = defaultdict(set)
    mistakes: list[Mistake] = []
    named = [(row, domain) for row in rows for domain in (row["domain"].split(SEPARATOR) if row["domain"] else [""])]
    taken = pl.Series([row["spelling"] for listed in own.values() for row in listed], dtype=pl.String)
    refused = {domain: _refused(named, domain, taken) for domain in {domain for _, domain in named} & domains()}
    said = pl.Series(list({row["word"] for row, _ in named}), dtype=pl.String)
    as_folded = dict(zip(said, folded(said), strict=True))
    for row, domain in named:
        if domain not in domains():
            mistakes.append(_no_domain(row, domain))
        elif why := refused[domain].get(row["word"]):
            mistakes.append(row.mistake(why, "list the whole text in a local vocabulary instead (domain, spelling, code)"))
        else:
            found[domain].add(as_folded[row["word"]])
    return {domain: frozenset(told) for domain, told in found.items()}, mistakes


def folded(texts: pl.Series) -> pl.Series:
    """Words as they are compared: without case, accents and what stands around them."""
    return texts.to_frame("word").select(fold(pl.col("word")).str.replace_all("ß", "ss", literal=True)).to_series()


def refusals(texts: pl.Series, domain: str, taken: pl.Series | None = None) -> pl.Series:
    """Why each word can be none of a domain's plain words, null where it can; `taken`: spellings that mean something in the project."""
    told = pl.DataFrame({"word": folded(texts)}).with_columns(words=words(pl.col("word")))
    theirs = set(folded(taken)) if taken is not None else set[str]()
    says = told.select(
        pl.when(pl.col("word").fill_null("") == "").then(pl.lit("the word is empty"))
        .when(pl.col("word").str.contains(r"\d")).then(pl.lit("a word with a digit may be a value"))
        .when(~pl.col("word").str.contains(_ONE_WORD)).then(pl.lit("not one word of two letters or more, and nothing but letters"))
        .when(pl.col("word").str.contains(_NO_BLANKS)).then(pl.lit("a script without blanks: what looks like a word may be a sentence"))
    ).to_series()  # fmt: skip
    is_open = says.is_null()
    means = told.filter(is_open)
    if means.is_empty():
        return says
    by_pattern = means.select(_by_pattern(domain)).to_series()
    found = [_meaning(word, domain, theirs) or _told(of) or _slip(word) for word, of in zip(means["word"], by_pattern, strict=True)]
    return says.clone().scatter(is_open.arg_true(), pl.Series(found, dtype=pl.String))


def _refused(named: Iterable[tuple[Row, str]], domain: str, taken: pl.Series) -> dict[str, str]:
    mine = pl.Series(list({row["word"] for row, of in named if of == domain}), dtype=pl.String)
    return {word: why for word, why in zip(mine, refusals(mine, domain, taken), strict=True) if why is not None}


def _no_domain(row: Row, domain: str) -> Mistake:
    if domain == TREATMENT:
        return row.mistake("cells of treatments have no plain words", "they are read by a grammar: give the field a `map` or mend the cell")
    if not domain:
        return row.mistake("the domain is empty", f"several are separated by '{SEPARATOR}'")
    return row.mistake("unknown domain", did_you_mean(domain, domains()) or "docs/code_lists.md has them all")


def _meaning(word: str, domain: str, theirs: Collection[str]) -> str | None:
    """What one folded word says by the lists of whole words."""
    if word in theirs:
        return "the word is a spelling of the project's own"
    return _told(_spelt().get(word) or _written_out().get(word) or _parts(domain).get(word))


def _told(what: str | None) -> str | None:
    return None if what is None else f"the word says something: {what}"


def _slip(word: str) -> str | None:
    return "one letter apart from a word that says something" if _says_something().has_one(word) else None


def _by_pattern(domain: str) -> pl.Expr:
    """What the words of clause_words.csv, of never_plain.csv and of the rules of doubt say of `word` and `words`; null where nothing."""
    found = pl.lit(None, pl.String)
    never = shipped("never_plain.csv", "says", "domain", "pattern", "note")
    for row in (row for row in reversed(never) if not row["domain"] or domain in row["domain"].split(SEPARATOR)):
        found = pl.when(pl.col("word").str.contains(f"^(?:{row['pattern']})$")).then(pl.lit(row["says"])).otherwise(found)
    for rule in (*rules(domain, "doubt"), *rules("", "doubt"), *rules(domain, "other"), *rules(domain, "rest")):
        found = pl.when(pl.col("word").str.contains(rule["pattern"])).then(pl.lit("a doubt, a denial or another thing")).otherwise(found)
    for name, pattern in _patterns().items():
        found = pl.when(pl.col("word").str.contains(pattern)).then(pl.lit(_says(name))).otherwise(found)
    return found


def _says(name: str) -> str:
    """What a word of a class of clause_words.csv says."""
    return _SAYS.get(name, f"{name.replace('_', ' ')} (clause_words.csv)")


@cache
def _written_out() -> dict[str, str]:
    """What each word says that stands in a class as it is; those with signs of a pattern are `_patterns`."""
    return {word: _says(name) for name in _classes() for word in _literals([name])}


@cache
def _patterns() -> dict[str, str]:
    """By class a pattern of its words that are not written out, for one whole word."""
    listed = {name: [one for row in _rows([name]) for one in alternatives(row["pattern"]) if _is_pattern(one)] for name in _classes()}
    return {name: f"^(?:{'|'.join(found)})$" for name, found in listed.items() if found}


def _is_pattern(one: str) -> bool:
    return not one.replace(" ", "").isalpha()


@cache
def _classes() -> list[str]:
    told = dict.fromkeys(row["class"] for row in shipped("clause_words.csv", "class", "pattern", "note"))
    return [name for name in told if name not in _MEANS_NOTHING]


@cache
def _spelt() -> dict[str, str]:
    """What each word says that is a spelling, a token or an ambiguous text as a whole in any domain, or stands in another list."""
    found = {text: f"{domain} ({how.replace('_', ' ')})" for domain, text, how in everything().select("domain", "text", "how").iter_rows()}
    for name, column, says in _OTHER_LISTS:
        listed = folded(pl.Series([row[column] for row in shipped(name, column)]))
        found.update(dict.fromkeys(listed, says))
    return found


@cache
def _parts(domain: str) -> dict[str, str]:
    """The words of the longer spellings of a domain, and of drugs, regimens, operations and sites."""
    of = {domain, "drug", "regimen", "procedure", "site"}
    texts = everything().filter(pl.col("how") == "spelling", pl.col("domain").is_in(sorted(of)))
    each = texts.select("domain", word=words(pl.col("text")).str.strip_chars().str.split(" ")).explode("word", empty_as_null=False)
    plain = _plain_everywhere()
    return {word: f"part of a spelling of {named}" for named, word in each.iter_rows() if word and word not in plain}


@cache
def _plain_everywhere() -> frozenset[str]:
    return frozenset(_literals(_MEANS_NOTHING))


def _literals(classes: Collection[str]) -> Iterator[str]:
    """The words of some classes that are written out."""
    return (name for row in _rows(classes) for name in alternatives(row["pattern"]) if name.isalpha())


def _rows(classes: Collection[str]) -> Iterator[Row]:
    return (row for row in shipped("clause_words.csv", "class", "pattern", "note") if row["class"] in classes)


@cache
def _says_something() -> Alike:
    """The words of which one letter away none is plain."""
    return Alike({*_spelt(), *({*_literals(_classes())} - _plain_everywhere())})
