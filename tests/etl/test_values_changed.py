"""Records held against themselves in the last release: a column that moved against the others changes no count and no share."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from datetime import date, timedelta
from pathlib import Path

import duckdb
import polars as pl
import pytest

from etl.nights.values_changed import TABLES, values_changed
from schemas.items import columns

DAYS = [date(2009, 1, 1) + timedelta(days=40 * n) for n in range(20)]
SIDES = ["left", "right", "left", "left", "right"] * 4
Row = tuple[int, str | None, date | None, date | None]


@pytest.fixture(scope="module")
def empty(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A warehouse without any row, to be copied."""
    path = tmp_path_factory.mktemp("empty") / "warehouse.duckdb"
    with duckdb.connect(str(path)) as con:
        for table in TABLES:
            con.execute(f"create table {table} ({', '.join(f'{c.name} {c.duckdb}' for c in columns(table, 'star'))})").fetchall()
    return path


def warehouse(empty: Path, path: Path, rows: Sequence[Row]) -> Path:
    """A warehouse with these tumours: number, side, first and last day of diagnosis."""
    names = ["tumour_key", "laterality_code", "diagnosis_earliest_date", "diagnosis_latest_date"]
    told = pl.DataFrame(rows, schema=names, orient="row")
    with duckdb.connect(str(shutil.copy(empty, path))) as con:
        con.register("told", told.to_arrow())
        con.execute(f"insert into dim_tumour ({', '.join(names)}) select * from told").fetchall()
    return path


@pytest.fixture(scope="module")
def before(empty: Path) -> Path:
    return warehouse(empty, empty.with_name("before.duckdb"), tumours(DAYS))


def tumours(days: Sequence[date], sides: Sequence[str] = SIDES, *, until: int = 0) -> list[Row]:
    """The tumours with a day each, or with so many days more that it may have been."""
    return [(n, side, day, day + timedelta(days=until)) for n, (side, day) in enumerate(zip(sides, days, strict=False))]


@pytest.mark.parametrize(
    ("now", "told"),
    [
        (tumours(DAYS), {}),
        (tumours([*DAYS[1:], DAYS[0]]), {"diagnosis": "20 of 20"}),  # moved by a row
        (tumours(sorted(DAYS, reverse=True)), {"diagnosis": "20 of 20"}),  # sorted by itself
        (tumours(DAYS, sorted(SIDES)), {"laterality_code": "10 of 20"}),
        (tumours([day - timedelta(days=3) for day in DAYS], until=6), {}),  # less certain, and no other day for certain
        (tumours([*DAYS[:18], DAYS[0], DAYS[0]]), {}),  # a tenth is mended
        (tumours([*DAYS[:17], *DAYS[:3]]), {"diagnosis": "3 of 20"}),
        (tumours([DAYS[0], *DAYS[:18]]), {}),  # of fewer than twenty nothing is said
        ([(n, None, None, None) for n in range(20)], {}),  # what is gone is told as such
    ],
)
def test_tells_the_field_that_says_something_else_of_more_than_a_tenth(
    empty: Path, before: Path, tmp_path: Path, now: list[Row], told: dict[str, str]
) -> None:
    found = values_changed(warehouse(empty, tmp_path / "now.duckdb", now), before, "abc")
    said = {
        f"values_changed.dim_tumour.{field}": f"{counts} compared say something else than in release abc" for field, counts in told.items()
    }
    assert {name: detail.split(",")[0] for name, detail in found.select("name", "detail").rows()} == said
    assert not found["critical"].any()


@pytest.mark.parametrize(("first", "kept"), [(0, None), (1, None), (2, "18 of 20"), (100, "0 of 20")])
def test_tells_that_records_are_others_than_those_of_the_last_release(
    empty: Path, before: Path, tmp_path: Path, first: int, kept: str | None
) -> None:
    now = [(n + first, *said) for n, *said in tumours(DAYS, ["left"] * 20)]
    found = values_changed(warehouse(empty, tmp_path / "now.duckdb", now), before, "abc").filter(name="records_kept.dim_tumour")
    said = [] if kept is None else [f"{kept} compared of release abc are still there, expected at least 19"]
    assert found["detail"].to_list() == said


def test_the_first_release_is_compared_with_nothing(empty: Path) -> None:
    assert values_changed(empty, None, "abc").is_empty()


def test_tells_once_that_the_last_release_cannot_be_opened(empty: Path, tmp_path: Path) -> None:
    now = shutil.copy(empty, tmp_path / "now's.duckdb")
    (tmp_path / "damaged.duckdb").write_bytes(b"x" * 9000)
    with duckdb.connect(str(tmp_path / "old.duckdb")) as con:
        con.execute("create table dim_patient (patient_key bigint)").fetchall()
    for last in (tmp_path / "none.duckdb", tmp_path / "damaged.duckdb", tmp_path / "old.duckdb"):
        [(name, critical, met, detail)] = values_changed(now, last, "abc").select("name", "critical", "success", "detail").rows()
        assert (name, critical, met) == ("values_changed", False, False)
        assert detail == "no record is compared with release abc: its warehouse cannot be opened"


def test_tells_of_results_of_tests(empty: Path, tmp_path: Path) -> None:
    def tests(name: str, results: Sequence[str]) -> Path:
        told = pl.DataFrame({"biomarker_key": range(20), "tumour_key": range(20), "result_code": results})
        with duckdb.connect(str(shutil.copy(empty, tmp_path / name))) as con:
            con.register("told", told.to_arrow())
            con.execute("insert into fact_biomarker (biomarker_key, tumour_key, result_code) select * from told").fetchall()
        return tmp_path / name

    found = values_changed(tests("now", ["negative", "positive"] * 10), tests("before", ["positive"] * 20), "abc")
    assert found["name"].to_list() == ["values_changed.fact_biomarker.result_code"]
