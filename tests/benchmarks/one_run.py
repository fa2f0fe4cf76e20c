"""One measured step in a process of its own, so that its memory and its CPU seconds are nobody else's.

`python -m tests.benchmarks.one_run simulate|floor|line|verify FOLDER …` prints one line of JSON: wall and CPU seconds of the step
without the imports, the peak memory of the process, and what the step says of itself.
"""

from __future__ import annotations

import argparse
import json
import resource
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from etl.process import begun

GIB = 2**30 if sys.platform == "darwin" else 2**20  # ru_maxrss counts bytes on macOS and KiB elsewhere


def measured(step: str, folder: Path, *words: str) -> dict[str, Any]:
    """One step in a fresh process; what it prints. A failure shows its own traceback and ends the benchmark."""
    done = subprocess.run(_command(step, folder, words), capture_output=True, text=True, check=False)
    if done.returncode:
        sys.exit(f"{step} failed:\n{done.stderr}")
    said: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return said


def held(step: str, folder: Path, *words: str) -> float | None:
    """GiB that one step in a fresh process held at its peak, without the pages it has left to the kernel (LazyFree, Linux only).

    Looked at twice a second, which costs CPU: never a round that is timed.
    """
    most = None
    with subprocess.Popen(_command(step, folder, words), stdout=subprocess.DEVNULL) as process:
        while process.poll() is None:
            most = max(filter(None, (most, _held_now(Path(f"/proc/{process.pid}/smaps_rollup")))), default=None)
            time.sleep(0.5)
    if process.returncode:
        sys.exit(f"{step} failed while its memory was looked at")
    return most


def _command(step: str, folder: Path, words: Sequence[str]) -> list[str]:
    return [sys.executable, "-m", "tests.benchmarks.one_run", step, str(folder), *words]


def _held_now(rollup: Path) -> float | None:
    try:
        sizes = {line.split(":")[0]: line.split()[1] for line in rollup.read_text().splitlines()[1:]}
    except (FileNotFoundError, ProcessLookupError, PermissionError):
        return None
    return (int(sizes["Rss"]) - int(sizes["LazyFree"])) / 2**20 if sizes else None


def _simulate(folder: Path, given: argparse.Namespace) -> Callable[[], dict[str, Any]]:
    from etl.simulate.project import simulate

    return lambda: {"defects": simulate(folder / "project", given.women, given.seed, clean=False).height}


def _floor(folder: Path, _: argparse.Namespace) -> Callable[[], dict[str, Any]]:
    from schemas.project import load_project
    from tests.benchmarks.floor import files_of, load_all, ways_of

    files = list(files_of(load_project(folder / "project")))
    ways = ways_of(files)
    (folder / "floor.duckdb").unlink(missing_ok=True)
    return lambda: {"seconds_by_file": load_all(files, ways, folder / "floor.duckdb")}


def _line(folder: Path, given: argparse.Namespace) -> Callable[[], dict[str, Any]]:
    from etl.options import RunOptions
    from etl.pipeline import run
    from etl.progress import Progress

    def whole() -> dict[str, Any]:
        progress = Progress(quiet=True)
        outcome = run(folder / "project", folder / "out", RunOptions(memory_limit=given.memory_limit), progress)
        return {"stages": progress.seconds, "outcome": outcome.outcome, "reason": outcome.reason}

    return whole


def _verify(folder: Path, _: argparse.Namespace) -> Callable[[], dict[str, Any]]:
    from tests.benchmarks.rows import verified

    return lambda: verified(folder / "project", folder / "out")


STEPS = {"simulate": _simulate, "floor": _floor, "line": _line, "verify": _verify}


def main() -> None:
    """Take one step and print what it took."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("step", choices=STEPS)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--women", type=int, default=0)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--memory-limit")
    given = parser.parse_args()
    begun()  # the floor as well: what helps a command's process helps both
    step = STEPS[given.step](given.folder, given)
    before, started = resource.getrusage(resource.RUSAGE_SELF), time.perf_counter()
    said = step()
    wall, after = time.perf_counter() - started, resource.getrusage(resource.RUSAGE_SELF)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    print(json.dumps({"wall": wall, "cpu": cpu, "peak_gib": after.ru_maxrss / GIB, **said}))


if __name__ == "__main__":
    main()
