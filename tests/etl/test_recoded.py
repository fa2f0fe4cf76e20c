"""Codes of a column that mean something else overnight, numbers of another unit, other women: record by record against the last file."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import polars as pl
import pytest
from landing_project import contract

from etl.landing.landed import LandedFile
from etl.nights.other_women import check_other_women
from etl.nights.read_alike import read_alike
from etl.nights.recoded import check_recoded
from etl.nights.record_by_record import BEFORE, SameRecords
from etl.readers import RawTable
from schemas.core.errors import UnreadableError
from schemas.core.frames import EDIT_COUNTS, FINDINGS, LEDGER, empty

FIELDS: dict[str, Any] = {
    "id": {},
    "no": {},
    "side": {"map": {"1": "right", "2": "left", "9": "unknown"}},
    "grade": {},
    "size": {},
    "note": {},
    "seen": {},
    "told": {},
}
SET = {
    "patient_id": "id",
    "tumour_no": "no",
    "laterality_code": "side",
    "grade_code": "grade",
    "tumour_size_mm": "size",
    "diagnosis": "told",
}
CONTACT = {"patient_id": "id", "follow_up_no": {"value": 1}, "contact": "seen"}
RECORDS = ({"rule": "primary", "record": "tumour", "set": SET}, {"rule": "seen", "record": "follow_up", "set": CONTACT})


def compared(name: str, before: list[str], now: list[str], women: tuple[int, int] = (0, 0), **more: Any) -> tuple[RawTable, SameRecords]:
    """One column of a file beside the same of the file before it."""
    ward = contract("ward", "ward.csv", fields=FIELDS, records=RECORDS, **more)
    file = LandedFile("ward.csv", "f" * 64, 1, None, ward, "", "goes_on")  # type: ignore[arg-type]  # nothing is read of it
    rows = pl.DataFrame({name: now, f"{name}{BEFORE}": before})
    raw = RawTable(file, ward, rows, empty(LEDGER), empty(FINDINGS), empty(EDIT_COUNTS))
    return raw, SameRecords(rows, (name,), len(now), "0123456789ab" + "c" * 52, None, *women)


TURNED = {
    "right and left turned round": ("side", "1122212221" * 4, "2211121112" * 4, "40 of 40"),
    "counted from 0": ("grade", "1233212321" * 4, "0122101210" * 4, "40 of 40"),
    "counted from 0, of two codes": ("side", "1122212221" * 4, "0011101110" * 4, "40 of 40"),
    "all of one code came to the other": ("side", "2" * 30, "1" * 30, "30 of 30"),
    "two of three codes exchanged": ("grade", "1233333333" * 12, "2133333333" * 12, "24 of 120"),
    "with some mended that night": ("side", "1122212221" * 4, "2211121112" * 3 + "2211121122", "39 of 40"),
}


@pytest.mark.parametrize("case", TURNED)
def test_refuses_codes_that_moved(case: str) -> None:
    name, before, now, says = TURNED[case]
    with pytest.raises(UnreadableError, match=rf"ward.csv: column '{name}': in {says} records compared") as refused:
        check_recoded(*compared(name, [*before], [*now]))
    assert refused.value.reason == "recoded"
    check_recoded(*compared(name, [*before], [*now], exchanged_after="0123456789ab"))


KEPT = {
    "as it was": ("side", [*"1212"] * 10, [*"1212"] * 10),
    "other spellings": ("side", [*"1212"] * 10, ["right", "left"] * 20),
    "a tenth mended": ("side", [*"1212212121"] * 10, [*"1212212122"] * 10),
    "coarser stages": ("grade", [*"1234"] * 10, [*"1233"] * 10),
    "three of thirty turned round by hand": ("side", [*"12"] * 15, [*"2121", *["1", "2"] * 13]),
    "not known of two thirds, and now it is": ("side", [*"991"] * 20, [*"221"] * 20),
    "emptied": ("side", [*"12"] * 20, [None] * 40),
    "no code: numbers of a note": ("note", [*"12"] * 20, [*"21"] * 20),
    "sizes mended": ("size", ["10", "20"] * 20, ["11", "19"] * 20),
    "a few sizes": ("size", ["10"] * 10, ["1"] * 10),
}


@pytest.mark.parametrize("case", KEPT)
def test_takes_what_was_mended_or_is_written_otherwise(case: str) -> None:
    check_recoded(*compared(*KEPT[case]))


def test_takes_changes_of_which_all_went_one_way() -> None:
    check_recoded(*compared("side", [*"2" * 30], [*"1" * 30], delivery="upsert"))


def test_refuses_numbers_of_another_unit() -> None:
    before = [str(n) for n in range(10, 50)]
    with pytest.raises(UnreadableError, match=r"column 'size': 40 numbers are about 0\.1 times as large as in the last release"):
        check_recoded(*compared("size", before, [f"{n / 10}" for n in range(10, 50)]))


def days(step: int, most: int = 30) -> list[str]:
    """Thirty days, the first so many of them a step away."""
    return [(date(2015, 1, 1) + timedelta(days=41 * n + (step if n < most else 0))).strftime("%d/%m/%Y") for n in range(30)]


@pytest.mark.parametrize(
    ("name", "now", "says"),
    [
        ("told", days(-1), "30 days are 1 earlier"),  # midnight in another zone
        ("told", days(-1, 20), "20 days are 1 earlier"),  # in summer only
        ("told", days(365), "30 days are 365 later"),
        ("seen", days(-1), "30 days are 1 earlier"),
        ("seen", days(1), None),  # everybody was looked up once more, the day after
        ("told", days(0), None),
        ("told", [f"{day[:6]}{day[8:]}" for day in days(0)], None),  # two digits of the year: written otherwise
        ("told", days(-1, 10), None),  # ten were mended
        ("told", [*reversed(days(0))], None),  # moved by itself: values_changed tells
    ],
)
def test_refuses_days_that_are_all_off_by_as_many(name: str, now: list[str], says: str | None) -> None:
    raw, held = compared(name, days(0), now)
    if says is None:
        check_recoded(raw, held)
        return
    with pytest.raises(UnreadableError, match=rf"column '{name}': {says} than in the last release, all by as many"):
        check_recoded(raw, held)


YEARS = range(1940, 1970)


@pytest.mark.parametrize(
    ("before", "now", "is_told"),
    [
        ([f"{n}-01-01" for n in YEARS], [f"{n}-07-01" for n in YEARS], False),  # of births only the year is known: the middle stands for it
        ([f"{n}-03-01" for n in YEARS], [f"{n}-03-15" for n in YEARS], False),  # or of the month
        ([f"{n}-01-01" for n in YEARS], [f"{n - 1}-12-31" for n in YEARS], True),  # midnight in another zone
        ([f"{n}-07-02" for n in YEARS], [f"{n}-07-01" for n in YEARS], True),
        (["2020-01-06"] * 30, ["2020-01-07"] * 30, False),  # the day of the export, as the end of what goes on
        (["2020-01-06"] * 30, ["2020-01-05"] * 30, True),
    ],
)
def test_takes_days_that_stand_for_a_year_or_for_now(before: list[str], now: list[str], is_told: bool) -> None:
    raw, held = compared("told", before, now)
    if is_told:
        with pytest.raises(UnreadableError, match="all by as many"):
            check_recoded(raw, held)
    else:
        check_recoded(raw, held)


@pytest.mark.parametrize(
    ("now", "cells", "is_alike"),
    [
        ({}, "12", True),
        ({"side": {"map": {"2": "right", "1": "left"}}}, "12", False),  # turned round with the export
        ({"side": {"map": {"1": "right", "2": "left", "9": "unknown", "3": "left"}}}, "12", True),  # a word more
        ({"side": {"map": {"1": "right", "2": "left", "9": "unknown", "3": "left"}}}, "123", False),
        ({"side": {"map": {"1": "right", "2": "left", "9": "unknown"}, "null_tokens": ("-",)}}, "12", True),
        ({"side": {"map": {"1": "right", "2": "left", "9": "unknown"}, "codes": "uicc"}}, "12", False),
        ({"grade": {"map": {"7": "1"}}}, "12", True),  # of another field
    ],
)
def test_knows_columns_that_the_contract_reads_otherwise(now: dict[str, Any], cells: str, is_alike: bool) -> None:
    ward = contract("ward", "ward.csv", fields=FIELDS, records=RECORDS)
    changed = contract("ward", "ward.csv", fields=FIELDS | now, records=RECORDS)
    assert read_alike(changed, ward, "side", {*cells, None}) == is_alike


def test_knows_a_unit_that_changed() -> None:
    ward, centimetres = (
        contract("ward", "ward.csv", fields=FIELDS, records=({**RECORDS[0], "set": {**SET, "tumour_size_mm": said}}, RECORDS[1]))
        for said in ("size", {"from": "size", "unit": "cm"})
    )
    assert [read_alike(centimetres, ward, name, {"10"}) for name in ("size", "side")] == [False, True]


@pytest.mark.parametrize(
    ("women", "more", "is_told"),
    [
        ((60, 60), {}, False),
        ((60, 30), {}, False),  # half of them
        ((60, 29), {}, True),
        ((60, 0), {}, True),
        ((19, 0), {}, False),  # too few to say anything
        ((60, 0), {"expected_rows": {"of_last": 0}}, False),  # an export of the last months
        ((60, 0), {"exchanged_after": "0123456789ab"}, False),
        ((60, 0), {"delivery": "append"}, False),
    ],
)
def test_refuses_a_snapshot_of_other_women(women: tuple[int, int], more: dict[str, Any], is_told: bool) -> None:
    raw, held = compared("side", ["1"], ["1"], women, **more)
    if not is_told:
        check_other_women(raw, held)
        return
    with pytest.raises(UnreadableError, match=rf"ward.csv: {women[1]} of 60 women looked at of the last release are in it") as refused:
        check_other_women(raw, held)
    assert refused.value.reason == "other_women"
