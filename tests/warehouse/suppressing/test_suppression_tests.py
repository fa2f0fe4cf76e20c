"""Log-rank tests that would tell how many of a few women are left at a tick."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import polars as pl
import pytest
from small_registry import SURVIVAL, Woman, registry, study

from warehouse.studies import publish_studies
from warehouse.suppressing.survival import ORDER

DAYS = {True: (60, 100, 170, 200, 300, 400), False: (90, 150, 250, 350, 450, 500, 600)}
COMPARED = {"endpoint": "survival", "arms": ("operated", "rest")}


def women() -> list[Woman]:
    return [
        {
            "treatment_start": 0,
            "events": [{"event_type_code": "metastasectomy", "event": 1}] if is_operated else [],
            "contacts": [{"contact": day, "vital_status_code": "dead", "death": day}],
        }
        for is_operated, days in DAYS.items()
        for day in days
    ]


def shared_test(folder: Path, endpoint: dict[str, Any], found: list[Woman], ticks: tuple[int, ...]) -> tuple[float | None, str]:
    """Chi-square as it is shared, and the reason."""
    made = study(min_cell=5, endpoints=(endpoint,), comparisons=(COMPARED,), ticks_months=ticks)
    with registry(folder, *found) as con:
        publish_studies(con, [made], folder / "share", folder / "internal", is_simulated=False)
    row = pl.read_csv(folder / "share" / "studies" / "small" / "logrank.csv").row(0, named=True)
    return row["chi_square"], row["reason"] or ""


@pytest.mark.parametrize(
    ("ticks", "expected"),
    [
        # of 6 and 7 women, all of whom died, chi-square is made of nothing but their order: it tells the 3 and 5 left after 180 days
        ((0, 6, 24), (None, ORDER.format(subjects="women"))),
        # at the ticks all and nobody are left, which stands: nothing is hidden that it could tell (2.5322 by hand)
        ((0, 24), (2.53, "")),
    ],
)
def test_shares_no_test_that_tells_who_is_left_at_a_tick(tmp_path: Path, ticks: tuple[int, ...], expected: object) -> None:
    assert shared_test(tmp_path, SURVIVAL, women(), ticks) == expected


@pytest.mark.parametrize(
    ("ends", "expected"),
    [
        # six of each arm outlive the horizon: before it nobody is censored, and chi-square is made of the order of the 13 deaths alone
        pytest.param((2000,) * 6, (None, ORDER.format(subjects="women")), id="all reach the horizon"),
        # the six who are operated are censored in the midst of the others: where, a chi-square (2.899 by hand) does not tell
        pytest.param((110, 155, 210, 270, 330, 390), (2.9, ""), id="six are censored before"),
    ],
)
def test_takes_who_reaches_the_horizon_for_not_censored(tmp_path: Path, ends: tuple[int, ...], expected: object) -> None:
    late: list[Woman] = [
        {
            "treatment_start": 0,
            "events": [{"event_type_code": "metastasectomy", "event": 1}] if is_operated else [],
            "contacts": [{"contact": day, "vital_status_code": "alive"}],
        }
        for is_operated, days in ((True, ends), (False, (2000,) * 6))
        for day in days
    ]
    assert shared_test(tmp_path, SURVIVAL | {"horizon_days": 720}, [*women(), *late], (0, 6, 24)) == expected
