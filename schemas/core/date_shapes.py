"""The shapes in which dates are delivered: what is declared about a column, and the regular expressions behind it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

from schemas.core.date_writing import Era

Order = Literal["dmy", "mdy"]
Epoch = Literal[1900, 1904]
Calendar = Literal["minguo", "buddhist"]

# Years outside 1850-2150 are no years of a registry: 0209 for 2009 must not become a date of the third century.
FIRST_YEAR, LAST_YEAR = 1850, 2150
# So many years after the as-of date a plan may lie: hormonal therapy is planned for five or ten, nothing for more than this.
AHEAD = 20
# Two registries code an unknown day as 99, others as 00, CDISC as UN or UNK, EDTF as XX: each widens to the month or the year.
UNKNOWN = (0, 99)
_NOT_SAID = r"[Xx?]{2}|\?|(?i:unk?|uu)"
YEAR, MONTH, DAY = r"(?P<y>[0-9]{4})", rf"(?P<m>[0-9]{{1,2}}|{_NOT_SAID})", rf"(?P<d>[0-9]{{1,2}}|{_NOT_SAID})"
# Thai letters carry marks, and the short names of its months full stops (ม.ค.).
WORD = r"(?P<m>\p{L}[\p{L}\p{M}]*|\p{Thai}+(?:\.\p{Thai}+)*)\.?"
# No colon: 10:22:33 is a time of day.
MARK = r"(?:\s*[-/.,\\_|·‐‑–−]\s*|\s+)"
# 25:61 is no time of day: the cell is damaged or shifted, and then its date is none either. 24:00 is of two days.
_HOUR, _SIXTY, _SECOND = r"(?:[01]?[0-9]|2[0-3])", r"[0-5][0-9]", r"(?:[0-5][0-9]|60)"
TIME = (
    rf"(?:T|,? +){_HOUR}:{_SIXTY}(?::{_SECOND}(?:[.,][0-9]+)?)?"
    r"(?: ?[AaPp]\.?[Mm]\.?)?(?: ?(?:Z|UTC|GMT|[+-][0-9]{2}(?::?[0-9]{2})?))?$"
    # behind a digit, which stays ($1): 01OCT2014 has no time of day
    rf"|([0-9])T(?:[01][0-9]|2[0-3]){_SIXTY}(?:{_SECOND}(?:[.,][0-9]+)?)?"
    r"(?:Z|[+-][0-9]{2}(?::?[0-9]{2})?)?$"
    # Oracle's 15-MAR-19 02.30.00.000000 PM
    rf"| +{_HOUR}\.{_SIXTY}\.{_SIXTY}(?:\.[0-9]+)? [AaPp][Mm]$"
)
# "About", before or behind the date (EDTF ~, ? and %).
ABOUT = (
    r"^(?:~|(?i:ca\.?|circa|about|approx\.?|aprox\.?|environ|env\.?|vers|hacia|verso|etwa)\s)\s*"
    r"|\s*(?:[~%]|\b\?|頃|ごろ|\((?i:aprox|approx|ca)\.?\))$"
)
# What is written where no date is known, whatever the marks between (99/99/9999, 0000-00-00, XX.XX.XXXX, 88888888).
_BETWEEN = r"[-/.\s]?"
_ALIKE = "|".join(f"(?:{mark}{_BETWEEN}){{4,8}}" for mark in ("9", "0", "[Xx]"))
BLANKED = rf"^(?:{_ALIKE}|(?:8{_BETWEEN}){{8}}|\?+|(?i:unk?{_BETWEEN}){{2,3}}|[-/ ]{{2,}}|[-/._ ]*_[-/._ ]*)$"
THREE = rf"^(?P<a>[0-9]{{1,4}}|{_NOT_SAID})(?P<mark>{MARK})(?P<b>[0-9]{{1,2}}|{_NOT_SAID}){MARK}(?P<c>[0-9]{{1,4}}|{_NOT_SAID})\.?$"
TWO = (rf"^{YEAR}[-/.]{MONTH}$", rf"^{MONTH}[-/.]{YEAR}$")
# The last with the time of day of HL7: 20090314102233+0800.
COMPACT = (
    rf"^{YEAR}$", rf"^{YEAR}(?P<m>[0-9]{{2}})$", rf"^{YEAR}(?P<m>[0-9]{{2}})(?P<d>[0-9]{{2}})$",
    rf"^{YEAR}(?P<m>[0-9]{{2}})(?P<d>[0-9]{{2}})(?:[01][0-9]|2[0-3]){_SIXTY}(?:{_SECOND}(?:\.[0-9]+)?)?(?:[+-][0-9]{{4}})?$",
)  # fmt: skip
_GAP, _SHORT = r"[-/.,\s]*(?:(?i:de|del|di|of)\s+)?", r"(?P<y>[0-9]{4}|'?[0-9]{2})"
_DAY = rf"(?:{DAY})(?i:st|nd|rd|th|er|\.?º|°)?"
# A gap before a day that may be letters: the "un" of "Jun 2000" is no unknown day.
NAMED = (
    rf"^{_DAY}{_GAP}{WORD}{_GAP}{_SHORT}$", rf"^{WORD}{_GAP}(?P<d>[0-9]{{1,2}})(?i:st|nd|rd|th)?{MARK}{_SHORT}$",
    rf"^{YEAR}{_GAP}{WORD}[-/.,\s]+{DAY}$",
)  # fmt: skip
# "Mar 14" may be a day of a year not said: two digits are a year here only with an apostrophe or above 31.
NAMED_MONTH = (rf"^{WORD}{_GAP}(?P<y>[0-9]{{4}}|'[0-9]{{2}}|3[2-9]|[4-9][0-9])$", rf"^{YEAR}{_GAP}{WORD}$")
HAN = (rf"^{YEAR}\s*[年년]\s*(?:{MONTH}\s*[月월]\s*(?:份|{DAY}\s*[日号號일])?)?$",)  # 2009年3月份: the month
QUARTER = r"^(?:Q(?P<q>[1-4])[-/ ]?(?P<y>[0-9]{4})|(?P<z>[0-9]{4})[-/ ]?Q(?P<r>[1-4])|(?P<s>[1-4])Q[-/ ]?(?P<x>[0-9]{4}))$"
# Weeks of ISO 8601, with or without the day of the week; KW and vecka are counted so in Germany and Sweden, a bare week elsewhere not.
WEEK = (
    r"^(?P<y>[0-9]{4})-?W(?P<w>[0-9]{2})(?:-?(?P<d>[1-7]))?$"
    r"|^(?i:KW|vecka)\s*(?P<v>[0-9]{1,2})(?:[./,]\s*|\s+)(?P<z>[0-9]{4})$"
)
# A month, or a year of accounts and the next (2009/10, 2008-9): both are written so where the digits are the last of the next year.
YEARS = r"^(?P<y>[0-9]{4})(?:/(?P<m>[0-9]{2})|[-/](?P<n>[0-9]))$"
# 03-04/2009, 3/4 2009: two months, or a day and a month. With a dash any two, with a slash one and the next.
MONTHS = r"^(?P<m>0?[1-9]|1[0-2])\.?\s?(?P<mark>[-–/])\s?(?P<n>0?[1-9]|1[0-2])\.?(?P<behind>[-–/.]|\s)\s?(?P<y>[0-9]{4})$"
# 2009-03/04, 2009/03-04: the same with the year first; 2009-03-04 has one mark and is a day.
YEAR_MONTHS = r"^(?P<y>[0-9]{4})(?P<behind>[-–/.]|\s)\s?(?P<m>0?[1-9]|1[0-2])\.?\s?(?P<mark>[-–/])\s?(?P<n>0?[1-9]|1[0-2])\.?$"
RANGE = r"^(?P<from>[0-9]{4}(?:-[0-9]{2}){0,2}|\.\.)/(?P<to>[0-9]{4}-[0-9]{2}(?:-[0-9]{2})?|[0-9]{4}|\.\.)$"
ISO = (rf"^{YEAR}-{MONTH}-{DAY}$", rf"^{YEAR}-{MONTH}$", rf"^{YEAR}$")
OPEN = ".."

DIRECTIVES = {
    "Y": YEAR, "m": MONTH, "d": DAY, "e": r" ?" + DAY, "b": WORD, "B": WORD, "y": r"(?P<y>[0-9]{2})",
    "F": f"{YEAR}-{MONTH}-{DAY}", "H": _HOUR, "I": r"(?:[0]?[1-9]|1[0-2])", "M": _SIXTY, "S": _SECOND, "f": r"[0-9]+",
    "p": "[AaPp][Mm]", "T": rf"(?:[01][0-9]|2[0-3]):{_SIXTY}:{_SECOND}", "z": r"(?:Z|[+-][0-9]{2}:?[0-9]{2})", "%": "%",
}  # fmt: skip
NUMERIC = frozenset("YmdyFHIMSfT")
_PLACES = re.compile(r"%([dembBYyF])")
_MIRROR = {"%d": "%m", "%e": "%m", "%m": "%d"}


@dataclass(frozen=True)
class DateRules:
    """What is declared about the dates of one column.

    `pivot` is the first of the hundred years in which two-digit years lie; `serials` the epoch of Excel's day numbers,
    None where a number is none. `birth_serials`: dates of birth, of which day numbers below 2200 (days before 1906) count too.
    `last_year` is the last year in which anything delivered can lie: without a pivot a year of two digits beyond it is that of a
    hundred years before. `months` gives the number of a month by its folded name, `sentinels` the days (ISO) that stand for "not known",
    `unknown` the words that do. `calendar`: another than ours, in which years without the name of an era are counted; `eras` those that
    a text names itself. `zone`: where the days are meant, for instants that say their offset from UTC.
    `weekdays`: number by name in small letters, 1 is Monday.
    """

    formats: tuple[str, ...] = ()
    order: Order | None = None
    pivot: int | None = None
    last_year: int | None = None
    serials: Epoch | None = None
    birth_serials: bool = False
    months: Mapping[str, int] | None = None
    sentinels: frozenset[str] = frozenset()
    unknown: frozenset[str] = frozenset()
    calendar: Calendar | None = None
    eras: tuple[Era, ...] = ()
    zone: str | None = None
    weekdays: Mapping[str, int] | None = None

    @property
    def last_short_year(self) -> int | None:
        """The last year that two digits can mean: a birth is not planned, so that of the as-of date."""
        return self.last_year - AHEAD if self.last_year is not None and self.birth_serials else self.last_year

    @cached_property
    def is_open(self) -> bool:
        """Whether a numeric date can be read in more than one order."""
        if not self.formats:
            return self.order is None
        return len({order for text in self.formats if (order := order_of(text))}) > 1


def order_of(text: str) -> str | None:
    """`dmy` or `mdy` of a format whose day and month are two numbers before the year, else None."""
    places = [part for part in _PLACES.findall(text) if part != "%"]
    numeric = [{"d": "d", "e": "d", "m": "m", "Y": "y", "y": "y"}.get(part) for part in places]
    named = "".join(part or "?" for part in numeric)
    return named if named in ("dmy", "mdy") else None


def mirror(text: str) -> str:
    """The format with day and month in each other's place."""
    return re.sub("%[dem]", lambda found: _MIRROR[found.group()], text)


def format_pattern(text: str) -> str:
    """The regular expression of a strptime format; raises ValueError (the sentence names the directive) where it is none of ours."""
    parts = re.split(r"%(.)", text)
    unknown = [directive for directive in parts[1::2] if directive not in DIRECTIVES]
    if unknown:
        raise ValueError(f"the directive %{unknown[0]} is not known; known are {' '.join('%' + name for name in DIRECTIVES)}")
    pattern = "".join(_directive(parts, place) if place % 2 else re.escape(part) for place, part in enumerate(parts))
    counts = [pattern.count(group) for group in ("(?P<y>", "(?P<m>", "(?P<d>")]
    if counts[0] != 1 or max(counts) > 1 or counts[2] > counts[1]:
        raise ValueError(f"the format {text} needs one year, and a month where it has a day")
    return f"^{pattern}$"


def _directive(parts: list[str], place: int) -> str:
    """The expression of one directive. Digits against digits have their full width: 1122009 is no 11 February, its zero is lost."""
    before, after = parts[place - 2 : place - 1], parts[place + 2 : place + 3]
    touches = (parts[place - 1] == "" and before and before[0] in NUMERIC) or (parts[place + 1] == "" and after and after[0] in NUMERIC)
    loose = DIRECTIVES[parts[place]]
    return loose.replace("{1,2}", "{2}").replace("]?", "]") if touches else loose
