"""The permutation of the log-rank chi-square against every deal of a few women, by R (numbers and script in tests/warehouse/r/)."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest
from against_r import HERE

from warehouse.survival.logrank import logrank
from warehouse.survival.permutation import DRAWS, PERMUTATION, permutation_p

CASES = pl.read_csv(HERE / "r" / "permutation_cases.csv")
TESTS = pl.read_csv(HERE / "r" / "permutation_tests.csv")
# Of a share that is drawn so often, four times its greatest standard deviation.
BY_CHANCE = 4 * (0.25 / DRAWS) ** 0.5


def women(case: str) -> pl.DataFrame:
    rows = CASES.filter(pl.col("case") == case)
    return rows.select("arm", pl.lit(0).alias("entry_days"), "days", pl.col("is_event").cast(pl.Boolean), pl.lit(1, pl.Int64).alias("n"))


@pytest.mark.parametrize(("case", "chi_square", "p"), TESTS.select("case", "chi_square", "p").rows())
def test_is_the_share_of_all_deals_with_a_greater_chi_square(case: str, chi_square: float, p: float) -> None:
    found = logrank(women(case))
    assert found is not None
    assert found.chi_square == pytest.approx(chi_square, rel=1e-9)
    assert found.method == PERMUTATION
    assert found.p == pytest.approx(p, abs=BY_CHANCE)


def test_deals_a_hundred_times_as_many_women_as_it_deals_few() -> None:
    many = women("ties").with_columns(n=pl.lit(100, pl.Int64))
    assert permutation_p(many, draws=200) < 0.01
    assert permutation_p(women("ties"), draws=200) > 0.05


def test_gives_the_same_p_value_twice_whatever_the_order_of_the_rows() -> None:
    assert permutation_p(women("three_arms"), draws=200) == permutation_p(women("three_arms").reverse(), draws=200)


def drawn(rng: np.random.Generator, follow_up: tuple[int, int]) -> pl.DataFrame:
    """13 and 200 women of one hazard, of whom each arm is followed for another time."""
    sizes = (13, 200)
    death = rng.exponential(1000, sum(sizes))
    end = np.concatenate([rng.uniform(0, most, size) for most, size in zip(follow_up, sizes, strict=True)])
    arm = ["few"] * sizes[0] + ["many"] * sizes[1]
    return pl.DataFrame({"arm": arm, "days": np.ceil(np.minimum(death, end)).astype(int), "is_event": death <= end, "n": [1] * sum(sizes)})


@pytest.mark.slow
@pytest.mark.parametrize("follow_up", [(400, 3000), (3000, 400), (1500, 1500)])
def test_finds_a_difference_by_chance_in_about_5_of_100_though_one_arm_is_followed_longer(follow_up: tuple[int, int]) -> None:
    """Observed minus expected events, permuted without their variance, find one in 0, 11 and 6 of 100."""
    rng = np.random.default_rng(7)
    found = [permutation_p(drawn(rng, follow_up), draws=300) <= 0.05 for _ in range(600)]
    assert 0.02 < np.mean(found) < 0.08
