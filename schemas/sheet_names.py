"""Names under which the sheets of one workbook are read where several contracts read each a sheet of its own: `ward[surgery].xlsx`."""

from __future__ import annotations

import re
from collections.abc import Sequence
from fnmatch import fnmatchcase

from schemas.contract import Contract
from schemas.contract_format import sheets_apart

NAME = re.compile(r"^(?P<stem>.*)\[(?P<contract>[a-z][a-z0-9_]*)\](?P<ending>\.[^./]*)$")


def matching(name: str, contracts: Sequence[Contract]) -> list[Contract]:
    """The contracts of which a pattern takes the name."""
    return [c for c in contracts if any(fnmatchcase(name, pattern) for pattern in c.files)]


def workbook_of(name: str) -> str:
    """The name of the workbook whose sheet is called so; any other name as it is."""
    told = NAME.match(name)
    return told["stem"] + told["ending"] if told else name


def of_sheet(name: str, contracts: Sequence[Contract]) -> Contract | None:
    """The contract that the name of a sheet tells; None of any other name."""
    told = NAME.match(name)
    found = matching(workbook_of(name), contracts) if told else []
    return next((c for c in found if told and c.contract == told["contract"]), None) if sheets_apart([c.format for c in found]) else None


def reads(name: str, contract: Contract) -> bool:
    """Whether the contract takes the name of a file, or of its own sheet of a workbook."""
    told = NAME.match(name)
    return (told is None or told["contract"] == contract.contract) and bool(matching(workbook_of(name), [contract]))


def reading(name: str, contracts: Sequence[Contract]) -> list[Contract]:
    """The contracts that read what is called so: one, but where several take the name, or none does."""
    told = of_sheet(name, contracts)
    return matching(name, contracts) if told is None else [told]
