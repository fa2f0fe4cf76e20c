"""The built-in domains of the vocabulary: codes, labels, and every spelling with what it means, checked when loaded.

A domain is a code list (codes/NAME.csv) or one of the four vocabularies with a file of their own.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache

import polars as pl

from schemas import items
from schemas.core.errors import ConfigurationError, Mistake
from schemas.facts import SEPARATOR, Row, shipped
from schemas.vocabularies.spelling import fold, rewrite, rules

VOCABULARIES = {"drug": "drugs.csv", "regimen": "regimens.csv", "site": "sites.csv", "procedure": "procedures.csv"}
COLUMNS = ("code", "label", "sort", "spellings", "certainty")
# One row per domain, text (folded), context and way of reading it; file and line say where it stands.
MEANINGS = {
    "domain": pl.String,
    "text": pl.String,
    "context": pl.String,
    "code": pl.String,
    "how": pl.String,
    "file": pl.String,
    "line": pl.Int64,
}
# Where one text is listed in several ways the first of these counts: a spelling goes before a token. A project's vocabulary may give the
# code `not_read` to a text: of it nothing is read, whatever else it means.
NOT_READ = "not_read"
WAYS = (NOT_READ, "spelling", "unknown_token", "ambiguous_spelling", "needs_context")
_IDENTITY = ["domain", "text", "context"]

Listed = tuple[str, str, str, str | None, str, Row]


@cache
def domains() -> frozenset[str]:
    """Every domain that items.csv names: code lists and vocabularies, no ranges and no parent tables."""
    tables = [(table, layer) for layer in ("staging", "star", "stored", "mart") for table in items.tables(layer)]
    named = [item for table, layer in tables for item in items.items(table, layer) if item.type == "text" and item.role != "parent"]
    return frozenset(item.domain for item in named if item.domain and ".." not in item.domain)


@cache
def rows(domain: str) -> tuple[Row, ...]:
    """The rows of the file of one domain, in order; KeyError for a domain that items.csv does not name.

    Raises ConfigurationError where a code stands twice, or a code or label is empty.
    """
    if domain not in domains():
        raise KeyError(domain)
    found = shipped(VOCABULARIES.get(domain, f"codes/{domain}.csv"), *COLUMNS)
    codes = [row["code"] for row in found]
    mistakes = [row.mistake(f"{domain}: code {row['code']!r} stands twice") for i, row in enumerate(found) if row["code"] in codes[:i]]
    mistakes += [row.mistake(f"{domain}: no code or no label") for row in found if not (row["code"] and row["label"])]
    if mistakes:
        raise ConfigurationError(mistakes)
    return found


@cache
def labels(domain: str) -> dict[str, str]:
    """Label by code of one domain, in order; KeyError for a domain that items.csv does not name."""
    return {row["code"]: row["label"] for row in rows(domain)}


def listed(cells: Iterable[Listed]) -> pl.DataFrame:
    """MEANINGS of (domain, text, context, code, how, row); texts are folded, empty ones left out."""
    filled = [(*cell[:5], cell[5].file, cell[5].line) for cell in cells if cell[1]]
    return pl.DataFrame(filled, schema=MEANINGS, orient="row").with_columns(fold(pl.col("text")))


def retried(meanings: pl.DataFrame) -> pl.DataFrame:
    """The meanings by the texts that the retry rules of their domain make of them; what is not to be read is said of one text."""
    meanings = meanings.filter(pl.col("how") != NOT_READ)
    parts = [
        part.with_columns(rewrite(pl.col("text"), domain, "retry")) if rules(domain, "retry") else part
        for domain, part in ((str(key[0]), part) for key, part in meanings.group_by("domain", maintain_order=True))
    ]
    return pl.concat([meanings.clear(), *parts]).filter(pl.col("text") != "")


def first_meaning(meanings: pl.DataFrame) -> pl.DataFrame:
    """One row per domain, text and context: the spelling where there is one, else the token, else why it is rejected."""
    rank = pl.col("how").replace_strict(list(WAYS), list(range(len(WAYS))), return_dtype=pl.Int8)
    return meanings.sort(rank, maintain_order=True).unique(_IDENTITY, keep="first", maintain_order=True)


def clashes(meanings: pl.DataFrame) -> list[Mistake]:
    """Spellings that mean two codes in one domain and context, as they stand or after the retry rules; told where the second stands.

    The spelling is not repeated: one of a project comes from an export.
    """
    mistakes = []
    for view, when in ((meanings, ""), (retried(meanings), " after text_rules.csv")):
        spelt = view.filter(pl.col("how") == "spelling")
        several = spelt.group_by(_IDENTITY, maintain_order=True).agg(
            pl.col("code").unique(maintain_order=True), pl.col("file", "line").last()
        )
        for row in several.filter(pl.col("code").list.len() > 1).to_dicts():
            where = " in its context" if row["context"] else ""
            codes = " and ".join(dict.fromkeys(code if code in labels(row["domain"]) else "another code" for code in row["code"]))
            mistakes.append(Mistake(row["file"], row["line"], f"{row['domain']}: the spelling means {codes}{where}{when}"))
    return mistakes


def _own(domain: str) -> list[Listed]:
    """What the file of one domain lists: each code, its words, its label and its spellings, once each."""
    found: list[Listed] = []
    for row in rows(domain):
        texts = [row["code"], row["code"].replace("_", " "), row["label"], *row["spellings"].split(SEPARATOR)]
        found += [(domain, text, "", row["code"], "spelling", row) for text in dict.fromkeys(texts)]
    return found


def _shared() -> list[Listed]:
    """What the files about all domains list: spellings with a context, unknown tokens, ambiguous spellings."""
    contextual = shipped("context_spellings.csv", "domain", "context", "spelling", "code")
    tokens = [
        (d, row)
        for row in shipped("unknown_tokens.csv", "domain", "token")
        for d in ([row["domain"]] if row["domain"] else sorted(domains()))
    ]
    return [
        *((r["domain"], r["spelling"], r["context"], r["code"], "spelling", r) for r in contextual),
        *((r["domain"], r["spelling"], "", None, "needs_context", r) for r in contextual),
        *((domain, r["token"], "", None, "unknown_token", r) for domain, r in tokens),
        *(
            (r["domain"], r["spelling"], "", None, "ambiguous_spelling", r)
            for r in shipped("ambiguous_spellings.csv", "domain", "spelling")
        ),
    ]


def _strays(meanings: pl.DataFrame) -> list[Mistake]:
    """What the files about all domains name that no domain has: domains, codes; and texts called ambiguous that have a code."""
    spelt = meanings.filter(pl.col("how") == "spelling")
    known = pl.DataFrame(
        [(d, code) for d in sorted(domains()) for code in labels(d)], schema={"domain": pl.String, "code": pl.String}, orient="row"
    )
    mapped = spelt.filter(pl.col("context") == "")
    both = meanings.filter(pl.col("how") == "ambiguous_spelling").join(mapped, on=["domain", "text"], how="semi")
    wrong = [
        (meanings.filter(~pl.col("domain").is_in(sorted(domains()))), "is listed for a domain that does not exist"),
        (spelt.join(known, on=["domain", "code"], how="anti"), "is mapped to a code that does not exist"),
        (both, "is called ambiguous and has a code"),
    ]
    return [Mistake(r["file"], r["line"], f"{r['domain']}: {r['text']!r} {says}") for found, says in wrong for r in found.to_dicts()]


@cache
def everything() -> pl.DataFrame:
    """MEANINGS of every built-in domain; raises ConfigurationError with every mistake (file, line)."""
    meanings = listed([cell for domain in sorted(domains()) for cell in _own(domain)] + _shared())
    mistakes = _strays(meanings) + clashes(meanings)
    if mistakes:
        raise ConfigurationError(mistakes)
    return meanings


@cache
def built_in(domain: str) -> pl.DataFrame:
    """MEANINGS of one domain as shipped; KeyError for a domain that items.csv does not name."""
    if domain not in domains():
        raise KeyError(domain)
    return everything().filter(pl.col("domain") == domain)
