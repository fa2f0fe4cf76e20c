"""Landing: files copied under their hash, one contract each."""

from __future__ import annotations

import csv
import hashlib
import os
from pathlib import Path

import pytest
from landing_project import NOW, contract, deliver, fates, landed, project

from etl.landing.delivery import contract_of, delivered, natural
from etl.landing.land import land, mark
from etl.landing.manifest import read_manifest
from etl.readers import read
from schemas.contract import Contract
from schemas.core.errors import ConfigurationError, UnreadableError

TEXT = "id,stage\n1,I\n"


def test_copies_each_file_unchanged_under_its_hash(tmp_path: Path) -> None:
    mine = project(tmp_path / "p")
    deliver(mine, ward__csv=TEXT)
    (file,) = landed(mine, tmp_path / "out").files
    sha256 = hashlib.sha256(TEXT.encode()).hexdigest()
    assert file.path == tmp_path / "out" / "landing" / sha256[:2] / f"{sha256}.csv"
    assert file.path.read_text(encoding="utf-8") == TEXT
    assert (file.name, file.sha256, file.size, file.first_seen, file.fate) == ("ward.csv", sha256, 13, NOW, "goes_on")


def test_closes_the_landing_folder_to_others(tmp_path: Path) -> None:
    mine = project(tmp_path / "p")
    deliver(mine, ward__csv=TEXT)
    (file,) = landed(mine, tmp_path / "out").files
    modes = {path: path.stat().st_mode & 0o777 for path in (tmp_path / "out" / "landing").rglob("*")}
    assert modes[file.path] == 0o600 and modes[file.path.parent] == 0o700
    assert modes[tmp_path / "out" / "landing" / "manifest.csv"] == 0o600
    assert not [path for path in modes if path.name.startswith(".")]


def test_writes_the_manifest_with_what_was_first_seen_when(tmp_path: Path) -> None:
    mine, out = project(tmp_path / "p"), tmp_path / "out"
    deliver(mine, ward__csv=TEXT)
    landed(mine, out)
    landed(mine, out, "2026-01-02T00:00:00")
    with (out / "landing" / "manifest.csv").open(encoding="utf-8", newline="") as handle:
        (row,) = csv.DictReader(handle)
    assert row["name"] == "ward.csv" and row["first_seen"] == NOW and row["contract"] == "ward" and row["status"] == "new"


def test_keeps_the_version_in_force_as_the_last_line_of_a_name(tmp_path: Path) -> None:
    mine, out = project(tmp_path / "p"), tmp_path / "out"
    hashes = []
    for text in ("id\n1\n", "id\n2\n", "id\n1\n"):
        deliver(mine, ward__csv=text)
        hashes.append(landed(mine, out).files[0].sha256)
        assert read_manifest(out)[-1].sha256 == hashes[-1]
    assert [entry.sha256 for entry in read_manifest(out)] == [hashes[1], hashes[0]]


def test_leaves_hidden_files_and_leftovers_alone(tmp_path: Path) -> None:
    mine = project(tmp_path / "p")
    for name in (".ward.csv.swp", "~$ward.csv", "ward.csv~", "#ward.csv#", "Thumbs.db", "ward.csv.part"):
        (mine.exports / name).write_text("x", encoding="utf-8")
    (mine.exports / ".git").mkdir()
    (mine.exports / ".git" / "ward.csv").write_text("x", encoding="utf-8")
    deliver(mine, ward__csv=TEXT)
    assert fates(landed(mine, tmp_path / "out")) == [("ward.csv", "goes_on", "")]


def test_notices_a_file_that_no_contract_reads(tmp_path: Path) -> None:
    mine = project(tmp_path / "p")
    deliver(mine, ward__csv=TEXT, WARD__csv="x", notes__txt="x")
    landing = landed(mine, tmp_path / "out")
    assert fates(landing) == [("WARD.csv", "refused", "no_contract"), ("notes.txt", "refused", "no_contract"), ("ward.csv", "goes_on", "")]
    assert landing.findings["edit"].to_list() == ["READ-NO-CONTRACT"] * 2
    assert [notice.reason for notice in landing.notices] == ["no_contract", "no_contract", "never_delivered"]
    assert not landing.refusals


def test_refuses_a_file_that_two_contracts_match(tmp_path: Path) -> None:
    mine = project(tmp_path / "p", contract("ward", "ward*.csv"), contract("lab", "*lab.csv"))
    deliver(mine, ward__csv=TEXT, wardlab__csv="x")
    landing = landed(mine, tmp_path / "out")
    assert ("wardlab.csv", "refused", "two_contracts") in fates(landing)
    assert "matches the contracts ward and lab" in landing.refusals[0].message


def test_says_of_a_file_that_two_contracts_match_nothing_but_that(tmp_path: Path) -> None:
    mine = project(tmp_path / "p", contract("ward", "ward*.csv"), contract("lab", "*lab.csv"), required=())
    deliver(mine, wardlab__csv="x")
    landing = landed(mine, tmp_path / "out")
    assert [one.reason for one in (*landing.refusals, *landing.notices)] == ["two_contracts"]


def test_refuses_a_folder_that_stands_where_a_contract_expects_a_file(tmp_path: Path) -> None:
    mine = project(tmp_path / "p")
    deliver(mine, ward__csv=TEXT)
    (mine.exports / "lab_2026.csv").mkdir()
    (mine.exports / "lab_2026.csv" / "part.txt").write_text("x", encoding="utf-8")
    landing = landed(mine, tmp_path / "out")
    assert ("lab_2026.csv", "refused", "folder") in fates(landing)
    [refusal] = landing.refusals
    assert refusal.contract == "lab"
    assert "is a folder, where a contract expects a file" in refusal.message


@pytest.mark.parametrize(("pattern", "folder"), [("2026/*", "2026/01"), ("*", "2026"), ("*.csv", "ward.csv"), ("ward?.csv", ".ward1.csv")])
def test_says_nothing_of_folders_that_are_no_export(tmp_path: Path, pattern: str, folder: str) -> None:
    """A pattern that matches every name, a folder whose files are read, a hidden one."""
    mine = project(tmp_path / "p", contract("ward", pattern), required=())
    (mine.exports / folder).mkdir(parents=True)
    (mine.exports / folder / "ward.csv").write_text(TEXT, encoding="utf-8")
    assert "folder" not in [reason for _, _, reason in fates(landed(mine, tmp_path / "out"))]


def test_matches_the_path_under_the_exports_folder(tmp_path: Path) -> None:
    mine = project(tmp_path / "p", contract("ward", "2026/*/ward.csv"))
    (mine.exports / "2026" / "01").mkdir(parents=True)
    (mine.exports / "2026" / "01" / "ward.csv").write_text(TEXT, encoding="utf-8")
    assert landed(mine, tmp_path / "out").files[0].name == "2026/01/ward.csv"


def test_follows_no_link_out_of_the_exports_folder(tmp_path: Path) -> None:
    mine = project(tmp_path / "p")
    (tmp_path / "secret.csv").write_text(TEXT, encoding="utf-8")
    (mine.exports / "lab.csv").symlink_to(tmp_path / "secret.csv")
    (mine.exports / "folder").symlink_to(tmp_path)
    (mine.exports / "lab2.csv").symlink_to(mine.exports / "nowhere.csv")
    (mine.exports / "lab3.csv").symlink_to(mine.exports / "lab3.csv")
    os.mkfifo(mine.exports / "lab4.csv")
    deliver(mine, ward__csv=TEXT)
    found = fates(landed(mine, tmp_path / "out"))
    assert [fate for name, fate, _ in found if name != "ward.csv"] == ["refused"] * 5
    assert ("lab.csv", "refused", "outside") in found and ("lab4.csv", "refused", "not_a_file") in found


def test_reads_the_same_bytes_once(tmp_path: Path) -> None:
    mine = project(tmp_path / "p", contract("ward", "ward*.csv", delivery="append"))
    deliver(mine, ward_1__csv=TEXT, ward_2__csv="id\n3\n", ward_3__csv=TEXT)
    landing = landed(mine, tmp_path / "out")
    assert fates(landing) == [("ward_1.csv", "goes_on", ""), ("ward_2.csv", "goes_on", ""), ("ward_3.csv", "already_landed", "")]
    assert [file.name for file in landing.files] == ["ward_1.csv", "ward_2.csv"]


def test_takes_the_latest_snapshot_and_passes_over_the_others(tmp_path: Path) -> None:
    mine = project(tmp_path / "p")
    deliver(mine, ward_9__csv="id\n9\n", ward_10__csv=TEXT, ward_8__csv=TEXT)
    landing = landed(mine, tmp_path / "out")
    assert fates(landing) == [("ward_10.csv", "goes_on", ""), ("ward_8.csv", "already_landed", ""), ("ward_9.csv", "superseded", "")]
    assert [file.name for file in landing.files] == ["ward_10.csv"]


def test_sorts_numbers_in_names_as_numbers() -> None:
    assert sorted(["a10", "a9", "a", "10", "b"], key=natural) == ["10", "a", "a9", "a10", "b"]


def test_lands_again_a_copy_that_was_cut_short(tmp_path: Path) -> None:
    mine, out = project(tmp_path / "p"), tmp_path / "out"
    deliver(mine, ward__csv=TEXT)
    (file,) = landed(mine, out).files
    file.path.write_text("id", encoding="utf-8")
    (again,) = landed(mine, out).files
    assert again.path.read_text(encoding="utf-8") == TEXT


def test_tries_again_where_a_file_changes_while_it_is_copied(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    mine, out = project(tmp_path / "p"), tmp_path / "out"
    deliver(mine, ward__csv=TEXT)
    from etl.landing import delivery

    real, grown = delivery._state, []

    def growing(path: Path) -> tuple[int, int, int]:
        if len(grown) < 2:
            grown.append(path)
            path.write_text(TEXT * (1 + len(grown)), encoding="utf-8")
        return real(path)

    monkeypatch.setattr(delivery, "_state", growing)
    (file,) = landed(mine, out).files
    assert file.path.read_text(encoding="utf-8") == TEXT * 3


def test_refuses_a_file_that_is_still_being_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    mine = project(tmp_path / "p")
    deliver(mine, ward__csv=TEXT, lab__csv=TEXT + "2,I\n")
    from etl.landing import delivery

    real, calls = delivery._state, iter(range(10_000))
    monkeypatch.setattr(delivery, "_state", lambda path: (next(calls), 0, 0) if path.name == "lab.csv" else real(path))
    assert ("lab.csv", "refused", "changing") in fates(landed(mine, tmp_path / "out"))


def test_lands_from_another_folder_where_one_is_given(tmp_path: Path) -> None:
    mine = project(tmp_path / "p")
    (tmp_path / "drop").mkdir()
    (tmp_path / "drop" / "ward.csv").write_text(TEXT, encoding="utf-8")
    assert land(mine, tmp_path / "out", NOW, exports=tmp_path / "drop").files[0].name == "ward.csv"


def test_calls_a_missing_exports_folder_a_mistake_of_configuration(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="there is no exports folder"):
        land(project(tmp_path / "p"), tmp_path / "out", NOW, exports=tmp_path / "nowhere")


def test_shows_a_name_that_is_no_text_escaped(tmp_path: Path) -> None:
    (tmp_path / os.fsdecode(b"\xff.csv")).write_text("x", encoding="utf-8")
    (tmp_path / "a\nb.csv").write_text("x", encoding="utf-8")
    assert [name for name, _ in delivered(tmp_path)] == ["\\xff.csv", "a\\x0ab.csv"]


def sheet(name: str, sheet: str | int) -> Contract:
    return contract(name, "ward*.xlsx", format={"kind": "excel", "sheet": sheet}, source="ward")


@pytest.mark.parametrize(
    ("sheets", "names"),
    [
        (("Women", "Surgery"), ["ward_1[a].xlsx", "ward_1[b].xlsx"]),
        ((1, 2), ["ward_1[a].xlsx", "ward_1[b].xlsx"]),
        (("Women", "women"), []),  # one sheet twice
        (("Women", 2), []),  # the name may be that of the second
    ],
)
def test_reads_a_workbook_once_per_contract_that_has_a_sheet_of_its_own(tmp_path: Path, sheets: tuple[str, str], names: list[str]) -> None:
    mine, out = project(tmp_path / "p", sheet("a", sheets[0]), sheet("b", sheets[1]), required=()), tmp_path / "out"
    deliver(mine, ward_1__xlsx="a workbook")
    for _ in range(2):
        landing = land(mine, out, NOW)
        assert [file.name for file in landing.files] == names
        assert [file.contract.contract for file in landing.files] == ["a", "b"][: len(names)]
        assert len({file.path for file in landing.files}) <= 1 and all(file.path.suffix == ".xlsx" for file in landing.files)
        assert [one.reason for one in landing.refusals] == ([] if names else ["two_contracts"])
        mark(out, names, "good")
    deliver(mine, ward_1__xlsx="")
    assert fates(land(mine, out, NOW)) == [(name, "carried_forward", "") for name in names]
    assert [contract_of(name, mine.contracts).contract for name in names] == ["a", "b"][: len(names)]


def test_lands_a_file_anew_where_its_copy_was_changed_by_hand(tmp_path: Path) -> None:
    mine, out = project(tmp_path / "p"), tmp_path / "out"
    deliver(mine, ward__csv="id\n1\n")
    copy = landed(mine, out).files[0].path
    copy.write_text("id\n2\n", encoding="utf-8")  # as long as before
    assert landed(mine, out).files[0].path.read_text(encoding="utf-8") == "id\n1\n"


def test_reads_no_copy_that_is_gone_or_was_changed(tmp_path: Path) -> None:
    mine, out = project(tmp_path / "p"), tmp_path / "out"
    deliver(mine, ward__csv="id\n1\n")
    file = landed(mine, out).files[0]
    file.path.write_text("id\n2\n", encoding="utf-8")
    with pytest.raises(UnreadableError, match=r"ward\.csv: its landed copy \w+\.csv has changed since it was landed; deliver"):
        read(file, file.contract)
    file.path.unlink()
    with pytest.raises(UnreadableError, match=r"ward\.csv: its landed copy \w+\.csv is gone; deliver the file again"):
        read(file, file.contract)
