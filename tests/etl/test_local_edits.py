"""Edits of a project run through the whole line like the built-in ones."""

from __future__ import annotations

import csv
import re
from collections.abc import Callable
from pathlib import Path

import pytest

from etl.outcome import Outcome
from validations.pages import catalogue

EVERY_WOMAN = """\
  - {edit: OURS-002, title: A woman with one tumour, severity: notice, record: patient, violated: n_tumours = 1, reason: r, action: Look.}
"""
COUNTS = ("violated", "possible", "satisfied", "not_applicable", "not_judgeable")
pytestmark = pytest.mark.usefixtures("without_great_expectations")


def read(file: Path) -> list[dict[str, str]]:
    return list(csv.DictReader(file.read_text(encoding="utf-8-sig").splitlines()))


def test_judges_and_reports_the_documented_example(published: Path, tmp_path: Path, run_project: Callable[..., Outcome]) -> None:
    example = re.findall(r"```yaml\n(.*?)```", catalogue(), re.DOTALL)[0]
    published.joinpath("edits.yml").write_text(example + EVERY_WOMAN, encoding="utf-8")
    assert run_project(published).outcome == "published"
    release = tmp_path / "out" / "current"
    rows = {row["edit"]: row for row in read(release / "share" / "quality" / "edits.csv")}
    assert rows["OURS-001"]["title"] == "Fewer than ten nodes examined after a mastectomy"
    assert [int(rows["OURS-001"][word]) for word in COUNTS] == [0, 0, 0, 13, 0]
    assert [int(rows["OURS-002"][word]) for word in COUNTS] == [13, 0, 0, 0, 0]
    found = [row for row in read(release / "internal" / "findings.csv") if row["edit"] == "OURS-002"]
    assert len(found) == 13 and {row["severity"] for row in found} == {"notice"}
    assert "OURS-002" in release.joinpath("share", "quality", "index.html").read_text(encoding="utf-8")
