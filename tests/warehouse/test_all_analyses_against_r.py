"""Every analysis of one small registry, from the days of its women to what is stored, against R (tests/warehouse/r/all_analyses.R).

Who is in which arm from which day, and when her time ends, R works out for itself: not only the estimates agree.
"""

from __future__ import annotations

from typing import Any

import polars as pl
import pytest
from against_r import HERE, agree
from small_registry import INCIDENCE, SURVIVAL, Woman, registry, study

from schemas.study import Study
from warehouse import mart
from warehouse.numbers import Numbers
from warehouse.survival.estimate import estimate

CURVES, ARMS, RISK, TESTS = (
    pl.read_csv(HERE / "r" / f"all_analyses_{name}.csv", infer_schema_length=None) for name in ("curves", "arms", "risk", "tests")
)
SEEN = {"entry": "enrolment", "landmark_days": 180, "horizon_days": 1350}
DEATH = {"competing": "death", "label": "Death without it", "event": "vital_status_code = 'dead'", "end": ("death",)}
pytestmark = pytest.mark.slow  # a release of 170 women: half a second
KEY = ["analysis", "endpoint", "arm"]
STUDY = {
    "arms": (
        {"arm": "operated", "label": "Operated", "when": "has_metastasectomy", "decided": "metastasectomy"},
        {"arm": "staged", "label": "Staged", "when": "coalesce(stage_code = 'I', false)"},
        {"arm": "rest", "label": "The rest", "residual": True},
    ),
    "endpoints": (SURVIVAL | SEEN, INCIDENCE | SEEN | {"competing": (DEATH,)}),
    "analyses": ("as_published", "delayed_entry", "landmark", "time_dependent"),
    "comparisons": tuple({"endpoint": "survival", "arms": arms} for arms in (("operated", "rest"), ("operated", "staged", "rest"))),
    "confidence_interval": "log-log",
    "days_per_month": 30.4375,
    "ticks_months": (0, 12, 24, 36),
}


def _woman(row: dict[str, Any]) -> Woman:
    days = {"metastasectomy": row["operated_day"], "distant_recurrence": row["recurrence_day"]}
    events = [
        {"event_type_code": kind, "event": day, "event_no": place}
        for place, (kind, day) in enumerate(days.items(), start=1)
        if day is not None
    ]
    died = {"death": row["last_day"]} if row["is_dead"] else {}
    last = {"contact": row["last_day"], "vital_status_code": "dead" if died else "alive", **died}
    return {"treatment_start": 0, "enrolment": row["entry_day"], "stage_code": row["stage"], "events": events, "contacts": [last]}


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> dict[str, pl.DataFrame]:
    """What the study stores: file name (without .csv) to its rows."""
    women = pl.read_csv(HERE / "r" / "all_analyses_women.csv", infer_schema_length=None)
    con = registry(tmp_path_factory.mktemp("all_analyses"), *map(_woman, women.iter_rows(named=True)))
    made: Study = study(**STUDY)
    mart.build_mart(con, [made])
    return estimate(con, made, Numbers(made.study)).frames()


def test_stores_the_curves_of_r(found: dict[str, pl.DataFrame]) -> None:
    # R has no row before the first time, and ours is on day 0 before whoever leaves on it.
    first = pl.int_range(pl.len()).over([*KEY, "cause"]) > 0
    km = found["km"].with_columns(cause=pl.lit("")).rename({"survival": "value"})
    columns = [*KEY, "cause", "days", "at_risk", "events", "value", "se", "lower", "upper"]
    both = pl.concat([frame.select(columns) for frame in (km, found["cuminc"].rename({"incidence": "value"}))]).filter(first)
    theirs = CURVES.with_columns(pl.col("cause").fill_null(""), pl.col("days").cast(pl.Float64))
    joined = both.join(theirs, on=[*KEY, "cause", "days"], how="full", suffix="_of_r")
    assert joined.height == CURVES.height
    for name in ("at_risk", "events", "value", "se", "lower", "upper"):
        agree(joined[name].cast(pl.Float64), joined[f"{name}_of_r"].cast(pl.Float64))


def test_stores_the_counts_medians_and_follow_up_of_r(found: dict[str, pl.DataFrame]) -> None:
    joined = ARMS.join(found["survival"], on=KEY, how="left", suffix="_stored", maintain_order="left")
    assert joined["reason"].to_list() == [""] * ARMS.height
    pairs = {"n": "n_stored", "events": "events_stored", "median": "median_days", "lower": "lower_days", "upper": "upper_days"}
    for theirs, mine in (pairs | {"follow_up": "follow_up_median_days"}).items():
        agree(joined[mine].cast(pl.Float64), joined[theirs].cast(pl.Float64))


def test_counts_at_risk_at_months_that_are_no_whole_days(found: dict[str, pl.DataFrame]) -> None:
    mine = found["at_risk"].filter(pl.col("endpoint") == "survival")
    joined = RISK.join(mine, on=["analysis", "arm", "months"], how="left", suffix="_stored", maintain_order="left")
    assert joined["at_risk_stored"].to_list() == RISK["at_risk"].to_list()


def test_stores_the_tests_and_hazard_ratios_of_r(found: dict[str, pl.DataFrame]) -> None:
    tests = found["logrank"].with_columns(arm=pl.lit(None, pl.String), value="chi_square", lower=None, upper=None)
    ratios = found["cox"].filter(pl.col("reason") == "").with_columns(value="hazard_ratio", method=pl.lit("chi-square"))
    columns = ["analysis", "arms", "arm", "value", "lower", "upper", "p", "method"]
    both = pl.concat([frame.select(columns) for frame in (tests, ratios)], how="vertical_relaxed")
    theirs = TESTS.with_columns(pl.col("arms").str.replace_all("+", ", ", literal=True))
    joined = both.join(theirs, on=["analysis", "arms", "arm"], how="left", suffix="_of_r", nulls_equal=True)
    assert ratios.height == 3
    for name in ("value", "lower", "upper"):
        agree(joined[name].cast(pl.Float64), joined[f"{name}_of_r"].cast(pl.Float64))
    by_chi_square = joined.filter(pl.col("method") == "chi-square")
    assert by_chi_square.height > ratios.height
    agree(by_chi_square["p"], by_chi_square["p_of_r"].cast(pl.Float64))
