"""A simulated registry that exports NAACCR XML, through the whole line: no Python in its folder, every record with a fate."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import duckdb
import polars as pl
import pytest

from etl.check import check_project
from etl.outcome import Outcome

WARD = Path(__file__).parent / "naaccr_ward"
Run = Callable[..., Outcome]
pytestmark = pytest.mark.usefixtures("without_great_expectations")


@pytest.fixture
def ward(tmp_path: Path) -> Path:
    return Path(shutil.copytree(WARD, tmp_path / "ward"))


def rows(place: Path | None, sql: str) -> list[tuple[object, ...]]:
    assert place is not None
    with duckdb.connect(str(place / "warehouse.duckdb"), read_only=True) as con:
        return con.execute(sql).fetchall()


def ledger(place: Path | None) -> list[tuple[str, str, str, str, str, str]]:
    assert place is not None
    return pl.read_csv(place / "ledger.csv", infer_schema=False).fill_null("").filter(pl.col("stage").is_in(["land", "read"])).rows()


TUMOURS = """
    select tumour_no, diagnosis_earliest_date::varchar, diagnosis_latest_date::varchar,
        diagnosis_precision, laterality_code, topography_code, histology_code, stage_code, t_code, nodes_positive, nodes_examined,
        tumour_size_mm
    from dim_tumour order by topography_code
"""


@pytest.mark.slow
def test_publishes_what_the_file_says(ward: Path, run_project: Run) -> None:
    assert check_project(ward) == "naaccr_ward: 1 contract, 0 studies, a public key (for published data only). No mistakes."
    place = run_project(ward).place
    assert rows(place, TUMOURS) == [
        (1, None, None, "unknown", None, "C50.2", None, None, None, None, None, None),
        (1, "2009-03-04", "2009-03-04", "day", "left", "C50.4", "8500/3", "IIA", "T2", 0, 12, 23.0),
        (2, "2012-06-01", "2012-06-30", "month", "right", "C50.9", None, None, None, None, None, None),
    ]
    assert rows(place, "select count(*) from dim_patient") == [(3,)]
    assert rows(place, "select vital_status_code, count(*) from fact_follow_up group by all order by all") == [("alive", 2), ("dead", 1)]
    assert [line[3:] for line in ledger(place) if line[1] == "read"] == [("goes_on", "", "4"), ("not_data", "patient", "2")]


@pytest.mark.slow
def test_carries_the_last_good_file_forward_where_the_next_is_cut_off(ward: Path, run_project: Run) -> None:
    first = run_project(ward)
    whole = (ward / "exports" / "breast_2016.xml").read_bytes()
    (ward / "exports" / "breast_2017.xml").write_bytes(whole[:2010])
    second = run_project(ward)
    assert (first.outcome, second.outcome) == ("published", "published_with_refusals")
    (refusal,) = second.refusals
    assert (refusal.source_file, refusal.reason, refusal.carried_forward) == ("breast_2017.xml", "truncated", "breast_2016.xml")
    assert "breast_2017.xml, row 34: the file ends within an element" in refusal.message
    assert len(rows(second.place, TUMOURS)) == 3
