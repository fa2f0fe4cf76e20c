"""An attack on what several analyses share of the same women: every difference of the counts shown, of small registries drawn at random."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from itertools import combinations
from pathlib import Path
from random import Random

import duckdb
import polars as pl
import pytest
from _pytest.mark.structures import ParameterSet
from small_registry import SURVIVAL, Woman, registry, rows, study
from test_competing import RECURRENCE

from schemas.study import Study
from warehouse.explain import subjects
from warehouse.studies import publish_studies

MIN_CELL = 5
ANALYSES = ("as_published", "delayed_entry", "landmark")
MADE = study(
    min_cell=MIN_CELL,
    min_cell_reason=None,
    arms=(
        {"arm": "operated", "label": "Operated", "when": "has_metastasectomy", "decided": "metastasectomy"},
        {"arm": "rest", "label": "The rest", "residual": True},
    ),
    endpoints=(SURVIVAL | {"entry": "enrolment", "landmark_days": 180, "horizon_days": 720},),
    analyses=ANALYSES,
    comparisons=({"endpoint": "survival", "arms": ("operated", "rest")},),
    ticks_months=(0, 6, 12, 18, 24),
)
# The same with events that compete, and a data cut-off in the third year.
LATE = {"entry": "enrolment", "landmark_days": 180, "horizon_days": 720}
CUT = MADE.model_copy(
    update={"endpoints": study(endpoints=(RECURRENCE | LATE,)).endpoints, "comparisons": (), "data_cut_off": date(2012, 6, 30)}
)
# The same where a woman changes her arm on the day it is decided.
CHANGING = MADE.model_copy(update={"analyses": ("as_published", "delayed_entry", "time_dependent")})
STUDIES = (MADE, CUT, CHANGING)


def on_calendar(seed: int) -> Iterator[Woman]:
    """The women with calendar dates: they begin within four years, and some have a recurrence."""
    draw = Random(seed)
    for woman in women(seed):
        start = date(2010, 1, 1) + timedelta(days=draw.choice((0, draw.randint(0, 700), draw.randint(600, 1200))))
        last = int(str(woman["contacts"][0]["contact"]))  # type: ignore[index]  # a list of records
        events = [*woman["events"]]  # type: ignore[misc]
        if last > 1 and draw.random() < 0.4:
            events.append({"event_type_code": "distant_recurrence", "event": draw.randint(1, last - 1)})
        yield _dated(woman | {"events": events}, start)


def _dated(record: object, start: date) -> object:
    """Days since the start as dates."""
    if isinstance(record, dict):
        return {key: _dated(value, start) for key, value in record.items()}
    if isinstance(record, list):
        return [_dated(value, start) for value in record]
    return str(start + timedelta(days=record)) if isinstance(record, int) else record


def women(seed: int) -> Iterator[Woman]:
    draw = Random(seed)
    for _ in range(draw.randint(60, 140)):
        day, dead = draw.randint(20, 1000), draw.random() < draw.choice((0.3, 0.8))
        operated = draw.randint(1, 700) if draw.random() < draw.choice((0.2, 0.6)) else day
        events = [{"event_type_code": "metastasectomy", "event": operated}] if operated < day else []
        contact = {"contact": day, "vital_status_code": "dead" if dead else "alive"} | ({"death": day} if dead else {})
        enrolled = draw.choice((-10, 0, 0, 0, draw.randint(1, 300)))
        yield {"treatment_start": 0, "enrolment": enrolled, "events": events, "contacts": [contact]}


class Release:
    def __init__(self, folder: Path, seed: int, made: Study = MADE) -> None:
        self.folder, self.made = folder / "share" / "studies" / "small", made
        self.con: duckdb.DuckDBPyConnection = registry(folder, *(on_calendar(seed) if made is CUT else women(seed)))
        publish_studies(self.con, [made], folder / "share", folder / "internal", is_simulated=False)

    def read(self, name: str) -> list[dict[str, object]]:
        return pl.read_csv(self.folder / f"{name}.csv", infer_schema_length=None).rows(named=True)

    def behind(self, name: object) -> frozenset[int]:
        return frozenset(subjects(self.con, str(name)))

    def shown(self) -> dict[str, frozenset[int]]:
        """The women behind every count that the files show."""
        found = {str(row["number_id"]): self.behind(row["number_id"]) for row in self.read("at_risk") if row["at_risk"] is not None}
        for row in self.read("survival"):
            for column in ("n", "events", "left_out"):
                name = str(row["number_id"]).replace(".median_days.", f".{column}.")
                if row[column] is not None and not (column == "left_out" and row["analysis"] == "as_published"):
                    found[name] = self.behind(name)
        for row in self.read("cohort_counts"):
            if row["n"] is not None:
                found[str(row["number_id"])] = self.behind(row["number_id"])
        return found | self._dead()

    def _dead(self) -> dict[str, frozenset[int]]:
        """The women with the event (of each cause) up to each tick at which a curve is shown, as if it told them."""
        found = {}
        shown = [row | {"cause": "event"} for row in self.read("km") if row["survival"] is not None]
        if self.made is CUT:
            shown = [row for row in self.read("cuminc") if row["incidence"] is not None]
        for row in shown:
            begins = 180 if row["analysis"] == "landmark" else 0
            arm = f"arm = '{row['arm']}'"
            of = f"mart_time_in_analysis where analysis = '{row['analysis']}' and risk_state = 'at_risk' and {arm}"
            if row["analysis"] == "as_published":
                of = f"mart_time_to_event where {'true' if row['arm'] == 'all' else arm}"
            dead = rows(
                self.con, f"select patient_key from {of} and cause = '{row['cause']}' and point_days <= {float(str(row['days'])) + begins}"
            )
            found[f"dead {row['number_id']}"] = frozenset(key for (key,) in dead)
        return found


@pytest.fixture(scope="module")
def releases(tmp_path_factory: pytest.TempPathFactory) -> Callable[[Study, int], Release]:
    """The release of each study and seed, published once; the tests only read it."""
    made: dict[tuple[int, int], Release] = {}

    def of(study: Study, seed: int) -> Release:
        asked = (STUDIES.index(study), seed)
        if asked not in made:
            made[asked] = Release(tmp_path_factory.mktemp("{}_{}".format(*asked)), seed, study)
        return made[asked]

    return of


def more(*cases: tuple[Study, int]) -> list[ParameterSet]:
    """Cases that are attacked as slow proofs."""
    return [pytest.param(*case, marks=pytest.mark.slow) for case in cases]


ATTACKED = [(CUT, 1), *more(*((made, seed) for made in STUDIES for seed in range(4) if (made, seed) != (CUT, 1)))]


@pytest.mark.parametrize(("made", "seed"), ATTACKED)
def test_tells_no_few_women_by_any_difference(releases: Callable[[Study, int], Release], made: Study, seed: int) -> None:
    release = releases(made, seed)
    shown = release.shown()
    analyses = {row.rpartition(f"_{made.endpoints[0].endpoint}")[0] for row in (name.split(".")[2] for name in shown)}
    assert analyses >= {"as_published", "delayed_entry"}
    sets = sorted({women for women in shown.values() if women}, key=len)
    assert all(len(women) >= MIN_CELL for women in sets)
    for part, whole in combinations(sets, 2):
        if part < whole:
            assert len(whole - part) >= MIN_CELL, (seed, _named(shown, whole), _named(shown, part))
    for one, other in combinations(sets, 2):
        for whole in sets if not one & other else ():
            if one | other < whole:
                told = _named(shown, whole), _named(shown, one), _named(shown, other)
                assert len(whole) - len(one) - len(other) >= MIN_CELL, (seed, *told)


def _named(shown: dict[str, frozenset[int]], women: frozenset[int]) -> str:
    return next(name for name, found in shown.items() if found == women)


@pytest.mark.slow
@pytest.mark.parametrize(("made", "seed"), [(CUT, 1), *more((MADE, 0), (MADE, 1), (CUT, 0))])
def test_shows_what_is_published_as_it_would_alone(
    releases: Callable[[Study, int], Release], tmp_path: Path, made: Study, seed: int
) -> None:
    (tmp_path / "alone").mkdir()
    both = releases(made, seed)
    alone = registry(tmp_path / "alone", *(women(seed) if made is MADE else on_calendar(seed)))
    folder = tmp_path / "alone" / "share"
    publish_studies(alone, [made.model_copy(update={"analyses": ("as_published",)})], folder, tmp_path / "in", is_simulated=False)
    for name in ("km", "survival", "at_risk", "logrank", *(("cuminc",) if made is CUT else ())):
        path = folder / "studies" / "small" / f"{name}.csv"
        assert [row for row in both.read(name) if row["analysis"] == "as_published"] == pl.read_csv(path, infer_schema_length=None).rows(
            named=True
        )


PUBLISH = """
import sys; from pathlib import Path; sys.path[:0] = sys.argv[2:]
from test_attack_analyses import MADE, Release
Release(Path(sys.argv[1]), 0, MADE)
"""


@pytest.mark.slow
def test_hides_the_same_in_every_process(tmp_path: Path) -> None:
    for seed in ("0", "2"):  # of the hashes of texts, by which Python puts sets in order
        (tmp_path / seed).mkdir()
        here = Path(__file__).parent
        words = (sys.executable, "-c", PUBLISH, tmp_path / seed, here, *here.parents[:3])
        subprocess.run([*map(str, words)], env={**os.environ, "PYTHONHASHSEED": seed, "MPLBACKEND": "agg"}, check=True)
    one, other = ({path.name: path.read_bytes() for path in (tmp_path / seed).glob("share/studies/*/*.csv")} for seed in ("0", "2"))
    assert one == other and one
