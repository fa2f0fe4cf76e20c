"""A required source of which one contract was never read: its records are loaded, and no study that reads them has numbers (DESIGN 2.9)."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from landing_project import contract, deliver, landed, project

from etl.landing.lacking import lacking
from etl.landing.land import mark
from schemas.project import Project
from schemas.study import Study

ONLY = "id\n1\n"
SAYS = "refused: no export was ever read by the contract lines of the required source ward"
# what the contract that never came delivers, the study, the words of that contract and of its source, whether the study has numbers
TREATED, EVERYBODY = "has_primary_hormonal", "true"
CASES: dict[str, tuple[str, str, dict[str, Any], tuple[str, ...], bool]] = {
    "treatments, and the arms are made of them": ("treatment", TREATED, {}, ("ward",), False),
    "treatments, of a source that is not required": ("treatment", TREATED, {}, (), True),
    "treatments that have not come yet, as the contract says": ("treatment", TREATED, {"required": False}, ("ward",), True),
    "receptors, and the study names none": ("biomarker", TREATED, {}, ("ward",), True),
    "contacts, and the study has no times": ("follow_up", TREATED, {}, ("ward",), True),
    "receptors, and an arm asks for them": ("biomarker", "er_code = 'positive'", {}, ("ward",), False),
    "persons, whom every study reads": ("patient", EVERYBODY, {}, ("ward",), False),
    "tumours, which every study reads": ("tumour", EVERYBODY, {}, ("ward",), False),
}


def two(folder: Path, record: str, asks: str, words: dict[str, Any], required: tuple[str, ...]) -> Project:
    """A ward with patients, of which a file came, and `lines` of such a record, of which none did; a study with an arm that asks so."""
    lines = ({"rule": "line", "record": record, "set": {"patient_id": "id"}},)
    made = (contract("patients", "pat*.csv", source="ward"), contract("lines", "lin*.csv", source="ward", records=lines, **words))
    mine = project(folder, *made, required=required)
    arms = ({"arm": "asked", "label": "Asked", "when": asks}, {"arm": "rest", "label": "Rest", "residual": True})
    steps = ({"step": "delivered", "label": "Delivered", "keep": "true"},)
    asked = Study.model_validate({"study": "small", "title": "Small", "steps": steps, "arms": arms})
    deliver(mine, pat__csv=ONLY)
    return replace(mine, studies=(asked,))


@pytest.mark.parametrize("case", CASES)
def test_says_why_a_study_has_no_numbers(tmp_path: Path, case: str) -> None:
    *made, has_numbers = CASES[case]
    mine = two(tmp_path, *made)
    assert [*lacking(mine, landed(mine, tmp_path / "out")).values()] == ([] if has_numbers else [SAYS])


def test_takes_any_record_for_one_that_claims_may_count(tmp_path: Path) -> None:
    mine = two(tmp_path, "biomarker", TREATED, {}, ("ward",))
    counted: Any = SimpleNamespace(is_counted=True)
    mine = replace(mine, claims={mine.studies[0].study: (counted,)})
    assert lacking(mine, landed(mine, tmp_path / "out"))


def test_tells_of_what_has_not_come_yet_in_a_notice(tmp_path: Path) -> None:
    mine = two(tmp_path, "treatment", TREATED, {"required": False}, ("ward",))
    found = landed(mine, tmp_path / "out")
    assert ([one.reason for one in found.notices], found.refusals) == (["never_delivered"], ())


def test_takes_what_stands_in_for_tonight_s(tmp_path: Path) -> None:
    mine, out = two(tmp_path, "treatment", TREATED, {}, ("ward",)), tmp_path / "out"
    deliver(mine, lin__csv="id\n2\n")
    mark(out, [file.name for file in landed(mine, out).files], "good")
    deliver(mine, lin__csv="")
    assert lacking(mine, landed(mine, out)) == {}
