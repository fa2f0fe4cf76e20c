"""What each edit means, in plain Python: one function per edit that looks at one record and says its outcome. No SQL, no polars.

A function asks in the order in which a registrar would: does the edit mean anything for this record, is what it needs
there, is something wrong. None is a value that was not delivered. Dates are asked day by day (plain_dates.py).
Two modules hold them by subject. The edits made from date_order.csv have an oracle of their own (test_date_order_oracle.py).
"""

from __future__ import annotations

import datetime
from collections.abc import Callable
from typing import Any

from plain_dates import Span
from plain_patient import Patient, Row

NOT_APPLICABLE, NOT_JUDGEABLE = "not_applicable", "not_judgeable"
WORDS = {"yes": "violated", "no": "satisfied", "maybe": "possible", "unknown": NOT_JUDGEABLE}
PRIMARY = ("primary", "neoadjuvant", "adjuvant")
Opinion = Callable[[Patient, Row], str]
OPINIONS: dict[str, tuple[str, Opinion]] = {}  # code -> the record it judges, and its opinion


def edit(code: str, record: str) -> Callable[[Opinion], Opinion]:
    def keep(opinion: Opinion) -> Opinion:
        OPINIONS[code] = (record, opinion)
        return opinion

    return keep


def verdict(is_wrong: bool | None) -> str:
    return NOT_JUDGEABLE if is_wrong is None else "violated" if is_wrong else "satisfied"


def day(text: str) -> Span:
    return Span(datetime.date.fromisoformat(text), datetime.date.fromisoformat(text))


def first_false(*answers: bool | None) -> str | None:
    """not_applicable as soon as one condition is false, else not_judgeable where one is not known, else nothing."""
    return NOT_APPLICABLE if False in answers else NOT_JUDGEABLE if None in answers else None


def is_one_of(value: Any, *codes: Any) -> bool | None:
    return None if value is None else value in codes


def was_given(r: Row) -> bool:
    return r["is_given"] is not False
