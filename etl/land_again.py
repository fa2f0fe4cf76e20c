"""Landing without an exports folder: the delivery of the current release once more, from the copies that were landed.

Everything is matched to today's contracts: a file that was refused when it was read is tried again, one that was carried
forward stands in again, and what never came has not come now.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import fields, replace
from pathlib import Path
from typing import Any

from etl.carry_forward import completed
from etl.delivery import NotLandedError, contract_of, natural
from etl.land import in_order
from etl.landing import NO_CONTRACT, LandedFile, Landing, Refusal, landed_file
from etl.manifest import Entry, entry_of, in_force, manifest_path, read_manifest, write_manifest
from schemas.core.errors import RefusedError
from schemas.project import Project
from warehouse.publish import current, nothing_published
from warehouse.runs import stored_run

CARRIED = "carried_forward"


def land_again(project: Project, out: Path, now: Callable[[str], str] = str) -> Landing:
    """The landing of the current release, from run.json and the landed files. `now`: the hash of what lies in the place of a file today,
    empty where nothing does.

    Raises ConfigurationError where nothing is published, RefusedError where a landed copy is gone or a required source has
    no good delivery.
    """
    told = stored_run(current(out))
    if not told:
        raise nothing_published(out)
    inputs: Mapping[str, Any] = told["inputs"]
    entries = read_manifest(out)
    for one in inputs["landed"]:
        if one["fate"] == CARRIED and now(one["sha256"]):  # the last good one of its contract, whatever a refused run has landed since
            entries = in_force(entries, _entry(entries, one["name"], now(one["sha256"])))
    retained = [_refusal(one) for one in told.get("refusals", ()) if one["source_file"] and not one.get("sha256")]
    strays = [_refusal(one) for one in told.get("notices", ()) if one["source_file"]]
    files: list[LandedFile] = []
    folder = manifest_path(out).parent
    for name, sha256 in _delivered(told, now):
        known = _entry(entries, name, sha256)
        _is_there(known, folder)
        try:
            contract = contract_of(name, project.contracts)
        except NotLandedError as error:
            (strays if error.reason == NO_CONTRACT else retained).append(Refusal(name, "", error.reason, str(error)))
            continue
        entries = in_force(entries, replace(known, contract=contract.contract))
        files.append(landed_file(folder, entries[-1], contract, "goes_on"))
    write_manifest(out, entries)
    return completed(project, out, replace(in_order(project, files, retained), notices=tuple(strays)))


def _delivered(told: Mapping[str, Any], now: Callable[[str], str]) -> Iterable[tuple[str, str]]:
    """Name and hash of every file that was delivered to that release and landed, in the order of delivery."""
    inputs = told["inputs"]
    used = [one for one in inputs["landed"] if one["fate"] != CARRIED]
    refused = [{"name": one["source_file"], "sha256": one["sha256"]} for one in told.get("refusals", ()) if one.get("sha256")]
    all_ = {(one["name"], now(one["sha256"])) for one in (*used, *inputs.get("passed_over", ()), *refused)}
    all_ = {(name, sha256) for name, sha256 in all_ if sha256}
    return sorted(all_, key=lambda one: (natural(one[0]), one))


def _refusal(told: Mapping[str, Any]) -> Refusal:
    """A refusal as run.json has it; what stands in is found anew."""
    known = {field.name for field in fields(Refusal)} - {CARRIED}
    return Refusal(**{name: value for name, value in told.items() if name in known})


def _entry(entries: Iterable[Entry], name: str, sha256: str) -> Entry:
    found = entry_of(entries, name, sha256)
    if found is None:
        raise RefusedError(f"{name}: the manifest of the landing folder does not know it any more; run with the exports")
    return found


def _is_there(entry: Entry, folder: Path) -> None:
    if not entry.path(folder).is_file():
        raise RefusedError(f"{entry.name}: its landed copy is gone; run with the exports")
