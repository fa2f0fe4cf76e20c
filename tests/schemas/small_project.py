"""A small project without mistakes, as the text of its files; the tests write it down and spoil one line at a time."""

from __future__ import annotations

from pathlib import Path

import pytest

from schemas.core.errors import ConfigurationError, Mistake
from schemas.project import load_project

REGISTRY = """\
registry: ward
title: A ward
is_simulated: false
key: public_example
sources:
  ward: {required: true}
trust: [ward]
studies: [outcome]
"""
CONTRACT = r"""contract: ward
contract_version: 1
title: The ward's book
source: ward
files: [ward.csv]
columns: exact
marks:
  "*": {completion_code: stopped_early}
fields:
  id: {required: true}
  sex: {}
  stage: {null_tokens: [Unknown]}
  drugs: {header: regimen, grammar: treatment, modality: chemotherapy, setting: adjuvant}
  relapse: {pattern: '^(?P<site>.+) \((?P<months>\d+)\)$'}
records:
  - rule: woman
    record: patient
    set:
      patient_id: id
      sex_code: {from: sex, map: {f: female}}
  - rule: primary
    record: tumour
    when: stage is not null
    set:
      patient_id: id
      stage_code: stage
      tumour_no: {value: 1}
  - rule: course
    record: treatment
    each: drugs
    set:
      patient_id: id
      course_code: {value: primary}
  - rule: relapse
    record: event
    set: &relapse
      patient_id: id
      event_type_code: {value: distant_recurrence}
      event: {from: relapse_months, duration: months, days_per_month: 30, after: treatment_start}
      site_code: relapse_site
"""
STUDY = """\
study: outcome
title: What became of them
min_cell: 1
min_cell_reason: A made-up ward.
steps:
  - {step: delivered, label: Delivered, keep: "true"}
arms:
  - {arm: relapsed, label: Relapsed, when: has_recurrence}
  - {arm: others, label: Others, residual: true}
subgroups:
  - {arm: relapsed, subgroup: brain, label: Brain, when: "recurrence_organ_code = 'brain'"}
table_1:
  - {variable: age_years, label: Age, value: age_years, statistics: [median]}
  - {variable: er, label: ER, level: er_code, levels: [positive, negative]}
  - {variable: progression, label: Progression, level: has_progression, levels: ["yes", "no"], of: has_recurrence}
table_2:
  arm: relapsed
  order_by: subject_label
  columns:
    - {column: patient, label: Patient, text: subject_label}
    - {column: sites, label: Sites, list: event, where: "event_no = 1", text: site_text, separator: "; "}
endpoints:
  - endpoint: survival
    label: Survival
    origin: diagnosis
    end: [death, contact]
    event: "vital_status_code = 'dead'"
    estimators: [kaplan_meier]
comparisons:
  - {endpoint: survival, arms: [relapsed, others]}
"""
FILES = {"registry.yml": REGISTRY, "contracts/ward.yml": CONTRACT, "studies/outcome.yml": STUDY}


def written(folder: Path, files: dict[str, str] | None = None) -> Path:
    """Write the small project, with some of its files replaced or added."""
    for name, text in (FILES | (files or {})).items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return folder


def mistakes(folder: Path) -> list[Mistake]:
    """What is wrong with the project of that folder."""
    with pytest.raises(ConfigurationError) as caught:
        load_project(folder)
    return caught.value.mistakes
