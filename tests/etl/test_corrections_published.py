"""A whole run with corrections: what is published, what is found, and what `explain` says of them."""

import duckdb
import polars as pl
import pytest
from answered_wards import plain_release, ran
from test_corrections import WITH_KEY
from two_hospitals import written

from etl.row_of_file import explain_row
from tests.made_once import made_once
from warehouse.explaining.corrections import applied_corrections
from warehouse.explaining.explanation import Cell, Origin, StarRow


def key_of(project, out, target):
    """What a registrar copies from `oncomart explain FILE:ROW`."""
    return explain_row(project, out, target).splitlines()[1].removeprefix("row_key: ")


@pytest.fixture(scope="module")
def wards(tmp_path_factory):
    """A run with every kind of correction, and the pseudonym of Ng Ann in it."""
    folder = tmp_path_factory.mktemp("corrected")
    project, first = written(folder / "project"), made_once(tmp_path_factory, "plain_wards", plain_release) / "out"
    with duckdb.connect(str(first / "current/warehouse.duckdb"), read_only=True) as con:
        sql = "select patient_pseudonym from dim_tumour join dim_patient using (patient_key) where diagnosis_earliest_date = '2012-02-02'"
        [(ann,)] = con.sql(sql).fetchall()
    two, three, four = (key_of(project, first, f"a.csv:{row}") for row in (2, 3, 4))
    lines = [
        f"a.csv:2,Side,left,right,chart seen,AB,2019-12-01,,{two}",
        f"a.csv:3,Side,left,right,mended meanwhile,AB,2019-12-01,,{three}",
        f"a.csv:4,Side,left,right,one says so,AB,2019-12-01,,{four}",
        f"a.csv:4,Side,left,?,the other says so,CD,2019-12-01,,{four}",
        f"a.csv:2,seen,2011-01-01,2011-01-02,over,AB,2019-06-01,2019-12-31,{two}",
        f"tumour/{ann}/1,diagnosis,2012-02-02,2012-02-20,letter of the clinic,AB,2019-12-01,,",
    ]
    (project / "corrections.csv").write_text(WITH_KEY + "\n".join(lines) + "\n", encoding="utf-8")
    outcome = ran(project, folder / "out")
    assert outcome.outcome == "published", outcome.reason
    return folder / "out" / "current"


def test_changes_what_is_published(wards):
    with duckdb.connect(str(wards / "warehouse.duckdb"), read_only=True) as con:
        ann = con.sql("select diagnosis_earliest_date::text from dim_tumour where year(diagnosis_earliest_date) = 2012").fetchall()
        sides = con.sql("select laterality_code from dim_tumour where diagnosis_earliest_date = '2009-03-01'").fetchall()
        steps = con.sql("select table_name, source_row, step from lineage where step = 'corrected' order by 1, 2").fetchall()
    assert ann == [("2012-02-20",)]
    assert sides == [("right",)]
    assert steps == [("dim_tumour", 2, "corrected"), ("dim_tumour", 4, "corrected"), ("dim_tumour", 5, "corrected")]


def test_finds_what_is_stale_contradictory_or_expired(wards):
    findings = pl.read_csv(wards / "internal/findings.csv").filter(pl.col("edit").str.starts_with("CORR-"))
    assert sorted(findings.select("edit", "source_file", "source_row").rows()) == [
        ("CORR-CONFLICT", "a.csv", 4), ("CORR-CONFLICT", "a.csv", 4), ("CORR-EXPIRED", "a.csv", 2), ("CORR-STALE", "a.csv", 3),
    ]  # fmt: skip
    edits = pl.read_csv(wards / "share/quality/edits.csv").filter(pl.col("edit").str.starts_with("CORR-"))
    assert sorted(edits.select("edit", "violated", "satisfied").rows()) == [
        ("CORR-CONFLICT", 2, 4),
        ("CORR-EXPIRED", 1, 5),
        ("CORR-FUTURE", 0, 6),
        ("CORR-INCOMPLETE", 0, 6),
        ("CORR-MOVED", 0, 6),
        ("CORR-STALE", 1, 5),
        ("CORR-UNBOUND", 0, 6),
        ("CORR-UNREAD", 0, 6),
    ]


@pytest.mark.slow
def test_a_half_filled_line_and_one_of_a_day_to_come_are_findings(wards, tmp_path):
    """As of 2020-01-01: line 2 is applied, line 3 has no reason, line 4 is dated a day later, line 5 breaks off."""
    project = written(tmp_path / "project")
    ran(project, tmp_path / "out")
    two, four = (key_of(project, tmp_path / "out", f"a.csv:{row}") for row in (2, 4))
    lines = [
        f"a.csv:2,Side,left,right,chart seen,AB,2020-01-01,,{two}",
        f"a.csv:3,Side,left,right,,AB,2019-12-01,,{two}",
        f"a.csv:4,Side,left,right,chart seen,AB,2020-01-02,,{four}",
        "a.csv:4,Si",
    ]
    (project / "corrections.csv").write_text(WITH_KEY + "\n".join(lines) + "\n", encoding="utf-8")
    outcome = ran(project, tmp_path / "out")
    release = tmp_path / "out" / "current"
    assert outcome.outcome == "published", outcome.reason
    found = pl.read_csv(release / "internal/findings.csv").filter(pl.col("edit").str.starts_with("CORR-"))
    assert sorted(found.select("edit", "columns").rows()) == [
        ("CORR-FUTURE", "Side (corrections.csv line 4)"),
        ("CORR-INCOMPLETE", "corrections.csv line 3: 'reason' is empty"),
        ("CORR-INCOMPLETE", "corrections.csv line 5: 2 cells where the header has 9"),
    ]
    told = pl.read_csv(release / "internal/corrections.csv").select("line", "outcome").rows()
    assert told == [(2, "applied"), (4, "future"), (3, "incomplete"), (5, "incomplete")]
    page = (release / "share/quality/index.html").read_text(encoding="utf-8")
    assert "dated in the future" in page and "half filled in" in page


def test_tells_what_was_applied_where_and_why_without_the_values(wards):
    told = pl.read_csv(wards / "internal/corrections.csv")
    applied = told.filter(outcome="applied").select("line", "source_file", "source_row", "reason").rows()
    assert applied == [(2, "a.csv", 2, "chart seen"), (7, "a.csv", 4, "letter of the clinic"), (7, "a.csv", 5, "letter of the clinic")]
    assert "2012-02-20" not in str(told.rows())


def test_explain_names_the_corrections_of_the_cells_it_shows(wards):
    origin = Origin("a.csv", "", 2, "a", "primary", "corrected", (Cell("laterality_code", "Side", "trim"),))
    row = StarRow("dim_tumour", 1, 1, {}, (origin,))
    said = "a.csv line 2 column Side: chart seen (AB, 2019-12-01; corrections.csv line 2)"
    assert applied_corrections(wards / "internal/corrections.csv", [row]) == (said,)
