"""Landing without exports: the same delivery, with the same fates, under the contracts of today."""

from __future__ import annotations

import json
from dataclasses import asdict, replace
from pathlib import Path

import pytest
from landing_project import NOW, contract, deliver, fates, landed, project

from etl.landing.land import Landing, land, mark, refuse
from etl.landing.land_again import land_again
from schemas.core.errors import UnreadableError
from schemas.project import Project

WARD, LAB = contract("ward", "ward*.csv"), contract("lab", "lab*.csv", delivery="append")


def released(out: Path, landing: Landing) -> Landing:
    """Note a landing as `run.json` does, and its files as good."""
    release = out / "releases" / "abc"
    release.mkdir(parents=True, exist_ok=True)
    files = {
        "landed": [{"name": f.name, "sha256": f.sha256, "contract": f.contract.contract, "fate": f.fate} for f in landing.files],
        "passed_over": [{"name": f.name, "sha256": f.sha256, "fate": f.fate} for f in landing.passed_over],
    }
    told = {"inputs": files, "refusals": [asdict(r) for r in landing.refusals], "notices": [asdict(n) for n in landing.notices]}
    (release / "run.json").write_text(json.dumps(told), encoding="utf-8")
    if not (out / "current").is_symlink():
        (out / "current").symlink_to(Path("releases") / "abc")
    mark(out, [file.name for file in landing.files], "good")
    return landing


def empty(mine: Project) -> None:
    for path in mine.exports.iterdir():
        path.unlink()
    mine.exports.rmdir()


def test_lands_the_same_delivery_again(tmp_path: Path) -> None:
    mine, out = project(tmp_path / "p", WARD, LAB), tmp_path / "out"
    deliver(mine, ward_9__csv="id\n1\n", ward_10__csv="id\n2\n", lab_1__csv="id\n1\n", lab_2__csv="id\n1\n", stray__csv="x\n")
    first = released(out, landed(mine, out))
    assert {"superseded", "already_landed", "goes_on", "refused"} == {fate for _, fate, _ in fates(first)}
    empty(mine)
    again = land_again(mine, out)
    assert again.parts == first.parts
    assert fates(again) == fates(first)


def test_carries_the_same_delivery_forward(tmp_path: Path) -> None:
    mine, out = project(tmp_path / "p", WARD, LAB), tmp_path / "out"
    deliver(mine, ward_1__csv="id\n1\n", lab_1__csv="id\n1\n")
    released(out, landed(mine, out))
    deliver(mine, ward_1__csv="", lab_1__csv="", lab_2__csv="id\n2\n")
    second = released(out, landed(mine, out))
    assert [(f.name, f.fate) for f in second.files if f.fate == "carried_forward"] == [
        ("ward_1.csv", "carried_forward"),
        ("lab_1.csv", "carried_forward"),
    ]
    # a delivery that came after the release and was refused as a whole does not count
    deliver(mine, ward_2__csv="id\n3\n")
    land(mine, out, NOW)
    empty(mine)
    assert land_again(mine, out).parts == second.parts


BROKEN = UnreadableError("missing_header", "ward.csv: a column is missing")


def test_tries_a_refused_file_again(tmp_path: Path) -> None:
    mine, out = project(tmp_path / "p", WARD, LAB), tmp_path / "out"
    deliver(mine, ward__csv="id\n1\n", lab__csv="id\n1\n")
    released(out, landed(mine, out))
    deliver(mine, ward__csv="number\n1\n")
    whole = landed(mine, out)
    told, _ = refuse(mine, out, whole, [(whole.files[0], BROKEN)])
    second = released(out, told)
    empty(mine)
    again = land_again(mine, out)
    assert [(f.name, f.fate, f.sha256) for f in again.files] == [(f.name, f.fate, f.sha256) for f in whole.files]
    # and refused for the same reason, the same stands in
    assert refuse(mine, out, again, [(again.files[0], BROKEN)])[0].parts == second.parts


def test_matches_the_files_to_the_contracts_of_today(tmp_path: Path) -> None:
    mine, out = project(tmp_path / "p", WARD, LAB), tmp_path / "out"
    deliver(mine, ward__csv="id\n1\n", lab__csv="id\n1\n")
    released(out, landed(mine, out))
    other = replace(mine, contracts=(WARD, contract("blood", "lab*.csv")))
    registry = mine.registry.model_copy(update={"sources": {**mine.registry.sources, "blood": mine.registry.sources["lab"]}})
    again = land_again(replace(other, registry=registry), out)
    assert [(f.name, f.contract.contract) for f in again.files] == [("ward.csv", "ward"), ("lab.csv", "blood")]


@pytest.mark.parametrize("times", [2])
def test_can_be_done_again_and_again(tmp_path: Path, times: int) -> None:
    mine, out = project(tmp_path / "p", WARD, LAB), tmp_path / "out"
    deliver(mine, ward__csv="id\n1\n")
    first = released(out, landed(mine, out))
    assert [land_again(mine, out).parts for _ in range(times)] == [first.parts] * times
