"""The vocabulary: code lists, drugs, regimens, sites, operations, and what raw texts mean in them.

Built-in facts are CSV files of this package (schemas/vocabularies/code_list.py); a project adds spellings of its own in
`vocabularies/*.csv` (columns domain, spelling, code and, where needed, context and label), checked in the same way
(schemas/vocabularies/local_vocabulary.py), and may replace tables of facts (schemas/replaced_facts.py).
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import replace
from functools import cache
from pathlib import Path

import polars as pl

from schemas import date_words, replaced_facts
from schemas.vocabularies import column_spellings, local_vocabulary, plain_words
from schemas.vocabularies import tables as vocabulary_tables
from schemas.vocabularies.added_codes import in_order
from schemas.vocabularies.code_list import NOT_READ, built_in, domains, first_meaning, labels, retried
from schemas.vocabularies.local_vocabulary import Local
from schemas.vocabularies.lookup import BESIDE_UNLISTED, Meanings, binned, whole
from schemas.vocabularies.nearest import nearest
from schemas.vocabularies.reasons import reasons
from schemas.vocabularies.slips import mistakes
from schemas.vocabularies.spelling import rules
from schemas.vocabularies.within import Facts, Known, facts, unlisted, within

# What texts mean as they stand, and after the retry rules of the domain, if it has such.
Lookups = tuple[Meanings, Meanings | None]
# Distinct texts of one column of which what they say is kept until the next column is read: more are read again, and take no memory.
MOST_KEPT = 50_000


class Vocabularies:
    """Every domain of items.csv, built-in and local spellings together; a domain is read when it is first asked for."""

    def __init__(self, local: Local | None = None, *, refuses_unlisted: bool = False) -> None:
        self._local = local or Local()
        self._refuses_unlisted = refuses_unlisted
        self._lookup: dict[str, Lookups] = {}
        self._last_read: dict[str, Facts] = {}

    @property
    def domains(self) -> frozenset[str]:
        """Names of all domains."""
        return domains()

    def codes(self, domain: str) -> frozenset[str]:
        """The codes of one domain; KeyError for a domain that items.csv does not name."""
        return frozenset(self.labels(domain))

    def labels(self, domain: str) -> dict[str, str]:
        """Label by code of one domain, in the order of the list; codes of the project's own stand where it puts them, else last."""
        return in_order(labels(domain), self._local.added.get(domain, {}))

    def added(self, domain: str) -> frozenset[str]:
        """The codes of one domain that are the project's own."""
        return frozenset(self._local.added.get(domain, {}))

    @property
    def longer_lists(self) -> Mapping[str, Mapping[str, str]]:
        """The `labels` of each domain that has codes of the project's own."""
        return {domain: self.labels(domain) for domain in self._local.added}

    def label(self, domain: str, code: str) -> str:
        """The label of one code; KeyError where the domain has no such code."""
        return self.labels(domain)[code]

    def table(self, name: str) -> pl.DataFrame:
        """One row per drug, regimen, regimen_drug, site, procedure or stage, with the columns of its star table but the keys."""
        if name == "stage":
            own = self._local.added.get(name, {}).items()
            return vocabulary_tables.stages(self.labels(name), {code: row["stage_class_code"] for code, row in own})
        built = vocabulary_tables.table(name)
        added = tuple(self._local.added.get(name, {}).values())
        return pl.concat([built, vocabulary_tables.frame(added, built.schema, {f"{name}_code": "code"})]) if added else built

    def fact(self, name: str) -> pl.DataFrame:
        """One row per row of a table of facts (schemas/replaced_facts.py): the project's own, else the built-in one."""
        return self._local.facts[name] if name in self._local.facts else replaced_facts.built_in(name)

    def spellings(self, domain: str) -> pl.DataFrame:
        """One row per folded spelling that needs no context (codes and labels too): text, code; local ones first."""
        return self._lookups(domain)[0].spelt

    def ambiguous(self, domain: str) -> list[str]:
        """The folded texts that mean several things in one domain and no local spelling settles."""
        known = self._lookups(domain)[0].rows
        return known.filter((pl.col("how") == "ambiguous_spelling") & (pl.col("context") == ""))["text"].to_list()

    def own(self, domain: str) -> list[str]:
        """The spellings of one domain that the project's vocabulary gives, as written."""
        return [row["spelling"] for row in self._local.rows.get(domain, [])]

    def months(self) -> Mapping[str, int]:
        """Number of the month by folded name: months.csv and the project's own names."""
        return date_words.with_local(self._local.rows.get(date_words.MONTH, []))

    def nearest(self, domain: str, texts: pl.Series) -> pl.DataFrame:
        """At most one row per text (raw, suggestion, code), a hint for a person, never applied: the known spelling most like it.

        Where none is, the label of the one thing that a longer text names, though it may have words that no list knows; not where one of
        these is a slip of a word of the domain.
        """
        # a text that means several things, or one thing in a context, is known: the one most like it would be a third
        asked = pl.DataFrame({"raw": texts.cast(pl.String)}).with_columns(context=pl.lit(""))
        found = within(self._facts(domain, asked), domain, self._known(domain), is_open=True)
        known = found["how"].is_in(["ambiguous_spelling", "needs_context", NOT_READ])
        alike = nearest(texts.filter(~known.fill_null(value=False)), self.spellings(domain), domain)
        is_named = pl.col("how").is_in([BESIDE_UNLISTED, "within_text"])
        named = found.filter(is_named, pl.col("raw").str.contains(r"\S\s+\S"), pl.col("code").is_not_null())
        named = named.filter(~mistakes(self.unlisted(domain, named["raw"]), self.spellings(domain)))
        named = named.select(
            "raw",
            suggestion=pl.col("code").replace_strict(self.labels(domain), return_dtype=pl.String),
            code=pl.col("code").cast(pl.String),
        )
        return pl.concat([alike, named.join(alike, on="raw", how="anti", maintain_order="left")])

    def refusing_unlisted(self) -> Vocabularies:
        """The same, reading nothing in any domain from a text with a word beside the value that no list knows."""
        return Vocabularies(self._local, refuses_unlisted=True)

    def unlisted(self, domain: str, texts: pl.Series) -> pl.Series:
        """Of each longer text the words that no list knows, beside the one code that it names; empty where all are known."""
        return unlisted(texts, domain, self._known(domain))

    def why(self, domain: str, texts: pl.Series, *, within_text: bool = False) -> pl.DataFrame:
        """Why nothing is read from each of some texts that `normalise` rejects: REASONS, in their order."""
        asked = pl.DataFrame({"raw": texts.cast(pl.String)}).with_columns(context=pl.lit(""))
        return reasons(texts, domain, self._known(domain), self._facts(domain, asked), within_text=within_text)

    def refusals(self, domain: str, texts: pl.Series) -> pl.Series:
        """Why each word can be no plain word of the project's own in one domain; null where it can."""
        own = [row["spelling"] for listed in self._local.rows.values() for row in listed]
        return plain_words.refusals(texts, domain, pl.Series(own, dtype=pl.String))

    def with_plain(self, domain: str, words: Collection[str]) -> Vocabularies:
        """The same with more plain words (folded) of one domain."""
        plain = {**self._local.plain, domain: self._plain(domain) | frozenset(words)}
        more = Vocabularies(replace(self._local, plain=plain), refuses_unlisted=self._refuses_unlisted)
        more._lookup, more._last_read = self._lookup, self._last_read
        return more

    def _facts(self, domain: str, asked: pl.DataFrame) -> Facts:
        """What longer texts (raw, context) say: of the last ones of the domain it is known, for what is not read of them is asked why, what
        would be read, and what is near.
        """
        last = self._last_read.get(domain)
        if last is not None and last.read.len() and (places := last.places(asked)) is not None:
            return last.at(places)
        found = facts(asked, domain, self._known(domain))
        if asked.height <= MOST_KEPT:
            self._last_read[domain] = found
        return found

    def _plain(self, domain: str) -> frozenset[str]:
        return self._local.plain.get(domain, frozenset())

    def _known(self, domain: str) -> Known:
        return Known(*self._lookups(domain), self._plain(domain))

    def normalise(self, domain: str, values: pl.Series, context: pl.Series | None = None, *, within_text: bool = False) -> pl.DataFrame:
        """One row per value, in its order: raw, code, bin (canonical, fixed, rejected), reason.

        `values` are distinct raw texts; with `context` (the organ code for a procedure, the marker code for a
        marker_result) distinct pairs. `within_text` finds the one code named inside a longer text.
        A null code in bin canonical is known to say nothing: blank, unknown_token or (within_text) not_in_text.
        Fixed: spelling, rule (after text_rules.csv), within_text, or beside_unlisted, where words stand beside it that no list knows.
        Rejected, code null: unknown_spelling, ambiguous_spelling, needs_context, or not_read (by the project's vocabulary).
        KeyError for a domain that items.csv does not name.
        """
        beside = pl.repeat("", values.len(), dtype=pl.String, eager=True) if context is None else context.cast(pl.String).fill_null("")
        asked = pl.DataFrame([values.cast(pl.String).alias("raw"), beside.alias("context")])
        known = self._known(domain)
        found = within(self._facts(domain, asked), domain, known) if within_text else whole(asked, domain, known.exact, known.retry)
        found = binned(found, self.codes(domain))
        return _without_unlisted(found) if self._refuses_unlisted else found

    def in_column(self, domain: str, texts: pl.DataFrame) -> pl.DataFrame:
        """The distinct texts of one column (raw, code, bin, reason) after column_spellings.py; the project's own spellings stand."""
        return column_spellings.settled(domain, texts, self.own(domain))

    def _lookups(self, domain: str) -> Lookups:
        """What texts mean as they stand, and after the retry rules of the domain; the project's own spellings go first."""
        if domain not in self._lookup:
            own = self._local.rows.get(domain, [])
            self._lookup[domain] = _looked_up(domain, local_vocabulary.spelt(own)) if own else _shipped(domain)
        return self._lookup[domain]


def _without_unlisted(found: pl.DataFrame) -> pl.DataFrame:
    """What `normalise` finds, without what stands beside words that no list knows."""
    is_beside = pl.col("reason") == BESIDE_UNLISTED
    none = {"code": None, "bin": "rejected", "reason": "unknown_spelling"}
    return found.with_columns(pl.when(is_beside).then(pl.lit(value)).otherwise(name).alias(name) for name, value in none.items())


@cache
def _shipped(domain: str) -> Lookups:
    """The look-ups of a domain to which no project adds a spelling: one for all that read in this process."""
    return _looked_up(domain, local_vocabulary.spelt([]))


def _looked_up(domain: str, own: pl.DataFrame) -> Lookups:
    """The look-ups of a domain, `own` (MEANINGS) before what is built in."""
    meanings = pl.concat([own, built_in(domain)])
    retry = Meanings(first_meaning(retried(meanings))) if rules(domain, "retry") else None
    return Meanings(first_meaning(meanings)), retry


def load(folder: Path | None = None) -> Vocabularies:
    """The built-in vocabularies with what `folder` adds or replaces; raises ConfigurationError with every mistake (file, line)."""
    return Vocabularies() if folder is None or not folder.is_dir() else Vocabularies(local_vocabulary.read(folder))
