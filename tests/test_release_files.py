"""Every column of every CSV that a run writes stands in the dictionary (schemas/release_files.csv)."""

from __future__ import annotations

import csv
import re
from pathlib import Path

import pytest

from schemas.facts import shipped
from warehouse.survival.cuminc import CUMINC
from warehouse.survival.envelope_rows import ENVELOPES

OF_STUDIES, ADDED, AS_THE_STUDY_SAYS = "share/studies/*/", ("number_id", "is_simulated"), "table_2.csv"


def listed(file: str) -> list[str]:
    """The columns of one file in their order; empty where it is not listed."""
    return [row["column"] for row in shipped("release_files.csv", "file") if row["file"] == file and row["column"]]


def csv_files(out: Path) -> dict[str, list[str]]:
    """The header of every CSV of the current release, and of the manifest, by the name it is listed under."""
    found = {}
    for path in (*(out / "current").resolve().rglob("*.csv"), out / "landing" / "manifest.csv"):
        name = path.relative_to(out).as_posix().removeprefix(f"releases/{(out / 'current').readlink().name}/")
        with path.open(newline="", encoding="utf-8") as handle:
            found[re.sub(r"^(share|internal)/studies/[^/]+/", OF_STUDIES, name)] = next(csv.reader(handle))
    return found


@pytest.mark.parametrize("name", ["published", "registry", "trial_days"])
def test_every_column_of_every_csv_is_listed_in_its_order(bundled_out: Path, name: str) -> None:
    made = {file: head for file, head in csv_files(bundled_out / name).items() if not file.endswith(AS_THE_STUDY_SAYS)}
    assert len(made) > 20
    assert {file: [column for column in head if column not in ADDED] for file, head in made.items()} == {
        file: listed(file) for file in made
    }


@pytest.mark.parametrize(("file", "columns"), [("cuminc", CUMINC), ("envelope", ENVELOPES)])
def test_so_is_every_column_of_those_that_the_bundled_studies_do_not_make(file: str, columns: dict[str, object]) -> None:
    assert [*listed(f"{OF_STUDIES}{file}.csv"), "number_id"] == list(columns)
