"""The median follow-up: how long women were followed, whatever the day at which a curve is cut."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import polars as pl
import pytest
from small_registry import SURVIVAL, Woman, registry, study

from warehouse.studies import publish_studies

# Of five women two died, on days 300 and 900; three were followed for 500, 700 and 1,100 days.
LEFT = ((300, True), (500, False), (700, False), (900, True), (1100, False))
RELAPSE: dict[str, Any] = {
    "end": ("recurrence",),
    "censored": ("contact",),
    "event": "has_recurrence",
    "competing": ({"competing": "death", "label": "Death", "event": "vital_status_code = 'dead'", "end": ("death",)},),
    "estimators": ("aalen_johansen",),
}


def woman(day: int, *, is_dead: bool) -> Woman:
    contact = {"contact": day, "vital_status_code": "dead" if is_dead else "alive"} | ({"death": day} if is_dead else {})
    return {"treatment_start": 0, "contacts": [contact]}


@pytest.mark.parametrize("horizon", [None, 600, 720])
@pytest.mark.parametrize("parts", [{}, RELAPSE], ids=["survival", "competing"])
def test_is_that_of_all_that_was_seen_of_them_and_not_cut_at_the_horizon(
    tmp_path: Path, parts: dict[str, Any], horizon: int | None
) -> None:
    # reverse Kaplan-Meier: at 500 3/4 are still followed, at 700 (3/4)(2/3) = 1/2, at 1,100 nobody: the middle is (700 + 1100) / 2
    made = study(endpoints=(SURVIVAL | parts | {"horizon_days": horizon},))
    with registry(tmp_path, *(woman(day, is_dead=dead) for day, dead in LEFT)) as con:
        publish_studies(con, [made], tmp_path / "share", tmp_path / "internal", is_simulated=False)
    found = pl.read_csv(tmp_path / "share" / "studies" / "small" / "survival.csv", infer_schema_length=None)
    assert found.filter(pl.col("arm") == "all")["follow_up_median_days"].to_list() == [900]
