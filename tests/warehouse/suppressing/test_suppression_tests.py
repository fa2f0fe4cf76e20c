"""Log-rank tests that would tell how many of a few women are left at a tick."""

from __future__ import annotations

from pathlib import Path

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
    made = study(min_cell=5, endpoints=(SURVIVAL,), comparisons=(COMPARED,), ticks_months=ticks)
    with registry(tmp_path, *women()) as con:
        publish_studies(con, [made], tmp_path / "share", tmp_path / "internal", is_simulated=False)
    row = pl.read_csv(tmp_path / "share" / "studies" / "small" / "logrank.csv").row(0, named=True)
    assert (row["chi_square"], row["reason"] or "") == expected
