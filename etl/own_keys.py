"""Which fields of a row say which of her records a cell tells of: the numbers that the source gives, its date, what a condition asks."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from schemas.column_map import guards
from schemas.contract import Contract, Record
from schemas.items import identity, intervals


def own_fields(contract: Contract, field: str) -> tuple[str, ...]:
    """The fields that tell rows of one woman apart for what `field` says, in the order of the contract; never its person or itself.

    Of each rule that reads it: the fields that number its record, the one with the first date of the record (the day of a diagnosis,
    the start of a treatment), and those that its condition looks at (the item of a long file). A field that no rule reads has none.
    """
    found = {name for rule in contract.records if field in _read(contract, rule) for name in _told_by(contract, rule)}
    return tuple(name for name in contract.fields if name in found - {field, *contract.person_fields})


def _told_by(contract: Contract, rule: Record) -> Iterator[str]:
    dated = [column for column in intervals(rule.record) if rule.record != "patient" and column in rule.set]
    named = [rule.set[column].from_ for column in (*identity(rule.record), *dated[:1]) if column in rule.set]
    yield from _fields(contract, named)
    yield from guards(contract, rule)


def _read(contract: Contract, rule: Record) -> set[str]:
    """The fields from which a rule makes its record."""
    named = [part for mapping in rule.set.values() for part in (mapping.from_, mapping.at_site, mapping.beside, mapping.flag)]
    return {*_fields(contract, named), *([rule.each] if rule.each is not None else [])}


def _fields(contract: Contract, columns: Iterable[str | None]) -> Iterator[str]:
    """The fields that make these source columns."""
    yield from (name for column in columns if column is not None and (name := contract.field_of(column)) is not None)
