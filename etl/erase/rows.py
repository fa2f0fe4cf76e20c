"""Which rows of one file tell of persons who are on the list, and which lines that are no rows name one of their numbers."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import NamedTuple

import polars as pl

from etl.erase.withheld import REASON, Line, Secret
from etl.landing.landed import LandedFile
from etl.normalise import begin, normalise
from etl.normalise.corrected import NONE, Corrections
from etl.normalise.file import other_number, person_number, ways_of_naming
from etl.normalise.identifiers import declared, numbers, without_unknown
from etl.normalise.issuers import issued, issuers, of_every_issuer
from etl.normalise.people import People
from etl.readers import RawTable, read
from schemas.contract import Contract
from schemas.core.ids import Pseudonyms
from schemas.linkage import NUMBERS
from schemas.vocabulary import Vocabularies

# The same numbers as pseudonyms are made of them, of a table of identifiers.
IN_CLEAR = ("nric:" + pl.col("nric"), pl.coalesce("issuer", "source") + ":" + pl.col("hospital_number"))
# A number of another source's as it was before the contract said whose it is: its file's own. Whoever was erased under it stays so, unless
# a contract has numbers that are that source's own: on the list it is then the number of the woman who has it there, and nobody else's.
AS_BEFORE = pl.when(pl.col("issuer").is_not_null()).then(pl.col("source") + ":" + pl.col("hospital_number"))
# What may be a number, in a text that is no row: a word, or all between two signs.
LONG = 5
PIECES, CELLS = r"[^\s\x1f,;|\"'<>()\[\]{}=:]+", r"[^\t\n\x1f,;|\"'<>]+"


class Persons:
    """The persons of all files that are looked through, each hashed once, whichever of them name her."""

    def __init__(self, key: bytes) -> None:
        self.people = People(key)
        self._secret = Secret(key)
        self._told = pl.DataFrame(schema={"patient_key": pl.Int64, "hash": pl.String})

    def told(self) -> pl.DataFrame:
        """One row per person met so far: `patient_key` and `hash`, as the list would have her."""
        met = self.people.met()
        self.people.taken()
        self._told = pl.concat([self._told, met.select("patient_key", hash=self._secret.of(met["patient_pseudonym"]))])
        return self._told


class Known(NamedTuple):
    """What it takes to read a file and to know a person on the list again; `numbers_of`: the sources whose numbers the contracts have."""

    vocabularies: Vocabularies
    key: bytes
    hashes: frozenset[str]
    numbers_of: frozenset[str]
    corrections: Corrections = NONE
    persons: Persons | None = None

    def are_listed(self, texts: pl.Series) -> pl.Series:
        """Whether each number, as its pseudonym is made of it, is on the list; False where there is none."""
        distinct = texts.drop_nulls().unique()
        told = pl.Series("number", distinct, dtype=pl.String)
        found = told.filter(self._hashed(told).is_in(list(self.hashes)))
        return texts.is_in(found.implode()).fill_null(value=False)

    def are_named(self, pseudonyms: pl.Series, identifiers: pl.DataFrame) -> bool:
        """Whether one of these persons, or of the numbers that identifiers (IDENTIFIERS) tell besides theirs, is on the list."""
        ways = (*IN_CLEAR, pl.when(~pl.col("source").is_in(list(self.numbers_of))).then(AS_BEFORE))
        others = [identifiers.select(number=number).filter(pl.col("number") != identifiers["patient_id"])["number"] for number in ways]
        return bool(self.hashed(pseudonyms.unique()).is_in(list(self.hashes)).any()) or any(self.are_listed(told).any() for told in others)

    def hashed(self, pseudonyms: pl.Series) -> pl.Series:
        """The hash of each pseudonym."""
        return Secret(self.key).of(pseudonyms)

    def _hashed(self, told: pl.Series) -> pl.Series:
        return self.hashed(Pseudonyms(self.key).of(told))


@dataclass(frozen=True)
class Hers:
    """The rows of one file, read by one contract, and which of them are hers.

    `is_hers`: one value per row of `raw`. `known_by`: hashes of further numbers of hers that these rows give. `lines`: the lines of the
    ledger for her rows: read, and the records they deliver as withheld. `unclear`: how many rows have a number of hers, and nothing that
    tells whose it is; they are nobody's.
    """

    raw: RawTable
    is_hers: pl.Series
    known_by: frozenset[str]
    lines: tuple[Line, ...]
    unclear: int = 0

    @property
    def rows(self) -> pl.Series:
        """The numbers of her rows."""
        return self.raw.rows["source_row"].filter(self.is_hers)


def numbers_of(contracts: Iterable[Contract]) -> frozenset[str]:
    """The sources whose numbers the contracts of a project have."""
    return frozenset(source for contract in contracts for source in contract.numbers_of)


def rows_of_listed(file: LandedFile, known: Known) -> Hers:
    """Her rows in one file. Raises UnreadableError where the file cannot be read by its contract."""
    raw = read(file, file.contract)
    persons = known.persons or Persons(known.key)
    begun = begin(raw, known.vocabularies, persons.people, 0, known.corrections)
    met = persons.told()
    listed = met.filter(pl.col("hash").is_in(list(known.hashes)))["patient_key"]
    by_number = pl.select(pl.repeat(False, raw.rows.height, dtype=pl.Boolean)).to_series()
    for keys in begun.keys:
        by_number |= keys.is_in(listed.implode()).fill_null(value=False)
    by_national, told = by_number.clone(), by_number & False
    for number in _other_numbers(begun.prepared.rows, file.contract):
        by_national |= known.are_listed(number)
        told |= number.is_not_null() & ~known.are_listed(number)
    new = _also_hers(begun.keys, by_number, by_national, told, met) if known.hashes else pl.Series([], dtype=pl.String)
    is_hers, unclear = by_number | by_national, by_number & False
    for number, is_anybodys in _numbers_before(begun.prepared.rows, file.contract, known):
        is_hers |= known.are_listed(number) & (file.contract.source not in known.numbers_of)
        unclear |= is_anybodys
    return Hers(raw, is_hers, frozenset(new.to_list()), _lines(raw, is_hers, known), int((unclear & ~is_hers).sum()))


def _other_numbers(rows: pl.DataFrame, contract: Contract) -> Iterator[pl.Series]:
    """The numbers of a person in each row besides those that make her key, one column at a time."""
    named_by = {mapping.from_ for mapping in ways_of_naming(contract)}
    for name, said in declared(contract).items():
        if said.kind in NUMBERS and name in rows.columns and name not in named_by:
            yield other_number(rows, name, contract)


def _numbers_before(rows: pl.DataFrame, contract: Contract, known: Known) -> Iterator[tuple[pl.Series, pl.Series]]:
    """The numbers of fields with other sources' numbers as they were while they passed for the file's own; and in which rows nothing tells
    whose the number is, though it is on the list as one source's.

    A number of before makes a row hers and no other number: that of a laboratory was two women's, where two hospitals have it.
    """
    for name, said in declared(contract).items():
        if said.issuer is None or name not in rows.columns:
            continue
        bare = said.model_copy(update={"issuer": None})
        number = issued(numbers(without_unknown(rows[name]), said), bare, contract, rows)
        told, unclear = issuers(said, rows), pl.repeat(False, rows.height, dtype=pl.Boolean, eager=True)
        if told is not None:
            for _, cells in of_every_issuer(rows[name], name, contract):
                unclear |= known.are_listed(other_number(cells, name, contract))
            unclear &= told.is_null()
        yield number, unclear


def _also_hers(keys: list[pl.Series], by_number: pl.Series, by_other: pl.Series, told: pl.Series, met: pl.DataFrame) -> pl.Series:
    """The hashes of persons whose rows with another number all give one of hers; a single mistyped row makes nobody hers."""
    hers = pl.concat([key.filter(by_other & ~by_number) for key in keys]).drop_nulls().unique()
    others = pl.concat([key.filter(told) for key in keys]).drop_nulls().unique()
    new = hers.filter(~hers.is_in(others.implode()))
    return met.filter(pl.col("patient_key").is_in(new.implode()))["hash"]


def _lines(raw: RawTable, is_hers: pl.Series, known: Known) -> tuple[Line, ...]:
    n = int(is_hers.sum())
    if not n:
        return ()
    part = normalise(replace(raw, rows=raw.rows.filter(is_hers)), known.vocabularies, known.key, 0, known.corrections)
    found: list[Line] = [("read", "row", "goes_on", "", n)]
    for stage, unit, fate, reason, count in part.ledger.select("stage", "unit", "fate", "reason", "n").iter_rows():
        is_record = (unit, fate) == ("record", "goes_on")
        found.append((stage, unit, "withheld" if is_record else fate, REASON if is_record else reason, count))
    return tuple(found)


def mentions(texts: pl.Series, contract: Contract, known: Known, *, short: bool = True) -> pl.Series:
    """Whether each text, which is no row of data, holds a number that is on the list; a `short` one counts at its beginning only, for
    elsewhere it may be an age.
    """
    text = pl.DataFrame({"text": texts}).with_row_index("line")
    every = [pl.col("text").str.extract_all(pieces) for pieces in (PIECES, CELLS)]
    ways = [way.list.head(1) for way in every if short] + [way.list.filter(pl.element().str.len_chars() >= LONG) for way in every]
    told = pl.concat(text.select("line", piece=way).explode("piece", empty_as_null=True, keep_nulls=True).drop_nulls() for way in ways)
    hit = pl.select(pl.repeat(False, told.height, dtype=pl.Boolean)).to_series()
    for number in numbers_in(told["piece"], contract):
        hit |= known.are_listed(number)
    lines = told["line"].filter(hit).unique()
    return pl.int_range(len(texts), dtype=pl.UInt32, eager=True).is_in(lines.implode())


def numbers_in(texts: pl.Series, contract: Contract) -> Iterator[pl.Series]:
    """The texts as numbers of persons, in each way in which a contract may read them: of every source whose numbers it holds."""
    yield from (number for _, number in issued_numbers(texts, contract))


def issued_numbers(texts: pl.Series, contract: Contract) -> Iterator[tuple[str, pl.Series]]:
    """`numbers_in` with the source whose numbers they would be; of those that are nobody's own, the source of the contract."""
    for mapping in ways_of_naming(contract):
        for issuer, cells in of_every_issuer(texts, mapping.from_ or "", contract):
            yield issuer, person_number(cells, mapping, contract)[0]
    for name, said in declared(contract).items():
        if said.kind in NUMBERS:
            for issuer, cells in of_every_issuer(texts, name, contract):
                yield issuer, other_number(cells, name, contract)
