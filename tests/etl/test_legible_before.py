"""A small export whose dates could all be read last night and of which none can be tonight is refused alone."""

from __future__ import annotations

import json
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import polars as pl
import pytest
from landing_project import NOW, contract, deliver, project

from etl.landing.land import land
from etl.nights.legible_before import LastReadings
from etl.readers import RawTable

DATED: dict[str, Any] = {
    "fields": {"id": {"required": True}, "died": {"required": True}},
    "records": ({"rule": "primary", "record": "tumour", "set": {"patient_id": "id", "tumour_no": "id", "diagnosis": "died"}},),
}
DATES = ("NORM-DATE", "NORM-DATE-ORDER")
GOOD = ["2009-01-13", "2009-02-14", "2009-03-15"]


@pytest.mark.parametrize(
    ("last_night", "told", "same", "was_legible"),
    [
        (GOOD, 0, False, True),
        (GOOD[:2], 0, False, False),  # of two nobody can say what form the column has
        ([*GOOD[:2], ""], 0, False, False),  # nor of two that are filled
        ([*GOOD, "soon"], 1, False, False),  # one could not be read: the source writes what no date is
        (GOOD, 0, True, False),  # the very file: not the export has changed but the contract
    ],
)
def test_it_knows_whether_a_column_was_legible(tmp_path: Path, last_night: list[str], told: int, same: bool, was_legible: bool) -> None:
    known = project(tmp_path, contract("deaths", "deaths.csv", **DATED))
    out = tmp_path / "out"
    deliver(known, **{"deaths.csv": "id,died\n" + "".join(f"{no},{day}\n" for no, day in enumerate(last_night))})
    [file] = land(known, out, NOW).files
    release = out / "releases" / "abc"
    (release / "internal").mkdir(parents=True)
    (out / "current").symlink_to("releases/abc")
    told_of = {"contract": "deaths", "name": file.name, "sha256": file.sha256}
    (release / "run.json").write_text(json.dumps({"inputs": {"landed": [told_of]}}), encoding="utf-8")
    found = {"edit": ["NORM-DATE"] * told, "source_file": [file.name] * told, "columns": ["died"] * told}
    pl.DataFrame(found, schema=dict.fromkeys(found, pl.String)).write_parquet(release / "internal" / "findings.parquet")
    tonight = SimpleNamespace(contract=file.contract, file=SimpleNamespace(sha256=file.sha256 if same else "another"))
    assert LastReadings(out).were_legible(cast(RawTable, tonight), "died", DATES) is was_legible


def test_it_says_nothing_where_no_release_is() -> None:
    tonight = SimpleNamespace(contract=contract("deaths", "deaths.csv", **DATED), file=SimpleNamespace(sha256="any"))
    assert not LastReadings(Path("nowhere")).were_legible(cast(RawTable, tonight), "died", DATES)
