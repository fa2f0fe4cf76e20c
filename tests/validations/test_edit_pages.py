"""docs/edits.md and docs/expectations.md are made from what they describe, and say when they are not up to date."""

from __future__ import annotations

from pathlib import Path

import pytest

from schemas.reading_edits import reading_edits
from validations.expecting.page import expectation_page
from validations.expecting.rules import entries
from validations.load import built_in_edits
from validations.pages import DOCS, catalogue, main, pages


def test_names_every_edit_and_every_check_while_reading() -> None:
    page = catalogue()
    assert all(f"### {edit.edit}\n" in page for edit in built_in_edits())
    assert all(f"| {code} |" in page for code in reading_edits())


def test_names_every_expectation() -> None:
    page = expectation_page()
    assert all(f"| `{entry['name']}` |" in page for entry in entries())


def test_gives_counts_that_miss_each_limit_by_one() -> None:
    line = {row.split("`")[1]: row for row in expectation_page().splitlines() if row.startswith("| `")}
    assert "at least 80 % | 799 of 1,000" in line["grade_known"]
    assert "at most 150 % of the rows of the last good release, from 100 rows on | 1,000 rows then, 1,501 now" in line["women_at_most"]


def test_is_up_to_date() -> None:
    assert all((DOCS / name).read_text(encoding="utf-8") == text for name, text in pages().items())


def test_says_that_a_page_differs(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--check"], tmp_path) == 1
    said = capsys.readouterr().err
    assert "docs/edits.md differs" in said and "docs/expectations.md differs" in said
    assert main([], tmp_path) == 0
    assert main(["--check"], tmp_path) == 0
