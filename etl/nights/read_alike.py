"""Whether the contract reads the cells of a field as it did at the last release: where it does not, somebody has looked at them since.

A source that turns its codes round, or sends centimetres from now on, is put right by the `map` or `unit` of its contract. The cells are
then other ones than before and mean the same, so holding them against one another would refuse the file for good.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from typing import Any

from schemas.contract import Contract

NAMES = ("header", "aliases", "required", "null_tokens", "map")  # of a field: they do not say how a filled cell is read, or are asked apart


def read_alike(now: Contract, then: Contract, name: str, cells: Collection[str | None]) -> bool:
    """Whether every one of the cells means today what it meant then. A `map` that knows more words does not matter unless one of them is
    among the cells.
    """
    if now == then:
        return True
    if (now.codes, now.zone) != (then.codes, then.zone) or _field(now, name) != _field(then, name):
        return False
    maps, maps_then = [*_maps(now, name)], [*_maps(then, name)]
    if maps == maps_then:
        return True
    return [_known(one, cells) for one in maps] == [_known(one, cells) for one in maps_then]


def _known(words: Mapping[Any, Any], cells: Collection[str | None]) -> dict[Any, Any]:
    return {cell: words[cell] for cell in cells if cell in words}


def _field(contract: Contract, name: str) -> tuple[Any, list[Any]]:
    """How a field is taken apart, and what is made of it, but for the maps."""
    return contract.fields[name].model_dump(exclude={*NAMES}), [one for _, one in _read_by(contract, name)]


def _maps(contract: Contract, name: str) -> Iterator[Mapping[Any, Any]]:
    yield contract.fields[name].map
    yield from (said for said, _ in _read_by(contract, name))


def _read_by(contract: Contract, name: str) -> Iterator[tuple[Mapping[Any, Any], Any]]:
    """The map, and what else is said, of each column of a record that is made of the field; in the order of their names."""
    for rule in sorted(contract.records, key=lambda one: one.rule):
        for column, said in sorted(rule.set.items()):
            if any(contract.field_of(read) == name for _, read in said.reads()):
                yield said.map, (rule.record, column, said.model_dump(exclude={"map"}))
