"""An export whose dates or person numbers can mostly not be read: re-typed by a spreadsheet, another form since last night.

Reading it would empty a column overnight. It breaks its contract instead, and its last good delivery stands in (DESIGN 2.9).
"""

from __future__ import annotations

from collections.abc import Iterator

import polars as pl

from etl.normalise.result import Normalised
from etl.readers import RawTable
from schemas.contract import PERSON, Contract
from schemas.core.errors import UnreadableError
from schemas.core.frames import FINDINGS, stack
from schemas.items import identity, intervals

DATES = ("NORM-DATE", "NORM-DATE-ORDER")
NUMBERS = ("READ-LOST-DIGITS", "READ-FORM")
COUNTS = ("NORM-RANGE", "NORM-NUMBER")
FEWEST = 20  # of fewer cells a share says nothing


def check_legible(raw: RawTable, part: Normalised) -> None:
    """Raises UnreadableError, naming every such column, where more than the contract's `max_unread` of its filled cells cannot be read.

    Looked at are the columns that name the person, that number her tumours, events and treatments, and that are read as dates; a cell
    counts once. Of fewer than FEWEST cells nothing is said.
    """
    contract = raw.contract
    found = stack([raw.findings, part.findings], FINDINGS)
    lost = [said for name, edits in _looked_at(contract) if (said := _lost(raw, name, found.filter(pl.col("edit").is_in(edits))))]
    if lost:
        forms = "the form of the column changed since the contract was written"
        raise UnreadableError("illegible", f"{raw.file.name}: {'; '.join(lost)}: {forms}, or a spreadsheet saved the file anew")


def _looked_at(contract: Contract) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Each field once, with the edits that tell of a cell that could not be read."""
    dates, persons, counts = set(), set(), set()
    for rule in contract.records:
        counts |= {rule.set[name].from_ for name in identity(rule.record) if name in rule.set and name.endswith("_no")}
        dates |= {rule.set[name].from_ for name in intervals(rule.record) if name in rule.set and rule.set[name].duration is None}
        persons.add(rule.set[PERSON].from_)
    for name in contract.fields:
        groups = ((name in persons, NUMBERS), (name in counts, COUNTS), (name in dates, DATES))
        if any(is_one for is_one, _ in groups):
            yield name, tuple(edit for is_one, edits in groups if is_one for edit in edits)


def _lost(raw: RawTable, name: str, found: pl.DataFrame) -> str:
    """How many of the filled cells of a column could not be read; empty where they are few."""
    header = raw.contract.fields[name].headers(name)[0]
    bad = found.filter(pl.col("columns") == header)["source_row"].n_unique()
    filled = max(bad, raw.rows.height - raw.rows[name].null_count())  # a cell that a reading edit rejected is empty by now
    if filled < FEWEST or bad <= raw.contract.max_unread * filled:
        return ""
    return f"column '{header}': {bad:,} of {filled:,} filled cells cannot be read"
