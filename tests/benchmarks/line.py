"""The whole line against a floor measured in the same run: `python -m tests.benchmarks.line --women 100000`.

The floor is DuckDB merely loading the same CSV file, all text, into a database file. The data is the trial_days registry
with its women repeated under new numbers. Ratios are the result; seconds depend on the machine and drift.
"""

from __future__ import annotations

import argparse
import json
import resource
import shutil
import statistics
import tempfile
import time
from importlib.metadata import version
from pathlib import Path

import duckdb
import polars as pl

from etl.bundled import bundled
from etl.options import RunOptions
from etl.pipeline import run
from etl.progress import Progress


def project_with(women: int, folder: Path) -> Path:
    """A copy of the trial_days project whose export holds so many women."""
    source = next(path for path in bundled() if path.name == "trial_days")
    project = Path(shutil.copytree(source, folder / "project"))
    export = project / "exports" / "gbsg2.csv"
    rows = pl.read_csv(export, comment_prefix="# ", infer_schema=False)
    copies = pl.concat([rows] * -(-women // rows.height)).head(women)
    copies.with_columns(id=pl.int_range(1, women + 1).cast(pl.String)).write_csv(export)
    return project


def floor(export: Path, database: Path) -> float:
    """Seconds DuckDB takes to load the export, all text, into a database file."""
    database.unlink(missing_ok=True)
    started = time.perf_counter()
    with duckdb.connect(str(database)) as con:
        con.execute("create table raw as select * from read_csv($path, all_varchar = true)", {"path": str(export)}).fetchall()
        con.execute("checkpoint").fetchall()
    return time.perf_counter() - started


def main() -> None:
    """Interleave floor and line, print the ratio, the stages and the peak of the memory."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--women", type=int, default=100_000)
    parser.add_argument("--rounds", type=int, default=3)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        project = project_with(asked.women, folder)
        floors, lines, stages = [], [], {}
        for number in range(asked.rounds):
            floors.append(floor(project / "exports" / "gbsg2.csv", folder / "floor.duckdb"))
            progress = Progress(quiet=True)
            started = time.perf_counter()
            outcome = run(project, folder / f"out_{number}", RunOptions(), progress)
            lines.append(time.perf_counter() - started)
            assert outcome.outcome == "published", outcome.reason
            stages = progress.seconds
            shutil.rmtree(folder / f"out_{number}")
    base, whole = statistics.median(floors), statistics.median(lines)
    print(f"{asked.women:,} women, {asked.rounds} rounds; polars {version('polars')}, duckdb {version('duckdb')}")
    print(f"floor {base:.2f} s, line {whole:.2f} s, ratio {whole / base:.1f}")
    print(f"peak memory {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20:.2f} GiB")
    print(json.dumps(stages, indent=1))


if __name__ == "__main__":
    main()
