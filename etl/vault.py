"""vault.duckdb under the output folder: the identifiers that linkage needs, apart from the warehouse (DESIGN 7).

Only the owner of the output folder may read it (0600). It is written whole, aside, when persons have been linked, and put in
place by one rename just before the release is: a run that dies between the two is made good by the next, which publishes again.
It says of which release it is. Where it was taken away, is damaged or is another release's (half of a backup came back) and nothing new
has come, it is made again from the landed files.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import duckdb
import polars as pl

from etl.linking.persons import Persons, moved_to
from schemas.contract import Contract, Identifier
from schemas.core.errors import ConfigurationError, Mistake
from warehouse.build import OFFLINE
from warehouse.handing import Stream

NAME = "vault.duckdb"
UNTOLD = ""  # of which release a vault is that was written before they said so
ASIDE = f".{NAME}.next"  # one run at a time has the output folder
# To find how texts of which each is another are best packed takes longer than to write them, and saves half the file.
PLAIN = "set force_compression = 'uncompressed'"
# Rows handed over at a time, and what DuckDB may hold of them: it writes beside the linkage, when memory is at its most. Nothing is put
# aside in other files, which would hold identifiers too. One thread writes: a second one would take a processor from the linkage.
AT_ONCE, LITTLE = 50_000, "set memory_limit = '128MB'; set temp_directory = ''; set threads = 1"
COLUMNS = [
    "patient_key", "patient_pseudonym", "own_pseudonym", "source", "patient_id", "nric", "hospital_number", "name", "postcode", "issuer",
]  # fmt: skip


def check_place(out: Path) -> None:
    """Raises ConfigurationError where something that is no file stands in the place of the vault."""
    if (out / NAME).is_dir():
        raise ConfigurationError([Mistake(str(out / NAME), None, "is a folder, where the vault stands", "move it away")])


def is_lost(out: Path, contracts: Iterable[Contract], release: str) -> bool:
    """Whether there is no vault of a release (its run_id) although a contract names identifiers.

    One written before vaults said of which release they are counts as its own.
    """
    told = any(isinstance(field.identifier, Identifier) for contract in contracts for field in contract.fields.values())
    return told and _release_of(out / NAME) not in (release, UNTOLD)


def _release_of(path: Path) -> str | None:
    """The run_id of the release of which a vault is, UNTOLD where it does not say; None where it is not there or cannot be read."""
    if not path.is_file():
        return None
    try:
        with duckdb.connect(str(path), read_only=True, config=OFFLINE) as connection:
            if not connection.execute("from duckdb_tables() where table_name = 'vault_release'").fetchall():
                return UNTOLD
            return str(connection.execute("select run_id from vault_release").fetchall()[0][0])
    except (duckdb.Error, IndexError):
        return None


def held(persons: Persons) -> pl.DataFrame:
    """One row per person, number as delivered, source and combination of identifiers; nothing where no contract names any.

    In the order in which they were first delivered: to put so many texts in another takes longer than to write them.
    """
    numbers = persons.identifiers.select("patient_key").join(persons.names, on="patient_key", how="left", maintain_order="left")
    # still distinct: the number as delivered tells apart what now is one person's
    hers = moved_to(numbers, persons.moved).with_columns(own_pseudonym=numbers["patient_pseudonym"])
    return persons.identifiers.with_columns(hers).select(COLUMNS)


def prepare(out: Path, identifiers: pl.DataFrame, release: str) -> None:
    """Write the vault of a release (its run_id) aside (0600), so that nobody need hold the identifiers until it is published."""
    discard(out)
    if identifiers.height:
        aside = out / ASIDE
        _write(aside, identifiers, release)
        aside.chmod(0o600)


@contextmanager
def preparing(out: Path, persons: Persons, release: str) -> Iterator[None]:
    """`prepare` beside what is done meanwhile: to write so many texts is long work for one processor of several.

    Raises what writing raised, at the end.
    """
    with ThreadPoolExecutor(1) as pool:
        written = pool.submit(_prepared, out, persons, release)
        del persons  # identifiers are held no longer than they are written
        yield
        written.result()


def _prepared(out: Path, persons: Persons, release: str) -> None:
    identifiers = held(persons)
    del persons
    prepare(out, identifiers, release)


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


def _write(path: Path, identifiers: pl.DataFrame, release: str) -> None:
    """The identifiers in one statement, which is one transaction: DuckDB puts each group of rows into the file as it is full, only once."""
    before = os.umask(0o077)
    try:
        with duckdb.connect(str(path), config=OFFLINE) as connection:
            for setting in (PLAIN, LITTLE):
                connection.execute(setting).fetchall()
            connection.register("identifiers", Stream(identifiers, lambda: identifiers.iter_slices(AT_ONCE)))
            connection.execute("create table person_identifier as select * from identifiers").fetchall()
            connection.unregister("identifiers")
            connection.execute("create table vault_release as select $1::varchar as run_id", [release]).fetchall()
            connection.execute("checkpoint").fetchall()  # what cannot be written is said here, not passed over when it is closed
    finally:
        os.umask(before)
