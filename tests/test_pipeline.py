"""The whole line: the same input gives the same bytes, nothing is lost, and bad input is refused alone and named."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable
from pathlib import Path

import polars as pl
import pytest

import etl.pipeline
from etl.options import RunOptions
from etl.outcome import Outcome
from etl.pipeline import run
from etl.progress import Progress
from schemas.core.errors import ConfigurationError, LockedError
from tests.same_release import differences
from validations.route import Routed
from warehouse.lock import run_lock
from warehouse.runs import runs

Run = Callable[..., Outcome]


@pytest.mark.slow
def test_two_runs_from_nothing_give_the_same_release(bundled_out: Path, published: Path, run_project: Run, tmp_path: Path) -> None:
    outcome = run_project(published)
    assert outcome.outcome == "published"
    assert differences(bundled_out / "published", tmp_path / "out") == []


def test_a_further_run_says_unchanged_and_publishes_nothing(bundled_alone: Path, example: str) -> None:
    out = bundled_alone / example
    before = sorted(path.name for path in (out / "releases").iterdir())
    folder = next(folder for folder in etl.bundled.bundled() if folder.name == example)
    outcome = run(folder, out, RunOptions(), Progress(quiet=True))
    assert (outcome.outcome, outcome.exit_code) == ("unchanged", 0)
    assert sorted(path.name for path in (out / "releases").iterdir()) == before


@pytest.mark.slow
@pytest.mark.usefixtures("without_great_expectations")
def test_a_ledger_that_lost_a_row_refuses_to_publish(
    without_claims: Path, run_project: Run, night_before: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = (night_before / "current").resolve().name

    def forgetful(*arguments: object, **named: object) -> Routed:
        routed = kept(*arguments, **named)  # type: ignore[arg-type]
        return Routed(routed.records, routed.quarantine, routed.ledger.filter(pl.col("source_file") != "table2.csv"), routed.judged)

    kept = etl.pipeline.route
    monkeypatch.setattr(etl.pipeline, "route", forgetful)
    second = run_project(
        without_claims, as_of=None, exports=spoilt(without_claims, "text_facts.csv", "side effects", "progression of disease")
    )
    assert (second.outcome, second.exit_code) == ("refused", 3)
    assert "ledger: table2.csv: 176 records go on at link, edit accounts for 0" in second.reason
    assert (night_before / "current").resolve().name == first
    assert second.place is not None and second.place.parent.name == "refused"
    assert [entry["exit_code"] for entry in runs(night_before)] == [0, 3]


def spoilt(project: Path, name: str, old: str, new: str) -> Path:
    """The exports folder of the project with one text replaced in one file."""
    path = project / "exports" / name
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")
    return path.parent


BROKEN = {
    "a renamed column": ("table2.csv", "\npatient,stage,", "\npatient,stge,", ["table2.csv", "row 6", "stage", "column 2"]),
    "a missing last cell": ("table2.csv", ",No,No,,336.80\n", ",No", ["table2.csv", "row 19", "cut off"]),
}


@pytest.mark.parametrize("kind", BROKEN)
def test_a_broken_export_of_a_required_source_refuses_to_publish(kind: str, without_claims: Path, run_project: Run, tmp_path: Path) -> None:
    name, old, new, told = BROKEN[kind]
    spoilt(without_claims, name, old, new)
    outcome = run_project(without_claims)
    assert (outcome.outcome, outcome.exit_code) == ("refused", 3)
    assert all(word in outcome.reason for word in told), outcome.reason
    assert not (tmp_path / "out" / "current").exists()


@pytest.mark.slow
@pytest.mark.usefixtures("without_great_expectations")
@pytest.mark.parametrize("kind", BROKEN)
def test_a_broken_export_is_refused_alone_and_its_last_good_delivery_carried_forward(
    kind: str, without_claims: Path, run_project: Run, night_before: Path
) -> None:
    name, old, new, _ = BROKEN[kind]
    spoilt(without_claims, name, old, new)
    spoilt(without_claims, "text_facts.csv", "side effects", "progression of disease")  # the other export did change
    second = run_project(without_claims)
    assert (second.outcome, second.exit_code) == ("published_with_refusals", 0)
    assert second.rows["dim_patient"] == 13
    assert second.place is not None
    said = json.loads((second.place / "run.json").read_text(encoding="utf-8"))
    assert [refusal["carried_forward"] for refusal in said["refusals"]] == [name]
    assert name in (second.place / "share/quality/index.html").read_text(encoding="utf-8")
    with (second.place / "ledger.csv").open(encoding="utf-8", newline="") as handle:
        fates = {(row["source_file"], row["fate"]) for row in csv.DictReader(handle) if row["stage"] == "land"}
    assert fates >= {(name, "refused"), (name, "carried_forward"), ("text_facts.csv", "goes_on")}
    assert run_project(without_claims, strict=True).exit_code == 3


@pytest.mark.parametrize("content", [b"", b"patient,stage\n", "patient,stage\n1,\xe9\n".encode("latin-1"), b"\x00\x01\x02"])
def test_a_file_that_cannot_be_read_is_named_and_refused(content: bytes, without_claims: Path, run_project: Run) -> None:
    (without_claims / "exports" / "table2.csv").write_bytes(content)
    outcome = run_project(without_claims)
    assert outcome.exit_code == 3
    assert "table2.csv" in outcome.reason


def test_every_mistake_of_the_configuration_is_told_at_once_and_nothing_is_read(published: Path, run_project: Run, tmp_path: Path) -> None:
    contract = published / "contracts" / "table_2.yml"
    text = contract.read_text(encoding="utf-8")
    text = text.replace("columns: exact", "columns: exact\ncolour: blue").replace("stage_code: stage", "stage_cod: stage")
    text = text.replace("when: progression is not null", "when: progression in (select 1)", 1)
    contract.write_text(text, encoding="utf-8")
    with pytest.raises(ConfigurationError) as caught:
        run_project(published)
    told = [str(mistake) for mistake in caught.value.mistakes]
    assert all(line.startswith("contracts/table_2.yml:") for line in told)
    assert any("colour" in line for line in told)
    assert any("stage_cod" in line and "stage_code" in line for line in told)
    assert any("select is not allowed" in line for line in told)
    assert not (tmp_path / "out" / "landing").exists()


def test_a_second_run_at_the_same_time_is_locked_out(without_claims: Path, run_project: Run, tmp_path: Path) -> None:
    with run_lock(tmp_path / "out"), pytest.raises(LockedError):
        run_project(without_claims)
    assert runs(tmp_path / "out")[-1]["exit_code"] == 4
