"""What whole-line tests share: the bundled registries run once for all workers, and copies of them to spoil."""

from __future__ import annotations

import fcntl
import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from hypothesis import settings

from etl.bundled import bundled, run_bundled
from etl.options import RunOptions
from etl.outcome import Outcome
from etl.pipeline import run
from etl.progress import Progress

# The same examples in every run: a suite that fails by chance stops the wrong change. New ones are found by `make proofs`.
settings.register_profile("suite", derandomize=True)
settings.register_profile("search", derandomize=False)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "suite"))

EXAMPLES = Path(__file__).parent.parent / "etl" / "examples"


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--golden", action="store_true", help="write the golden files anew instead of comparing with them")


@pytest.fixture(autouse=True)
def _no_settings_of_the_machine(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """No test sees the user's project, output folder or key."""
    for name in ("ONCOMART_PROJECT", "ONCOMART_OUT", "ONCOMART_KEY_FILE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))


@pytest.fixture(scope="session")
def bundled_out(tmp_path_factory: pytest.TempPathFactory, worker_id: str) -> Path:
    """Output folder of one run of every bundled registry (read only; one run for all workers)."""
    base = tmp_path_factory.getbasetemp()
    out = (base if worker_id == "master" else base.parent) / "bundled_out"
    with Path(f"{out}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (out / "done").is_file():
            outcomes = run_bundled(out, Progress(quiet=True))
            assert {outcome.outcome for outcome in outcomes} == {"published"}, [outcome.reason for outcome in outcomes]
            (out / "done").touch()
    return out


@pytest.fixture
def bundled_alone(bundled_out: Path) -> Iterator[Path]:
    """The same folder for a test that runs into it: one at a time, since a run holds the folder's lock."""
    with Path(f"{bundled_out}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield bundled_out


@pytest.fixture
def published(tmp_path: Path) -> Path:
    """A copy of the published registry's project folder, to be spoilt."""
    return Path(shutil.copytree(EXAMPLES / "published", tmp_path / "project"))


@pytest.fixture
def run_project(tmp_path: Path) -> Callable[..., Outcome]:
    """Run a project folder into this test's own output folder."""

    def run_it(folder: Path, **options: object) -> Outcome:
        return run(folder, tmp_path / "out", RunOptions(**options), Progress(quiet=True))  # type: ignore[arg-type]

    return run_it


@pytest.fixture(params=[folder.name for folder in bundled()])
def example(request: pytest.FixtureRequest) -> Iterator[str]:
    """The name of each bundled registry in turn."""
    yield request.param
