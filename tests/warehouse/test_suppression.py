"""Small cells hidden in what is shared, and what would give them away."""

from __future__ import annotations

from itertools import product

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from small_registry import study

from warehouse.cohort import COLUMNS
from warehouse.suppression import SUPPRESSED, at_ticks, protect, suppress_counts, suppress_survival, suppress_table_1
from warehouse.survival.estimate import KM, SURVIVAL
from warehouse.table_1 import COLUMNS as TABLE_1

STUDY = study(min_cell=5)


def test_hides_nothing_where_every_count_is_0_or_large() -> None:
    assert protect({("a", "x"): 0, ("b", "x"): 5, ("a", "all"): 0, ("b", "all"): 5}, 5) == set()


def test_hides_the_next_smallest_beside_a_single_small_count() -> None:
    assert protect({("a", "x"): 3, ("b", "x"): 9, ("c", "x"): 20}, 5) == {("a", "x"), ("b", "x")}


def test_hides_more_where_two_small_counts_would_still_be_told() -> None:
    # 1 and 1 beside a known total of 2 are told: a third count joins them
    assert protect({("a", "x"): 1, ("b", "x"): 1, ("c", "x"): 7, ("d", "x"): 9}, 5) == {("a", "x"), ("b", "x"), ("c", "x")}


TABLES = st.integers(1, 4).flatmap(
    lambda rows: st.integers(1, 3).flatmap(
        lambda arms: st.lists(st.integers(0, 30), min_size=rows * arms, max_size=rows * arms).map(lambda n: (rows, arms, n))
    )
)


@given(TABLES)
def test_leaves_no_line_with_one_count_to_be_had_by_subtraction(drawn: tuple[int, int, list[int]]) -> None:
    rows, arms, n = drawn
    counts = {(f"r{r}", f"a{a}"): n[r * arms + a] for r, a in product(range(rows), range(arms))}
    counts |= {(f"r{r}", "all"): sum(counts[f"r{r}", f"a{a}"] for a in range(arms)) for r in range(rows)}
    hidden = protect(counts, 5)
    assert all(place in hidden for place, count in counts.items() if 0 < count < 5)
    lines = [[p for p in counts if p[0] == row] for row in {row for row, _ in counts}] + [
        [p for p in counts if p[1] == arm] for arm in {arm for _, arm in counts}
    ]
    for line in lines:
        inside = [place for place in line if place in hidden]
        assert len(inside) != 1 or len(line) == 1
        assert not inside or len(inside) == len(line) or sum(counts[place] for place in inside) >= 5


def rows_of(variable: str, arm: str, **n: int) -> list[tuple[object, ...]]:
    total = sum(count for level, count in n.items() if level != "missing")
    rows: list[tuple[object, ...]] = []
    for level, count in n.items():
        if level == "missing":
            rows.append((variable, "", arm, "missing", float(count), str(count), f"{variable}.{arm}.missing"))
            continue
        rows.append((variable, level, arm, "n", float(count), str(count), f"{variable}.{level}.{arm}.n"))
        rows.append((variable, level, arm, "percent", 100 * count / total, "x", f"{variable}.{level}.{arm}.percent"))
    return rows


def suppressed(*rows: tuple[object, ...]) -> dict[str, str]:
    table = suppress_table_1(pl.DataFrame(list(rows), schema=TABLE_1, orient="row"), STUDY)
    assert table.filter(pl.col("text") == SUPPRESSED)["value"].null_count() == table.filter(pl.col("text") == SUPPRESSED).height
    return dict(table.select("number_id", "text").iter_rows())


def test_hides_a_small_level_its_percentage_and_a_partner() -> None:
    shown = suppressed(*rows_of("er", "all", positive=20, negative=3, missing=9))
    assert shown["er.negative.all.n"] == shown["er.negative.all.percent"] == SUPPRESSED
    assert shown["er.all.missing"] == SUPPRESSED
    assert shown["er.positive.all.n"] == "20"


def test_hides_every_percentage_where_the_known_total_would_tell_who_is_missing() -> None:
    shown = suppressed(*rows_of("er", "all", positive=20, negative=30, missing=2))
    assert shown["er.positive.all.percent"] == shown["er.negative.all.percent"] == SUPPRESSED
    assert shown["er.negative.all.n"] == "30"


def counts(*rows: tuple[str, str, str, int]) -> list[int | None]:
    frame = pl.DataFrame([(step, step, parent, arm, n, "") for step, parent, arm, n in rows], schema=COLUMNS, orient="row")
    return suppress_counts(frame, STUDY)["n"].to_list()


def test_hides_a_step_whose_difference_to_the_next_is_small() -> None:
    assert counts(("a", "", "all", 30), ("b", "a", "all", 22), ("c", "b", "all", 20), ("analysed", "c", "all", 20)) == [30, None, 20, 20]


def test_hides_a_small_arm_with_its_groups_and_a_partner() -> None:
    found = counts(
        ("analysed", "a", "all", 40),
        ("analysed", "a", "x", 3),
        ("analysed", "a", "y", 12),
        ("analysed", "a", "z", 25),
        ("x.g", "analysed", "x", 2),
        ("z.g", "analysed", "z", 24),
        ("z.h", "analysed", "z", 0),
    )
    assert found == [40, None, None, 25, None, None, 0]  # 25 - 24 = 1 woman in no group of z


def test_says_only_so_of_fewer_women_than_min_cell() -> None:
    row = dict.fromkeys(SURVIVAL) | {"n": 4, "events": 2, "median_days": 90.0, "reason": ""}
    shown = suppress_survival(
        {
            "survival": pl.DataFrame([row], schema=SURVIVAL),
            "km": pl.DataFrame(schema=KM),
            "at_risk": pl.DataFrame({"at_risk": [3, 0, 8]}),
            "logrank": pl.DataFrame(),
        },
        STUDY,
    )
    assert shown["survival"].row(0, named=True)["median_days"] is None
    assert shown["survival"].row(0, named=True)["reason"] == "fewer than 5 women"
    assert shown["at_risk"]["at_risk"].to_list() == [None, 0, 8]


def test_reads_the_curve_at_the_ticks_only() -> None:
    key = {"analysis": "a", "endpoint": "e", "arm": "x", "ci": "log", "se": 0.0, "lower": 1.0, "upper": 1.0, "number_id": "n"}
    steps = [(0, 30, 0, 0, 1.0), (100, 30, 6, 0, 0.8), (360, 24, 1, 0, 0.77), (400, 23, 6, 5, 0.6), (800, 12, 12, 0, 0.0)]
    names = ("days", "at_risk", "events", "censored", "survival")
    curve = pl.DataFrame([key | dict(zip(names, step, strict=True)) for step in steps], schema=KM)
    read = at_ticks(curve, study(min_cell=5, ticks_months=(0, 12, 24, 36)))
    # day 360 is a step itself; at day 720 twelve are left after the step of day 400; the curve ends before day 1080
    assert read.select("days", "at_risk", "events", "censored", "survival").rows() == [
        (0.0, 30, 0, 0, 1.0),
        (360.0, 24, 7, 0, 0.77),
        (720.0, 12, 6, 5, 0.6),
    ]


@pytest.mark.parametrize("name", ["km", "survival"])
def test_leaves_everything_where_min_cell_is_1(name: str) -> None:
    frames = {"km": pl.DataFrame({"a": [1]}), "survival": pl.DataFrame({"a": [1]})}
    assert suppress_survival(frames, study())[name].equals(frames[name])
