"""Tests of Table 1 against R (tests/warehouse/r/table_1.R), and where they are told."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest
from small_registry import Woman, registry, study

from warehouse.studies import publish_studies
from warehouse.table_1_tests import CHI_SQUARE, DRAWN, FISHER, HIDDEN, KRUSKAL, of_counts, of_numbers


def counts(*columns: tuple[int, ...]) -> Any:
    """One column per arm, one row per level."""
    return np.array(columns).T


def test_enough_women_are_tested_by_chi_square() -> None:
    found = of_counts(counts((12, 5, 9), (7, 20, 14)))
    assert (found.test, found.df) == (CHI_SQUARE, 2)
    assert (found.statistic, found.p) == pytest.approx((8.4690259787653321, 0.014486863736497695), rel=1e-9)


def test_few_women_of_two_levels_and_arms_are_tested_exactly() -> None:
    found = of_counts(counts((3, 1), (2, 9)))
    assert (found.test, found.statistic) == (FISHER, None)
    assert found.p == pytest.approx(0.076923076923077011, rel=1e-9)


def test_few_women_of_more_levels_are_held_against_drawn_tables() -> None:
    found = of_counts(counts((4, 0, 1), (2, 6, 1)))
    assert found.test == DRAWN
    assert found.statistic == pytest.approx(6.0148148148148142, rel=1e-9)
    assert found.p == pytest.approx(0.055958, abs=0.005)  # R with a million tables; 10,000 are within two of their errors
    assert found == of_counts(counts((4, 0, 1), (2, 6, 1)))  # drawn from a fixed seed


def test_numbers_are_tested_by_rank() -> None:
    found = of_numbers([[50, 61, 47, 50], [36, 44, 50, 39, 41], [70, 65]])
    assert (found.test, found.df) == (KRUSKAL, 2)
    assert (found.statistic, found.p) == pytest.approx((7.2500000000000062, 0.026649097336355402), rel=1e-9)


@pytest.mark.parametrize("table", [counts((3, 2)), counts((3, 0), (4, 0)), counts((3, 2), (0, 0))])
def test_nothing_is_tested_where_there_is_one_arm_or_one_level(table: Any) -> None:
    assert of_counts(table).p is None
    assert (of_numbers([[1.0, 2.0]]).p, of_numbers([[1.0], [1.0]]).p) == (None, None)


def woman(stage: str | None, operated: bool) -> Woman:
    events = [{"event_type_code": "metastasectomy", "event": 10}] if operated else []
    return {"treatment_start": 0, "stage_code": stage, "events": events}


WOMEN = [
    woman(stage, operated)
    for stage, operated, n in (("I", True, 6), ("I", False, 9), ("IIB", True, 7), ("IIB", False, 8))
    for _ in range(n)
]
TABLE: dict[str, Any] = {
    "table_1": (
        {"variable": "stage", "label": "Stage", "level": "stage_code"},
        {"variable": "side", "label": "Side", "level": "laterality_code"},
    ),
    "table_1_p_values": True,
}  # fmt: skip


def published(folder: Path, *more: Woman, **parts: Any) -> tuple[list[dict[str, Any]], str]:
    con = registry(folder, *WOMEN, *more)
    publish_studies(con, [study(**TABLE | parts)], folder / "share", folder / "internal", is_simulated=False)
    files = folder / "share" / "studies" / "small"
    return pl.read_csv(files / "table_1_tests.csv").rows(named=True), (files / "table_1.html").read_text(encoding="utf-8")


def test_a_study_that_asks_has_a_test_of_each_variable_and_a_column_in_its_table(tmp_path: Path) -> None:
    (stage, side), page = published(tmp_path)
    assert (stage["arms"], stage["test"], stage["n"], stage["df"]) == ("operated, rest", CHI_SQUARE, 30, 1)
    assert stage["number_id"] == "small.table_1_tests.stage.p.operated_rest"
    assert (side["p"], side["reason"]) == (None, "fewer than two arms with a known value, or one value only")
    assert f"{stage['p']:.3f}" in page
    assert "not adjusted for the number of tests" in page
    assert ">P not given (–): fewer than two arms with a known value, or one value only.<" in page


def test_a_p_known_to_two_digits_is_printed_with_no_third(tmp_path: Path) -> None:
    (stage, _), page = published(tmp_path, min_cell=2, min_cell_reason="it is a test")
    assert stage["p"] >= 0.1 and f">{stage['p']:.2f}<" in page


def test_nothing_is_tested_of_what_is_suppressed(tmp_path: Path) -> None:
    (stage, _), page = published(tmp_path, woman("IIIA", True), woman("IIIA", False), min_cell=5, min_cell_reason=None)
    assert (stage["p"], stage["n"], stage["reason"]) == (None, None, HIDDEN)
    assert ">P not given of any variable: suppressed, because a number that it is made of is; or fewer than two arms" in page
    exact = pl.read_csv(tmp_path / "internal" / "studies" / "small" / "table_1_tests.csv").row(0, named=True)
    assert (exact["test"], exact["n"]) == (DRAWN, 32)


def test_a_study_that_does_not_ask_has_none(tmp_path: Path) -> None:
    con = registry(tmp_path, *WOMEN)
    publish_studies(con, [study(table_1=TABLE["table_1"])], tmp_path / "share", tmp_path / "internal", is_simulated=False)
    assert not list(tmp_path.rglob("table_1_tests.csv"))


def test_a_study_without_a_variable_or_a_second_arm_cannot_ask() -> None:
    assert [said for said in study(table_1_p_values=True).problems() if "table_1_p_values" in said] == [
        "'table_1_p_values' compares arms in 'table_1': it needs two arms and a variable"
    ]
