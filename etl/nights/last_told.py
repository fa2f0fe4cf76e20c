"""What the current release already reported about its files: a trait that a file has always had is no news tonight."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path

import polars as pl

from warehouse.runs import landed, stored_run

FINDINGS = "internal/findings.parquet"


def contracts_read(release: Path | None) -> dict[str, str]:
    """The contract of each file that was in force, by its name."""
    return {str(file.get("name")): str(file["contract"]) for file in landed(stored_run(release))}


def contracts_told(release: Path | None, edit: str) -> Collection[str]:
    """The contracts with a file on which this edit had a finding; none without a release, or with one of an older version."""
    path = release / FINDINGS if release is not None else None
    if path is None or not path.is_file():
        return ()
    told = pl.scan_parquet(path).filter(pl.col("edit").cast(pl.String) == edit).select(pl.col("source_file").cast(pl.String))
    files = {*told.collect()["source_file"]}
    return {contract for name, contract in contracts_read(release).items() if name in files}
