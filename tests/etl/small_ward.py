"""A registry of one ward: twelve women in one text file, a study of their stages; small enough to be run many times."""

from __future__ import annotations

from pathlib import Path

REGISTRY = """registry: ward
title: One ward
is_simulated: true
as_of: 2020-01-01
key: public_example
sources: {ward: {required: true}}
studies: [stages]
"""
CONTRACT = """contract: ward
contract_version: 1
title: Patients of the ward, one row per tumour
source: ward
files: ["ward*.csv"]
format: {kind: csv, comment: "#", footer_rows: 1, trailer: '^Total (?P<rows>\\d+)'}
columns: open
fields:
  id: {required: true}
  sex: {}
  side: {}
  stage: {}
  day: {}
  start: {}
  note: {}
records:
  - {rule: woman, record: patient, set: {patient_id: id, sex_code: sex}}
  - rule: primary
    record: tumour
    set:
      patient_id: id
      tumour_no: {value: 1}
      laterality_code: side
      stage_code: stage
      diagnosis: {from: day, formats: ["%Y-%m-%d"]}
      treatment_start: {from: start, formats: ["%Y-%m-%d"]}
"""
STUDY = """study: stages
title: Stages of the ward
tumour: first
min_cell: 1
min_cell_reason: Nobody of them exists.
steps:
  - {step: delivered, label: Delivered, keep: "true"}
  - {step: women, label: Women, keep: sex_code = 'female'}
arms:
  - {arm: left, label: Left, when: laterality_code = 'left'}
  - {arm: rest, label: Others, residual: true}
table_1:
  - {variable: stage, label: Stage, level: stage_code}
endpoints:
  - endpoint: time_to_treatment
    label: Time to treatment
    origin: diagnosis
    end: [treatment_start]
    event: "true"
    estimators: [median_observed_time]
"""
STAGES = ("I", "IIA", "IIIA")
WOMEN = 12


def rows() -> list[str]:
    """One row per woman, treated two days after the diagnosis; the note of the fourth has a line break and quotes."""
    note = {4: '"two ""lines""\nof one"'}
    told = [(n, "left" if n % 2 else "right", STAGES[n % 3], n + 2, note.get(n, "seen")) for n in range(1, WOMEN + 1)]
    return [f"W{n:03d},female,{side},{stage},2009-03-{n:02d},2009-03-{start:02d},{said}" for n, side, stage, start, said in told]


def ward(folder: Path, added: tuple[str, ...] = ()) -> Path:
    """The project folder; `added`: further rows of the export."""
    for name, text in (("registry.yml", REGISTRY), ("contracts/ward.yml", CONTRACT), ("studies/stages.yml", STUDY)):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, encoding="utf-8")
    (folder / "exports").mkdir()
    told = [*rows(), *added]
    lines = ["# written by hand", "id,sex,side,stage,day,start,note", *told[:6], "# half of them", *told[6:], f"Total {len(told)}"]
    (folder / "exports" / "ward.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")
    return folder
