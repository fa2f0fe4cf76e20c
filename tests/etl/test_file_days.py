"""Which of several deliveries came last, by their names."""

from __future__ import annotations

from pathlib import Path

import pytest
from landing_project import contract, deliver, fates, landed, project

from etl.landing.file_days import in_name_order

LAST = [
    (["w_31.01.2020.csv", "w_01.02.2020.csv"], "w_01.02.2020.csv"),
    (["w_31012020.csv", "w_01022020.csv"], "w_01022020.csv"),
    (["w-31-01-2020.csv", "w-01-02-2020.csv"], "w-01-02-2020.csv"),
    (["01_31_2020_w.csv", "02_01_2020_w.csv"], "02_01_2020_w.csv"),
    # either order leaves the same one last
    (["w_01_02_2019.csv", "w_03_04_2020.csv"], "w_03_04_2020.csv"),
    # no dates of this kind: numbers and ISO dates as before
    (["w_2020-01-31.csv", "w_2020-02-01.csv"], "w_2020-02-01.csv"),
    (["w_20200131.csv", "w_20200201.csv"], "w_20200201.csv"),
    (["w_9.csv", "w_10.csv"], "w_10.csv"),
    (["w_45.45.2019.csv", "w_46.45.2019.csv"], "w_46.45.2019.csv"),
    (["w_31.12.2019_v2.csv", "w_31.12.2019_v10.csv"], "w_31.12.2019_v10.csv"),
    # the days of both orders, and only one of them for all: 2 January before 1 February is refused
    (["w_01-02-2020.csv", "w_02-01-2020.csv"], None),
    (["w_31-01-2020.csv", "w_02-28-2020.csv"], None),
]


@pytest.mark.parametrize(("names", "last"), LAST)
@pytest.mark.parametrize("turned", [False, True])
def test_takes_dates_in_names_as_days(*, names: list[str], last: str | None, turned: bool) -> None:
    found = in_name_order(reversed(names) if turned else names, whole=False)
    assert (found and found[-1]) == last


def test_needs_the_whole_order_where_later_rows_replace_earlier_ones() -> None:
    names = ["w_01_02_2019.csv", "w_02_01_2019.csv", "w_03_04_2020.csv"]
    assert in_name_order(names, whole=False) is not None
    assert in_name_order(names, whole=True) is None


def test_puts_the_snapshot_of_the_later_day_in_force(tmp_path: Path) -> None:
    mine = project(tmp_path / "p")
    for name, text in (("ward_31.01.2020.csv", "id\n1\n"), ("ward_01.02.2020.csv", "id\n2\n")):
        (mine.exports / name).write_text(text, encoding="utf-8")
    landing = landed(mine, tmp_path / "out")
    assert [file.name for file in landing.files] == ["ward_01.02.2020.csv"]


def test_refuses_snapshots_whose_order_nobody_knows_and_carries_the_last_good_one_forward(tmp_path: Path) -> None:
    mine = project(tmp_path / "p", contract("ward", "ward*.csv"), contract("lab", "lab*.csv"), required=("lab",))
    deliver(mine, lab__csv="id\n1\n", ward_01_02_2020__csv="id\n1\n", ward_02_01_2020__csv="id\n2\n")
    landing = landed(mine, tmp_path / "out")
    assert [file.name for file in landing.files] == ["lab.csv"]
    assert [fate for fate in fates(landing) if fate[1] == "refused"] == [
        ("ward_01_02_2020.csv", "refused", "unclear_order"),
        ("ward_02_01_2020.csv", "refused", "unclear_order"),
    ]
    assert all("write them as 2026-01-31" in refusal.message for refusal in landing.refusals)
