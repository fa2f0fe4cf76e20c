"""The words of dates as shipped: names of months (months.csv), days that stand for none (sentinel_dates.csv), flags (date_flags.csv),
eras (eras.csv), days of the week (weekdays.csv)."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Mapping
from functools import cache

from schemas.core.date_writing import Era
from schemas.core.errors import Mistake
from schemas.facts import Row, shipped

MONTH = "month"
ACCENTS = frozenset(map(chr, range(0x300, 0x370)))
NUMBERS = {str(number): number for number in range(1, 13)} | {f"{number:02d}": number for number in range(1, 10)}


def fold_month(text: str) -> str:
    """A name of a month without case, accents and full stop, as `schemas.core.date_numbers` folds the texts it reads.

    The signs of other scripts stay: without them the short names of January and March are one in Thai (ม.ค. มี.ค.).
    """
    plain = "".join(mark for mark in unicodedata.normalize("NFKD", text.strip()) if mark not in ACCENTS)
    return plain.lower().removesuffix(".")


@cache
def months() -> Mapping[str, int]:
    """Number of the month by folded name, in every language shipped; ValueError where one name means two months."""
    found: dict[str, int] = {}
    for row in shipped("months.csv", "month", "language", "spelling"):
        name, number = fold_month(row["spelling"]), NUMBERS[row["month"]]
        if found.setdefault(name, number) != number:
            raise ValueError(f"months.csv line {row.line}: one spelling means two months")
    return found


@cache
def weekdays() -> Mapping[str, int]:
    """Number of the day of the week by its name in small letters, 1 for Monday; ValueError where a name is a month too."""
    found = {row["spelling"].lower(): int(row["weekday"]) for row in shipped("weekdays.csv", "weekday", "language", "spelling")}
    if both := sorted(set(map(fold_month, found)) & months().keys()):
        raise ValueError(f"weekdays.csv: {both[0]} is a month too")
    return found


def with_local(rows: Iterable[Row]) -> Mapping[str, int]:
    """The shipped names and those of a project (`spelling`, `code` = number of the month), which go first."""
    return {**months(), **{fold_month(row["spelling"]): NUMBERS[row["code"]] for row in rows}}


def mistakes(row: Row) -> list[Mistake]:
    """What is wrong with a month of a project's vocabulary: no name, or a code that is no number of a month."""
    found = [] if any(mark.isalpha() for mark in row["spelling"]) else [row.mistake("the name of a month needs letters")]
    if row["code"] not in NUMBERS:
        found.append(row.mistake("there is no such month", "the code of a month is its number, 1 to 12"))
    return found


@cache
def sentinels() -> frozenset[str]:
    """ISO days that are written where no date is known."""
    return frozenset(row["date"] for row in shipped("sentinel_dates.csv", "date", "meaning"))


@cache
def unknown_words() -> frozenset[str]:
    """Words (small letters) that say of any value that it is not known; numbers among them may be dates and are left out."""
    return frozenset(word for word in words_for_no_number() if not any(mark.isdigit() for mark in word))


@cache
def words_for_no_number() -> frozenset[str]:
    """Texts (small letters) that say in a column of numbers that there is none: words of any value, -99."""
    return frozenset(row["token"].lower() for row in shipped("unknown_tokens.csv", "domain", "token") if not row["domain"])


@cache
def eras() -> tuple[Era, ...]:
    """The eras in which years are counted (eras.csv)."""
    found = []
    for row in shipped("eras.csv", "era", "first_year", "last_number", "spellings", "letter"):
        names = "|".join(sorted(row["spellings"].split(" | "), key=len, reverse=True))
        found.append(Era(names, row["letter"], int(row["first_year"]), int(row["last_number"])))
    return tuple(found)


@cache
def filler_pattern() -> str:
    """The whole of a text that stands where no number or name of a person was given (0, 99999, xxx, Test), in any letters."""
    return rf"(?i)^\s*(?:{'|'.join(row['pattern'] for row in shipped('filler_identifiers.csv', 'pattern', 'meaning'))})\s*$"


@cache
def flags() -> Mapping[str, str]:
    """What each value of a date flag column means: unknown, absent, month, year, imputed, exact."""
    return {row["flag"]: row["means"] for row in shipped("date_flags.csv", "flag", "means")}
