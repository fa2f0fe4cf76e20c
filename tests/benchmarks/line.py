"""The whole line against a floor measured in the same run: `python -m tests.benchmarks.line --women 100000`.

The data is what `oncomart simulate` writes for so many women and a seed. The floor is DuckDB merely loading the very same files, all text,
into a database file (tests/benchmarks/floor.py); the line is one whole run from nothing, published. Floor and line take turns, each in a
process of its own. Ratios of medians are the result; seconds depend on the machine and drift.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import shutil
import statistics
import sys
import tempfile
from collections.abc import Sequence
from datetime import date
from importlib.metadata import version
from pathlib import Path
from typing import Any

from tests.benchmarks.one_run import held, measured

RESULTS = Path(__file__).parent / "RESULTS.md"
Taken = dict[str, Any]  # what one_run prints


def rounds_for(women: int) -> int:
    """Few rounds of a large registry: what disturbs a run of minutes is small beside it."""
    return 5 if women <= 20_000 else 3 if women <= 300_000 else 2


def machine() -> str:
    """Cores and memory and nothing that names the machine."""
    memory = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") / 2**30
    system = f"{platform.system()} {platform.machine()}, Python {platform.python_version()}"
    return f"{os.cpu_count()} cores, {memory:.0f} GiB of memory, {system}"


def take_turns(folder: Path, rounds: int, memory_limit: str | None) -> tuple[list[Taken], list[Taken]]:
    """Floor, line, floor, line. The release of the last round stays, for `--verify`. A run that does not publish ends the benchmark."""
    floors: list[Taken] = []
    lines: list[Taken] = []
    limit = _limit(memory_limit)
    for _ in range(rounds):
        floors.append(measured("floor", folder))
        shutil.rmtree(folder / "out", ignore_errors=True)
        lines.append(measured("line", folder, *limit))
        if not lines[-1]["outcome"].startswith("published"):
            sys.exit(f"the run ended as {lines[-1]['outcome']}: {lines[-1]['reason']}")
    return floors, lines


def figures(floors: Sequence[Taken], lines: Sequence[Taken], workbooks: Sequence[str]) -> list[str]:
    """The floor with and without workbooks, the line, their ratios, and the stages of the line, as lines of Markdown."""
    floor = {name: statistics.median(taken[name] for taken in floors) for name in ("wall", "cpu", "peak_gib")}
    line = {name: statistics.median(taken[name] for taken in lines) for name in ("wall", "cpu", "peak_gib")}
    wall, cpu = (
        floor[clock] - statistics.median(sum(taken["seconds_by_file"][name][place] for name in workbooks) for taken in floors)
        for place, clock in enumerate(("wall", "cpu"))
    )
    stages = {name: statistics.median(taken["stages"][name] for taken in lines) for name in lines[0]["stages"]}
    return [
        "| | wall s | CPU s | peak GiB |",
        "|---|---|---|---|",
        f"| floor: DuckDB loads all files as text | {floor['wall']:.2f} | {floor['cpu']:.2f} | {floor['peak_gib']:.2f} |",
        f"| of that without the workbook | {wall:.2f} | {cpu:.2f} | |",
        f"| the whole line | {line['wall']:.2f} | {line['cpu']:.2f} | {line['peak_gib']:.2f} |",
        f"| ratio | {line['wall'] / floor['wall']:.1f} | {line['cpu'] / floor['cpu']:.1f} | |",
        f"| ratio to the floor without the workbook | {line['wall'] / wall:.1f} | {line['cpu'] / cpu:.1f} | |",
        "",
        "Seconds by stage (wall): " + ", ".join(f"{name} {seconds:.2f}" for name, seconds in stages.items()) + ".",
        "DuckDB's excel extension is not installed: python-calamine reads the workbook cell by cell, and DuckDB stores the cells as text.",
    ]


def _limit(memory_limit: str | None) -> list[str]:
    return [] if memory_limit is None else ["--memory-limit", memory_limit]


def held_at_the_peak(folder: Path, memory_limit: str | None) -> list[str]:
    """What `--held` says, from a run of its own, since looking costs CPU."""
    shutil.rmtree(folder / "out", ignore_errors=True)
    gib = held("line", folder, *_limit(memory_limit))
    return [f"The whole line held {gib:.2f} GiB at its peak; the rest of its resident size is pages left to the kernel."] if gib else []


def checked(folder: Path) -> list[str]:
    """What `--verify` says; ends with exit code 1 where a row of the lineage does not stand where it says."""
    said = measured("verify", folder)["files"]
    wrong = sum(one["persons_differ"] + one["dates_differ"] for one in said.values())
    lines, dates = (sum(one[name] for one in said.values()) for name in ("lines", "dates"))
    told = [
        f"`source_row` against the text of the files: {lines:,} lines of the lineage, {dates:,} dates compared, {wrong:,} mismatches: "
        + ", ".join(f"{Path(name).name} {one['lines']:,}" for name, one in said.items())
        + "."
    ]
    if wrong:
        print(json.dumps(said, indent=1))
        sys.exit(told[0])
    return told


def report(given: argparse.Namespace, folder: Path) -> list[str]:
    """Simulate, measure, verify: the section of RESULTS.md."""
    made = measured("simulate", folder, "--women", str(given.women), "--seed", str(given.seed))
    files = [path for path in (folder / "project" / "exports").rglob("*") if path.is_file()]
    workbooks = [f"{path.parent.name}/{path.name}" for path in files if path.suffix == ".xlsx"]
    rounds = given.rounds or rounds_for(given.women)
    size = sum(path.stat().st_size for path in files) / 1e6
    floors, lines = take_turns(folder, rounds, given.memory_limit)
    packages = ", ".join(f"{name} {version(name)}" for name in ("oncomart", "polars", "duckdb", "python-calamine"))
    limit = f", `--memory-limit {given.memory_limit}`" if given.memory_limit else ""
    return [
        f"## {given.women:,} women, {date.today().isoformat()}",
        "",
        f"Seed {given.seed}, {len(files)} files, {size:,.1f} MB, rounds: {rounds}{limit}. {machine()}; {packages}.",
        "",
        f"`simulate`: {made['wall']:.1f} s, {made['cpu']:.1f} s of CPU, peak {made['peak_gib']:.2f} GiB.",
        "",
        *figures(floors, lines, workbooks),
        *(held_at_the_peak(folder, given.memory_limit) if given.held else []),
        *(checked(folder) if given.verify else []),
    ]


def main() -> None:
    """Print the section; with `--keep` write it into RESULTS.md too."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--women", type=int, default=100_000)
    parser.add_argument("--seed", type=int, default=20170101, help="of the simulated registry")
    parser.add_argument("--rounds", type=int, help="how often floor and line take turns; by size where not said")
    parser.add_argument("--memory-limit", help="handed on to the run, such as 2GB")
    parser.add_argument("--held", action="store_true", help="run the line once more and say what memory it really holds (Linux)")
    parser.add_argument("--verify", action="store_true", help="hold source_row of every row delivered against the text of the files")
    parser.add_argument("--keep", action="store_true", help="write the section into tests/benchmarks/RESULTS.md")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        section = "\n".join(report(given, Path(temporary))) + "\n"
    print(section)
    if given.keep:
        RESULTS.write_text(RESULTS.read_text("utf-8").rstrip("\n") + "\n\n" + section, "utf-8")


if __name__ == "__main__":
    main()
