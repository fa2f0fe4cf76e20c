"""The pairs of dates that must be in order (date_order.csv), checked on load: one home for the edits and for the star."""

from __future__ import annotations

import re
from functools import cache
from importlib.resources import files
from typing import Literal

from pydantic import BaseModel, ConfigDict, field_validator, model_validator

from schemas.facts import own_rows, plain
from schemas.items import RECORDS, intervals

# Dates that no single staging record owns: what all follow-up records of a person say together, and the as-of date.
SHARED = {"person": ("contact", "death"), "release": ("as_of",)}
BIRTH = "patient.birth"
CODE = re.compile(r"[A-Z]{3,4}-\d{3}")


class DatePair(BaseModel):
    """One row of date_order.csv: `earlier` must not lie after `later`."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    code: str
    record: Literal["patient", "tumour", "treatment", "event", "follow_up", "biomarker"]
    earlier: str
    later: str
    same_day: bool
    applies: str
    severity: Literal["error", "warning", "notice"]
    scope: Literal["record", "patient"]
    critical: bool = False
    title: str
    reason: str
    action: str
    source: str
    certainty: Literal["V", "S", "D", "K", "U"]
    since: str

    @field_validator("code")
    @classmethod
    def _has_a_code(cls, code: str) -> str:
        if not CODE.fullmatch(code):
            raise ValueError("a code is capital letters, a hyphen and three digits")
        return code

    @field_validator("title", "reason", "action", "source", "since")
    @classmethod
    def _says_something(cls, text: str) -> str:
        if not text.strip():
            raise ValueError("must not be empty")
        return text

    @field_validator("earlier", "later")
    @classmethod
    def _names_a_date(cls, side: str) -> str:
        owner, _, date = side.partition(".")
        known = SHARED.get(owner) or ((*intervals(owner), *(_event_kinds() if owner == "event" else ())) if owner in RECORDS else ())
        if date not in known:
            raise ValueError(f"{owner}.{date} is no clinical date of items.csv")
        return side

    @model_validator(mode="after")
    def _judges_its_own_date(self) -> DatePair:
        if self.record not in {_owner(self.earlier), _owner(self.later)} or self.earlier == self.later:
            raise ValueError("one of two different dates must belong to the record that is judged")
        return self


@cache
def date_order() -> tuple[DatePair, ...]:
    """Every pair in the order of the file. Raises ValueError (pydantic) for a row that is wrong or a code given twice."""
    text = files("schemas").joinpath("date_order.csv").read_text(encoding="utf-8")
    return read_pairs(text)


def read_pairs(text: str) -> tuple[DatePair, ...]:
    """The pairs that a file of this form holds; `#` opens a comment line."""
    pairs = tuple(DatePair.model_validate(row) for row in plain(text))
    codes = [pair.code for pair in pairs]
    twice = sorted({code for code in codes if codes.count(code) > 1})
    if twice:
        raise ValueError(f"given twice in date_order.csv: {', '.join(twice)}")
    return pairs


def error_pairs(record: str) -> list[tuple[str, str]]:
    """Names (earlier, later) of the error pairs whose two dates both stand in one row of the record's star table."""
    return [(pair.earlier.partition(".")[2], pair.later.partition(".")[2]) for pair in _promised(record)]


@cache
def promised() -> frozenset[str]:
    """Codes of the error pairs that star and mart rely on: nothing that violates one of them can be loaded.

    The star's own checks are made of those within one row; an age is a column of the mart that cannot be negative.
    """
    ages = {pair.code for pair in date_order() if pair.severity == "error" and pair.earlier == BIRTH}
    return frozenset(ages | {pair.code for record in RECORDS for pair in _promised(record)})


def _promised(record: str) -> list[DatePair]:
    own = set(intervals(record))
    return [pair for pair in date_order() if pair.severity == "error" and _is_within(pair, record, own)]


def _is_within(pair: DatePair, record: str, own: set[str]) -> bool:
    sides = [side.partition(".") for side in (pair.earlier, pair.later)]
    return {owner for owner, _, _ in sides} <= {record, "person"} and {date for _, _, date in sides} <= own


def _owner(side: str) -> str:
    return side.partition(".")[0]


@cache
def _event_kinds() -> frozenset[str]:
    return frozenset(row["code"] for row in own_rows("schemas", "codes", "event_type.csv"))
