"""Notices from comparing tonight's files with those of the last release: an old snapshot came back, rows are repeated, or a file of an
appended or upserted delivery replaced another. They stop nothing, and are history (DESIGN 2.1).
"""

from __future__ import annotations

import datetime
from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby
from pathlib import Path
from typing import Any

import polars as pl

from etl.landing.landed import LandedFile
from etl.nights.delivered_anew import BACK, went_back
from etl.nights.history import Before
from etl.nights.repeated_rows import pasted, repeated_rows
from schemas.core.frames import LEDGER
from validations.expecting.rows import Row, as_results, warning
from validations.expecting.rules import DELIVERED_ROWS
from warehouse.runs import landed

ABOVE = (
    "Of two rows that tell of the same the one of the later name counts: perhaps an old export was sent again. Take it out of the exports "
    "folder, or give it the name that it had; where its rows are to count again, nothing is to be done. It is told once."
)
REPLACED = (
    "Of one name the last delivery counts alone: perhaps each night's export has the same name. Give each a name of its own, and send what "
    "had this name again under another; where the rows went by right, nothing is to be done. It is told once."
)


def compared(
    ledger: pl.DataFrame, files: Sequence[LandedFile], before: Before, as_of: datetime.date, again: Mapping[str, int]
) -> pl.DataFrame:
    """RESULTS: everything that comparing the files with those of the last release tells. ledger: LEDGER, of all stages; again: by file
    the rows that say what an earlier one of it says.
    """
    earlier = ledger_of(before.warehouse.parent if before.warehouse is not None else None)
    rows, repeated = _rows(ledger), repeated_rows(ledger, files, before.run, earlier)
    told = as_results(all_count(files, before.run, rows, _rows(earlier)))
    twice = as_results([row for row in pasted(files, before.run, again, rows) if row[0] not in repeated["name"]])
    return pl.concat([repeated, twice, went_back(files, before.run, before.files, as_of), told])


def ledger_of(release: Path | None) -> pl.DataFrame:
    """The ledger of an earlier release (LEDGER); no rows where there is none."""
    if release is None or not (release / "ledger.csv").is_file():
        return pl.DataFrame(schema=LEDGER)
    return pl.read_csv(release / "ledger.csv", schema_overrides=LEDGER)


def all_count(files: Sequence[LandedFile], run: Mapping[str, Any], rows: Mapping[str, int], earlier: Mapping[str, int]) -> list[Row]:
    """The notices for each contract whose files all count (append, upsert), in the order of the files.

    `run`: run.json of the last release; `rows`, `earlier`: data rows by file, now and in that release.
    """
    told: list[Row] = []
    added = (file for file in files if file.contract.delivery != "snapshot")
    for contract, some in groupby(added, key=lambda file: file.contract.contract):
        mine = list(some)
        last = {str(one["name"]): str(one["sha256"]) for one in landed(run) if one["contract"] == contract}
        for name, says, why in (
            (BACK, list(_put_above(mine, last)), ABOVE),
            (DELIVERED_ROWS, list(_replaced(mine, last, rows, earlier, str(run.get("run_id")))), REPLACED),
        ):
            if says:
                more = f" (and {len(says) - 1:,} more of its files)" if len(says) > 1 else ""
                told.append(warning(f"{name}.{contract}", contract, f"{says[0]}{more}", why))
    return told


def _put_above(files: Sequence[LandedFile], last: Mapping[str, str]) -> Iterator[str]:
    """Files that came today with the bytes of one of the last release, and stand above others of it that stood above them."""
    place = {sha256: number for number, sha256 in enumerate(last.values())}
    names = {sha256: name for name, sha256 in last.items()}
    highest, below = -1, ""
    for file in files:
        if (was := place.get(file.sha256)) is None:
            continue
        if was < highest and file.fate == "goes_on" and file.name != names[file.sha256]:
            yield f"{file.name} is byte for byte {names[file.sha256]}, and its rows count before those of {below} now"
        if was > highest:
            highest, below = was, file.name


def _replaced(
    files: Sequence[LandedFile], last: Mapping[str, str], rows: Mapping[str, int], earlier: Mapping[str, int], release: str
) -> Iterator[str]:  # fmt: skip
    """Files that came under a name of the last release with other bytes and fewer rows."""
    for file in files:
        was, now = earlier.get(file.name, 0), rows.get(file.name, 0)
        if last.get(file.name, file.sha256) != file.sha256 and file.fate == "goes_on" and now < was:
            yield f"{file.name}: {now:,} rows now, and the {was:,} that it had in release {release} count no longer"


def _rows(ledger: pl.DataFrame) -> dict[str, int]:
    """Data rows by file."""
    lines = ledger.filter(pl.col("stage") == "read", pl.col("unit") == "row", pl.col("fate") == "goes_on")
    return {str(name): n for name, n in lines.select("source_file", pl.col("n").cast(pl.Int64)).iter_rows()}
