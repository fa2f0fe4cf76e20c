"""A file whose person numbers have lost their leading zeros since the last release, as when a spreadsheet saved it anew.

Reading it would turn a woman whose number began with a zero into another person, and nothing would look odd about her. So the file
breaks its contract and its last good delivery stands in (DESIGN 2.9); `digits` in the contract puts the zeros back. The last release
has the numbers as hashes only, so some numbers of the file are hashed with zeros put before them. This is history: it decides which
file is in force and nothing else.
"""

from __future__ import annotations

from collections.abc import Collection
from functools import cached_property
from pathlib import Path

import duckdb
import polars as pl

from etl.linking.leading_numbers import MERGED
from etl.linking.leading_zeros import EDIT as LINK_ZEROS
from etl.nights.last_told import contracts_read, contracts_told
from etl.normalise.file import Begun, person_number, ways_of_naming
from etl.normalise.issuers import columns
from schemas.contract import Contract, Identifier, Mapping
from schemas.core.errors import UnreadableError
from schemas.core.ids import Pseudonyms, keys
from warehouse.build import OFFLINE
from warehouse.publish import current

FEWEST, LEAST = 3, 0.04  # fewer numbers, or a smaller share, may be new ones; of numbers with random digits a tenth begins with a zero
LOOKED_AT = 200  # numbers that are hashed with zeros: enough to tell most from some
LONGEST = 14  # digits of a number with its zeros
PERSONS = "select patient_key from dim_patient"
LINKAGE = "internal/linkage.csv"
BARE = "the number without zeros"


class LastNumbers:
    """The persons of the current release, by their keys, and the contracts that it read; asked for only where a file might lack zeros."""

    def __init__(self, out: Path, key: bytes) -> None:
        self._release = current(out)
        self._pseudonyms = Pseudonyms(key)

    @cached_property
    def contracts(self) -> Collection[str]:
        """The contracts of which something was in force."""
        return {*contracts_read(self._release).values()}

    @cached_property
    def never_had_zeros(self) -> Collection[str]:
        """The contracts whose numbers lacked zeros already, as LINK-ZEROS told: where they grow, nothing was lost since."""
        return contracts_told(self._release, LINK_ZEROS)

    @cached_property
    def _keys(self) -> pl.Series:
        none = pl.Series("patient_key", [], dtype=pl.Int64)
        if self._release is None:
            return none
        try:
            with duckdb.connect(str(self._release / "warehouse.duckdb"), read_only=True, config=OFFLINE) as con:
                leading = pl.DataFrame(con.sql(PERSONS).to_arrow_table())["patient_key"]
        except duckdb.Error:
            return none
        return pl.concat([leading, _linked(self._release / LINKAGE)])

    def has(self, numbers: pl.Series) -> pl.Series:
        """Whether each number is a person's of that release; False where there is none."""
        there = numbers.is_not_null().arg_true()
        found = keys(pl.DataFrame({"number": self._pseudonyms.of(numbers.drop_nulls())}), ["number"])
        return pl.repeat(False, len(numbers), dtype=pl.Boolean, eager=True).scatter(there, found.is_in(self._keys.implode()))


def _linked(path: Path) -> pl.Series:
    """The keys of the numbers that linkage brought under another one, which leads."""
    if not path.is_file():
        return pl.Series("patient_key", [], dtype=pl.Int64)
    told = pl.scan_csv(path, infer_schema=False).filter(pl.col("record") == "patient", pl.col("outcome") == MERGED)
    return keys(told.select("own_pseudonym").drop_nulls().collect(), ["own_pseudonym"]).alias("patient_key")


def check_zeros(begun: Begun, last: LastNumbers) -> None:
    """Raises UnreadableError where no number of a file begins with a zero, and most that the last release lacks are in it with zeros.

    A contract that says how its numbers look (`digits`, `form`) is believed, and so is a file that never came before.
    """
    contract = begun.raw.contract
    for mapping in ways_of_naming(contract):
        name = mapping.from_ or ""
        if name not in contract.fields or _says_how_it_looks(contract, name) or contract.contract not in last.contracts:
            continue
        some = _some(begun.prepared.rows.select(columns(contract, name)))
        lost, lengths = _lost(some, mapping, contract, last)
        if lost and contract.contract not in last.never_had_zeros:
            lengths = lengths if _fit(begun.prepared.rows[name], lengths) else []
            raise UnreadableError("zeros_lost", f"{begun.raw.file.name}: {_told(contract, name, (lost, len(some)), lengths)}")


def _says_how_it_looks(contract: Contract, name: str) -> bool:
    field = contract.fields[name]
    known = field.identifier if isinstance(field.identifier, Identifier) else None
    return bool(field.digits or field.form or (known and (known.digits or known.pattern)))


def _some(cells: pl.DataFrame) -> pl.DataFrame:
    """Some of the different numbers of a file, from all parts of it; none where any begins with a zero or few are whole numbers.

    `cells`: the numbers, and behind them what tells whose each is, if anything does.
    """
    cells = cells.drop_nulls()
    texts = cells.to_series()
    if texts.is_empty() or texts.str.starts_with("0").any():
        return cells.clear()
    some = cells.gather_every(max(1, len(texts) // (20 * LOOKED_AT))).unique(maintain_order=True)
    some = some.gather_every(max(1, len(some) // LOOKED_AT))
    return some.filter(some.to_series().str.contains(rf"^[1-9][0-9]{{0,{LONGEST - 2}}}$"))


def _lost(some: pl.DataFrame, mapping: Mapping, contract: Contract, last: LastNumbers) -> tuple[int, list[int]]:
    """How many of some numbers are in the last release with zeros before them only, and how long they are there; none where a few are."""
    if len(some) < FEWEST:
        return 0, []
    number = person_number(some, mapping, contract)[0]
    unknown = some.filter(number.is_not_null() & ~last.has(number))
    fewest = max(FEWEST, LEAST * len(some), len(unknown) / 2)
    if len(unknown) < fewest:
        return 0, []
    name = mapping.from_ or ""
    padded = pl.concat([_padded(unknown, name, length) for length in range(2, LONGEST + 1)])
    there = padded.filter(last.has(person_number(padded, mapping, contract)[0]))
    lost = there.n_unique([BARE, *unknown.columns[1:]])
    return (lost, there[name].str.len_bytes().cast(pl.Int64).unique().sort().to_list()) if lost >= fewest else (0, [])


def _padded(cells: pl.DataFrame, number: str, length: int) -> pl.DataFrame:
    """The numbers that are shorter than that, with zeros at their front up to it, and as they were (BARE)."""
    short = cells.filter(pl.col(number).str.len_bytes() < length)
    return short.with_columns(pl.col(number).str.zfill(length), pl.col(number).alias(BARE))


def _fit(texts: pl.Series, lengths: list[int]) -> bool:
    """Whether `digits` would empty none of the numbers: each is as long as those with zeros, or shorter."""
    return len(lengths) == 1 and not (texts.str.len_bytes() > lengths[0]).any()


def _told(contract: Contract, name: str, counted: tuple[int, int], lengths: list[int]) -> str:
    lost, n = counted
    header = contract.fields[name].headers(name)[0]
    said = f"column '{header}': {lost:,} of {n:,} numbers looked at have zeros at their front in the last release, and none here"
    export = "export the column as text from where it was kept"
    remedy = f"write `digits: {lengths[0]}` under '{name}' in the contract, or {export}" if len(lengths) == 1 else export
    right = "where these are other persons' numbers, say how they look with `form` in the contract"
    return f"{said}: a spreadsheet has saved the file anew; {remedy}; {right}"
