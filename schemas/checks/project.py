"""Checks of the project as a whole: what registry.yml, the contracts and the studies say of each other."""

from __future__ import annotations

import grp
import os
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from schemas import vocabulary
from schemas.contract import Contract
from schemas.contract_format import sheets_apart
from schemas.core.errors import ConfigurationError, Mistake, did_you_mean
from schemas.corrections import FILE as CORRECTIONS
from schemas.file_patterns import can_share, is_plain
from schemas.overrides import FILE as OVERRIDES
from schemas.vocabulary import Vocabularies
from schemas.worklist import FOLDER as WORKLISTS
from schemas.yaml_lines import Source

if TYPE_CHECKING:
    from schemas.project import Registry

# A pattern of a contract: where it is written, and what it says.
Named = tuple[Source, tuple[str, int], str]
Loaded = Sequence[tuple[Source, Contract | None]]
# The files that are read where a project has them, and the folders of which files are read.
READ = ("edits.yml", CORRECTIONS, OVERRIDES)
INSIDE = ("contracts", "vocabularies", "studies", "claims", WORKLISTS)


def vocabulary_of(folder: Path) -> tuple[Vocabularies | None, list[Mistake]]:
    """The built-in vocabularies with the project's own spellings; None and the mistakes where those are wrong."""
    local = folder / "vocabularies"
    try:
        return vocabulary.load(local if local.is_dir() else None), []
    except ConfigurationError as error:
        return None, list(error.mistakes)


def check_registry(source: Source, registry: Registry, studies: Sequence[str], contracts: Loaded) -> None:
    """Sources that no contract delivers, trust in sources unknown, former names that are none, studies without a file."""
    # a source that sends nothing itself, but whose numbers another one's files have, is named for these
    delivered = {name for _, contract in contracts if contract is not None for name in (contract.source, *contract.issuers)}
    broken = any(contract is None or ("source",) in read.broken for read, contract in contracts)
    for name in registry.sources:
        if name not in delivered and not broken:
            source.report(("sources", name), f"no contract delivers the source '{name}'", did_you_mean(name, delivered))
    for number, name in enumerate(registry.trust):
        if name not in registry.sources:
            source.report(("trust", number), f"'trust' names the unknown source '{name}'", did_you_mean(name, registry.sources))
        elif name in registry.trust[:number]:
            source.report(("trust", number), f"'trust' names '{name}' twice")
    for number, name in enumerate(registry.formerly):
        if name == registry.registry:
            source.report(("formerly", number), f"'formerly' names '{name}', as the registry is called now")
        elif name in registry.formerly[:number]:
            source.report(("formerly", number), f"'formerly' names '{name}' twice")
    _group(source, registry.group)
    there = [Path(file).stem for file in studies]
    for number, name in enumerate(registry.studies):
        if name not in there:
            source.report(("studies", number), f"there is no file studies/{name}.yml", did_you_mean(name, there))
        elif name in registry.studies[:number]:
            source.report(("studies", number), f"'studies' names '{name}' twice")


def _group(source: Source, name: str | None) -> None:
    """The group exists here, and whoever runs this may give a file to it."""
    if name is None:
        return
    try:
        group = group_id(name)
    except KeyError:
        source.report(("group",), f"there is no group '{name}' on this machine")
        return
    if os.geteuid() != 0 and group not in (os.getegid(), *os.getgroups()):
        source.report(
            ("group",), f"the user who runs this is no member of the group '{name}'", "files can be given to one's own groups only"
        )


def group_id(name: str) -> int:
    """Number of a group of this machine; raises KeyError where there is none of that name."""
    return grp.getgrnam(name).gr_gid


def check_contracts(contracts: Loaded) -> list[Mistake]:
    """No contract at all; two contracts of one name or for one file pattern."""
    if not contracts:
        return [Mistake("contracts", None, "the project has no contract", "write contracts/NAME.yml, see docs/contracts.md")]
    return list(_twins(contracts))


def _twins(contracts: Loaded) -> Iterator[Mistake]:
    """Two contracts of one name; a file that one contract names and another reads too."""
    names: dict[str, str] = {}
    for source, contract in contracts:
        if contract is None:
            continue
        if contract.contract in names:
            yield Mistake(source.file, source.line(("contract",)), f"{names[contract.contract]} has the name '{contract.contract}' too")
        names.setdefault(contract.contract, source.file)
    for (source, place, pattern), (other_source, _, theirs) in _shared(contracts):
        if pattern == theirs or is_plain(pattern):
            hint = "a file must match one contract only, or each must name a 'sheet' of its own of a workbook: it would be refused"
            named = "the files" if not is_plain(pattern) else "the file"
            with_ = "" if pattern == theirs else f" (by '{theirs}')"
            yield Mistake(source.file, source.line(place), f"{other_source.file} reads {named} '{pattern}' too{with_}", hint)


def contract_notices(contracts: Loaded) -> Iterator[Mistake]:
    """Patterns of two contracts that one name can match: such a file is refused when it comes."""
    for (source, place, pattern), (other_source, _, theirs) in _shared(contracts):
        if pattern != theirs and not is_plain(pattern) and not is_plain(theirs):
            message = (
                f"a file can match '{pattern}' here and '{theirs}' in {other_source.file}; it is refused, for nothing says which reads it"
            )
            yield Mistake(
                source.file, source.line(place), message, "make the patterns differ, with a folder or the part of the name before the date"
            )


def _shared(contracts: Loaded) -> Iterator[tuple[Named, Named]]:
    """Every two patterns of different contracts that one name can match; a plain name first, else the later contract. Contracts
    that read two sheets of a workbook share it."""
    named = [(s, ("files", n), p) for s, c in contracts if c is not None for n, p in enumerate(c.files)]
    formats = {source.file: contract.format for source, contract in contracts if contract is not None}
    for number, one in enumerate(named):
        for other in named[:number]:
            apart = one[0].file == other[0].file or sheets_apart([formats[one[0].file], formats[other[0].file]])
            if not apart and can_share(one[2], other[2]):
                first, second = (other, one) if is_plain(other[2]) and not is_plain(one[2]) else (one, other)
                yield first, second


def misnamed(folder: Path) -> Iterator[Mistake]:
    """Files that would be passed over in silence: `.yaml` where `.yml` is read, or a name in other letters.

    And links that lead nowhere, because what they led to may have counted last night.
    """
    found = [path for place in ("*", *(f"{name}/*" for name in INSIDE)) for path in sorted(folder.glob(place))]
    for path in (path for path in found if not path.name.startswith((".", "~"))):
        name = path.relative_to(folder).as_posix()
        known, is_inside = name.casefold(), "/" in name
        if path.is_symlink() and not path.exists():
            if is_inside or known in (*READ, *INSIDE):
                yield Mistake(name, None, "is a link that leads nowhere", "mend the link, or take it away where nothing of it is to count")
        elif path.is_file() and path.suffix != ".yml" and path.suffix.lower() in (".yml", ".yaml"):
            if name.split("/")[0] in ("contracts", "studies") or path.stem.casefold() in ("registry", "edits"):
                yield Mistake(name, None, "only files that end in .yml are read", "rename it")
        elif not is_inside and known in (*READ, *INSIDE) and name != known and not (folder / known).exists():
            yield Mistake(name, None, f"only {known} is read", "rename it")
