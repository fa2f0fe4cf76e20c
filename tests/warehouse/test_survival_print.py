"""The printed table of survival: what the CSV files beside it show, and nothing that they hide."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from small_registry import INCIDENCE, SURVIVAL, Woman, registry, study

from schemas.study import Study
from warehouse import study_files, study_made
from warehouse.studies import publish_studies
from warehouse.tables import PrintedTable


def woman(days: int, status: str, **more: Any) -> Woman:
    contact = {"contact": days, "vital_status_code": status} | ({"death": days} if status == "dead" else {})
    return {"treatment_start": 0, "stage_code": "I", "contacts": [contact], **more}


def operated(day: int = 1) -> dict[str, Any]:
    return {"events": [{"event_type_code": "metastasectomy", "event": day}]}


# Operated: dead on day 100, alive on 200, dead on 300. The rest: one dead of three, on day 360.
WOMEN = (
    woman(100, "dead", **operated()),
    woman(200, "alive", **operated()),
    woman(300, "dead", **operated()),
    woman(360, "dead"),
    woman(390, "alive"),
    woman(720, "alive"),
)
PARTS: dict[str, Any] = {
    "endpoints": (SURVIVAL | {"estimators": ("kaplan_meier", "median_observed_time")},),
    "ticks_months": (0, 6, 12, 24),
    "comparisons": ({"endpoint": "survival", "arms": ("operated", "rest")},),
}


def printed(tmp_path: Path, made: Study, *women: Woman, monkeypatch: pytest.MonkeyPatch) -> list[PrintedTable]:
    """The tables of a study: as it is shared and, where that hides something, as it is in internal/."""
    told: list[PrintedTable] = []
    usual = study_files.write_table

    def kept(table: PrintedTable, stem: Path) -> None:
        usual(table, stem)
        if table.name == "survival":
            told.append(table)

    monkeypatch.setattr(study_files, "write_table", kept)
    with registry(tmp_path, *(women or WOMEN)) as con:
        publish_studies(con, [made], tmp_path / "share", tmp_path / "internal", is_simulated=False)
    return told


def lines(table: PrintedTable) -> dict[str, list[str]]:
    return {cells[0]: list(cells[1:]) for _, cells in table.rows}


def test_gives_women_events_medians_and_survival_at_the_ticks_by_arm(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (table,) = printed(tmp_path, study(**PARTS), monkeypatch=monkeypatch)
    assert table.heads == ["", "Operated", "The rest", "All"]
    found = lines(table)
    assert found["Survival (months since start of the first treatment)"] == ["", "", ""]
    assert found["Women"] == ["3", "3", "6"]
    assert found["Events"] == ["2", "1", "3"]
    # operated: S(100) = 2/3, S(300) = 0: the median is day 300; its lower limit is day 100, where that of S(t) is 0.30 (log)
    assert found["Median, months (95 % CI)"] == ["10.0 (3.3 to NR)", "NR (12.0 to NR)", "12.0 (10.0 to NR)"]
    # day 180: 2/3; nobody of the rest has died. S(t) = 0 has no limits (R gives NA), nor is anybody followed to month 24 but one
    assert found["Without the event at 6 months, % (95 % CI)"] == ["66.7 (30.0 to 100.0)", "100.0 (100.0 to 100.0)", "83.3 (58.3 to 100.0)"]
    assert [cell.split(" ")[0] for cell in found["Without the event at 12 months, % (95 % CI)"]] == ["0.0", "66.7", "41.7"]
    assert found["Median of the observed times, months (range)"] == ["6.7 (3.3 to 10.0)", "13.0 (12.0 to 24.0)", "11.0 (3.3 to 24.0)"]
    assert "Survival: Kaplan-Meier estimate; Log-rank test: p = " in " ".join(table.notes)
    assert table.stamp == "Study small, registry tiny, release 000000000000, data as of 2018-01-01, oncomart 0"


GUARDED = {"min_cell": 5, "min_cell_reason": None}
MANY = [woman(30 * n, "dead" if n % 2 else "alive", **(operated() if n % 3 else {})) for n in range(1, 31)]


def test_shows_no_number_that_the_shared_files_hide(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every number of the table is a cell of survival.csv or km.csv of the same folder, in months or per cent."""
    shared, exact = printed(tmp_path, study(**PARTS | GUARDED), *MANY, monkeypatch=monkeypatch)
    folder = tmp_path / "share" / "studies" / "small"
    survival, km, tests = (pl.read_csv(folder / f"{name}.csv", infer_schema_length=None) for name in ("survival", "km", "logrank"))
    counts = {str(n) for name in ("n", "events") for n in survival[name].drop_nulls()}
    months = {
        f"{days / 30:.1f}"
        for name in ("median_days", "lower_days", "upper_days", "follow_up_median_days")
        for days in survival[name].drop_nulls()
    }
    shares = {f"{100 * s:.0f}" for name in ("survival", "lower", "upper") for s in km[name].drop_nulls()}
    told = {number for cells in lines(shared).values() for cell in cells for number in re.findall(r"[0-9.]+", cell)}
    assert told and told <= counts | months | shares
    assert "–" in str(lines(shared)) and survival["min_days"].null_count() == survival.height  # no range of one woman's own times
    assert shared.stamp + "; internal, not to be shared" == exact.stamp
    assert tests.height == 1


def test_says_nothing_of_an_arm_that_the_shared_files_leave_out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    few = [woman(30 * n, "dead", **(operated() if n < 3 else {})) for n in range(1, 21)]
    shared, exact = printed(tmp_path, study(**PARTS | GUARDED), *few, monkeypatch=monkeypatch)
    assert (shared.heads, exact.heads[1:]) == (["", "All"], ["Operated", "The rest", "All"])
    assert "Suppressed, and no column: Operated; The rest." in shared.notes


def test_names_whom_an_endpoint_is_among(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    ends = (SURVIVAL | {"among": "has_metastasectomy"}, SURVIVAL | {"endpoint": "other", "label": "Other", "among": "stage_code = 'I'"})
    (table,) = printed(tmp_path, study(endpoints=ends, comparisons=()), monkeypatch=monkeypatch)
    heads = [name for name in lines(table) if "months since" in name]
    assert [name.partition(". ")[2] for name in heads] == [
        "Only women with: metastasectomy delivered",
        "Only women for whom: stage_code = 'I'",
    ]


def test_gives_cumulative_incidences_where_events_compete(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    death = {"competing": "death", "label": "Death", "event": "vital_status_code = 'dead'", "end": ("death",)}
    made = study(endpoints=(INCIDENCE | {"competing": (death,)},), comparisons=(), ticks_months=(0, 12))
    (table,) = printed(tmp_path, made, monkeypatch=monkeypatch)
    found = lines(table)
    assert found["Recurrence, cumulative incidence at 12 months, % (95 % CI)"][1].startswith("0.0")
    assert found["Death, cumulative incidence at 12 months, % (95 % CI)"][1].startswith("33.3 (")
    assert not [name for name in found if name.startswith("Median, months")]


def test_a_refused_study_has_the_frame_and_no_number(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    parts = PARTS | {"max_held_share": 0, "endpoints": (SURVIVAL,)}
    monkeypatch.setattr(study_made, "_refusal", lambda *_: "refused: too many are held")
    (table,) = printed(tmp_path, study(**parts), monkeypatch=monkeypatch)
    assert not re.findall(r"[0-9]", str([cells[1:] for _, cells in table.rows]))
    assert table.banner == "refused: too many are held"
