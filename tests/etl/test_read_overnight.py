"""An export that changed overnight: renamed, re-saved by Excel, cut off. It is noticed, named, and stops no other source."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from landing_project import NOW, contract, deliver, project
from reading import said, table

from etl.delivering import Delivered
from etl.delivering import deliver as read_all
from etl.landing.land import land, mark
from etl.landing.manifest import GOOD
from schemas.project import Project
from schemas.vocabulary import load

WARD: dict[str, Any] = {
    "fields": {"id": {"required": True, "digits": 5}, "stage": {"required": True}},
    "format": {"footer_rows": 1, "trailer": r"^ROWS,(?P<rows>\d+)"},
}
GOOD_NIGHT = "id,stage\n00012,I\n00345,II\nROWS,2\n"
BAD_NIGHTS = [
    ("id,stadium\n00012,I\n00345,II\nROWS,2\n", "missing_header", "the column 'stage' is missing; the header of column 2 is nearest"),
    ("id,stage\n00012,I\n00345", "trailer", "the footer does not say how many rows there are"),
    ("id,stage\n00012,I\nROWS,2\n", "trailer", "1 rows, where its own footer counts 2"),
    ("id;stage\n00012;I\n00345;II\nROWS;2\n", "missing_header", "none of the contract's headers"),
]  # fmt: skip


@pytest.fixture(scope="module")
def words() -> object:
    return load(None)


def night(folder: Path, words: object, **files: str) -> tuple[Project, Delivered]:
    known = project(folder, contract("ward", "ward.csv", **WARD), contract("lab", "lab.csv"))
    object.__setattr__(known, "vocabularies", words)
    deliver(known, **files)
    return known, read_all(known, folder / "out", land(known, folder / "out", NOW), b"k" * 32)


@pytest.mark.parametrize(("spoilt", "reason", "says"), BAD_NIGHTS, ids=[f"{case[1]}-{n}" for n, case in enumerate(BAD_NIGHTS)])
def test_refuses_it_alone_and_carries_the_last_good_one_forward(tmp_path: Path, words: object, spoilt: str, reason: str, says: str) -> None:
    night(tmp_path, words, ward__csv=GOOD_NIGHT, lab__csv="id,stage\n1,I\n")
    mark(tmp_path / "out", ["ward.csv", "lab.csv"], GOOD)
    _, found = night(tmp_path, words, ward__csv=spoilt, lab__csv="id,stage\n1,II\n")
    refused = [refusal for refusal in found.landing.refusals if refusal.source_file == "ward.csv"]
    assert [(refusal.reason, refusal.carried_forward) for refusal in refused] == [(reason, "ward.csv")]
    assert says in refused[0].message
    assert {file.name: file.fate for file in found.landing.files} == {"ward.csv": "carried_forward", "lab.csv": "goes_on"}
    assert sum(part.records["patient"].height for part in found.parts) == 3


def test_notices_the_zeros_that_excel_took_and_puts_them_back(tmp_path: Path) -> None:
    raw = table(tmp_path, "id,stage\n12,I\n345,II\nROWS,2\n", **WARD)
    assert raw.rows["id"].to_list() == ["00012", "00345"]
    assert said(raw) == [("READ-LEADING-ZEROS", 2, "id"), ("READ-LEADING-ZEROS", 3, "id")]


def test_takes_no_rounded_number_for_a_person(tmp_path: Path) -> None:
    raw = table(tmp_path, "id,stage\n1.2E+04,I\n00345,II\nROWS,2\n", **WARD)
    assert raw.rows["id"].to_list() == [None, "00345"]
