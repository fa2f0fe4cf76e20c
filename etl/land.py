"""Landing: each export is copied unchanged under its SHA-256, noted in the manifest and matched to one contract (DESIGN 4).

What cannot be landed is refused alone; the last good delivery of its contract is carried forward. Only a required source
without any good delivery stops the run.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, replace
from pathlib import Path

import polars as pl

from etl.delivery import NotLandedError, contract_of, delivered, land_bytes
from etl.manifest import GOOD, NEW, Entry, in_force, manifest_path, mark, private_folder, read_manifest, write_manifest
from schemas.contract import Contract
from schemas.core import frames
from schemas.core.errors import ConfigurationError, Mistake, RefusedError, UnreadableError
from schemas.core.ids import source_key
from schemas.project import REGISTRY, Project
from schemas.reading_edits import counts, findings

__all__ = ["LandedFile", "Landing", "Refusal", "land", "mark", "refuse"]


@dataclass(frozen=True)
class LandedFile:
    """One delivered file: `name` is its path under the exports folder, `path` where its bytes lie now.

    `fate` is `goes_on` or `carried_forward` for a file that is read, else `superseded` or `already_landed`.
    """

    name: str
    sha256: str
    size: int
    path: Path
    contract: Contract
    first_seen: str
    fate: str

    @property
    def source_key(self) -> int:
        """Key of the file in dim_source."""
        return source_key(self.name, self.sha256)


@dataclass(frozen=True)
class Refusal:
    """Something expected that is not used: which file or contract, why (a word and a sentence), what stands in for it."""

    source_file: str
    contract: str
    reason: str
    message: str
    carried_forward: str = ""


@dataclass(frozen=True)
class Landing:
    """What is in force (`files`, to be read in this order), what is not, and what was refused."""

    files: tuple[LandedFile, ...]
    passed_over: tuple[LandedFile, ...]
    refusals: tuple[Refusal, ...]

    @property
    def ledger(self) -> pl.DataFrame:
        """The lines of stage `land`, unit `file`."""
        used = [(file.name, "land", "file", file.fate, "", 1) for file in (*self.files, *self.passed_over)]
        refused = [(r.source_file, "land", "file", "refused", r.reason, 1) for r in self.refusals if r.source_file]
        return frames.ledger([*used, *refused]).sort("source_file", "fate", "reason")

    @property
    def findings(self) -> pl.DataFrame:
        """One notice per file that no contract reads (READ-NO-CONTRACT). Its file is no source, so no key names it."""
        return findings(pl.DataFrame({"record": ["file"] * self._stray}, schema={"record": pl.String}), "READ-NO-CONTRACT")

    @property
    def counts(self) -> pl.DataFrame:
        """How many delivered files a contract reads, and how many none does (EDIT_COUNTS)."""
        matched = len([file for file in self.files if file.fate == "goes_on"]) + len(self.passed_over)
        return counts("READ-NO-CONTRACT", violated=self._stray, satisfied=matched, not_applicable=0)

    @property
    def _stray(self) -> int:
        return sum(refusal.reason == "no_contract" for refusal in self.refusals)


def land(project: Project, out: Path, now: str, exports: Path | None = None) -> Landing:
    """Land what lies in the exports folder. `now` becomes `first_seen` of what is new.

    Raises ConfigurationError where there is no such folder, RefusedError where a required source has no good delivery.
    """
    folder = exports or project.exports
    if not folder.is_dir():
        raise ConfigurationError([Mistake(REGISTRY, None, f"there is no exports folder '{folder}'", "set 'exports' or give --exports")])
    landing = out / "landing"
    private_folder(landing)
    files: list[LandedFile] = []
    refusals: list[Refusal] = []
    entries = read_manifest(out)
    for name, path in delivered(folder):
        contract = ""
        try:
            matched = contract_of(name, project.contracts)
            contract = matched.contract
            entry = _landed(landing, name, path, folder, Entry(name, 0, "", now, contract, NEW))
        except NotLandedError as error:
            refusals.append(Refusal(name, contract, error.reason, str(error)))
            continue
        entries = in_force(entries, entry)
        files.append(_file(landing, entries[-1], matched, "goes_on"))
    write_manifest(out, entries)
    return _completed(project, out, _in_order(project, files, refusals))


def _landed(landing: Path, name: str, path: Path, exports: Path, blank: Entry) -> Entry:
    """The manifest entry of a file whose bytes have been landed; `blank` lacks only their hash and size."""
    sha256, size = land_bytes(name, path, exports, lambda sha256: replace(blank, sha256=sha256).path(landing))
    return replace(blank, sha256=sha256, size=size)


def _file(landing: Path, entry: Entry, contract: Contract, fate: str) -> LandedFile:
    return LandedFile(entry.name, entry.sha256, entry.size, entry.path(landing), contract, entry.first_seen, fate)


def _in_order(project: Project, files: list[LandedFile], refusals: list[Refusal]) -> Landing:
    """Which of the files of each contract is in force: of a snapshot the last by name, else each content once."""
    by_contract: dict[str, list[LandedFile]] = defaultdict(list)
    for file in files:
        by_contract[file.contract.contract].append(file)
    used: list[LandedFile] = []
    passed: list[LandedFile] = []
    for contract in project.contracts:
        mine = by_contract[contract.contract]
        once = {file.sha256: file for file in reversed(mine)}
        chosen = mine[-1:] if contract.delivery == "snapshot" else list(once.values())[::-1]
        contents = {file.sha256 for file in chosen}
        used += chosen
        passed += [replace(f, fate="already_landed" if f.sha256 in contents else "superseded") for f in mine if f not in chosen]
    return Landing(tuple(used), tuple(passed), tuple(refusals))


def _completed(project: Project, out: Path, landing: Landing) -> Landing:
    """Carry forward what is missing: a contract without a file in force, or an earlier file of an appended delivery."""
    entries = read_manifest(out)
    refused = {refusal.contract: refusal for refusal in landing.refusals if refusal.contract}
    for contract in project.contracts:
        names = {file.name for file in landing.files if file.contract is contract}
        good = [e for e in entries if e.contract == contract.contract and e.status == GOOD]
        if contract.delivery == "append":
            known = {file.name for file in (*landing.files, *landing.passed_over)}
            earlier = {e.name: e for e in good if e.name not in known}
            carried = list(earlier.values())
        else:
            carried = [] if names else good[-1:]
        landing = _carried(out, landing, contract, carried)
        if not names and (carried or _is_required(project, contract)) and contract.contract not in refused:
            message = f"contract {contract.contract}: no file was delivered (files: {', '.join(contract.files)})"
            landing = replace(landing, refusals=(*landing.refusals, Refusal("", contract.contract, "not_delivered", message)))
        landing = _name_stand_in(landing, contract, carried) if carried else landing
    _required_are_there(project, landing)
    return landing


def _carried(out: Path, landing: Landing, contract: Contract, carried: list[Entry]) -> Landing:
    """The landing with those earlier deliveries in force again, and the manifest saying so."""
    if not carried:
        return landing
    entries = read_manifest(out)
    for entry in carried:
        entries = in_force(entries, entry)
    write_manifest(out, entries)
    files = tuple(_file(manifest_path(out).parent, entry, contract, "carried_forward") for entry in carried)
    return replace(landing, files=(*landing.files, *files))


def _name_stand_in(landing: Landing, contract: Contract, carried: list[Entry]) -> Landing:
    names = ", ".join(entry.name for entry in carried)
    return replace(
        landing, refusals=tuple(replace(r, carried_forward=names) if r.contract == contract.contract else r for r in landing.refusals)
    )


def _is_required(project: Project, contract: Contract) -> bool:
    return project.registry.sources[contract.source].required


def _required_are_there(project: Project, landing: Landing) -> None:
    there = {file.contract.source for file in landing.files}
    missing = [name for name, rule in project.registry.sources.items() if rule.required and name not in there]
    if missing:
        said = [r.message for r in landing.refusals if any(c.contract == r.contract and c.source in missing for c in project.contracts)]
        reasons = "".join(f"\n  {message}" for message in said)
        raise RefusedError(f"the required source {', '.join(missing)} has no good delivery, and none from before{reasons}")


def refuse(project: Project, out: Path, landing: Landing, file: LandedFile, error: UnreadableError) -> tuple[Landing, LandedFile | None]:
    """The landing without a file that could not be read, and the last good delivery that stands in for it, if any.

    Raises RefusedError where its source is required and nothing is left of it.
    """
    mark(out, [file.name], "refused")
    refusal = Refusal(file.name, file.contract.contract, error.reason, str(error))
    rest = replace(landing, files=tuple(f for f in landing.files if f != file), refusals=(*landing.refusals, refusal))
    after = _completed(project, out, rest)
    new = [f for f in after.files if f not in landing.files]
    return after, new[0] if new else None
