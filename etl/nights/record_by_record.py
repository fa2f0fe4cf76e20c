"""Rows of tonight's file beside the same rows of the file that the last release read, by what names a record in both.

Some thousand rows tell what became of a column, so of a long text no more of the earlier file is cut. This is history: it decides which
file is in force and nothing else.
"""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

from etl.nights.legible_before import LastReadings
from etl.nights.read_alike import read_alike
from etl.normalise.file import person_number, ways_of_naming
from etl.readers import RawTable
from schemas.contract import PERSON, Contract
from schemas.items import identity

SOME = 5_000  # rows of the earlier file that are looked for: of as many a share is known to a per cent
BEFORE = "__before"
SHORT = 12  # characters of a hash that name a file


@dataclass(frozen=True)
class SameRecords:
    """One row per record that both files name once: its cells now, and those of before as `<field>__before`.

    `fields`: the names of the fields that both have under the same headers; `looked_for`: how many records of the earlier file were;
    `file`: the SHA-256 of that file; `moved`: the fields that have to be exchanged for most records to be found at all; `women`: how many
    of the earlier file were looked for, `women_there`: how many of them this one names.
    """

    rows: pl.DataFrame
    fields: tuple[str, ...]
    looked_for: int
    file: str
    moved: tuple[str, str] | None = None
    women: int = 0
    women_there: int = 0

    def is_accepted(self, contract: Contract) -> bool:
        """Whether somebody has looked at what changed since the earlier file, and said so in the contract."""
        return contract.exchanged_after is not None and self.file.startswith(contract.exchanged_after)

    @property
    def accepting(self) -> str:
        """The line of a contract that accepts what changed since the earlier file."""
        return f'write `exchanged_after: "{self.file[:SHORT]}"` into the contract'


def same_records(raw: RawTable, last: LastReadings) -> SameRecords | None:
    """The rows of both files; None where there is no earlier one, it is this very file, or nothing names a record.

    A field that the contract calls by other headers than then, or reads otherwise (`read_alike`), is left out: somebody has looked at it
    since. What is appended are other records of the same women (one cycle after the other), so nothing of it is compared.
    """
    found = last.earlier(raw, SOME) if raw.contract.delivery != "append" else None
    if found is None:
        return None
    then = found.file.contract.fields
    there = [name for name in raw.contract.fields if name in raw.rows.columns and name in found.rows.columns and name not in raw.absent]
    fields = tuple(name for name in there if name in then and then[name].headers(name) == raw.contract.fields[name].headers(name))
    key = [name for name in _key(raw.contract) if name in fields]
    if not key or not found.rows.height:
        return None
    was, now = found.rows.select(fields).drop_nulls(key), raw.rows.select(fields)
    women = _women(now, was, raw.contract)
    single = was.unique(key, keep="none", maintain_order=True)
    if 2 * single.height < was.height:  # most records have several rows: the key does not name them
        return SameRecords(now.clear(), (), 0, found.file.sha256, None, *women)
    was = single.gather_every(max(1, single.height // SOME))
    rows = _joined(now, was, key)
    if raw.contract.delivery == "upsert":
        rows = _with_what_stays(rows, now, was, key)
    alike = tuple(name for name in fields if read_alike(raw.contract, found.file.contract, name, _cells(rows, name)))
    whole = SameRecords(rows, alike, was.height, found.file.sha256, None, *women)
    are_there = 2 * was.join(now, on=key, how="semi").height >= was.height
    return whole if are_there else _under_another(now, was, key, whole)


def _women(now: pl.DataFrame, was: pl.DataFrame, contract: Contract) -> tuple[int, int]:
    """How many women of before are looked for, and how many of them are there: by their numbers as they are written, where that is few as
    they are read (capitals, blanks, zeros at the front). Of none where several columns may name them.
    """
    ways = [one for one in ways_of_naming(contract) if one.from_ in was.columns]
    if len(ways) != 1 or ways[0].from_ is None:
        return 0, 0
    hers = was[ways[0].from_].drop_nulls().unique(maintain_order=True)
    some, there = hers.gather_every(max(1, len(hers) // SOME)), now[ways[0].from_]
    n = int(some.is_in(there.implode()).sum())
    if 2 * n < len(some):
        some, there = (person_number(texts, ways[0], contract)[0] for texts in (some, there.drop_nulls().unique()))
        n = int(some.is_in(there.implode()).sum())
    return len(some), n


def _key(contract: Contract) -> list[str]:
    """The fields that name a record: those of the contract's `key`, else the person's and the numbers and markers of hers."""
    if contract.key:
        return [*contract.key]
    names = [*contract.person_fields]
    for rule in contract.records:
        said = (rule.set[column] for column in identity(rule.record) if column in rule.set and column != PERSON)
        names += [name for one in said if one.from_ and (name := contract.field_of(one.from_)) is not None]
    return list(dict.fromkeys(names))


def _joined(now: pl.DataFrame, was: pl.DataFrame, key: list[str]) -> pl.DataFrame:
    """The rows that both name once; `<field>__before` of the key too."""
    same = now.join(was.select(key), on=key, how="semi").unique(key, keep="none")
    earlier = was.rename({name: f"{name}{BEFORE}" for name in was.columns if name not in key})
    return same.join(earlier, on=key).with_columns(pl.col(name).alias(f"{name}{BEFORE}") for name in key)


def _with_what_stays(rows: pl.DataFrame, now: pl.DataFrame, was: pl.DataFrame, key: list[str]) -> pl.DataFrame:
    """An upsert holds what changed, so that all of its records have: what it does not name stays as it was."""
    stay = was.join(now, on=key, how="anti")
    return pl.concat([rows, stay.with_columns(pl.all().name.suffix(BEFORE)).select(rows.columns)])


def _cells(rows: pl.DataFrame, name: str) -> set[str | None]:
    return {*rows[name].unique(), *rows[f"{name}{BEFORE}"].unique()}


def _under_another(now: pl.DataFrame, was: pl.DataFrame, key: list[str], whole: SameRecords) -> SameRecords:
    """Where few are found: whether most are when a column of the key is exchanged with another one."""
    for name in key:
        for other in was.columns:
            if other == name or not was[other].null_count() < was.height:
                continue
            exchanged = now.rename({name: other, other: name}).select(was.columns)
            if exchanged[name].is_in(was[name].implode()).sum() * 2 < min(was.height, now.height):
                continue
            rows = _joined(exchanged, was, key)
            if 2 * rows.height >= was.height and rows.filter(pl.col(other).eq_missing(pl.col(f"{other}{BEFORE}"))).height * 2 > rows.height:
                return SameRecords(rows, whole.fields, whole.looked_for, whole.file, (name, other), whole.women, whole.women)
    return whole
