"""A finding without a record keeps its name when lines are put in above it, the file is renamed or other cells of the row change."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest

from etl.delivering import deliver
from etl.land import land
from etl.release_files import source_frame
from schemas.findings import identified
from schemas.project import load_project

PROJECT = {
    "registry.yml": "registry: r\ntitle: R\nis_simulated: true\nkey: public_example\nsources: {clinic: {required: true}}\n",
    "contracts/clinic.yml": """contract: clinic
contract_version: 1
title: Clinic
source: clinic
files: ["clinic*.csv"]
format: {kind: csv, delimiter: ",", header_rows: 1}
columns: open
fields: {id: {required: true}, grade: {header: Grade}, found: {header: Diagnosed}}
records:
  - {rule: woman, record: patient, set: {patient_id: id}}
  - {rule: primary, record: tumour, set: {patient_id: id, grade_code: grade, diagnosis: {from: found, formats: ["%Y-%m-%d"]}}}
""",
}
HEADER = "id,Grade,Diagnosed,extra\n"
BAD_GRADE, BAD_DAY, NOBODY, RAGGED = "A1,bad,2009-03-04,x", "A2,2,30 x,x", ",3,2011-01-01,x", "A3,2,2010-01-01,x,x,x"
GOOD = "B{},1,2001-01-01,x"


def named(folder: Path, rows: list[str], file: str = "clinic.csv") -> dict[str, list[str]]:
    """The names of the findings of one delivery, by edit."""
    for name, text in PROJECT.items():
        (folder / "project" / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / "project" / name).write_text(text, encoding="utf-8")
    exports = folder / "project" / "exports"
    exports.mkdir()
    (exports / file).write_text(HEADER + "".join(f"{row}\n" for row in rows), encoding="utf-8")
    project = load_project(folder / "project")
    delivered = deliver(project, folder / "out", land(project, folder / "out", "2026-01-01T00:00:00"), b"k" * 32)
    found = identified(delivered.findings, source_frame(delivered.landing), delivered.said)
    return dict(found.sort("finding_id").group_by("edit", maintain_order=True).agg("finding_id").iter_rows())


@pytest.fixture
def first(tmp_path: Path) -> dict[str, list[str]]:
    (tmp_path / "first").mkdir()
    return named(tmp_path / "first", [BAD_GRADE, BAD_DAY, NOBODY, RAGGED, GOOD.format(0)])


EDITS = {"NORM-UNMAPPED", "NORM-DATE", "NORM-PERSON", "READ-RAGGED", "READ-EXTRA-COLUMN"}


@pytest.mark.parametrize(
    ("rows", "file", "other"),
    [
        ([GOOD.format(1), BAD_DAY, RAGGED, NOBODY, BAD_GRADE], "clinic.csv", set()),  # a row put in above, others moved
        ([BAD_GRADE, BAD_DAY, NOBODY, RAGGED], "clinic_2026-02-01.csv", set()),  # the next night's file has another name
        (["A1,bad,2009-03-05,y", BAD_DAY, NOBODY, RAGGED], "clinic.csv", set()),  # another cell of her row changed
        (["A1,worse,2009-03-04,x", BAD_DAY, NOBODY, RAGGED], "clinic.csv", {"NORM-UNMAPPED"}),  # the cell itself changed
        (["A9,bad,2009-03-04,x", BAD_DAY, NOBODY, RAGGED], "clinic.csv", {"NORM-UNMAPPED"}),  # another woman
        (
            [BAD_GRADE, BAD_DAY, ",3,2011-01-02,x", RAGGED.replace("2010", "2012")],
            "clinic.csv",
            {"NORM-PERSON", "READ-RAGGED"},
        ),  # rows of nobody known
    ],
)
def test_a_finding_is_told_by_what_it_is_about(
    first: dict[str, list[str]], tmp_path: Path, rows: list[str], file: str, other: set[str]
) -> None:
    (tmp_path / "later").mkdir()
    later = named(tmp_path / "later", rows, file)
    assert first.keys() == later.keys() == EDITS
    assert {edit for edit in first if first[edit] != later[edit]} == other


def test_two_findings_alike_are_two(tmp_path: Path) -> None:
    found = named(tmp_path, [NOBODY, NOBODY, BAD_GRADE, BAD_GRADE])
    assert (len(set(found["NORM-PERSON"])), len(set(found["NORM-UNMAPPED"]))) == (2, 2)


def test_the_name_tells_nothing_of_the_cell_without_the_key(tmp_path: Path) -> None:
    (tmp_path / "one").mkdir()
    project = named(tmp_path / "one", [BAD_GRADE])
    loaded = load_project(tmp_path / "one" / "project")
    delivered = deliver(loaded, tmp_path / "out", land(loaded, tmp_path / "out", "2026-01-01T00:00:00"), b"q" * 32)
    found = identified(delivered.findings, source_frame(delivered.landing), delivered.said)
    assert found.filter(pl.col("edit") == "NORM-UNMAPPED")["finding_id"].to_list() != project["NORM-UNMAPPED"]
