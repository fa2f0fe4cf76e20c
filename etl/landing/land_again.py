"""Landing without an exports folder: the delivery of the current release once more, from the copies that were landed.

Everything is matched to today's contracts: a file that was refused when it was read is tried again, one that was carried
forward stands in again, and what never came has not come now.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import fields, replace
from pathlib import Path
from typing import Any

from etl.landing.carry_forward import CARRIED, completed
from etl.landing.delivery import NotLandedError, contract_of, natural
from etl.landing.land import in_order
from etl.landing.landed import NEVER_USED, NO_CONTRACT, Landing, Refusal, landed_file
from etl.landing.manifest import Entry, by_content, in_force, manifest_path, read_manifest, write_manifest
from schemas.contract import Contract
from schemas.core.errors import RefusedError
from schemas.project import Project
from warehouse.publish import current, nothing_published
from warehouse.runs import stored_run


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
    known = by_content(entries)
    carried = [(one["name"], now(one["sha256"])) for one in inputs["landed"] if one["fate"] == CARRIED]
    # the last good ones of their contracts, whatever a refused run has landed since
    entries = in_force(entries, *(_entry(known, one) for one in carried if one[1]))
    refused = [one for one in told.get("refusals", ()) if one["source_file"] and one.get("reason") != NEVER_USED]  # those are found anew
    retained = [_refusal(one) for one in refused if not one.get("sha256")]
    strays = [_refusal(one) for one in told.get("notices", ()) if one["source_file"]]
    matched: list[tuple[Entry, Contract]] = []
    folder = manifest_path(out).parent
    for one in _delivered(told, now):
        entry = _entry(known, one)
        _is_there(entry, folder)
        try:
            contract = contract_of(entry.name, project.contracts)
        except NotLandedError as error:
            (strays if error.reason == NO_CONTRACT else retained).append(Refusal(entry.name, "", error.reason, str(error)))
            continue
        matched.append((replace(entry, contract=contract.contract), contract))
    write_manifest(out, in_force(entries, *(entry for entry, _ in matched)))
    files = [landed_file(folder, entry, contract, "goes_on") for entry, contract in matched]
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


def _entry(known: Mapping[tuple[str, str], Entry], one: tuple[str, str]) -> Entry:
    """The row of the manifest of that name and content."""
    found = known.get(one)
    if found is None:
        raise RefusedError(f"{one[0]}: the manifest of the landing folder does not know it any more; run with the exports")
    return found


def _is_there(entry: Entry, folder: Path) -> None:
    if not entry.path(folder).is_file():
        raise RefusedError(f"{entry.name}: its landed copy is gone; run with the exports")
