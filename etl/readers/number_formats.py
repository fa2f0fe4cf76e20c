"""What a number format shows of the value of a cell, where that is less or more than the value: a date without its day, 0.9 as 90%.

`mmm-yy` is what Excel itself puts on `Mar 2009`, and `d-mmm` on `4 Mar`: the first of the month and the year of the day of typing are
made up. Kinds: MONTH and YEAR (a date of that precision), NO_YEAR (a date that nobody knows), PERCENT, and the width of leading zeros.
"""

from __future__ import annotations

import datetime
import re
from typing import Any, NamedTuple

MONTH, YEAR, NO_YEAR, PERCENT = "month", "year", "no_year", "percent"
# What a cell of a kind is shown as; the width of leading zeros is a number in words.
Kind = str
# Formats that a workbook may name by number alone, of those that matter here.
BUILT_IN = {9: "0%", 10: "0.00%", 16: "d-mmm", 17: "mmm-yy"}
# Parts of a format that stand for themselves or for colour and language; [h], [m] and [s] are times that have passed.
_ASIDE = re.compile(r'"[^"]*"|\\.|_.|\*.|\[(?![hms]+\])[^\]]*\]', re.IGNORECASE)
_TIME = re.compile(r"[hs]|am/pm|a/p|\[m+\]", re.IGNORECASE)
_DAY = re.compile(r"(?<!d)d{1,2}(?!d)", re.IGNORECASE)
_ZEROS = re.compile(r"^0{2,}$")


class PartOfDate(NamedTuple):
    """A real date of which the sheet shows the month or the year only: 2009-03."""

    text: str


def kind(code: str) -> Kind | None:
    """The kind of a number format; None where it shows the value as it is read anyway."""
    first = code.split(";", maxsplit=1)[0].strip()
    if _ZEROS.match(first):
        return str(len(first))
    plain = _ASIDE.sub("", first).lower()
    if "general" in plain or plain.strip() == "@":
        return None
    if "%" in plain:
        return PERCENT
    if _TIME.search(plain) or not re.search(r"[dmyeb]", plain) or re.search(r"[0#?]", plain):
        return None
    has_year, has_month, has_day = re.search(r"[yeb]", plain), "m" in plain, _DAY.search(plain)
    if not has_year:
        return NO_YEAR
    return None if has_day else MONTH if has_month else YEAR


def shown(value: Any, how: Kind, decimal: str) -> Any:
    """The value as its format shows it; a date of which the format shows too little is "" (nobody knows it)."""
    if isinstance(value, datetime.date):
        if how == MONTH and value.day == 1:
            return PartOfDate(f"{value:%Y-%m}")
        if how == YEAR and (value.month, value.day) == (1, 1):
            return PartOfDate(f"{value:%Y}")
        return "" if how == NO_YEAR else value
    if type(value) not in (int, float):
        return value
    if how == PERCENT:
        return f"{value * 100:.12g}%".replace(".", decimal)
    return f"{int(value):0{how}d}" if how.isdigit() and 0 <= value < 10**15 and value == int(value) else value
