"""Clinical dates as intervals on two axes: polars expressions over their six columns (DESIGN 2.3).

An end that is null is open. The offsets of two dates are compared only where both count from the same anchor. The same
meaning in SQL is `schemas.core.three_valued`.
"""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

from schemas.core.duration_text import parse_durations
from schemas.core.interval_text import format_pattern, parse_dates

__all__ = [
    "Answer", "Difference", "Interval", "anchored", "before", "days_between", "format_pattern", "intersect", "on_calendar", "parse_dates",
    "parse_durations", "shift",
]  # fmt: skip


@dataclass(frozen=True)
class Interval:
    """The six columns of one clinical date as expressions."""

    earliest: pl.Expr
    latest: pl.Expr
    precision: pl.Expr
    earliest_offset: pl.Expr
    latest_offset: pl.Expr
    anchor: pl.Expr

    @classmethod
    def named(cls, name: str, suffix: str = "") -> Interval:
        """The date whose columns begin with `name`; `suffix` is what a join put behind them."""
        return cls(*(pl.col(f"{name}_{part}{suffix}") for part in _PARTS))

    def columns(self, name: str) -> list[pl.Expr]:
        """The six columns, named and typed as those of the date `name`."""
        parts = (self.earliest, self.latest, self.precision, self.earliest_offset, self.latest_offset, self.anchor)
        return [part.cast(kind).alias(f"{name}_{suffix}") for part, (suffix, kind) in zip(parts, _PARTS.items(), strict=True)]

    def has_calendar(self) -> pl.Expr:
        """Whether it has a bound on the calendar."""
        return self.earliest.is_not_null() | self.latest.is_not_null()

    def has_offset(self) -> pl.Expr:
        """Whether it has a bound on the relative axis."""
        return self.earliest_offset.is_not_null() | self.latest_offset.is_not_null()


_PARTS: dict[str, type[pl.DataType]] = {
    "earliest_date": pl.Date, "latest_date": pl.Date, "precision": pl.String,
    "earliest_offset_days": pl.Int32, "latest_offset_days": pl.Int32, "anchor": pl.String,
}  # fmt: skip


@dataclass(frozen=True)
class Answer:
    """What is certain and what is possible; both null where nothing can be judged."""

    certain: pl.Expr
    possible: pl.Expr


@dataclass(frozen=True)
class Difference:
    """Bounds of a number of days (null = unbounded), which mean something where `is_comparable`."""

    low: pl.Expr
    high: pl.Expr
    is_comparable: pl.Expr


def _same_axis(a: Interval, b: Interval) -> pl.Expr:
    return (a.anchor == b.anchor).fill_null(False)


def _is_comparable(a: Interval, b: Interval) -> pl.Expr:
    return (a.has_calendar() & b.has_calendar()) | (_same_axis(a, b) & a.has_offset() & b.has_offset())


def before(a: Interval, b: Interval) -> Answer:
    """Whether a lies on an earlier day than b. Axes that contradict each other judge nothing."""
    same = _same_axis(a, b)
    is_so = (a.latest < b.earliest) | (same & (a.latest_offset < b.earliest_offset))
    is_not_so = (a.earliest >= b.latest) | (same & (a.earliest_offset >= b.latest_offset))
    comparable, torn = _is_comparable(a, b), (is_so & is_not_so).fill_null(False)
    certain = pl.when(comparable & ~torn).then(is_so.fill_null(False))
    return Answer(certain, pl.when(comparable & ~torn).then(~is_not_so.fill_null(False)))


def days_between(a: Interval, b: Interval) -> Difference:
    """b - a in days: the narrower of the two axes at either end; low > high where they contradict each other."""
    same = _same_axis(a, b)
    low = pl.max_horizontal(_days(b.earliest) - _days(a.latest), pl.when(same).then(b.earliest_offset - a.latest_offset))
    high = pl.min_horizontal(_days(b.latest) - _days(a.earliest), pl.when(same).then(b.latest_offset - a.earliest_offset))
    return Difference(low, high, _is_comparable(a, b))


def _days(date: pl.Expr) -> pl.Expr:
    return date.cast(pl.Int32)


def intersect(a: Interval, b: Interval) -> tuple[Interval, pl.Expr]:
    """What both allow, axis by axis, and whether they contradict each other on an axis (then a, the more trusted, stands there).

    Offsets from different anchors cannot be compared: those of a stand, those of b where a has none.
    """
    earliest, latest = pl.max_horizontal(a.earliest, b.earliest), pl.min_horizontal(a.latest, b.latest)
    is_torn = (earliest > latest).fill_null(False)
    earliest, latest = pl.when(is_torn).then(a.earliest).otherwise(earliest), pl.when(is_torn).then(a.latest).otherwise(latest)
    same, takes_b = _same_axis(a, b), ~a.has_offset() & b.has_offset()
    first, last = pl.max_horizontal(a.earliest_offset, b.earliest_offset), pl.min_horizontal(a.latest_offset, b.latest_offset)
    is_torn_offset = (same & (first > last)).fill_null(False)
    takes_both = same & ~is_torn_offset
    met = Interval(
        earliest, latest, _joint_precision(earliest, latest, a, b),
        pl.when(takes_b).then(b.earliest_offset).when(takes_both).then(first).otherwise(a.earliest_offset),
        pl.when(takes_b).then(b.latest_offset).when(takes_both).then(last).otherwise(a.latest_offset),
        pl.when(takes_b).then(b.anchor).otherwise(a.anchor),
    )  # fmt: skip
    return met, is_torn | is_torn_offset


def _joint_precision(earliest: pl.Expr, latest: pl.Expr, a: Interval, b: Interval) -> pl.Expr:
    kept = pl.when(_is_same(earliest, latest, a)).then(a.precision).when(_is_same(earliest, latest, b)).then(b.precision)
    return kept.otherwise(_precision(earliest, latest))


def _is_same(earliest: pl.Expr, latest: pl.Expr, interval: Interval) -> pl.Expr:
    return earliest.eq_missing(interval.earliest) & latest.eq_missing(interval.latest)


def _precision(earliest: pl.Expr, latest: pl.Expr) -> pl.Expr:
    """`day` for one day, null for nothing, else `ambiguous`: an interval that is no calendar month or year as such."""
    is_known = earliest.is_not_null() | latest.is_not_null()
    return pl.when(earliest == latest).then(pl.lit("day")).when(is_known).then(pl.lit("ambiguous"))


def shift(a: Interval, low_days: pl.Expr, high_days: pl.Expr) -> Interval:
    """The date that lies between `low_days` and `high_days` after a, on both axes; a null number of days opens that end."""
    earliest, latest = _moved(a.earliest, low_days), _moved(a.latest, high_days)
    return Interval(earliest, latest, _precision(earliest, latest), a.earliest_offset + low_days, a.latest_offset + high_days, a.anchor)


def _moved(date: pl.Expr, days: pl.Expr) -> pl.Expr:
    return (_days(date) + days).cast(pl.Int32).cast(pl.Date)


def on_calendar(a: Interval, anchor: Interval) -> Interval:
    """The calendar interval that the offsets of a imply, given that of their anchor: its width is added. Offsets stay."""
    earliest, latest = _moved(anchor.earliest, a.earliest_offset), _moved(anchor.latest, a.latest_offset)
    return Interval(earliest, latest, _precision(earliest, latest), a.earliest_offset, a.latest_offset, a.anchor)


def anchored(a: Interval) -> tuple[pl.Expr, pl.Expr]:
    """First and last calendar day that the anchor of a can have, where a has a place on both axes."""
    return _moved(a.earliest, -a.latest_offset), _moved(a.latest, -a.earliest_offset)
