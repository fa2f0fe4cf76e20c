"""One night in which three exports of three sources come broken: each is noticed, named, and replaced by its last good delivery."""

from __future__ import annotations

import csv
import io
import json
import re
import shutil
from pathlib import Path

import pytest

from etl.bundled import bundled
from etl.options import RunOptions
from etl.outcome import Outcome
from etl.pipeline import run
from etl.progress import Progress

RENAMED, RESAVED, CUT = "hospital_a/recurrences.tsv", "hospital_b/contacts.csv", "deaths/deaths.csv"
pytestmark = pytest.mark.usefixtures("without_great_expectations")


def as_a_spreadsheet_saves_it(text: str) -> str:
    """Dates typed anew in another order, leading zeros gone: what opening and saving a CSV file in a spreadsheet does."""

    def saved(cell: str) -> str:
        if (date := re.fullmatch(r"(\d{4})-(\d\d)-(\d\d)", cell)) is not None:
            return f"{int(date[2])}/{int(date[3])}/{date[1]}"
        return str(int(cell)) if cell.isdigit() else cell

    out = io.StringIO(newline="")
    csv.writer(out).writerows([saved(cell) for cell in row] for row in csv.reader(io.StringIO(text, newline="")))
    return out.getvalue()


@pytest.fixture
def night(bundled_out: Path, tmp_path: Path) -> tuple[Path, Path]:
    """The registry's project with three spoilt exports, and the output folder of the night before."""
    source = next(folder for folder in bundled() if folder.name == "registry")
    project = Path(shutil.copytree(source, tmp_path / "project"))
    out = Path(shutil.copytree(bundled_out / "registry", tmp_path / "out", symlinks=True))
    exports = project / "exports"
    renamed = (exports / RENAMED).read_text(encoding="utf-8")
    (exports / RENAMED).write_text(renamed.replace("\tDate\t", "\tEvent date\t", 1), encoding="utf-8")
    resaved = (exports / RESAVED).read_text(encoding="utf-8")
    (exports / RESAVED).write_text(as_a_spreadsheet_saves_it(resaved), encoding="utf-8")
    whole = (exports / CUT).read_bytes()
    (exports / CUT).write_bytes(whole[: len(whole) // 2 + 3])
    return project, out


@pytest.mark.slow
def test_each_broken_export_is_named_and_its_last_good_delivery_stands_in(night: tuple[Path, Path]) -> None:
    project, out = night
    before = json.loads((out / "current/run.json").read_text(encoding="utf-8"))
    outcome = run(project, out, RunOptions(), Progress(quiet=True))
    assert (outcome.outcome, outcome.exit_code) == ("published_with_refusals", 0)
    after = json.loads((out / "current/run.json").read_text(encoding="utf-8"))
    refusals = {refusal["source_file"]: refusal for refusal in after["refusals"]}
    assert {name: refusal["reason"] for name, refusal in refusals.items()} == {
        RENAMED: "missing_header",
        RESAVED: "illegible",
        CUT: "truncated",
    }
    assert "'Date'" in refusals[RENAMED]["message"]
    assert re.search(r"column 'contact_date': [\d,]+ of [\d,]+ filled cells cannot be read", refusals[RESAVED]["message"])
    assert all(refusal["carried_forward"] == name for name, refusal in refusals.items())
    assert {**after["rows"], "ledger": 0} == {**before["rows"], "ledger": 0}  # nothing was lost, the other exports were read
    _is_told(outcome, out)


def _is_told(outcome: Outcome, out: Path) -> None:
    """The report names the three files and says what stands in for them."""
    page = (out / "current/share/quality/index.html").read_text(encoding="utf-8")
    for name in (RENAMED, RESAVED, CUT):
        assert name in page
    assert outcome.place is not None


@pytest.fixture
def trial(bundled_out: Path, tmp_path: Path) -> tuple[Path, Path]:
    """A copy of the trial_days project and of its output folder."""
    source = next(folder for folder in bundled() if folder.name == "trial_days")
    out = Path(shutil.copytree(bundled_out / "trial_days", tmp_path / "out", symlinks=True))
    return Path(shutil.copytree(source, tmp_path / "project")), out


def a_part_of_the_rows(project: Path, share: float) -> None:
    export = next((project / "exports").iterdir())
    lines = export.read_text(encoding="utf-8").splitlines(keepends=True)
    export.write_text("".join(lines[: int(len(lines) * share)]), encoding="utf-8")


def allowing(project: Path, words: str, *, instead: str = "") -> None:
    contract = next((project / "contracts").glob("*.yml"))
    text = contract.read_text(encoding="utf-8")
    contract.write_text(text.replace(instead, words) if instead else text + words, encoding="utf-8")


@pytest.mark.slow
def test_a_part_sent_for_the_whole_is_refused_until_the_contract_says_that_it_is_right(trial: tuple[Path, Path]) -> None:
    project, out = trial
    a_part_of_the_rows(project, 0.6)
    allowing(project, "\nexpected_rows: {of_last: 0.9}\n")
    kept = run(project, out, RunOptions(), Progress(quiet=True))
    assert [(refusal.reason, refusal.carried_forward) for refusal in kept.refusals] == [("fewer_rows", "gbsg2.csv")]
    allowing(project, "\n", instead="\nexpected_rows: {of_last: 0.9}\n")
    taken = run(project, out, RunOptions(), Progress(quiet=True))
    assert (taken.outcome, taken.refusals) == ("published", ())
    assert taken.rows["dim_patient"] < 686 * 0.6


@pytest.mark.slow
def test_some_rows_fewer_are_taken(trial: tuple[Path, Path]) -> None:
    project, out = trial
    a_part_of_the_rows(project, 0.9)
    assert run(project, out, RunOptions(), Progress(quiet=True)).outcome == "published"


@pytest.mark.slow
def test_strict_keeps_the_release_of_the_night_before(night: tuple[Path, Path]) -> None:
    project, out = night
    release = (out / "current").readlink()
    assert run(project, out, RunOptions(strict=True), Progress(quiet=True)).exit_code == 3
    assert (out / "current").readlink() == release
