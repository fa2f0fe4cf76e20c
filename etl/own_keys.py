"""The fields of a row that tell which of a woman's records a cell is about: the source's own numbers, the date, the fields of `when`.

They are read off the contract alone, never off the rows of one night: the id of a finding may not change because other rows did.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from schemas.column_map import guards
from schemas.contract import Contract, Record
from schemas.items import identity, intervals

# Records of which a woman has several, each with its day. Of a patient there is one; the last contact is another day every night.
DATED = ("tumour", "treatment", "event", "biomarker")


def own_fields(contract: Contract, field: str) -> tuple[str, ...]:
    """The fields that tell rows of one woman apart for what `field` says, in the order of the contract; never its person or itself.

    Of each rule that reads it: the fields that number its record, the one with the first date of a DATED record (the day of a
    diagnosis, the start of a treatment), and those that its condition looks at (the item of a long file) unless they are dates of
    the record. A field that no rule reads has none.
    """
    found = {name for rule in contract.records if field in _read(contract, rule) for name in _told_by(contract, rule)}
    told = found - {field, *contract.person_fields}
    return tuple(name for name in contract.fields if name in told)


def fields_in_order(contract: Contract) -> tuple[str, ...]:
    """All fields, those first that number and date any of its records: in the order of their texts a later record comes later."""
    numbers = {name for rule in contract.records for name in _numbers(contract, rule)}
    days = {name for rule in contract.records for name in _day(contract, rule)}
    return tuple(sorted(contract.fields, key=lambda name: 0 if name in numbers else 1 if name in days else 2))


def _told_by(contract: Contract, rule: Record) -> Iterator[str]:
    dates = set(_fields(contract, [rule.set[column].from_ for column in intervals(rule.record) if column in rule.set]))
    yield from _numbers(contract, rule)
    yield from _day(contract, rule)
    yield from (name for name in guards(contract, rule) if name not in dates)


def _numbers(contract: Contract, rule: Record) -> Iterator[str]:
    """The fields that number the record."""
    yield from _fields(contract, [rule.set[column].from_ for column in identity(rule.record) if column in rule.set])


def _day(contract: Contract, rule: Record) -> Iterator[str]:
    """The field with the first date of the record."""
    dated = [column for column in intervals(rule.record) if column in rule.set] if rule.record in DATED else []
    yield from _fields(contract, [rule.set[column].from_ for column in dated[:1]])


def _read(contract: Contract, rule: Record) -> set[str]:
    """The fields from which a rule makes its record."""
    named = [column for mapping in rule.set.values() for _, column in mapping.reads()]
    return {*_fields(contract, named), *([rule.each] if rule.each is not None else [])}


def _fields(contract: Contract, columns: Iterable[str | None]) -> Iterator[str]:
    """The fields that make these source columns."""
    yield from (name for column in columns if column is not None and (name := contract.field_of(column)) is not None)
