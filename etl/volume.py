"""A snapshot with far fewer rows than the last good one of its contract: cut off on the way, or a part sent for the whole.

What the last delivery held is history: it decides at most that the last good file stays in force (DESIGN 2.1, 2.9).
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import polars as pl

from etl.readers import RawTable
from schemas.core.errors import UnreadableError
from warehouse.publish import RELEASES as RELEASES_FOLDER
from warehouse.publish import current
from warehouse.runs import stored_run

FEWEST = 20  # of fewer rows a share says nothing
GROWN = 1.5  # so many times the rows of the delivery before: perhaps read or sent twice, and no measure for the one that mends it


def last_rows(out: Path) -> dict[str, int]:
    """Data rows that the files in force of each contract had in the current release, or in an earlier one that is kept where they
    were multiplied since (GROWN); empty where there is no release.
    """
    release = current(out)
    rows = later = _rows(release)
    seen: set[str] = set()
    while release is not None and release.name not in seen:
        seen.add(release.name)
        previous = stored_run(release).get("previous_release")
        release = out / RELEASES_FOLDER / str(previous) if previous else None
        before = _rows(release)
        multiplied = {contract for contract, n in before.items() if later.get(contract, 0) > GROWN * n}
        rows = {contract: before[contract] if contract in multiplied else n for contract, n in rows.items()}
        later = before
    return rows


def _rows(release: Path | None) -> dict[str, int]:
    """Of one release; empty where it is not kept."""
    path = release / "ledger.csv" if release is not None else None
    if path is None or not path.is_file():
        return {}
    contracts = {file["name"]: file["contract"] for file in stored_run(release).get("inputs", {}).get("landed", [])}
    lines = pl.read_csv(path, infer_schema=False).filter(pl.col("stage") == "read", pl.col("unit") == "row", pl.col("fate") == "goes_on")
    rows: dict[str, int] = {}
    for name, n in lines.select("source_file", pl.col("n").cast(pl.Int64)).iter_rows():
        if name in contracts:
            rows[contracts[name]] = rows.get(contracts[name], 0) + n
    return rows


def check_volume(raw: RawTable, last: Mapping[str, int]) -> None:
    """Raises UnreadableError where a snapshot has under `expected_rows.of_last` of the rows of the last good one.

    One row less is enough where the last line is not ended either.
    """
    contract, rows = raw.contract, raw.rows.height
    before = last.get(contract.contract, 0)
    if contract.delivery != "snapshot" or before < FEWEST or rows >= before:
        return
    said = f"{raw.file.name}: {rows:,} rows, where the last good delivery has {before:,}"
    if (raw.findings["edit"] == "READ-NO-LINE-END").any():
        raise UnreadableError("truncated", f"{said}, and the last line is not ended: the file is cut off")
    if rows < contract.expected_rows.of_last * before:
        hint = "if it is right, say so under 'expected_rows: {of_last: …}' of the contract"
        raise UnreadableError("fewer_rows", f"{said}: the file is cut off, or a part was sent for the whole ({hint})")
