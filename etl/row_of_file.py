"""`oncomart explain FILE:ROW`: the key that binds a correction to a row, and the cells of the row where they are asked for."""

from __future__ import annotations

from pathlib import Path

import polars as pl

from etl.landing.landed import LandedFile, landed_file
from etl.landing.manifest import manifest_path, read_manifest
from etl.nights.own_releases import current_run
from etl.normalise.row_key import row_keys, row_secret
from etl.readers import read
from schemas.core.errors import ConfigurationError, Mistake, RefusedError, UnreadableError, did_you_mean
from schemas.corrections import BINDING, CELL
from schemas.keys import identifier_key
from schemas.project import Project, load_project


def explain_row(folder: Path, out: Path, target: str, *, raw: bool = False) -> str:
    """The `row_key` of a row of the file that was landed last under that name, as text; with `raw` its cells by header too.

    Raises ConfigurationError where no such file was landed or it has no such row of data, RefusedError where it cannot be read.
    """
    match = CELL.match(target)
    if match is None:
        raise ConfigurationError([Mistake(target, None, "names no row of a file", "write FILE:ROW")])
    name, place = match["file"], int(match["row"])
    project = load_project(folder)
    current_run(project, out)  # with the key of another registry it would be the key of no row
    file = _landed(project, out, name)
    try:
        rows = read(file, file.contract).rows
    except UnreadableError as error:
        raise RefusedError(str(error)) from error
    secret = row_secret(identifier_key(project, releases_exist=True))
    here = rows.hstack(row_keys(rows, file.contract, secret)).filter(pl.col("source_row") == place)
    if here.is_empty():
        raise ConfigurationError([Mistake(name, place, "no row of data begins here", "give the line where the row begins")])
    said = [f"{target} (landed {file.first_seen[:10]}, sha256 {file.sha256[:12]})", f"{BINDING}: {here['row_key'][0]}"]
    return "\n".join([*said, *_cells(file, here)] if raw else said)


def _landed(project: Project, out: Path, name: str) -> LandedFile:
    """The version in force of that name, with the contract that read it."""
    entries = {entry.name: entry for entry in read_manifest(out)}
    contracts = {contract.contract: contract for contract in project.contracts}
    entry = entries.get(name)
    if entry is None or entry.contract not in contracts:
        hint = did_you_mean(name, entries) or "names are paths under the exports folder"
        raise ConfigurationError([Mistake(str(out), None, f"no file '{name}' was landed here", hint)])
    return landed_file(manifest_path(out).parent, entry, contracts[entry.contract], "goes_on")


def _cells(file: LandedFile, row: pl.DataFrame) -> list[str]:
    """The cells of the row as they are read, by header; what is never read is left out."""
    fields = file.contract.fields.items()
    lines = (f"  {field.headers(name)[0]}: {row[name][0] or ''}" for name, field in fields if field.identifier is not True)
    return list(dict.fromkeys(lines))  # several fields may read one column
