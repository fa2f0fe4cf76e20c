"""More exact duplicates of records than in the last release: a part of an export was probably pasted twice.

Duplicates are merged, so no table grows, and the checks of volume say nothing below half as many rows again; the ledger counts them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import polars as pl

from etl.landing.landed import LandedFile
from etl.readers import RawTable
from validations.expecting.rows import Row, as_results, warning
from warehouse.runs import landed

NAME = "repeated_rows"
FEWEST, MOST = 5, 0.05  # so many more of them, and so large a share of the records of a contract, may come overnight
REASON = (
    "Perhaps a part of the export was pasted or read twice, or another source tells the same since then. Nothing of it is counted twice; "
    "compare the rows with the source. It is told once."
)
# Records of a contract that repeat another, and all of them.
Counted = Mapping[str, tuple[int, int]]


def repeated_rows(ledger: pl.DataFrame, files: Sequence[LandedFile], run: Mapping[str, Any], earlier: pl.DataFrame) -> pl.DataFrame:
    """RESULTS: one row per contract with many more repeated records than in the last release. It stops nothing.

    `ledger` (LEDGER) of all stages; `run`: run.json of the last release, `earlier`: its ledger, without rows where there is none.
    """
    compared, read = _compared(files, landed(run))
    now, before = _counted(ledger, compared), _counted(earlier, read)
    told = [_row(contract, *now[contract], before[contract], str(run.get("run_id"))) for contract in sorted(now) if contract in before]
    return as_results(told)


def said_again(raw: RawTable) -> int:
    """The rows of an appended or upserted file that say in every field what an earlier row of it says; of a snapshot none is asked."""
    if raw.contract.delivery == "snapshot" or not raw.rows.height:
        return 0
    return raw.rows.height - raw.rows.drop("source_row").hash_rows().n_unique()


def pasted(files: Sequence[LandedFile], run: Mapping[str, Any], again: Mapping[str, int], rows: Mapping[str, int]) -> Sequence[Row]:
    """The warnings for new files that say more of themselves again (`said_again`) than the files of their contract before them.

    One row per contract of which all files count, for its first such file; a file is new where the last release had none of its name.
    `rows`: data rows by file; `run`: run.json of the last release. It stops nothing.
    """
    told: dict[str, Row] = {}
    had = {(one["contract"], one["name"]) for one in landed(run)}
    by_contract: dict[str, list[str]] = {}
    for file in files:
        if file.contract.delivery != "snapshot":
            by_contract.setdefault(file.contract.contract, []).append(file.name)
    for contract, names in by_contract.items():
        old = [name for name in names if (contract, name) in had]
        before, usual = sum(rows.get(name, 0) for name in old), sum(again.get(name, 0) for name in old)
        for name in names if before else ():
            n, twice = rows.get(name, 0), again.get(name, 0)
            most = max(int((usual / before + MOST) * n), FEWEST)
            if (contract, name) not in had and twice > most:
                says = f"{name}: {twice:,} of {n:,} rows say in every field what an earlier one of the file says, expected at most {most:,}"
                told.setdefault(contract, warning(f"{NAME}.{contract}", contract, says, REASON))
    return [*told.values()]


def _compared(files: Sequence[LandedFile], last: Sequence[Mapping[str, Any]]) -> tuple[Mapping[str, str], Mapping[str, str]]:
    """The contract by name of the files that are compared, and of those of the last release that they are compared with.

    What is appended tells again of the women of earlier deliveries, more of them with each: only a file that came anew under its name.
    """
    content = {one["name"]: one.get("sha256") for one in last}
    snapshots = {file.contract.contract for file in files if file.contract.delivery == "snapshot"}
    anew = {file.name for file in files if file.name in content and content[file.name] != file.sha256}
    named = ({file.name: file.contract.contract for file in files}, {one["name"]: one["contract"] for one in last})
    now, before = ({name: contract for name, contract in all_.items() if contract in snapshots or name in anew} for all_ in named)
    return now, before


def _counted(ledger: pl.DataFrame, contracts: Mapping[str, str]) -> Counted:
    records = ledger.filter(pl.col("stage") == "link", pl.col("unit") == "record", pl.col("source_file").is_in(list(contracts)))
    named = records.with_columns(contract=pl.col("source_file").cast(pl.String).replace_strict(contracts, return_dtype=pl.String))
    repeated = pl.col("n").filter(pl.col("fate") == "duplicate").sum()
    return {contract: (twice, n) for contract, twice, n in named.group_by("contract").agg(repeated, all=pl.col("n").sum()).iter_rows()}


def _row(contract: str, twice: int, n: int, before: tuple[int, int], release: str) -> Row | None:
    """What is told of one contract: the share of last night, and MOST more, is expected."""
    share = before[0] / before[1] if before[1] else 0
    most = max(int((share + MOST) * n), before[0] + FEWEST)
    if twice <= most:
        return None
    said = f"{twice:,} of {n:,} records say what another says already, {before[0]:,} of {before[1]:,} in release {release}"
    return warning(f"{NAME}.{contract}", contract, f"{said}, expected at most {most:,}", REASON)
