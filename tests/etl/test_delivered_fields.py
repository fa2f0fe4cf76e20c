"""How complete and how well readable a field comes from each source, before anything is linked."""

from __future__ import annotations

from pathlib import Path

import pytest

from etl.delivering import deliver
from etl.land import land
from schemas.project import load_project

REGISTRY = """registry: r
title: R
is_simulated: true
key: public_example
sources: {clinic: {required: true}, lab: {}}
"""
CLINIC = """contract: clinic
contract_version: 1
title: Clinic
source: clinic
files: [clinic.csv]
format: {kind: csv, delimiter: ",", header_rows: 1}
fields:
  id: {required: true}
  grade: {}
  found: {header: Diagnosed}
  marker: {}
  dose: {}
records:
  - rule: woman
    record: patient
    set: {patient_id: id, sex_code: {value: female}}
  - rule: primary
    record: tumour
    set: {patient_id: id, grade_code: grade, diagnosis: {from: found, formats: ["%Y-%m-%d"]}}
  - rule: radiation
    record: treatment
    when: dose is not null
    set: {patient_id: id, course_code: {value: rt}, modality_code: {value: radiation}, dose_gy: dose}
"""
LAB = """contract: lab
contract_version: 1
title: Laboratory
source: lab
files: [lab.csv]
format: {kind: csv, delimiter: ",", header_rows: 1}
fields: {id: {required: true}, grade: {}}
records:
  - rule: woman
    record: patient
    set: {patient_id: id, sex_code: {value: female}}
  - rule: primary
    record: tumour
    set: {patient_id: id, grade_code: grade}
"""
# One grade is missing and one is no grade; of four days one is missing and one is no day; two women had radiation.
ROWS = "id,grade,Diagnosed,marker,dose\nA1,2,2009-03-04,,50\nA2,,2009-03-05,,45\nA3,high-ish,30 x,,\nA4,3,,,\n"
LAB_ROWS = "id,grade\nA1,2\nA2,3\n"


@pytest.fixture
def project(tmp_path: Path) -> Path:
    folder = tmp_path / "project"
    for name, text in {
        "registry.yml": REGISTRY, "contracts/clinic.yml": CLINIC, "contracts/lab.yml": LAB,
        "exports/clinic.csv": ROWS, "exports/lab.csv": LAB_ROWS,
    }.items():  # fmt: skip
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return folder


def test_counts_each_source_by_itself_and_what_could_not_be_read(project: Path, tmp_path: Path) -> None:
    loaded = load_project(project)
    delivered = deliver(loaded, tmp_path / "out", land(loaded, tmp_path / "out", "2026-01-01T00:00:00"), b"k" * 32)
    assert delivered.fields.rows() == [
        ("clinic", "treatment", "dose_gy", 2, 2, 0),
        ("clinic", "tumour", "diagnosis", 4, 2, 1),
        ("clinic", "tumour", "grade_code", 4, 2, 1),
        ("lab", "tumour", "grade_code", 2, 2, 0),
    ], "constants (sex, modality) say nothing of the source"
