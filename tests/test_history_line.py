"""Several nights of one registry: since when a finding stands, what the report tells of the night before, and an edit that falls silent."""

from __future__ import annotations

import csv
import datetime
import json
import re
from collections.abc import Callable
from pathlib import Path

import duckdb
import polars as pl
import pytest

from etl.outcome import Outcome
from etl.progress import Progress
from etl.summary import show
from warehouse.content import content_hash

Run = Callable[..., Outcome]
# Patient 10 had trastuzumab without a known HER2: without the drug, its finding is gone.
TREATED, UNTREATED = "Tx12 Trastuzumab,No,,173.93", "Tx12,No,,173.93"
FOUND = ("edit", "REC-003")
pytestmark = pytest.mark.usefixtures("without_great_expectations")


def day(n: int) -> datetime.date:
    return datetime.date(2018, 1, n)


def replace(project: Path, name: str, old: str, new: str) -> None:
    path = project / name
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")


def add(project: Path, text: str) -> None:
    """At the end of registry.yml, which ends with its thresholds."""
    with (project / "registry.yml").open("a", encoding="utf-8") as handle:
        handle.write(text.removeprefix("thresholds:\n"))


def rows(out: Path, name: str) -> list[dict[str, str]]:
    with (out / "current" / name).open(encoding="utf-8", newline="") as handle:
        return list(csv.DictReader(handle))


def first_seen(out: Path) -> dict[str, str]:
    return {row["edit"]: row["first_seen"] for row in rows(out, "internal/findings.csv")}


@pytest.mark.slow
def test_a_finding_keeps_its_first_day_through_releases_that_are_long_deleted(published: Path, run_project: Run, tmp_path: Path) -> None:
    out = tmp_path / "out"
    replace(published, "registry.yml", "releases_kept: 3", "releases_kept: 1")
    assert run_project(published, as_of=day(12)).exit_code == 0
    assert set(first_seen(out).values()) == {"2018-01-12"}
    assert {row["status"] for row in rows(out, "internal/findings.csv")} == {"open"}

    replace(published, "exports/table2.csv", TREATED, UNTREATED)
    replace(published, "exports/table2.csv", "9,IIIC,", "9,IIIB,")
    assert run_project(published, as_of=day(13)).exit_code == 0
    told = {row["edit"]: row for row in rows(out, "share/quality/edit_history.csv") if row["release_no"] == "2"}
    assert "REC-003" not in first_seen(out)
    assert [told["REC-003"][name] for name in ("standing", "new", "returned", "gone")] == ["0", "0", "0", "1"]
    assert [told["RAD-001"][name] for name in ("standing", "new", "returned", "gone")] == ["1", "0", "0", "0"]
    page = (out / "current/share/quality/index.html").read_text(encoding="utf-8")
    assert "REC-003" in page

    assert run_project(published, as_of=day(14)).exit_code == 0
    replace(published, "exports/table2.csv", UNTREATED, TREATED)
    assert run_project(published, as_of=day(15)).exit_code == 0
    assert len(list((out / "releases").iterdir())) == 2, "the releases that knew it are deleted"
    assert first_seen(out)["REC-003"] == "2018-01-12"
    history = rows(out, "share/quality/edit_history.csv")
    assert [row["violated"] for row in history if row["edit"] == "REC-003"] == ["1", "0", "0", "1"]
    assert [row["returned"] for row in history if row["edit"] == "REC-003"] == ["0", "0", "0", "1"]
    numbers = [row["n"] for row in rows(out, "share/quality/release_history.csv") if row["measure"] == "numbers_changed"]
    assert numbers[0] != "0" and numbers[1] == "0", "another stage moved published numbers, a later day none"

    as_csv = pl.read_csv(out / "current/internal/findings.csv", infer_schema=False)
    assert pl.read_parquet(out / "current/internal/findings.parquet").cast(pl.String).equals(as_csv.select(pl.all().replace("", None)))


@pytest.mark.slow
def test_history_is_no_part_of_what_a_release_is(published: Path, run_project: Run, tmp_path: Path) -> None:
    out = tmp_path / "out"
    first = run_project(published, as_of=day(12))
    hashed = content_hash(out / "current/warehouse.duckdb")
    replace(published, "exports/table2.csv", TREATED, UNTREATED)
    run_project(published, as_of=day(13))
    replace(published, "exports/table2.csv", UNTREATED, TREATED)
    again = run_project(published, as_of=day(12))
    assert (again.run_id, again.outcome) == (first.run_id, "published")
    assert content_hash(out / "current/warehouse.duckdb") == hashed
    run = json.loads((out / "current/run.json").read_text(encoding="utf-8"))
    assert run["previous_release"] != first.run_id
    assert [row["release_no"] for row in rows(out, "share/quality/edit_history.csv") if row["edit"] == "REC-003"] == ["1", "2", "3"]


@pytest.mark.slow
def test_a_release_without_history_is_understood(published: Path, run_project: Run, tmp_path: Path) -> None:
    """A release of an older version has findings.csv and edits.csv only, and its run.json names no file that it hands on."""
    out = tmp_path / "out"
    run_project(published, as_of=day(12))
    release = (out / "current").resolve()
    for name in ("internal/findings_seen.parquet", "internal/findings.parquet", "internal/category_counts.csv", "internal/baselines.csv",
                 "share/quality/edit_history.csv", "share/quality/release_history.csv"):  # fmt: skip
        (release / name).unlink()
    replace(release, "run.json", '"handed_on":', '"not_written_then":')
    assert run_project(published, as_of=day(13)).exit_code == 0
    assert set(first_seen(out).values()) == {"2018-01-12"}
    history = [row for row in rows(out, "share/quality/edit_history.csv") if row["edit"] == "DATE-011"]
    assert [(row["release_no"], row["satisfied"]) for row in history] == [("1", "13"), ("2", "13")]


LOCAL = """edits:
  - edit: OURS-001
    title: Stage 0 that came back
    severity: warning
    critical: true
    record: tumour
    applies: stage_code is not null
    violated: stage_code = '0'
    reason: What is in situ does not recur.
    action: Look up the stage.
"""


@pytest.fixture
def silenced(published: Path, run_project: Run) -> Path:
    """The column of the stage is gone overnight, under a contract that says it may be missing; a critical edit of ours needs it."""
    (published / "edits.yml").write_text(LOCAL, encoding="utf-8")
    replace(published, "contracts/table_2.yml", "columns: exact\n", "")
    replace(published, "contracts/table_2.yml", "stage: {required: true, ", "stage: {")
    assert run_project(published, as_of=day(12)).exit_code == 0
    export = published / "exports/table2.csv"
    lines = export.read_text(encoding="utf-8").splitlines(keepends=True)
    header = next(no for no, line in enumerate(lines) if line.startswith("patient,stage,"))
    kept = [re.sub(r"^([^,]*),[^,]*,", r"\1,", line) for line in lines[header:]]
    export.write_text("".join([*lines[:header], *kept]), encoding="utf-8")
    return published


@pytest.mark.slow
def test_a_critical_edit_that_falls_silent_stops_the_publish(silenced: Path, run_project: Run, tmp_path: Path) -> None:
    out = tmp_path / "out"
    before = (out / "current").readlink()
    refused = run_project(silenced, as_of=day(13))
    assert (refused.exit_code, refused.outcome) == (3, "refused")
    assert "edits_judged.OURS-001" in refused.reason
    assert (out / "current").readlink() == before
    assert refused.place is not None
    quality = refused.place / "share/quality"
    assert "edits_judged.OURS-001" in re.sub("<wbr>", "", (quality / "index.html").read_text(encoding="utf-8"))
    assert "edits_judged.OURS-001" in re.sub("<wbr>", "", (quality / "expectations/index.html").read_text(encoding="utf-8"))
    with (refused.place / "internal/findings.csv").open(encoding="utf-8", newline="") as handle:
        told = [(row["record"], row["columns"]) for row in csv.DictReader(handle) if row["edit"] == "LOAD-SILENT"]
    assert told == [("edit", "OURS-001")]


@pytest.mark.slow
def test_a_registry_that_changed_by_right_says_so_and_is_published(silenced: Path, run_project: Run, tmp_path: Path) -> None:
    out = tmp_path / "out"
    add(silenced, "thresholds:\n  edits_judged.OURS-001: {critical: false}\n")
    assert run_project(silenced, as_of=day(13)).exit_code == 0
    told = [row for row in rows(out, "internal/findings.csv") if row["edit"] == "LOAD-SILENT"]
    assert [(row["columns"], row["severity"], row["first_seen"]) for row in told] == [("OURS-001", "warning", "2018-01-13")]
    base = {row["expectation"]: row for row in rows(out, "internal/baselines.csv")}
    run = (out / "current").readlink().name
    assert (base["women_against_previous"]["run_id"], base["women_against_previous"]["n"]) == (run, "13")
    # history never enters the warehouse: the same files from nothing are the same release
    with duckdb.connect(str(out / "current/warehouse.duckdb"), read_only=True) as con:
        assert con.sql("select count(*) from fact_finding where edit = 'LOAD-SILENT'").fetchall() == [(0,)]


@pytest.mark.slow
@pytest.mark.parametrize("line", ["edits_judged.OURS-001", "women_against_previous"])
def test_a_refused_release_that_is_right_is_accepted_with_the_line_that_the_refusal_names(
    silenced: Path, run_project: Run, tmp_path: Path, line: str
) -> None:
    out = tmp_path / "out"
    refused = run_project(silenced, as_of=day(13))
    assert f'  edits_judged.OURS-001: "{refused.run_id}"' in refused.reason.splitlines()
    add(silenced, f'accepted:\n  {line}: "{refused.run_id}"\n')
    assert run_project(silenced, as_of=day(13)).exit_code == 0
    base = {row["expectation"]: row for row in rows(out, "internal/baselines.csv") if row["item"] == "satisfied"}
    # the stage that went with it is not accepted; the edit judges no more than before, so its measure moves on all the same
    told = json.loads((out / "current/run.json").read_text(encoding="utf-8"))["expectations_not_met"]
    assert "dim_tumour_stage_code_kept.since_anchor" in told
    run = (out / "current").readlink().name
    assert [base["edits_judged.OURS-001"][name] for name in ("n", "run_id", "accepted")] == ["0", run, refused.run_id]
    anchors = [row for row in rows(out, "internal/anchors.csv") if row["expectation"] == "edits_judged.OURS-001"]
    assert {(row["role"], row["run_id"]) for row in anchors} == {("old", refused.run_id)}


@pytest.mark.slow
def test_a_warning_about_the_whole_load_is_a_notice_of_the_run(
    silenced: Path, run_project: Run, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    add(silenced, "thresholds:\n  edits_judged.OURS-001: {critical: false}\n")
    outcome = run_project(silenced, as_of=day(13))
    run = json.loads((tmp_path / "out/current/run.json").read_text(encoding="utf-8"))
    assert "edits_judged.OURS-001" in run["expectations_not_met"] and "edits_judged" not in run["expectations_not_met"]
    [told] = [one["message"] for one in run["notices"] if "OURS-001" in one["message"]]
    assert told.startswith("expectation edits_judged.OURS-001 (edits.OURS-001) is not met: 0 judged now, 12 in release ")
    assert told.endswith(" of 2018-01-12, expected at least 1")
    assert {one["reason"] for one in run["notices"]} == {"expectation_not_met"}
    assert told in [notice.message for notice in outcome.notices]
    page = re.sub("<wbr>", "", (tmp_path / "out/current/share/quality/index.html").read_text(encoding="utf-8"))
    first_screen = page[page.index('id="problems"') : page.index('id="loaded"')]
    assert "new in this release" in first_screen and "Not met since this release: " in first_screen
    again = run_project(silenced, as_of=day(13))
    assert again.outcome == "unchanged" and told in [notice.message for notice in again.notices]
    show([again], Progress())
    assert "notice: expectation " in capsys.readouterr().out


def test_an_override_of_an_edit_that_is_not_there_is_a_mistake(published: Path, run_project: Run) -> None:
    from schemas.core.errors import ConfigurationError

    add(published, "thresholds:\n  edits_judged.DATE-911: {min: 0}\n")
    with pytest.raises(ConfigurationError, match=r"registry\.yml:\d+: thresholds: no edit has the code 'DATE-911'"):
        run_project(published)
