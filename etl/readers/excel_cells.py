"""Typed cells of a spreadsheet as text: whole numbers without `.0`, real dates as ISO and known to be dates, booleans as words."""

from __future__ import annotations

import datetime
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import accumulate, groupby
from typing import Any

import polars as pl

from etl.readers.number_formats import PartOfDate

# Excel keeps fifteen digits: of a longer number the rest is made up.
EXACT = 10**15
HALF_A_SECOND = 500_000
DATES = frozenset({datetime.date, datetime.datetime, PartOfDate})
NUMBERS = frozenset({int, float})
ALIKE = NUMBERS | {bool}


@dataclass(frozen=True)
class Column:
    """One column as text (empty where nothing stands); `dates`: which cells are real dates, None where none is; `lost`: see EXACT."""

    text: pl.Series
    dates: pl.Series | None
    lost: list[int]


class Numbered(dict[Any, int]):
    """Values with a number each, in the order in which they were met."""

    def __missing__(self, value: Any) -> int:
        number = self[value] = len(self)
        return number


class Cells:
    """The cells of one column, taken in some rows at a time: texts as they are, other values by number until all are there.

    Each value is rendered once. 1, 1.0 and true are one value to Python: beside the one such kind that is met first (`_kind`), the
    others are told apart by their kind.
    """

    def __init__(self, decimal: str = ".") -> None:
        self._decimal = decimal
        self._kind: type | None = None
        self._plain, self._paired = Numbered(), Numbered()
        self._parts: list[tuple[Numbered | None, pl.Series]] = []

    def add(self, values: Sequence[Any]) -> None:
        """The cells of the next rows."""
        kinds = set(map(type, values))
        if kinds <= {str}:
            self._parts.append((None, pl.Series(values, dtype=pl.String)))
            return
        alike = kinds & ALIKE
        self._kind = self._kind or next(iter(alike), None)
        numbers, keys = (self._plain, values) if alike <= {self._kind} else (self._paired, zip(map(type, values), values, strict=True))
        self._parts.append((numbers, pl.Series(list(map(numbers.__getitem__, keys)), dtype=pl.UInt32)))

    def column(self) -> Column:
        """All cells as one column; fractions are written as the texts of the file are."""
        plain, paired = known(list(self._plain), self._decimal), known([value for _, value in self._paired], self._decimal)
        parts = []
        for _, some in groupby(self._parts, key=lambda part: id(part[0])):
            [numbers, *_], cells = zip(*some, strict=True)
            part = pl.concat(cells, rechunk=True)
            parts.append(Column(part, None, []) if numbers is None else placed(plain if numbers is self._plain else paired, part))
        return joined(parts) if parts else Column(pl.Series([], dtype=pl.String), None, [])


def column(values: Sequence[Any], decimal: str = ".") -> Column:
    """The cells of one column, rendered by their types."""
    cells = Cells(decimal)
    cells.add(values)
    return cells.column()


def known(values: list[Any], decimal: str) -> Column:
    """The distinct values of cells as text."""
    kinds = set(map(type, values))
    if kinds <= {str, float} and (whole := _whole_numbers(values)) is not None:
        return Column(whole, None, [])
    texts = pl.Series([value if type(value) is str else _written(value, decimal) for value in values], dtype=pl.String)
    dates = pl.Series([type(value) in DATES for value in values], dtype=pl.Boolean) if kinds & DATES else None
    return Column(texts, dates, [n for n, value in enumerate(values) if type(value) in NUMBERS and not abs(value) < EXACT])


def placed(told: Column, place: pl.Series) -> Column:
    """The values of `told` in the places in which they stand."""
    lost = place.is_in(told.lost).arg_true().to_list() if told.lost else []
    dates = told.dates.gather(place) if told.dates is not None else None
    return Column(told.text.gather(place), dates if dates is not None and dates.any() else None, lost)


def _whole_numbers(values: Sequence[Any]) -> pl.Series | None:
    """Texts and numbers as text, all at once; None where a number has a fraction or is not below EXACT."""
    number = pl.Series([value if type(value) is float else None for value in values], dtype=pl.Float64)
    if not ((number.abs() < EXACT) & (number == number.floor())).all():
        return None
    text = pl.Series([value if type(value) is str else None for value in values], dtype=pl.String)
    return pl.select(pl.coalesce(text, number.cast(pl.Int64).cast(pl.String))).to_series()


def _written(value: Any, decimal: str) -> str:
    return rendered(value).replace(".", decimal, 1) if type(value) is float else rendered(value)


def joined(parts: Sequence[Column]) -> Column:
    """One column of its parts, one below the other."""
    if len(parts) == 1:
        return parts[0]
    begins = [0, *accumulate(part.text.len() for part in parts)]
    lost = [begin + n for begin, part in zip(begins, parts, strict=False) for n in part.lost]
    known = [pl.repeat(False, part.text.len(), dtype=pl.Boolean, eager=True) if part.dates is None else part.dates for part in parts]
    dates = pl.concat(known) if any(part.dates is not None for part in parts) else None
    return Column(pl.concat([part.text for part in parts], rechunk=True), dates, lost)


def rendered(value: Any) -> str:
    """One cell as text."""
    return RENDERED.get(type(value), str)(value)


def _number(value: float) -> str:
    if not abs(value) < EXACT:  # nor is what is not a number
        return ""
    told = float(f"{value:.15g}")  # 0.1 + 0.2 is 0.3, as the sheet shows it
    return str(int(told)) if told == int(told) else repr(told)


def _time_stamp(value: datetime.datetime) -> str:
    if value.microsecond >= HALF_A_SECOND and value.year < datetime.MAXYEAR:
        value += datetime.timedelta(microseconds=HALF_A_SECOND)  # a day that was computed may lack a millisecond of midnight
    value = value.replace(microsecond=0)
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
    PartOfDate: lambda value: value.text,
    datetime.time: lambda value: value.isoformat(timespec="seconds"),
    datetime.timedelta: _duration,
}
