"""Judging alone, all edits with one finding per row: `python -m tests.benchmarks.edits --women 1000000`.

The records are those of a simulated registry, at most ORIGINALS women, repeated under new keys; one tumour in 50 is moved by
40 years, so that there is something to find. Seconds depend on the machine; what is judged does not.
"""

from __future__ import annotations

import argparse
import datetime
import resource
import time
from dataclasses import dataclass

import polars as pl

from etl.simulate.staged import staging
from etl.simulate.truth import make_truth
from validations.edit import Edit
from validations.judge import Judged, judge
from validations.load import built_in_edits
from validations.route import route

ORIGINALS, WRONG, YEARS = 50_000, 50, 40
AS_OF = datetime.date(2020, 6, 30)


@dataclass(frozen=True)
class Measured:
    """What was judged, and the seconds it took: by the clock, and of all cores together."""

    edits: int
    records: int
    findings: int
    seconds: float
    cpu: float
    peak_gib: float


def linked(women: int, seed: int = 1) -> dict[str, pl.DataFrame]:
    """Linked frames of so many women, as `judge` and `route` take them."""
    originals = staging(make_truth(min(women, ORIGINALS), seed))
    persons = originals["patient"].select("patient_key")
    copies = [persons.head(women - number * persons.height) for number in range(-(-women // persons.height))]
    return {
        name: pl.concat([_copy(frame, number, of) for number, of in enumerate(copies)]) for name, frame in _with_errors(originals).items()
    }


def _with_errors(records: dict[str, pl.DataFrame]) -> dict[str, pl.DataFrame]:
    ends = ("diagnosis_earliest_date", "diagnosis_latest_date")
    moved = pl.when(pl.col("record_key") % WRONG == 0).then(pl.col(*ends).dt.offset_by(f"{YEARS}y")).otherwise(pl.col(*ends))
    return {**records, "tumour": records["tumour"].with_columns(moved.name.keep())}


def _copy(frame: pl.DataFrame, number: int, persons: pl.DataFrame) -> pl.DataFrame:
    """The records of these persons under the keys of the copy of that number."""
    keys = [name for name in ("record_key", "patient_key", "tumour_key") if name in frame.columns]
    named = pl.concat_str("patient_pseudonym", pl.lit(f"_{number}"))
    place = {
        "source_file": pl.lit("simulated.csv"),
        "source_key": pl.lit(1, pl.Int64),
        "source_row": pl.int_range(pl.len(), dtype=pl.Int64),
    }
    mine = frame.join(persons, on="patient_key", how="semi", maintain_order="left")
    return mine.with_columns(pl.col(*keys) + number, patient_pseudonym=named, **place)


def measured(records: dict[str, pl.DataFrame], edits: tuple[Edit, ...]) -> tuple[Judged, Measured]:
    """Judge the records once."""
    started, before = time.perf_counter(), _cpu()
    judged = judge(records, edits, AS_OF)
    seconds, cpu = time.perf_counter() - started, _cpu() - before
    n = sum(frame.height for frame in records.values())
    return judged, Measured(len(edits), n, judged.findings.height, seconds, cpu, _peak())


def _cpu() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


def _peak() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20


def main() -> None:
    """Print edits, records, findings, seconds, CPU and the peak of the memory, for judging and for routing after it."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--women", type=int, default=100_000)
    asked = parser.parse_args()
    records, edits = linked(asked.women), built_in_edits()
    print(f"records ready: peak memory {_peak():.2f} GiB")
    judged, one = measured(records, edits)
    print(f"{asked.women:,} women, {one.edits} edits, {one.records:,} records, {one.findings:,} findings")
    print(f"judge {one.seconds:.1f} s, CPU {one.cpu:.1f} s, peak memory {one.peak_gib:.2f} GiB")
    started, before = time.perf_counter(), _cpu()
    routed = route(records, judged, edits, AS_OF)
    print(f"route {time.perf_counter() - started:.1f} s, CPU {_cpu() - before:.1f} s, {routed.quarantine.height:,} records stay behind")


if __name__ == "__main__":
    main()
