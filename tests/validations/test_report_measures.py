"""What the report counts in the warehouse, and the files that it writes beside the page."""

from __future__ import annotations

import csv
from pathlib import Path

import duckdb
import polars as pl
from report_examples import frame

from schemas.core.frames import EDIT_COUNTS
from schemas.items import columns
from validations.report import measures
from validations.report.csv_files import FINDING_COLUMNS, write_edits, write_findings
from validations.report.report_input import EDITS, REPORTED_FINDINGS


def test_measures_completeness_among_the_rows_a_field_concerns() -> None:
    with duckdb.connect() as con:
        for table in measures.TABLES:
            con.execute(f"create table {table} ({', '.join(f'{c.name} {c.duckdb}' for c in columns(table, 'star'))})").fetchall()
        con.execute(
            "insert into fact_treatment (modality_code, dose_gy, is_given, treatment_latest_offset_days) values "
            "('radiation', 50, true, 3), ('radiation', null, true, null), ('radiation', null, false, null), ('surgery', null, null, 4)"
        ).fetchall()
        con.execute(
            "insert into fact_follow_up (vital_status_code, death_earliest_offset_days, death_latest_date) values "
            "('alive', null, null), ('dead', null, '2010-01-01'), (null, null, '2010-01-01'), (null, 70, null), (null, null, null)"
        ).fetchall()
        found = measures.completeness(con)
        dates = measures.date_precision(con).filter(table="fact_treatment", date="treatment")
        rows = measures.row_counts(con)
    told = found.filter(table="fact_follow_up", column="vital_status_code").select("n", "missing").row(0)
    assert told == (3, 1), "a row of a death list says who died by its date"
    fields = {column: (n, missing) for table, column, n, missing in found.iter_rows() if table == "fact_treatment"}
    assert fields["dose_gy"] == (2, 1), "two were given as radiation, one of them has a dose"
    assert fields["treatment"] == (3, 1), "an offset with an open start is a date; what was not given has none"
    assert dict(dates.select("precision", "n").iter_rows()) == {"relative_window": 2, "not_delivered": 2}
    assert (rows["fact_treatment"], rows["dim_patient"]) == (4, 0)


def test_names_only_fields_of_the_dictionary_as_concerning_some_rows() -> None:
    declared = {(table, item.column) for table in measures.TABLES for item in measures.items(table, "star")}
    assert set(measures._field_conditions()) <= declared


def test_writes_edits_csv_sorted_with_five_counts(tmp_path: Path) -> None:
    counts = frame([("B-1", "error", 1, 2, 3, 4, 5), ("A-1", "notice", 0, 0, 0, 0, 0)], EDIT_COUNTS)
    write_edits(tmp_path / "edits.csv", counts, frame([("B-1", '=cmd|"x"', "error", "", "")], EDITS))
    assert (tmp_path / "edits.csv").read_bytes() == (
        b"edit,severity,violated,possible,satisfied,not_applicable,not_judgeable,title\n"
        b"A-1,notice,0,0,0,0,0,\n"
        b'B-1,error,1,2,3,4,5,"\'=cmd|""x"""\n'
    )


def test_writes_findings_csv_by_file_and_row(tmp_path: Path) -> None:
    findings = frame(
        [
            ("f3", None, "C-1", "notice", "possible", "file", *(None,) * 6),
            ("f2", "b.csv", "A-1", "error", "violated", "tumour", 1, 1, 9, 7, "x", "v2"),
            ("f1", "b.csv", "A-1", "error", "violated", "tumour", 1, 1, 9, 3, "@x", "v1"),
        ],
        REPORTED_FINDINGS,
    )
    told = findings.with_columns(first_seen=pl.lit("2020-01-01"), status=pl.lit("open"))
    write_findings(tmp_path / "findings.csv", told)
    with (tmp_path / "findings.csv").open(encoding="utf-8", newline="") as handle:
        rows = list(csv.DictReader(handle))
    assert [row["finding_id"] for row in rows] == ["f1", "f2", "f3"]
    assert rows[0] == {
        "finding_id": "f1", "edit": "A-1", "severity": "error", "outcome": "violated", "record": "tumour", "source_file": "b.csv",
        "source_row": "3", "columns": "'@x", "first_seen": "2020-01-01", "status": "open",
        "record_key": "1", "fingerprint": "v1",
    }  # fmt: skip
    assert pl.read_parquet(tmp_path / "findings.parquet").equals(told.select(FINDING_COLUMNS).sort("finding_id"))
