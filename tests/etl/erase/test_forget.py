"""`oncomart forget`: one person erased from every byte below the output folder, withheld from then on, and nobody else touched."""

from __future__ import annotations

import json
import shutil
import stat
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import duckdb
import pytest

import etl.erase.landed
from etl.erase.every_run import land_exports, landed_again, parts_of, withheld_of
from etl.erase.file import Looked
from etl.erase.forgetting import listed, plan
from etl.erase.landed import Erasing
from etl.manifest import read_manifest, write_manifest
from etl.options import RunOptions
from etl.progress import Progress
from etl.selfcheck.text_export import TextExport, cut
from etl.setting import setting
from schemas.core.errors import ConfigurationError, LockedError, RefusedError
from schemas.project import load_project
from tests.commands import oncomart
from tests.etl.erase.forget_project import (
    NEW,
    NRIC,
    OWN,
    copied,
    deliver,
    erase,
    items,
    ledger,
    lines,
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


@pytest.fixture(scope="module")
def nights(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A folder with the project and, below `out`, two nights of it: two releases, two deliveries of the ward."""
    folder = tmp_path_factory.mktemp("nights")
    project(folder / "project")
    with expectations_met():
        for note in ("seen", "called"):
            deliver(folder, "ward.csv", ward().replace(";seen", f";{note}"))
            assert night(folder).outcome == "published"
        yield folder


@pytest.fixture(scope="module")
def erased(nights: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same after she was forgotten."""
    folder = copied(nights, tmp_path_factory.mktemp("erased"))
    done = erase(folder)
    assert done is not None and done.exit_code == 0, done
    return folder


def test_it_finds_her_everywhere_before(nights: Path) -> None:
    kinds = {Path(name).suffix for name in places_with_her(nights / "out") if name.startswith("landing/")}
    assert kinds == {".csv", ".dat", ".xlsx", ".xml"}
    assert {"vault.duckdb"} < set(places_with_her(nights / "out"))


def test_it_leaves_no_byte_of_her(erased: Path) -> None:
    assert places_with_her(erased / "out") == []


def test_it_takes_every_release_away_that_was_made_with_her(nights: Path, erased: Path) -> None:
    before = {path.name for path in (nights / "out" / "releases").iterdir()}
    after = {path.name for path in (erased / "out" / "releases").iterdir()}
    assert len(before) == 2 and len(after) == 1 and not before & after


def test_it_counts_her_records_as_withheld_and_her_rows_as_read(nights: Path, erased: Path) -> None:
    before, after = ledger(nights), ledger(erased)
    withheld = {line[0]: n for line, n in after.items() if line[3] == "withheld"}
    assert withheld == {"ward.csv": 4, "lines.dat": 1, "book.xlsx": 1, "abstracts.xml": 1, "items.csv": 1}
    read = {line: n for line, n in before.items() if line[1] == "read" and line[3] == "goes_on"}
    assert read == {line: n for line, n in after.items() if line[1] == "read" and line[3] == "goes_on"}
    assert after["ward.csv", "read", "row", "not_data", "erased"] == 1, "her torn row is no finding any more"


def test_it_changes_nothing_of_the_others(nights: Path, erased: Path) -> None:
    for name in STAR:
        before, after = table(nights, name), table(erased, name)
        assert before.height == after.height + 1
        assert after.join(before, on=after.columns, how="anti", nulls_equal=True).is_empty()


def test_it_keeps_the_row_numbers_of_the_others(nights: Path, erased: Path) -> None:
    rows = [{(key, row) for key, row in table(f, "lineage").select("row_key", "source_row").iter_rows()} for f in (nights, erased)]
    assert rows[1] < rows[0]


def test_it_keeps_no_hash_of_a_file_with_her_rows(nights: Path, erased: Path) -> None:
    named = [path.stem for path in (nights / "out" / "landing").rglob("*") if len(path.stem) == 64]
    gone = [name for name in named if not list((erased / "out" / "landing").rglob(f"{name}.*"))]
    texts = [path.read_bytes() for path in (erased / "out").rglob("*") if path.is_file()]
    assert len(gone) == 6
    assert not [name for name in gone if any(name.encode() in text for text in texts)]


def test_it_keeps_the_list_closed_and_without_identifiers(erased: Path) -> None:
    path = erased / "out" / "landing" / "withheld.json"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert len(json.loads(path.read_text(encoding="utf-8"))["persons"]) == 1
    assert listed(erased / "out").startswith("1 person erased:")


def test_it_hands_on_since_when_a_file_is_there(nights: Path, erased: Path) -> None:
    def days(folder: Path) -> dict[str, str]:
        run_json = json.loads((folder / "out" / "current" / "run.json").read_text(encoding="utf-8"))
        return {one["name"]: one["since"] for one in run_json["inputs"]["landed"]}

    assert days(nights) == days(erased)


def test_it_says_unchanged_the_next_night_though_the_export_still_holds_her(erased: Path, tmp_path: Path) -> None:
    folder = copied(erased, tmp_path)
    assert night(folder).outcome == "unchanged"
    assert places_with_her(folder / "out") == []


def test_it_lands_tomorrows_export_without_her_and_a_new_number_of_hers_too(erased: Path, tmp_path: Path) -> None:
    folder = copied(erased, tmp_path)
    with expectations_met():
        deliver(folder, "ward.csv", ward("S2000000A;Tan 99;1950-01-02;left;2009-03-04;"))
        deliver(folder, "lines.dat", lines(NEW))  # tells that the new number is hers
        deliver(folder, "items.csv", items(NEW))  # knows her by the new number only
        assert night(folder).outcome == "published"
        assert places_with_her(folder / "out") == []
        assert table(folder, "dim_patient").height == table(erased, "dim_patient").height + 1
        assert ledger(folder)["items.csv", "normalise", "record", "withheld", "erased"] == 1
        assert night(folder).outcome == "unchanged"


def test_it_says_nothing_is_left_to_do_of_somebody_who_is_erased(erased: Path) -> None:
    planned = plan(erased / "project", erased / "out", NRIC, None, drop=False)
    assert planned.is_listed and (planned.files, planned.rows, planned.releases) == (0, 0, 0)


@pytest.mark.parametrize("number", [NRIC, OWN, "zq-88417 "])
def test_it_counts_first_whatever_number_of_hers_is_given(nights: Path, number: str) -> None:
    planned = plan(nights / "project", nights / "out", number, None, drop=False)
    assert (planned.files, planned.rows, planned.records, planned.releases, planned.makes_anew) == (6, 9, 12, 2, True)
    assert number.strip() not in planned.told()


def test_it_takes_the_pseudonym_of_a_release(nights: Path) -> None:
    with duckdb.connect(str(nights / "out" / "vault.duckdb"), read_only=True) as con:
        asked = f"select patient_pseudonym from person_identifier where nric = '{NRIC}' limit 1"
        [(pseudonym,)] = con.sql(asked).fetchall()
    assert plan(nights / "project", nights / "out", pseudonym, None, drop=False).rows == 9


@pytest.mark.parametrize(
    ("number", "source", "says"),
    [
        ("S9999999X", None, "no person has this number"),
        ("unknown", None, "stands for a number that nobody knows"),
        ("M-3", None, r"2 different persons have this number \(say which with --source \(annex, clinic\)\)"),
        ("8.8417E+04", None, "scientific notation"),
        ("42", None, "other zeros at its front"),
        ("clinic:00042", None, "no person has this number .give it as a source delivers it"),
        ("M-3", "annx", "sources are annex, clinic, ward"),
    ],
)
def test_it_says_why_a_number_is_nobodys(nights: Path, number: str, source: str | None, says: str) -> None:
    with pytest.raises(ConfigurationError, match=says) as told:
        plan(nights / "project", nights / "out", number, source, drop=False)
    assert number not in str(told.value)


def test_it_says_that_linkage_left_somebody_apart_who_may_be_her(nights: Path, tmp_path: Path) -> None:
    folder = copied(nights, tmp_path)
    path = folder / "out" / "current" / "internal" / "linkage.csv"
    own = next(line.split(",")[6] for line in path.read_text(encoding="utf-8").splitlines() if line.startswith("patient,merged"))
    with path.open("a", encoding="utf-8") as handle:
        handle.write(f"patient,possible,probabilistic,name,0.9,{'0' * 20},{own},,,lines.dat,6\n")
    planned = plan(folder / "project", folder / "out", own, None, drop=False)
    assert "1 other person may be her, as linkage says" in planned.told()


def test_it_takes_the_one_of_a_source_where_two_have_the_number(nights: Path) -> None:
    assert plan(nights / "project", nights / "out", "M-3", "annex", drop=False).rows == 1


def test_it_waits_for_no_other_run(nights: Path) -> None:
    with run_lock(nights / "out"), pytest.raises(LockedError):
        plan(nights / "project", nights / "out", NRIC, None, drop=False)


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


def test_it_keeps_nothing_of_an_export_that_cannot_be_looked_through(erased: Path, tmp_path: Path) -> None:
    folder = copied(erased, tmp_path)
    deliver(folder, "ward.csv", ward().replace("no;name", "number;name"))
    with expectations_met():
        done = night(folder)
    assert (done.outcome, [refusal.reason for refusal in done.refusals]) == ("published_with_refusals", ["missing_header"])
    assert ledger(folder)["ward.csv", "normalise", "record", "withheld", "erased"] == 4, "the one of before stands in"
    assert places_with_her(folder / "out") == []


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


def at_work(folder: Path) -> Erasing:
    given = setting(load_project(folder / "project"), folder / "out", RunOptions(), QUIET, datetime.now(UTC))
    return Erasing.of(given)


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


def test_it_says_that_a_landed_copy_is_gone_and_takes_what_was_made_of_it_away(nights: Path, tmp_path: Path) -> None:
    folder = copied(nights, tmp_path)
    for path in (folder / "out" / "landing").rglob("*.xml"):
        path.unlink()
    with pytest.raises(RefusedError, match=r"1 landed file cannot be looked through(?s:.)*abstracts\.xml: its landed copy is gone"):
        plan(folder / "project", folder / "out", NRIC, None, drop=False)
    planned = plan(folder / "project", folder / "out", NRIC, None, drop=True)
    assert (planned.dropped, planned.files, planned.releases) == (1, 5, 2)


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


def test_it_refuses_where_the_list_is_damaged_or_gone(erased: Path, tmp_path: Path) -> None:
    folder = copied(erased, tmp_path)
    path = folder / "out" / "landing" / "withheld.json"
    path.write_bytes(path.read_bytes()[:50])
    for _ in ("damaged", "gone"):
        done = night(folder)
        assert (done.exit_code, "nobody knows who is erased" in done.reason) == (3, True)
        path.unlink(missing_ok=True)
    assert places_with_her(folder / "out") == []


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
