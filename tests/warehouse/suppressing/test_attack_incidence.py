"""An attack on the cumulative incidence that is shared: differences between ticks, causes and arms, of registries drawn at random."""

from __future__ import annotations

from itertools import combinations
from pathlib import Path
from random import Random

import polars as pl
import pytest
from small_registry import INCIDENCE, Woman, registry, study

from warehouse.studies import publish_studies

MIN_CELL = 5
TICKS = (0, 12, 24, 36)
ARMS = (
    {"arm": "early", "label": "Early", "when": "stage_code = 'I'"},
    {"arm": "middle", "label": "Middle", "when": "stage_code = 'IIB'"},
    {"arm": "rest", "label": "The rest", "residual": True},
)
CANCER, OTHER = (f"vital_status_code = 'dead' and cause_of_death_code = '{cause}'" for cause in ("breast_cancer", "other"))
MADE = study(
    min_cell=MIN_CELL,
    min_cell_reason=None,
    arms=ARMS,
    ticks_months=TICKS,
    endpoints=(
        INCIDENCE
        | {
            "competing": (
                {"competing": "cancer", "label": "Death of it", "event": CANCER, "end": ("death",)},
                {"competing": "other", "label": "Death of other", "event": OTHER, "end": ("death",)},
            ),
        },
    ),
)
CAUSES = ("event", "cancer", "other")


def woman(draw: Random, shares: tuple[int, ...]) -> Woman:
    """One of the causes ends her time, or she leaves."""
    fate = draw.choices((*CAUSES, None), shares)[0]
    day = draw.randint(1, 1300)
    dead = {"vital_status_code": "dead", "death": day, "cause_of_death_code": "breast_cancer" if fate == "cancer" else "other"}
    alive = {"vital_status_code": "alive"}
    return {
        "treatment_start": 0,
        "stage_code": draw.choices(("I", "IIB", "IIIA"), (8, 5, 3))[0],
        "events": [{"event_type_code": "distant_recurrence", "event": day}] if fate == "event" else [],
        "contacts": [{"contact": day + (1 if fate == "event" else 0)} | (dead if fate in CAUSES[1:] else alive)],
    }


def release(folder: Path, seed: int) -> tuple[pl.DataFrame, pl.DataFrame]:
    """cuminc.csv as it is shared, and the exact one."""
    folder.mkdir(exist_ok=True)
    draw = Random(seed)
    shares = (draw.choice((2, 8)), draw.choice((1, 6)), draw.choice((1, 6)), 6)
    with registry(folder, *(woman(draw, shares) for _ in range(draw.randint(100, 500)))) as con:
        publish_studies(con, [MADE], folder / "share", folder / "internal", is_simulated=False)
    shared, exact = (folder / side / "studies" / "small" / "cuminc.csv" for side in ("share", "internal"))
    return tuple(pl.read_csv(file, infer_schema_length=None) for file in (shared, exact))  # type: ignore[return-value]  # two of them


def had(exact: pl.DataFrame, arm: str, cause: str, days: float) -> int:
    """The events of a cause up to a day."""
    return int(exact.filter(pl.col("arm") == arm, pl.col("cause") == cause, pl.col("days") <= days)["events"].sum())


def safe(n: int) -> bool:
    return n <= 0 or n >= MIN_CELL


# Where there are many something is shown; each of the others is a slow proof.
MANY, *OTHERS = 4, 1, 2, 3


@pytest.mark.parametrize("seed", [MANY, *(pytest.param(seed, marks=pytest.mark.slow) for seed in OTHERS)])
def test_tells_no_small_number_of_events(tmp_path: Path, seed: int) -> None:
    shared, exact = release(tmp_path, seed)
    assert seed != MANY or shared.drop_nulls("incidence").filter(pl.col("days") > 0).height
    assert shared.height and set(shared["days"]) <= {months * 30 for months in TICKS}
    for arm, cause, events in shared.drop_nulls("events").select("arm", "cause", "events").iter_rows():
        assert safe(events), (arm, cause)
    told = shared.drop_nulls("incidence")
    for arm, days in told.select("arm", "days").iter_rows():
        assert all(safe(had(exact, arm, cause, days)) for cause in CAUSES), (arm, days)
    for (cause,), rows in told.group_by("cause"):
        known: dict[float, dict[str, int]] = {}
        for arm, days in rows.select("arm", "days").iter_rows():
            known.setdefault(days, {})[arm] = had(exact, arm, str(cause), days)
        for days, arms in known.items():
            parts = [n for arm, n in arms.items() if arm != "all"]
            assert all(safe(n) for n in arms.values()), (cause, days)
            for size in range(len(parts) + 1):  # the whole less any of its arms
                assert all(safe(arms.get("all", 0) - sum(taken)) for taken in combinations(parts, size)), (cause, days)
