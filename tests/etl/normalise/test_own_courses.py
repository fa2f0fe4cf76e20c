"""A course that means two things is read where the project's vocabulary says which, and as it says."""

from __future__ import annotations

from etl.normalise.treatment_grammar import Context, parse_cells
from etl.normalise.treatment_lexicons import words_of_treatment
from schemas.vocabulary import load


def drugs(folder, cell):
    found = parse_cells([cell], Context("chemotherapy", "adjuvant", {}), words_of_treatment(load(folder))).components
    return [regimen or drug for regimen, drug in found.select("regimen_code", "drug_code").iter_rows()]


def test_takes_the_course_that_the_project_names(tmp_path):
    (tmp_path / "house.csv").write_text("domain,spelling,code\nregimen,FEC-T,FEC-D\n", encoding="utf-8")
    assert drugs(tmp_path, "FEC-T") == ["FEC", "docetaxel"]


def test_leaves_what_no_project_names():
    assert (drugs(None, "FEC-T"), drugs(None, "AC-T")) == ([], ["AC", "paclitaxel"])
