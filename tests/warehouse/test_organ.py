"""Of which organ the tumour of a study is: chosen by its topography, and counted where a woman has none of it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import duckdb
import polars as pl
from small_registry import Woman, registry, rows, study

from schemas.stage import of_another_organ
from schemas.study import Study
from schemas.vocabulary import load
from warehouse.candidates import keep, shown
from warehouse.cohort import count_cohort
from warehouse.mart import OF_ALL, build_mart, make_views, text
from warehouse.numbers import Numbers
from warehouse.study_inputs import register_arms, register_study

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
    with shown(con, made):
        register_study(con, made)
        make_views(con, OF_ALL)
        register_arms(con, made)
        con.execute(f"create or replace temp table placed as {text('mart_subject')}").fetchall()
    return rows(con, "select subject_label::int, tumour_no from placed join dim_tumour using (tumour_key) order by 1")


def test_is_never_a_tumour_of_another_organ(tmp_path: Path) -> None:
    first = {"C18": 2, "C77.3": 2, "C83": 2, "C50.4": 1, "C80.9": 1, None: 1}  # which tumour is meant, the second being of the breast
    women = [[{"person": f"w{site}", "tumour_no": no, "topography_code": code} for no, code in ((1, site), (2, "C50.9"))] for site in first]
    con = registry(tmp_path, *(tumour for woman in women for tumour in woman))
    assert [tumour for _, tumour in chosen(con, BREAST)] == [*first.values()]


def test_is_the_breast_of_staging_where_the_study_says_nothing(tmp_path: Path) -> None:
    codes = sorted(load().codes("topography"))
    con = registry(tmp_path, *({"topography_code": code} for code in codes))
    elsewhere = pl.DataFrame({"code": codes}).select(of_another_organ(pl.col("code"))).to_series()
    assert [label for label, _ in chosen(con, BREAST)] == [no for no, other in enumerate(elsewhere, 1) if not other]


def test_is_the_one_that_the_study_names(tmp_path: Path) -> None:
    con = registry(tmp_path, *COLON_FIRST)
    meant = {("C50",): [(1, 2)], ("C18",): [(1, 1)], ("C19", "C18"): [(1, 1)], ("C50.4",): [(1, 2)], ("any",): [(1, 1)], ("C34",): []}
    assert {sites: chosen(con, of(*sites)) for sites in meant} == meant


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


def test_counts_a_woman_with_other_tumours_only_or_none(tmp_path: Path) -> None:
    """The first has a colon, the second a breast, the third a tumour of the lung, the fourth none."""
    con = registry(tmp_path, {"topography_code": "C18"}, {"topography_code": "C50.4"}, {"topography_code": "C34"}, {})
    con.sql("delete from dim_tumour where topography_code is null")
    none_of = {
        ("C50",): ("No tumour of the breast delivered", ["1", "3", "4"]),
        ("C34", "C19", "C20"): ("No tumour of C34, C19, C20 delivered", ["1", "2", "4"]),
        ("any",): ("No tumour delivered", ["4"]),
    }
    for number, (sites, (label, women)) in enumerate(none_of.items()):
        made = of(*sites, study=f"study_{number}")
        build_mart(con, [made])
        numbers = Numbers(made.study)
        counts = count_cohort(con, made, numbers).counts
        assert counts.filter(step="no_tumour").select("label", "n").rows() == [(label, len(women))]
        (query,) = numbers.frame().filter(pl.col("number_id").str.contains("no_tumour"))["subjects_sql"]
        assert [one for (one,) in rows(con, f"select subject_label from dim_patient where patient_key in ({query}) order by 1")] == women
