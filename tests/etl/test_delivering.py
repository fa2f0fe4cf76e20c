"""A file is begun while the one before it is normalised: refusals and persons come in the order of the files all the same."""

from __future__ import annotations

import gc
import weakref
from pathlib import Path
from typing import Any

import pytest
from landing_project import NOW, contract, deliver, project

from etl import read_ahead
from etl.delivering import deliver as read_all
from etl.landing.land import LandedFile, land
from etl.readers import RawTable, read
from schemas.contract import Contract
from schemas.vocabulary import load

DATED: dict[str, Any] = {
    "delivery": "append",
    "fields": {"id": {"required": True}, "no": {"required": True}, "day": {"required": True}},
    "records": ({"rule": "primary", "record": "tumour", "set": {"patient_id": "id", "tumour_no": "no", "diagnosis": "day"}},),
}
HEAD = "id,no,day\n"


def test_a_file_that_is_refused_when_the_next_is_begun_leaves_its_persons_to_that(tmp_path: Path) -> None:
    known = project(tmp_path, contract("ward", "ward*.csv", **DATED))
    object.__setattr__(known, "vocabularies", load(None))
    illegible = HEAD + "".join(f"{n},1,no such day at all\n" for n in range(1, 31))  # found out when its dates were read
    without_header = "".join(f"{n},1,2009-01-{n}\n" for n in range(10, 31))  # found out when it is read
    good = HEAD + "".join(f"{n},1,2009-01-{n}\n" for n in range(20, 31))
    deliver(known, ward_1__csv=illegible, ward_2__csv=without_header, ward_3__csv=good)
    found = read_all(known, tmp_path / "out", land(known, tmp_path / "out", NOW), b"k" * 32)
    assert [(one.source_file, one.reason) for one in found.landing.refusals] == [
        ("ward_1.csv", "illegible"),
        ("ward_2.csv", "missing_header"),
    ]
    [part] = found.parts
    told = part.persons["patient_key"]
    assert told.is_unique().all()
    assert told.len() == 30  # whom only the refused file names as well, as each is told of once in a run
    assert set(part.records["tumour"]["patient_key"]) <= set(told)


def test_the_text_of_a_file_that_is_refused_goes_at_once_and_not_when_python_looks_for_circles(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    known = project(tmp_path, contract("ward", "ward*.csv", **DATED))
    object.__setattr__(known, "vocabularies", load(None))
    deliver(known, ward_1__csv=HEAD + "".join(f"{n},1,no such day at all\n" for n in range(1, 31)), ward_2__csv=HEAD + "1,1,2009-01-01\n")
    seen: dict[str, weakref.ref[RawTable]] = {}

    def noted(file: LandedFile, by: Contract) -> RawTable:
        raw = read(file, by)
        seen[file.name] = weakref.ref(raw)
        return raw

    monkeypatch.setattr(read_ahead, "read", noted)
    before = gc.get_threshold()
    gc.set_threshold(0)
    try:
        read_all(known, tmp_path / "out", land(known, tmp_path / "out", NOW), b"k" * 32)
        assert [seen[name]() for name in ("ward_1.csv", "ward_2.csv")] == [None, None]
    finally:
        gc.set_threshold(*before)
