"""What whole-line tests share: the bundled registries run once for all workers, and copies of them to spoil."""

from __future__ import annotations

import fcntl
import gc
import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import suppress
from itertools import count
from pathlib import Path

import pytest
from hypothesis import settings

from etl.bundled import bundled
from etl.collecting import SELDOM
from etl.options import RunOptions
from etl.outcome import Outcome
from etl.pipeline import run
from etl.progress import Progress
from tests.expectations_met import expectations_met
from tests.made_once import after_one_night, made_once
from tests.planted import planted

# Not while thousands of tests are collected, of which nothing is garbage: see `pytest_collection_finish`.
gc.disable()

# The same examples in every run: a suite that fails by chance stops the wrong change. New ones are found by `make proofs`.
# No deadlines: a busy machine is no fault of the code.
settings.register_profile("suite", derandomize=True, deadline=None)
settings.register_profile("search", derandomize=False, deadline=None)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "suite"))

EXAMPLES = Path(__file__).parent.parent / "etl" / "examples"

# A suite writes hundreds of small warehouses, each of which waits for the disk at every step: where there is a file system in memory
# with room for them, they stand there (what a test that passed has written is removed at once, see pyproject.toml).
IN_MEMORY, ROOM = Path("/dev/shm"), 3 << 30
if IN_MEMORY.is_dir() and os.access(IN_MEMORY, os.W_OK) and shutil.disk_usage(IN_MEMORY).free > ROOM:
    os.environ.setdefault("PYTEST_DEBUG_TEMPROOT", str(IN_MEMORY))


def pytest_configure(config: pytest.Config) -> None:
    """The workers of the suite share the processors: one thread of Polars each, since two wait for one another more than they work.

    Slow proofs have all threads, as have the two runs that `.ci/run` compares byte by byte.
    """
    if config.option.markexpr == "not slow":
        os.environ.setdefault("POLARS_MAX_THREADS", "1")  # for the workers, which start after this


NUMBERS = count()
# What tests ask for that make or read whole runs: their files are the long ones.
WHOLE_RUNS = {"bundled_out", "run_project"}


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Files with whole runs come first, whatever the order is else: what is long and begins last leaves the other worker idle."""
    long = {item.path for item in items if WHOLE_RUNS & set(getattr(item, "fixturenames", ()))}
    items.sort(key=lambda item: item.path not in long)


def pytest_collection_finish() -> None:
    """Python looks for circular garbage as seldom as in a run, and never at what collecting the tests has made."""
    gc.freeze()
    gc.set_threshold(*SELDOM)
    gc.enable()


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--golden", action="store_true", help="write the golden files anew instead of comparing with them")


@pytest.fixture(autouse=True)
def _no_settings_of_the_machine(monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory) -> None:
    """No test sees the user's project, output folder or key; its own folder of settings is there once something is written into it."""
    # not `tmp_path`: to make one, pytest looks through all that were made before
    for name in ("ONCOMART_PROJECT", "ONCOMART_OUT", "ONCOMART_KEY_FILE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path_factory.getbasetemp() / "settings" / str(next(NUMBERS))))
    monkeypatch.setattr(gc, "disable", lambda: None)  # a command does so for its process, which here is that of all tests


@pytest.fixture(scope="session")
def bundled_out(tmp_path_factory: pytest.TempPathFactory, worker_id: str) -> Path:
    """Output folder of one run of every bundled registry (read only; one run for all workers)."""
    base = tmp_path_factory.getbasetemp()
    out = (base if worker_id == "master" else base.parent) / "bundled_out"
    out.mkdir(exist_ok=True)
    # first those that no other worker is at, then those that another has begun: nobody waits while there is work
    for wait in (fcntl.LOCK_NB, 0):
        for folder in bundled():
            with (out / f"{folder.name}.lock").open("w") as lock, suppress(BlockingIOError):
                fcntl.flock(lock, fcntl.LOCK_EX | wait)
                if not (out / f"{folder.name}.done").is_file():
                    outcome = run(folder, out / folder.name, RunOptions(), Progress(quiet=True))
                    assert outcome.outcome == "published", outcome.reason
                    (out / f"{folder.name}.done").touch()
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
def without_claims(published: Path) -> Path:
    """The same copy without its claims, a third of a small run, for tests that are about something else."""
    shutil.rmtree(published / "claims")
    return published


@pytest.fixture
def night_before(bundled_out: Path, tmp_path: Path) -> Path:
    """This test's own output folder as one run of the published registry has left it; other tests may have run into the original since."""
    return after_one_night(bundled_out, tmp_path / "out")


@pytest.fixture
def planted_night(night_before: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Project, output folder and what was said (tests.planted), to be read only; one for all workers."""
    return made_once(tmp_path_factory, "planted", lambda folder: planted(folder, night_before))


@pytest.fixture
def without_great_expectations() -> Iterator[None]:
    """For tests of whole runs that are about something else: see tests.expectations_met."""
    with expectations_met():
        yield


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
