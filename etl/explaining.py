"""`oncomart explain`: finds the release, and reads cells again from the landed files where they are asked for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import polars as pl

from etl.land import LandedFile
from etl.manifest import manifest_path, read_manifest
from etl.readers import read
from schemas.core.errors import ConfigurationError, Mistake, RefusedError, UnreadableError
from schemas.project import Project, load_project
from warehouse.explain import explain
from warehouse.explain_rows import ReadCells
from warehouse.explanation import render
from warehouse.publish import RELEASES, current

# A number with more subjects shows so many in full; --raw shows all.
MOST = 50


def explain_number(out: Path, number_id: str, *, project: Path, run_id: str | None = None, raw: bool = False) -> str:
    """The explanation as text; raises ConfigurationError where there is no such release or number.

    With `raw`, the project folder says how the landed files are read.
    """
    release = _release(out, run_id)
    reader = _cell_reader(out, load_project(project)) if raw else None
    return render(explain(release, number_id, reader), None if raw else MOST)


def _release(out: Path, run_id: str | None) -> Path:
    if run_id is None:
        release = current(out)
        if release is None or not release.is_dir():
            raise ConfigurationError(
                [Mistake(str(out), None, "nothing is published here", "run `oncomart run` first, or name another --out")]
            )
        return release
    release = out / RELEASES / run_id
    if not release.is_dir():
        kept = ", ".join(sorted(path.name for path in (out / RELEASES).glob("[0-9a-f]*"))) or "none"
        raise ConfigurationError([Mistake(str(out), None, f"release {run_id} is not kept here", f"kept: {kept}")])
    return release


def _cell_reader(out: Path, project: Project) -> ReadCells:
    """A reader of cells of landed files: (source_file, sha256, lines, headers) to the text by line and header."""

    def cells(source_file: str, sha256: str, lines: Sequence[int], headers: Sequence[str]) -> Mapping[tuple[int, str], str]:
        file = _landed(out, project, source_file, sha256)
        try:
            rows = read(file, file.contract).rows.filter(pl.col("source_row").is_in(list(lines)))
        except UnreadableError as error:
            raise RefusedError(f"{source_file}: today's contract no longer reads the landed file; {error}") from error
        fields = {header: name for name, field in file.contract.fields.items() for header in field.headers(name)}
        wanted = {header: fields[header] for header in headers if header in fields}
        found = ((row["source_row"], header, row[name]) for row in rows.iter_rows(named=True) for header, name in wanted.items())
        return {(line, header): text for line, header, text in found if text is not None}

    return cells


def _landed(out: Path, project: Project, source_file: str, sha256: str) -> LandedFile:
    contracts = {contract.contract: contract for contract in project.contracts}
    for entry in read_manifest(out):
        if (entry.name, entry.sha256) == (source_file, sha256) and entry.contract in contracts:
            path = entry.path(manifest_path(out).parent)
            return LandedFile(entry.name, entry.sha256, entry.size, path, contracts[entry.contract], entry.first_seen, "goes_on")
    raise ConfigurationError([Mistake(source_file, None, "its landed copy or its contract is gone", "name the project with --project")])
