"""Checks of whose numbers a contract says that its fields hold: sources of the registry, told by a column that is read as it stands."""

from __future__ import annotations

from collections.abc import Collection

from schemas.contract import Contract, Field, Identifier
from schemas.core.errors import did_you_mean
from schemas.yaml_lines import Path, Source

TAKEN_APART = ("pattern", "grammar", "checkbox", "map", "codes", "identifier")


def check_issuers(source: Source, contract: Contract, sources: Collection[str] | None) -> None:
    """Report issuers that are no sources of registry.yml (None: that cannot be read), and columns that cannot tell one."""
    for name, field in contract.fields.items():
        said = field.identifier.issuer if isinstance(field.identifier, Identifier) else None
        if said is None:
            continue
        path: Path = ("fields", name, "identifier", "issuer")
        if said.value is not None:
            _source(source, path, said.value, sources)
        for text, issuer in said.map.items():
            _source(source, (*path, "map", text), issuer, sources)
        if said.from_ is not None:
            _column(source, (*path, "from"), said.from_, contract)
            _key(source, contract, name, said.from_)


def _source(source: Source, path: Path, name: str, sources: Collection[str] | None) -> None:
    if sources is not None and name not in sources:
        hint = did_you_mean(name, sources) or "name it under 'sources'"
        source.report(path, f"registry.yml has no source '{name}': nobody issues such numbers", hint)


def _column(source: Source, path: Path, name: str, contract: Contract) -> None:
    """The column that tells whose a number is: a field of the contract, its text as it stands in the file."""
    field = contract.fields.get(name)
    if field is None:
        source.report(path, f"no field is named '{name}'", did_you_mean(name, contract.fields))
    elif taken := _taken_apart(field):
        source.report(
            path, f"the field '{name}' has '{taken}': whose a number is, is told by a text as it stands", "write its texts under 'map'"
        )


def _key(source: Source, contract: Contract, number: str, whose: str) -> None:
    """A key that has a number has whose it is too, or a later row of one hospital's 17 takes the place of the other's."""
    if number in contract.key and whose not in contract.key:
        message = f"the key has '{number}' and not '{whose}', which tells whose number it is: another hospital's row would replace hers"
        source.report(("key",), message, f"`key: [{', '.join([*contract.key, whose])}]`")


def _taken_apart(field: Field) -> str | None:
    return next((key for key in TAKEN_APART if getattr(field, key)), None)
