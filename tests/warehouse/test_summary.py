"""Summary statistics of counted values."""

from __future__ import annotations

import statistics

import pytest
from hypothesis import given
from hypothesis import strategies as st

from warehouse.summary import half_up, printed, rounded, summarise, two_digits

VALUES = st.lists(st.integers(-1000, 10_000), min_size=1, max_size=30)


def counted(values: list[int]) -> tuple[list[float], list[int]]:
    distinct = sorted(set(values))
    return [float(value) for value in distinct], [values.count(value) for value in distinct]


@given(VALUES)
def test_agrees_with_the_values_one_by_one(values: list[int]) -> None:
    assert summarise(*counted(values), "median") == statistics.median(values)
    assert summarise(*counted(values), "mean") == pytest.approx(statistics.fmean(values))
    assert (summarise(*counted(values), "min"), summarise(*counted(values), "max")) == (min(values), max(values))


@given(VALUES.filter(lambda values: len(values) > 1))
def test_takes_quartiles_and_sd_as_r_does(values: list[int]) -> None:
    q1, _, q3 = statistics.quantiles(values, n=4, method="inclusive")
    assert (summarise(*counted(values), "q1"), summarise(*counted(values), "q3")) == pytest.approx((q1, q3))
    assert summarise(*counted(values), "sd") == pytest.approx(statistics.stdev(values), abs=1e-9)


def test_knows_nothing_of_nobody_and_no_spread_of_one() -> None:
    assert summarise([], [], "median") is None
    assert summarise([3.0], [1], "sd") is None


@pytest.mark.parametrize(("value", "decimals", "text"), [(12.815, 2, "12.82"), (0.125, 2, "0.13"), (25, 1, "25.0"), (-0.05, 1, "-0.1")])
def test_rounds_half_up_by_the_decimal_spelling(value: float, decimals: int, text: str) -> None:
    assert rounded(value, decimals) == text


@pytest.mark.parametrize(
    ("values", "statistic", "decimals", "text"),
    [
        # each lies half-way between two printed numbers, and a floating-point sum just below: 44.349999999999994
        ([36.9, 51.8], "mean", 1, "44.4"),
        ([97.8, 114.1], "mean", 1, "106.0"),
        ([4.73, 85.22], "median", 2, "44.98"),
        ([0.7, 38.6], "q1", 2, "10.18"),
        ([140.37, 141.07], "q3", 2, "140.90"),
    ],
)
def test_what_lies_half_way_is_printed_upwards(values: list[float], statistic: str, decimals: int, text: str) -> None:
    made = summarise(values, [1] * len(values), statistic)
    assert made is not None
    assert rounded(made, decimals) == text


@pytest.mark.parametrize(("value", "text"), [(770.0, "770"), (384.5, "384.5"), (0.0, "0"), (100.0, "100")])
def test_prints_no_decimals_that_say_nothing(value: float, text: str) -> None:
    assert printed(value) == text


@pytest.mark.parametrize(("value", "shared"), [(0.125, 0.13), (0.625, 0.63), (0.445, 0.45), (0.84, 0.84), (1.0, 1.0), (None, None)])
def test_a_shared_probability_is_rounded_as_it_is_printed(value: float | None, shared: float | None) -> None:
    assert half_up(value, 2) == shared


@pytest.mark.parametrize(("p", "shared"), [(0.0625, 0.063), (0.0135, 0.014), (0.125, 0.13), (0.996, 1.0), (0.0, 0.0), (2.35e-9, 2.4e-9)])
def test_a_shared_p_value_has_two_digits_half_up(p: float, shared: float) -> None:
    assert two_digits(p) == shared
