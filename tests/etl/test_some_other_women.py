"""A part of a file tells of other women under the numbers of before: an upsert meant for another hospital, half of a snapshot. It is
refused alone; what happens to women and is put right is not.
"""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

import pytest
from landing_project import NOW, contract, deliver, project

from etl.explaining import write_contracts
from etl.landing.land import land
from etl.nights.compared_rows import check_same_records
from etl.nights.legible_before import LastReadings
from etl.readers import read
from schemas.core.errors import UnreadableError

Row = list[str]
HEADER = ["id", "born", "dx", "size", "stage", "er", "pr"]
FIELDS: dict[str, Any] = {name: {} for name in HEADER}
SET = {"patient_id": "id", "tumour_no": {"value": 1}, "diagnosis": "dx", "tumour_size_mm": "size", "stage_code": "stage"}
RECORDS = (
    {"rule": "woman", "record": "patient", "set": {"patient_id": "id", "birth": "born"}},
    {"rule": "primary", "record": "tumour", "set": SET},
)
UPSERT: dict[str, Any] = {"delivery": "upsert", "key": ("id",)}


def women(which: range, *, of: int = 0) -> list[Row]:
    """The women of a hospital: those of another one under the same numbers were born years apart."""
    return [
        [
            f"W{n:03d}",
            f"{1930 + (n * 7 + of * 11) % 40}-03-{n % 9 + 1:02d}",
            f"20{(n * 3 + of * 4) % 9 + 10}-05-06",
            f"{(n * 5 + of * 13) % 50 + 5}",
            "II",
            "-+"[n % 2],
            "-+"[n % 3 > 0],
        ]
        for n in which
    ]


def changed(rows: list[Row], **cells: str) -> list[Row]:
    return [[cells.get(name, cell) for name, cell in zip(HEADER, row, strict=True)] for row in rows]


OURS, OTHERS = women(range(80)), women(range(80), of=1)
OF_LATE = changed(OURS[:10], stage="III")


def tonight(folder: Path, now: list[Row], *before: list[Row], first: int = 1, **more: Any) -> None:
    """The nights before became a release; the file of tonight is read after them. Their names are numbered from `first` on."""
    out, files = folder / "out", (*before, now)
    ward = project(folder, contract("ward", "ward*.csv", **{"fields": FIELDS, "records": RECORDS, **more}))
    for number, rows in enumerate(files, start=first):
        deliver(ward, **{f"ward_{number}__csv": "\n".join(",".join(row) for row in [HEADER, *rows]) + "\n"})
        landed = land(ward, out, NOW).files
        if number - first + 1 == len(before):
            (out / "releases" / "abc" / "internal").mkdir(parents=True)
            (out / "current").symlink_to("releases/abc")
            told = [{"contract": "ward", "name": file.name, "sha256": file.sha256} for file in landed]
            (out / "releases" / "abc" / "run.json").write_text(json.dumps({"inputs": {"landed": told}}), encoding="utf-8")
            write_contracts(out / "releases" / "abc" / "internal", ward.contracts)
    check_same_records(read(landed[-1], landed[-1].contract), LastReadings(out))


REFUSED: dict[str, tuple[list[Row], list[list[Row]], dict[str, Any], str]] = {
    "five rows of an upsert": (OTHERS[20:25], [OURS, OF_LATE], UPSERT, "5 of 5 rows compared"),
    "half of an upsert": (changed(OURS[20:30], stage="I") + OTHERS[30:40], [OURS, OF_LATE], UPSERT, "of 20 rows compared"),
    "their women of late": (OTHERS[:9], [OURS, OF_LATE], UPSERT, "of 9 rows compared"),
    "half of a snapshot": (OURS[:40] + OTHERS[40:], [OURS], {}, "of 80 rows compared"),
    "a quarter of it": (OURS[:60] + OTHERS[60:], [OURS], {}, "of 80 rows compared"),
}  # fmt: skip


@pytest.mark.parametrize("case", REFUSED)
def test_refuses(tmp_path: Path, case: str) -> None:
    now, before, more, says = REFUSED[case]
    with pytest.raises(UnreadableError, match=says) as refused:
        tonight(tmp_path, now, *before, **more)
    assert refused.value.reason == "other_women" and "W0" not in str(refused.value)
    [word] = [part for part in str(refused.value).split('"') if len(part) == 12]
    tonight(tmp_path / "said", now, *before, **more, exchanged_after=word)


TAKEN: dict[str, list[Row]] = {
    "women nobody knew": women(range(80, 120)),
    "all stages anew": changed(OURS, stage="III"),
    "two women under one another's number": [*changed(OURS[20:40], stage="I"), *OTHERS[40:42]],
    "births put right": changed(OURS[20:40], born="1950-01-01"),
    "sizes measured anew": changed(OURS[20:40], size="90"),
    "the first of January for a year": [[row[0], row[1][:5] + "01-01", row[2][:5] + "01-01", *row[3:]] for row in OURS[20:40]],
    "day and month the other way": [[row[0], f"{row[1][:5]}{row[1][8:]}-{row[1][5:7]}", *row[2:]] for row in OURS[20:40]],
    "another form of days": [[row[0], row[1].replace("-", ""), row[2].replace("-", ""), *row[3:]] for row in OURS[20:40]],
    "years of two digits": [[row[0], row[1][2:], row[2][2:], *row[3:]] for row in OURS[20:40]],
    "nothing new": OURS[20:40],
}  # fmt: skip


@pytest.mark.parametrize("case", TAKEN)
def test_takes_an_upsert(tmp_path: Path, case: str) -> None:
    tonight(tmp_path, TAKEN[case], OURS, OF_LATE, **UPSERT)


def test_takes_a_snapshot_of_a_hospital_that_put_a_few_right(tmp_path: Path) -> None:
    tonight(tmp_path, OURS[:76] + OTHERS[76:] + women(range(80, 120)), OURS)


def test_takes_what_is_appended(tmp_path: Path) -> None:
    tonight(tmp_path, OTHERS[:40], OURS, delivery="append")


def test_the_last_delivery_is_the_newest_one_not_the_greatest_name(tmp_path: Path) -> None:
    nights = [OURS, OF_LATE, changed(OURS[20:40], stage="III")]  # ward_8, ward_9, ward_10; tonight ward_11
    with pytest.raises(UnreadableError) as refused:
        tonight(tmp_path, OTHERS[20:25], *nights, first=8, **UPSERT)
    [word] = [part for part in str(refused.value).split('"') if len(part) == 12]
    of_ten = hashlib.sha256((tmp_path / "exports" / "ward_10.csv").read_bytes()).hexdigest()
    assert of_ten.startswith(word)  # ward_9 would stay the greatest name for ninety nights, and accept them all


# What surgery finds is no other woman: a file of hers without a birth, one without a size.
FOUND: dict[str, Any] = {"diagnosis": "dx", "tumour_size_mm": "size", "nodes_positive": "stage", "nodes_examined": "er"}
NODES: dict[str, Any] = {"rule": "primary", "record": "tumour", "set": {"patient_id": "id", "tumour_no": {"value": 1}, **FOUND}}
AGED: dict[str, Any] = {**NODES, "set": {**NODES["set"], "age_at_diagnosis_years": "pr"}}
BORN = (RECORDS[0], {**NODES, "set": {name: cell for name, cell in AGED["set"].items() if name != "tumour_size_mm"}})
DATED = (RECORDS[0], {**NODES, "set": {name: NODES["set"][name] for name in ("patient_id", "tumour_no", "diagnosis")}})
CLINICAL = changed(OURS, stage="1", er="2", pr="84", size="30")
LAWFUL: dict[str, tuple[list[Row], list[Row], Any]] = {
    "nodes and size after surgery": (CLINICAL, changed(CLINICAL[20:25], stage="4", er="17", size="12"), (NODES,)),
    "a birth put right beside new nodes": (CLINICAL, changed(CLINICAL[20:25], born="1985-02-03", stage="4", er="17"), BORN),
    "a birth put right, so another age": (CLINICAL, changed(CLINICAL[20:25], born="1985-02-03", pr="31"), BORN),
    "no day was known": (changed(OURS, born="1900-01-01", dx="1900-01-01"), OURS[20:25], DATED),
    "a spreadsheet's or a computer's first day": (changed(OURS, born="1970-01-01", dx="1970-01-01"), OURS[20:25], DATED),
}  # fmt: skip


@pytest.mark.parametrize("case", LAWFUL)
def test_takes_what_is_found_later(tmp_path: Path, case: str) -> None:
    before, now, records = LAWFUL[case]
    tonight(tmp_path, now, before, records=records, **UPSERT)


@pytest.mark.parametrize("records", [(NODES,), BORN, DATED], ids=["no birth", "no size", "days alone"])
def test_refuses_others_of_whom_less_is_told(tmp_path: Path, records: Any) -> None:
    with pytest.raises(UnreadableError, match="tell of other women"):
        tonight(tmp_path, OTHERS[20:30], OURS, OF_LATE, records=records, **UPSERT)


def swapped(rows: list[Row], a: str, b: str) -> list[Row]:
    i, j = HEADER.index(a), HEADER.index(b)
    return [[row[{i: j, j: i}.get(k, k)] for k in range(len(row))] for row in rows]


SOME = OURS[20:45]
WRONG = [*swapped(OURS[:7], "born", "dx"), *OURS[7:]]
FLAGS = [[*row[:5], "1", "0"] for row in OURS]
EXCHANGED: dict[str, tuple[list[Row], list[Row], str | None]] = {
    "birth and diagnosis": (OURS, swapped(SOME, "born", "dx"), "columns 'born' and 'dx' in 25 rows"),
    "two receptors, beside new stages": (OURS, changed(swapped(SOME, "er", "pr"), stage="I"), "columns 'er' and 'pr' in 13 rows"),
    "the one receptor was put right": (OURS, changed(SOME, er="+"), None),
    "both receptors were": (OURS, changed(SOME, er="+", pr="+"), None),
    "days in the wrong order came into the right one": (WRONG, OURS[:7], None),
    "days in the right order came into the wrong one": (OURS, WRONG[:7], "in 7 rows"),
    "women died": (FLAGS, swapped(FLAGS[20:45], "er", "pr"), None),
    "five of them": (OURS, swapped(SOME[:5], "born", "dx"), None),
}


@pytest.mark.parametrize("case", EXCHANGED)
def test_tells_an_exchange_in_an_upsert_from_what_is_put_right(tmp_path: Path, case: str) -> None:
    before, now, says = EXCHANGED[case]
    if says is None:
        tonight(tmp_path, now, before, OF_LATE[8:], **UPSERT)
        return
    with pytest.raises(UnreadableError, match=says) as refused:
        tonight(tmp_path, now, before, OF_LATE[8:], **UPSERT)
    assert refused.value.reason == "exchanged" and "W0" not in str(refused.value)
