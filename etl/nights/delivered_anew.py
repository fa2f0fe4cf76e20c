"""Since when each file in force is there with these bytes, which sources were not delivered anew for long, and what went back.

Days are as-of dates of releases, not days of the clock: a release is a function of its inputs (DESIGN 2.1), and this is history,
which derives from the release before. A file's day is the as-of date of the first release that held its bytes for its contract, also
where others stood in between: an old export that comes back is not delivered anew.
"""

from __future__ import annotations

import datetime
from collections.abc import Collection, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

import polars as pl

from etl.landing.landed import LandedFile
from etl.nights.own_releases import stored
from schemas.project import SourceRule
from validations.expecting.rows import Row, as_results, warning
from warehouse.runs import landed

NAME, BACK, EARLIER = "delivered_anew", "file_goes_on", "as_of_goes_on"
REASON = "The same files night after night look like a load that is up to date; ask the source for a new export, or say how often it comes."

WENT_BACK = (
    "Perhaps an old export was put in the place of a newer one: look at the exports folder. Where it comes back by right, nothing is to "
    "be done; it is told once."
)
DAY_WENT_BACK = (
    "What became known since that day counts as not yet come: look at --as-of, or `as_of` in registry.yml. Where the day is meant, nothing "
    "is to be done; it is told once."
)
# One row per file that was ever in force, by its contract and bytes: what each release hands on to the next.
SEEN: dict[str, type[pl.DataType]] = {"contract": pl.String, "sha256": pl.String, "since": pl.Date}
STOOD = "internal/files_seen.csv"
Known = Mapping[tuple[str, str], datetime.date]


def known(release: Path, run: Mapping[str, Any]) -> Known:
    """By contract and hash the day of every file that a release knows (`run`: its run.json); one of an older version knows its own only.

    Raises RefusedError where the file that says so is damaged.
    """
    path, as_of = release / STOOD, run.get("as_of")
    own = {(one["contract"], one["sha256"]): datetime.date.fromisoformat(day) for one in landed(run) if (day := one.get("since") or as_of)}
    if not path.is_file():
        return own
    return {**own, **{(contract, sha256): day for contract, sha256, day in stored(path, SEEN).iter_rows()}}


def since(files: Iterable[LandedFile], before: Known, as_of: datetime.date) -> dict[str, datetime.date]:
    """By name of the file: the day since which its bytes are known; `as_of` where no release before had them (`known`)."""
    return {file.name: min(as_of, before.get((file.contract.contract, file.sha256), as_of)) for file in files}


def write_seen(release: Path, files: Iterable[LandedFile], days: Mapping[str, datetime.date], before: Known) -> None:
    """The files that a release knows: those of the releases before it (`known`), and its own with their `days` (`since`)."""
    stood = {**before, **{(file.contract.contract, file.sha256): days[file.name] for file in files}}
    rows = [(*key, day) for key, day in sorted(stood.items())]
    pl.DataFrame(rows, schema=SEEN, orient="row").write_csv(release / STOOD, line_terminator="\n")


def not_anew(
    files: Iterable[LandedFile], days: Mapping[str, datetime.date], rules: Mapping[str, SourceRule], as_of: datetime.date
) -> pl.DataFrame:
    """RESULTS: one row per source of which every file is older than its `new_within_days`; none stops anything."""
    newest: dict[str, datetime.date] = {}
    for file in files:
        newest[file.contract.source] = max(days[file.name], newest.get(file.contract.source, days[file.name]))
    rows = [_row(source, newest[source], rules[source].new_within_days, as_of) for source in sorted(newest) if source in rules]
    return as_results(rows)


def went_back(files: Iterable[LandedFile], run: Mapping[str, Any], known: Known, as_of: datetime.date) -> pl.DataFrame:
    """RESULTS: one row per contract whose snapshot is one from before the last release's, and one where the as-of date lies before its.

    `run`: run.json of the last release, `known`: the files that it knows. Of what is appended every file counts for good, and of what
    stands in for another it is told why; neither goes back. It stops nothing.
    """
    last, day = {(one["contract"], one["sha256"]) for one in landed(run)}, str(run.get("as_of", ""))
    rows = [_back(*told) for told in _older(files, last, known)]
    if as_of.isoformat() < day:
        said = f"as of {as_of.isoformat()}, and release {run.get('run_id')} is as of {day}, expected that day or a later one"
        rows.append(warning(EARLIER, "as_of", said, DAY_WENT_BACK))
    return as_results(rows)


def _older(files: Iterable[LandedFile], last: Collection[tuple[str, str]], known: Known) -> Iterator[tuple[str, str, datetime.date]]:
    """Contract, name and day of each snapshot that the last release did not read and one before it did."""
    read = {contract for contract, _ in last}  # of the others nothing came since
    for file in files:
        contract = file.contract.contract
        same = (contract, file.sha256)
        if file.contract.delivery == "snapshot" and file.fate == "goes_on" and contract in read and same in known and same not in last:
            yield contract, file.name, known[same]


def _back(contract: str, file: str, day: datetime.date) -> Row:
    said = f"{file} is byte for byte what the release as of {day.isoformat()} read, and another came since, expected a newer one"
    return warning(f"{BACK}.{contract}", contract, said, WENT_BACK)


def _row(source: str, day: datetime.date, most: int, as_of: datetime.date) -> Row | None:
    age = (as_of - day).days
    if age <= most:
        return None
    told = f"nothing new since the release as of {day.isoformat()}, {age:,} days before this one, expected within {most:,} days"
    return warning(f"{NAME}.{source}", source, told, REASON)
