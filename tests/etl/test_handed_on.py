"""A file that the next run compares with is gone or was changed: the run refuses, or its comparison would begin anew without a word."""

from __future__ import annotations

from pathlib import Path

import pytest

from etl.nights.handed_on import KEPT, NAMES, check_handed_on, handed_on
from schemas.core.errors import RefusedError


@pytest.fixture
def release(tmp_path: Path) -> Path:
    for name in NAMES:
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(f"{name}\n", encoding="utf-8")
    return tmp_path


def test_says_nothing_of_what_is_as_it_was_written_or_was_never_told(release: Path, tmp_path: Path) -> None:
    check_handed_on(release, {KEPT: handed_on(release)})
    check_handed_on(release, {})
    check_handed_on(None, {})


@pytest.mark.parametrize("name", NAMES)
def test_refuses_where_a_file_is_gone(name: str, release: Path) -> None:
    told = {KEPT: handed_on(release)}
    (release / name).unlink()
    with pytest.raises(RefusedError, match=rf"{Path(name).name} is gone: restore the release"):
        check_handed_on(release, told)


@pytest.mark.parametrize("name", NAMES)
def test_refuses_where_a_file_that_nobody_shares_was_changed(name: str, release: Path) -> None:
    told = {KEPT: handed_on(release)}
    (release / name).write_text("a row less\n", encoding="utf-8")
    if name.startswith("share/"):
        check_handed_on(release, told)
        return
    with pytest.raises(RefusedError, match=rf"{Path(name).name} is damaged: restore the release"):
        check_handed_on(release, told)
