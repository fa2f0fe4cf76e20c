"""The key behind the pseudonyms: made once, private, and never made anew where releases exist."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from small_project import REGISTRY, written

from schemas.core.errors import ConfigurationError
from schemas.keys import PUBLIC_EXAMPLE, check_fingerprint, identifier_key
from schemas.project import Project, load_project


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Project:
    monkeypatch.delenv("ONCOMART_KEY_FILE", raising=False)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    return load_project(written(tmp_path / "project", {"registry.yml": REGISTRY.replace("key: public_example\n", "")}))


def test_uses_the_public_key_where_the_project_says_so(tmp_path: Path) -> None:
    assert identifier_key(load_project(written(tmp_path)), releases_exist=True) == PUBLIC_EXAMPLE


def test_makes_a_private_key_on_the_first_run_and_finds_it_again(project: Project, tmp_path: Path) -> None:
    key = identifier_key(project, releases_exist=False)
    path = tmp_path / "config" / "oncomart" / "ward.key"
    assert path.stat().st_mode & 0o777 == 0o600
    assert len(key) == 64
    assert identifier_key(project, releases_exist=True) == key


def test_never_makes_a_new_key_where_releases_exist(project: Project, tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="is missing, but there are releases made with it") as caught:
        identifier_key(project, releases_exist=True)
    assert caught.value.exit_code == 2
    assert not (tmp_path / "config").exists()


def test_takes_the_key_of_a_former_name_where_there_is_none_under_todays(project: Project, tmp_path: Path) -> None:
    old = identifier_key(project, releases_exist=False)
    renamed = replace(project, registry=project.registry.model_copy(update={"registry": "renamed", "formerly": ("ward",)}))
    assert identifier_key(renamed, releases_exist=True) == old
    (tmp_path / "config" / "oncomart" / "ward.key").rename(tmp_path / "config" / "oncomart" / "renamed.key")
    assert identifier_key(renamed, releases_exist=True) == old


def test_takes_the_key_file_of_the_environment(project: Project, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "my.key"
    path.write_bytes(b"k" * 32 + b"\n")
    path.chmod(0o600)
    monkeypatch.setenv("ONCOMART_KEY_FILE", str(path))
    assert identifier_key(project, releases_exist=True) == b"k" * 32


def test_says_what_to_set_where_nobody_knows_the_home_folder(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    """A container's user of whom no list knows, or `env -i`."""

    def nowhere() -> Path:
        raise RuntimeError("Could not determine home directory.")

    monkeypatch.delenv("XDG_CONFIG_HOME")
    monkeypatch.setattr(Path, "home", nowhere)
    with pytest.raises(ConfigurationError, match=r"no home folder for the key file \(set ONCOMART_KEY_FILE to a place that stays\)"):
        identifier_key(project, releases_exist=False)


@pytest.mark.parametrize(("size", "mode", "says"), [(32, 0o640, "can be read by"), (31, 0o600, "fewer than 32"), (0, 0o600, "fewer")])
def test_refuses_a_key_file_that(
    project: Project, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, *, size: int, mode: int, says: str
) -> None:
    path = tmp_path / "my.key"
    path.write_bytes(b"k" * size)
    path.chmod(mode)
    monkeypatch.setenv("ONCOMART_KEY_FILE", str(path))
    with pytest.raises(ConfigurationError, match=says):
        identifier_key(project, releases_exist=False)


def test_refuses_a_key_within_the_project_folder(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ONCOMART_KEY_FILE", str(project.folder / "my.key"))
    with pytest.raises(ConfigurationError, match="lies in the project folder"):
        identifier_key(project, releases_exist=False)
    assert not (project.folder / "my.key").exists()


def test_refuses_another_key_than_that_of_the_releases(project: Project) -> None:
    check_fingerprint(project, None, "ours")
    check_fingerprint(project, "ours", "ours")
    with pytest.raises(ConfigurationError, match="every pseudonym would change") as caught:
        check_fingerprint(project, "theirs", "ours")
    assert caught.value.exit_code == 2
    assert "ward.key" in str(caught.value)
