"""The page on over-rides: its example is run as it stands, and every word of the program stands there."""

from __future__ import annotations

import csv
import re
import shutil
from pathlib import Path

import pytest

from etl.options import RunOptions
from etl.progress import Progress
from etl.replay import WORDS, replay, told
from etl.worklists.worklist import MOST
from schemas.date_order import promised
from schemas.overrides import COLUMNS
from schemas.statuses import ANSWERS, CANNOT_TELL, FIXED, OPEN, OVERRIDDEN
from validations import answered, answers

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "overrides.md").read_text(encoding="utf-8")
FINDING, OVERRIDE = re.findall(r"```csv\n(.*?)```", PAGE, re.DOTALL)
(SAID,) = re.findall(r"```text\n(.*?)```", PAGE, re.DOTALL)
pytestmark = pytest.mark.usefixtures("without_great_expectations")


@pytest.mark.slow
def test_the_example_does_what_the_page_says(bundled_out: Path, tmp_path: Path) -> None:
    with (bundled_out / "registry/current/internal/findings.csv").open(encoding="utf-8", newline="") as handle:
        found = {row["finding_id"]: row for row in csv.DictReader(handle)}
    (shown,) = csv.DictReader(FINDING.splitlines())
    assert any(shown.items() <= row.items() for row in found.values())
    project = Path(shutil.copytree(ROOT / "etl/examples/registry", tmp_path / "project"))
    out = Path(shutil.copytree(bundled_out / "registry", tmp_path / "out", symlinks=True))
    shutil.rmtree(project / "exports")
    (project / "overrides.csv").write_text(OVERRIDE, encoding="utf-8")
    replayed = replay(project, out, RunOptions(), Progress(quiet=True))
    assert replayed.outcome.outcome == "published", replayed.outcome.reason
    assert told(replayed) == SAID.strip()


def test_the_example_has_the_columns_that_are_read() -> None:
    assert tuple(OVERRIDE.splitlines()[0].split(",")) == COLUMNS


EXPLAINED = (
    *answered.EDITS.values(),
    answered.INCOMPLETE,
    *answered.EDITS,
    answered.APPLIED,
    answered.MENDED,
    answers.REPLACED,
    *ANSWERS,
    OPEN,
    OVERRIDDEN,
    FIXED,
    CANNOT_TELL,
    *promised(),
    *WORDS,
)


@pytest.mark.parametrize("word", sorted(set(EXPLAINED)))
def test_the_page_explains(word: str) -> None:
    assert f"`{word}`" in PAGE


def test_the_page_says_how_many_rows_a_sheet_has() -> None:
    assert f"at most {MOST:,} rows of each source" in PAGE
