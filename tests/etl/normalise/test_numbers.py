"""Numbers as exports write them: decimal comma, groups of thousands, other units; what is no number is never guessed."""

from __future__ import annotations

import polars as pl
import pytest

from etl.normalise.measures import measured
from etl.normalise.numbers import durations_with_point, numbers, with_point
from schemas.items import columns

SIZE = next(column for column in columns("tumour", "staging") if column.name == "tumour_size_mm")
DAYS = next(column for column in columns("treatment", "staging") if column.name == "interval_days")
NUMBER = next(column for column in columns("tumour", "staging") if column.name == "tumour_no")
DOSE = next(column for column in columns("treatment", "staging") if column.name == "dose_gy")

COMMA = [
    ("14,5", "14.5"), ("14", "14"), (",5", ".5"), ("-1,5", "-1.5"), ("1.234", "1234"), ("1.234,5", "1234.5"), ("1.234.567,5", "1234567.5"),
    ("1,2E3", "1.2E3"), ("14.5", None), ("1.23", None), ("1,2,3", None), ("1.234.5", None), ("x", None), ("", None), (None, None),
]  # fmt: skip


@pytest.mark.parametrize(("text", "plain"), COMMA)
def test_reads_a_decimal_comma(text: str | None, plain: str | None) -> None:
    assert with_point(pl.Series([text], dtype=pl.String)).to_list() == [plain]


POINT = [("14.5", 14.5), ("14", 14.0), ("1e2", 100.0), ("14,5", None), ("1.234.5", None), ("2 cm", None), ("２．３", 2.3)]


@pytest.mark.parametrize(("text", "value"), POINT)
def test_reads_a_decimal_point(text: str, value: float | None) -> None:
    assert numbers(pl.Series([text]), SIZE, ".", None).to_list() == [value]


UNITS = [
    (SIZE, "cm", "1.1", 11.0), (SIZE, "mm", "1.1", 1.1), (SIZE, "inch", "2", 50.8), (SIZE, "m", "0.02", 20.0), (DAYS, "weeks", "3", 21),
    (DAYS, "weeks", "2.5", None), (DOSE, "cGy", "5040", 50.4),
]  # fmt: skip


@pytest.mark.parametrize(("column", "unit", "text", "value"), UNITS)
def test_turns_a_unit_into_that_of_the_column(column, unit: str, text: str, value: float | None) -> None:  # type: ignore[no-untyped-def]
    assert numbers(pl.Series([text]), column, ".", unit).to_list() == [value]


@pytest.mark.parametrize(
    ("text", "value"), [("3¹ mm", None), ("2½ cm", None), ("３ mm", 3.0), ("2,5х2,0х1,5 см", 25.0), ("25 мм х 2 см", None)]
)
def test_takes_no_raised_digit_for_one_of_the_number(text: str, value: float | None) -> None:
    assert measured(pl.Series([text]), SIZE, ".", None)["value"].to_list() == [value]


DURATIONS = [
    ("14,5", "14.5"), ("<=1,5", "<=1.5"), (" > 7 ", "> 7"), ("-1,5", "-1.5"), ("1.200", "1200"), ("<1.200,5", "<1200.5"),
    ("12.5", None), ("1.2", None), ("12,5 months", None), ("a,b", None), (None, None),
]  # fmt: skip


@pytest.mark.parametrize(("text", "plain"), DURATIONS)
def test_reads_a_decimal_comma_in_durations(text: str | None, plain: str | None) -> None:
    """1.200 days were 1.2 days, one day, where a comma is declared."""
    assert durations_with_point(pl.Series([text], dtype=pl.String)).to_list() == [plain]


def test_takes_diameters_without_a_unit_for_no_millimetres_among_centimetres() -> None:
    assert measured(pl.Series(["3 x 2", "5 by 4", "3.5 cm", "2 cm"]), SIZE, ".", None)["value"].to_list() == [None, None, 35.0, 20.0]


# 2.8, 1.7, 6.2 in a column that never says so are centimetres (a TMA data manual has `Tumor Size`, in cm); whole millimetres among them
# or a larger one show that they are not, and so does the contract.
LIKELY_CENTIMETRES = ["2.8", "1.7", "6.2", "0.9", "3.5", "2", "4"]


@pytest.mark.parametrize(
    ("cells", "unit", "first"),
    [
        (LIKELY_CENTIMETRES, None, None),
        ([*LIKELY_CENTIMETRES, "999", "888"], None, None),  # codes for not known are no sizes
        (LIKELY_CENTIMETRES, "cm", 28.0),
        (LIKELY_CENTIMETRES, "mm", 2.8),
        (["1", "1.5", "2", "2.5", "3", "3.5", "4", "4.5", "5", "5.5", "6", "7", "8"], None, None),  # centimetres to the half
        (["9", "8.5", "12.5", "6", "11", "23", "7.5", "15", "4.5", "18", "30"], None, 9),  # found by screening, in millimetres
        ([*LIKELY_CENTIMETRES, "22", "35"], None, 2.8),  # more than one in twenty is too large
        (["2.8", "1.7", "12", "9", "14", "8"], None, 2.8),  # most are whole
        (["2.8", "1.7"], None, 2.8),  # too few to tell
        ([*LIKELY_CENTIMETRES, "12 mm"], None, 2.8),
    ],
)
def test_does_not_take_sizes_that_look_like_centimetres_for_millimetres(cells: list[str], unit: str | None, first: float | None) -> None:
    assert measured(pl.Series(cells), SIZE, ".", unit)["value"].to_list()[0] == first


def test_takes_no_mass_found_for_no_size() -> None:
    """NAACCR's 000 says that no tumour was found; a 0 is the same once a spreadsheet took the zeros."""
    read = measured(pl.Series(["000", "0", "0 mm", "012"]), SIZE, ".", None)
    assert read.rows() == [(None, True), (None, True), (None, True), (12.0, True)]


# SEER*Stat tells with words which of a person's tumours a row is; a registry of one state counts others.
@pytest.mark.parametrize(
    ("text", "number"),
    [("One primary only", 1), ("1st of 2 or more primaries", 1), ("2nd of 2 or more primaries", 2), ("12th of 2 or more primaries", 12),
     ("2 or more primaries", None), ("Only one state registry-defined neoplasm", None), ("2nd", None), ("03", 3)],
)  # fmt: skip
def test_reads_which_of_the_tumours_it_is(text: str, number: int | None) -> None:
    assert measured(pl.Series([text]), NUMBER, ".", None)["value"].to_list() == [number]
