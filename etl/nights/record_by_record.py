"""Rows of tonight's file beside the same rows of the file that the last release read, by what names a record in both.

Some thousand rows tell what became of a column, so of a long text no more of the earlier file is cut. Of a file with several rows of one
record these are its items (long_files.py), or the rows are told apart by the day they tell of. This is history: it decides which file is
in force and nothing else.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import polars as pl

from etl.nights.emptied_columns import check_emptied_columns
from etl.nights.issuers_changed import check_issuers
from etl.nights.legible_before import Earlier, LastReadings, accepting, is_accepted
from etl.nights.long_files import ITEM, Items, check_items, items_of, same_in_both, wide
from etl.nights.read_alike import read_alike
from etl.normalise.file import person_number, ways_of_naming
from etl.normalise.issuers import columns
from etl.readers import RawTable
from schemas.contract import PERSON, Contract, Record
from schemas.items import identity, items

SOME = 5_000  # rows of the earlier file that are looked for: of as many a share is known to a per cent
BEFORE = "__before"
SEVERAL = ("treatment", "event", "biomarker", "follow_up")  # records of which a woman has several, each with its day


@dataclass(frozen=True)
class SameRecords:
    """One row per record that both files name once: its cells now, and those of before as `<field>__before`.

    `fields`: the names of the fields that both have under the same headers; `looked_for`: how many records of the earlier file were;
    `file`: the SHA-256 of that file; `moved`: the fields that have to be exchanged for most records to be found at all; `women`: how many
    of the earlier file were looked for, `women_there`: how many of them this one names; `items` of a long file: its fields are then those
    of an item each, and `of` says which, and `by_row` has its rows, for the columns that they stand in may have changed places.
    """

    rows: pl.DataFrame
    fields: tuple[str, ...]
    looked_for: int
    file: str
    moved: tuple[str, str] | None = None
    women: int = 0
    women_there: int = 0
    items: Items | None = None
    by_row: SameRecords | None = None

    @staticmethod
    def of(name: str) -> str:
        """The field of the contract that one of `fields` is, or is the part of."""
        return name.partition(ITEM)[0]

    def read_by(self, rule: Record, name: str) -> list[str]:
        """Which of `fields` a rule reads where it names a field of the contract."""
        if self.items is None:
            return [name]
        return [f"{name}{ITEM}{item}" for item in self.items.rules.get(rule.rule, ())]

    def told(self, contract: Contract, name: str) -> str:
        """How one of `fields` is called in a message."""
        header, item = f"'{contract.fields[self.of(name)].headers(self.of(name))[0]}'", name.partition(ITEM)[2]
        return f"{header} of item '{item}'" if item else header

    def is_accepted(self, contract: Contract) -> bool:
        """Whether somebody has looked at what changed since the earlier file, and said so in the contract."""
        return is_accepted(contract, self.file)

    @property
    def accepting(self) -> str:
        """The line of a contract that accepts what changed since the earlier file."""
        return accepting(self.file)


def same_records(raw: RawTable, last: LastReadings) -> SameRecords | None:
    """The rows of both files; None where there is no earlier one, it is this very file, or nothing names a record.

    A field that the contract calls by other headers than then, or reads otherwise (`read_alike`), is left out: somebody has looked at it
    since. What is appended are other records of the same women (one cycle after the other), so it is held against a file of its own name
    only, whose place it takes.
    """
    found = last.earlier(raw, SOME)
    if found is None:
        return None
    check_emptied_columns(raw, found)
    then = found.file.contract.fields
    there = [name for name in raw.contract.fields if name in raw.rows.columns and name in found.rows.columns and name not in raw.absent]
    fields = tuple(name for name in there if name in then and then[name].headers(name) == raw.contract.fields[name].headers(name))
    key = [name for name in _key(raw.contract) if name in fields]
    if not key or not found.rows.height:
        return None
    was, now = found.rows.select(fields).drop_nulls(key), raw.rows.select(fields)
    none = SameRecords(now.clear(), (), 0, found.file.sha256)
    if not none.is_accepted(raw.contract):
        check_items(raw.file.name, raw.contract, now, was, none.accepting)
        check_issuers(raw.file.name, raw.contract, now, was, none.accepting)
    women = _women(now, was, raw.contract)
    long = items_of(raw.contract)
    if long is not None and long.field in fields:
        of_record = [name for name in key if name != long.field]
        if not _name_records(was, of_record) and _name_records(was, [*of_record, long.field]):
            return replace(_by_item(raw, found, (now, was), of_record, long), women=women[0], women_there=women[1])
    if not _name_records(was, key):
        key = [*key, *(name for name in _days(raw.contract) if name in fields and name not in key)]
        if not _name_records(was, key):
            return SameRecords(now.clear(), (), 0, found.file.sha256, None, *women)
    single = was.drop_nulls(key).unique(key, keep="none", maintain_order=True)
    was = single.gather_every(max(1, single.height // SOME))
    rows = _joined(now, was, key)
    if raw.contract.delivery == "upsert":
        rows = _with_what_stays(rows, now, was, key)
    alike = tuple(name for name in fields if read_alike(raw.contract, found.file.contract, name, _cells(rows, name)))
    whole = SameRecords(rows, alike, was.height, found.file.sha256, None, *women)
    are_there = 2 * was.join(now, on=key, how="semi").height >= was.height
    return whole if are_there else _under_another(now, was, key, whole)


def same_rows(raw: RawTable, last: LastReadings) -> tuple[SameRecords | None, pl.DataFrame]:
    """The rows of an upsert beside those of before that have their `key`, and all rows that counted before; None where there is none."""
    found, key = last.all_earlier(raw), list(raw.contract.key)
    none = pl.DataFrame()
    if found is None:
        return None, none
    then = found.file.contract
    there = [name for name in raw.contract.fields if name in raw.rows.columns and name in found.rows.columns and name in then.fields]
    fields = [name for name in there if then.fields[name].headers(name) == raw.contract.fields[name].headers(name)]
    if not set(key) <= {*fields}:
        return None, none
    rows = _joined(raw.rows.select(fields).drop_nulls(key), found.rows.select(fields), key)
    alike = tuple(name for name in fields if read_alike(raw.contract, then, name, _cells(rows, name)))
    return SameRecords(rows, alike, rows.height, found.file.sha256), found.rows


def _name_records(rows: pl.DataFrame, key: Sequence[str]) -> bool:
    """Whether the key tells most rows apart."""
    return 2 * rows.drop_nulls(key).unique(key, keep="none").height >= rows.height


def _by_item(raw: RawTable, found: Earlier, both: tuple[pl.DataFrame, pl.DataFrame], key: Sequence[str], items: Items) -> SameRecords:
    """The records of a long file (rows of now and of before), with a column per item. Of a text of which a part was cut only the items in
    that part are compared.
    """
    now, was = both
    some = was.select(key).unique(maintain_order=True)
    some = some.gather_every(max(1, some.height // SOME))
    now, was = (one.join(some, on=key, how="semi", nulls_equal=True) for one in (now, was))
    if found.is_part:
        now = same_in_both(now, was, key, items)
    if raw.contract.delivery == "upsert":
        now = pl.concat([now, was.join(now, on=[*key, items.field], how="anti")])
    fields = [name for name in was.columns if name not in key and name != items.field]
    wide_now, wide_was = (wide(one, key, items, fields) for one in (now, was))
    columns = [name for name in wide_was.columns if name in wide_now.columns]
    rows = _joined(wide_now.select(columns), wide_was.select(columns), [*key])
    named = ((name, SameRecords.of(name)) for name in columns if name not in key)
    alike = tuple(name for name, of in named if read_alike(raw.contract, found.file.contract, of, _cells(rows, name)))
    by_row = SameRecords(_joined(now, was, [*key, items.field]), tuple(fields), was.height, found.file.sha256)
    return SameRecords(rows, alike, some.height, found.file.sha256, items=items, by_row=by_row)


def _women(now: pl.DataFrame, was: pl.DataFrame, contract: Contract) -> tuple[int, int]:
    """How many women of before are looked for, and how many of them are there: by their numbers as they are written, where that is few as
    they are read (capitals, blanks, zeros at the front). Of none where several columns may name them.
    """
    ways = [one for one in ways_of_naming(contract) if one.from_ in was.columns]
    if len(ways) != 1 or ways[0].from_ is None:
        return 0, 0
    names = columns(contract, ways[0].from_)
    if not {*names} <= {*was.columns}:
        return 0, 0
    hers = was.select(names).drop_nulls().unique(maintain_order=True)
    some, there = hers.gather_every(max(1, hers.height // SOME)), now.select(names)
    n = some.join(there, on=names, how="semi").height
    if 2 * n < some.height:
        read, found = (person_number(cells, ways[0], contract)[0] for cells in (some, there.drop_nulls().unique()))
        n = int(read.is_in(found.implode()).sum())
    return some.height, n


def _key(contract: Contract) -> list[str]:
    """The fields that name a record: those of the contract's `key`, else the person's and the numbers and markers of hers."""
    if contract.key:
        return [*contract.key]
    names = [*contract.person_fields, *contract.issuer_fields]
    for rule in contract.records:
        said = (rule.set[column] for column in identity(rule.record) if column in rule.set and column != PERSON)
        names += [name for one in said if one.from_ and (name := contract.field_of(one.from_)) is not None]
    return list(dict.fromkeys(names))


def _days(contract: Contract) -> list[str]:
    """The fields that are the first date of a record: of two contacts or courses of a woman without a number they tell which is which."""
    fields = []
    for rule in contract.records:
        first = next((one.column for one in items(rule.record, "staging") if one.role == "date"), None)
        said = rule.set.get(first) if first is not None and rule.record in SEVERAL else None
        if said is not None and said.from_ and (name := contract.field_of(said.from_)) is not None:
            fields.append(name)
    return list(dict.fromkeys(fields))


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
