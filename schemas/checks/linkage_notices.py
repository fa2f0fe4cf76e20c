"""What is no mistake in `linkage` of registry.yml, but worth a second look: numbers that several contracts name and nothing compares."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence

from schemas.contract import Contract, Identifier
from schemas.core.errors import Mistake, few
from schemas.linkage import NUMBERS, Linkage
from schemas.yaml_lines import Source


def uncompared(source: Source, linkage: Linkage, contracts: Sequence[Contract]) -> Iterator[Mistake]:
    """Numbers of persons by which the files of two contracts could find together, beside another number, and which no set compares.

    Names and births are left out: a column of them may be declared so that it is kept apart, and to compare them is a decision.
    """
    for kind in NUMBERS:
        if any(kind in one for one in linkage.deterministic):
            continue
        for named in _sharing(kind, contracts):
            message = f"'linkage' compares no {kind}, though the contracts {', '.join(few(named))} name columns of it"
            hint = "without it a person whom they name by different numbers is several persons"
            yield Mistake(source.file, source.line(("linkage",)), message, f"`deterministic: [{_words(linkage, kind)}]`; {hint}")


def without_a_kind(contracts: Sequence[tuple[Source, Contract]]) -> Iterator[Mistake]:
    """Numbers of a source (`issuer`) whose own contracts do not call theirs hospital numbers: 17 there and 17 here are two persons then."""
    own: dict[str, set[str]] = defaultdict(set)
    for _, contract in contracts:
        own[contract.source] |= contract.numbers_of
    for source, contract in contracts:
        for issuer in contract.issuers:
            if issuer in own and issuer not in own[issuer]:
                message = f"no contract of '{issuer}' has a hospital_number, so the numbers of '{issuer}' here find nobody there"
                hint = "let the field that names the person there be `identifier: hospital_number`"
                yield Mistake(source.file, source.line(("fields",)), message, hint)


def _sharing(kind: str, contracts: Sequence[Contract]) -> list[list[str]]:
    """The names of contracts that share such a number, where one has it beside the number that carries its records.

    A hospital's number is its own, so only contracts that have numbers of one source share it.
    """
    groups: dict[str, list[Contract]] = defaultdict(list)
    for contract in contracts:
        if _columns(kind, contract):
            for issuer in contract.numbers_of if kind == "hospital_number" else ("",):
                groups[issuer].append(contract)
    return [[one.contract for one in group] for group in groups.values() if len(group) > 1 and any(_is_beside(kind, one) for one in group)]


def _columns(kind: str, contract: Contract) -> set[str]:
    """The fields that hold such a number."""
    fields = contract.fields.items()
    return {name for name, field in fields if isinstance(field.identifier, Identifier) and field.identifier.kind == kind}


def _is_beside(kind: str, contract: Contract) -> bool:
    """Whether rules of the contract name the person by something else than this number."""
    return not {rule.set["patient_id"].from_ for rule in contract.records if "patient_id" in rule.set} <= _columns(kind, contract)


def _words(linkage: Linkage, kind: str) -> str:
    """The sets that are there, as they are written, with the kind behind the first."""
    written = [one[0] if len(one) == 1 else f"[{', '.join(one)}]" for one in linkage.deterministic]
    return ", ".join([*written[:1], kind, *written[1:]])
