"""vault.duckdb under the output folder: the identifiers that linkage needs, apart from the warehouse (DESIGN 7).

Only the owner of the output folder may read it (0600). It is written whole, aside, when persons have been linked, and put in
place by one rename just before the release is: a run that dies between the two is made good by the next, which publishes again.
Where it was taken away and nothing new has come it is made again from the landed files.
"""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import duckdb
import polars as pl

from etl.link_persons import Persons, moved_to
from schemas.contract import Contract, Identifier
from schemas.core.errors import ConfigurationError, Mistake

NAME = "vault.duckdb"
ASIDE = f".{NAME}.next"  # one run at a time has the output folder
OFFLINE: dict[str, Any] = {"autoinstall_known_extensions": "false", "autoload_known_extensions": "false"}
COLUMNS = ["patient_key", "patient_pseudonym", "own_pseudonym", "source", "patient_id", "nric", "hospital_number", "name", "postcode"]


def check_place(out: Path) -> None:
    """Raises ConfigurationError where something that is no file stands in the place of the vault."""
    if (out / NAME).is_dir():
        raise ConfigurationError([Mistake(str(out / NAME), None, "is a folder, where the vault stands", "move it away")])


def is_lost(out: Path, contracts: Iterable[Contract]) -> bool:
    """Whether there is no vault although a contract names identifiers."""
    told = any(isinstance(field.identifier, Identifier) for contract in contracts for field in contract.fields.values())
    return told and not (out / NAME).exists()


def held(persons: Persons) -> pl.DataFrame:
    """One row per person, number as delivered, source and combination of identifiers; nothing where no contract names any.

    By person, and as first delivered: to sort by all columns takes three times as long and says no more.
    """
    named = persons.identifiers.join(persons.names, on="patient_key", how="left", maintain_order="left")
    named = named.with_columns(own_pseudonym="patient_pseudonym")
    # still distinct: the number as delivered tells apart what now is one person's
    return moved_to(named, persons.moved).select(COLUMNS).sort("patient_key", maintain_order=True)


def prepare(out: Path, identifiers: pl.DataFrame) -> None:
    """Write the vault aside (0600), so that nobody need hold the identifiers until the release is published."""
    discard(out)
    if identifiers.height:
        aside = out / ASIDE
        _write(aside, identifiers)
        aside.chmod(0o600)


def put_in_place(out: Path) -> None:
    """Make what `prepare` wrote the vault; where no contract names an identifier there is none, and an old one is taken away."""
    aside, target = out / ASIDE, out / NAME
    if aside.exists():
        aside.replace(target)
    else:
        target.unlink(missing_ok=True)


def discard(out: Path) -> None:
    """Take away what `prepare` wrote of a release that was not published, also by a run that died."""
    for name in (ASIDE, f"{ASIDE}.wal"):
        (out / name).unlink(missing_ok=True)


def _write(path: Path, identifiers: pl.DataFrame) -> None:
    before = os.umask(0o077)
    try:
        with duckdb.connect(str(path), config=OFFLINE) as connection:
            connection.register("identifiers", identifiers.to_arrow())
            connection.execute("create table person_identifier as select * from identifiers").fetchall()
            connection.execute("checkpoint").fetchall()
    finally:
        os.umask(before)
