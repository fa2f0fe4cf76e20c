"""The two wards with an edit of their own that finds right-sided tumours wrong: two records in quarantine to be answered for."""

from __future__ import annotations

from pathlib import Path

import polars as pl
from two_hospitals import FILES, written

from etl.options import RunOptions
from etl.outcome import Outcome
from etl.pipeline import run
from etl.progress import Progress
from schemas.overrides import COLUMNS
from tests.expectations_met import expectations_met
from tests.filled_worklist import fill_in

EDIT = "OURS-001"
EDITS = f"""\
edits:
  - edit: {EDIT}
    title: A tumour on the right
    severity: error
    record: tumour
    violated: laterality_code = 'right' and before(date '2000-01-01', diagnosis)
    reason: Made up for the test.
    action: Look at the side again.
"""
HEAD = ",".join(COLUMNS) + "\n"


def project(folder: Path) -> Path:
    """The project folder, with the edit."""
    return written(folder, edits_yml=EDITS)


def ran(folder: Path, out: Path) -> Outcome:
    with expectations_met():
        return run(folder, out, RunOptions(), Progress(quiet=True))


def first_release(folder: Path) -> Path:
    """The folder with the project and its first release, in `project` and `out`."""
    outcome = ran(project(folder / "project"), folder / "out")
    assert outcome.outcome == "published", outcome.reason
    return folder


def plain_release(folder: Path) -> Path:
    """The same of the wards without the edit."""
    outcome = ran(written(folder / "project"), folder / "out")
    assert outcome.outcome == "published", outcome.reason
    return folder


def findings(out: Path, edit: str = EDIT) -> pl.DataFrame:
    """Rows of findings.csv about one edit, by file and row; all text."""
    frame = pl.read_csv(out / "current" / "internal" / "findings.csv", infer_schema=False)
    return frame.filter(pl.col("edit") == edit).sort("source_file", "source_row")


def quarantined(out: Path) -> set[tuple[str, int]]:
    """File and row of every tumour in quarantine."""
    frame = pl.read_parquet(out / "current" / "internal" / "quarantine.parquet").filter(record="tumour")
    return set(frame.select("source_file", "source_row").rows())


def line(finding: dict[str, str], **changed: str) -> str:
    """A line of overrides.csv about a finding."""
    said = {
        **{name: finding[name] for name in COLUMNS[:4]},
        "reason": "operation note seen",
        "author": "AB",
        "date": "2019-12-01",
        **changed,
    }
    return ",".join(said.get(name, "") for name in COLUMNS) + "\n"


def deliver(folder: Path, name: str, old: str, new: str) -> None:
    """An export delivered anew with one text changed."""
    text = FILES[f"exports/{name}"]
    assert old in text
    (folder / "exports" / name).write_text(text.replace(old, new), encoding="utf-8")


def answer(out: Path, target: Path, edit: str = EDIT, **answers: tuple[str, str]) -> None:
    """The work list filled in, by default for the edit of the wards."""
    fill_in(out, target, edit, **answers)
