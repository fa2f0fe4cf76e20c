"""What is told of appended and upserted files beside those of the last release."""

from __future__ import annotations

from types import SimpleNamespace
from typing import cast

import pytest

from etl.landing.landed import LandedFile
from etl.nights.files_compared import all_count

LAST = ("t_1 one", "t_2 two", "t_3 three")  # name and bytes of each file, in their order
ROWS = {"t_1": 240, "t_2": 10, "t_3": 5}


def files(*said: str, delivery: str, fate: str = "goes_on") -> list[LandedFile]:
    contract = SimpleNamespace(contract="tumours", delivery=delivery)
    pairs = (one.split() for one in said)
    return [cast("LandedFile", SimpleNamespace(name=name, sha256=sha256, contract=contract, fate=fate)) for name, sha256 in pairs]


def told(*said: str, delivery: str = "upsert", fate: str = "goes_on", rows: dict[str, int] | None = None) -> list[tuple[str, str]]:
    before = {"run_id": "abc", "inputs": {"landed": [dict(zip(("name", "sha256"), one.split(), strict=True)) for one in LAST]}}
    for one in before["inputs"]["landed"]:  # type: ignore[index]
        one["contract"] = "tumours"
    found = all_count(files(*said, delivery=delivery, fate=fate), before, {**ROWS, **(rows or {})}, ROWS)
    assert not any(critical or success for _, _, critical, success, *_ in found)
    return [(name, says) for name, _, _, _, says, _ in found]


@pytest.mark.parametrize("delivery", ["append", "upsert"])
def test_tells_of_an_older_file_that_comes_again_above_newer_ones(delivery: str) -> None:
    says = "t_4 is byte for byte t_1, and its rows count before those of t_3 now"
    assert told("t_2 two", "t_3 three", "t_4 one", delivery=delivery) == [("file_goes_on.tumours", says)]


@pytest.mark.parametrize(
    "now", [LAST, (*LAST, "t_4 four"), ("t_1 one", "t_2 two", "t_4 three"), ("t_0 one", "t_2 two", "t_3 three"), ("t_1 new", *LAST[1:])]
)
def test_says_nothing_where_the_order_of_the_files_stays(now: tuple[str, ...]) -> None:
    assert told(*now) == []


def test_says_nothing_of_what_is_carried_forward_or_is_a_snapshot() -> None:
    assert told("t_2 two", "t_3 three", "t_4 one", fate="carried_forward") == []
    assert told("t_2 two", "t_3 three", "t_4 one", delivery="snapshot") == []


@pytest.mark.parametrize(("rows", "is_told"), [(239, True), (240, False), (241, False)])
def test_tells_of_a_name_that_comes_again_with_fewer_rows(rows: int, is_told: bool) -> None:
    says = f"t_1: {rows:,} rows now, and the 240 that it had in release abc count no longer"
    found = told("t_1 new", *LAST[1:], delivery="append", rows={"t_1": rows})
    assert found == ([("delivered_rows.tumours", says)] if is_told else [])


def test_counts_the_others_of_a_contract() -> None:
    found = dict(told("t_1 new", "t_2 newer", "t_3 three", rows={"t_1": 1, "t_2": 1}))
    assert found["delivered_rows.tumours"].endswith("count no longer (and 1 more of its files)")


def test_a_first_release_is_compared_with_nothing() -> None:
    assert all_count(files("t_1 one", delivery="append"), {}, {"t_1": 1}, {}) == []
