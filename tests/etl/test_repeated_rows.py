"""Records that repeat others, compared with the last release: a part of an export that was pasted twice."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest
from landing_project import contract
from reading import landed, table

from etl.nights.files_compared import ledger_of
from etl.nights.repeated_rows import pasted, repeated_rows, said_again
from schemas.core.frames import ledger

WARD = contract("ward", "ward*.csv")


@pytest.mark.parametrize(
    ("before", "now", "is_told"),
    [
        ((0, 80), (26, 106), True),  # a third was pasted twice
        ((0, 80), (5, 85), False),
        ((0, 80), (6, 86), True),
        ((0, 1000), (50, 1050), False),  # a twentieth may come
        ((0, 1000), (56, 1056), True),
        ((400, 1000), (420, 1050), False),  # as every night: each row tells of her again
        ((400, 1000), (500, 1100), True),
    ],
)
def test_a_rise_of_repeated_records_is_told(tmp_path: Path, before: tuple[int, int], now: tuple[int, int], is_told: bool) -> None:
    file = landed(tmp_path, b"id\n1\n", WARD, "ward_2.csv")
    told = {"run_id": "abc", "inputs": {"landed": [{"name": "ward_1.csv", "contract": "ward"}]}}
    found = repeated_rows(lines("ward_2.csv", *now), [file], told, lines("ward_1.csv", *before))
    assert found["name"].to_list() == ["repeated_rows.ward"] * is_told
    assert all(f"{now[0]:,} of {now[1]:,} records" in one for one in found["detail"])


@pytest.mark.parametrize(("name", "is_told"), [("ward_2.csv", False), ("ward_1.csv", True)])
def test_a_delivery_that_is_appended_may_tell_again_of_the_women_of_before(tmp_path: Path, name: str, is_told: bool) -> None:
    appended = contract("ward", "ward*.csv", delivery="append")
    told = {"inputs": {"landed": [{"name": "ward_1.csv", "contract": "ward", "sha256": "0"}]}}
    files = [landed(tmp_path, b"id\n1\n", appended, name)]
    assert repeated_rows(lines(name, 40, 80), files, told, lines("ward_1.csv", 0, 80)).is_empty() != is_told


def lines(name: str, twice: int, n: int) -> pl.DataFrame:
    return ledger([(name, "link", "record", "duplicate", "", twice), (name, "link", "record", "goes_on", "", n - twice)])


def test_the_first_release_is_compared_with_nothing(tmp_path: Path) -> None:
    file = landed(tmp_path, b"id\n1\n", WARD, "ward_2.csv")
    assert repeated_rows(lines("ward_2.csv", 50, 100), [file], {}, ledger_of(None)).is_empty()
    assert repeated_rows(lines("ward_2.csv", 50, 100), [file], {}, ledger_of(tmp_path)).is_empty()


@pytest.mark.parametrize(
    ("before", "now", "is_told"),
    [
        ((0, 80), (20, 40), True),  # the part was pasted twice
        ((0, 80), (5, 40), False),
        ((0, 80), (6, 40), True),
        ((40, 80), (20, 40), False),  # as in every file: each row says it once more
        ((0, 0), (20, 40), False),  # nothing to compare with
    ],
)
def test_rows_pasted_twice_into_a_new_appended_file_are_told(
    tmp_path: Path, before: tuple[int, int], now: tuple[int, int], is_told: bool
) -> None:
    appended = contract("ward", "ward*.csv", delivery="append")
    files = [landed(tmp_path, b"id\n1\n", appended, name) for name in ("ward_1.csv", "ward_2.csv")]
    run = {"inputs": {"landed": [{"name": "ward_1.csv", "contract": "ward", "sha256": "0"}]}}
    again, rows = ({"ward_1.csv": of[0], "ward_2.csv": of[1]} for of in zip(before, now, strict=True))
    found = pasted(files, run, again, rows)
    assert [row[0] for row in found] == ["repeated_rows.ward"] * is_told
    assert pasted(files[:1], run, again, rows) == []


@pytest.mark.parametrize(("delivery", "n"), [("append", 2), ("snapshot", 0)])
def test_a_row_says_again_what_an_earlier_one_says_in_every_field(tmp_path: Path, delivery: str, n: int) -> None:
    raw = table(tmp_path, "id,stage\n1,I\n2,I\n1,I\n1,II\n2, I\n", fields={"id": {}, "stage": {}}, delivery=delivery)
    assert said_again(raw) == n
