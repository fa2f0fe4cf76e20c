"""Whether the ledger balances: what goes on at one stage and unit is what the next accounts for (DESIGN 4)."""

from __future__ import annotations

from collections.abc import Mapping

import polars as pl

from schemas.core import frames

# (stage, unit) that hands on, (stage, unit) that accounts for it. Between the rows and the records of `normalise` there is
# no equation: one row may deliver several records.
FLOW = (
    (("read", "row"), ("normalise", "row")),
    (("normalise", "record"), ("link", "record")),
    (("link", "record"), ("edit", "record")),
    (("edit", "record"), ("load", "record")),
)
LINE = ("source_file", "stage", "unit")


def imbalances(ledger: pl.DataFrame, lines: Mapping[str, int] | None = None) -> list[str]:
    """One sentence per file and step whose numbers differ, naming both; empty where the ledger balances.

    `lines`: the physical lines of each text file that was read, counted from its bytes. `ledger` has the columns of
    `schemas.core.frames.LEDGER`; a file, stage and unit without a line counts as 0.
    """
    if ledger.filter(pl.col("stage") == "read").is_empty():
        return ["ledger: no row is accounted for at read"]
    total = _sums(ledger)
    onward = _sums(ledger.filter(pl.col("fate") == "goes_on"))
    files = sorted(set(ledger["source_file"]))
    found = [_compared(file, onward.get((file, *a), 0), a, total.get((file, *b), 0), b) for file in files for a, b in FLOW]
    counted = [_counted(file, total.get((file, "read", "row"), 0), n) for file, n in sorted((lines or {}).items())]
    return [sentence for sentence in (*found, *counted) if sentence]


def differences(ledger: pl.DataFrame, accounted: pl.DataFrame) -> list[str]:
    """One sentence where the lines of `ledger` up to the edits are not exactly those that the stages `accounted` for."""
    mine, theirs = (_before_load(frame) for frame in (ledger, accounted))
    missing = theirs.join(mine, on=list(frames.LEDGER), how="anti").height
    added = mine.join(theirs, on=list(frames.LEDGER), how="anti").height
    return [f"ledger: {missing} lines are missing and {added} were not accounted for by the stages"] if missing or added else []


def _sums(ledger: pl.DataFrame) -> dict[tuple[str, ...], int]:
    return {row[:3]: row[3] for row in ledger.group_by(*LINE).agg(pl.col("n").sum()).rows()}


def _compared(file: str, passed: int, before: tuple[str, str], accounted: int, after: tuple[str, str]) -> str:
    if passed == accounted:
        return ""
    (stage, unit), (then, _) = before, after
    return f"ledger: {file}: {passed} {unit}s go on at {stage}, {then} accounts for {accounted}"


def _counted(file: str, rows: int, lines: int) -> str:
    return "" if rows == lines else f"ledger: {file}: {lines} physical lines, {rows} rows accounted for at read"


def _before_load(ledger: pl.DataFrame) -> pl.DataFrame:
    kept = ledger.select(frames.LEDGER.keys()).filter(pl.col("stage") != "load")
    return kept.group_by(*LINE, "fate", "reason").agg(pl.col("n").sum())
