"""Rows that say what they said last night, and of which another hospital's number is told to be theirs: its column was sorted or moved
by itself, or the texts of two hospitals exchanged. Every number is found and every text known, and each row would be another woman's.
"""

from __future__ import annotations

import polars as pl

from etl.normalise.identifiers import declared
from etl.normalise.issuers import issuers
from schemas.contract import Contract, Identifier
from schemas.core.errors import UnreadableError

FEWEST = 20  # rows; of fewer a share says nothing


def check_issuers(file: str, contract: Contract, now: pl.DataFrame, was: pl.DataFrame, accepting: str) -> None:
    """Raises UnreadableError where most of the rows that are as they were in all other columns have a number of another source now.

    `now`, `was`: the cells of the fields of both files, text as it stands in them; rows that another row repeats are not looked at.
    """
    for said in declared(contract).values():
        name = said.issuer.from_ if said.issuer is not None else None
        others = [column for column in was.columns if column != name]
        if name is None or name not in was.columns or len(others) < 2:
            continue
        changed, n = _changed(now, was, said, (name, others))
        if changed >= FEWEST and 2 * changed > n:
            message = (
                f"column '{contract.fields[name].headers(name)[0]}': {changed:,} of {n:,} rows that are as before have another hospital"
            )
            why = "the column was sorted or moved without the others, or its texts mean other hospitals than they did"
            raise UnreadableError("other_women", f"{file}: {message}: {why} (if it is right, {accepting})")


def _changed(now: pl.DataFrame, was: pl.DataFrame, said: Identifier, of: tuple[str, list[str]]) -> tuple[int, int]:
    """Of how many of the rows that both files have once another source's number stands there now, and how many these are."""
    name, others = of
    before = "of before"
    both = now.unique(others, keep="none").join(
        was.unique(others, keep="none").select(*others, pl.col(name).alias(before)), on=others, nulls_equal=True
    )
    mine, theirs = issuers(said, both), issuers(said, both.select(pl.col(before).alias(name)))
    if mine is None or theirs is None:
        return 0, 0
    return int((mine != theirs).sum()), int((mine.is_not_null() & theirs.is_not_null()).sum())
