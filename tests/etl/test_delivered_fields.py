"""How complete and how well readable a field comes from each source: what the source itself says, its pieces put together."""

from __future__ import annotations

from pathlib import Path

import pytest

from etl.delivering import deliver
from etl.landing.land import land
from etl.link import link
from etl.nights.delivered_fields import delivered_fields
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


def told(folder: Path, out: Path) -> list[tuple[object, ...]]:
    """DELIVERED of a project, as rows."""
    project = load_project(folder)
    delivered = deliver(project, out, land(project, out, "2026-01-01T00:00:00"), b"k" * 32)
    return delivered_fields(delivered.fields, link(delivered.parts).counted).rows()


def test_counts_each_source_by_itself_and_what_could_not_be_read(project: Path, tmp_path: Path) -> None:
    assert told(project, tmp_path / "out") == [
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
    lab = {row[2]: row[3:] for row in told(project, tmp_path / "out") if row[0] == "lab"}
    assert lab == {"grade_code": (2, 2, 0), "nodes_positive": (2, 1, 0)}, "two rows of one tumour are one"


# Counted by hand. Three women, each with a tumour. Radiation: A1 and A2, of whom A2 has no dose and A1 no end; chemotherapy: A3. Two
# distant recurrences, of which one has no day. ER of A1 and A2, PR of A1 (its result cannot be read). Contacts of A1 (twice) and A2.
LONG = """contract: long
contract_version: 1
title: One row per item
source: long
files: [long.csv]
format: {kind: csv, delimiter: ",", header_rows: 1}
fields: {id: {required: true}, item: {required: true}, day: {}, value: {}}
records:
  - {rule: woman, record: patient, when: item = 'woman', set: {patient_id: id, birth: &day {from: day, formats: ["%Y-%m-%d"]}}}
  - {rule: primary, record: tumour, when: item = 'tumour', set: {patient_id: id, diagnosis: *day}}
  - rule: dose
    record: treatment
    when: item = 'dose'
    set: &rt {patient_id: id, course_code: {value: rt}, component_no: {value: 1}, modality_code: {value: radiation}, dose_gy: value}
  - rule: begin
    record: treatment
    when: item = 'begin'
    set: &when {patient_id: id, course_code: {value: rt}, component_no: {value: 1}, modality_code: {value: radiation}, treatment: *day}
  - rule: end
    record: treatment
    when: item = 'end'
    set: {patient_id: id, course_code: {value: rt}, component_no: {value: 1}, modality_code: {value: radiation}, treatment_end: *day}
  - rule: cycles
    record: treatment
    when: item = 'cycles'
    set: {patient_id: id, course_code: {value: ct}, component_no: {value: 1}, modality_code: {value: chemotherapy}, cycles: value}
  - rule: recurrence
    record: event
    when: item = 'recurrence'
    set: {patient_id: id, event_type_code: {value: distant_recurrence}, event_no: {value: 1}, event: *day}
  - rule: place
    record: event
    when: item = 'place'
    set: {patient_id: id, event_type_code: {value: distant_recurrence}, event_no: {value: 1}, site_code: value}
  - rule: er
    record: biomarker
    when: item = 'er'
    set: {patient_id: id, marker_code: {value: er}, specimen_code: {value: primary}, result_code: value}
  - rule: pr
    record: biomarker
    when: item = 'pr'
    set: {patient_id: id, marker_code: {value: pr}, specimen_code: {value: primary}, result_code: value}
  - {rule: contact, record: follow_up, when: item = 'contact', set: {patient_id: id, contact: *day, vital_status_code: value}}
"""
LONG_ROWS = """id,item,day,value
A1,woman,1950-01-01,
A2,woman,,
A3,woman,1952-01-01,
A1,tumour,2009-01-01,
A2,tumour,2009-01-02,
A3,tumour,,
A1,dose,,50
A1,begin,2009-02-01,
A2,begin,2009-02-02,
A2,end,2009-03-02,
A3,cycles,,4
A1,recurrence,2011-01-01,
A1,place,,brain
A2,place,,liver
A1,er,,positive
A2,er,,negative
A1,pr,,pls see
A1,contact,2012-01-01,alive
A1,contact,2013-01-01,alive
A2,contact,2012-01-01,
"""


def test_a_record_in_pieces_is_one_and_what_should_be_there_is_missing(project: Path, tmp_path: Path) -> None:
    for name in ("contracts/clinic.yml", "contracts/lab.yml", "exports/clinic.csv", "exports/lab.csv"):
        (project / name).unlink()
    (project / "registry.yml").write_text(REGISTRY.replace("clinic: {required: true}, lab: {}", "long: {required: true}"), encoding="utf-8")
    (project / "contracts" / "long.yml").write_text(LONG, encoding="utf-8")
    (project / "exports" / "long.csv").write_text(LONG_ROWS, encoding="utf-8")
    found = {f"{record}.{column}": n for _, record, column, *n in told(project, tmp_path / "out")}
    assert found == {
        "patient.birth": [3, 2, 0],
        "tumour.diagnosis": [3, 2, 0],
        "treatment.dose_gy": [2, 1, 0],  # of two courses of radiation
        "treatment.treatment": [3, 2, 0],  # chemotherapy begins too, and nobody says when
        "treatment.treatment_end": [3, 1, 0],
        "treatment.cycles": [1, 1, 0],
        "event.event": [2, 1, 0],
        "event.site_code": [2, 2, 0],
        "biomarker.result_code": [6, 2, 1],  # ER and PR of three tumours
        "follow_up.contact": [4, 3, 0],  # three contacts, and A3 has none
        "follow_up.vital_status_code": [4, 2, 0],
    }
