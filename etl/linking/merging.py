"""Partial records of one natural key brought together, column by column in the order of trust.

Most records come in one piece and are only set aside. The others are sorted once (`arranged`), so that the pieces of a record stand
together (`group`), the first of them the one that carries it; then each column is one pass, without a call per record.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import polars as pl

from etl.linking.dates import CALENDAR, OFFSETS, interval_names, united_dates
from etl.linking.groups import begins, in_order, rows_of, twice
from etl.linking.piece_fates import FATES, NOTES, NOTHING, judged
from etl.linking.pieces import EXPLAINS, GROUP, UNKNOWN, column_of, given_columns, natural_key, plain_columns
from etl.linking.survivorship import column_rules, survivor, with_newest
from schemas.core.ids import ROW_BITS
from schemas.items import intervals
from schemas.linkage import Rule

# What is told of each piece: `place` is the row of its record.
PIECE = ("place", "source_row_id", "source_file", "rule", "fate")


@dataclass(frozen=True)
class Arranged:
    """The pieces of one kind of record.

    `alone`: pieces that are a whole record by themselves, in several frames with different columns. `groups`: all others, the pieces of
    one record together in the order of trust, with the number of their record (`group`).
    """

    alone: list[pl.DataFrame]
    groups: pl.DataFrame

    @property
    def height(self) -> int:
        """Records that came in one piece."""
        return sum(frame.height for frame in self.alone)

    def select(self, columns: Sequence[str]) -> pl.DataFrame:
        """Some columns of all pieces, which all of them have."""
        return pl.concat([frame.select(columns) for frame in (*self.alone, self.groups)])

    def named(self, columns: Sequence[str]) -> pl.DataFrame:
        """Some columns of the natural key, one row per record."""
        return pl.concat([*(frame.select(columns) for frame in self.alone), self.groups.select(columns).filter(begins(self.groups[GROUP]))])


@dataclass(frozen=True)
class Merged:
    """The records of one kind, made whole.

    `records`: one row per natural key, in frames with some of the columns each; records that came in one piece first, then the merged
    ones. `rules`: the rule that delivered each of the former. `pieces`: one row per delivered piece of the latter (PIECE); `place` is the
    row in `records`. `noted`: the few pieces with conflicts or earlier states (PIECE and NOTES). `compared`: for each piece with
    `conflicts`, in the same order, the columns and their values on both sides.
    """

    records: list[pl.DataFrame]
    rules: pl.Series
    pieces: pl.DataFrame
    noted: pl.DataFrame
    compared: pl.Series


def arranged(record: str, pieces: list[pl.DataFrame]) -> Arranged:
    """Arranges the delivered pieces of one kind of record (frames with some columns of `delivered_schema`, and `delivery`).

    `pieces` is empty afterwards, because the pieces are most of the memory.

    The first piece carries the record: the most trusted one, of equally trusted files the one delivered last (`delivery`), then the
    first row.
    """
    key = natural_key(record)
    hashes = pl.concat([frame.select(key).hash_rows() for frame in pieces])  # each as it stands: put into one they are copied first
    together = twice(hashes)
    if not together.any():
        alone = [pieces.pop(0) for _ in range(len(pieces))]
        return Arranged(alone, alone[0].clear().with_columns(pl.lit(0, pl.UInt32).alias(GROUP)))
    alone, several, begins = [], [], 0
    while pieces:
        frame = pieces.pop(0)
        part = together.slice(begins, frame.height)
        begins += frame.height
        n = int(part.sum())  # where all rows of a frame go one way nothing is copied
        if n < frame.height or not (alone or pieces):
            alone.append(frame.filter(~part) if n else frame)
        if n:
            several.append(frame.filter(part) if n < frame.height else frame)
    return Arranged(alone, _grouped(record, several, hashes.filter(together).alias(GROUP)))


def merge(record: str, pieces: Arranged, survivorship: Mapping[str, Rule]) -> Merged:
    """Merge the pieces of one kind of record.

    Null gives way to any value; the dates of one axis are intersected; of values that contradict each other the more trusted is
    kept, unless `survivorship` has another rule for the column.
    """
    alone, groups = pieces.alone, pieces.groups
    rule = pl.concat([frame["rule"] for frame in alone])
    told = groups.select((pl.col(GROUP) + pieces.height).alias("place"), *PIECE[1:-1])
    if groups.is_empty():
        told = told.with_columns(fate=pl.lit("goes_on", FATES))
        return Merged(alone, rule, told, _noted(told, dict.fromkeys(NOTES, pl.Series([], dtype=pl.String))), NOTHING)
    rules = column_rules(record, survivorship)
    united = _united(record, with_newest(groups) if rules else groups, rules)
    fate, notes, compared = judged(record, groups, united, rules)
    told = told.with_columns(fate)
    return Merged([*alone, united.drop(GROUP)], rule, told, _noted(told, notes), compared)


def _noted(told: pl.DataFrame, notes: Mapping[str, pl.Series]) -> pl.DataFrame:
    """The pieces with any of these notes (NOTES, one text or null per piece)."""
    some = told.with_columns(notes[name].alias(name) for name in NOTES)
    return some.filter(pl.any_horizontal(pl.col(NOTES).is_not_null()))


def _grouped(record: str, pieces: list[pl.DataFrame], group: pl.Series) -> pl.DataFrame:
    """The pieces, those of one record (`group`) together in the order of trust; `group` numbers the records. `pieces` is empty afterwards.

    One column after the other, so that all of them are never there twice.
    """
    rows = _order(pl.concat([frame.select("delivery", "trust", "source_row_id", "rule") for frame in pieces]).with_columns(group))
    kinds = {name: kind for frame in pieces for name, kind in frame.schema.items()}
    parts = [(frame.height, {column.name: column for column in frame.get_columns()}) for frame in pieces]
    pieces.clear()
    ordered = pl.DataFrame([column_of(name, kind, parts).gather(rows) for name, kind in kinds.items()])
    starts = pl.any_horizontal(pl.col(name).ne_missing(pl.col(name).shift()) for name in natural_key(record))
    number = (starts.cum_sum() - 1).cast(pl.UInt32).alias(GROUP)
    return ordered.with_columns(number).with_columns(pl.col(GROUP).set_sorted())


def _order(pieces: pl.DataFrame) -> pl.Series:
    """The rows, those of one `group` together: by trust, the file delivered last, its row and the rule.

    All but the group are one number (a delivery has one trust): to sort by five columns takes three times as long. The groups come in
    the order of their first rows, so that thirty columns are not fetched from all over the memory.
    """
    files = pieces.group_by("delivery").agg(pl.col("trust").first()).sort("trust", "delivery", descending=[False, True])["delivery"]
    rules = pieces["rule"].unique().cast(pl.String).sort()
    file = pl.col("delivery").replace_strict(files, pl.int_range(len(files), dtype=pl.Int64, eager=True), return_dtype=pl.Int64)
    row, rule = pl.col("source_row_id") % (1 << ROW_BITS), pl.col("rule").cast(pl.Enum(rules)).to_physical().cast(pl.Int64)
    told = pieces.select((file * (1 << ROW_BITS) + row) * len(rules) + rule).to_series()
    within = np.argsort(told.to_numpy(), kind="stable")  # frame by frame most stand in order
    rows, repeats = in_order(pieces[GROUP].gather(within))
    starts = np.delete(np.arange(len(rows), dtype=np.uint32), repeats)
    return _by_first_row(within[rows].astype(np.uint32), starts)


def _by_first_row(rows: npt.NDArray[np.uint32], starts: npt.NDArray[np.uint32]) -> pl.Series:
    """The rows, whose groups begin at `starts`, with the groups in the order of their first rows; these are counted, not sorted."""
    first = np.minimum.reduceat(rows, starts)
    is_first = np.zeros(len(rows), bool)
    is_first[first] = True
    order = np.empty(len(starts), np.int32)
    order[np.cumsum(is_first, dtype=np.int32)[first] - 1] = np.arange(len(starts), dtype=np.int32)
    begin, size = starts.astype(np.int32)[order], np.diff(starts, append=len(rows)).astype(np.int32)[order]
    moved = np.repeat(begin - (np.cumsum(size, dtype=np.int32) - size), size)
    moved += np.arange(len(rows), dtype=np.int32)
    return pl.Series(rows[moved])


def _united(record: str, groups: pl.DataFrame, rules: Mapping[str, Rule]) -> pl.DataFrame:
    """One row per group: identity and provenance of the first piece, all else by what the pieces say together."""
    first = _firsts(groups)
    given = given_columns(groups)
    explains = {c: v for c, v in EXPLAINS.get(record, {}).items() if {c, v} <= given}
    plain = [c for c in plain_columns(record) if c in given]
    by_place = [_first_known(groups[c], groups[GROUP], first) for c in plain if c not in explains and c not in rules]
    grouped = [survivor(groups[c], rules[c]) for c in plain if c in rules and c not in explains]
    found = groups[first].with_columns(by_place)
    if grouped:
        found = found.with_columns(_per_group(groups, grouped))
    found = found.with_columns(_explained(groups, c, found[explains[c]]) for c in plain if c in explains)
    for name in intervals(record):
        for parts in (CALENDAR, OFFSETS):
            if not given.isdisjoint(interval_names(name, parts)):
                found = found.with_columns(united_dates(groups, len(first), name, parts, by_contact=name in rules))
    return found


def _firsts(groups: pl.DataFrame) -> pl.Series:
    """The row of the first piece of each group; those of one group stand together."""
    return begins(groups[GROUP]).arg_true()


def _per_group(groups: pl.DataFrame, expressions: Iterable[pl.Expr]) -> list[pl.Series]:
    return groups.group_by(GROUP, maintain_order=True).agg(*expressions).drop(GROUP).get_columns()


def _first_known(values: pl.Series, group: pl.Series, first: pl.Series) -> pl.Series:
    """The first value of each group in the order of trust, a known one before a stated unknown."""
    found = first_where(values.is_not_null(), group, len(first)) if values.null_count() else first
    if values.dtype in (pl.String, pl.Categorical) and (is_unknown := values == UNKNOWN).any():
        better = first_where(~is_unknown.fill_null(value=True), group, len(first))
        found = better.zip_with(better.is_not_null(), found)
    return values.gather(found)


def first_where(holds: pl.Series, group: pl.Series, n: int) -> pl.Series:
    """The row of each group's first piece of which `holds` is true, null where there is none; groups are numbered from 0 to `n`.

    Only the rows that hold are looked at: pieces are partial, so most columns have few.
    """
    at = holds.arg_true()
    hers = group.gather(at)
    leads = begins(hers)
    return rows_of(hers.filter(leads), n, at.filter(leads))


def _explained(groups: pl.DataFrame, column: str, value: pl.Series) -> pl.Series:
    """What explains the value that was kept: told by a piece with that value, else by one without any. Another value's explains nothing."""
    told = groups[column].is_not_null()
    same = told & (groups[value.name] == value.gather(groups[GROUP])).fill_null(value=False)
    own = first_where(same, groups[GROUP], len(value))
    alone = first_where(told & groups[value.name].is_null(), groups[GROUP], len(value))
    return groups[column].gather(own.zip_with(own.is_not_null(), alone))
