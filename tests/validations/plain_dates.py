"""Clinical dates in plain Python, for second opinions: windows of days, compared one day at a time; no SQL, no polars."""

from __future__ import annotations

import datetime
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from edit_cases import interval

Row = dict[str, Any]
Window = tuple[int, int]
FAR = 73_000  # days, 200 years: an open side reaches so far
SHORT, STEP = 3_000, 30  # longer windows are looked at every 30 days: no edit asks for a stretch of days that is shorter


@dataclass(frozen=True)
class Span:
    """One clinical date: a window on the calendar, a window of days since an anchor, or both; None is an open side."""

    low: datetime.date | None = None
    high: datetime.date | None = None
    first: int | None = None
    last: int | None = None
    anchor: str | None = None

    @property
    def is_missing(self) -> bool:
        return self.low is self.high is self.first is self.last is None


def span(row: Row, name: str) -> Span:
    parts = interval(name, row[name]) if name in row else {}
    return Span(
        parts.get(f"{name}_earliest_date"), parts.get(f"{name}_latest_date"), parts.get(f"{name}_earliest_offset_days"),
        parts.get(f"{name}_latest_offset_days"), parts.get(f"{name}_anchor"),
    )  # fmt: skip


def before(a: Span, b: Span) -> str:
    """yes, no, maybe, or unknown where the two have no axis in common (or the axes contradict each other)."""
    axes = [((a.low, a.high), (b.low, b.high))]
    if a.anchor is not None and a.anchor == b.anchor:
        axes.append(((a.first, a.last), (b.first, b.last)))
    axes = [axis for axis in axes if all(any(end is not None for end in side) for side in axis)]
    yes = any(a_high is not None and b_low is not None and a_high < b_low for (_, a_high), (b_low, _) in axes)
    no = any(a_low is not None and b_high is not None and a_low >= b_high for (a_low, _), (_, b_high) in axes)
    if yes and no:
        return "unknown"
    return "yes" if yes else "no" if no else "maybe" if axes else "unknown"


def least(values: list[Any]) -> Any:
    return min((value for value in values if value is not None), default=None)


def greatest(values: list[Any]) -> Any:
    return max((value for value in values if value is not None), default=None)


def first_of(spans: list[Span]) -> Span:
    """The first of several events: open below as soon as one of them is."""
    low = None if any(s.low is None for s in spans) else least([s.low for s in spans])
    anchors = {s.anchor for s in spans if s.anchor}
    if len(anchors) != 1:
        return Span(low, least([s.high for s in spans]))
    first = None if any(s.first is None for s in spans) else least([s.first for s in spans])
    return Span(low, least([s.high for s in spans]), first, least([s.last for s in spans]), anchors.pop())


def last_of(spans: list[Span]) -> Span:
    """The last of several contacts: open above as soon as one of them is."""
    given = [s for s in spans if not s.is_missing]
    high = None if any(s.high is None for s in given) else greatest([s.high for s in given])
    anchors = {s.anchor for s in given if s.anchor}
    if len(anchors) != 1:
        return Span(greatest([s.low for s in given]), high)
    last = None if any(s.last is None for s in given) else greatest([s.last for s in given])
    return Span(greatest([s.low for s in given]), high, greatest([s.first for s in given]), last, anchors.pop())


def all_of(spans: list[Span]) -> Span:
    """What several statements about one death say together."""
    low, high = greatest([s.low for s in spans]), least([s.high for s in spans])
    anchors = {s.anchor for s in spans if s.anchor}
    if len(anchors) != 1:
        return Span(low, high)
    return Span(low, high, greatest([s.first for s in spans]), least([s.last for s in spans]), anchors.pop())


def days_between(a: Span, b: Span) -> list[Window]:
    """Least and greatest number of days from a to b, on each axis that both have."""
    axes = [([a.low, a.high], [b.low, b.high])]
    numbers = [
        ([None if day is None else day.toordinal() for day in x], [None if day is None else day.toordinal() for day in y]) for x, y in axes
    ]
    if a.anchor is not None and a.anchor == b.anchor:
        numbers.append(([a.first, a.last], [b.first, b.last]))
    shared = [(x, y) for x, y in numbers if x != [None, None] and y != [None, None]]
    return [(_less(y[0], x[1], -FAR), _less(y[1], x[0], FAR)) for x, y in shared]


def holds(windows: list[Window], is_so: Callable[[int], bool]) -> str:
    """yes, no or maybe, as every day, no day or some days that all windows allow say so; unknown without a window.

    Windows that contradict each other allow no day: then each is asked alone, and a yes beside a no is unknown.
    """
    low, high = max((one[0] for one in windows), default=0), min((one[1] for one in windows), default=-1)
    answers = [_asked(window, is_so) for window in ([(low, high)] if low <= high else windows)]
    if not answers or {"yes", "no"} <= set(answers):
        return "unknown"
    return next((answer for answer in ("yes", "no") if answer in answers), "maybe")


def _asked(window: Window, is_so: Callable[[int], bool]) -> str:
    said = {is_so(day) for day in _days(window)}
    return "maybe" if len(said) == 2 else "yes" if True in said else "no"


def _days(window: Window) -> Iterator[int]:
    low, high = window
    yield from range(low, high + 1, 1 if high - low < SHORT else STEP)
    yield high


def _less(a: int | None, b: int | None, otherwise: int) -> int:
    return otherwise if a is None or b is None else a - b
