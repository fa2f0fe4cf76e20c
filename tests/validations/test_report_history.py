"""What the report tells beyond one release, and of each source: changes, trends, the heat map, indices, contradictions."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path

import duckdb
import polars as pl
import pytest
import report_examples
from report_examples import frame
from report_nights import counted, several
from report_page import Page, rendered

from schemas.items import columns, tables
from validations.edit_history import EDIT_HISTORY
from validations.report.heat_view import heat, nowhere
from validations.report.measures import COMPLETENESS
from validations.report.registry_measures import CONTRADICTIONS, INDICES, contradictions, indices, timeliness
from validations.report.report_input import CONTRADICTED, CORRECTIONS, DELIVERED
from validations.report.trend_view import HEIGHT, changes, edit_trends, spark


@pytest.fixture
def page(tmp_path: Path) -> Page:
    return rendered(tmp_path, several())


def test_is_wellformed_and_readable_with_all_its_parts(page: Page) -> None:
    assert (page.unbalanced, page.open) == ([], [])
    assert len(page.all("caption")) == len(page.all("table"))
    assert all(svg.get("aria-label") or svg.get("aria-hidden") for svg in page.all("svg"))
    ids = [attributes["id"] for _, attributes in page.elements if attributes.get("id")]
    assert len(ids) == len(set(ids))
    assert {(a["href"] or "")[1:] for a in page.all("a") if (a["href"] or "").startswith("#")} <= set(ids)


@pytest.mark.parametrize(
    "words",
    [
        "Compared with run2, as of 2026-11-22",
        "306+2 new +1 back −7 gone",
        "1,02412 changed",
        "DATE-003Diagnosis not after death 2 1 7 37",
        "Stage group as delivered none 90.0 % 98.9 % read",  # 8,100 of 9,000 known; 8,100 of 8,190 filled cells read
        "Microscopically verifiednot delivered",
        "Stage unknown4.5 % 9 of 200, the lower the better",
        "up to 3 months: 3 (25.0 %), over 5 years: 9 (75.0 %)",
        "registrytheatre5 Stage group as delivered 5",
        "theatre: Date of the event t.csv registry: Date of death r.csv",
        "3 / 12, 4 / 7, 5 / 7,",
        "12 / 7 and 3 more",
        "13253 / 12, 4 / 7,",  # 13 pairs of rows, 25 findings
        "1403 / 12",  # 40 findings of one pair of rows
        "3 corrections of corrections.csv applied; 2 need a look",
        "4sexstale: the value it expects is not there",
    ],
)
def test_says(page: Page, words: str) -> None:
    plain = page.text.replace("\N{NO-BREAK SPACE}", " ")
    assert words.replace(" ", "") in plain.replace(" ", "")


def test_a_first_release_has_nothing_to_compare_with_and_no_empty_parts(tmp_path: Path) -> None:
    first = replace(report_examples.realistic(), previous=None)
    page = rendered(tmp_path, first)
    assert "This is the first release" in page.text
    ids = {attributes.get("id") for _, attributes in page.elements}
    assert "corrections" not in ids, "no correction, no section"
    assert not [svg for svg in page.all("svg") if svg.get("class") == "spark"]


def test_shows_hostile_names_of_sources_and_edits_as_text(tmp_path: Path) -> None:
    hostile = report_examples.HOSTILE
    data = replace(
        several(),
        delivered=frame([(hostile, "tumour", hostile, 4, 2, 1)], DELIVERED),
        contradictions=frame([(hostile, hostile, hostile, hostile, 5)], CONTRADICTIONS),
        contradicted=frame(
            [(hostile, hostile, hostile, "a.b", hostile, hostile, 1, hostile, f"x.{hostile}", hostile, hostile, 2)], CONTRADICTED
        ),
        corrections=frame([(4, hostile, hostile)], CORRECTIONS),
        edit_history=frame([counted(n, hostile, 1, 2, (3, 2, 0, 1)) for n in (2, 3)], EDIT_HISTORY),
    )
    page = rendered(tmp_path, data)
    assert hostile in page.text
    assert hostile not in (tmp_path / "share" / "index.html").read_text(encoding="utf-8")
    assert (page.unbalanced, page.open) == ([], [])


def test_the_same_bytes_for_the_same_input_in_any_order(tmp_path: Path) -> None:
    data = several()
    names = ("edit_history", "release_history", "delivered", "contradictions", "contradicted")
    shuffled = {name: getattr(data, name).sample(fraction=1, shuffle=True, seed=5) for name in names}
    rendered(tmp_path, data)
    once = (tmp_path / "share" / "index.html").read_bytes()
    rendered(tmp_path, replace(data, **shuffled))
    assert (tmp_path / "share" / "index.html").read_bytes() == once


def test_a_line_has_gaps_where_nothing_was_judged() -> None:
    line = spark([0.0, None, 0.5, 1.0], "words")
    assert len(line.parts) == 2, "one piece before the gap, one after"
    assert line.last is not None and line.last[1] < HEIGHT / 4, "the largest value is at the top"
    assert spark([1.0, None], "").last is None


def test_trends_begin_with_the_second_release() -> None:
    data = several()
    assert set(edit_trends(data.edit_history)) == {"DATE-003", "STG-010"}
    assert edit_trends(data.edit_history.filter(release_no=1)) == {}
    assert changes(data.edit_history, data.release_history.filter(release_no=1), data.edits) is None


def test_the_heat_map_leaves_out_what_nobody_delivers() -> None:
    completeness = frame(
        [("dim_tumour", "stage_code", 9, 3), ("dim_tumour", "grade_code", 9, 9), ("dim_patient", "birth", 0, 0)], COMPLETENESS
    )
    delivered = frame([("b", "tumour", "stage_code", 4, 4, 0), ("a", "tumour", "stage_code", 5, 2, 1)], DELIVERED)
    (group,) = heat(completeness, delivered)
    (row,) = group.rows
    assert [(cell.known, cell.n, cell.unread, cell.decile) for cell in row.cells if cell] == [(2, 5, 1, 4), (4, 4, 0, 10)]
    assert row.loaded is not None and (row.loaded.known, row.loaded.n) == (6, 9)
    assert nowhere(completeness, delivered) == (("dim_tumour", "Tumours", ("grade_code",)), ("dim_patient", "Women", ("birth",)))


ROWS = {
    "release": ["('r', 'x', date '2020-01-01', '0', false)"],
    "dim_source": [f"({key}, 'f{key}', '{name}', 'c', 1, 's', 1)" for key, name in ((1, "a"), (2, "b"), (3, "c"))],
}


@pytest.fixture
def warehouse() -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect() as con:
        for table in tables("star"):
            con.execute(f"create table {table} ({', '.join(f'{c.name} {c.duckdb}' for c in columns(table, 'star'))})").fetchall()
            for row in ROWS.get(table, []):
                con.execute(f"insert into {table} values {row}").fetchall()
        yield con


def test_indices_are_counted_and_what_nobody_delivers_is_said(warehouse: duckdb.DuckDBPyConnection) -> None:
    warehouse.execute(
        "insert into dim_tumour (tumour_key, patient_key, stage_code, stage_derived_code, basis_of_diagnosis_code, age_at_diagnosis_years) "
        "values (1, 1, 'I', null, 'histology_primary', 50), (2, 2, null, 'IIA', 'death_certificate', null), (3, 3, null, null, null, 60)"
    ).fetchall()
    warehouse.execute("insert into dim_patient (patient_key, patient_pseudonym) select i, 'p' || i from range(1, 5) t(i)").fetchall()
    warehouse.execute(
        "insert into fact_follow_up (follow_up_key, patient_key, contact_latest_date, contact_precision, vital_status_code) values "
        "(1, 1, date '2019-05-01', 'day', 'alive'), (2, 2, date '2012-05-01', 'day', 'alive'), (3, 3, date '2019-01-01', 'day', 'dead')"
    ).fetchall()
    found = {name: (hits, n) for name, hits, n in indices(warehouse).select("index", "hits", "n").iter_rows()}
    assert found["microscopically_verified"] == (1, 2)
    assert found["death_certificate_only"] == (1, 2)
    assert found["stage_unknown"] == (1, 3)
    assert found["age_unknown"] == (1, 3)
    assert found["morphology_unspecified"] == (0, 0), "no morphology: not delivered"
    assert found["follow_up_current"] == (1, 2), "the dead and those without a calendar contact are not asked"


def test_indices_of_a_source_and_death_certificates_only(warehouse: duckdb.DuckDBPyConnection) -> None:
    """Source c tells of deaths. Tumour 4 only c tells of; 5 too, but a treats it; 3 both tell of; 1 and 2 a alone."""
    basis = {1: "'histology_primary'", 2: "null", 3: "null", 4: "'autopsy'", 5: "null"}
    for tumour, code in basis.items():
        row = f"insert into dim_tumour (tumour_key, patient_key, basis_of_diagnosis_code) values ({tumour}, {tumour}, {code})"
        warehouse.execute(row).fetchall()  # values of ours
    warehouse.execute("insert into fact_treatment (treatment_key, tumour_key, patient_key) values (50, 5, 5)").fetchall()
    told = [("dim_tumour", 1, 1), ("dim_tumour", 2, 1), ("dim_tumour", 3, 1), ("dim_tumour", 3, 3), ("dim_tumour", 4, 3)]
    for table, row_key, source in [*told, ("dim_tumour", 5, 3), ("fact_treatment", 50, 1)]:
        step = "merged" if (row_key, source) == (3, 3) else "delivered"
        query = "insert into lineage (table_name, row_key, source_key, source_row, step) values (?, ?, ?, 1, ?)"
        warehouse.execute(query, [table, row_key, source, step]).fetchall()
    columns_ = ("index", "source", "hits", "n", "unknown")
    found = [
        row for row in indices(warehouse, ["c"]).select(columns_).rows() if row[0] in ("microscopically_verified", "death_certificate_only")
    ]
    assert found == [
        ("microscopically_verified", "", 1, 2, 3), ("microscopically_verified", "a", 1, 1, 2), ("microscopically_verified", "c", 0, 1, 2),
        ("death_certificate_only", "", 1, 2, 3), ("death_certificate_only", "a", 0, 1, 2), ("death_certificate_only", "c", 1, 1, 2),
    ]  # fmt: skip
    undeclared = [row[2:] for row in indices(warehouse).select(columns_).rows() if row[:2] == ("death_certificate_only", "")]
    assert undeclared == [(0, 2, 3)], "nobody said that c tells of deaths"


def test_the_page_shows_indices_by_source(tmp_path: Path) -> None:
    rows = [
        ("mv", "Verified", "high", "Proved.", source, n, hits, unknown)
        for source, n, hits, unknown in (("", 8, 6, 2), ("a", 5, 4, 1), ("b", 0, 0, 4))
    ]
    text = rendered(tmp_path, replace(several(), indices=frame(rows, INDICES))).text.replace("\N{NO-BREAK SPACE}", " ")
    told = "".join(text.split())
    assert "6of8,thehigherthebetter;2cannotbejudged" in told
    assert "Verified80.0%4of51notknownnotdelivered4notknown" in told


def test_timeliness_is_told_in_bands_and_never_as_a_day(warehouse: duckdb.DuckDBPyConnection) -> None:
    days = {"2019-12-01": "day", "2019-06-01": "month", "2018-02-01": "day", "2001-01-01": "year", "2019-12-31": "ambiguous"}
    for i, (day, precision) in enumerate(days.items()):
        query = "insert into dim_tumour (tumour_key, patient_key, diagnosis_latest_date, diagnosis_precision) values (?, ?, ?, ?)"
        warehouse.execute(query, [i, i, date.fromisoformat(day), precision]).fetchall()
    assert timeliness(warehouse).select("table", "date", "band", "n").rows() == [
        ("dim_tumour", "diagnosis", "1 to 2 years", 1), ("dim_tumour", "diagnosis", "3 to 12 months", 1),
        ("dim_tumour", "diagnosis", "over 5 years", 1), ("dim_tumour", "diagnosis", "up to 3 months", 1),
    ]  # fmt: skip


def test_contradictions_name_the_source_that_was_kept(warehouse: duckdb.DuckDBPyConnection) -> None:
    found = "insert into fact_finding (finding_id, edit, severity, outcome, record, record_key, source_key, source_row, columns) values "
    for finding in (
        "('1', 'LINK-CONFLICT', 'warning', 'violated', 'tumour', 7, 2, 5, 'stage_code diagnosis')",
        "('2', 'LINK-CONFLICT', 'warning', 'violated', 'tumour', 8, 2, 6, 'stage_code(f1:7) diagnosis(gone (old).csv:3)')",
        "('3', 'STG-001', 'warning', 'violated', 'tumour', 7, 2, 6, 'stage_code')",
    ):
        warehouse.execute(found + finding).fetchall()
    told = "insert into lineage (table_name, row_key, source_row_id, source_key, source_row, step, rule) values "
    # tumour 7 came from a (twice), b and c; tumour 8 from b alone
    for key, sources in ((7, (1, 1, 2, 3)), (8, (2, 2))):
        for i, source in enumerate(sources):
            warehouse.execute(f"{told} ('dim_tumour', {key}, {10 * key + i}, {source}, {i}, 'delivered', 'r')").fetchall()
    # of tumour 8 the finding itself names the row whose word was kept, in a file of a; the other file is not there any more
    assert contradictions(warehouse, ["a", "b", "c"]).rows() == [
        ("tumour", "diagnosis", "a", "b", 1), ("tumour", "diagnosis", "b", "b", 1), ("tumour", "stage_code", "a", "b", 2),
    ]  # fmt: skip
    assert contradictions(warehouse, ["c", "b"])["kept"].to_list() == ["b", "c", "a", "c"]
    assert pl.Schema(CONTRADICTIONS) == contradictions(warehouse, []).schema
