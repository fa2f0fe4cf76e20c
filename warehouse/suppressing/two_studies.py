"""Two studies of the same women with other arms: whether what one shows tells, beside the other, a small count that one of them hides.

Each hides a small level and a partner of it, and where the arms are cut in another way the partner is another: stage III is hidden beside
I in one study and beside II in the other, so that both together show all but stage III. No two counts need differ by a few for that.
"""

from __future__ import annotations

from collections.abc import Mapping
from itertools import product
from typing import Any, NamedTuple

import polars as pl

from schemas.study import Study
from warehouse.numbers import ALL
from warehouse.suppressing.disclosure import Sums, is_safe

COHORT = "cohort_counts"
# What a count is of: the women of an arm (or all) in a row of a table.
OF = ("row", "arm")
Place = tuple[str, str]
# Where a woman stands in both studies: a row and an arm of each, None of a study that she is not in.
Stands = tuple[Place | None, Place | None]
# In the place of the row of a table: whatever it is. No level has a line break.
WOMEN = "\n"


class Side(NamedTuple):
    """One of two studies. `shown`: its counts of a table that stand, and of the women of its arms; `hidden`: those of the table that do not
    stand."""

    shown: frozenset[Place]
    hidden: frozenset[Place]
    min_cell: int


def hidden_apart(one: pl.DataFrame, other: pl.DataFrame) -> pl.DataFrame:
    """The tables that both have and of which one of them hides a count; none where both count and show the same.

    One row per table. `one`, `other`: one row per count of a study, columns table, OF and n (null: hidden).
    """
    both = one.join(other, on=("table", *OF), how="full", suffix="_beside", coalesce=True)
    differ = {*both.filter(~pl.col("n").eq_missing(pl.col("n_beside")))["table"]}
    hide = {*pl.concat([one, other]).filter(pl.col("n").is_null())["table"]}
    common = {*one["table"]} & {*other["table"]}
    # every table counts the women of the arms
    found = common & hide & (common if COHORT in differ else differ)
    return pl.DataFrame({"table": sorted(found)}, schema={"table": pl.String})


def sides(pair: tuple[Study, Study], counts: Mapping[str, pl.DataFrame], table: str) -> tuple[Side, Side]:
    """What two studies show of a table, and of the women of their arms. `counts`: by study as for `hidden_apart`."""
    return _side(pair[0], counts, table), _side(pair[1], counts, table)


def _side(study: Study, counts: Mapping[str, pl.DataFrame], table: str) -> Side:
    of, women = (counts[study.study].filter(pl.col("table") == name) for name in (table, COHORT))
    there = pl.concat([of, women.with_columns(row=pl.lit(WOMEN))]).drop_nulls("n")
    return Side(_counted(there), _counted(of.filter(pl.col("n").is_null())), study.min_cell)


def _counted(counts: pl.DataFrame) -> frozenset[Place]:
    return frozenset((str(row), str(arm)) for row, arm in counts.select(OF).iter_rows())


def tells(met: pl.DataFrame, sides: tuple[Side, Side]) -> bool:
    """Whether a hidden small count cannot be as large as its study asks, given all that both show of a table.

    `met`: one row per row and arm of both, with the women who stand there as `n` (null: in one of the two only). Where the women never
    are of some row of one and of some row of the other, or of two such arms, a reader knows that.
    """
    cells = _cells(met)
    known = tuple(found for at, side in enumerate(sides) for count in sorted(side.shown) if (found := _of(cells, at, count)))
    for at, side in enumerate(sides):
        secret = {count: _of(cells, at, count) for count in sorted(side.hidden)}
        few = {count: n for count, of in secret.items() if 0 < (n := sum(cells[cell] for cell in of)) < side.min_cell}
        same = tuple((frozenset({count}), secret[count]) for count in few)
        sums: Sums[Any, Any] = Sums({**cells, **few}, {}, known, same=same, free=frozenset(cells))
        if few and not is_safe(sums, side.min_cell):
            return True
    return False


def _cells(met: pl.DataFrame) -> Mapping[Stands, int]:
    """Women by where they stand in both, those cells too in which nobody is although somebody might."""
    columns = ("row", "arm", "row_beside", "arm_beside", "n")
    found = {(_place(row, arm), _place(beside, arm_beside)): n for row, arm, beside, arm_beside, n in met.select(columns).iter_rows()}
    rows = sorted({(one and one[0], other and other[0]) for one, other in found}, key=str)
    arms = sorted({(one and one[1], other and other[1]) for one, other in found}, key=str)
    every = [(_place(row[0], arm[0]), _place(row[1], arm[1])) for row, arm in product(rows, arms)]
    return {cell: found.get(cell, 0) for cell in [*every, *found] if any(cell)}


def _place(row: str | None, arm: str | None) -> Place | None:
    return None if row is None or arm is None else (row, arm)


def _of(cells: Mapping[Stands, int], at: int, count: Place) -> frozenset[Stands]:
    """The cells that a count of the first (0) or of the second study is the sum of."""
    return frozenset(cell for cell in cells if (stood := cell[at]) is not None and _is_in(stood, count))


def _is_in(stood: Place, count: Place) -> bool:
    return count[0] in (WOMEN, stood[0]) and count[1] in (ALL, stood[1])
