"""Columns whose value stands in longer texts (`T2, seen in clinic`), which a rule reads with `within_text`."""

from __future__ import annotations

import polars as pl

from etl.draft.columns import Column
from schemas.items import RECORDS, items
from schemas.vocabularies.clauses import is_strict, reads_beside_parts
from schemas.vocabulary import Vocabularies

LEAST_UNREAD, LEAST_GAINED = 0.05, 0.5


def is_longer(column: Column, cells: pl.Series, unread: int, known: Vocabularies) -> bool:
    """Whether `within_text` is proposed: many cells are not read as a whole, half of these are read so, and every word must be known.

    In domains where a word that nobody listed may stand beside the value it is only told of (`told`), for the words are to be looked at.
    """
    domain = _domain(column)
    if domain is None or column.is_longer or unread <= LEAST_UNREAD * column.filled:
        return False
    if not is_strict(domain) or reads_beside_parts(domain):
        return False
    return _gained(domain, cells, known) >= LEAST_GAINED * unread


def told(column: Column, cells: pl.Series, unread: int, known: Vocabularies) -> str:
    """What `within_text` would read of a column that is left out; empty where that is little."""
    domain = _domain(column)
    gained = _gained(domain, cells, known) if domain is not None else 0
    return f"; {gained:,} with `within_text: true`: look at the words beside the values first" if gained >= LEAST_GAINED * unread else ""


def _domain(column: Column) -> str | None:
    record, _, name = (column.meaning or "").partition(".")
    if record not in RECORDS or not column.filled:
        return None
    found = next((item.domain for item in items(record, "staging") if item.column == name and item.type == "text"), "")
    return found or None


def _gained(domain: str, cells: pl.Series, known: Vocabularies) -> int:
    """The cells that are read as longer texts and not as a whole."""
    if domain not in known.domains:
        return 0
    texts = cells.drop_nulls().alias("raw").value_counts(name="n")
    as_a_whole, longer = (known.normalise(domain, texts["raw"], within_text=within)["code"] for within in (False, True))
    return int(texts["n"].filter(as_a_whole.is_null() & longer.is_not_null()).sum())
