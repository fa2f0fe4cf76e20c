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


ITEMS = """contract: lab_items
contract_version: 1
title: Laboratory, one row per item
source: lab
files: [lab_items*.csv]
delivery: append
format: {kind: csv, delimiter: ",", header_rows: 1}
fields: {id: {required: true}, item: {required: true}, value: {}}
records:
  - rule: positive
    record: tumour
    when: item = 'positive'
    set: {patient_id: id, nodes_positive: value}
"""


def test_a_field_of_a_long_file_concerns_every_tumour_of_its_source(project: Path, tmp_path: Path) -> None:
    (project / "contracts" / "lab_items.yml").write_text(ITEMS, encoding="utf-8")
    # one tumour of two, and the same one again in the next month
    for month in (1, 2):
        (project / "exports" / f"lab_items_{month}.csv").write_text("id,item,value\nA1,positive,3\n" + "\n" * month, encoding="utf-8")
    loaded = load_project(project)
    delivered = deliver(loaded, tmp_path / "out", land(loaded, tmp_path / "out", "2026-01-01T00:00:00"), b"k" * 32)
    told = {row[2]: row[3:] for row in delivered.fields.rows() if row[0] == "lab"}
    assert told["grade_code"] == (2, 2, 0)
    assert told["nodes_positive"] == (2, 2, 0), "two rows of one tumour: never more known than concerned"
    (project / "exports" / "lab_items_2.csv").unlink()
    delivered = deliver(loaded, tmp_path / "out2", land(loaded, tmp_path / "out2", "2026-01-01T00:00:00"), b"k" * 32)
    assert {row[2]: row[3:] for row in delivered.fields.rows() if row[0] == "lab"}["nodes_positive"] == (2, 1, 0)
