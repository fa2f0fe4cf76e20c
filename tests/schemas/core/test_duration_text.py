"""Delivered numbers become intervals of whole days."""

from __future__ import annotations

import polars as pl
import pytest
import reference_text as reference

from schemas.core.duration_text import parse_durations

Days = tuple[int | None, int | None, str | None]
ABSURD: Days = (None, None, "absurd")


def days(text: str | None, unit: str = "months", length: float | None = 30, rounded_to: float | None = None) -> Days:
    return parse_durations(pl.Series([text], dtype=pl.String), unit, length, rounded_to).row(0)[1:]  # type: ignore[arg-type, return-value]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("14.10", (423, 423, None)), ("25.67", (770, 770, None)), ("303.17", (9095, 9095, None)), ("0", (0, 0, None)),
        ("0.05", (2, 2, None)),  # 1.5 days: halves go up
        ("1.01666666666666", (30, 30, None)),  # 30.4999… days stay below the half
        ("14,10", (423, 423, None)), ("1,234", (None, None, "not_understood")),
        ("<=1", (0, 30, None)), ("≤ 1", (0, 30, None)), ("<1", (0, 29, None)), (">=2", (60, None, None)), (">2", (61, None, None)),
        ("-1", ABSURD), ("<0", ABSURD), ("1827", ABSURD), ("9" * 30, ABSURD), ("1826", (54780, 54780, None)),
        ("six", (None, None, "not_understood")), (".", (None, None, "not_understood")), (None, (None, None, None)),
        (" ", (None, None, None)),
    ],
)  # fmt: skip
def test_reads_durations_in_whole_days(text: str | None, expected: Days) -> None:
    assert days(text) == expected


def test_reads_a_rounded_number_as_half_a_step_either_way() -> None:
    assert days("6", rounded_to=1) == (165, 195, None)
    assert days("0", rounded_to=1) == (0, 15, None)
    assert days("<=1", rounded_to=1) == (0, 45, None)
    # 14.10 +- 0.005 months are 422.85 to 423.15 days: one whole day lies between
    assert days("14.10", rounded_to=0.01) == (423, 423, None)


def test_knows_the_length_of_each_unit() -> None:
    assert days("3", "days", None) == (3, 3, None)
    assert days("2", "weeks", None) == (14, 14, None)
    assert days("5", "years", 30) == (1800, 1800, None)
    assert days("4", "years", None) == (1461, 1461, None)
    assert days("1", "months", 30.4375) == (30, 30, None)
    with pytest.raises(ValueError, match="days_per_month"):
        days("1", "months", None)


def test_agrees_with_decimal_arithmetic() -> None:
    texts = [f"{number / 100:.2f}" for number in range(0, 40_000, 7)]
    for length in ("30", "30.4375"):
        got = parse_durations(pl.Series(texts), "months", length)["earliest_days"].to_list()
        assert got == [reference.one_duration(text, length) for text in texts]
