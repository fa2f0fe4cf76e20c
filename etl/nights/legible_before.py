"""What the last release read of the columns of a contract: for those that cannot be read tonight (legibility.py) or are gone (renamed.py).

Of few cells a share says nothing; but where every one is illegible that was legible yesterday the form of the column has changed, as when
a spreadsheet saved the file anew. This is history: it decides which file is in force and nothing else.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping
from contextlib import suppress
from functools import cached_property
from pathlib import Path
from typing import Any, NamedTuple

import polars as pl

from etl.landing.file_days import as_delivered
from etl.landing.landed import LandedFile, landed_file
from etl.landing.manifest import Entry, manifest_path, read_manifest
from etl.nights.last_told import FINDINGS
from etl.nights.long_files import items_of
from etl.readers import RawTable, read, some_rows
from etl.readers.notices import listed
from schemas.contract import Contract
from schemas.core.errors import ConfigurationError, RefusedError, UnreadableError
from warehouse.publish import current
from warehouse.runs import landed, stored_run

FEWEST = 3  # legible cells of last night: of fewer nobody can say what form the column has
ABSENT = "READ-ABSENT-COLUMN"
MANY = 10  # times as many rows as are looked at: of a text of fewer all are as soon cut
TOGETHER = 50  # rows of a long file that follow one another and are looked at together: those of one record do as a rule
OTHERS = 5_000  # rows of an upserted file that tell what is usual
SHORT = 12  # characters of a hash that name a file
NEWEST = 5  # files of a delivery of which all count that are looked at: enough to tell the form


class Earlier(NamedTuple):
    """A file that the last release read, with the contract of then, and rows of it (as RawTable.rows); all of them unless `is_part`."""

    file: LandedFile
    rows: pl.DataFrame
    is_part: bool = False


def is_accepted(contract: Contract, earlier: str) -> bool:
    """Whether somebody has looked at what changed since the earlier file (its SHA-256), and said so in the contract."""
    return contract.exchanged_after is not None and earlier.startswith(contract.exchanged_after)


def accepting(earlier: str) -> str:
    """The line of a contract that accepts what changed since the earlier file (its SHA-256)."""
    return f'write `exchanged_after: "{earlier[:SHORT]}"` into the contract'


def filled(table: RawTable, name: str) -> int:
    """The filled cells of a field; none where its column is not there."""
    return table.rows.height - table.rows[name].null_count() if name in table.rows.columns else 0


class LastReadings:
    """What the current release below an output folder read of a contract; asked for only where a column is illegible or gone."""

    def __init__(self, out: Path) -> None:
        self._out, self._release = out, current(out)

    def were_legible(self, raw: RawTable, name: str, edits: Collection[str]) -> bool:
        """Whether all cells of the field in the files of this contract could be read, and they were FEWEST at least.

        False where the release read this very file, or nothing that is there: it is not the file that changed.
        """
        newest, header = self._newest(raw), raw.contract.fields[name].headers(name)[0]
        return not self._told(newest, header, edits) and sum(filled(table, name) for table in self.tables(raw)) >= FEWEST

    def tables(self, raw: RawTable) -> list[RawTable]:
        """The newest files of this contract as the contract of today reads them; none where the release read this very file."""
        return [table for one in self._newest(raw) if (table := self._table(one, raw)) is not None]

    def newest(self, raw: RawTable) -> str:
        """The SHA-256 of the newest file of this contract that the release read; empty where it read none, or this very file."""
        return str(files[-1].get("sha256", "")) if (files := self._newest(raw)) else ""

    def lacked(self, raw: RawTable, headers: Collection[str]) -> bool:
        """Whether the release told of each of those files that it lacks these columns, so that nothing is new."""
        if (found := self._findings()) is None:
            return False
        told = found.filter(pl.col("edit") == ABSENT, pl.col("columns") == listed(headers))
        files = set(told.select("source_file").collect().to_series())
        return all(str(one.get("name")) in files for one in self._newest(raw))

    def earlier(self, raw: RawTable, some: int) -> Earlier | None:
        """The newest file of this contract as its release read it, of an appended delivery the one under this name, which it replaces; None
        where that was this very file, or it lies there no more.

        Of a long text about so many rows are cut, from all parts of it; of other files all are.
        """
        newest = self._newest(raw, of_name=raw.contract.delivery == "append")
        file = self._copy(newest[-1], self._then(raw)) if newest else None
        is_long, is_part = items_of(raw.contract) is not None, raw.rows.height > MANY * some
        try:
            if file is None or not file.path.is_file():
                return None
            return Earlier(file, some_rows(file, file.contract, _lines_like(raw, some, TOGETHER if is_long else 1)), is_part)
        except UnreadableError:
            return None

    def all_earlier(self, raw: RawTable) -> Earlier | None:
        """The rows of an upsert that counted in the last release, one per `key`: those that tonight's file names, and some of the others;
        None where there is none.

        Looked at are the files with the most bytes and the newest: what all brought first, and what came of late.
        """
        files = [file for one in self._newest(raw, most=None) if (file := self._copy(one, self._then(raw))) is not None]
        some = {file.name for file in sorted(files, key=lambda one: one.size)[-NEWEST:]} | {file.name for file in files[-NEWEST:]}
        tables, key = [], [*raw.contract.key]
        for file in (one for one in files if one.name in some and one.path.is_file()):
            with suppress(UnreadableError):
                rows = read(file, file.contract).rows
                if set(key) <= {*rows.columns} & {*raw.rows.columns}:
                    named = rows.join(raw.rows.select(key), on=key, how="semi")
                    tables.append(pl.concat([rows.gather_every(max(1, rows.height // OTHERS)), named]))
        if not tables:
            return None
        return Earlier(files[-1], pl.concat(tables, how="diagonal").unique(key, keep="last", maintain_order=True))

    def _then(self, raw: RawTable) -> Contract:
        """The contract with which the release read this delivery."""
        return self._contracts.get(raw.contract.contract, raw.contract)

    def _newest(self, raw: RawTable, *, of_name: bool = False, most: int | None = NEWEST) -> list[Any]:
        """What the release says of the newest files of this contract (`of_name`: of those under the name of this file; `most`: of so many,
        None of all); nothing where it read this very file: then the contract changed.
        """
        files = self._landed.get(raw.contract.contract, [])
        if any(one.get("sha256") == raw.file.sha256 for one in files):
            return []
        return [one for one in files if not of_name or one.get("name") == raw.file.name][-(most or len(files)) :]

    @cached_property
    def _contracts(self) -> Mapping[str, Contract]:
        """The contracts that the release was read with; none where it does not say."""
        from etl.explaining import read_contracts  # noqa: PLC0415  seldom, and it imports much

        try:
            return read_contracts(self._release) if self._release is not None else {}
        except ConfigurationError:
            return {}

    @cached_property
    def _landed(self) -> Mapping[str, list[Any]]:
        """What the release says of its files, by contract; the last delivery last."""
        by_contract: dict[str, list[Any]] = defaultdict(list)
        for one in landed(stored_run(self._release)):
            by_contract[str(one.get("contract"))].append(one)
        place = {of: as_delivered([str(one.get("name")) for one in files]) for of, files in by_contract.items()}
        turn = {of: {name: n for n, name in enumerate(names)} for of, names in place.items()}
        return {of: sorted(files, key=lambda one: turn[of][str(one.get("name"))]) for of, files in by_contract.items()}

    def _told(self, files: Collection[Any], header: str, edits: Collection[str]) -> bool:
        """Whether the release had a finding of these edits in the column of one of the files, or does not say."""
        if (found := self._findings()) is None:
            return True
        names = [str(one.get("name")) for one in files]
        told = found.filter(pl.col("edit").is_in(list(edits)), pl.col("source_file").is_in(names), pl.col("columns") == header)
        return bool(told.select(pl.len()).collect().item())

    def _findings(self) -> pl.LazyFrame | None:
        """Edit, file and columns of what the release found; None where it does not say."""
        path = self._release / FINDINGS if self._release is not None else None
        if path is None or not path.is_file():
            return None
        return pl.scan_parquet(path).select(pl.col("edit", "source_file", "columns").cast(pl.String))

    def _table(self, one: Any, raw: RawTable) -> RawTable | None:
        """The landed copy of a file; None where it does not lie there, or cannot be read any more."""
        file = self._copy(one, raw.contract)
        try:
            return read(file, raw.contract) if file is not None and file.path.is_file() else None
        except UnreadableError:
            return None

    def _copy(self, one: Any, contract: Contract) -> LandedFile | None:
        entry = self._entries.get((str(one.get("name")), str(one.get("sha256"))))
        return landed_file(manifest_path(self._out).parent, entry, contract, "goes_on") if entry is not None else None

    @cached_property
    def _entries(self) -> Mapping[tuple[str, str], Entry]:
        """What the manifest says of each file by name and SHA-256, read once: two hundred files of an upsert are asked for. Nothing where
        it cannot be read.
        """
        try:
            return {(entry.name, entry.sha256): entry for entry in read_manifest(self._out)}
        except RefusedError:
            return {}


def _lines_like(raw: RawTable, some: int, together: int) -> pl.Series:
    """Numbers of lines where rows of an earlier file begin as a rule: of a long one some of tonight's, so many together, else all there may
    be.
    """
    lines = raw.rows["source_row"]
    if len(lines) <= MANY * some:
        most = lines[-1] if len(lines) else 0
        return pl.Series("source_row", range(1, 2 * most + MANY * some), dtype=pl.Int64)
    # where tonight ends the earlier one had no rows yet
    lines, one_in = lines.head(9 * len(lines) // 10), len(lines) // some
    return lines.filter(pl.int_range(len(lines), eager=True) // together % one_in == 0)
