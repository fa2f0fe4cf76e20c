"""Which columns of whom were not understood, as the findings of the reading and the contract together say."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest

from etl.landing.landed import LandedFile
from etl.unread_cells import unread_columns
from schemas.contract import Contract
from schemas.core.frames import FINDINGS
from schemas.reading_edits import reading_edits
from schemas.unread import leaves
from schemas.yaml_lines import read_yaml

TEXT = b"""contract: ward
contract_version: 1
title: Ward
source: ward
files: ["ward.csv"]
fields:
  id: {required: true}
  basis: {header: Stage basis}
  kind: {}
  cell: {grammar: treatment, modality: hormonal}
  marker: {}
  both: {pattern: '(?P<site>.*), (?P<margin>.*)'}
  side: {}
  day: {}
  known: {header: Day known}
records:
  - {rule: tumour, record: tumour, set: {patient_id: id, stage_basis_code: basis, laterality_code: side,
     diagnosis: {from: day, flag: known}}}
  - {rule: event, record: event, set: {patient_id: id, event_type_code: kind, event_no: {value: 1}, site_code: both_site,
     resection_margin_code: both_margin, laterality_code: side}}
  - {rule: cell, record: treatment, each: cell, set: {patient_id: id, course_code: {value: c}}}
  - {rule: marker, record: biomarker, set: {patient_id: id, marker_code: marker, specimen_code: {value: primary}, result_code: kind}}
"""
FILE = LandedFile("ward.csv", "0" * 64, 1, Path("ward.csv"), Contract.model_validate(read_yaml("ward.yml", TEXT).value), "", "goes_on")
CELLS = {
    "a code": ([("NORM-UNMAPPED", "tumour", "Stage basis")], " tumour.stage_basis_code tumour.stage_basis_code.apart "),
    "of one of the records that have it": ([("NORM-UNMAPPED", "event", "side")], " event.laterality_code "),
    "a treatment cell": ([("NORM-GRAMMAR", "treatment", "cell")], " treatment.is_given "),
    "a pattern": ([("NORM-PATTERN", "event", "both")], " event.resection_margin_code event.site_code "),
    "a key": ([("NORM-KEY", "event", "kind"), ("NORM-UNMAPPED", "event", "kind")], " event.event_type_code event.lost "),
    "a marker": (
        [("NORM-KEY", "biomarker", "marker"), ("NORM-UNMAPPED", "biomarker", "marker")],
        " biomarker.lost biomarker.marker_code biomarker.result_code ",
    ),
    "a key that is empty": ([("NORM-KEY", "event", "kind")], None),
    "a date": ([("NORM-DATE", "tumour", "day")], " tumour.diagnosis "),
    "a code of the same header": ([("NORM-UNMAPPED", "tumour", "day")], None),
    "a flag beside a date": ([("NORM-DATE-FLAG", "tumour", "Day known")], " tumour.diagnosis "),
    "a day that stands for none": ([("NORM-DATE-SENTINEL", "tumour", "day")], None),
    "a header of no record": ([("NORM-UNMAPPED", "tumour", "kind")], None),
}  # fmt: skip


@pytest.mark.parametrize("kind", CELLS)
def test_names_the_columns_that_the_cell_would_have_filled(kind: str) -> None:
    told, expected = CELLS[kind]
    same = {"severity": "warning", "outcome": "violated", "patient_key": 7, "source_key": FILE.source_key, "source_row": 2}
    rows = [{**dict.fromkeys(FINDINGS), **same, "edit": edit, "record": record, "columns": header} for edit, record, header in told]
    found = unread_columns([FILE], pl.DataFrame(rows, schema=FINDINGS))
    assert found.rows() == ([] if expected is None else [(7, expected)])


def test_each_finding_that_leaves_something_open_is_one_of_the_reading() -> None:
    assert set(leaves()) <= set(reading_edits())
    assert set(leaves().values()) == {"code", "number", "flag", "cell", "parts", "key", "date"}
