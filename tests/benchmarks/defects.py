"""What the whole line makes of every labelled defect of a simulated registry, judged against the truth.

    python -m tests.benchmarks.defects [--women N] [--seed S]

Runs the registry with defects and its clean twin. Prints one line per kind of defect, the kinds that no check can find with the
reason, the margins of the cohort after cleaning, what is said of the clean twin, and every promise with its number.
Exit code 1 when one of them does not hold.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from etl.simulate.exports import make_exports
from etl.simulate.kinds_plausible import REASONS
from etl.simulate.project import bundled_registry
from etl.simulate.truth import make_truth
from tests.benchmarks.defects_judged import SWAPPED, by_kind, judge
from tests.benchmarks.promises import FALSE_ALARMS, Promise, margins, of_the_messy, of_the_twin, said_of_the_twin
from tests.benchmarks.registries import Ran, run
from tests.benchmarks.truth_compared import compared, lost

HEADER = ("kind", "expected", "injected", "found", "falsely", "certain but wrong")
LINE = "{:<38}{:<40}{:>9}{:>7}{:>9}{:>9}"


@dataclass(frozen=True)
class Measured:
    """Both runs judged: the defects with what became of each, and the promises."""

    judged: pl.DataFrame
    promises: list[Promise]
    ran: Ran
    twin: Ran


def measured(women: int, seed: int, configuration: Path | None = None) -> Measured:
    """Make, run and judge a registry of so many women and its clean twin."""
    configuration = configuration or bundled_registry()
    truth = make_truth(women, seed)
    messy, clean = (make_exports(truth, seed, clean=is_clean) for is_clean in (False, True))
    with tempfile.TemporaryDirectory() as name:
        twin = run(clean, Path(name) / "clean", configuration)
        ran = run(messy, Path(name) / "messy", configuration)
    given = truth, ran.records, ran.persons
    judged = judge(messy.defects, ran, compared(*given), lost(*given), twin)
    return Measured(judged, [*of_the_messy(truth, messy.defects, judged, ran, twin), *of_the_twin(truth, twin)], ran, twin)


def report(made: Measured) -> list[str]:
    """The lines to print, none wider than 120 columns."""
    kinds = by_kind(made.judged)
    lines = [LINE.format(*HEADER[:-1], "wrong")]
    lines += [LINE.format(*row) for row in kinds.iter_rows()]
    totals = kinds.select(pl.col("injected", "found", "falsely_found", "certain_wrong").sum()).row(0)
    lines += [LINE.format(f"{kinds.height} kinds", "", *totals)]
    rest = made.judged.filter(pl.col("kind") != SWAPPED)
    lines += ["", f"wrong: dates given for certain that are not the true ones. Without the one swapped column: {rest.height} defects."]
    missed = made.judged.filter((pl.col("word") != "undetectable") & ~pl.col("is_found"))
    first = missed.group_by("kind", maintain_order=True).agg(pl.len(), pl.col("file", "row").first())
    lines += [f"missed: {n} of {kind}, first in {file} row {row}" for kind, n, file, row in first.iter_rows()]
    lines += ["", "Not detectable in principle:"]
    lines += [f"  {kind}: {reason}" for kind, reason in REASONS.items()]
    lines += ["", *_margins(made), "", "Findings on the clean twin, each true (etl/simulate/oddities.py, linkage, columns left unread):"]
    lines += ["  {:<20}{:<10}{:>6}".format(*row) for row in said_of_the_twin(made.twin).iter_rows()]
    width = max(len(one.what) for one in made.promises) + 2
    lines += ["", *(f"{'ok    ' if one.holds else 'FAILED'} {one.what:<{width}}{one.number}" for one in made.promises)]
    return [*lines, "", *FALSE_ALARMS]


def _margins(made: Measured) -> list[str]:
    both = margins(made.ran).with_columns(clean=margins(made.twin)["n"])
    lines = [f"  {'cohort after cleaning':<56}{'simulated':>10}{'messy':>7}{'clean':>7}"]
    for arm, subgroup, women, messy, clean in both.select("arm", "subgroup", "women", "n", "clean").iter_rows():
        name = arm if subgroup is None else f"  {arm}.{subgroup}"
        lines.append(f"  {name:<56}{women:>10}{messy or 0:>7}{clean or 0:>7}")
    held = made.ran.counts.filter(step="held")["n"].sum()
    return [*lines, f"  held for errors in their records, who may have been eligible: {held}"]


def main(arguments: list[str] | None = None) -> int:
    """Print the report; 1 where a promise does not hold."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--women", type=int, default=1500)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--configuration", type=Path, default=bundled_registry())
    given = parser.parse_args(arguments)
    made = measured(given.women, given.seed, given.configuration)
    print("\n".join(report(made)))
    return 0 if all(one.holds for one in made.promises) else 1


if __name__ == "__main__":
    sys.exit(main())
