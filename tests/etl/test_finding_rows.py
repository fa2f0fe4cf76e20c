"""A finding without a record keeps its name when lines are put in above it, the file is renamed or other cells of the row change."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest

from etl.delivering import deliver
from etl.landing.land import land
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


def named(
    folder: Path, rows: list[str], file: str = "clinic.csv", files: dict[str, str] = PROJECT, header: str = HEADER
) -> dict[str, list[str]]:
    """The names of the findings of one delivery, by edit."""
    for name, text in files.items():
        (folder / "project" / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / "project" / name).write_text(text, encoding="utf-8")
    exports = folder / "project" / "exports"
    exports.mkdir()
    (exports / file).write_text(header + "".join(f"{row}\n" for row in rows), encoding="utf-8")
    project = load_project(folder / "project")
    delivered = deliver(project, folder / "out", land(project, folder / "out", "2026-01-01T00:00:00"), b"k" * 32)
    found = identified(delivered.findings, source_frame(delivered.landing), delivered.said)
    return dict(found.sort("finding_id").group_by("edit", maintain_order=True).agg("finding_id").iter_rows())


@pytest.fixture(scope="module")
def first(tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[str]]:
    return named(tmp_path_factory.mktemp("first"), [BAD_GRADE, BAD_DAY, NOBODY, RAGGED, GOOD.format(0)])


EDITS = {"NORM-UNMAPPED", "NORM-DATE", "NORM-PERSON", "READ-RAGGED", "READ-EXTRA-COLUMN"}


@pytest.mark.parametrize(
    ("rows", "file", "other"),
    [
        ([GOOD.format(1), BAD_DAY, RAGGED, NOBODY, BAD_GRADE], "clinic.csv", set()),  # a row put in above, others moved
        ([BAD_GRADE, BAD_DAY, NOBODY, RAGGED], "clinic_2026-02-01.csv", set()),  # the next night's file has another name
        (["A1,bad,2009-03-04,y", BAD_DAY, NOBODY, RAGGED], "clinic.csv", set()),  # another cell of her row changed
        (["A1,bad,2009-03-05,x", BAD_DAY, NOBODY, RAGGED], "clinic.csv", {"NORM-UNMAPPED"}),  # the day says which tumour of hers it is
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


# Of one woman several rows: what tells them apart is the record each is about.
COURSES = PROJECT | {
    "contracts/clinic.yml": """contract: clinic
contract_version: 1
title: Courses
source: clinic
files: ["clinic*.csv"]
format: {kind: csv, delimiter: ",", header_rows: 1}
columns: open
fields: {id: {required: true}, day: {header: Start}, kind: {header: Kind}, aim: {header: Aim}}
records:
  - rule: course
    record: treatment
    set: {patient_id: id, course_code: {value: c}, modality_code: kind, setting_code: aim, treatment: {from: day, formats: ["%Y-%m-%d"]}}
"""
}
COURSES_HEADER = "id,Start,Kind,Aim\n"
FIRST, SECOND, TWIN = "A1,2009-03-04,surgery,bad", "A1,2010-03-04,surgery,bad", "A1,2010-03-04,chemotherapy,bad"
MENDED, OTHERS = "A1,2009-03-04,surgery,adjuvant", [f"B{n},2009-01-01,surgery,adjuvant" for n in range(30)]


def of_aim(folder: Path, rows: list[str]) -> list[str]:
    folder.mkdir()
    return named(folder, rows, files=COURSES, header=COURSES_HEADER).get("NORM-UNMAPPED", [])


@pytest.mark.parametrize("others", [[], OTHERS, [row for row in OTHERS for _ in range(2)]])
@pytest.mark.parametrize("second", [SECOND, TWIN, SECOND.replace("2010-03-04", "")])
def test_of_two_rows_of_one_woman_each_keeps_its_name_when_the_other_is_mended(tmp_path: Path, second: str, others: list[str]) -> None:
    both = of_aim(tmp_path / "both", [FIRST, second, *others])
    one = of_aim(tmp_path / "one", [MENDED, second, *others])
    other = of_aim(tmp_path / "other", [second.replace("bad", ""), FIRST, *others])
    assert len(both) == 2 and set(both) == {*one, *other}


def test_of_two_rows_of_one_day_each_keeps_its_name(tmp_path: Path) -> None:
    both = of_aim(tmp_path / "both", [SECOND, TWIN])
    one = of_aim(tmp_path / "one", [SECOND.replace("bad", "adjuvant"), TWIN])
    assert len(one) == 1 and one[0] in both


def test_a_row_of_a_file_with_many_rows_each_keeps_its_name_when_another_comes_or_goes_or_another_cell_changes(tmp_path: Path) -> None:
    many = [row for row in OTHERS for _ in range(2)]
    alone = of_aim(tmp_path / "alone", [FIRST, *many])
    assert alone[0] in of_aim(tmp_path / "with", [SECOND, FIRST, *many])
    assert alone == of_aim(tmp_path / "changed", [FIRST.replace("surgery", "radiation"), *many])
    assert alone != of_aim(tmp_path / "day", [FIRST.replace("03-04", "03-05"), *many])  # the day says which course of hers it is


WIDE = PROJECT | {
    "contracts/clinic.yml": """contract: clinic
contract_version: 1
title: Wide
source: clinic
files: ["clinic*.csv"]
format: {kind: csv, delimiter: ",", header_rows: 1}
columns: open
fields:
  {id: {required: true}, born: {header: Born}, no: {header: No}, grade: {header: Grade}, found: {header: Dx}, last: {header: Last},
   status: {header: Status}}
records:
  - {rule: woman, record: patient, set: {patient_id: id, birth: {from: born, formats: ["%Y-%m-%d"]}}}
  - rule: primary
    record: tumour
    when: found is not null
    set: {patient_id: id, tumour_no: no, grade_code: grade, diagnosis: {from: found, formats: ["%Y-%m-%d"]}}
  - rule: contact
    record: follow_up
    when: last is not null or status is not null
    set: {patient_id: id, follow_up_no: {value: 1}, vital_status_code: status, contact: {from: last, formats: ["%Y-%m-%d"]}}
"""
}
WIDE_HEADER = "id,Born,No,Grade,Dx,Last,Status\n"
HERS = "A1,1950 x,1,bad,2009-01-01,2019-01-01,odd"
CLEAN = [f"B{n},1950-01-01,1,2,2009-01-01,2019-01-01,alive" for n in range(40)]


def of_wide(folder: Path, rows: list[str]) -> set[str]:
    folder.mkdir()
    found = named(folder, rows, files=WIDE, header=WIDE_HEADER)
    return {*found["NORM-UNMAPPED"], *found.get("NORM-DATE", [])}


@pytest.mark.slow
@pytest.mark.parametrize(
    "others",
    [
        [HERS.replace(",1,bad,2009", ",2,2,2010")],  # a second tumour of hers, with the same birth and status that cannot be read
        ["A1,1950-01-01,2,2,2010-01-01,2019-01-01,alive"],  # a clean second row
        ["A1,1950-01-01,1,2,2009-01-01,2019-01-01,alive"],  # a clean row of the same tumour
        [row.replace(",1,2,2009", ",2,2,2010") for row in CLEAN],  # every other woman has a second tumour
    ],
)
@pytest.mark.parametrize("is_first", [False, True])
def test_no_other_row_changes_the_name(tmp_path: Path, others: list[str], is_first: bool) -> None:
    alone = of_wide(tmp_path / "alone", [HERS, *CLEAN])
    assert len(alone) == 3
    assert alone <= of_wide(tmp_path / "with", [*others, HERS, *CLEAN] if is_first else [HERS, *CLEAN, *others])


def test_of_two_rows_alike_with_different_numbers_the_other_keeps_its_name_when_one_is_taken_out(tmp_path: Path) -> None:
    second = HERS.replace(",1,bad,2009", ",2,bad,2010")
    both, first, other = (of_wide(tmp_path / str(n), rows) for n, rows in enumerate(([HERS, second], [HERS], [second])))
    assert first < both and other < both and len(first & other) == 2  # of birth and status; grade is that of each tumour


def test_the_last_contact_of_a_wide_file_changes_no_name(tmp_path: Path) -> None:
    assert of_wide(tmp_path / "one", [HERS]) == of_wide(tmp_path / "two", [HERS.replace("2019-01-01", "2019-01-02")])


def test_of_rows_alike_in_all_that_the_contract_asks_one_keeps_the_name_whatever_their_order(tmp_path: Path) -> None:
    other = HERS.replace("2019-01-01", "2019-02-02")
    alone, both, turned = (of_wide(tmp_path / str(n), rows) for n, rows in enumerate(([other], [HERS, other], [other, HERS])))
    assert both == turned and alone < both and len(both) == 6


def test_rows_that_are_wholly_alike_are_numbered(tmp_path: Path) -> None:
    three = of_aim(tmp_path / "three", [FIRST, FIRST, FIRST])
    two = of_aim(tmp_path / "two", [MENDED, FIRST, FIRST])
    assert len(set(three)) == 3 and set(two) < set(three)


def test_a_row_that_was_not_cut_into_cells_is_told_by_its_line(tmp_path: Path) -> None:
    one, other, good = 'A7,"x" y,2009-01-01,x', 'A8,"x" y,2009-01-01,x', GOOD.format(1)
    (tmp_path / "both").mkdir()
    (tmp_path / "one").mkdir()
    both = named(tmp_path / "both", [one, other, good])["READ-MALFORMED"]
    left = named(tmp_path / "one", [good, good.replace("B", "C"), other])["READ-MALFORMED"]
    assert len(both) == 2 and len(left) == 1 and left[0] in both
