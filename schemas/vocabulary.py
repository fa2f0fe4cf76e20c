"""The vocabulary: code lists, drugs, regimens, sites, operations, and what raw texts mean in them.

Built-in facts are CSV files of this package (schemas/code_list.py); a project adds spellings of its own in
`vocabularies/*.csv` (columns domain, spelling, code and, where needed, context), checked in the same way.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from difflib import get_close_matches
from pathlib import Path

import polars as pl

from schemas import vocabulary_tables
from schemas.code_list import built_in, clashes, domains, first_meaning, labels, listed, retried
from schemas.core.errors import ConfigurationError, Mistake, did_you_mean
from schemas.facts import Row, parse
from schemas.lookup import binned, whole, within
from schemas.spelling import fold_text

COLUMNS = ("domain", "spelling", "code")


class Vocabularies:
    """Every domain of items.csv, built-in and local spellings together; a domain is read when it is first asked for."""

    def __init__(self, local: Iterable[Row] = ()) -> None:
        self._local: dict[str, list[Row]] = defaultdict(list)
        for row in local:
            self._local[row["domain"]].append(row)
        self._lookup: dict[str, tuple[pl.DataFrame, pl.DataFrame]] = {}

    @property
    def domains(self) -> frozenset[str]:
        """Names of all domains."""
        return domains()

    def codes(self, domain: str) -> frozenset[str]:
        """The codes of one domain; KeyError for a domain that items.csv does not name."""
        return frozenset(labels(domain))

    def labels(self, domain: str) -> dict[str, str]:
        """Label by code of one domain, in the order of the list."""
        return dict(labels(domain))

    def label(self, domain: str, code: str) -> str:
        """The label of one code; KeyError where the domain has no such code."""
        return labels(domain)[code]

    def table(self, name: str) -> pl.DataFrame:
        """One row per drug, regimen, regimen_drug, site, procedure or stage, with the columns of its star table but the keys."""
        return vocabulary_tables.table(name)

    def spellings(self, domain: str) -> pl.DataFrame:
        """One row per folded spelling that needs no context (codes and labels too): text, code; local ones first."""
        spelt = self._lookups(domain)[0].filter((pl.col("how") == "spelling") & (pl.col("context") == ""))
        return spelt.select("text", "code")

    def suggest(self, domain: str, raw: str, n: int = 3) -> list[tuple[str, str]]:
        """The nearest known spellings of one raw text, each with its code; a hint for a person, never applied."""
        code_of = dict(self.spellings(domain).iter_rows())
        return [(text, code_of[text]) for text in get_close_matches(fold_text(raw), code_of, n=n, cutoff=0.75)]

    def normalise(self, domain: str, values: pl.Series, context: pl.Series | None = None, *, within_text: bool = False) -> pl.DataFrame:
        """One row per value, in its order: raw, code, bin (canonical, fixed, rejected), reason.

        `values` are distinct raw texts; with `context` (the organ code for a procedure, the marker code for a
        marker_result) distinct pairs. `within_text` finds the one code named inside a longer text.
        A null code in bin canonical is known to say nothing: blank, unknown_token or (within_text) not_in_text.
        Fixed: spelling, rule (after text_rules.csv) or within_text. Rejected, code null: unknown_spelling,
        ambiguous_spelling or needs_context. KeyError for a domain that items.csv does not name.
        """
        beside = pl.repeat("", values.len(), dtype=pl.String, eager=True) if context is None else context.cast(pl.String).fill_null("")
        asked = pl.DataFrame([values.cast(pl.String).alias("raw"), beside.alias("context")])
        look_up = within if within_text else whole
        return binned(look_up(asked, domain, *self._lookups(domain)), self.codes(domain))

    def _lookups(self, domain: str) -> tuple[pl.DataFrame, pl.DataFrame]:
        """What texts mean as they stand, and after the retry rules; the project's own spellings go first."""
        if domain not in self._lookup:
            meanings = pl.concat([_spelt(self._local.get(domain, [])), built_in(domain)])
            self._lookup[domain] = (first_meaning(meanings), first_meaning(retried(meanings)))
        return self._lookup[domain]


def _spelt(rows: Iterable[Row]) -> pl.DataFrame:
    """MEANINGS of local rows."""
    return listed((row["domain"], row["spelling"], row["context"], row["code"], "spelling", row) for row in rows)


def load(folder: Path | None = None) -> Vocabularies:
    """The built-in vocabularies with the spellings of `folder`/*.csv; raises ConfigurationError with every mistake (file, line)."""
    if folder is None or not folder.is_dir():
        return Vocabularies()
    rows, mistakes = read_local(folder)
    mistakes += [mistake for row in rows for mistake in _names(row)]
    if not mistakes:
        used = {row["domain"] for row in rows}
        mistakes += clashes(pl.concat([*(built_in(domain) for domain in sorted(used)), _spelt(rows)]))
    if mistakes:
        raise ConfigurationError(mistakes)
    return Vocabularies(rows)


def read_local(folder: Path) -> tuple[list[Row], list[Mistake]]:
    """Rows and mistakes of shape of every CSV file of a project's `vocabularies` folder, in the order of their names."""
    rows: list[Row] = []
    mistakes: list[Mistake] = []
    for path in sorted(folder.glob("*.csv")):
        file = f"{folder.name}/{path.name}"
        try:
            found, wrong = parse(path.read_text(encoding="utf-8-sig"), file, COLUMNS)
        except UnicodeDecodeError:
            found, wrong = [], [Mistake(file, None, "is not UTF-8")]
        rows += found
        mistakes += wrong
    return rows, mistakes


def _names(row: Row) -> list[Mistake]:
    """What one local row names that does not exist."""
    if row["domain"] not in domains():
        return [row.mistake(f"unknown domain {row['domain']!r}", did_you_mean(row["domain"], domains()))]
    if row["code"] not in labels(row["domain"]):
        return [row.mistake(f"{row['domain']} has no code {row['code']!r}", did_you_mean(row["code"], labels(row["domain"])))]
    return [] if row["spelling"] else [row.mistake("the spelling is empty")]
