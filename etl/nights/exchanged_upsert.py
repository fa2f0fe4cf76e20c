"""Two columns that have exchanged their contents in an upsert, of which the records that it does not name say nothing.

Among all records twenty that were exchanged are few. So the rows themselves are asked, beside what counted of them: both cells are
exchanged in nearly all rows in which either says something new. What is put right looks the same and goes one way: days in the wrong order
come into the right one, who died has 0 and 1 for 1 and 0. So either the greater value stood in the one column and in the other, or it stood
where it stands in nearly all records, and does no more.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations

import polars as pl

from etl.nights.legible_before import LastReadings
from etl.nights.recoded import FORMS
from etl.nights.record_by_record import BEFORE, SameRecords, same_rows
from etl.readers import RawTable
from schemas.core.errors import UnreadableError, few

FEWEST, ONE_WAY = 6, 2  # rows that were exchanged; those of them in the direction that has fewer
NEARLY = 0.9  # of the rows in which either column changed; of the records that have their order
SEVERAL = 3  # different values in each column: fewer are flags


def check_exchanged_upsert(raw: RawTable, last: LastReadings) -> SameRecords | None:
    """Raises UnreadableError where two columns of an upsert hold one another's values of before; gives the rows that were compared."""
    if raw.contract.delivery != "upsert":
        return None
    held, counted = same_rows(raw, last)
    if held is None or held.is_accepted(raw.contract):
        return held
    found = [*_pairs(held, counted)]
    if found:
        named = (f"columns {held.told(raw.contract, a)} and {held.told(raw.contract, b)} in {n:,} rows" for a, b, n in found)
        what = "where its headers are wrong, send it mended, or exchange the headers in the contract"
        says = f"hold one another's values of the last release: {what}; where it is right and the earlier ones were not, {held.accepting}"
        raise UnreadableError("exchanged", f"{raw.file.name}: {'; '.join(few(named))} {says}")
    return held


def _pairs(held: SameRecords, counted: pl.DataFrame) -> Iterator[tuple[str, str, int]]:
    """The pairs that were exchanged, each with the number of rows."""
    changed = [name for name in held.fields if held.rows.filter(pl.col(name).ne_missing(pl.col(f"{name}{BEFORE}"))).height >= FEWEST]
    for a, b in combinations(changed, 2):
        n = _exchanged(held, counted, a, b)
        if n:
            yield a, b, n


def _exchanged(held: SameRecords, counted: pl.DataFrame, a: str, b: str) -> int:
    was_a, was_b = pl.col(f"{a}{BEFORE}"), pl.col(f"{b}{BEFORE}")
    either = held.rows.filter(pl.col(a).ne_missing(was_a) | pl.col(b).ne_missing(was_b))
    over = either.filter(pl.col(a) == was_b, pl.col(b) == was_a)
    if over.height < FEWEST or over.height < NEARLY * either.height:
        return 0
    less, more = _order(over.select(was_a.alias("a"), was_b.alias("b")))
    if min(less, more) >= ONE_WAY:
        return over.height
    if min(over[f"{a}{BEFORE}"].n_unique(), over[f"{b}{BEFORE}"].n_unique()) < SEVERAL:
        return 0
    usual_less, usual_more = _order(counted.select(pl.col(a).alias("a"), pl.col(b).alias("b")))
    as_usual = usual_less if less > more else usual_more
    return over.height if as_usual >= NEARLY * (usual_less + usual_more) else 0


def _order(cells: pl.DataFrame) -> tuple[int, int]:
    """In how many records the first is less than the second, and in how many it is greater: as days, as numbers, else as texts."""
    both = cells.drop_nulls()
    forms = [pl.all().str.to_date(form, strict=False) for form in FORMS]
    read = [both.select(form) for form in (*forms, pl.all().str.replace(",", ".", literal=True).cast(pl.Float64, strict=False))]
    best = next((one for one in read if one.drop_nulls().height >= NEARLY * both.height), both)
    return best.filter(pl.col("a") < pl.col("b")).height, best.filter(pl.col("a") > pl.col("b")).height
