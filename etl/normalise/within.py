"""Longer texts in which no rule finds anything: a cell counts as understood as soon as one column could be read from it.

`Lung, left upper lobe` holds a side and `Sternum` none: nothing is lost where the organ is read from the same cell. So a cell is
judged only after all columns of all rules have read it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from functools import cache

import polars as pl

from etl.normalise.distinct import Looked
from etl.normalise.notes import Notes
from schemas.contract import Contract
from schemas.facts import shipped
from schemas.vocabularies.lookup import BESIDE_UNLISTED
from schemas.vocabularies.spelling import fold, rules

NOTHING_FOUND, UNKNOWN = "not_in_text", "unknown_spelling"
# What a text may hold beside what it is about; of a cell of which nothing is read the others are told first.
BESIDE = ("laterality", "grade")


@cache
def nothing_words() -> tuple[str, ...]:
    """Words that say of a whole cell that there is nothing to tell, folded."""
    words = pl.Series([row["word"] for row in shipped("nothing_words.csv", "word", "language")])
    return tuple(words.to_frame("word").select(fold(pl.col("word"))).to_series())


@dataclass(frozen=True)
class Asked:
    """What one column looked for in the cells of one source column: `rows` (source_row, raw, context), and what it found."""

    record: str
    domain: str
    rows: pl.DataFrame
    found: Looked
    nearest: Callable[[pl.Series], pl.DataFrame]
    unlisted: Callable[[pl.Series], pl.Series]
    why: Callable[[pl.DataFrame], pl.DataFrame]


@dataclass(frozen=True)
class WithinText:
    """Collects what the rules of one file read from cells in which a text is searched; `settle` judges them at the end."""

    sources: frozenset[str]
    _asked: dict[str, list[Asked]] = field(default_factory=dict)
    _told: dict[str, list[pl.Series]] = field(default_factory=dict)

    @classmethod
    def of(cls, contract: Contract) -> WithinText:
        """For the source columns that some rule searches."""
        return cls(frozenset(part.from_ or "" for rule in contract.records for part in rule.set.values() if part.within_text))

    def tell(self, source: str, rows: pl.DataFrame) -> None:
        """These rows of a source column are read as a whole by some column: that judges them."""
        if source in self.sources:
            self._told.setdefault(source, []).append(rows["source_row"].filter(rows[source].is_not_null()))

    def ask(self, source: str, asked: Asked) -> None:
        """One column looked for its code within these cells."""
        self._asked.setdefault(source, []).append(asked)

    def settle(self, notes: Notes) -> None:
        """Note what was looked up, each cell in which nothing was found by anyone as not understood."""
        for source, asked in self._asked.items():
            told = [*self._told.get(source, []), *(one.rows["source_row"].filter(_says(one)) for one in asked)]
            silent = _silent(asked, told)
            for one in sorted(asked, key=lambda one: one.domain in BESIDE):
                mine = one.rows["source_row"].is_in(silent.implode()) & one.rows["raw"].is_not_null()
                note(source, one, notes, mine)
                silent = silent.filter(~silent.is_in(one.rows["source_row"].implode()))


def _says(one: Asked) -> pl.Series:
    """Whether a column found something in each row: a code, a doubt, or a word that says there is nothing."""
    says = (one.found.rows["reason"].cast(pl.String) != NOTHING_FOUND).fill_null(value=False)
    if rules(one.domain, "expect"):  # a text of T and N tells that there is no M
        return pl.repeat(True, len(says), dtype=pl.Boolean, eager=True)
    if says.all():
        return says
    return says | one.rows.select(fold(pl.col("raw")).is_in(nothing_words()).fill_null(value=False)).to_series()


def _silent(asked: Iterable[Asked], told: list[pl.Series]) -> pl.Series:
    rows = pl.concat([one.rows["source_row"] for one in asked]).unique()
    known = pl.concat(told).unique() if told else rows.clear()
    return rows.filter(~rows.is_in(known.implode()))


def note(source: str, one: Asked, notes: Notes, silent: pl.Series | None = None) -> None:
    """Judge the cells of one column, those in which nobody found anything (`silent`) as unknown spellings."""
    known = (one.found.rows["bin"] != "rejected").fill_null(value=True)
    known = known if silent is None else known & ~silent
    notes.judge("NORM-UNMAPPED", one.record, source, one.rows.select("source_row", pl.col("raw").alias(source)), known)
    texts = one.found.texts
    if silent is not None and silent.any():
        n = one.rows.filter(silent).group_by("raw", "context").agg(silent=pl.len().cast(pl.Int64))
        both = texts.join(n, on=["raw", "context"], how="left", maintain_order="left", nulls_equal=True)
        texts = _parted(both.with_columns(pl.col("silent").fill_null(0)))
    notes.looked_up(source, one.domain, texts, one.nearest, one.why)
    notes.beside_unlisted(source, one.domain, texts, one.unlisted)
    if notes.keeps_cells:
        told = ~known | (one.found.rows["reason"].cast(pl.String) == BESIDE_UNLISTED).fill_null(value=False)
        notes.rejected(source, one.domain, _rejected(one, silent).filter(told & one.rows["raw"].is_not_null()))


def _rejected(one: Asked, silent: pl.Series | None) -> pl.DataFrame:
    """The cells of one column (source_row, spelling, context) with the reason that `_parted` gives them."""
    mine = pl.repeat(False, one.rows.height, dtype=pl.Boolean, eager=True) if silent is None else silent
    reason = pl.when(mine & (pl.col("reason") == NOTHING_FOUND)).then(pl.lit(UNKNOWN)).otherwise("reason")
    cells = one.rows.select("source_row", "context", spelling="raw").hstack(one.found.rows.select(pl.col("reason").cast(pl.String)))
    return cells.with_columns(reason=reason)


def _parted(texts: pl.DataFrame) -> pl.DataFrame:
    """The texts with the cells in which nobody found anything apart, as unknown spellings."""
    is_silent = (pl.col("silent") > 0) & (pl.col("reason") == NOTHING_FOUND)
    others = texts.with_columns(n=pl.when(is_silent).then(pl.col("n") - pl.col("silent")).otherwise("n")).filter(pl.col("n") > 0)
    rejected = texts.filter(is_silent).with_columns(n="silent", bin=pl.lit("rejected"), reason=pl.lit(UNKNOWN))
    return pl.concat([others, rejected]).drop("silent")
