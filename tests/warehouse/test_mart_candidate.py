"""mart_candidate: what a study may ask of a woman and her tumour."""

from __future__ import annotations

from datetime import date
from importlib.resources import files
from pathlib import Path
from typing import Any

import duckdb
import polars as pl
import pytest
from small_registry import Woman, candidates, registry, study

from schemas import items
from schemas.core.expression import unportable_functions
from warehouse import mart
from warehouse.candidates import ALWAYS, keep, selected, shown
from warehouse.number_sources import star_sources

SQL = sorted(path.name.removesuffix(".sql") for path in files("warehouse").joinpath("mart").iterdir() if path.name.endswith(".sql"))


def candidate(tmp_path: Path, **woman: Any) -> dict[str, Any]:
    return candidates(registry(tmp_path, woman))[0]


@pytest.mark.parametrize("name", SQL)
def test_opens_every_file_with_its_grain(name: str) -> None:
    assert mart.text(name).startswith("-- One row per ")


@pytest.mark.parametrize("name", SQL)
def test_calls_portable_functions_only(name: str) -> None:
    assert unportable_functions(mart.text(name)) == []


def sources() -> dict[str, set[str]]:
    text = files("warehouse").joinpath("mart", "column_sources.csv").read_text(encoding="utf-8")
    return {column: set(found.split()) for column, found in pl.read_csv(text.encode(), comment_prefix="#").iter_rows()}


def test_documents_the_sources_of_every_column() -> None:
    known = {f"{table}.{item.column}" for table in items.tables("star") for item in items.items(table)}
    assert list(sources()) == [item.column for item in items.items("mart_candidate")]
    assert set().union(*sources().values()) <= known


@pytest.mark.parametrize("column", ["stage_code", "er_code", "has_primary_trastuzumab", "recurrence_organ_code", "vital_status_code"])
def test_documents_what_the_file_reads(column: str) -> None:
    read = {f"{source.table}.{name}" for source in star_sources([column]) for name in source.columns}
    assert read <= sources()[column]


def test_leaves_null_what_was_not_delivered(tmp_path: Path) -> None:
    woman = candidate(tmp_path)
    for column in (
        "stage_code",
        "er_code",
        "is_neoadjuvant",
        "has_primary_radiation",
        "vital_status_code",
        "age_years",
        "death_latest_date",
    ):
        assert woman[column] is None
    for column in ("has_recurrence", "has_metastasectomy", "has_systemic_after_recurrence"):
        assert woman[column] is False


def test_tells_radiation_given_from_known_not_given_and_not_delivered(tmp_path: Path) -> None:
    radiation = {"modality_code": "radiation", "setting_code": "adjuvant", "fields": 4}
    women = candidates(registry(tmp_path, *({"treatments": [{**radiation, "is_given": given}]} for given in (True, False, None))))
    assert [(woman["has_primary_radiation"], woman["radiation_fields"]) for woman in women] == [(True, 4), (False, None), (None, None)]


def test_calls_chemotherapy_neoadjuvant_only_where_the_setting_says_so(tmp_path: Path) -> None:
    women = [{"treatments": [{"setting_code": setting}]} for setting in ("neoadjuvant", "adjuvant", None)]
    assert [woman["is_neoadjuvant"] for woman in candidates(registry(tmp_path, *women))] == [True, False, None]


def test_finds_trastuzumab_by_drug_and_by_regimen(tmp_path: Path) -> None:
    by_drug = {"setting_code": "adjuvant", "modality_code": "targeted", "drug_code": "trastuzumab"}
    by_regimen = {"setting_code": "after_recurrence", "regimen_code": "TCbH"}
    woman = candidate(tmp_path, treatments=[by_drug, {**by_regimen, "component_no": 2}])
    assert woman["has_primary_trastuzumab"] is True
    assert woman["has_trastuzumab_after_recurrence"] is True


def test_does_not_count_supportive_treatment_as_systemic(tmp_path: Path) -> None:
    woman = candidate(tmp_path, treatments=[{"setting_code": "after_recurrence", "modality_code": "supportive"}])
    assert woman["has_systemic_after_recurrence"] is False


def test_gives_a_reason_for_no_treatment_only_to_the_untreated(tmp_path: Path) -> None:
    refused = {"setting_code": "after_recurrence", "is_given": False, "not_given_reason_code": "declined"}
    hormonal = {"setting_code": "after_recurrence", "modality_code": "hormonal", "component_no": 2}
    women = candidates(registry(tmp_path, {"treatments": [refused]}, {"treatments": [refused, hormonal]}))
    assert [woman["untreated_reason_code"] for woman in women] == ["declined", None]


def test_takes_the_last_operation_of_the_primary_as_the_definitive_one(tmp_path: Path) -> None:
    first = {"modality_code": "surgery", "setting_code": "primary", "procedure_code": "wide_local_excision", "treatment": 0}
    woman = candidate(tmp_path, treatments=[{**first, "procedure_code": "mastectomy", "treatment": 30}, {**first, "component_no": 2}])
    assert woman["operation_code"] == "mastectomy"


def operated(*operations: tuple[str, int | None]) -> Woman:
    """A woman with these operations of her primary, each on its day."""
    surgery = {"modality_code": "surgery", "setting_code": "primary"}
    return {
        "treatments": [
            {**surgery, "component_no": no, "procedure_code": code, "treatment": day} for no, (code, day) in enumerate(operations, 1)
        ]
    }


def test_takes_an_operation_of_the_axilla_only_where_the_breast_was_not_operated_on(tmp_path: Path) -> None:
    women = [
        operated(("wide_local_excision", 0), ("sentinel_node_biopsy", 0)), operated(("wide_local_excision", 0), ("axillary_clearance", 14)),
        operated(("sentinel_node_biopsy", 0), ("mastectomy", 90), ("biopsy", None)),
        operated(("mastectomy", None), ("axillary_clearance", 14)), operated(("biopsy", 0), ("axillary_clearance", 14)),
    ]  # fmt: skip
    assert [woman["operation_code"] for woman in candidates(registry(tmp_path, *women))] == [
        "wide_local_excision", "wide_local_excision", "mastectomy", "mastectomy", "axillary_clearance",
    ]  # fmt: skip


def test_takes_no_operation_of_nodes_for_that_of_the_breast(tmp_path: Path) -> None:
    done = {
        ("wide_local_excision", "sentinel_node_biopsy"): "wide_local_excision",
        ("biopsy", "mastectomy", "axillary_clearance"): "mastectomy",
        ("sentinel_node_biopsy", "biopsy"): "sentinel_node_biopsy",
        ("wide_local_excision", "wide_local_excision", "mastectomy", "biopsy"): "mastectomy",
    }
    found = candidates(registry(tmp_path, *(operated(*((code, 0) for code in codes)) for codes in done)))
    assert [woman["operation_code"] for woman in found] == [*done.values()]


def test_takes_the_first_distant_recurrence_by_its_number(tmp_path: Path) -> None:
    brain = {"event_type_code": "distant_recurrence", "event_no": 2, "event": 100, "site_code": "brain"}
    bone = {"event_type_code": "distant_recurrence", "event_no": 1, "event": 300, "site_code": "sternum", "organ_code": "bone"}
    woman = candidate(tmp_path, events=[brain, bone])
    assert woman["distant_recurrence_earliest_offset_days"] == 300
    assert woman["recurrence_organ_code"] == "bone"
    assert woman["recurrence_organs"] == 2  # the organ of the other comes from its site


def test_takes_the_first_recurrence_of_any_kind_by_its_day(tmp_path: Path) -> None:
    distant = {"event_type_code": "distant_recurrence", "event": 300}
    local = {"event_type_code": "local_recurrence", "event": 120}
    assert candidate(tmp_path, events=[distant, local])["recurrence_latest_offset_days"] == 120


def test_counts_a_metastasis_at_diagnosis_as_no_recurrence(tmp_path: Path) -> None:
    there = {"event_type_code": "metastasis_at_diagnosis", "organ_code": "liver", "event": (0, 0)}
    woman = candidate(tmp_path, m_code="M1", events=[there])
    assert (woman["has_recurrence"], woman["has_distant_recurrence"], woman["recurrence_organs"]) == (False, False, 0)
    assert (woman["recurrence_latest_offset_days"], woman["recurrence_organ_code"]) == (None, None)


def test_keeps_beside_it_the_recurrence_that_came_later(tmp_path: Path) -> None:
    there = {"event_type_code": "metastasis_at_diagnosis", "organ_code": "liver", "event": (0, 0)}
    later = {"event_type_code": "distant_recurrence", "organ_code": "lung", "event": (700, 700)}
    woman = candidate(tmp_path, m_code="M1", events=[there, later])
    assert (woman["recurrence_organ_code"], woman["recurrence_organs"], woman["recurrence_earliest_offset_days"]) == ("lung", 1, 700)


def test_prefers_the_delivered_stage_to_the_derived_one(tmp_path: Path) -> None:
    given = {"stage_code": "IIB", "stage_derived_code": "IIIA"}
    women = candidates(registry(tmp_path, given, {"stage_derived_code": "IIIA"}))
    assert [woman["stage_code"] for woman in women] == ["IIB", "IIIA"]


def test_takes_no_stage_after_treatment_or_at_a_recurrence_for_that_at_diagnosis(tmp_path: Path) -> None:
    women = [{"stage_code": "IA", "stage_basis_code": basis} for basis in (None, "c", "p", "a", "yc", "yp", "y", "r")]
    found = candidates(registry(tmp_path, *women, {"stage_code": "IA", "stage_basis_code": "yp", "stage_derived_code": "IIIA"}))
    assert [woman["stage_code"] for woman in found] == ["IA"] * 4 + [None] * 4 + ["IIIA"]
    assert {woman["stage_delivered_code"] for woman in found} == {"IA"}


def test_takes_no_category_after_treatment_or_at_a_recurrence_for_that_at_diagnosis(tmp_path: Path) -> None:
    bases = (None, "c", "p", "a", "yc", "yp", "y", "r")
    women = [{"t_code": "T1", "t_basis_code": basis, "n_code": "N1a", "n_basis_code": basis} for basis in bases]
    found = candidates(registry(tmp_path, *women, {"t_code": "T2", "t_basis_code": "c", "n_code": "N0", "n_basis_code": "yp"}))
    at_diagnosis = [(woman["t_code"], woman["n_code"], woman["n_class_code"]) for woman in found]
    assert at_diagnosis == [("T1", "N1a", "N1")] * 4 + [(None, None, None)] * 4 + [("T2", None, None)]
    assert {(woman["t_delivered_code"], woman["n_delivered_code"]) for woman in found} == {("T1", "N1a"), ("T2", "N0")}


def test_names_the_class_of_a_node_category(tmp_path: Path) -> None:
    women = candidates(registry(tmp_path, *({"n_code": code} for code in ("N1mi", "N3c", "N0", "NX"))))
    assert [woman["n_class_code"] for woman in women] == ["N1", "N3", "N0", None]


def test_reckons_an_age_only_where_the_dates_leave_one_and_takes_a_delivered_one_as_it_stands(tmp_path: Path) -> None:
    ages = [
        ("1960-05-20", "2010-05-20", None, 50),  # on her birthday
        ("1960-05-20", "2010-05-19", None, 49),  # one day before
        (("1960-05-01", "1960-05-31"), ("2010-06-01", "2010-06-30"), None, 50),  # months are enough
        (("1960-05-01", "1960-05-31"), "2010-05-15", None, None),  # 49 or 50
        ("1960-05-20", "2010-05-19", 51, 51),
        ("1889-05-20", "2010-05-19", None, 120),
        ("1889-05-20", "2010-05-20", None, None),  # nobody is 121: a year is wrong (TUM-011)
    ]
    women = [{"birth": birth, "diagnosis": day, "age_at_diagnosis_years": given} for birth, day, given, _ in ages]
    assert [woman["age_years"] for woman in candidates(registry(tmp_path, *women))] == [age for *_, age in ages]


def test_takes_the_last_contact_and_the_day_of_death(tmp_path: Path) -> None:
    contacts = [
        {"follow_up_no": 1, "contact": "2012-01-01", "vital_status_code": "alive"},
        {"follow_up_no": 2, "contact": "2013-01-01", "death": "2012-12-24", "vital_status_code": "dead"},
    ]
    woman = candidate(tmp_path, contacts=contacts)
    assert woman["contact_latest_date"] == date(2013, 1, 1)
    assert woman["death_latest_date"] == date(2012, 12, 24)
    assert woman["vital_status_code"] == "dead"


def test_leaves_the_day_of_death_open_where_only_the_status_says_dead(tmp_path: Path) -> None:
    woman = candidate(tmp_path, contacts=[{"contact": 400, "vital_status_code": "dead"}])
    assert (woman["vital_status_code"], woman["death_earliest_offset_days"], woman["death_anchor"]) == ("dead", None, None)


def test_lets_death_win_over_a_later_alive(tmp_path: Path) -> None:
    contacts = [
        {"follow_up_no": 1, "contact": "2012-01-01", "vital_status_code": "dead"},
        {"follow_up_no": 2, "contact": "2013-01-01", "vital_status_code": "alive"},
    ]
    assert candidate(tmp_path, contacts=contacts)["vital_status_code"] == "dead"


def test_reads_receptors_of_the_primary_only(tmp_path: Path) -> None:
    markers = [
        {"marker_code": "er", "result_code": "positive"},
        {"marker_code": "er", "specimen_code": "metastasis", "result_code": "negative"},
    ]
    assert candidate(tmp_path, markers=markers)["er_code"] == "positive"


def test_is_a_view_with_the_columns_and_types_of_the_dictionary(tmp_path: Path) -> None:
    con = registry(tmp_path, {})
    types = con.sql(
        "select column_name, data_type from duckdb_columns() where table_name = 'mart_candidate' order by column_index"
    ).fetchall()
    assert types == [(column.name, column.duckdb) for column in items.columns("mart_candidate")]


def test_keeps_of_every_tumour_what_the_conditions_read_and_no_more(tmp_path: Path) -> None:
    con = registry(tmp_path, {"stage_code": "I"}, {})
    made = study(steps=({"step": "early", "label": "Early", "keep": "stage_code = 'I'"},))
    keep(con, [made])
    with shown(con, made):
        found = con.sql("select * from mart_candidate")
        assert {*ALWAYS, "stage_code", "has_metastasectomy"} == set(found.columns)
        assert len(found.fetchall()) == 2
    assert len(con.sql("select * from mart_candidate").columns) == len(items.columns("mart_candidate"))


@pytest.mark.slow
def test_says_of_each_column_alone_what_the_view_says(bundled_out: Path) -> None:
    key, *others = items.columns("mart_candidate")
    with duckdb.connect(str(bundled_out / "registry" / "current" / "warehouse.duckdb"), read_only=True) as con:
        viewed = pl.DataFrame(con.sql("select * from mart_candidate order by tumour_key").to_arrow_table())
        for column in others:
            alone = con.sql(selected((key, column)).order_by("tumour_key").sql("duckdb"))
            assert pl.DataFrame(alone.to_arrow_table()).equals(viewed.select(key.name, column.name)), column.name


def test_has_one_row_per_tumour_of_whatever_organ(tmp_path: Path) -> None:
    sites = ["C18", "C50.4", "C80.9", None]
    con = registry(tmp_path, *({"person": "w", "tumour_no": no, "topography_code": site} for no, site in enumerate(sites, 1)))
    assert [row["topography_code"] for row in candidates(con)] == sites
