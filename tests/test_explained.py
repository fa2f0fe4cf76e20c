"""Every published number leads back to a file and a row for each of its subjects."""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path

import pytest
from sqlglot import exp

from etl.bundled import bundled
from etl.explaining import explain_number, read_contracts
from schemas.project import load_project
from warehouse.explain import explained, locked

# Of each registry so many numbers, spread over all kinds; every one is a proof of its own (`make proofs`).
SOME = 20
NAMES = exp.select("number_id").from_("mart_number").order_by("number_id").sql("duckdb")


def unexplained(release: Path, *, every: bool) -> list[str]:
    """Numbers with a subject for whom no file and row is named; without `every`, some of each kind."""
    with locked(release / "warehouse.duckdb") as con:
        names = [name for (name,) in con.sql(NAMES).fetchall()]
        kinds = list({re.sub(r"_\d+(?=\.)", "", name): name for name in names}.values())
        chosen = names if every else kinds[:: max(1, len(kinds) // SOME)]
        assert chosen
        return [name for name in chosen if not is_explained(explained(con, release, name).subjects)]


def is_explained(subjects: Iterable[object]) -> bool:
    return all(
        any(origin.source_file and origin.source_row for row in subject.rows for origin in row.origins)  # type: ignore[attr-defined]
        or any(fired.source_file and fired.source_row for fired in subject.findings)  # type: ignore[attr-defined]
        for subject in subjects
    )


def test_keeps_with_the_release_how_its_files_were_read(bundled_out: Path, example: str) -> None:
    (project,) = (load_project(folder) for folder in bundled() if folder.name == example)
    assert tuple(read_contracts(bundled_out / example / "current").values()) == project.contracts


def test_explains_a_row_of_table_2_cell_by_cell(bundled_out: Path) -> None:
    text = explain_number(bundled_out / "published", "metastasectomy.table_2.4.row.metastasectomy", raw=True)
    for header in (
        "stage",
        "chemotherapy_trastuzumab",
        "site_of_distant_recurrence_ttdr",
        "metastasectomy_done",
        "overall_survival_months",
    ):
        assert f'column "{header}" [' in text


def test_names_file_and_row_for_a_number_of_each_kind(bundled_out: Path) -> None:
    assert unexplained(bundled_out / "published" / "current", every=False) == []


@pytest.mark.slow
def test_names_file_and_row_for_every_number(bundled_out: Path, example: str) -> None:
    assert unexplained(bundled_out / example / "current", every=True) == []
