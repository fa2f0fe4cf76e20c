"""A slow and obvious reading of delivered dates and durations, one text at a time."""

from __future__ import annotations

import calendar
import re
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal

Reading = tuple[date | None, date | None, str | None, str | None]
Found = tuple[date, date, str]
NOT_KNOWN = {"xx", "??", "un", "unk", "uu", "00", "0", "99"}
NAMES = {name.lower(): number for number in range(1, 13) for name in (calendar.month_name[number], calendar.month_abbr[number])}
NAMES |= {"märz": 3, "mai": 5, "okt": 10, "dez": 12, "février": 2, "août": 8, "ogos": 8, "unk": 0}
SENTINELS = {(1900, 1, 1), (2999, 12, 31), (9999, 12, 31)}


def one_date(text: str, order: str | None = None, pivot: int | None = None, serials: int | None = None) -> Reading:
    """(earliest, latest, precision, reason) of one text, whatever its form."""
    plain = text.strip()
    plain = re.sub(r"(T\d{4,6}|(T|,? )\d\d?:\d\d.*)$", "", plain)
    if plain.lower() in {"unknown", "unk", "?"} or (re.sub(r"[-/. ]", "", plain) or "1").strip("9") == "" or set(plain) <= set("0-/. "):
        return None, None, "unknown", "unknown_token"
    bare = re.sub(r"^(~|ca\. )|[~?]$", "", plain)
    found = readings(bare, order, pivot, serials)
    if found is None:
        return None, None, None, "not_understood"
    if "sentinel" in found:
        return None, None, "unknown", "sentinel"
    possible = sorted({each for each in found if isinstance(each, tuple)})
    if not possible:
        return None, None, "unknown", "impossible"
    earliest, latest = min(each[0] for each in possible), max(each[1] for each in possible)
    precision = possible[0][2] if len({each[:2] for each in possible}) == 1 else "ambiguous"
    return (*about(earliest, latest, precision), "ambiguous", None) if bare != plain else (earliest, latest, precision, None)


def about(earliest: date, latest: date, precision: str) -> tuple[date, date]:
    if precision == "year":
        return date(earliest.year - 1, 1, 1), date(latest.year + 1, 12, 31)
    if precision == "month":
        before, after = earliest - timedelta(1), latest + timedelta(1)
        return before.replace(day=1), after.replace(day=calendar.monthrange(after.year, after.month)[1])
    return earliest - timedelta(31), latest + timedelta(31)


def readings(text: str, order: str | None, pivot: int | None, serials: int | None) -> list[Found | str | None] | None:
    """Every way to read it, None for one the calendar does not have; no list at all where it has no form of a date."""
    if serials and re.fullmatch(r"[1-9]\d{3,4}([.,]\d+)?", text):
        start = {1900: date(1899, 12, 30), 1904: date(1904, 1, 1)}[serials]
        day = start + timedelta(int(re.split("[.,]", text)[0]))
        if day >= date(1927, 5, 18):  # number 10,000 of 1900: what is less are years, and days of follow-up
            return [(day, day, "day")] if day.year <= 2150 else [None]
    if re.fullmatch(r"\d{4}", text) or re.fullmatch(r"\d{6}", text) or re.fullmatch(r"\d{8}", text):
        return _all([_in([text[:4], text[4:6], text[6:]], compact=True)])
    if quarter := re.fullmatch(r"Q([1-4])[-/ ]?(\d{4})", text) or re.fullmatch(r"(?=\d{4}-?Q(.))(\d{4})-?Q[1-4]", text):
        first = date(int(quarter[2]), 3 * int(quarter[1]) - 2, 1)
        return [(first, date(first.year, first.month + 2, calendar.monthrange(first.year, first.month + 2)[1]), "ambiguous")]
    if re.fullmatch(r"[-\d.]+/[-\d.]+", text) and re.search(r"\d{4}(-\d\d)*/(\d{4}|\.\.)|\.\./\d{4}", text):
        return None  # ranges have tests of their own
    if (both := re.fullmatch(r"(\d{4})/(\d\d)", text)) and (int(both[1]) + 1) % 100 == int(both[2]):
        year = int(both[1])  # October 2009, or 2009 to 2010
        return [(date(year, 1, 1), date(year + 1, 12, 31), "ambiguous")] if 1850 <= year <= 2150 else [None]
    parts = [part for part in re.split(r"[^\w?]+|(?<=\d)(?=[A-Za-zé])(?!st|nd|rd|th)|(?<=[a-zé])(?=\d)", text) if part and part != "de"]
    parts = [re.sub(r"^(\d+)(st|nd|rd|th)$", r"\1", part) for part in parts]
    return _parts(parts, order, pivot)


def _parts(parts: list[str], order: str | None, pivot: int | None) -> list[Found | str | None] | None:
    names = [place for place, part in enumerate(parts) if part.lower() in NAMES and not (part.lower() == "unk" and place != 1)]
    if any(part.isalpha() and part.lower() not in {*NAMES, *NOT_KNOWN} for part in parts) or len(parts) not in (2, 3):
        return None
    if names:
        place = names[-1] if len(parts) == 3 and parts[0].lower() in NOT_KNOWN else names[0]
        month, rest = str(NAMES[parts[place].lower()]), parts[:place] + parts[place + 1 :]
        year_first = len(rest[0]) == 4
        year, day = (rest[0], rest[1:]) if year_first else (rest[-1], rest[:-1])
        if len(rest) == 1 and len(year) < 4:
            return None
        return _all(_in([full, month, *day], short=len(year) < 4) for full in _years(year, pivot))
    if len(parts) == 2:
        return _all([_in(parts if len(parts[0]) == 4 else parts[::-1])]) if 4 in map(len, parts) else None
    a, b, c = parts
    if len(a) == 4:
        return _all([_in([a, b, c])])
    orders = {"dmy": (c, b, a), "mdy": (c, a, b)} | ({"ymd": (a, b, c)} if len(c) < 4 and len(a) == 2 else {})
    short = len(c) < 4
    found = {name: [_in([full, month, day], short=short) for full in _years(year, pivot)] for name, (year, month, day) in orders.items()}
    if any("sentinel" in several for several in found.values()):
        return ["sentinel"]
    return _all(each for name, several in found.items() for each in several if order in (None, name))


def _all(found: object) -> list[Found | str | None] | None:
    """Nothing at all where not one reading has a year."""
    kept = [each for each in found if each != "no year"]  # type: ignore[attr-defined]
    return kept or None


def _years(year: str, pivot: int | None) -> list[str]:
    if len(year) == 4 or not year.isdigit():
        return [year]
    if pivot is None:
        return [f"19{year}", f"20{year}"]
    return [str(each) for each in range(pivot, pivot + 100) if each % 100 == int(year)]


def _in(parts: list[str], *, short: bool = False, compact: bool = False) -> Found | str | None:
    """Year, month and day as texts; what is not known is left out. Digits alone (`compact`) are no date where their year is none."""
    numbers = [None if part.lower() in NOT_KNOWN or not part else int(part) for part in parts[1:]]
    month, day = (*numbers, None, None)[:2]
    if not parts[0].isdigit():
        return "no year"
    year = int(parts[0])
    if (year, month, day) in SENTINELS and not short:
        return "sentinel"
    if not 1850 <= year <= 2150:
        return "no year" if compact else None
    try:
        if day is not None and month is not None:
            return date(year, month, day), date(year, month, day), "day"
        if day is not None:
            return None
        if month is not None:
            return date(year, month, 1), date(year, month, calendar.monthrange(year, month)[1]), "month"
        return date(year, 1, 1), date(year, 12, 31), "year"
    except (ValueError, calendar.IllegalMonthError):
        return None


def one_duration(text: str, days_per_unit: str) -> int:
    """Whole days, halves rounded up."""
    return int((Decimal(text) * Decimal(days_per_unit)).quantize(Decimal(1), rounding=ROUND_HALF_UP))
