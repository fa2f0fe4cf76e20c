"""What a night leaves behind: refusals, notices, runs that died, modes of files, and the key of the releases."""

from __future__ import annotations

import grp
import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from etl.outcome import Outcome
from etl.progress import Progress
from etl.summary import show
from schemas.core.errors import ConfigurationError
from warehouse.publish import current
from warehouse.runs import runs, stored_run

Run = Callable[..., Outcome]
FACTS = "text_facts.csv"
without_great_expectations = pytest.mark.usefixtures("without_great_expectations")


def last(out: Path) -> dict[str, Any]:
    return runs(out)[-1]


@without_great_expectations
@pytest.mark.slow
def test_tells_of_an_export_that_stops_every_night_until_it_is_back(published: Path, run_project: Run, night_before: Path) -> None:
    out, export = night_before, published / "exports" / FACTS
    first, kept = (out / "current").resolve().name, export.read_bytes()
    assert (last(out)["outcome"], last(out)["refusals"]) == ("published", [])
    export.unlink()
    second = run_project(published)
    assert (second.outcome, second.exit_code) == ("published_with_refusals", 0)
    assert second.run_id != first
    release = current(out)
    assert release is not None
    (refusal,) = stored_run(release)["refusals"]
    assert (refusal["contract"], refusal["reason"], refusal["carried_forward"]) == ("running_text", "not_delivered", FACTS)
    assert "not used as delivered" in (release / "share/quality/index.html").read_text(encoding="utf-8")
    third = run_project(published)
    assert (third.outcome, third.exit_code, third.run_id) == ("unchanged", 0, second.run_id)
    assert last(out)["refusals"] == [refusal]
    export.write_bytes(kept)
    fourth = run_project(published)
    assert (fourth.outcome, fourth.run_id) == ("published", first)
    assert [entry["outcome"] for entry in runs(out)] == ["published", "published_with_refusals", "unchanged", "published"]


@without_great_expectations
@pytest.mark.slow
def test_names_a_broken_file_every_night_also_when_quiet(
    published: Path, run_project: Run, night_before: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (published / "exports" / FACTS).write_text("nothing of this,is known\n1,2\n", encoding="utf-8")
    assert [run_project(published).outcome for _ in range(2)] == ["published_with_refusals", "unchanged"]
    (refusal,) = last(night_before)["refusals"]
    assert (refusal["source_file"], refusal["carried_forward"]) == (FACTS, FACTS)
    show([run_project(published)], Progress(quiet=True))
    said = capsys.readouterr()
    assert said.out == ""
    assert f"refused: {FACTS}" in said.err and f"(carried forward: {FACTS})" in said.err


@pytest.mark.slow
def test_shows_refusals_also_where_a_critical_expectation_refuses(
    published: Path, run_project: Run, night_before: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (published / "exports" / FACTS).unlink()
    registry = published / "registry.yml"
    registry.write_text(registry.read_text(encoding="utf-8") + "  women_loaded: {min: 100}\n", encoding="utf-8")
    outcome = run_project(published)
    assert (outcome.outcome, outcome.exit_code) == ("refused", 3)
    show([outcome], Progress())
    said = capsys.readouterr().out
    assert "women_loaded" in said and "refused: contract running_text: no file was delivered" in said


@without_great_expectations
@pytest.mark.slow
def test_notes_a_run_that_was_killed(published: Path, run_project: Run, tmp_path: Path) -> None:
    out = tmp_path / "out"
    (out / "releases" / ".0123456789ab.tmp-1").mkdir(parents=True)
    (out / ".lock").write_text(json.dumps({"pid": 1, "started": "2026-01-01T00:00:00+00:00"}), encoding="utf-8")
    run_project(published)
    died, done = runs(out)
    assert (died["outcome"], died["started"], died["run_id"], died["exit_code"]) == (
        "died", "2026-01-01T00:00:00+00:00", "0123456789ab", None,
    )  # fmt: skip
    assert done["outcome"] == "published"


@without_great_expectations
@pytest.mark.slow
def test_opens_what_is_shared_and_closes_the_rest(published: Path, run_project: Run, tmp_path: Path) -> None:
    registry = published / "registry.yml"
    group = grp.getgrgid(os.getgid()).gr_name
    registry.write_text(registry.read_text(encoding="utf-8") + f"group: {group}\n", encoding="utf-8")
    before = os.umask(0o077)
    try:
        place = run_project(published).place
    finally:
        os.umask(before)
    assert place is not None
    out = tmp_path / "out"
    modes = {
        out: 0o755, out / "releases": 0o755, place: 0o755, place / "share": 0o755, place / "share/quality/index.html": 0o644,
        out / "landing": 0o700, place / "internal": 0o700, place / "internal/contracts.json": 0o600, place / "warehouse.duckdb": 0o640,
        out / "runs.jsonl": 0o644,
    }  # fmt: skip
    assert {path: path.stat().st_mode & 0o777 for path in modes} == modes
    assert (place / "warehouse.duckdb").stat().st_gid == os.getgid()


@without_great_expectations
def test_refuses_another_key_where_releases_exist(
    published: Path, run_project: Run, night_before: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    registry = published / "registry.yml"
    registry.write_text(registry.read_text(encoding="utf-8").replace("key: public_example\n", ""), encoding="utf-8")
    (tmp_path / "other.key").write_bytes(b"k" * 40)
    (tmp_path / "other.key").chmod(0o600)
    monkeypatch.setenv("ONCOMART_KEY_FILE", str(tmp_path / "other.key"))
    with pytest.raises(ConfigurationError, match="not the one that the releases here were made with") as caught:
        run_project(published)
    assert caught.value.exit_code == 2
