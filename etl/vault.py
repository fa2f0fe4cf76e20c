"""vault.duckdb under the output folder: the identifiers that linkage needs, apart from the warehouse (DESIGN 7).

Only the owner of the output folder may read it (0600). It is written whole, aside, when a release is published, and put in
place by one rename, so that it always belongs to the release that is current or was just made so.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import duckdb
import polars as pl

from etl.link_persons import moved_to, pseudonyms
from etl.normalise.result import IDENTIFIERS, Normalised
from schemas.core.frames import stack

NAME = "vault.duckdb"
OFFLINE: dict[str, Any] = {"autoinstall_known_extensions": "false", "autoload_known_extensions": "false"}
COLUMNS = ["patient_key", "patient_pseudonym", "own_pseudonym", "source", "patient_id", "nric", "hospital_number", "name", "postcode"]


def held(parts: Sequence[Normalised], moved: pl.DataFrame) -> pl.DataFrame:
    """One row per person, number as delivered, source and combination of identifiers, sorted; nothing where no contract names any."""
    told = stack((part.identifiers for part in parts), IDENTIFIERS).drop("trust", "source_row_id").unique()
    named = told.join(pseudonyms(parts), on="patient_key", how="left").with_columns(own_pseudonym="patient_pseudonym")
    # still distinct: the number as delivered tells apart what now is one person's
    return moved_to(named, moved).select(COLUMNS).sort(COLUMNS)


def write_vault(out: Path, identifiers: pl.DataFrame) -> None:
    """Put the vault in place (0600); where no contract names an identifier there is none, and an old one is taken away."""
    target = out / NAME
    if identifiers.is_empty():
        target.unlink(missing_ok=True)
        return
    aside = out / f".{NAME}.{os.getpid()}"
    aside.unlink(missing_ok=True)
    try:
        _write(aside, identifiers)
        aside.chmod(0o600)
        aside.replace(target)
    finally:
        aside.unlink(missing_ok=True)


def _write(path: Path, identifiers: pl.DataFrame) -> None:
    before = os.umask(0o077)
    try:
        with duckdb.connect(str(path), config=OFFLINE) as connection:
            connection.register("identifiers", identifiers.to_arrow())
            connection.execute("create table person_identifier as select * from identifiers").fetchall()
            connection.execute("checkpoint").fetchall()
    finally:
        os.umask(before)
