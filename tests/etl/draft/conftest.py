"""A project just begun."""

from __future__ import annotations

from pathlib import Path

import pytest

from etl.draft.starting import start


@pytest.fixture
def project(tmp_path: Path) -> Path:
    start(tmp_path / "ward", ["clinic"])
    return tmp_path / "ward"
