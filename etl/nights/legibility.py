"""An export whose dates or person numbers can mostly not be read: re-typed by a spreadsheet, another form since last night.

Reading it would empty a column overnight. It breaks its contract instead, and its last good delivery stands in (DESIGN 2.9).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import polars as pl

from etl.nights.legible_before import LastReadings, accepting, is_accepted
from etl.normalise.result import Normalised
from etl.readers import RawTable
from schemas.contract import PERSON, Contract, Identifier
from schemas.core.errors import UnreadableError
from schemas.core.frames import EDIT_COUNTS, FINDINGS, stack
from schemas.items import identity, intervals
from schemas.reading_edits import counts, findings

ORDER = "NORM-DATE-ORDER"
EITHER_DAY = (ORDER, "NORM-DATE-SWAPPED")
DATES = ("NORM-DATE", ORDER)
NUMBERS = ("READ-LOST-DIGITS", "READ-FORM")
ISSUERS = ("NORM-ISSUER",)  # whose a number is: where that is not told it is nobody's
COUNTS = ("NORM-RANGE", "NORM-NUMBER")
IDENTIFYING = ("NORM-IDENTIFIER",)  # a national number of another form than the contract says refuses no file, but nobody is linked by it
FEWEST = 20  # of fewer cells a share says nothing: nine wrong days of sixteen are a busy night, not another form (but see legible_before)
NEWLY = 0.1  # of the cells of a column: as many dates that may be either of two days, where none could last night, are another form
FEW = 2  # one cell that cannot be read has a finding of its own and says nothing of its column
UNREAD = "READ-UNREAD-COLUMN"


class Unread(NamedTuple):
    """What is noticed of columns of few cells: one finding per column (FINDINGS), and the count (EDIT_COUNTS)."""

    findings: pl.DataFrame
    counts: pl.DataFrame


def check_legible(raw: RawTable, part: Normalised, last: LastReadings | None = None) -> Unread:
    """The columns of few cells, and those of identifying numbers, of which none can be read, as one notice of the file.

    Raises UnreadableError, naming every such column, where more than the contract's `max_unread` of its filled cells cannot be read.

    Looked at are the columns that name the person, that number her tumours, events and treatments, and that are read as dates; a cell
    counts once. Of fewer than FEWEST cells a share refuses nothing, unless all were legible in the release before (`last`) and none is.
    """
    contract = raw.contract
    found = stack([raw.findings, part.findings], FINDINGS)
    looked_at = {name: (edits, _lost(raw, name, found.filter(pl.col("edit").is_in(edits)))) for name, edits in _looked_at(contract)}
    columns = [lost for _, lost in looked_at.values()]
    lost = [
        f"column '{header}': {bad:,} of {filled:,} filled cells cannot be read"
        for name, (edits, (header, bad, filled)) in looked_at.items()
        if bad > contract.max_unread * filled
        and (filled >= FEWEST or (bad == filled >= FEW and last is not None and last.were_legible(raw, name, edits)))
    ]
    if lost:
        forms = "the form of the column is not what the contract says (forms of dates: docs/dates.md), or a spreadsheet saved the file anew"
        more = "if the file is right, `max_unread` of the contract says how much may stay unread"
        raise UnreadableError("illegible", f"{raw.file.name}: {'; '.join(lost)}: {forms}; {more}")
    _check_order(raw, [name for name, (edits, _) in looked_at.items() if ORDER in edits], found, last)
    numbers = [name for name, field in contract.fields.items() if isinstance(field.identifier, Identifier) and name not in looked_at]
    others = [_lost(raw, name, found.filter(pl.col("edit").is_in(IDENTIFYING))) for name in numbers]
    few = [header for header, bad, filled in columns if FEW <= filled < FEWEST and bad == filled]
    return _unread(raw, [*few, *(header for header, bad, filled in others if bad == filled >= FEW)])


def _check_order(raw: RawTable, names: list[str], found: pl.DataFrame, last: LastReadings | None) -> None:
    """Raises UnreadableError where FEWEST dates of a column, and NEWLY of them, may be either of two days, and none could last night.

    A spreadsheet that opens a file in the other order of day and month re-types the days up to the 12th alone, two in five: these lose
    their month, and the share that refuses a column is not reached. `max_unread` of the contract, where it is there, goes before it;
    `exchanged_after` accepts this night alone.
    """
    if last is None or "max_unread" in raw.contract.model_fields_set:
        return
    earlier = last.newest(raw)
    open_ = {name: _lost(raw, name, found.filter(pl.col("edit").is_in(EITHER_DAY))) for name in names}
    lost = [
        f"column '{header}': {bad:,} of {filled:,} dates may be either of two days, and none in the last release"
        for name, (header, bad, filled) in open_.items()
        if bad >= FEWEST and bad > NEWLY * filled and last.were_legible(raw, name, (*DATES, *EITHER_DAY))
    ]
    if lost and not is_accepted(raw.contract, earlier):
        what = "a spreadsheet has opened the file in the other order of day and month and saved it; have it exported anew"
        accept = f"if it is right tonight, {accepting(earlier)}; if the source writes dates so, `max_unread`"
        raise UnreadableError("illegible", f"{raw.file.name}: {'; '.join(lost)}: {what}; {accept}")


def _unread(raw: RawTable, headers: list[str]) -> Unread:
    """One finding per column and one count of the file; nothing where there is none."""
    if not headers:
        return Unread(pl.DataFrame(schema=FINDINGS), pl.DataFrame(schema=EDIT_COUNTS))
    met = findings(pl.DataFrame({"columns": headers}, schema={"columns": pl.String}), UNREAD)
    met = met.with_columns(record=pl.lit("row"), source_key=pl.lit(raw.file.source_key, pl.Int64))
    return Unread(stack([met], FINDINGS), counts(UNREAD, violated=len(headers), satisfied=0, not_applicable=0))


def _looked_at(contract: Contract) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Each field once, with the edits that tell of a cell that could not be read."""
    dates, persons, counts = set(), set(), set()
    for rule in contract.records:
        counts |= {rule.set[name].from_ for name in identity(rule.record) if name in rule.set and name.endswith("_no")}
        dates |= {rule.set[name].from_ for name in intervals(rule.record) if name in rule.set and rule.set[name].duration is None}
        persons.add(rule.set[PERSON].from_)
    for name in contract.fields:
        groups = ((name in persons, NUMBERS), (name in contract.issuer_fields, ISSUERS), (name in counts, COUNTS), (name in dates, DATES))
        if any(is_one for is_one, _ in groups):
            yield name, tuple(edit for is_one, edits in groups if is_one for edit in edits)


def _lost(raw: RawTable, name: str, found: pl.DataFrame) -> tuple[str, int, int]:
    """Header of a column, how many of its filled cells could not be read, and how many there are."""
    header = raw.contract.fields[name].headers(name)[0]
    bad = found.filter(pl.col("columns") == header)["source_row"].n_unique()
    asked = raw.contract.person_fields if name in raw.contract.issuer_fields else (name,)  # whose each number is has to be told
    is_filled = pl.any_horizontal(pl.col(one).is_not_null() for one in asked if one in raw.rows.columns)
    filled = max(bad, int(raw.rows.select(is_filled.sum()).item()))  # a cell that a reading edit rejected is empty by now
    return header, bad, filled
