"""Cells that say that there was no event: `No` in a column of its day, `none` in one of its place. Each would be an event else."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache

import polars as pl

from etl.draft.columns import Column
from etl.normalise.within import nothing_words
from schemas.facts import shipped
from schemas.vocabularies.spelling import fold

OF_EVENTS = ("first.", "at.")
SIGNS = r"^[-–—/.]+$"
KINDS = ("denial", "evidence", "event")


def nothing_there(columns: Sequence[Column], cells: pl.DataFrame) -> dict[str, list[str]]:
    """By name of a column of the day or the place of an event the texts of its cells that are words for nothing, as they are written:
    its `null_tokens`. Columns without any are left out. That a place is not known is no word for nothing."""
    found = {c.name: _nothing(cells[c.name]) for c in columns if c.meaning is not None and c.meaning.startswith(OF_EVENTS) and c.filled}
    return {name: texts for name, texts in found.items() if texts}


def _nothing(said: pl.Series) -> list[str]:
    rows = shipped("unknown_tokens.csv", "domain", "token", "meaning")
    words = [*nothing_words(), *(row["token"] for row in rows if not row["domain"] and row["meaning"].startswith("not applicable"))]
    texts = pl.DataFrame({"text": said.drop_nulls().unique().sort()})
    folded = fold(pl.col("text"))
    return texts.filter(folded.is_in(words) | folded.str.contains(SIGNS) | folded.str.contains(_denied()))["text"].to_list()


@cache
def _denied() -> str:
    """The pattern of a cell that denies an event (no_event_words.csv)."""
    words = {kind: [row["word"] for row in shipped("no_event_words.csv", "kind", "word") if row["kind"] == kind] for kind in KINDS}
    denial, evidence, event = (f"(?:{'|'.join(words[kind])})" for kind in KINDS)
    return rf"^{denial}\s+(?:{evidence}\s+)?{event}$"
