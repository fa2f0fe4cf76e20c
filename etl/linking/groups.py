"""Groups of things that are tied to each other, found without a loop over things."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import polars as pl
from rapidfuzz import process
from rapidfuzz.distance import OSA

LONGEST_CHAIN = 64  # each step doubles the reach at least; a chain of two to the 64th things does not exist


def twice(hashes: pl.Series) -> pl.Series:
    """Which numbers stand there more than once; none of them may be null."""
    rows, repeats = in_order(hashes)
    is_again = np.zeros(len(hashes), bool)
    for places in (repeats, repeats - 1):
        is_again[rows[places]] = True
    return pl.Series(is_again, dtype=pl.Boolean)


def firsts(hashes: pl.Series) -> pl.Series:
    """Which numbers stand there for the first time; none of them may be null."""
    rows, repeats = in_order(hashes)
    is_first = np.ones(len(hashes), bool)
    is_first[rows[repeats]] = False
    return pl.Series(is_first, dtype=pl.Boolean)


def in_order(hashes: pl.Series) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """The rows with those of one number together, in their order; and the places in this list with the same number as the place before.

    Only plain numbers are sorted: the highest bits of each hash, with the row in its lowest bits. That takes a quarter of the time. The
    few hashes that differ in the lowest bits alone are put apart afterwards.
    """
    keys = hashes.to_numpy().view(np.uint64)
    bits = len(keys).bit_length()
    ordered = keys >> bits
    ordered <<= bits  # in its place: each copy is memory that the system has to clear first
    ordered |= np.arange(len(keys), dtype=np.uint64)
    ordered.sort()
    rows = (ordered & ((1 << bits) - 1)).view(np.int64)
    ordered >>= bits
    repeats = 1 + np.flatnonzero(ordered[1:] == ordered[:-1])
    is_other = keys[rows[repeats]] != keys[rows[repeats - 1]]
    if is_other.any():
        few = np.unique(ordered[repeats[is_other]])
        begin, end = (np.searchsorted(ordered, few, side) for side in ("left", "right"))
        mixed = np.concatenate([np.arange(*run) for run in zip(begin, end, strict=True)])
        rows[mixed] = rows[mixed][np.argsort(keys[rows[mixed]], kind="stable")]
        repeats = repeats[keys[rows[repeats]] == keys[rows[repeats - 1]]]
    return rows, repeats


def begins(group: pl.Series) -> pl.Series:
    """Which rows are the first of their group; those of one group stand together."""
    return group.ne_missing(group.shift())


def order_by(frame: pl.DataFrame, columns: Sequence[str], *, nulls_last: bool = False) -> pl.Series:
    """The rows of `frame` in order of these columns; rows that are alike in all of them stay in their order.

    Sorted by one column after the other, the last first: all at once become texts of bytes, which takes five times as long.
    """
    rows = pl.int_range(frame.height, dtype=pl.get_index_type(), eager=True)
    for name in reversed(columns):
        if begins(frame[name]).slice(1).any():  # not alike in all rows
            values = frame[name].gather(rows).to_frame()
            rows = rows.gather(values.select(pl.arg_sort_by(name, nulls_last=nulls_last, maintain_order=True)).to_series())
    return rows


def rows_of(numbers: pl.Series, n: int, rows: pl.Series | None = None) -> pl.Series:
    """For each number from 0 to `n` its row in `numbers` (where it is once at most), or the value of `rows` there; null where it is not."""
    nowhere = np.iinfo(np.uint32).max
    found = np.full(n, nowhere, np.uint32)
    found[numbers.to_numpy()] = np.arange(len(numbers), dtype=np.uint32) if rows is None else rows.to_numpy()
    return pl.DataFrame({"row": found}).select(pl.when(pl.col("row") != nowhere).then("row")).to_series()


def replaced(keys: pl.Series, by: pl.DataFrame) -> pl.Series:
    """The keys, with those in the first column of `by` (once each) replaced by the second. Only these few are looked up."""
    old, new = by.columns
    at = keys.is_in(by[old].implode()).arg_true()
    found = keys.gather(at).alias(old).to_frame().join(by, on=old, how="left", maintain_order="left")[new]
    return keys.scatter(at, found) if len(at) else keys


def groups(ties: pl.DataFrame) -> pl.DataFrame:
    """One row per `node` of `ties`, with the least node (`root`) of those it is tied to, near or far.

    `ties` has `node` (Int64) and `tie`: nodes with a tie in common belong together. The order of the rows does not matter.
    """
    ties = ties.select("node", "tie").unique()
    # nearly all ties are of nodes that have no other: they are a group as they stand
    chained = ties.filter(twice(ties["node"]))["tie"].unique()
    is_chained = pl.col("tie").is_in(chained.implode())
    plain = ties.filter(~is_chained).select("node", root=pl.col("node").min().over("tie"))
    return pl.concat([plain, _chained(ties.filter(is_chained))]) if len(chained) else plain


def _chained(ties: pl.DataFrame) -> pl.DataFrame:
    """`groups` of ties of which each shares a node with another."""
    ties = ties.select("node", tie=pl.col("tie").rank("dense"))
    found = ties.select("node").unique().with_columns(root=pl.col("node"))
    for _ in range(LONGEST_CHAIN):
        least = ties.join(found, on="node").with_columns(low=pl.col("root").min().over("tie")).group_by("node").agg(pl.col("low").min())
        step = found.join(least, on="node", maintain_order="left").with_columns(low=pl.min_horizontal("low", "root"))
        # what the root itself has reached meanwhile is reached by all that lead to it
        jump = step.join(step.select(low="node", further="low"), on="low", how="left", maintain_order="left")
        new = jump.select("node", root=pl.min_horizontal("low", pl.col("further").fill_null(pl.col("low"))))
        if new["root"].equals(found["root"]):
            break
        found = new
    return found


def apart(told: pl.DataFrame, group: str, value: str, slips: int = 0) -> pl.DataFrame:
    """The groups (column `group`) in which two values exclude each other: they differ, and by more than `slips` slips of the pen.

    A slip is one character put in, left out or exchanged, or two neighbours in the wrong order. `told` has both columns; a null
    value excludes nothing.
    """
    distinct = told.select(group, value).drop_nulls().unique()
    several = distinct.filter(pl.len().over(group) > 1)
    if slips == 0 or several.is_empty():
        return several.select(group).unique()
    pairs = several.join(several, on=group, suffix="_other").filter(pl.col(value) < pl.col(f"{value}_other"))
    far = process.cpdist(pairs[value].to_list(), pairs[f"{value}_other"].to_list(), scorer=OSA.distance, score_cutoff=slips) > slips
    return pairs.filter(pl.Series(far)).select(group).unique()


def without(found: pl.DataFrame, facts: pl.DataFrame, value: str, slips: int = 0) -> pl.DataFrame:
    """The groups (node, root) in which nothing contradicts: no two values of one kind that exclude each other (`apart`).

    `facts` has `node` and the column `value`; nodes without a fact contradict nothing.
    """
    excluded = apart(found.join(facts, on="node"), "root", value, slips)
    return found.join(excluded, on="root", how="anti", maintain_order="left")
