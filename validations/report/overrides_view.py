"""The over-rides of a project as the report shows them: in force, and those that silence nothing. Never why: that may quote a record."""

from __future__ import annotations

from typing import Any

import polars as pl

from validations import answered, answers

# What became of an over-ride (internal/answers.csv), in words. `replaced` is not shown: a later answer stands in its place.
STATES = {
    answered.APPLIED: "in force",
    answered.CHANGED: "stale: a value has changed",
    answered.NOT_FOUND: "stale: the edit finds nothing there any more",
    answered.GONE: "stale: the record is gone",
    answered.REWRITTEN: "stale: the edit was rewritten",
    answered.OLD: "stale: its fingerprint is of an older version",
    answers.EXPIRED: "expired",
    answers.FUTURE: "not yet in force: dated in the future",
    answers.CONFLICT: "not applied: another answer contradicts it",
    answers.UNKNOWN: "not applied: there is no such edit",
}
# As many of each kind as anyone reads on a page; all of them are in internal/answers.csv.
MOST = 200
# Initials, as the work list asks for; anything longer may be anybody's name and stays in internal/.
INITIALS = r"^\p{L}{1,4}$"


def shown(report: pl.DataFrame, sources: pl.DataFrame, override: str) -> pl.DataFrame:
    """The frame OVERRIDES of the report. report: `answered.REPORT`, of which the over-rides (`override`) are taken; sources: dim_source.

    Reasons are left out, and so is the code of an edit that there is not: both may be any text.
    """
    mine = report.filter(pl.col("answer") == override, pl.col("outcome").is_in(list(STATES)))
    named = mine.join(sources.select("source_file", "source"), on="source_file", how="left", maintain_order="left")
    return named.select(
        "place",
        edit=pl.when(pl.col("outcome") != answers.UNKNOWN).then("edit"),
        source="source",
        source_file="source_file",
        source_row="source_row",
        author=pl.when(pl.col("author").str.contains(INITIALS)).then("author"),
        date="date",
        expires="expires",
        outcome="outcome",
    )


def overrides(frame: pl.DataFrame) -> dict[str, Any]:
    """Both lists, by edit, file and row: `in_force` and `idle`, at most MOST each, and how many there are in all."""
    ordered = frame.sort("edit", "source_file", "source_row", "place", nulls_last=True)
    is_applied = pl.col("outcome") == answered.APPLIED
    parts = {"in_force": ordered.filter(is_applied), "idle": ordered.filter(~is_applied)}
    rows = {name: part.head(MOST).with_columns(state=pl.col("outcome").replace(STATES)).to_dicts() for name, part in parts.items()}
    return {**rows, "n_in_force": parts["in_force"].height, "n_idle": parts["idle"].height}
