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
from tests.made_once import made_once


def _two_nights(folder: Path) -> None:
    project(folder / "project")
    with expectations_met():
        for note in ("seen", "called"):
            deliver(folder, "ward.csv", ward().replace(";seen", f";{note}"))
            assert night(folder).outcome == "published"


@pytest.fixture(scope="session")
def nights(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the project and, below `out`, two nights of it: two releases, two deliveries of the ward.

    Each process that tests has a copy of its own: to plan takes the lock of a run, and two would wait for no other.
    """
    return copied(made_once(tmp_path_factory, "nights", _two_nights), tmp_path_factory.mktemp("own") / "nights")


@pytest.fixture(autouse=True)
def _without_great_expectations() -> Iterator[None]:
    with expectations_met():
        yield


@pytest.fixture(scope="session")
def erased(nights: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same after she was forgotten."""

    def forgotten(folder: Path) -> None:
        done = erase(copied(nights, folder))
        assert done is not None and done.exit_code == 0, done

    return copied(made_once(tmp_path_factory, "erased", forgotten), tmp_path_factory.mktemp("own") / "erased")
