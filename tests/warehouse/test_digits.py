"""Published numbers have the digits that every processor agrees in."""

from __future__ import annotations

import math
from pathlib import Path

import polars as pl
import pytest

from warehouse.digits import cells_given, given
from warehouse.files import write_csv
from warehouse.numbers import Numbers

# The chi-square of one comparison as two processors compute it, and what is published of both.
TWO_PROCESSORS, PUBLISHED = (1.9344357853680336, 1.934435785368034), 1.93443578537


@pytest.mark.parametrize("value", TWO_PROCESSORS)
def test_two_processors_publish_the_same(value: float, tmp_path: Path) -> None:
    numbers = Numbers("study")
    numbers.number("logrank", "row", "chi_square", "all", value=value, subjects="select 1")
    write_csv(tmp_path / "logrank.csv", pl.DataFrame({"chi_square": [value]}))
    assert numbers.values() == {"logrank.row.chi_square.all": PUBLISHED}
    assert (tmp_path / "logrank.csv").read_text() == f"chi_square\n{PUBLISHED}\n"


@pytest.mark.parametrize("value", [0.0, 322.0, 74.7, 33.5, 1e-300, 123456789012.0, -0.25, None])
def test_what_has_no_more_digits_stays(value: float | None) -> None:
    assert given(value) == value


def test_nothing_that_is_no_number_becomes_one(tmp_path: Path) -> None:
    write_csv(tmp_path / "km.csv", pl.DataFrame({"lower": [None, math.nan, 0.5]}))
    assert (tmp_path / "km.csv").read_text().splitlines() == ["lower", "", "", "0.5"]


def test_cells_of_an_earlier_version_are_compared_with_the_digits_of_this_one() -> None:
    cells = pl.Series("value", ["43.689320388349515", "1e-20", "0.00000123456789012345", "13", "123456789012345.0", "within rounding"])
    given_now = ["43.6893203883", "1e-20", "1.23456789012e-6", "13", "123456789012000", "within rounding"]
    assert [*cells_given(cells), *cells_given(pl.Series([None], dtype=pl.String))] == [*given_now, None]
