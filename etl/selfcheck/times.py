"""The law of dates that are all earlier: times, and the numbers made of them, are as they were.

Two runs of its own: one of the exports that can be written so, as they are, and one of the same with every date earlier, on a day as much
earlier, with the dates of studies and local edits as much earlier. What follows from a day itself (which edition staged her, whether a drug
was known) may differ; how long something took may not.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path

import polars as pl

from etl.selfcheck.earlier import Earlier, earlier, earlier_day, earlier_text
from etl.selfcheck.laws import NotApplicableError
from etl.selfcheck.sample import Sample
from etl.selfcheck.text_export import TextExport
from etl.selfcheck.tried import FEW, Scratch, first, tried
from schemas.contract import Contract
from schemas.core.errors import RefusedError
from warehouse.differing.numbers import known_numbers
from warehouse.differing.sides import AFTER, BEFORE, Side, frame, side_by_side
from warehouse.number_sources import OF_ENDPOINT

# Files of the project folder in which a date is one of the calendar of the exports.
DATED = ("registry.yml", "edits.yml", "overrides.csv", "studies/*.yml")
NAME = "dates_earlier"


@dataclass(frozen=True)
class Shift:
    """What was compared: how many files, times and numbers; which files were left out and why; what is broken, without a value."""

    files: int
    emptied: int
    times: int
    numbers: int
    left_out: Mapping[str, str]
    broken: tuple[str, ...]

    def told(self) -> Iterator[str]:
        """What was compared, for a law that held."""
        yield f"{self.files:,} {'file' if self.files == 1 else 'files'} changed, {self.times:,} times and {self.numbers:,} numbers compared"
        if self.emptied:
            yield f"{self.emptied:,} cells without a year of four digits are empty in both"
        yield from (f"left out: {name} {why}" for name, why in sorted(self.left_out.items()))


def shift(scratch: Scratch, sample: Sample, contracts: Mapping[str, Contract]) -> Shift:
    """The law on one sample.

    Raises NotApplicableError where no export can be written so, RefusedError where the line makes nothing of the exports earlier.
    """
    made = {text.name: earlier(text, contracts[text.name]) for text in sample.texts}
    left_out = {name: why for name, (_, why) in sample.whole.items()} | {name: why for name, why in made.items() if isinstance(why, str)}
    texts = [one for one in made.values() if isinstance(one, Earlier)]
    if not any(one.before.text != one.after.text for one in texts):
        raise NotApplicableError("no text export has a date whose year is written in four digits")
    place = scratch.folder / NAME
    try:
        before = _tried(scratch, "before", (one.before for one in texts), sample)
        other = Scratch(scratch.folder, _project(scratch.project, place / "project"), earlier_day(scratch.as_of))
        after = _tried(other, "after", (one.after for one in texts), sample)
        times, numbers, broken = _compared(before, after)
        if not times and not numbers:
            raise NotApplicableError("no study has a time")
    finally:
        shutil.rmtree(place, ignore_errors=True)
    n = sum(one.before.text != one.after.text for one in texts)
    return Shift(n, sum(one.emptied for one in texts), times, numbers, left_out, tuple(broken))


def _tried(scratch: Scratch, name: str, texts: Iterable[TextExport], sample: Sample) -> Side:
    exports = scratch.folder / NAME / f"{name}_exports"
    sample.only_texts().write(exports, texts)
    try:
        return tried(scratch, f"{NAME}/{name}", exports)
    except RefusedError as error:
        if name == "before":
            raise NotApplicableError(f"of the exports that can be written so alone {error}") from error
        raise


def _project(project: Path, place: Path) -> Path:
    """A copy of the project folder with its own dates as much earlier."""
    shutil.copytree(project, place)
    for path in (path for pattern in DATED for path in place.glob(pattern)):
        path.write_text(earlier_text(path.read_text(encoding="utf-8")), encoding="utf-8")
    return place


def _compared(before: Side, after: Side) -> tuple[int, int, list[str]]:
    """How many times and numbers there are, and what differs."""
    with side_by_side(before, after) as con:
        (times, wrong, persons), *_ = frame(con, _query()).rows()
        known = {name: found.filter(pl.col("output").is_in(OF_ENDPOINT)) for name, found in known_numbers(con).items()}
    both = known[BEFORE].join(known[AFTER], on="number_id", how="full", coalesce=True, suffix="_after")
    other = pl.col("exact").ne_missing(pl.col("exact_after")) | pl.col("study").is_null() | pl.col("study_after").is_null()
    names = tuple(both.filter(other)["number_id"].sort())
    broken = [f"{wrong:,} times of {persons:,} persons differ"] if wrong else []
    broken += [f"{len(names):,} published numbers differ: {first(names, FEW)}"] if names else []
    return times, both.height, broken


def _query() -> str:
    return files("etl").joinpath("selfcheck", "times.sql").read_text(encoding="utf-8")
