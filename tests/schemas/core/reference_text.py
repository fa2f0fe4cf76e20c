"""A slow and obvious reading of delivered dates and durations, one text at a time."""

from __future__ import annotations

import calendar
import re
from datetime import date
from decimal import ROUND_HALF_UP, Decimal

Reading = tuple[date | None, date | None, str | None, str | None]


def one_date(text: str, order: str | None) -> Reading:
    """(earliest, latest, precision, reason) of an ISO date, month, year, or a date with the year last."""
    parts = [int(part) for part in re.split(r"[-/.]", text)]
    if len(str(parts[0])) == 4:
        readings = {_iso(parts)}
    else:
        first, second, year = parts
        both = {"dmy": _iso([year, second, first]), "mdy": _iso([year, first, second])}
        readings = {both[order]} if order else set(both.values())
    possible = sorted(reading for reading in readings if reading)
    if not possible:
        return None, None, None, "impossible"
    (earliest, latest, precision), *others = possible
    return (earliest, possible[-1][1], "ambiguous", None) if others else (earliest, latest, precision, None)


def _iso(parts: list[int]) -> tuple[date, date, str] | None:
    year, month, day = (*parts, None, None)[:3]
    try:
        if day is not None and month is not None:
            return date(year, month, day), date(year, month, day), "day"
        if month is not None:
            return date(year, month, 1), date(year, month, calendar.monthrange(year, month)[1]), "month"
        return date(year, 1, 1), date(year, 12, 31), "year"
    except ValueError:
        return None


def one_duration(text: str, days_per_unit: str) -> int:
    """Whole days, halves rounded up."""
    return int((Decimal(text) * Decimal(days_per_unit)).quantize(Decimal(1), rounding=ROUND_HALF_UP))
