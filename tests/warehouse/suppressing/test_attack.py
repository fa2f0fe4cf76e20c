"""An attack on what is shared: every difference that a reader can take, of files of small registries drawn at random."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import cache
from itertools import combinations
from pathlib import Path
from random import Random

import polars as pl
import pytest
from reader_of_shared import counts, medians, narrow
from small_registry import SURVIVAL, Woman, held, registry, study

from warehouse.studies import publish_studies

MIN_CELL = 5
ENDPOINT = SURVIVAL | {"horizon_days": 1000, "estimators": ("kaplan_meier", "median_observed_time")}
AMONG = ENDPOINT | {"endpoint": "among", "among": "stage_code = 'I'", "horizon_days": None}
ARMS = (
    {"arm": "operated", "label": "Operated", "when": "has_metastasectomy"},
    {"arm": "recurred", "label": "Recurred", "when": "has_distant_recurrence"},
    {"arm": "rest", "label": "The rest", "residual": True},
)
MADE = study(
    min_cell=MIN_CELL,
    min_cell_reason=None,
    max_held_share=1,
    steps=(
        {"step": "delivered", "label": "Delivered", "keep": "true"},
        {"step": "staged", "label": "Staged", "keep": "stage_code is not null"},
        {"step": "followed", "label": "Followed", "keep": "contact is not null"},
    ),
    arms=ARMS,
    subgroups=({"arm": "rest", "subgroup": "early", "label": "Early", "when": "stage_code = 'I'"},),
    table_1=(
        {"variable": "stage", "label": "Stage", "level": "stage_code"},
        {"variable": "grade", "label": "Grade", "level": "grade_code"},
        {"variable": "nodes", "label": "Nodes", "value": "nodes_positive", "statistics": ("median", "min", "max", "mean")},
    ),
    endpoints=(ENDPOINT, AMONG),
    comparisons=({"endpoint": "survival", "arms": ("operated", "rest")},),
    ticks_months=(0, 12, 24, 36),
)
# Each of the others is a slow proof.
SEEDS = [0, *(pytest.param(seed, marks=pytest.mark.slow) for seed in range(1, 6))]


def women(seed: int) -> list[Woman]:
    draw = Random(seed)
    found: list[Woman] = []
    for number in range(draw.randint(40, 110)):
        kind = draw.choices(("metastasectomy", "distant_recurrence", None), (draw.choice((1, 4)), 6, 12))[0]
        day, dead = draw.randint(0, 1300), draw.random() < draw.choice((0.1, 0.5, 0.9))
        contact = {"contact": day, "vital_status_code": "dead" if dead else "alive"} | ({"death": day} if dead else {})
        made: dict[str, object] = {
            "treatment_start": 0,
            "stage_code": draw.choices(("I", "IIB", "IIIA", None), (8, 6, 3, 1))[0],
            "grade_code": draw.choices(("1", "2", None), (4, 4, 1))[0],
            "nodes_positive": draw.choice((0, 1, 2, None)),
            "events": [{"event_type_code": kind, "event": 1}] if kind else [],
            "contacts": [contact] if number % 20 else [],
        }
        found.append(made)
    return found


@pytest.fixture(scope="module")
def releases(tmp_path_factory: pytest.TempPathFactory) -> Callable[[int], Path]:
    """The release of each seed, published once; the tests only read it."""

    @cache
    def made(seed: int) -> Path:
        folder = tmp_path_factory.mktemp(f"seed_{seed}")
        with registry(folder, *women(seed), findings=pl.concat([held(40 + n) for n in range(seed)] or [held(1)])) as con:
            publish_studies(con, [MADE], folder / "share", folder / "internal", is_simulated=False)
        return folder

    return made


@pytest.fixture(params=SEEDS)
def release(request: pytest.FixtureRequest, releases: Callable[[int], Path]) -> Path:
    return releases(request.param)


def read(release: Path, name: str, side: str = "share") -> list[dict[str, object]]:
    return pl.read_csv(release / side / "studies" / "small" / f"{name}.csv", infer_schema_length=None).rows(named=True)


def telling(values: Mapping[str, int], parts: Mapping[str, int]) -> Iterator[int]:
    """A whole with shown parts: what is left when any of the parts are taken off."""
    for whole in values.values():
        for size in range(len(parts) + 1):
            yield from (whole - sum(taken) for taken in combinations(parts.values(), size))


def safe(n: int) -> bool:
    return n <= 0 or n >= MIN_CELL  # below 0: parts that are no parts of that whole


def number(cell: object) -> int:
    return int(float(str(cell)))


def by_arm(rows: list[dict[str, object]], key: str, value: str) -> dict[object, dict[str, int]]:
    found: dict[object, dict[str, int]] = {}
    for row in rows:
        if row[value] is not None:
            found.setdefault(row[key], {})[str(row["arm"])] = number(row[value])
    return found


def test_tells_no_small_step_arm_or_group(release: Path) -> None:
    rows = [row for row in read(release, "cohort_counts") if row["n"] is not None]
    for row in rows:
        assert safe(number(row["n"]))
        children = {
            f"{r['step']}.{r['arm']}": number(r["n"]) for r in rows if r["parent"] == row["step"] and row["arm"] in ("all", r["arm"])
        }
        groups = {name: n for name, n in children.items() if name != "analysed.all"}
        assert all(safe(left) for left in telling({"": number(row["n"])}, groups)), row["step"]
    steps = [number(r["n"]) for r in rows if r["arm"] == "all" and "." not in str(r["step"]) and r["step"] != "held"]
    left = sum(number(r["n"]) for r in rows if str(r["step"]).endswith(".left") or (r["step"], r["arm"]) == ("held", "all"))
    assert all(safe(a - b) for a, b in combinations(steps, 2))
    assert safe(max(steps) - min(steps) - left)


def test_tells_no_small_level_of_table_1(release: Path) -> None:
    arms = {str(r["arm"]): number(r["n"]) for r in read(release, "cohort_counts") if r["step"] == "analysed" and r["n"] is not None}
    rows = [row | {"row": f"{row['variable']} {row['level']} {row['statistic']}"} for row in read(release, "table_1")]
    counts = [row for row in rows if row["statistic"] in ("n", "missing")]
    for shown in by_arm(counts, "row", "value").values():
        parts = {arm: n for arm, n in shown.items() if arm != "all"}
        assert all(safe(n) for n in shown.values())
        assert safe(shown["all"] - sum(parts.values())) if "all" in shown else True
    for variable in {row["variable"] for row in counts}:
        for arm, whole in arms.items():
            shown = [number(r["value"]) for r in counts if (r["variable"], r["arm"]) == (variable, arm) and r["value"] is not None]
            assert safe(whole - sum(shown)), (variable, arm)
            percents = [
                r for r in rows if (r["variable"], r["arm"], r["statistic"]) == (variable, arm, "percent") and r["value"] is not None
            ]
            assert not percents or safe(whole - round(_total(percents, counts, arm)))
    assert not [row for row in rows if row["statistic"] in ("min", "max") and row["value"] is not None]


def _total(percents: list[dict[str, object]], counts: list[dict[str, object]], arm: str) -> float:
    """The known women that a percentage beside its count tells."""
    for row in percents:
        n = next(
            c["value"]
            for c in counts
            if (c["variable"], c["level"], c["arm"], c["statistic"]) == (*[row[k] for k in ("variable", "level")], arm, "n")
        )
        if n and row["value"]:
            return 100 * float(str(n)) / float(str(row["value"]))
    return 0.0


@pytest.mark.parametrize("endpoint", ["survival", "among"])
def test_tells_no_small_number_of_women_events_or_women_at_risk(release: Path, endpoint: str) -> None:
    arms = {str(r["arm"]): number(r["n"]) for r in read(release, "cohort_counts") if r["step"] == "analysed" and r["n"] is not None}
    for row in (row for row in read(release, "survival") if row["endpoint"] == endpoint):
        assert row["arm"] in arms  # whose women are not shown stands in no row
        if row["n"] is not None:
            assert safe(number(row["n"]))
            assert safe(arms[str(row["arm"])] - number(row["n"]))
        if row["n"] is not None and row["events"] is not None:
            assert safe(number(row["events"]))
            assert safe(number(row["n"]) - number(row["events"]))
        assert row["min_days"] is row["max_days"] is None
    _differences(_cumulative(release, endpoint))
    _differences(by_arm([r for r in read(release, "at_risk") if r["endpoint"] == endpoint], "months", "at_risk"))


def _cumulative(release: Path, endpoint: str) -> dict[object, dict[str, int]]:
    """Events up to each tick at which S(t) is shown: taken from the exact curve, as if S(t) told them."""
    exact = [r for r in read(release, "km", "internal") if r["endpoint"] == endpoint]
    found: dict[object, dict[str, int]] = {}
    for row in read(release, "km"):
        if row["endpoint"] == endpoint and row["survival"] is not None:
            assert row["survival"] == round(float(str(row["survival"])), 2)
            assert row["at_risk"] is not None, "with its standard error S(t) tells how many were left"
            days = float(str(row["days"]))
            up_to = [number(r["events"]) for r in exact if r["arm"] == row["arm"] and float(str(r["days"])) <= days]
            found.setdefault(days, {})[str(row["arm"])] = sum(up_to)
    return found


def _differences(shown: Mapping[object, Mapping[str, int]]) -> None:
    """Between ticks, and between all and the arms that are shown, at a tick and between two."""
    for arms in shown.values():
        assert all(safe(n) for n in arms.values())
        if "all" in arms:
            assert safe(arms["all"] - sum(n for arm, n in arms.items() if arm != "all"))
    for one, other in combinations(shown.values(), 2):
        change = {arm: abs(n - other[arm]) for arm, n in one.items() if arm in other}
        assert all(safe(n) for n in change.values())
        if "all" in change and set(one) == set(other):
            assert safe(change["all"] - sum(n for arm, n in change.items() if arm != "all"))


def test_tells_no_small_count_by_all_tables_together(release: Path) -> None:
    shown, exact = counts(release, "share"), counts(release, "internal")
    assert sum(value is not None for _, value in shown.values()) > 30  # most are shown, else nothing could be told
    assert narrow(shown, exact, MIN_CELL, medians(release)) == {}


@pytest.mark.slow
def test_sees_what_two_tables_tell_that_count_the_same_women(releases: Callable[[int], Path]) -> None:
    # the attack itself: it is stage I that an endpoint is `among`, so beside the endpoint a small level stands open
    shown, exact = counts(releases(1), "share"), counts(releases(1), "internal")
    small = {name: cells for name, (cells, n) in exact.items() if name[:2] == ("table_1", "I") and n is not None and 0 < n < MIN_CELL}
    told = {("n", "among", name[2], True): (cells, exact[name][1]) for name, cells in small.items()}
    assert small
    assert narrow(shown | told, exact, MIN_CELL).keys() >= small.keys()


def test_shares_no_day_on_which_something_happened(release: Path) -> None:
    ticks = {0.0, 360.0, 720.0, 1080.0}
    rows = read(release, "km")
    assert rows
    for row in rows:
        assert float(str(row["days"])) in ticks
        assert f"_month_{number(row['days']) // 30}." in str(row["number_id"])
