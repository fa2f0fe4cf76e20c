"""Landing: each export is copied unchanged under its SHA-256, noted in the manifest and matched to one contract (DESIGN 4).

What cannot be landed is refused alone; the last good delivery of its contract is carried forward. Only a required source
without any good delivery stops the run. A stray file that no contract reads is a notice.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import NamedTuple

from etl.landing.carry_forward import completed, refuse
from etl.landing.delivery import NotLandedError, closed_folders, contract_of, folders_like_files, land_bytes, readings
from etl.landing.file_days import delivered, in_name_order
from etl.landing.landed import NO_CONTRACT, UNCLEAR, LandedFile, Landing, Refusal, landed_file
from etl.landing.manifest import NEW, Entry, delivered_now, mark, private_folder, read_manifest, write_manifest
from schemas.configuration import REGISTRY
from schemas.contract import Contract
from schemas.core.errors import ConfigurationError, Mistake
from schemas.project import Project

# Files that are landed at a time: hashing holds a core, and each waits for the disk at its end.
TOGETHER = 2

# Lands one export (its path, the exports folder, its entry without hash and size, and under which names and contracts it is read).
Keep = Callable[[Path, Path, Entry, Sequence[tuple[str, Contract]]], Entry]

__all__ = ["LandedFile", "Landing", "Refusal", "land", "mark", "refuse"]


def land(project: Project, out: Path, now: str, exports: Path | None = None, keep: Keep | None = None) -> Landing:
    """Land what lies in the exports folder. `now` becomes `first_seen` of what is new. `keep` lands an export otherwise than unchanged.

    Raises ConfigurationError where there is no such folder, RefusedError where a required source has no good delivery.
    """
    folder = exports or project.exports
    if not folder.is_dir():
        raise ConfigurationError([Mistake(REGISTRY, None, f"there is no exports folder '{folder}'", "set 'exports' or give --exports")])
    if out.resolve().is_relative_to(folder.resolve()):
        says = f"the output folder '{out}' lies in the exports folder '{folder}': what is written there would be read as an export"
        raise ConfigurationError([Mistake("--out", None, says, "name another --out")])
    closed = closed_folders(folder)
    if "." in closed:
        says = f"the exports folder '{folder}' cannot be read: permission denied"
        raise ConfigurationError([Mistake(REGISTRY, None, says, "let the user who runs oncomart read it")])
    landing = out / "landing"
    private_folder(landing)
    found: list[tuple[Entry, Contract]] = []
    refusals: list[Refusal] = []
    strays: list[Refusal] = []
    before = read_manifest(out)
    named = list(readings(folder, project.contracts))
    with ThreadPoolExecutor(TOGETHER, "landing") as threads:
        for tried in threads.map(partial(_tried, _Landing(project, folder, landing, now, keep, _by_path(named))), named):
            if isinstance(tried, Refusal):
                (strays if tried.reason == NO_CONTRACT else refusals).append(tried)
            else:
                found.append(tried)
    entries = delivered_now(before, *(entry for entry, _ in found))
    write_manifest(out, entries)
    last = entries[len(entries) - len(found) :]
    files = [landed_file(landing, entry, matched, "goes_on") for entry, (_, matched) in zip(last, found, strict=True)]
    there = [one.name for one in files] + [one.source_file for one in refusals]
    refusals += [Refusal(name, "", "not_readable", f"{name}: a folder that cannot be read: permission denied") for name in closed]
    refusals += [_no_file(name, project) for name in folders_like_files(folder, project.contracts, there)]
    return completed(project, out, replace(in_order(project, files, refusals), notices=tuple(strays)))


def _no_file(name: str, project: Project) -> Refusal:
    """The refusal of a folder that stands where a contract expects a file."""
    try:
        contract = contract_of(name, project.contracts).contract
    except NotLandedError as error:  # several contracts expect it
        contract = " ".join(error.contracts)
    return Refusal(name, contract, "folder", f"{name}: is a folder, where a contract expects a file; put the export itself there")


class _Landing(NamedTuple):
    """From where to where, when, and what lies there (its names by path)."""

    project: Project
    exports: Path
    folder: Path
    now: str
    keep: Keep | None
    named: Mapping[Path, Sequence[str]]

    def readings(self, path: Path) -> list[tuple[str, Contract]]:
        """Under which names which contracts read one export: of a workbook several may."""
        return [(name, contract_of(name, self.project.contracts)) for name in self.named[path]]


def _by_path(named: Iterable[tuple[str, Path]]) -> Mapping[Path, Sequence[str]]:
    names: dict[Path, list[str]] = defaultdict(list)
    for name, path in named:
        names[path].append(name)
    return names


def _tried(place: _Landing, export: tuple[str, Path]) -> tuple[Entry, Contract] | Refusal:
    """The manifest entry of one export (name, path) whose bytes have been landed, and its contract; or why it was not landed."""
    name, path = export
    contract = ""
    try:
        matched = contract_of(name, place.project.contracts)
        contract = matched.contract
        blank = Entry(name, 0, "", place.now, contract, NEW)
        if place.keep is not None:
            return place.keep(path, place.exports, blank, place.readings(path)), matched
        return _landed(place.folder, name, path, place.exports, blank), matched
    except NotLandedError as error:
        return Refusal(name, contract or " ".join(error.contracts), error.reason, str(error))


def _landed(landing: Path, name: str, path: Path, exports: Path, blank: Entry) -> Entry:
    """The manifest entry of a file whose bytes have been landed; `blank` lacks only their hash and size."""
    sha256, size = land_bytes(name, path, exports, lambda sha256: replace(blank, sha256=sha256).path(landing))
    return replace(blank, sha256=sha256, size=size)


def in_order(project: Project, files: list[LandedFile], refusals: list[Refusal]) -> Landing:
    """Which of the files of each contract is in force: of a snapshot the last by name, else each content once.

    Where the names do not say which came last and that decides what counts, all of them are refused.
    """
    by_contract: dict[str, list[LandedFile]] = defaultdict(list)
    for file in delivered(files):
        by_contract[file.contract.contract].append(file)
    used: list[LandedFile] = []
    passed: list[LandedFile] = []
    unclear: list[Refusal] = []
    for contract in project.contracts:
        mine = by_contract[contract.contract]
        if contract.delivery != "append" and len(mine) > 1:
            names = in_name_order({file.name for file in mine}, whole=contract.delivery == "upsert")
            if names is None:
                unclear += [_unclear(file) for file in mine]
                continue
            mine = sorted(mine, key=lambda file: names.index(file.name))
        # of two files with the same bytes the first counts; where later rows replace earlier ones, the last
        kept = {file.sha256: file for file in (mine if contract.delivery == "upsert" else reversed(mine))}
        chosen = mine[-1:] if contract.delivery == "snapshot" else [file for file in mine if kept[file.sha256] is file]
        contents = {file.sha256: file for file in chosen}
        used += chosen
        others = [file for file in mine if contents.get(file.sha256) is not file]
        passed += [replace(file, fate="already_landed" if file.sha256 in contents else "superseded") for file in others]
    return Landing(tuple(used), tuple(passed), (*refusals, *unclear))


def _unclear(file: LandedFile) -> Refusal:
    """The refusal of one of several files whose names do not say which came last."""
    how = "the dates in the names can be read in two orders, which disagree on the last file; write them as 2026-01-31"
    return Refusal(file.name, file.contract.contract, UNCLEAR, f"{file.name}: {how}", sha256=file.sha256)
