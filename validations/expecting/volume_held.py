"""Rows missing from a load because edits keep them back: then what the edits found is to be mended, not the delivered file."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import polars as pl

from schemas.items import TABLE_OF
from validations.expecting.plan import Planned
from validations.report.not_met import WHOLE

# Kinds of expectations that a table has its rows; those of one source have none to compare with.
OF_ROWS = ("rows", "rows_against_previous")


@dataclass(frozen=True)
class Held:
    """What edits keep back of one table: the edit that keeps back most rows, how many these are, how many all edits keep back (`all`),
    and how many rows the files deliver (`of`).
    """

    edit: str
    n: int
    all: int
    of: int = 0

    @property
    def words(self) -> str:
        """One clause without any value."""
        others = f", other edits {self.all - self.n:,}" if self.all > self.n else ""
        return f"{self.edit} keeps back {self.n:,} of {self.of:,} delivered{others}"


def held(quarantine: pl.DataFrame) -> dict[str, Held]:
    """By star table what is kept back of it; `quarantine`: fates.QUARANTINE, whose `reason` is one code."""
    counted = quarantine.group_by("record", "reason").len().sort("record", "len", "reason", descending=[False, True, False])
    first = counted.group_by("record", maintain_order=True).agg(pl.col("reason", "len").first(), all=pl.col("len").sum())
    return {TABLE_OF[record]: Held(edit, n, all_) for record, edit, n, all_ in first.select("record", "reason", "len", "all").iter_rows()}


def explained(one: Planned, kept: Mapping[str, Held]) -> Planned:
    """The expectation with what keeps its rows back, where these are most of what is missing.

    Where it would be met with them, no file is cut off: its reason says so instead.
    """
    hers = kept.get(one.rule.table)
    if hers is None or one.problem or one.rule.kind not in OF_ROWS or one.hits >= (one.minimum or 0):
        return one
    missing = max(one.of, one.minimum or 0) - one.hits
    if hers.all * 2 < missing:
        return one
    told = replace(hers, of=one.hits + hers.all)
    if told.of < (one.minimum or 0):
        return replace(one, held=told.words)
    reason = f"{WHOLE}: {hers.edit} keeps the rows back. Mend at the source what it finds, or the edit where it is wrong."
    return replace(one, rule=one.rule.model_copy(update={"reason": reason}), held=told.words)
