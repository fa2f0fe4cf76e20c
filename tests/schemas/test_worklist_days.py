"""The day of an answer in a work list, as a registrar writes it: read where it can be one day only."""

from __future__ import annotations

import datetime
from typing import Any

import pytest

from schemas.worklist import _day

DAY = datetime.date(2026, 1, 30)


@pytest.mark.parametrize(
    ("cell", "day"),
    [
        (datetime.datetime(2026, 1, 30, 9, 5), DAY),  # a real date of a spreadsheet
        (DAY, DAY),
        ("2026-01-30", DAY),
        (" 2026-01-30 ", DAY),
        ("30.01.2026", DAY),  # with points the day stands first
        ("30.1.2026", DAY),
        ("30. 1. 2026", DAY),
        ("01.02.2026", datetime.date(2026, 2, 1)),
        ("01/02/2026", None),  # 1 February or 2 January
        ("30/01/2026", None),  # one form per column: the next row may be 01/02/2026
        ("01-02-2026", None),
        ("01.30.2026", None),  # there is no month 30, and it is not turned round
        ("31.02.2026", None),
        ("30.01.26", None),  # which century
        ("30.01", None),
        ("2026-02-30", None),
        (46052.0, None),  # a number that the spreadsheet does not show as a date
        ("", None),
        (None, None),
    ],
)
def test_reads_the_day_of_an_answer_where_it_can_be_one_only(cell: Any, day: datetime.date | None) -> None:
    assert _day(cell) == day
