"""Nights of a project in which somebody is erased, for all tests of `oncomart forget`."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.etl.erase.forget_project import (
    copied,
    deliver,
    erase,
    night,
    project,
    ward,
)  # fmt: skip
from tests.expectations_met import expectations_met


@pytest.fixture(scope="session")
def nights(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the project and, below `out`, two nights of it: two releases, two deliveries of the ward."""
    folder = tmp_path_factory.mktemp("nights")
    project(folder / "project")
    with expectations_met():
        for note in ("seen", "called"):
            deliver(folder, "ward.csv", ward().replace(";seen", f";{note}"))
            assert night(folder).outcome == "published"
    return folder


@pytest.fixture(autouse=True)
def _without_great_expectations() -> Iterator[None]:
    with expectations_met():
        yield


@pytest.fixture(scope="session")
def erased(nights: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same after she was forgotten."""
    folder = copied(nights, tmp_path_factory.mktemp("erased"))
    done = erase(folder)
    assert done is not None and done.exit_code == 0, done
    return folder
