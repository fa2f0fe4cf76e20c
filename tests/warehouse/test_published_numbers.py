"""Every number of the bundled registries, made again from the women it lists, and trial_days against R."""

from __future__ import annotations

import csv
from pathlib import Path

import duckdb
import polars as pl
import pytest

R = Path(__file__).parent / "r"
STUDIES = {"published": "metastasectomy", "trial_days": "hormonal"}


def table(out: Path, registry: str, name: str) -> pl.DataFrame:
    path = out / registry / "current" / "share" / "studies" / STUDIES[registry] / f"{name}.csv"
    return pl.read_csv(path, infer_schema_length=None)


@pytest.fixture(params=STUDIES)
def registry(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def women(con: duckdb.DuckDBPyConnection, number_id: str) -> set[int]:
    ((query,),) = con.sql("select subjects_sql from mart_number where number_id = $id", params={"id": number_id}).fetchall()
    found = [key for (key,) in con.sql(query).fetchall()]
    assert len(found) == len(set(found))
    return set(found)


def test_counts_as_many_women_as_each_count_of_table_1_lists(bundled_out: Path, registry: str) -> None:
    counts = table(bundled_out, registry, "table_1").filter(pl.col("statistic").is_in(["n", "missing", "not_applicable"]))
    with duckdb.connect(str(bundled_out / registry / "current" / "warehouse.duckdb"), read_only=True) as con:
        assert {row["number_id"]: len(women(con, row["number_id"])) for row in counts.iter_rows(named=True)} == dict(
            counts.select("number_id", pl.col("value").cast(pl.Int64)).iter_rows()
        )


def test_summarises_only_the_women_each_summary_lists(bundled_out: Path, registry: str) -> None:
    wanted = ["median", "min", "max", "q1", "q3", "mean", "sd"]
    summaries = table(bundled_out, registry, "table_1").filter(pl.col("statistic").is_in(wanted))
    made = {"median": "median", "min": "min", "max": "max", "mean": "avg", "sd": "stddev_samp"}
    with duckdb.connect(str(bundled_out / registry / "current" / "warehouse.duckdb"), read_only=True) as con:
        for row in summaries.filter(pl.col("statistic").is_in(list(made))).iter_rows(named=True):
            keys = women(con, row["number_id"])
            values = con.sql(
                "select patient_key, value from mart_subject_variable where variable = $v and state = 'known'",
                params={"v": row["variable"]},
            ).fetchall()
            listed = pl.DataFrame({"value": [value for key, value in values if key in keys]}, schema={"value": pl.Float64})["value"]
            again = {"median": listed.median(), "min": listed.min(), "max": listed.max(), "mean": listed.mean(), "sd": listed.std()}
            assert again[row["statistic"]] == (None if row["value"] is None else pytest.approx(row["value"], rel=1e-11))


def test_counts_as_many_women_as_each_count_of_the_cohort_lists(bundled_out: Path, registry: str) -> None:
    counts = table(bundled_out, registry, "cohort_counts")
    with duckdb.connect(str(bundled_out / registry / "current" / "warehouse.duckdb"), read_only=True) as con:
        assert [len(women(con, name)) for name in counts["number_id"]] == counts["n"].to_list()


def test_names_every_published_row_in_mart_number(bundled_out: Path, registry: str) -> None:
    with duckdb.connect(str(bundled_out / registry / "current" / "warehouse.duckdb"), read_only=True) as con:
        known = {name for (name,) in con.sql("select number_id from mart_number").fetchall()}
    folder = bundled_out / registry / "current" / "share" / "studies" / STUDIES[registry]
    for path in folder.glob("*.csv"):
        with path.open(encoding="utf-8", newline="") as handle:
            assert {row["number_id"] for row in csv.DictReader(handle)} <= known, path.name


def test_finds_the_women_of_stage_iiia(bundled_out: Path) -> None:
    with duckdb.connect(str(bundled_out / "published" / "current" / "warehouse.duckdb"), read_only=True) as con:
        keys = women(con, "metastasectomy.table_1.stage_iiia.n.metastasectomy")
        labels = con.sql("select subject_label, patient_key from mart_subject").fetchall()
    assert sorted(label for label, key in labels if key in keys) == ["4", "5", "6"]


def test_publishes_the_curves_of_r(bundled_out: Path) -> None:
    mine = table(bundled_out, "trial_days", "km").filter(pl.col("arm") != "all", ~pl.col("number_id").str.contains("_start."))
    theirs = pl.read_csv(R / "curves.csv", infer_schema_length=None).filter(pl.col("case") == "gbsg2")
    both = mine.join(theirs, on=["arm", "days"], suffix="_r")
    assert both.height == mine.height == theirs.height
    for column, of_r in (("survival", "survival_r"), ("se", "se_r"), ("lower", "lower_log"), ("upper", "upper_log")):
        assert both[column].to_list() == pytest.approx(both[of_r].cast(pl.Float64).to_list(), rel=1e-9)


def test_publishes_the_log_rank_test_of_r(bundled_out: Path) -> None:
    mine = table(bundled_out, "trial_days", "logrank").row(0, named=True)
    theirs = pl.read_csv(R / "tests.csv").filter(pl.col("case") == "gbsg2").row(0, named=True)
    assert (mine["chi_square"], mine["df"], mine["p"]) == pytest.approx((theirs["chi_square"], theirs["df"], theirs["p"]), rel=1e-9)


def test_estimates_nothing_where_vital_status_was_not_delivered(bundled_out: Path) -> None:
    survival = table(bundled_out, "published", "survival").filter(pl.col("estimator") == "kaplan_meier")
    assert survival["median_days"].null_count() == survival.height
    known = "whether the event happened is not known for 13 of 13 women (it needs vital_status_code); "
    known += "where a source names only those to whom it happened, write event: \"coalesce(vital_status_code = 'dead', false)\"; "
    known += 'to leave them out, write a step with keep: "vital_status_code is not null"'
    assert set(survival["reason"]) == {known, "no women with this endpoint"}
    for name in ("km", "at_risk"):
        assert table(bundled_out, "published", name).height == 0
    assert table(bundled_out, "published", "logrank")["p"].to_list() == [None]
