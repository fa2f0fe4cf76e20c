"""Other women under the numbers of yesterday's, as where two hospitals count from 1: the file is refused; what happens to women is not."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import polars as pl
import pytest
from landing_project import contract

from etl.landing.landed import LandedFile
from etl.nights.record_by_record import BEFORE, SameRecords
from etl.nights.same_numbers import check_same_numbers
from etl.readers import RawTable
from schemas.core.errors import UnreadableError
from schemas.core.frames import EDIT_COUNTS, FINDINGS, LEDGER, empty

NAMES = ("birth", "side", "grade", "size", "seen")
FIELDS: dict[str, Any] = {name: {} for name in ("id", *NAMES)}
TUMOUR = {"patient_id": "id", "laterality_code": "side", "grade_code": "grade", "tumour_size_mm": "size"}
RECORDS = (
    {"rule": "woman", "record": "patient", "set": {"patient_id": "id", "birth": "birth"}},
    {"rule": "primary", "record": "tumour", "set": TUMOUR},
    {"rule": "seen", "record": "follow_up", "set": {"patient_id": "id", "follow_up_no": {"value": 1}, "contact": "seen"}},
)
Row = dict[str, str]


def woman(n: int) -> Row:
    born = date(1940, 1, 1) + timedelta(97 * (n * n % 211))
    return {
        "birth": str(born),
        "side": "12"[n * n % 7 > 2],
        "grade": "123"[n * n % 3],
        "size": str(5 + n * n % 43),
        "seen": f"20{10 + n % 9}-01-02",
    }


WARD = [woman(n) for n in range(60)]


def compared(now: list[Row], before: list[Row] = WARD, **more: Any) -> None:
    ward = contract("ward", "ward.csv", fields=FIELDS, records=RECORDS, **more)
    file = LandedFile("ward.csv", "f" * 64, 1, None, ward, "", "goes_on")  # type: ignore[arg-type]  # nothing is read of it
    rows = pl.concat([pl.DataFrame(now), pl.DataFrame(before).rename(lambda name: f"{name}{BEFORE}")], how="horizontal")
    raw = RawTable(file, ward, rows, empty(LEDGER), empty(FINDINGS), empty(EDIT_COUNTS))
    check_same_numbers(raw, SameRecords(rows, NAMES, len(now), "0123456789ab" + "c" * 52))


def each(**change: Any) -> list[Row]:
    return [{**row, **{name: of(row[name]) for name, of in change.items()}} for row in WARD]


OTHERS = [woman(n + 1000) for n in range(60)]
REFUSED: dict[str, list[Row]] = {
    "another hospital's, which counts from 1 too": OTHERS,
    "the numbers sorted without the other columns": sorted(WARD, key=lambda row: row["birth"]),
    "every row one place down": [WARD[-1], *WARD[:-1]],
    "two thirds of it another hospital's": [*WARD[:20], *OTHERS[20:]],
}


@pytest.mark.parametrize("case", REFUSED)
def test_refuses_other_women_under_the_same_numbers(case: str) -> None:
    with pytest.raises(UnreadableError, match=r"ward\.csv: under the numbers of .* columns 'birth', 'side', 'grade'") as refused:
        compared(REFUSED[case])
    assert refused.value.reason == "other_women" and "`expected_rows: {of_last: 0}`" in str(refused.value)
    compared(REFUSED[case], exchanged_after="0123456789ab")
    compared(REFUSED[case], expected_rows={"of_last": 0})


TAKEN: dict[str, list[Row]] = {
    "as it was": WARD,
    "a third of it other women, which is told": [*WARD[:40], *OTHERS[40:]],
    "every day written otherwise": each(birth=lambda day: f"{day[8:]}/{day[5:7]}/{day[:4]}"),
    "every code and day written otherwise": each(birth=lambda day: day[2:], side=lambda code: f"S{code}", grade=lambda code: f"G{code}"),
    "every contact a year later": each(seen=lambda day: str(int(day[:4]) + 1) + day[4:]),
    "one column sorted alone": [{**row, "birth": other["birth"]} for row, other in zip(WARD, OTHERS, strict=True)],
}  # fmt: skip


@pytest.mark.parametrize("case", TAKEN)
def test_takes_what_happens_to_the_women_of_before(case: str) -> None:
    compared(TAKEN[case])
