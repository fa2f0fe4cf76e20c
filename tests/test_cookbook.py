"""docs/cookbook.md: every query runs on the bundled registry, and tells what the published files tell."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import duckdb
import polars as pl
import pytest

PAGE = (Path(__file__).parent.parent / "docs" / "cookbook.md").read_text(encoding="utf-8")
QUERIES = re.findall(r"```sql\n(.*?)```", PAGE, re.DOTALL)


@pytest.fixture(scope="module")
def release(bundled_out: Path) -> Path:
    return bundled_out / "registry" / "current"


@pytest.fixture(scope="module")
def con(release: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect(str(release / "warehouse.duckdb"), read_only=True) as opened:
        yield opened


def asked(con: duckdb.DuckDBPyConnection, part: str) -> pl.DataFrame:
    """The rows of the one query that holds these words."""
    (query,) = (query for query in QUERIES if part in query)
    return pl.DataFrame(con.sql(query).to_arrow_table())


@pytest.mark.parametrize("query", QUERIES, ids=range(len(QUERIES)))
def test_every_query_of_the_page_finds_rows(con: duckdb.DuckDBPyConnection, query: str) -> None:
    assert con.sql(query).fetchall() != []


def test_the_women_at_risk_are_those_of_the_published_file(con: duckdb.DuckDBPyConnection, release: Path) -> None:
    published = pl.read_csv(release / "share/studies/metastasectomy/at_risk.csv").filter(
        pl.col("analysis") == "as_published", pl.col("endpoint") == "overall_survival"
    )
    both = asked(con, "as at_risk").join(published, on=["arm", "months"], how="inner", suffix="_published")
    assert both.height == 18  # six ticks of three arms
    assert both["at_risk"].to_list() == both["at_risk_published"].to_list()


def test_the_women_of_the_arms_are_those_of_the_cohort(con: duckdb.DuckDBPyConnection) -> None:
    by_arm = asked(con, "candidate.age_years").group_by("arm").agg(pl.col("n").sum()).sort("arm")
    assert by_arm.rows() == [("metastasectomy", 13), ("systemic_only", 216), ("untreated", 93)]


def test_what_is_certain_is_possible_too(con: duckdb.DuckDBPyConnection) -> None:
    ((certain, possible),) = asked(con, "certainly_before").rows()
    assert 0 < certain < possible
