"""Reading and normalising what was landed, one file after another; a file that breaks its contract is refused alone."""

from __future__ import annotations

import mmap
import re
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from etl.land import Landing, refuse
from etl.normalise import normalise
from etl.normalise.result import UNMAPPED, Normalised
from etl.readers import RawTable, read
from schemas.core.errors import UnreadableError
from schemas.core.frames import EDIT_COUNTS, FINDINGS, LEDGER, stack
from schemas.project import Project


@dataclass(frozen=True)
class Delivered:
    """What all files in force deliver.

    `parts`: one per file, in the order of the files. `ledger`: stages land, read and normalise. `findings` and `counts`: of
    the files, rows and cells. `unmapped`: spellings no vocabulary knows. `lines`: physical lines of each file that was read.
    """

    landing: Landing
    parts: tuple[Normalised, ...]
    ledger: pl.DataFrame
    findings: pl.DataFrame
    counts: pl.DataFrame
    unmapped: pl.DataFrame
    lines: dict[str, int]


@dataclass(frozen=True)
class Noticed:
    """What reading one file noticed, kept when its raw text is dropped."""

    ledger: pl.DataFrame
    findings: pl.DataFrame
    counts: pl.DataFrame


def deliver(project: Project, out: Path, landing: Landing, key: bytes) -> Delivered:
    """Read and normalise every file in force; where one cannot be read, its last good delivery stands in.

    Raises RefusedError where a required source is left without a delivery.
    """
    parts: dict[str, Normalised] = {}
    tables: dict[str, Noticed] = {}
    waiting = list(landing.files)
    while waiting:
        file = waiting.pop(0)
        try:
            raw: RawTable = read(file, file.contract)
        except UnreadableError as error:
            landing, stand_in = refuse(project, out, landing, file, error)
            waiting += [stand_in] if stand_in is not None else []
            continue
        rank = project.registry.trust_rank(file.contract.source)
        parts[file.name] = normalise(raw, project.vocabularies, key, rank)
        tables[file.name] = Noticed(raw.ledger, raw.findings, raw.counts)
        del raw  # raw text is the peak of the memory: one file's at a time
    return _delivered(landing, parts, tables)


def _delivered(landing: Landing, parts: dict[str, Normalised], tables: dict[str, Noticed]) -> Delivered:
    ordered = tuple(parts[file.name] for file in landing.files)
    stages: list[Landing | Noticed | Normalised] = [landing, *tables.values(), *ordered]
    return Delivered(
        landing,
        ordered,
        stack((stage.ledger for stage in stages), LEDGER),
        stack((stage.findings for stage in stages), FINDINGS),
        stack((stage.counts for stage in stages), EDIT_COUNTS),
        stack((part.unmapped for part in ordered), UNMAPPED),
        {file.name: physical_lines(file.path) for file in landing.files},
    )


def physical_lines(path: Path) -> int:
    """Lines of a text file, counted from its bytes and independently of the readers: ended by LF, CR LF or CR."""
    if path.stat().st_size == 0:
        return 0
    with path.open("rb") as handle, mmap.mmap(handle.fileno(), 0, access=mmap.ACCESS_READ) as content:
        ended = sum(1 for _ in re.finditer(rb"\r\n|\n|\r", content))
        return ended + (content[-1:] not in (b"\n", b"\r"))
