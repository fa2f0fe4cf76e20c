"""What answers an item of a reporting guideline: a section of the methods text, or a file that stands beside it."""

from __future__ import annotations

from pathlib import Path

from small_registry import SURVIVAL, registry, study

from schemas.facts import own_rows
from warehouse.studies import publish_studies

STAGE = {"variable": "stage", "label": "Stage", "level": "stage_code"}


def test_what_answers_an_item_is_a_section_or_a_file_of_a_study(tmp_path: Path) -> None:
    with registry(tmp_path, {"treatment_start": 0, "stage_code": "I"}) as con:
        made = study(endpoints=(SURVIVAL,), table_1=(STAGE,), comparisons=())
        publish_studies(con, [made], tmp_path / "share", tmp_path / "internal", is_simulated=True)
    folder = tmp_path / "share" / "studies" / "small"
    told = (folder / "methods.md").read_text(encoding="utf-8")
    sections = {line.removeprefix("## ") for line in told.splitlines() if line.startswith("## ")}
    assert {row["answered_by"] for row in own_rows("warehouse", "reporting_items.csv")} <= sections | {
        path.name for path in folder.iterdir()
    }
    assert "**Simulated data: no patient stands behind any number.**" in told
    assert "Study small, registry tiny, release 000000000000, data as of 2018-01-01, oncomart 0." in told
