"""Every completeness expectation that is kept by hand fails where what it is about is emptied."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import duckdb
import pytest
from test_expectations import Rows, build

from schemas.items import columns
from validations.expecting.baseline import Counted, all_from
from validations.expecting.plan import Planned, plan
from validations.expecting.rules import Rule, entries, rules

DAY = date(2015, 3, 4)
COMPLETENESS = tuple(entry["name"] for entry in entries() if entry["name"].endswith("_known"))
RULES = tuple(rule for rule in rules({}) if rule.name in COMPLETENESS)
# What a condition is about, where the rule does not name the one field: emptying any of these alone must be told.
ABOUT = {
    "age_known": ("dim_patient.birth", "dim_tumour.diagnosis"),
    "receptor_result_known": ("fact_biomarker.result_code",),
}


def interval(name: str, day: date = DAY) -> dict[str, object]:
    return {f"{name}_earliest_date": day, f"{name}_latest_date": day, f"{name}_precision": "day"}


def women(n: int = 20) -> Rows:
    """Women of whom all is known; the second half died."""
    keys = range(1, n + 1)
    dead = {i: interval("death") if i > n // 2 else interval("contact") for i in keys}
    return {
        "release": [{"run_id": "r", "registry": "x", "as_of": date(2016, 1, 1), "code_version": "0", "is_simulated": False}],
        "dim_patient": [{"patient_key": i, "sex_code": "female", **interval("birth", date(1950, 1, 1))} for i in keys],
        "dim_tumour": [
            {"tumour_key": i, "patient_key": i, "tumour_no": 1, "stage_code": "I", "grade_code": "1", **interval("diagnosis")} for i in keys
        ],
        "fact_event": [{"event_key": i, "event_type_code": "local_recurrence", **interval("event")} for i in keys],
        "fact_follow_up": [
            {"follow_up_key": i, "patient_key": i, "vital_status_code": "dead" if i > n // 2 else "alive", **dead[i]} for i in keys
        ],
        "fact_treatment": [{"treatment_key": i, "modality_code": "hormonal", "drug_code": "tamoxifen"} for i in keys],
        "fact_biomarker": [{"biomarker_key": i, "marker_code": "er", "result_code": "positive"} for i in keys],
    }


@pytest.fixture(scope="module")
def full(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build(tmp_path_factory.mktemp("full") / "w.duckdb", women())


def judged(warehouse: Path) -> dict[str, bool | None]:
    """How each ends against a release that knew everything; None where it cannot be judged."""
    counted = {rule.subject: 20 for rule in RULES} | {rule.table: 20 for rule in RULES}
    planned, _ = plan(warehouse, RULES, all_from(RULES, Counted("0123456789ab", "2015-12-31", counted)))
    return {one.rule.name: None if one.problem else _met(one) for one in planned}


def _met(one: Planned) -> bool:
    return one.hits >= (one.minimum or 0) * one.of


def empty_field(con: duckdb.DuckDBPyConnection, subject: str) -> None:
    """All columns of the field, an interval with all its parts."""
    table, _, field = subject.partition(".")
    names = [column.name for column in columns(table, "star") if column.name == field or column.name.startswith(f"{field}_earliest")]
    names += [column.name for column in columns(table, "star") if column.name.startswith((f"{field}_latest", f"{field}_precision"))]
    con.execute(f"update {table} set {', '.join(f'{name} = null' for name in names)}").fetchall()


def emptied() -> list[tuple[str, str]]:
    return [(rule.name, subject) for rule in RULES for subject in about(rule)]


def about(rule: Rule) -> tuple[str, ...]:
    return ABOUT[rule.name] if rule.kind == "share" else (rule.subject,)


def test_all_are_met_where_all_is_known(full: Path) -> None:
    assert judged(full) == dict.fromkeys(COMPLETENESS, True)


@pytest.mark.parametrize(("name", "subject"), emptied())
def test_each_fails_where_what_it_is_about_is_emptied(name: str, subject: str, full: Path, tmp_path: Path) -> None:
    path = tmp_path / "w.duckdb"
    path.write_bytes(full.read_bytes())
    with duckdb.connect(str(path)) as con:
        empty_field(con, subject)
    assert judged(path)[name] is False


@pytest.mark.parametrize(
    ("change", "known"),
    [
        ("update dim_patient set birth_earliest_date = '1949-01-01', birth_precision = 'year'", 0),  # 65 or 66 years
        ("update dim_patient set birth_earliest_date = '1949-04-01'", 20),  # 65 whichever day it was
        ("update dim_tumour set age_at_diagnosis_years = 65; update dim_patient set birth_latest_date = null", 20),
    ],
)
def test_an_age_follows_as_the_studies_compute_it(change: str, known: int, full: Path, tmp_path: Path) -> None:
    path = tmp_path / "w.duckdb"
    path.write_bytes(full.read_bytes())
    with duckdb.connect(str(path)) as con:
        con.execute(change).fetchall()
    planned, _ = plan(path, RULES, {})
    assert next(one.hits for one in planned if one.rule.name == "age_known") == known


@pytest.mark.parametrize(
    ("tumours", "hits", "of"),
    [
        ([("T1c", 15), ("T2", 30), ("T3", 60), ("T1b", 8), ("T1", 3), ("T4b", 3), ("T2", None)], 5, 5),  # T4 has no bounds of size
        ([("T1c", 1.5), ("T2", 3), ("T3", 6), ("T1b", 0.8), ("T1", 0.5)], 1, 5),  # the same in cm, read as mm: T1 may be as small
        ([("T1c", 150), ("T2", 300), ("T1b", 80)], 1, 3),  # mm declared as cm: T2 of 30 cm fits no bound either
        ([("T2", 15), ("T1c", 25)], 2, 2),  # a size beside its class is a matter of one woman (STG-007)
    ],
)
def test_sizes_off_by_ten_are_told_by_their_t(tumours: list[tuple[str, float | None]], hits: int, of: int, tmp_path: Path) -> None:
    rows = [
        {"tumour_key": i, "patient_key": 1, "tumour_no": i, "t_code": t, "tumour_size_mm": size} for i, (t, size) in enumerate(tumours, 1)
    ]
    known = women(1)
    path = build(tmp_path / "w.duckdb", {**known, "dim_tumour": rows})
    (sizes,) = (rule for rule in rules({}) if rule.name == "sizes_in_millimetres")
    (one,), _ = plan(path, (sizes,), {})
    assert (one.hits, one.of, _met(one)) == (hits, of, hits == of)
