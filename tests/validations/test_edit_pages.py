"""docs/edits.md is made from the edits and says when it is not up to date."""

from __future__ import annotations

from pathlib import Path

import pytest

from schemas.reading_edits import reading_edits
from validations.load import built_in_edits
from validations.pages import PAGE, catalogue, main


def test_names_every_edit_and_every_check_while_reading() -> None:
    page = catalogue()
    assert all(f"### {edit.edit}\n" in page for edit in built_in_edits())
    assert all(f"| {code} |" in page for code in reading_edits())


def test_is_up_to_date() -> None:
    assert PAGE.read_text(encoding="utf-8") == catalogue()


def test_says_that_a_page_differs(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    page = tmp_path / "edits.md"
    assert main(["--check"], page) == 1
    assert "docs/edits.md differs" in capsys.readouterr().err
    assert main([], page) == 0
    assert main(["--check"], page) == 0
