"""What the built-in vocabulary makes of one text, for the tests of this folder."""

from __future__ import annotations

from functools import cache

import polars as pl

from schemas.vocabulary import load

BUILT_IN = load()
# By domain the texts that the rows of all tables ask for (conftest.py), in which a code may stand somewhere.
asked_within: dict[str, dict[str, None]] = {}


def code(domain: str, raw: str, context: str | None = None, *, within_text: bool = False) -> str | None:
    return outcome(domain, raw, context, within_text=within_text)[0]


def outcome(domain: str, raw: str | None, context: str | None = None, *, within_text: bool = False) -> tuple[str | None, str, str]:
    if raw in asked_within.get(domain, ()) and context is None and within_text:
        return _all_within(domain)[raw]
    beside = None if context is None else pl.Series([context])
    found = BUILT_IN.normalise(domain, pl.Series([raw], dtype=pl.String), beside, within_text=within_text)
    return found.row(0)[1:]


@cache
def _all_within(domain: str) -> dict[str | None, tuple[str | None, str, str]]:
    """What is made of each of the texts that are asked for."""
    found = BUILT_IN.normalise(domain, pl.Series(list(asked_within[domain]), dtype=pl.String), within_text=True)
    return {row[0]: row[1:] for row in found.rows()}
