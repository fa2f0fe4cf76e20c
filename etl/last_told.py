"""What the current release told of the files that it read: what a file has always been like says nothing of tonight."""

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
    """The contracts of whose files an edit told; none where there is no release, or one of an older version."""
    path = release / FINDINGS if release is not None else None
    if path is None or not path.is_file():
        return ()
    told = pl.scan_parquet(path).filter(pl.col("edit").cast(pl.String) == edit).select(pl.col("source_file").cast(pl.String))
    files = {*told.collect()["source_file"]}
    return {contract for name, contract in contracts_read(release).items() if name in files}
