"""An optional column renamed overnight: the file is refused alone, and the other source's night goes on."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from landing_project import NOW, contract, deliver, project

from etl.landing.land import land
from etl.nights.legible_before import LastReadings
from etl.nights.renamed import check_renamed
from etl.readers import read
from schemas.core.errors import UnreadableError

WARD: dict[str, Any] = {"fields": {"id": {"required": True}, "stage": {}, "day": {}}}
GOOD = "id,stage,day\n1,I,2009-01-13\n2,II,2009-02-14\n3,II,\n4,,2009-02-15\n"
NOT_REFUSED: dict[str, tuple[str, str, dict[str, Any]]] = {
    "as it was": (GOOD, GOOD.replace("4,,", "5,,"), {}),
    "a column more": (GOOD, "id,stage,day,note\n1,I,2009-01-13,x\n", {}),
    "a column less, and nothing new": (GOOD, "id,stage\n1,I\n", {}),
    "two cells only": ("id,stage,day\n1,,2009-01-13\n2,,2009-02-14\n", "id,stage,seen\n1,,2009-01-13\n3,,2009-02-14\n", {}),
    "never filled": ("id,stage,day\n1,I,\n2,I,\n3,I,\n", "id,stage,seen\n1,I,2009-01-13\n4,I,2009-01-14\n", {}),
    "the other column was there too": (
        GOOD.replace("id,", "seen,id,").replace("\n1", "\nx,1").replace("\n2", "\nx,2").replace("\n3", "\nx,3").replace("\n4", "\nx,4"),
        "id,stage,seen\n1,I,x\n", {},
    ),
    "the new header is an alias": (GOOD, GOOD.replace("day", "seen"), {"day": {"aliases": ("seen",)}}),
    "the field is out of the contract": (GOOD, GOOD.replace("day", "seen"), {"day": None}),
    "the very file: the contract has a field more": (GOOD, GOOD, {"other": {}}),
}  # fmt: skip


def tonight(folder: Path, before: str, now: str, changed: dict[str, Any]) -> None:
    """One night that became a release, the next night's file read by the contract as it is then."""
    out, fields = folder / "out", WARD["fields"] | changed
    first = project(folder, contract("ward", "ward.csv", **WARD))
    deliver(first, ward__csv=before)
    [file] = land(first, out, NOW).files
    (out / "releases" / "abc" / "internal").mkdir(parents=True)
    (out / "current").symlink_to("releases/abc")
    told = {"contract": "ward", "name": file.name, "sha256": file.sha256}
    (out / "releases" / "abc" / "run.json").write_text(json.dumps({"inputs": {"landed": [told]}}), encoding="utf-8")
    read(file, file.contract).findings.with_columns(source_file=pl.lit(file.name)).write_parquet(
        out / "releases" / "abc" / "internal" / "findings.parquet"
    )
    then = project(folder, contract("ward", "ward.csv", fields={name: said for name, said in fields.items() if said is not None}))
    deliver(then, ward__csv=now)
    [file] = land(then, out, NOW).files
    check_renamed(read(file, file.contract), LastReadings(out))


@pytest.mark.parametrize("case", NOT_REFUSED)
def test_reads_a_file_of_which_nothing_was_renamed(tmp_path: Path, case: str) -> None:
    tonight(tmp_path, *NOT_REFUSED[case])


def test_refuses_a_file_of_which_a_filled_column_has_another_name(tmp_path: Path) -> None:
    with pytest.raises(UnreadableError) as refused:
        tonight(tmp_path, GOOD, GOOD.replace("day", "date_of_dx"), {})
    assert refused.value.reason == "renamed"
    says = str(refused.value)
    assert "ward.csv: column 'day' is not there, and had 3 filled cells in the last release; the header of column 3 is new" in says
    assert "date_of_dx" not in says  # what stands where a header should may be a patient's


def test_refuses_a_file_of_which_a_column_with_many_cells_is_gone(tmp_path: Path) -> None:
    many = "id,stage,day\n" + "".join(f"{n},I,2009-01-{n + 1:02d}\n" for n in range(20))
    with pytest.raises(UnreadableError) as refused:
        tonight(tmp_path / "gone", many, "id,stage\n1,I\n2,I\n", {})
    assert refused.value.reason == "column_gone"
    assert "column 'day' is not there, and had 20 filled cells in the last release: ask the source for it" in str(refused.value)
    tonight(tmp_path / "few", many.replace("2009-01-20", ""), "id,stage\n1,I\n", {})
    tonight(tmp_path / "said", many, "id,stage\n1,I\n", {"day": None})


def test_names_every_column(tmp_path: Path) -> None:
    renamed = GOOD.replace("stage", "stadium").replace("day", "seen")
    with pytest.raises(UnreadableError, match=r"'stage' .*; column 'day' .*; the headers of columns 2, 3 are new"):
        tonight(tmp_path, GOOD, renamed, {})


def test_asks_nothing_where_no_release_is(tmp_path: Path) -> None:
    known = project(tmp_path, contract("ward", "ward.csv", **WARD))
    deliver(known, ward__csv="id,stage,seen\n1,I,x\n")
    [file] = land(known, tmp_path / "out", NOW).files
    check_renamed(read(file, file.contract), LastReadings(tmp_path / "out"))


def test_reads_no_file_again_that_lacked_the_column_before(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(LastReadings, "tables", lambda *_: pytest.fail("read the old file"))
    tonight(tmp_path, "id,stage,seen\n1,I,x\n", "id,stage,seen\n2,I,x\n", {})
