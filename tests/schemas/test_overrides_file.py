"""overrides.csv: every mistake with its line, never with what a cell says."""

import datetime

import pytest

from schemas.date_order import promised
from schemas.overrides import COLUMNS, read_overrides

HEAD = ",".join(COLUMNS) + "\n"
GOOD = "DATE-010,tumour,8560968017904400624,ke6014d68108,autopsy report seen,AB,2019-12-01,2021-12-31"
MISTAKES = [
    ("DATE-010,tumour,8560968017904400624,,seen,AB,2019-12-01,", "'fingerprint' is empty (copy it from internal/findings.csv"),
    ("DATE-010,tumour,8560968017904400624,ke6014d68108,,AB,2019-12-01,", "'reason' is empty"),
    ("DATE-010,tumour,8560968017904400624,ke6014d68108,seen,AB,,", "'date' is empty"),
    ("DATE-010,tumour,8560968017904400624,ke6014d68108,seen,AB,1.12.2019,", "'date' is no date"),
    ("DATE-010,tumour,8560968017904400624,ke6014d68108,seen,AB,2019-12-01,2019-11-30", "'expires' is before 'date'"),
    ("DATE-010,tumour,8.56097E+18,ke6014d68108,seen,AB,2019-12-01,", "a spreadsheet rounds numbers of so many digits"),
    ("DATE-010,tumour,9999999999999999999,ke6014d68108,seen,AB,2019-12-01,", "'record_key' is no key of a record"),
    ("DATE-010,tumour,8560968017904400624,2012-02-02,seen,AB,2019-12-01,", "'fingerprint' is no fingerprint"),
    ("DATE-010,tumor,8560968017904400624,ke6014d68108,seen,AB,2019-12-01,", "'record' is no kind of record (did you mean tumour?)"),
    (
        "NORM-DATE,tumour,8560968017904400624,ke6014d68108,seen,AB,2019-12-01,",
        "is about how files were read or linked and cannot be overridden",
    ),
    ("DATE-019,follow_up,8560968017904400624,ke6014d68108,seen,AB,2019-12-01,", "star and mart rely on the order of these two dates"),
    ("DATE-010,tumour,1,ke6014d68108,seen", "5 cells where the header has 8"),
]


def test_reads_a_line() -> None:
    read = read_overrides(f"{HEAD}{GOOD}\n")
    (one,) = read.answers
    assert read.unusable == read.mistakes == ()
    assert (one.place, one.edit, one.record, one.record_key) == ("overrides.csv line 2", "DATE-010", "tumour", 8560968017904400624)
    assert (one.fingerprint, one.reason, one.author) == ("ke6014d68108", "autopsy report seen", "AB")
    assert one.is_override


@pytest.mark.parametrize(("line", "says"), MISTAKES)
def test_one_bad_line_is_told_of_and_keeps_no_other_from_being_read(line: str, says: str) -> None:
    read = read_overrides(f"{HEAD}{line}\n{GOOD}\n")
    assert [one.line for one in read.answers] == [3]
    assert [(one.file, one.line) for one in read.unusable] == [("overrides.csv", 2)]
    assert says in str(read.unusable[0])
    assert read.mistakes == ()


def test_a_quote_that_is_not_closed_is_said_to_swallow_the_lines_that_follow() -> None:
    read = read_overrides(f'{HEAD}{GOOD}\n"{GOOD}\n{GOOD}\n{GOOD}\n')
    assert [one.line for one in read.answers] == [2]
    assert [(one.line, one.hint) for one in read.unusable] == [(3, "a quote that is not closed: it swallows the 2 lines that follow")]


def test_all_that_is_wrong_with_a_line_is_told_as_one() -> None:
    (one,) = read_overrides(f"{HEAD}DATE-010,tumour,8560968017904400624,,,AB,2019-12-01,\n").unusable
    assert one.message == "'fingerprint' is empty; 'reason' is empty"


def test_says_which_column_is_missing() -> None:
    read = read_overrides(HEAD.replace(",fingerprint", "") + GOOD)
    assert [str(one) for one in read.mistakes] == ["overrides.csv:1: column fingerprint is missing"]
    assert read.answers == read.unusable == ()


def test_holds_up_to_and_with_the_day_on_which_it_expires() -> None:
    (one,) = read_overrides(f"{HEAD}{GOOD}\n").answers
    assert not one.is_expired(datetime.date(2021, 12, 31))
    assert one.is_expired(datetime.date(2022, 1, 1))


def test_lets_nobody_override_what_star_and_mart_rely_on() -> None:
    # contact and death stand in one row of fact_follow_up; an age below zero has no place in the mart
    assert promised() == {"DATE-001", "DATE-002", "DATE-019", "DATE-028"}
