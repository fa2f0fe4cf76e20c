"""The last good delivery in the place of one that is missing or cannot be read (DESIGN 2.9).

`good` in the manifest means that a run published with it, or was about to: it had passed every gate. Of a snapshot the last
good file stands in where none is in force; of an appended delivery every earlier good file counts that was not delivered
again, under whatever name.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from etl.landing.delivery import NotLandedError, contract_of, natural
from etl.landing.file_days import delivered
from etl.landing.landed import NEVER_DELIVERED, NEVER_USED, UNCLEAR, LandedFile, Landing, NoGoodDeliveryError, Refusal, landed_file
from etl.landing.manifest import GOOD, NEW, REFUSED, Entry, by_content, in_force, manifest_path, mark, read_manifest, write_manifest
from schemas.contract import Contract
from schemas.core.errors import UnreadableError
from schemas.project import Project

CARRIED = "carried_forward"
# Bytes that a header alone may have: larger files that were refused are not read again each night.
HEADER = 100_000


def published(out: Path, landing: Landing) -> None:
    """Mark what a release was made of as good in the manifest: the files in force, and other files with the same bytes as one of these.

    Such a twin is not read; but when the file in force comes with new bytes, the twin counts by itself, and no older delivery under its
    name does. The file in force stands last among equal ones.
    """
    twins = [file for file in landing.passed_over if file.fate == "already_landed"]
    mark(out, [file.name for file in (*landing.files, *twins)], GOOD)
    contents, entries = {file.sha256 for file in twins}, read_manifest(out)
    known = by_content(entries)
    counted = (known.get((file.name, file.sha256)) for file in landing.files if file.sha256 in contents)
    write_manifest(out, in_force(entries, *(entry for entry in counted if entry is not None)))


def refuse(
    project: Project, out: Path, landing: Landing, wrong: Sequence[tuple[LandedFile, UnreadableError]]
) -> tuple[Landing, list[LandedFile]]:  # fmt: skip
    """The landing without the files that could not be read, and the good deliveries from before that stand in for them: those under their
    names, and such with their bytes as an earlier contract could read.

    All at once, for a contract that is wrong may break thousands. Raises RefusedError where a required source has nothing left.
    """
    twins = {file.name: _twins(landing, file) for file, _ in wrong}
    known = by_content(read_manifest(out))
    every = [one for file, _ in wrong for one in (file, *twins[file.name])]
    mark(out, [one.name for one in every if not _stays_good(known, one)], REFUSED)
    told = [refusal for file, error in wrong for refusal in _refusals(file, error, twins[file.name])]
    names = {one.name for one in every}
    left = replace(
        landing,
        files=tuple(f for f in landing.files if f.name not in names),
        passed_over=tuple(f for f in landing.passed_over if f.name not in names),
        refusals=(*landing.refusals, *told),
    )
    after = completed(project, out, left)
    before = {(f.name, f.sha256) for f in landing.files}
    return after, [f for f in after.files if (f.name, f.sha256) not in before]


def _twins(landing: Landing, file: LandedFile) -> list[LandedFile]:
    return [f for f in landing.passed_over if f.contract is file.contract and f.sha256 == file.sha256]


def _refusals(file: LandedFile, error: UnreadableError, twins: Sequence[LandedFile]) -> list[Refusal]:
    """Those of a file and of what has its bytes: what came under their names before is not in force either, for each hospital's file that
    came empty tonight has these bytes."""
    says = f"has the same bytes as {file.name}, which cannot be read"
    alike = [Refusal(f.name, f.contract.contract, error.reason, f"{f.name}: {says}", sha256=f.sha256) for f in twins]
    return [Refusal(file.name, file.contract.contract, error.reason, str(error), sha256=file.sha256), *alike]


def completed(project: Project, out: Path, landing: Landing) -> Landing:
    """The landing with what is missing carried forward; raises RefusedError where a required source has nothing in force."""
    landing = replace(landing, refusals=tuple(r for r in landing.refusals if r.reason != NEVER_USED))  # found anew below
    for contract in project.contracts:
        entries, tried = read_manifest(out), {(r.source_file, r.sha256) for r in landing.refusals if r.reason != UNCLEAR}
        good = [e for e in entries if e.contract == contract.contract and e.status == GOOD]
        carried = _stand_ins(landing, contract, [e for e in good if (e.name, e.sha256) not in tried])
        landing = _told(project, landing, contract, carried)
        if carried:
            # what is good and could not be read tonight stays the last of its name, or an older one would stand in for good
            write_manifest(out, in_force(entries, *carried, *(e for e in good if (e.name, e.sha256) in tried)))
            landing = _in_turn(project, _carried(out, landing, contract, carried))
    _required_are_there(project, landing)
    return replace(landing, refusals=(*landing.refusals, *_never_used(project, out, landing)))


def _never_used(project: Project, out: Path, landing: Landing) -> list[Refusal]:
    """The refusals of earlier files of appended and upserted deliveries that no release has used and that do not come any more: they were
    refused, or their night ended without a release. Their rows would be missing for good, and nothing would say so.

    An empty file has none; a newer good one has taken the place of what came under its name before it. Who takes the copy away, or lets
    no contract read the name, wants none of it.
    """
    folder, entries = manifest_path(out).parent, read_manifest(out)
    came = [file for file in (*landing.files, *landing.passed_over) if file.fate != CARRIED]
    there = {one.name for one in came} | {r.source_file for r in landing.refusals}
    # by contract: of a workbook whose sheets several read, each is used for itself
    used = {(e.contract, e.sha256) for e in entries if e.status == GOOD} | {(file.contract.contract, file.sha256) for file in came}
    newest: dict[str, str] = {}
    for entry in entries:
        if entry.status == GOOD:
            newest[entry.name] = max(entry.first_seen, newest.get(entry.name, ""))
    left = (e for e in entries if e.status in (NEW, REFUSED) and e.size and e.name not in there and (e.contract, e.sha256) not in used)
    found = {e.name: e for e in left if e.first_seen > newest.get(e.name, "") and e.path(folder).is_file() and _is_added(project, e)}
    found = {name: e for name, e in found.items() if name in newest or not _is_emptied(project, folder, e)}
    shared = {entry.path(folder) for entry in entries if entry.status == GOOD}
    stands = {file.name for file in landing.files}
    unused = (_unused(entry, folder, is_shared=entry.path(folder) in shared) for entry in found.values())
    return [replace(one, carried_forward=one.source_file) if one.source_file in stands else one for one in unused]


def _is_emptied(project: Project, folder: Path, entry: Entry) -> bool:
    """Whether a small file that was refused has a header alone: earlier versions refused those of nights without anything new."""
    from etl.landing.emptied import has_no_rows  # noqa: PLC0415  the readers import this module, by way of etl.landing.land

    contract = contract_of(entry.name, project.contracts)
    return entry.status == REFUSED and entry.size <= HEADER and has_no_rows(landed_file(folder, entry, contract, CARRIED))


def _is_added(project: Project, entry: Entry) -> bool:
    """Whether today's contract of that name is the one under which it came, and its deliveries count together."""
    try:
        contract = contract_of(entry.name, project.contracts)
    except NotLandedError:
        return False
    return contract.contract == entry.contract and contract.delivery != "snapshot"


def _unused(entry: Entry, folder: Path, *, is_shared: bool) -> Refusal:
    """What is told of one. The copy of a workbook of which another sheet counts is not to be taken away."""
    copy = entry.path(folder).relative_to(folder.parent)
    what = "put it, mended, into the exports folder under its name" if entry.status == REFUSED else "put it into the exports folder again"
    away = f"or take its copy {copy} away where it is not to count"
    how = f"or send it mended under its name; its copy {copy} must stay, another contract reads it" if is_shared else away
    says = f"came before, and no release has used its rows; {what}, {how}"
    return Refusal(entry.name, entry.contract, NEVER_USED, f"{entry.name}: {says}")


def _stays_good(known: Mapping[tuple[str, str], Entry], file: LandedFile) -> bool:
    """Whether a file that cannot be read is tried again by the next night: one of an appended delivery counts for good, so a contract that
    is wrong for one night must not take it out. Of a snapshot the next one comes.
    """
    entry = known.get((file.name, file.sha256))
    return file.contract.delivery != "snapshot" and entry is not None and entry.status == GOOD


def _in_turn(project: Project, landing: Landing) -> Landing:
    """The files as they would stand had all come today: by contract, then by name. Of equally trusted ones the last wins, and an
    earlier delivery must not win for having been carried forward."""
    turn = {contract.contract: number for number, contract in enumerate(project.contracts)}
    return replace(landing, files=tuple(sorted(delivered(landing.files), key=lambda file: turn[file.contract.contract])))


def _stand_ins(landing: Landing, contract: Contract, good: list[Entry]) -> list[Entry]:
    """The good deliveries from before that count today."""
    if contract.delivery == "snapshot":
        return [] if any(file.contract is contract for file in landing.files) else good[-1:]
    came = (*landing.files, *landing.passed_over)
    names, contents = {file.name for file in came}, {file.sha256 for file in came if file.contract is contract}
    latest = {entry.name: entry for entry in good if entry.name not in names}.values()
    # each content once, as of what comes in one night: a copy under another name is no other delivery, and of an upsert its rows would
    # stand above those of all later files for good
    return list({entry.sha256: entry for entry in latest if entry.sha256 not in contents}.values())


def _told(project: Project, landing: Landing, contract: Contract, carried: list[Entry]) -> Landing:
    """The refusals, with one for a contract of which nothing came, and what stands in for each."""
    refusals, notices = landing.refusals, landing.notices
    came = any(file.contract is contract for file in landing.files)
    told = any(r.concerns(contract.contract) for r in (*refusals, *notices))
    if not came and not told:
        words = f"(files: {', '.join(contract.files)})"
        if carried or (project.registry.sources[contract.source].required and contract.required):
            message = f"contract {contract.contract}: no file was delivered {words}"
            refusals = (*refusals, Refusal("", contract.contract, "not_delivered", message))
        else:
            message = f"contract {contract.contract}: no file ever came {words}"
            notices = (*notices, Refusal("", contract.contract, NEVER_DELIVERED, message))
    names = ", ".join(sorted((entry.name for entry in carried), key=lambda name: (natural(name), name)))
    named = (replace(r, carried_forward=names) if carried and r.concerns(contract.contract) else r for r in refusals)
    return replace(landing, refusals=tuple(named), notices=notices)


def _carried(out: Path, landing: Landing, contract: Contract, carried: list[Entry]) -> Landing:
    """The landing with those earlier deliveries in force again."""
    folder = manifest_path(out).parent
    return replace(landing, files=(*landing.files, *(landed_file(folder, entry, contract, CARRIED) for entry in carried)))


def _required_are_there(project: Project, landing: Landing) -> None:
    there = {file.contract.source for file in landing.files}
    missing = [name for name, rule in project.registry.sources.items() if rule.required and name not in there]
    if missing:
        sources = {contract.contract: contract.source for contract in project.contracts}
        reasons = "".join(f"\n  {r.message}" for r in landing.refusals if any(sources.get(c) in missing for c in r.contract.split()))
        message = f"the required source {', '.join(missing)} has no good delivery, and none from before{reasons}"
        raise NoGoodDeliveryError(message, landing.refusals)
