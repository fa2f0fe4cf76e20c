"""Spellings whose meaning the other cells of their column decide: `M` is male beside `F`, and mujer in a column of `M` and `H`."""

from __future__ import annotations

from collections.abc import Collection
from functools import cache

import polars as pl

from schemas.facts import SEPARATOR, shipped
from schemas.vocabularies.spelling import fold

WITHOUT = " without "


def settled(domain: str, texts: pl.DataFrame, own: Collection[str]) -> pl.DataFrame:
    """The distinct texts of a column (raw, code, bin, reason), one row each, with those rejected that the others make doubtful.

    `own`: spellings of the project's vocabulary, which has settled what they mean.
    """
    asked = [line for line in _asked(domain) if line[0] not in _folded(*own)]
    folded = texts.select(text=fold(pl.col("raw"))) if asked else texts
    for spelling, needs, sign, unless, beside in asked:
        spoiling = [text for text, saving in unless if not saving or not _met(folded, [saving]).any()]
        met, spoilt, proven = (_met(folded, those) for those in ([spelling], spoiling, beside))
        lacks = bool(needs) and needs not in texts["code"].filter(~met).to_list()
        lacks |= bool(sign) and not folded["text"].str.contains(sign, literal=True).any()
        lacks |= beside != [""] and not proven.any()
        if met.any() and (lacks or spoilt.any()):
            texts = texts.with_columns(_rejected(met))
    return texts


def _met(folded: pl.DataFrame, those: Collection[str]) -> pl.Series:
    """Which texts are among those."""
    return folded.select(pl.col("text").is_in(list(those)).fill_null(value=False)).to_series()


def _rejected(met: pl.Series) -> list[pl.Expr]:
    """Code, bin and reason with those of the texts met as of a spelling of several meanings."""
    values = {"code": None, "bin": "rejected", "reason": "ambiguous_spelling"}
    return [pl.when(met).then(pl.lit(value)).otherwise(name).alias(name) for name, value in values.items()]


@cache
def _asked(domain: str) -> tuple[tuple[str, str, str, list[tuple[str, str]], list[str]], ...]:
    """Spelling, the code and the sign another cell must have (or nothing), the texts that none may have, each with the one beside which it
    may stand (or nothing), and those of which one must be there, folded as cells are."""
    rows = [
        row for row in shipped("column_spellings.csv", "domain", "spelling", "needs", "sign", "unless", "beside") if row["domain"] == domain
    ]
    beside = [_folded(*row["beside"].split(SEPARATOR)) for row in rows]
    unless = [[_pair(text) for text in row["unless"].split(SEPARATOR)] for row in rows]
    said = zip(rows, unless, beside, strict=True)
    return tuple((_folded(row["spelling"])[0], row["needs"], row["sign"], none, some) for row, none, some in said)


def _pair(text: str) -> tuple[str, str]:
    """`0 without 3` as both texts, folded; any other with nothing."""
    one, _, other = text.partition(WITHOUT)
    first, second = _folded(one, other)
    return first, second


def _folded(*texts: str) -> list[str]:
    return pl.select(fold(pl.lit(pl.Series(texts, dtype=pl.String)))).to_series().to_list()
