"""The ledger as the report draws it: per file the blocks in order, each with its fates, and whether they add up."""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import pairwise

import polars as pl

from validations.report.tables_view import widths

# Order of the line (DESIGN 4): what goes on in one block is what the next of the same unit accounts for.
BLOCKS = (
    ("land", "file"),
    ("read", "row"),
    ("normalise", "row"),
    ("normalise", "record"),
    ("link", "record"),
    ("edit", "record"),
    ("load", "record"),
)
FATES = (
    "goes_on",
    "loaded",
    "carried_forward",
    "merged",
    "duplicate",
    "superseded",
    "already_landed",
    "no_record",
    "not_data",
    "withheld",
    "held",
    "quarantined",
    "refused",
)
# How a fate is drawn: as going on, as set aside by design, or as something to look at.
GROUPS = {"goes_on": "on", "loaded": "on", "carried_forward": "look", "held": "look", "quarantined": "bad", "refused": "bad"}
LABELS = {
    "goes_on": "go on",
    "loaded": "loaded",
    "carried_forward": "carried forward",
    "merged": "merged",
    "duplicate": "duplicates",
    "superseded": "superseded",
    "already_landed": "already landed",
    "no_record": "deliver no record",
    "not_data": "not data",
    "withheld": "withheld",
    "held": "held",
    "quarantined": "quarantined",
    "refused": "refused",
}


@dataclass(frozen=True)
class Fate:
    """One segment of a bar: n units of one fate, the reasons given, and where the segment lies in per cent."""

    name: str
    label: str
    n: int
    reasons: str
    start: float
    width: float
    group: str


@dataclass(frozen=True)
class Block:
    """One bar: all units of one stage, by fate. `balances` compares with what went on before; None where nothing precedes."""

    stage: str
    unit: str
    total: int
    fates: tuple[Fate, ...]
    expected: int | None

    @property
    def balances(self) -> bool:
        """The units that arrive are those that went on."""
        return self.expected is None or self.expected == self.total

    @property
    def going_on(self) -> int:
        """Units that the next stage accounts for."""
        return sum(fate.n for fate in self.fates if fate.name == "goes_on")


@dataclass(frozen=True)
class FileLedger:
    """The bars of one file, or of all files together (name empty)."""

    name: str
    blocks: tuple[Block, ...]

    @property
    def lost(self) -> int:
        """Units that went on and that no later stage accounts for."""
        last = self.blocks[-1] if self.blocks else None
        return last.going_on if last else 0

    @property
    def balances(self) -> bool:
        """Every bar of the file adds up and nothing goes on into nowhere."""
        return not self.lost and all(block.balances for block in self.blocks)


def all_files(ledger: pl.DataFrame) -> FileLedger:
    """The ledger of all files together."""
    return FileLedger("", _blocks(ledger))


def by_file(ledger: pl.DataFrame) -> tuple[FileLedger, ...]:
    """The ledger of each file, by name."""
    parts = ledger.sort("source_file").partition_by("source_file", maintain_order=True)
    return tuple(FileLedger(part["source_file"][0], _blocks(part)) for part in parts)


def _blocks(ledger: pl.DataFrame) -> tuple[Block, ...]:
    counted = ledger.group_by("stage", "unit", "fate").agg(
        pl.col("n").sum(), pl.col("reason").filter(pl.col("reason") != "").unique().sort()
    )
    found: list[Block] = []
    for stage, unit in BLOCKS:
        rows = counted.filter(pl.col("stage") == stage, pl.col("unit") == unit)
        if rows.height:
            found.append(Block(stage, unit, int(rows["n"].sum()), _fates(rows), None))
    arriving = [before.going_on if before.unit == after.unit else None for before, after in pairwise(found)]
    return tuple(replace(block, expected=n) for block, n in zip(found, [None, *arriving][: len(found)], strict=True))


def _fates(rows: pl.DataFrame) -> tuple[Fate, ...]:
    total = int(rows["n"].sum())
    met = {fate: (n, ", ".join(reasons)) for fate, n, reasons in rows.select("fate", "n", "reason").iter_rows()}
    found: list[Fate] = []
    start = 0.0
    names = sorted(met, key=lambda fate: (FATES.index(fate) if fate in FATES else len(FATES), fate))
    for name, width in zip(names, widths([met[name][0] for name in names]) if total else [0.0] * len(names), strict=True):
        n, reasons = met[name]
        found.append(Fate(name, LABELS.get(name, name), n, reasons, round(start, 3), round(width, 3), GROUPS.get(name, "aside")))
        start += width
    return tuple(found)
