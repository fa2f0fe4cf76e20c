"""A run into the folder of another registry is refused before any data is read."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from types import SimpleNamespace

import pytest

from etl.nights.own_releases import current_run
from etl.options import RunOptions
from etl.pipeline import run
from etl.progress import Progress
from etl.row_of_file import explain_row
from schemas.core.errors import ConfigurationError, RefusedError
from schemas.project import Project, load_project
from tests.etl.small_ward import ward
from warehouse.runs import runs


@pytest.fixture
def out(tmp_path: Path) -> Path:
    """An output folder whose current release is of the registry `north`."""
    place = tmp_path / "out" / "releases" / "0123456789ab"
    place.mkdir(parents=True)
    (place / "run.json").write_text(json.dumps({"run_id": place.name, "registry": "north"}))
    (place / "warehouse.duckdb").write_bytes(b"whole")
    (tmp_path / "out" / "current").symlink_to("releases/0123456789ab")
    return tmp_path / "out"


def named(registry: str, *formerly: str) -> Project:
    return SimpleNamespace(registry=SimpleNamespace(registry=registry, formerly=formerly), source=None)  # type: ignore[return-value]


@pytest.mark.parametrize("project", [named("north"), named("south", "north"), named("south", "east", "north")])
def test_knows_its_releases_by_its_name_or_a_former_one(out: Path, project: Project) -> None:
    assert current_run(project, out)["run_id"] == "0123456789ab"


def test_asks_nothing_where_nothing_is_published(tmp_path: Path) -> None:
    assert current_run(named("south"), tmp_path) == {}


def test_a_release_that_names_no_registry_may_be_its_own(out: Path) -> None:
    (out / "current" / "run.json").write_text('{"run_id": "0123456789ab"}')
    assert current_run(named("south"), out)


def test_refuses_the_folder_of_another_registry_before_any_data_is_read(out: Path, tmp_path: Path) -> None:
    says = (
        f"registry.yml:1: the output folder '{out}' holds releases of the registry 'north', and this is 'ward' "
        "(give it a folder of its own with --out; where 'north' was renamed, write `formerly: [north]`)"
    )
    with pytest.raises(ConfigurationError) as caught:
        run(ward(tmp_path), out, RunOptions(), Progress(quiet=True))
    assert str(caught.value) == says
    assert not (out / "landing").exists()
    assert [(entry["exit_code"], entry["outcome"], entry["reason"]) for entry in runs(out)] == [(2, "configuration", says)]


def test_gives_no_row_key_where_the_releases_are_of_another_registry(out: Path, tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="'north', and this is 'ward'"):
        explain_row(ward(tmp_path), out, "ward.csv:3")


def test_names_all_former_names_to_write(out: Path) -> None:
    with pytest.raises(ConfigurationError, match=r"write `formerly: \[east, north\]`"):
        current_run(named("south", "east"), out)


@pytest.mark.parametrize("damage", ["cut", "gone", "release gone"])
def test_a_damaged_current_release_is_told(out: Path, tmp_path: Path, damage: str) -> None:
    path = out / "current" / "run.json"
    if damage == "cut":
        path.write_text('{"run_id": "0123')
    elif damage == "gone":
        path.unlink()
    else:
        shutil.rmtree(out / "releases")
    with pytest.raises(RefusedError, match=r"run\.json of the current release 0123456789ab is damaged or gone"):
        run(ward(tmp_path), out, RunOptions(), Progress(quiet=True))
    assert [(entry["exit_code"], entry["outcome"]) for entry in runs(out)] == [(3, "refused")]


@pytest.mark.parametrize(("formerly", "says"), [("ward", "as the registry is called now"), ("north, north", "names 'north' twice")])
def test_check_names_a_former_name_that_is_none(tmp_path: Path, formerly: str, says: str) -> None:
    path = ward(tmp_path) / "registry.yml"
    path.write_text(f"{path.read_text(encoding='utf-8')}formerly: [{formerly}]\n", encoding="utf-8")
    with pytest.raises(ConfigurationError, match=says):
        load_project(tmp_path)


@pytest.mark.parametrize(("left", "says"), [(b"whole", None), (b"who", "damaged or gone"), (None, "damaged or gone")])
def test_a_release_whose_warehouse_was_lost_or_cut_off_is_told(out: Path, left: bytes | None, says: str | None) -> None:
    (out / "current" / "run.json").write_text('{"run_id": "0123456789ab", "warehouse_bytes": 5}')
    warehouse = out / "current" / "warehouse.duckdb"
    if left is None:
        warehouse.unlink()
    else:
        warehouse.write_bytes(left)
    if says is None:
        assert current_run(named("north"), out)
        return
    with pytest.raises(RefusedError, match=f"^warehouse.duckdb of the current release 0123456789ab is {says}"):
        current_run(named("north"), out)


def test_releases_without_the_link_to_one_are_told(out: Path) -> None:
    (out / "current").unlink()
    with pytest.raises(RefusedError, match=r"the link `current` .* is gone, .*`ln -sfn releases/0123456789ab current` there"):
        current_run(named("north"), out)


@pytest.mark.parametrize(
    ("outcome", "is_lost"), [("published", True), ("unchanged", True), ("refused", False), ("failed", False), ("died", False)]
)
def test_a_history_that_tells_of_releases_where_there_are_none_is_told(out: Path, outcome: str, is_lost: bool) -> None:
    (out / "current").unlink()
    shutil.rmtree(out / "releases")
    (out / "runs.jsonl").write_text(json.dumps({"outcome": outcome}) + "\n")
    if not is_lost:
        assert current_run(named("north"), out) == {}
        return
    with pytest.raises(RefusedError, match=r"runs.jsonl .* tells of releases, and there is none: restore"):
        current_run(named("north"), out)


def test_no_new_key_is_made_where_releases_were_lost(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ONCOMART_KEY_FILE", str(tmp_path / "lost.key"))
    registry = ward(tmp_path) / "registry.yml"
    registry.write_text(registry.read_text(encoding="utf-8").replace("key: public_example\n", ""), encoding="utf-8")
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "runs.jsonl").write_text('{"outcome": "published"}\n')
    with pytest.raises(RefusedError, match="tells of releases"):
        run(tmp_path, tmp_path / "out", RunOptions(), Progress(quiet=True))
    assert not (tmp_path / "lost.key").exists()
