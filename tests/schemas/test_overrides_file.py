"""overrides.csv: every mistake with its line, never with what a cell says."""

import datetime

import pytest

from schemas.date_order import promised
from schemas.overrides import COLUMNS, read_overrides

HEAD = ",".join(COLUMNS) + "\n"
GOOD = "DATE-010,tumour,8560968017904400624,ve6014d68108,autopsy report seen,AB,2019-12-01,2021-12-31"
MISTAKES = [
    ("DATE-010,tumour,8560968017904400624,,seen,AB,2019-12-01,", "'fingerprint' is empty (copy it from internal/findings.csv"),
    ("DATE-010,tumour,8560968017904400624,ve6014d68108,,AB,2019-12-01,", "'reason' is empty"),
    ("DATE-010,tumour,8560968017904400624,ve6014d68108,seen,AB,,", "'date' is empty"),
    ("DATE-010,tumour,8560968017904400624,ve6014d68108,seen,AB,1.12.2019,", "'date' is no date"),
    ("DATE-010,tumour,8560968017904400624,ve6014d68108,seen,AB,2019-12-01,2019-11-30", "'expires' is before 'date'"),
    ("DATE-010,tumour,8.56097E+18,ve6014d68108,seen,AB,2019-12-01,", "a spreadsheet rounds numbers of so many digits"),
    ("DATE-010,tumour,9999999999999999999,ve6014d68108,seen,AB,2019-12-01,", "'record_key' is no key of a record"),
    ("DATE-010,tumour,8560968017904400624,2012-02-02,seen,AB,2019-12-01,", "'fingerprint' is no fingerprint"),
    ("DATE-010,tumor,8560968017904400624,ve6014d68108,seen,AB,2019-12-01,", "'record' is no kind of record (did you mean tumour?)"),
    ("NORM-DATE,tumour,8560968017904400624,ve6014d68108,seen,AB,2019-12-01,", "is about how a file was read and cannot be overridden"),
    ("DATE-019,follow_up,8560968017904400624,ve6014d68108,seen,AB,2019-12-01,", "star and mart rely on the order of these two dates"),
    ("DATE-010,tumour,1,ve6014d68108,seen", "5 cells where the header has 8"),
]


def test_reads_a_line() -> None:
    (one,), mistakes = read_overrides(f"{HEAD}{GOOD}\n")
    assert mistakes == []
    assert (one.place, one.edit, one.record, one.record_key) == ("overrides.csv line 2", "DATE-010", "tumour", 8560968017904400624)
    assert (one.fingerprint, one.reason, one.author) == ("ve6014d68108", "autopsy report seen", "AB")
    assert one.is_override


@pytest.mark.parametrize(("line", "says"), MISTAKES)
def test_names_the_line_of(line: str, says: str) -> None:
    found, mistakes = read_overrides(f"{HEAD}{GOOD}\n{line}\n")
    assert len(found) == 1
    assert [(one.file, one.line) for one in mistakes] == [("overrides.csv", 3)]
    assert says in str(mistakes[0])


def test_says_which_column_is_missing() -> None:
    assert str(read_overrides(HEAD.replace(",fingerprint", ""))[1][0]) == "overrides.csv:1: column fingerprint is missing"


def test_holds_up_to_and_with_the_day_on_which_it_expires() -> None:
    (one,), _ = read_overrides(f"{HEAD}{GOOD}\n")
    assert not one.is_expired(datetime.date(2021, 12, 31))
    assert one.is_expired(datetime.date(2022, 1, 1))


def test_lets_nobody_override_what_star_and_mart_rely_on() -> None:
    # contact and death stand in one row of fact_follow_up; an age below zero has no place in the mart
    assert promised() == {"DATE-001", "DATE-002", "DATE-019", "DATE-028"}
