"""What the built-in vocabulary makes of one text, for the tests of this folder."""

from __future__ import annotations

import polars as pl

from schemas.vocabulary import load

BUILT_IN = load()


def code(domain: str, raw: str, context: str | None = None, *, within_text: bool = False) -> str | None:
    return outcome(domain, raw, context, within_text=within_text)[0]


def outcome(domain: str, raw: str | None, context: str | None = None, *, within_text: bool = False) -> tuple[str | None, str, str]:
    beside = None if context is None else pl.Series([context])
    found = BUILT_IN.normalise(domain, pl.Series([raw], dtype=pl.String), beside, within_text=within_text)
    return found.row(0)[1:]
