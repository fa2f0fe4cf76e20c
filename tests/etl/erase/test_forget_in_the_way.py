"""`oncomart forget` where something stands in the way: other runs, files that nobody can read, contracts that change."""

from __future__ import annotations

import shutil
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

import etl.erase.landed
from etl.erase.every_run import land_exports, landed_again, parts_of, withheld_of
from etl.erase.file import Looked
from etl.erase.forgetting import listed, plan
from etl.landing.manifest import Entry, read_manifest, write_manifest
from etl.options import RunOptions
from etl.progress import Progress
from etl.selfcheck.text_export import TextExport, cut
from etl.setting import setting
from schemas.core.errors import LockedError, RefusedError
from schemas.project import load_project
from tests.commands import oncomart
from tests.etl.erase.forget_project import (
    NRIC,
    OWN,
    at_work,
    copied,
    deliver,
    erase,
    ledger,
    night,
    places_with_her,
    project,
    table,
    ward,
)  # fmt: skip
from tests.expectations_met import expectations_met
from warehouse.lock import run_lock

QUIET = Progress(quiet=True)
STAR = ("dim_patient", "dim_tumour")


def test_it_waits_for_no_other_run(nights: Path) -> None:
    with run_lock(nights / "out"), pytest.raises(LockedError):
        plan(nights / "project", nights / "out", NRIC, None, drop=False)


@pytest.mark.slow
def test_it_takes_away_what_was_left_of_runs_that_died_before_anything_was_published(nights: Path, tmp_path: Path) -> None:
    folder = copied(nights, tmp_path / "folder")
    out = folder / "out"
    (out / "current").resolve().rename(out / "releases" / ".c0ffee.tmp-1")
    (out / "current").unlink()
    for release in (out / "releases").glob("[!.]*"):
        shutil.rmtree(release)
    (out / "runs.jsonl").unlink()
    shutil.copy(out / "vault.duckdb", out / ".vault.duckdb.next")
    assert erase(folder) is None
    assert places_with_her(out) == []


def test_it_does_nothing_where_nobody_can_be_asked(nights: Path) -> None:
    place = ("--project", str(nights / "project"), "--out", str(nights / "out"))
    before = sorted(path for path in (nights / "out").rglob("*"))
    told = oncomart("forget", NRIC, *place)
    assert told.returncode == 2 and "--yes" in told.stderr
    assert oncomart("forget", NRIC, *place, "--dry-run").returncode == 0
    assert sorted(path for path in (nights / "out").rglob("*")) == before
    assert NRIC not in told.stdout + told.stderr


@pytest.mark.slow
def test_it_refuses_where_a_landed_file_cannot_be_looked_through_unless_it_may_go(nights: Path, tmp_path: Path) -> None:
    folder = copied(nights, tmp_path)
    (folder / "project" / "contracts" / "items.yml").unlink()
    with pytest.raises(RefusedError, match=r"items\.csv: no contract reads this file"):
        erase(folder)
    assert not withheld_of(folder / "out")
    with expectations_met():
        done = erase(folder, drop=True)
        assert done is not None and done.exit_code == 0
        assert places_with_her(folder / "out") == []
        shutil.copytree(nights / "project", folder / "project", dirs_exist_ok=True)
        assert night(folder).outcome == "published", "it is read again, and lands without her"
        assert ledger(folder)["items.csv", "normalise", "record", "withheld", "erased"] == 1
    assert places_with_her(folder / "out") == []


@pytest.mark.slow
def test_it_erases_a_second_person_and_keeps_the_first_away(erased: Path, tmp_path: Path) -> None:
    folder = copied(erased, tmp_path)
    with expectations_met():
        done = erase(folder, "S1000004A")
        assert done is not None and done.exit_code == 0
        assert ledger(folder)["ward.csv", "normalise", "record", "withheld", "erased"] == 4 + 2
        assert listed(folder / "out").startswith("2 persons erased:")
        assert night(folder).outcome == "unchanged"
    assert places_with_her(folder / "out") == []
    assert table(folder, "dim_patient").height == table(erased, "dim_patient").height - 1


@pytest.mark.slow
def test_it_keeps_nothing_of_an_export_that_cannot_be_looked_through(erased: Path, tmp_path: Path) -> None:
    folder = copied(erased, tmp_path)
    deliver(folder, "ward.csv", ward().replace("no;name", "number;name"))
    with expectations_met():
        done = night(folder)
    assert (done.outcome, [refusal.reason for refusal in done.refusals]) == ("published_with_refusals", ["missing_header"])
    assert ledger(folder)["ward.csv", "normalise", "record", "withheld", "erased"] == 4, "the one of before stands in"
    assert places_with_her(folder / "out") == []


@pytest.mark.slow
def test_it_erases_where_nothing_was_published(tmp_path: Path) -> None:
    folder = tmp_path / "folder"
    project(folder / "project")
    (folder / "project" / "exports" / "ward.csv").unlink()  # of a required source
    assert night(folder).exit_code == 3
    shutil.copytree(folder / "out", folder / "before")
    planned = plan(folder / "project", folder / "out", OWN, None, drop=False)
    assert "no run has linked her: only this number is known" in planned.told()
    assert erase(folder, OWN) is None
    assert places_with_her(folder / "out") == []
    assert len(places_with_her(folder / "before")) == 4


def test_it_needs_the_vault_where_contracts_name_identifiers(nights: Path, tmp_path: Path) -> None:
    folder = copied(nights, tmp_path)
    (folder / "out" / "vault.duckdb").unlink()
    with pytest.raises(RefusedError, match="nobody knows under which numbers a person is known"):
        erase(folder)


def test_its_list_makes_another_release_of_the_same_files(erased: Path) -> None:
    given = setting(load_project(erased / "project"), erased / "out", RunOptions(), QUIET, datetime.now(UTC))
    told = parts_of(given, landed_again(given))
    assert told[0] == ("", withheld_of(erased / "out").digest, "withheld")
    assert {name for name, *_ in told[1:]} == {"ward.csv", "lines.dat", "book.xlsx", "abstracts.xml", "items.csv"}


def test_it_lands_no_bytes_that_were_not_looked_through(erased: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = copied(erased, tmp_path)
    deliver(folder, "ward.csv", ward(hers=False))
    given = setting(load_project(folder / "project"), folder / "out", RunOptions(), QUIET, datetime.now(UTC))
    looked = etl.erase.landed.look_through

    def and_then_it_grows(*given: Any) -> Looked:
        found = looked(*given)
        deliver(folder, "ward.csv", ward())
        return found

    monkeypatch.setattr(etl.erase.landed, "look_through", and_then_it_grows)
    assert [refusal.reason for refusal in land_exports(given).refusals if refusal.source_file == "ward.csv"] == ["changing"]
    assert places_with_her(folder / "out") == []


def test_it_lands_an_export_anew_whose_copy_was_changed_by_hand(erased: Path, tmp_path: Path) -> None:
    folder = copied(erased, tmp_path)
    given = setting(load_project(folder / "project"), folder / "out", RunOptions(), QUIET, datetime.now(UTC))
    copies = {file.name: file.path for file in landed_again(given).files}
    whole = {name: path.read_bytes() for name, path in copies.items()}
    for path in copies.values():
        path.write_bytes(path.read_bytes()[:-1] + b"x")
    land_exports(given)
    assert {name: path.read_bytes() for name, path in copies.items()} == whole


@pytest.mark.slow
def test_it_erases_one_content_under_all_endings_that_it_came_with(nights: Path, tmp_path: Path) -> None:
    folder = copied(nights, tmp_path)
    contract = folder / "project" / "contracts" / "items.yml"
    contract.write_text(contract.read_text(encoding="utf-8").replace("items.csv", "items.*"), encoding="utf-8")
    entries = read_manifest(folder / "out")
    [entry] = [one for one in entries if one.name == "items.csv"]
    again = replace(entry, name="items.txt")
    write_manifest(folder / "out", [*entries, again])
    landing = folder / "out" / "landing"
    shutil.copy(entry.path(landing), again.path(landing))
    planned = plan(folder / "project", folder / "out", NRIC, None, drop=False)
    erasing = at_work(folder)
    erasing.list(planned.person)
    erasing.sweep()
    assert not [name for name in places_with_her(folder / "out") if name.startswith("landing/")]
    named = {one.name: one for one in read_manifest(folder / "out")}
    assert named["items.txt"].sha256 == named["items.csv"].sha256 != entry.sha256
    assert named["items.txt"].path(landing).is_file() and named["items.csv"].path(landing).is_file()


@pytest.mark.slow
def test_it_says_that_a_landed_copy_is_gone_and_takes_what_was_made_of_it_away(nights: Path, tmp_path: Path) -> None:
    folder = copied(nights, tmp_path)
    for path in (folder / "out" / "landing").rglob("*.xml"):
        path.unlink()
    with pytest.raises(RefusedError, match=r"1 landed file cannot be looked through(?s:.)*abstracts\.xml: its landed copy is gone"):
        plan(folder / "project", folder / "out", NRIC, None, drop=False)
    planned = plan(folder / "project", folder / "out", NRIC, None, drop=True)
    assert (planned.files, planned.releases) == (5, 2)
    lost = "1 landed file that cannot be looked through: taken away, with the rows of everybody in it: abstracts.xml"
    assert planned.lost() == lost and lost in planned.told() and "deliver it again" in planned.told()


def test_it_goes_on_without_a_copy_that_no_release_has_used_and_that_was_taken_away(nights: Path, tmp_path: Path) -> None:
    folder = copied(nights, tmp_path)
    out, unused = folder / "out", Entry("annex_2.csv", 9, "ab" * 32, "2026-01-01T00:00:00", "annex", "refused")
    write_manifest(out, [*read_manifest(out), unused])
    erasing = at_work(folder)
    assert erasing.was_taken_away([unused]) and erasing._swept([unused]) is None
    assert unused.name not in [entry.name for entry in read_manifest(out)]
    assert erasing.withheld.now(erasing.secret, unused.sha256) == "", "these bytes are looked through where they come again"
    used = replace(unused, status="good")
    assert erasing._swept([used]) == "annex_2.csv: its landed copy is gone"


@pytest.mark.slow
def test_it_takes_half_written_copies_of_a_run_that_died_away(nights: Path, tmp_path: Path) -> None:
    folder = copied(nights, tmp_path)
    left = folder / "out" / "landing" / "ab" / ".abcd.csv.77.1"
    left.parent.mkdir(exist_ok=True)
    left.write_text(NRIC, encoding="utf-8")
    (folder / "out" / ".lock").write_text('{"pid": 77, "started": "2026-01-01T02:00:00+00:00"}', encoding="utf-8")
    plan(folder / "project", folder / "out", NRIC, None, drop=False)
    assert not left.exists(), "also where it is only asked what would be done"


@pytest.mark.slow
def test_it_looks_through_a_file_once_in_which_the_plan_found_nobody(nights: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = copied(nights, tmp_path)
    planned = plan(folder / "project", folder / "out", NRIC, None, drop=False)
    [annex] = [one.sha256 for one in read_manifest(folder / "out") if one.name == "annex.csv"]
    assert list(planned.clean.values()) == [frozenset({annex})]
    erasing, looked = replace(at_work(folder), clean=planned.clean), []
    monkeypatch.setattr(erasing, "_swept", lambda entries: looked.append(entries[0].name))
    erasing.list(planned.person)
    erasing.sweep()
    assert len(looked) == 6 and "annex.csv" not in looked


def test_it_passes_over_an_old_copy_that_nobody_reads_where_a_number_of_hers_comes_to_light(erased: Path, tmp_path: Path) -> None:
    folder = copied(erased, tmp_path)
    (folder / "project" / "contracts" / "items.yml").unlink()
    erasing = at_work(folder)
    erasing.grow(["aa" * 16])
    with pytest.raises(RefusedError, match=r"items\.csv"):
        erasing.sweep()
    [told] = erasing.sweep(strict=False)
    assert told.startswith("items.csv") and not withheld_of(folder / "out").is_pending


def test_it_lets_selfcheck_write_a_footer_that_counts_the_rows_that_are_there(erased: Path) -> None:
    given = setting(load_project(erased / "project"), erased / "out", RunOptions(), QUIET, datetime.now(UTC))
    [file] = [file for file in landed_again(given).files if file.name == "ward.csv"]
    export = cut(file)
    assert isinstance(export, TextExport)
    assert (file.rows_gone, export.tail.strip()) == (3, f"Total {len(export.rows)}")


@pytest.mark.slow
def test_it_looks_again_where_todays_contract_reads_her_number_and_the_one_before_did_not(erased: Path, tmp_path: Path) -> None:
    folder = copied(erased, tmp_path)
    contract = folder / "project" / "contracts" / "annex.yml"
    reads = contract.read_text(encoding="utf-8")
    contract.write_text(reads.replace(", nric: {identifier: nric}", ""), encoding="utf-8")
    deliver(folder, "annex.csv", f"mrn,nric\nM-3,S5555555X\nZYXWV-1,{NRIC}\n")
    with expectations_met():
        assert night(folder).outcome == "published"
        assert places_with_her(folder / "out"), "nothing tells that she is ZYXWV-1"
        contract.write_text(reads, encoding="utf-8")
        assert night(folder).outcome == "published"
    assert places_with_her(folder / "out") == []
    assert ledger(folder)["annex.csv", "normalise", "record", "withheld", "erased"] == 1
