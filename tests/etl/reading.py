"""Reads bytes by a contract given as keywords, for the tests of the readers."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

import pytest
from landing_project import contract

from etl.landing.landed import LandedFile
from etl.readers import RawTable, read
from schemas.contract import Contract
from schemas.core.errors import UnreadableError
from schemas.layout import Place


def landed(folder: Path, content: bytes, by: Contract, name: str = "ward.csv") -> LandedFile:
    path = folder / f"landed{Path(name).suffix}"
    path.write_bytes(content)
    return LandedFile(name, hashlib.sha256(content).hexdigest(), len(content), path, by, "", "goes_on")


def table(folder: Path, content: bytes | str, *, name: str = "ward.csv", layout: tuple[Place, ...] = (), **more: Any) -> RawTable:
    by = contract("ward", name, **more).with_layout(layout)
    return read(landed(folder, content.encode() if isinstance(content, str) else content, by, name), by)


def refusal(folder: Path, content: bytes | str, **more: Any) -> tuple[str, str]:
    with pytest.raises(UnreadableError) as caught:
        table(folder, content, **more)
    return caught.value.reason, str(caught.value)


def counted(raw: RawTable) -> dict[str, int]:
    return {f"{fate} {reason}".strip(): n for fate, reason, n in raw.ledger.select("fate", "reason", "n").rows()}


def said(raw: RawTable) -> list[tuple[str, int | None, str | None]]:
    return [(str(edit), row, columns) for edit, row, columns in raw.findings.select("edit", "source_row", "columns").rows()]
