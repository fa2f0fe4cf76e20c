"""The benchmark itself: what its floor loads, that it notices a row that stands elsewhere, and what it prints."""

from __future__ import annotations

import csv
import sys
from pathlib import Path
from typing import Any

import duckdb
import polars as pl
import pytest

from etl.simulate.project import bundled_registry
from schemas.project import load_project
from tests.benchmarks import line, rows
from tests.benchmarks.floor import files_of, load_all, ways_of
from tests.benchmarks.one_run import _held_now, measured


@pytest.fixture(scope="module")
def by_file(tmp_path_factory: pytest.TempPathFactory) -> dict[str, int]:
    """Rows that DuckDB holds of each file of the bundled registry after the floor."""
    database = tmp_path_factory.mktemp("floor") / "floor.duckdb"
    files = list(files_of(load_project(bundled_registry())))
    load_all(files, ways_of(files), database)
    with duckdb.connect(str(database), read_only=True) as con:
        return {path.name: con.sql(f"select count(*) from raw_{place}").fetchall()[0][0] for place, (path, _) in enumerate(files)}


def test_the_floor_loads_every_row_of_every_file(by_file: dict[str, int]) -> None:
    lines = {path.name: path.read_bytes().count(b"\n") for path in (bundled_registry() / "exports").rglob("*.[ct][sx][vt]")}
    assert by_file["items.csv"] == lines["items.csv"] - 1
    assert by_file["recurrences.tsv"] == lines["recurrences.tsv"], "a header, and a last line that does not end"
    assert by_file["registry.txt"] == lines["registry.txt"]
    with (bundled_registry() / "exports/hospital_a/tumours.csv").open(encoding="utf-8-sig", newline="") as handle:
        assert by_file["tumours.csv"] == sum(1 for cells in csv.reader(handle) if any(cells)) - 1
    assert by_file["treatment.xlsx"] == sum(1 for _ in rows._lines(bundled_registry() / "exports/hospital_a/treatment.xlsx")["row"])


def test_every_row_of_the_bundled_registry_stands_where_its_lineage_says(bundled_out: Path) -> None:
    said = rows.verified(bundled_registry(), bundled_out / "registry")["files"]
    assert {name: (one["persons_differ"], one["dates_differ"]) for name, one in said.items()} == dict.fromkeys(said, (0, 0))
    assert all(one["lines"] > 100 and one["dates"] > 20 for one in said.values())


def test_a_lineage_that_is_one_row_off_is_noticed(bundled_out: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    right = rows._lines
    monkeypatch.setattr(rows, "_lines", lambda path: right(path).with_columns(pl.col("row") + 1))
    said = rows.verified(bundled_registry(), bundled_out / "registry")["files"]
    assert all(one["persons_differ"] > one["lines"] / 10 and one["dates_differ"] > 0 for one in said.values())


@pytest.mark.slow
def test_prints_ratios_stages_and_memory_at_400_women(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def without_the_line(step: str, folder: Path, *words: str) -> dict[str, Any]:
        if step != "line":
            return measured(step, folder, *words)
        assert words == ("--memory-limit", "2GB")
        return {"wall": 6.0, "cpu": 9.0, "peak_gib": 1.5, "outcome": "published", "reason": "", "stages": {"land": 1.25, "load": 2.5}}

    monkeypatch.setattr(line, "measured", without_the_line)
    monkeypatch.setattr(line, "RESULTS", tmp_path / "RESULTS.md")
    (tmp_path / "RESULTS.md").write_text("# Results\n")
    monkeypatch.setattr(sys, "argv", ["line", "--women", "400", "--seed", "3", "--rounds", "1", "--memory-limit", "2GB", "--keep"])
    line.main()
    printed = capsys.readouterr().out
    assert "## 400 women" in printed
    assert "| the whole line | 6.00 | 9.00 | 1.50 |" in printed
    assert "land 1.25, load 2.50" in printed
    assert (tmp_path / "RESULTS.md").read_text() == "# Results\n\n" + printed[:-1]


def test_memory_held_leaves_out_the_pages_left_to_the_kernel(tmp_path: Path) -> None:
    rollup = tmp_path / "smaps_rollup"
    rollup.write_text("55e8-7ffd ---p 00000000 00:00 0  [rollup]\nRss:  5242880 kB\nLazyFree:  2097152 kB\n")
    assert _held_now(rollup) == 3.0
    assert _held_now(tmp_path / "ended") is None
