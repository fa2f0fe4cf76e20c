"""Partial records of one natural key brought together, column by column in the order of trust."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import polars as pl

from etl.link_survive import LATEST_FIRST, column_rules, survivor, with_newest
from schemas.items import INTERVAL_PARTS, intervals, items, polars_schema
from schemas.linkage import SURVIVORSHIP, Rule

# A stated "unknown" says that one source does not know: it gives way to any source that does, and contradicts none.
UNKNOWN = "unknown"
# A column that says from what another column follows: it comes from the source whose value was kept, and differing is no conflict.
EXPLAINS = {"biomarker": {"reason_code": "result_code"}}
CALENDAR = ("earliest_date", "latest_date", "precision")
OFFSETS = ("earliest_offset_days", "latest_offset_days", "anchor")


@dataclass(frozen=True)
class Merged:
    """`records`: one row per record_key. `pieces`: one row per delivered piece with its `fate` and `conflicts` (column names)."""

    records: pl.DataFrame
    pieces: pl.DataFrame


def merge(record: str, pieces: pl.DataFrame, survivorship: Mapping[str, Rule] = SURVIVORSHIP) -> Merged:
    """Merge the delivered pieces of one kind of record; `pieces` has the columns of `delivered_schema` and `delivery`.

    The first piece carries the record: the most trusted one, of equally trusted files the one delivered last (`delivery`), then
    the first row. Null gives way to any value; the dates
    of one axis are intersected; of values that contradict each other the more trusted is kept, unless `survivorship` has
    another rule for the column.
    """
    ordered = pieces.sort("trust", "delivery", "source_row_id", "rule", descending=[False, True, False, False], maintain_order=True)
    together = pl.col("record_key").is_duplicated()
    alone, groups = ordered.filter(~together), ordered.filter(together)
    marked = alone.with_columns(fate=pl.lit("goes_on"), conflicts=pl.lit(None, pl.String))
    if groups.is_empty():
        return Merged(alone, marked)
    rules = column_rules(record, survivorship)
    united = _united(record, with_newest(groups) if rules else groups, rules).select(alone.columns)
    judged = _conflicts(record, groups, united, rules).with_columns(fate=_fate(record))
    return Merged(pl.concat([alone, united]), pl.concat([marked, judged.select(marked.columns)]))


def _fate(record: str) -> pl.Expr:
    """The first piece goes on; one that says exactly what an earlier one said is a duplicate; the others are merged."""
    says = pl.struct("record_key", *polars_schema(record))
    return (
        pl.when(pl.col("record_key").is_first_distinct()).then(pl.lit("goes_on"))
        .when(~says.is_first_distinct()).then(pl.lit("duplicate"))
        .otherwise(pl.lit("merged"))
    )  # fmt: skip


def _united(record: str, groups: pl.DataFrame, rules: Mapping[str, Rule]) -> pl.DataFrame:
    given = _given(groups)
    explains = {c: v for c, v in EXPLAINS.get(record, {}).items() if {c, v} <= given}
    merged = [
        _explained(c, _first(groups[explains[c]])) if c in explains else survivor(groups[c], rules[c]) if c in rules else _first(groups[c])
        for c in _plain(record) if c in given
    ]  # fmt: skip
    dates = [name for name in intervals(record) if not given.isdisjoint(_names(name).values())]
    merged += [part for name in dates for part in _interval(name, by_contact=name in rules)]
    # key and provenance are those of the first piece; both frames have the groups in the order in which they first occur
    first = groups.filter(pl.col("record_key").is_first_distinct())
    return first.with_columns(groups.group_by("record_key", maintain_order=True).agg(*merged).drop("record_key").get_columns())


def _given(groups: pl.DataFrame) -> set[str]:
    """Columns in which any piece has a value: pieces are partial, so most columns have none and need no merging."""
    return {series.name for series in groups.iter_columns() if series.null_count() < groups.height}


def _plain(record: str) -> list[str]:
    """Columns that are neither identity nor part of a date."""
    return [item.column for item in items(record, "staging") if item.type != "interval" and item.role != "identity"]


def _first(values: pl.Series) -> pl.Expr:
    """First value of each group in the order of trust, a known one before a stated unknown."""
    if values.dtype != pl.String or not (values == UNKNOWN).any():
        return pl.col(values.name).first(ignore_nulls=True)
    given = pl.col(values.name).drop_nulls()
    return pl.coalesce(given.filter(given != UNKNOWN).first(), given.first()).alias(values.name)


def _explained(column: str, value: pl.Expr) -> pl.Expr:
    """What explains the value that was kept."""
    kept = pl.col(value.meta.output_name()) == value
    return pl.coalesce(pl.col(column).filter(kept).drop_nulls().first(), pl.col(column).drop_nulls().first()).alias(column)


def _names(interval: str) -> dict[str, str]:
    return {part: f"{interval}_{part}" for part, _, _ in INTERVAL_PARTS}


def _interval(interval: str, *, by_contact: bool = False) -> list[pl.Expr]:
    """The six columns of one date: per axis the intersection, or where it is empty the most trusted piece (`by_contact`: the latest)."""
    n = _names(interval)
    return [*_calendar(n, by_contact=by_contact), *_offsets(n, by_contact=by_contact)]


def _ordered(columns: list[pl.Expr], *, by_contact: bool) -> list[pl.Expr]:
    """The columns in the order of trust, or with the piece of the latest contact first."""
    return [column.sort_by(LATEST_FIRST, maintain_order=True) for column in columns] if by_contact else columns


def _calendar(n: dict[str, str], *, by_contact: bool) -> list[pl.Expr]:
    early, late, precision = _ordered([pl.col(n[part]) for part in CALENDAR], by_contact=by_contact)
    present = early.is_not_null() | late.is_not_null()
    low, high = early.max(), late.min()
    empty = (low > high).fill_null(value=False)
    earliest = pl.when(empty).then(early.filter(present).first()).otherwise(low)
    latest = pl.when(empty).then(late.filter(present).first()).otherwise(high)
    same = early.eq_missing(low) & late.eq_missing(high) & present
    narrowed = pl.when(low == high).then(pl.lit("day")).otherwise(pl.lit("ambiguous"))
    found = (
        pl.when(empty).then(precision.filter(present).first())
        .when(present.any()).then(pl.coalesce(precision.filter(same).first(), narrowed))
        .otherwise(precision.drop_nulls().first())
    )  # fmt: skip
    return [earliest.alias(n["earliest_date"]), latest.alias(n["latest_date"]), found.alias(n["precision"])]


def _offsets(n: dict[str, str], *, by_contact: bool) -> list[pl.Expr]:
    """Days since the anchor of the most trusted piece; pieces counted from another anchor cannot be intersected with it."""
    early, late, anchor = _ordered([pl.col(n[part]) for part in OFFSETS], by_contact=by_contact)
    first = anchor.drop_nulls().first()
    ours = (anchor == first).fill_null(value=False)
    low, high = early.filter(ours).max(), late.filter(ours).min()
    empty = (low > high).fill_null(value=False)
    return [
        pl.when(empty).then(early.filter(ours).first()).otherwise(low).alias(n["earliest_offset_days"]),
        pl.when(empty).then(late.filter(ours).first()).otherwise(high).alias(n["latest_offset_days"]),
        first.alias(n["anchor"]),
    ]


def _conflicts(record: str, groups: pl.DataFrame, united: pl.DataFrame, rules: Mapping[str, Rule]) -> pl.DataFrame:
    """The pieces with the names of the columns in which they contradict what was kept, blank-separated; null where none.

    Where a rule of survivorship decides, an earlier state is no contradiction.
    """
    kept = united.select("record_key", *(pl.col(c).alias(f"kept_{c}") for c in united.columns if c in polars_schema(record)))
    both = groups.join(kept, on="record_key", how="left", maintain_order="left")
    explained = EXPLAINS.get(record, {})
    given = _given(groups)
    tests = {c: _differs(c, groups.schema[c]) for c in _plain(record) if c in given and c not in explained and c not in rules}
    tests |= {name: _apart(_names(name)) for name in intervals(record) if name not in rules and not given.isdisjoint(_names(name).values())}
    named = [pl.when(test.fill_null(value=False)).then(pl.lit(name)) for name, test in tests.items()]
    conflicts = pl.concat_str(pl.lit(None, pl.String), *named, separator=" ", ignore_nulls=True)
    return both.with_columns(conflicts=pl.when(conflicts != "").then(conflicts))


def _differs(column: str, kind: pl.DataType) -> pl.Expr:
    differs = pl.col(column) != pl.col(f"kept_{column}")
    return differs & (pl.col(column) != UNKNOWN) if kind == pl.String else differs


def _apart(n: dict[str, str]) -> pl.Expr:
    """The piece and what was kept cannot both be true, or its anchor was not used."""
    kept = {part: pl.col(f"kept_{name}") for part, name in n.items()}
    own = {part: pl.col(name) for part, name in n.items()}
    tests = [own["anchor"] != kept["anchor"]]
    for low, high in (("earliest_date", "latest_date"), ("earliest_offset_days", "latest_offset_days")):
        tests += [own[low] > kept[high], own[high] < kept[low]]
    return pl.any_horizontal(test.fill_null(value=False) for test in tests)
