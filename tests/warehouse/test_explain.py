from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path

import duckdb
import polars as pl
import pytest
from tiny_star import FILES, built, inputs

from schemas.contract import Contract
from schemas.core import frames
from schemas.core.errors import ConfigurationError
from schemas.core.ids import text_key
from schemas.findings import identified
from schemas.study import Study
from warehouse.explain import _counted, explain, locked, subjects, write_maps
from warehouse.explaining.explanation import Cell, Fired, render
from warehouse.explaining.rows import interval_text, row_values
from warehouse.number_sources import StarSource, mart_columns, number_sources, star_sources

HELD = "tiny.cohort_counts.held.n.all"
STAGE, TIMES, DELIVERED = (
    "tiny.table_1.stage_iiia.n.all",
    "tiny.survival.as_published_relapse_km.n.all",
    "tiny.cohort_counts.delivered.n.all",
)
CONTRACT = Contract.model_validate({
    "contract": "table", "contract_version": 1, "title": "Two women", "source": "table", "files": ("table.csv",),
    "fields": {"who": {}, "stage": {"header": "Stage", "aliases": ("Stadium",), "null_tokens": ("?",)}, "days": {}},
    "records": (
        {"rule": "woman", "record": "tumour", "set": {"patient_id": "who", "stage_code": "stage"}},
    ),
})  # fmt: skip
STUDY = Study.model_validate({
    "study": "tiny", "title": "Two women", "tumour": "first",
    "steps": (
        {"step": "delivered", "label": "Delivered", "keep": "true"},
        {"step": "women", "label": "Women", "keep": "sex_code = 'female'"},
    ),
    "arms": ({"arm": "one", "label": "One", "when": "has_metastasectomy"}, {"arm": "rest", "label": "Rest", "residual": True}),
    "table_1": (
        {"variable": "stage", "label": "Stage", "level": "stage_code"},
        {"variable": "stage_derived", "label": "Derived stage", "level": "stage_derived_code"},
    ),
    "endpoints": (
        {
            "endpoint": "relapse", "label": "Relapse", "origin": "treatment_start", "end": ("distant_recurrence",), "event": "true",
            "estimators": ("kaplan_meier",),
        },
    ),
})  # fmt: skip


@pytest.fixture(scope="module")
def release(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A release of the two women with three numbers; each woman's tumour stands on line 2 or 3 of table.csv."""
    folder = tmp_path_factory.mktemp("release")
    made = inputs()
    aa = made.records["tumour"].filter(pl.col("patient_pseudonym") == "aa")
    found = {
        "edit": "STG-001",
        "severity": "warning",
        "outcome": "possible",
        "record": "tumour",
        "source_key": FILES["table.csv"],
        "source_row": 2,
    }
    keys = {"record_key": aa["record_key"][0], "patient_key": aa["patient_key"][0], "columns": "stage_code"}
    named = identified(pl.DataFrame([found | keys], schema=frames.FINDINGS), made.sources).with_columns(status=pl.lit("open"))
    with duckdb.connect(str(built(folder, replace(made, findings=named)))) as con:
        columns = "study, patient_key, tumour_key, is_analysed, is_undetermined, arm"
        con.execute(
            f"insert into mart_subject ({columns}) select 'tiny', patient_key, tumour_key, true, false, 'rest' from dim_tumour"
        ).fetchall()
        one = "select patient_key from dim_tumour where stage_code = 'IIIA'"
        both = "select patient_key from mart_subject"
        for name, sql in ((STAGE, one), (TIMES, both), (DELIVERED, both)):
            study, output, row, column, arm = name.split(".")
            values = [name, study, output, row.replace("_", " "), column, arm, 1.0 if sql == one else 2.0, sql]
            con.execute("insert into mart_number values (?, ?, ?, ?, ?, ?, ?, ?)", values).fetchall()
        held = "select 77 as patient_key"
        con.execute("insert into mart_number values (?, 'tiny', 'cohort_counts', 'held', 'n', 'all', 1.0, ?)", [HELD, held]).fetchall()
        columns = "finding_id, edit, severity, outcome, record, patient_key, source_key, source_row, status"
        values = ["DATE-001-1", "DATE-001", "error", "violated", "patient", 77, FILES["table.csv"], 3, "open"]
        con.execute(f"insert into fact_finding ({columns}) values (?, ?, ?, ?, ?, ?, ?, ?, ?)", values).fetchall()
    write_maps(folder, [CONTRACT], [STUDY])
    return folder


def test_leads_a_number_back_to_file_line_header_and_steps(release: Path) -> None:
    found = explain(release, STAGE)
    (subject,) = found.subjects
    assert (found.value, subject.pseudonym, subject.subject_label) == (1.0, "aa", "1")
    (row,) = subject.rows
    assert (row.table, row.row_key) == ("dim_tumour", text_key("aa", 1))
    assert row.values == {"stage_basis_code": None, "stage_code": "IIIA", "stage_derived_code": None}
    (origin,) = row.origins
    assert (origin.source_file, origin.source_row, origin.contract, origin.rule) == ("table.csv", 2, "table", "woman")
    assert origin.cells == (Cell("stage_code", "Stage | Stadium", "trim > empty where ? > vocabulary stage"),)


def test_reads_the_stored_tables_by_the_names_of_their_columns(release: Path, tmp_path: Path) -> None:
    columns = pl.read_csv(release / "column_map.csv", infer_schema=False)
    for name in ("warehouse.duckdb", "number_sources.csv"):
        (tmp_path / name).symlink_to(release / name)
    moved = columns.select(pl.lit("new").alias("added"), *reversed(columns.columns))
    moved.write_csv(tmp_path / "column_map.csv")
    assert explain(tmp_path, STAGE) == explain(release, STAGE)
    moved.drop("steps", "field").write_csv(tmp_path / "column_map.csv")
    with pytest.raises(ConfigurationError, match="written by another version: it lacks field, steps"):
        explain(tmp_path, STAGE)


def test_lists_the_edits_that_fired_on_her_records(release: Path) -> None:
    (subject,) = explain(release, STAGE).subjects
    assert subject.findings == (Fired("STG-001", "warning", "possible", "tumour", "table.csv", 2, "stage_code"),)


def test_reads_cells_only_when_asked_and_never_the_identifier(release: Path) -> None:
    asked: list[tuple[object, ...]] = []

    def read(source_file: str, sha256: str, rows: Sequence[int], headers: Sequence[str]) -> Mapping[tuple[int, str], str]:
        asked.append((source_file, sha256, tuple(rows), tuple(headers)))
        return {(2, "Stadium"): " 3a "}

    (subject,) = explain(release, STAGE, read).subjects
    assert subject.rows[0].origins[0].cells[0].text == " 3a "
    explain(release, DELIVERED, read)
    assert asked == [("table.csv", "0" * 64, (2,), ("Stadium", "Stage"))]


def test_shows_only_records_of_the_kind_the_number_reads(release: Path) -> None:
    by_label = {subject.subject_label: [row.table for row in subject.rows] for subject in explain(release, TIMES).subjects}
    # each ends with the row she is known by: no file delivered what this number reads
    assert by_label == {"1": ["dim_tumour", "fact_event", "dim_patient"], "2": ["dim_tumour", "dim_patient"]}
    assert mart_columns(number_sources([STUDY]), "tiny", "survival", "as_published relapse km") == ["treatment_start", "distant_recurrence"]


def test_shows_what_a_derived_value_follows_from(release: Path) -> None:
    columns = {"stage_basis_code": None, "stage_code": None, "stage_derived_code": "IIIA", "t_code": "T2", "n_code": "N2", "m_code": None}
    (source,) = star_sources(["stage_code"])
    assert row_values(columns, [source]) == columns


def test_writes_dates_in_words(release: Path) -> None:
    (first, _) = explain(release, TIMES).subjects
    assert first.rows[1].values["event"] == "114 days after treatment_start"


@pytest.mark.parametrize(
    ("given", "text"),
    [
        ((None, None, None, None, None, None), None),
        ((date(2009, 3, 1), date(2009, 3, 31), "month", None, None, None), "2009-03-01 to 2009-03-31 (month)"),
        ((None, date(2013, 1, 1), "ambiguous", 770, 770, "enrolment"), "… to 2013-01-01 (ambiguous), 770 days after enrolment"),
        ((None, None, None, -195, -165, "distant_recurrence"), "-195 to -165 days after distant_recurrence"),
    ],
)
def test_writes_every_kind_of_interval(given: tuple[object, ...], text: str | None) -> None:
    parts = ("earliest_date", "latest_date", "precision", "earliest_offset_days", "latest_offset_days", "anchor")
    assert interval_text({f"event_{part}": value for part, value in zip(parts, given, strict=True)}, "event") == text


def test_recomputes_a_number_from_its_subjects(release: Path) -> None:
    with locked(release / "warehouse.duckdb") as con:
        assert subjects(con, STAGE) == [text_key("aa")]
        assert subjects(con, TIMES) == sorted([text_key("aa"), text_key("bb")])


def test_reaches_nothing_outside_the_warehouse(release: Path) -> None:
    with locked(release / "warehouse.duckdb") as con, pytest.raises(duckdb.PermissionException):
        con.sql("select * from read_csv('/etc/hostname')").fetchall()


def test_names_the_nearest_number_when_there_is_none_of_that_name(release: Path) -> None:
    with pytest.raises(ConfigurationError, match=r"did you mean tiny\.table_1\.stage_iiia\.n\.all") as caught:
        explain(release, "tiny.table_1.stage_iia.n.all")
    assert caught.value.exit_code == 2


def test_tells_two_variables_apart_where_one_name_begins_with_the_other() -> None:
    sources = number_sources([STUDY])
    assert mart_columns(sources, "tiny", "table_1", "stage IIIA") == ["stage_code"]
    assert mart_columns(sources, "tiny", "table_1", "stage_derived") == ["stage_derived_code"]
    assert mart_columns(sources, "tiny", "table_1", "grade 3") == []


def test_reads_the_way_from_mart_to_star_off_the_sql_itself() -> None:
    kinds = {"marker_code": frozenset({"er"}), "specimen_code": frozenset({"primary"})}
    assert star_sources(["er_code"]) == [StarSource("fact_biomarker", frozenset({"result_code", "marker_code", "specimen_code"}), kinds)]


def test_traces_an_age_through_look_up_tables_to_birth_and_diagnosis() -> None:
    assert star_sources(["age_years"]) == [
        StarSource("dim_patient", frozenset({"birth"}), {}),
        StarSource("dim_tumour", frozenset({"age_at_diagnosis_years", "diagnosis"}), {}),
    ]


def test_traces_the_cells_of_a_row_of_table_2() -> None:
    (event,) = star_sources(["event.site_text"])
    assert event == StarSource("fact_event", frozenset({"site_code", "laterality_code"}), {})
    assert star_sources(["follow_up.months_text"]) == [StarSource("fact_follow_up", frozenset({"contact"}), {})]
    (treatment,) = star_sources(["treatment.treatment_text"])
    assert treatment.columns >= {"drug_code", "regimen_code", "cycles", "dose_gy", "completion_code"}
    assert not treatment.kinds


def test_says_by_which_row_a_person_is_known_of_whom_nothing_else_was_delivered(release: Path) -> None:
    found = [subject.rows[-1].origins for subject in explain(release, TIMES).subjects]
    assert found and all(found)


def test_names_edit_file_and_row_of_a_person_who_is_held(release: Path) -> None:
    (subject,) = explain(release, HELD).subjects
    assert (subject.pseudonym, subject.rows) == (None, ())
    assert render(explain(release, HELD)).splitlines()[2:4] == [
        "a person of whom no record was loaded",
        "  edit DATE-001: violated (error) on patient, table.csv line 3",
    ]


def test_counts_the_same_edit_at_the_same_place_once() -> None:
    one = ("STG-001", "warning", "violated", "tumour", "table.csv", 2)
    assert _counted([(*one, "stage_code"), (*one, "stage_code t_code"), ("STG-002", *one[1:], None)]) == (
        Fired(*one, "stage_code t_code", 2),
        Fired("STG-002", *one[1:], None),
    )


def test_reads_as_plain_text(release: Path) -> None:
    assert render(explain(release, STAGE)).splitlines() == [
        f"{STAGE} = 1, from 1 subject",
        "",
        "subject 1, pseudonym aa",
        f"  dim_tumour {text_key('aa', 1)}",
        "    stage_basis_code = (empty)",
        "    stage_code = IIIA",
        "    stage_derived_code = (empty)",
        "    delivered by table.csv line 2 (contract table, rule woman)",
        '      column "Stage | Stadium" > trim > empty where ? > vocabulary stage > stage_code',
        "  edit STG-001: possible (warning) on tumour, table.csv line 2",
        "",
        "corrections: none",
    ]


def test_counts_the_subjects_it_does_not_show(release: Path) -> None:
    text = render(explain(release, TIMES, most=1))
    assert "from 2 subjects" in text
    assert "pseudonym bb" not in text
    assert "… and 1 more (--all shows them)" in text
