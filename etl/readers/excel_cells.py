"""Typed cells of a spreadsheet as text: whole numbers without `.0`, real dates as ISO and known to be dates, booleans as words."""

from __future__ import annotations

import datetime
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import polars as pl

# Excel keeps fifteen digits: of a longer number the rest is made up.
EXACT = 10**15
DATES = frozenset({datetime.date, datetime.datetime})


@dataclass(frozen=True)
class Column:
    """One column as text (empty where nothing stands); `dates`: which cells are real dates, None where none is; `lost`: see EXACT."""

    text: pl.Series
    dates: pl.Series | None
    lost: list[int]


def column(values: Sequence[Any], decimal: str = ".") -> Column:
    """The cells of one column, rendered by their types; fractions are written as the texts of the file are."""
    kinds = set(map(type, values))
    if kinds <= {str}:
        return Column(pl.Series(values, dtype=pl.String), None, [])
    text = pl.Series([RENDERED.get(type(value), str)(value) for value in values], dtype=pl.String)
    dates = pl.Series([type(value) in DATES for value in values], dtype=pl.Boolean) if kinds & DATES else None
    numbers = kinds & {int, float}
    lost = [n for n, value in enumerate(values) if type(value) in (int, float) and abs(value) >= EXACT] if numbers else []
    if decimal != "." and float in kinds:
        text = _with_decimal(text, pl.Series([type(value) is float for value in values], dtype=pl.Boolean), decimal)
    return Column(text, dates, lost)


def _with_decimal(text: pl.Series, is_fraction: pl.Series, decimal: str) -> pl.Series:
    written = pl.col("text").str.replace(".", decimal, literal=True)
    return pl.DataFrame({"text": text, "is": is_fraction}).select(pl.when("is").then(written).otherwise("text")).to_series()


def rendered(value: Any) -> str:
    """One cell as text."""
    return RENDERED.get(type(value), str)(value)


def _number(value: float) -> str:
    if abs(value) >= EXACT:
        return ""
    return str(int(value)) if value == int(value) else repr(value)


def _time_stamp(value: datetime.datetime) -> str:
    return value.date().isoformat() if value.time() == datetime.time(0) else value.isoformat(timespec="seconds")


def _duration(value: datetime.timedelta) -> str:
    minutes, seconds = divmod(round(value.total_seconds()), 60)
    return f"{minutes // 60:02d}:{minutes % 60:02d}:{seconds:02d}"


RENDERED: dict[type, Callable[[Any], str]] = {
    str: str,
    bool: lambda value: "true" if value else "false",
    int: _number,
    float: _number,
    datetime.date: datetime.date.isoformat,
    datetime.datetime: _time_stamp,
    datetime.time: lambda value: value.isoformat(timespec="seconds"),
    datetime.timedelta: _duration,
}
