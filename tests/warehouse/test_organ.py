"""Of which organ the tumour of a study is: chosen by its topography, and counted where a woman has none of it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import duckdb
import polars as pl
import pytest
from small_registry import Woman, registry, rows, study

from schemas.stage import of_another_organ
from schemas.study import Study
from schemas.vocabulary import load
from warehouse.candidates import keep
from warehouse.cohort import count_cohort
from warehouse.mart import build_mart, fill_study
from warehouse.numbers import Numbers

COLON_FIRST: tuple[Woman, ...] = (
    {"person": "w", "topography_code": "C18"},
    {"person": "w", "tumour_no": 2, "topography_code": "C50.4"},
)
BREAST = study()


def of(*sites: str, **parts: Any) -> Study:
    return study(primary_site=sites, **parts)


def chosen(con: duckdb.DuckDBPyConnection, made: Study) -> list[tuple[Any, ...]]:
    """The tumours that a study means, as label and number."""
    keep(con, [made])
    fill_study(con, made)
    found = rows(con, "select subject_label::int, tumour_no from mart_subject join dim_tumour using (tumour_key) order by 1")
    con.execute("delete from mart_subject")
    return found


@pytest.mark.parametrize(
    ("site", "is_chosen"), [("C18", False), ("C77.3", False), ("C83", False), ("C50.4", True), ("C80.9", True), (None, True)]
)
def test_is_never_a_tumour_of_another_organ(tmp_path: Path, site: str | None, is_chosen: bool) -> None:
    con = registry(tmp_path, {"person": "w", "topography_code": site}, {"person": "w", "tumour_no": 2, "topography_code": "C50.9"})
    assert chosen(con, BREAST) == [(1, 1 if is_chosen else 2)]


def test_is_the_breast_of_staging_where_the_study_says_nothing(tmp_path: Path) -> None:
    codes = sorted(load().codes("topography"))
    con = registry(tmp_path, *({"topography_code": code} for code in codes))
    elsewhere = pl.DataFrame({"code": codes}).select(of_another_organ(pl.col("code"))).to_series()
    assert [label for label, _ in chosen(con, BREAST)] == [no for no, other in enumerate(elsewhere, 1) if not other]


@pytest.mark.parametrize(
    ("sites", "tumour"), [(("C50",), 2), (("C18",), 1), (("C19", "C18"), 1), (("C50.4",), 2), (("any",), 1), (("C34",), None)]
)
def test_is_the_one_that_the_study_names(tmp_path: Path, sites: tuple[str, ...], tumour: int | None) -> None:
    assert chosen(registry(tmp_path, *COLON_FIRST), of(*sites)) == ([(1, tumour)] if tumour else [])


def test_is_not_a_breast_of_which_the_part_was_not_said_where_a_part_is_asked(tmp_path: Path) -> None:
    con = registry(tmp_path, {"topography_code": "C50.9"}, {"topography_code": "C50.4"}, {"topography_code": "C80.9"})
    assert chosen(con, of("C50.4")) == [(2, 1), (3, 1)]


def test_decides_step_and_arm_by_the_tumour_of_the_organ(tmp_path: Path) -> None:
    steps = ({"step": "early", "label": "Early", "keep": "stage_code = 'I'"},)
    arms = ({"arm": "colon", "label": "Colon", "when": "topography_code = 'C18'"}, {"arm": "rest", "label": "Rest", "residual": True})
    colon, breast = COLON_FIRST
    con = registry(tmp_path, {**colon, "stage_code": "I"}, {**breast, "stage_code": "IV"})
    build_mart(con, [of(*sites, study=name, steps=steps, arms=arms) for name, sites in (("breast", ("C50",)), ("colon", ("C18",)))])
    found = rows(con, "select study, excluded_step, arm from mart_subject order by study")
    assert found == [("breast", "early", None), ("colon", None, "colon")]


@pytest.mark.parametrize(
    ("sites", "label"),
    [
        (("C50",), "No tumour of the breast delivered"),
        (("C34", "C19", "C20"), "No tumour of C34, C19, C20 delivered"),
    ],
)
def test_counts_a_woman_with_other_tumours_only(tmp_path: Path, sites: tuple[str, ...], label: str) -> None:
    con, made = registry(tmp_path, {"topography_code": "C18"}, {"topography_code": sites[0]}), of(*sites)
    build_mart(con, [made])
    numbers = Numbers("small")
    counts = count_cohort(con, made, numbers).counts
    assert counts.filter(step="no_tumour").select("label", "n").rows() == [(label, 1)]
    (query,) = numbers.frame().filter(number_id="small.cohort_counts.no_tumour.n.all")["subjects_sql"]
    assert rows(con, f"select subject_label from dim_patient where patient_key in ({query})") == [("1",)]


def test_counts_a_woman_without_a_tumour_where_any_counts(tmp_path: Path) -> None:
    con, made = registry(tmp_path, {}, {"topography_code": "C18"}), of("any")
    con.sql("delete from dim_tumour where topography_code is null")
    build_mart(con, [made])
    counts = count_cohort(con, made, Numbers("small")).counts
    assert counts.filter(pl.col("step").is_in(["no_tumour", "analysed"]), arm="all").select("label", "n").rows() == [
        ("No tumour delivered", 1), ("Analysed", 1),
    ]  # fmt: skip
