"""Whom an endpoint is `among`: whose that is not known is counted by herself, in no other number, and nothing is estimated."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import polars as pl
import pytest
from small_registry import SURVIVAL, Woman, registry, rows, study

from warehouse.studies import publish_studies

AMONG = "grade_code = '1'"


def woman(grade: str | None, *, is_dead: bool = False) -> Woman:
    contact = {"contact": 400, "vital_status_code": "dead" if is_dead else "alive"} | ({"death": 400} if is_dead else {})
    return {"treatment_start": 0, "grade_code": grade, "contacts": [contact]}


# Two of grade 1, one of whom died; one of grade 2; two of whom the grade is not known, one of whom died.
WOMEN = (woman("1"), woman("1", is_dead=True), woman("2"), woman(None), woman(None, is_dead=True))


def published(tmp_path: Path, among: str | None, side: str = "share", **parts: Any) -> tuple[list[dict[str, Any]], str, dict[str, int]]:
    """The rows of survival.csv of all women, what the reader is told, and how many women are behind each of its numbers."""
    made = study(endpoints=(SURVIVAL | {"among": among, "landmark_days": 30},), analyses=("as_published", "landmark"), **parts)
    with registry(tmp_path, *WOMEN) as con:
        (told,) = publish_studies(con, [made], tmp_path / "share", tmp_path / "internal", is_simulated=False)
        asked = con.execute("select number_id, subjects_sql from mart_number where number_id like '%.all'").fetchall()
        behind = {name: len(rows(con, sql)) for name, sql in asked if sql and ".survival." in name}
    found = pl.read_csv(tmp_path / side / "studies" / "small" / "survival.csv", infer_schema_length=None)
    return found.filter(pl.col("arm") == "all").rows(named=True), " ".join(told.reasons), behind


def test_counts_apart_of_whom_it_is_not_known_whether_the_endpoint_is_theirs(tmp_path: Path) -> None:
    (row, later), told, behind = published(tmp_path, AMONG)
    assert (row["n"], row["events"], row["among_unknown"], row["median_days"]) == (2, 1, 2, None)
    assert (later["n"], later["left_out"], later["among_unknown"]) == (2, 2, 2)
    assert "whether the endpoint is about them (among) is not known for 2 of 4 women (it needs grade_code)" in row["reason"]
    assert row["reason"] in told
    name = "small.survival.{}_survival_kaplan_meier.{}.all"
    assert [behind[name.format("as_published", column)] for column in ("n", "events", "among_unknown")] == [2, 1, 2]
    assert [behind[name.format("landmark", column)] for column in ("n", "among_unknown", "left_out")] == [2, 2, 2]


def test_says_how_to_ask_only_what_a_study_may_write(tmp_path: Path) -> None:
    # a coalesce takes no date
    (row, _), _, _ = published(tmp_path, f"{AMONG} and before(diagnosis, date '2011-01-01')")
    assert "coalesce" not in row["reason"]
    assert "write a step with keep: \"(grade_code = '1' and before(diagnosis, date '2011-01-01')) or not (" in row["reason"]


def test_estimates_where_the_study_says_that_not_known_means_no(tmp_path: Path) -> None:
    (row, _), told, _ = published(tmp_path, f"coalesce({AMONG}, false)")
    assert (row["n"], row["events"], row["among_unknown"], row["reason"]) == (2, 1, 0, None)
    assert told == ""


def test_has_nothing_to_count_where_an_endpoint_is_about_everybody(tmp_path: Path) -> None:
    (row, _), _, _ = published(tmp_path, None)
    assert (row["n"], row["events"], row["among_unknown"]) == (5, 2, None)


@pytest.mark.parametrize(("side", "count"), [("share", None), ("internal", 2)])
def test_shares_no_small_count_of_them(tmp_path: Path, side: str, count: int | None) -> None:
    (row, _), told, _ = published(tmp_path, AMONG, side, min_cell=5, min_cell_reason=None)
    assert row["among_unknown"] == count
    assert "for some of the women" in told
