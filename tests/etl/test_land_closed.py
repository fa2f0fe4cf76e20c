"""Folders that may not be read or written to, and an output folder that would be read as an export: said, and never taken for nothing."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest
from landing_project import deliver, landed, project
from reading import refusal

from schemas.core.errors import ConfigurationError


def closed(monkeypatch: pytest.MonkeyPatch, folder: Path) -> None:
    """Let nobody look into the folder (a test may run as root, who may)."""
    real = os.scandir

    def scandir(path: Any) -> Any:
        if not isinstance(path, int) and Path(path) == folder:  # a number is a folder that is open
            raise PermissionError(13, "Permission denied", str(path))
        return real(path)

    monkeypatch.setattr(os, "scandir", scandir)


def test_names_an_exports_folder_that_cannot_be_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    mine = project(tmp_path / "p")
    closed(monkeypatch, mine.exports)
    with pytest.raises(ConfigurationError, match="cannot be read: permission denied"):
        landed(mine, tmp_path / "out")


def test_refuses_a_folder_below_it_that_cannot_be_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    mine = project(tmp_path / "p")
    deliver(mine, ward__csv="id,stage\n1,I\n")
    (mine.exports / "today").mkdir()
    closed(monkeypatch, mine.exports / "today")
    refused = [(one.source_file, one.reason) for one in landed(mine, tmp_path / "out").refusals]
    assert ("today", "not_readable") in refused


@pytest.mark.parametrize("name", [".", "out", "a/out"])
def test_writes_nothing_into_the_exports_folder(tmp_path: Path, name: str) -> None:
    mine = project(tmp_path / "p")
    with pytest.raises(ConfigurationError, match="lies in the exports folder"):
        landed(mine, mine.exports / name)
    assert not list(mine.exports.iterdir())


LOOKS = [
    ("id,stage\n1,I\n".encode("utf-16"), "utf-16"), (b"\x1f\x8b\x08\x00", "compressed"), (b"PK\x03\x04\x80\x81", "a workbook"),
    (b"id;stage\n1;I\n", "one cell that holds semicolons"), (b"id\tstage\n1\tI\n", "one cell that holds tabs"),
]  # fmt: skip


@pytest.mark.parametrize(("content", "says"), LOOKS, ids=[case[1] for case in LOOKS])
def test_says_what_a_file_looks_like_that_is_another_one(tmp_path: Path, content: bytes, says: str) -> None:
    assert says in refusal(tmp_path, content)[1]
