"""`oncomart explain`: finds the release, and reads cells again from the landed files where they are asked for."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import astuple
from pathlib import Path
from typing import Any

import polars as pl

from etl.landing.landed import LandedFile, landed_file
from etl.landing.manifest import entry_of, manifest_path, read_manifest
from etl.readers import read
from schemas.contract import Contract
from schemas.core.errors import ConfigurationError, Mistake, RefusedError, UnreadableError
from schemas.layout import Place
from warehouse.explain import explain
from warehouse.explaining.explanation import render
from warehouse.explaining.rows import ReadCells
from warehouse.publish import RELEASES, current, nothing_published

# A number with more subjects shows so many in full; --all shows every one.
MOST = 50
# Below internal/: the contracts that the release was read with, so that its cells can be read again.
CONTRACTS = "contracts.json"


def explain_number(out: Path, number_id: str, *, run_id: str | None = None, raw: bool = False, every: bool = False) -> str:
    """The explanation as text; raises ConfigurationError where there is no such release or number.

    With `raw`, the cells are read again from the landed files by the contracts that the release keeps.
    """
    release = _release(out, run_id)
    most = None if every else MOST
    return render(explain(release, number_id, _cell_reader(out, read_contracts(release)) if raw else None, most))


def write_contracts(internal: Path, contracts: Iterable[Contract]) -> None:
    """Keeps with the release how its files were read (internal/contracts.json)."""
    kept = [
        {
            "contract": contract.model_dump(mode="json", by_alias=True, exclude_defaults=True),
            "layout": [astuple(place) for place in contract.layout],
        }
        for contract in contracts
    ]
    (internal / CONTRACTS).write_text(json.dumps(kept, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


def read_contracts(release: Path) -> dict[str, Contract]:
    """The contracts of a release by name; raises ConfigurationError where they are not there or may not be read."""
    path = release / "internal" / CONTRACTS
    try:
        kept = json.loads(path.read_text(encoding="utf-8"))
        contracts = [_contract(one) for one in kept]
    except OSError as error:
        raise ConfigurationError(
            [Mistake(str(path), None, "cannot be read", "raw cells are shown to the owner of the release only")]
        ) from error
    except ValueError as error:
        raise ConfigurationError([Mistake(str(path), None, "was written by another version", "explain it with that version")]) from error
    return {contract.contract: contract for contract in contracts}


def _contract(kept: dict[str, Any]) -> Contract:
    contract = Contract.model_validate(_frozen(kept["contract"]))
    places = tuple(Place(*place) for place in kept["layout"])
    return contract.with_layout(places) if places else contract


def _frozen(value: Any) -> Any:
    """JSON as configuration files are read: lists as tuples."""
    if isinstance(value, dict):
        return {key: _frozen(one) for key, one in value.items()}
    return tuple(map(_frozen, value)) if isinstance(value, list) else value


def _release(out: Path, run_id: str | None) -> Path:
    if run_id is None:
        release = current(out)
        if release is None or not release.is_dir():
            raise nothing_published(out)
        return release
    release = out / RELEASES / run_id
    if not run_id.strip() or not release.is_dir():
        kept = ", ".join(sorted(path.name for path in (out / RELEASES).glob("[0-9a-f]*"))) or "none"
        raise ConfigurationError([Mistake(str(out), None, f"release {run_id} is not kept here", f"kept: {kept}")])
    return release


def _cell_reader(out: Path, contracts: Mapping[str, Contract]) -> ReadCells:
    """A reader of cells of landed files: (source_file, sha256, lines, headers) to the text by line and header."""

    def cells(source_file: str, sha256: str, lines: Sequence[int], headers: Sequence[str]) -> Mapping[tuple[int, str], str]:
        file = _landed(out, contracts, source_file, sha256)
        try:
            rows = read(file, file.contract).rows.filter(pl.col("source_row").is_in(list(lines)))
        except UnreadableError as error:
            raise RefusedError(f"{source_file}: its contract no longer reads the landed file; {error}") from error
        fields = {header: name for name, field in file.contract.fields.items() for header in field.headers(name)}
        wanted = {header: fields[header] for header in headers if header in fields}
        found = ((row["source_row"], header, row[name]) for row in rows.iter_rows(named=True) for header, name in wanted.items())
        return {(line, header): text for line, header, text in found if text is not None}

    return cells


def _landed(out: Path, contracts: Mapping[str, Contract], source_file: str, sha256: str) -> LandedFile:
    entry = entry_of(read_manifest(out), source_file, sha256)
    if entry is None or entry.contract not in contracts:
        raise ConfigurationError([Mistake(source_file, None, "its landed copy is gone")])
    return landed_file(manifest_path(out).parent, entry, contracts[entry.contract], "goes_on")
