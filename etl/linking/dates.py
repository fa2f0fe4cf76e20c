"""The dates of the pieces of one record intersected, per axis: the calendar, and days since an anchor."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from etl.linking.groups import begins, rows_of
from etl.linking.survivorship import LATEST_FIRST

CALENDAR = ("earliest_date", "latest_date", "precision")
OFFSETS = ("earliest_offset_days", "latest_offset_days", "anchor")
GROUP = "group"


def interval_names(interval: str, parts: Sequence[str]) -> list[str]:
    """The columns of some parts of one date."""
    return [f"{interval}_{part}" for part in parts]


def united_dates(groups: pl.DataFrame, n: int, interval: str, parts: Sequence[str], *, by_contact: bool) -> list[pl.Series]:
    """The columns of one axis of one date, one row per group, which are numbered from 0 to `n`.

    The intersection of what the pieces say, or where it is empty what the most trusted piece says (`by_contact`: the latest).
    In most groups one piece has the date at all, or all that have it say the same: it is taken as it stands.
    """
    names = interval_names(interval, parts)
    there = having_all(groups, names)
    told = there.filter(pl.any_horizontal(pl.col(name).is_not_null() for name in names))
    # without a precision or an anchor a date is not whole, and has to be judged
    is_plain = ~told[GROUP].is_in(_disagreeing(told, names).implode()) & told[names[-1]].is_not_null()
    single = told.filter(is_plain & begins(told[GROUP])).select(GROUP, *names)
    several = told.filter(~is_plain)
    agree = _axis(names, is_calendar=parts == CALENDAR, by_contact=by_contact)
    found = several.group_by(GROUP, maintain_order=True).agg(*agree) if several.height else single.clear()
    both = pl.concat([single, found.select(pl.col(name).cast(kind) for name, kind in single.schema.items())])
    return both.select(pl.col(names).gather(rows_of(both[GROUP], n))).get_columns()


def _disagreeing(told: pl.DataFrame, names: Sequence[str]) -> pl.Series:
    """The groups whose pieces do not all say the same of these columns; the pieces of a group stand together."""
    is_other = pl.any_horizontal(pl.col(name).ne_missing(pl.col(name).shift()) for name in names)
    return told.filter(is_other & (pl.col(GROUP) == pl.col(GROUP).shift()))[GROUP].unique()


def having_all(groups: pl.DataFrame, names: Sequence[str]) -> pl.DataFrame:
    """The pieces with group, these columns, and the place of their contact where they have one; a column that lacks is null."""
    kinds = {"date": pl.Date, "days": pl.Int32}
    lacking = [pl.lit(None, kinds.get(name.rsplit("_", 1)[1], pl.Categorical)).alias(name) for name in names if name not in groups.columns]
    kept = [name for name in (GROUP, LATEST_FIRST, *names) if name in groups.columns]
    return groups.select(kept).with_columns(lacking)


def _axis(names: Sequence[str], *, is_calendar: bool, by_contact: bool) -> list[pl.Expr]:
    columns = [pl.col(name) for name in names]
    low, high, third = [column.sort_by(LATEST_FIRST, maintain_order=True) for column in columns] if by_contact else columns
    found = _calendar(low, high, third) if is_calendar else _offsets(low, high, third)
    return [expression.alias(name) for expression, name in zip(found, names, strict=True)]


def _calendar(early: pl.Expr, late: pl.Expr, precision: pl.Expr) -> tuple[pl.Expr, pl.Expr, pl.Expr]:
    present = early.is_not_null() | late.is_not_null()
    low, high = early.max(), late.min()
    empty = (low > high).fill_null(value=False)
    earliest = pl.when(empty).then(early.filter(present).first()).otherwise(low)
    latest = pl.when(empty).then(late.filter(present).first()).otherwise(high)
    same = early.eq_missing(low) & late.eq_missing(high) & present
    narrowed = pl.when(low == high).then(pl.lit("day", pl.Categorical)).otherwise(pl.lit("ambiguous", pl.Categorical))
    found = (
        pl.when(empty).then(precision.filter(present).first())
        .when(present.any()).then(pl.coalesce(precision.filter(same).first(), narrowed))
        .otherwise(precision.drop_nulls().first())
    )  # fmt: skip
    return earliest, latest, found


def _offsets(early: pl.Expr, late: pl.Expr, anchor: pl.Expr) -> tuple[pl.Expr, pl.Expr, pl.Expr]:
    """Days since the anchor of the most trusted piece; pieces counted from another anchor cannot be intersected with it."""
    first = anchor.drop_nulls().first()
    ours = (anchor == first).fill_null(value=False)
    low, high = early.filter(ours).max(), late.filter(ours).min()
    empty = (low > high).fill_null(value=False)
    earliest = pl.when(empty).then(early.filter(ours).first()).otherwise(low)
    latest = pl.when(empty).then(late.filter(ours).first()).otherwise(high)
    return earliest, latest, first
