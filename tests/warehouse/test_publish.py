from __future__ import annotations

import errno
import os
import threading
from pathlib import Path

import pytest

from warehouse import publish
from warehouse.publish import ReleaseFolder, begin, current


def written(out: Path, run_id: str) -> ReleaseFolder:
    folder = begin(out, run_id)
    (folder.path / "run.json").write_text(run_id)
    folder.warehouse.write_text(run_id)
    (folder.internal / "findings.csv").write_text("finding_id\n")
    (folder.share / "quality").mkdir()
    (folder.share / "quality" / "edits.csv").write_text("edit\n")
    return folder


def published(out: Path, *run_ids: str, keep: int = 3) -> list[Path]:
    return [written(out, run_id).publish(keep) for run_id in run_ids]


def releases(out: Path) -> list[str]:
    return sorted(path.name for path in (out / "releases").iterdir())


def mode(path: Path) -> int:
    return path.stat().st_mode & 0o777


def test_makes_the_release_current_by_a_relative_link(tmp_path: Path) -> None:
    place = written(tmp_path / "out", "a" * 12).publish(3)
    link = tmp_path / "out" / "current"
    assert (link.readlink(), (link / "run.json").read_text()) == (Path("releases") / ("a" * 12), "a" * 12)
    assert current(tmp_path / "out") == place


def test_has_no_current_release_before_the_first(tmp_path: Path) -> None:
    assert current(tmp_path) is None


def test_has_every_file_on_disk_before_it_is_current(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder, on_disk, is_current, sync = written(tmp_path, "a" * 12), set[int](), list[bool](), os.fsync
    files = {path.stat().st_ino for path in folder.path.rglob("*") if path.is_file()}

    def noted(handle: int) -> None:
        is_current.append(current(tmp_path) is not None)
        if not is_current[-1]:
            on_disk.add(os.fstat(handle).st_ino)
        sync(handle)

    monkeypatch.setattr(os, "fsync", noted)
    folder.publish(3)
    assert len(files) == 4
    assert files <= on_disk
    assert is_current[-1]  # the link itself, after the swap


def test_stays_outside_the_releases_until_it_is_published(tmp_path: Path) -> None:
    folder = written(tmp_path, "a" * 12)
    assert releases(tmp_path) == [f".{'a' * 12}.tmp-{os.getpid()}"]
    assert (mode(folder.path), mode(folder.share), mode(folder.internal)) == (0o700, 0o700, 0o700)


def test_opens_share_and_keeps_internal_closed(tmp_path: Path) -> None:
    (place,) = published(tmp_path, "a" * 12)
    assert [mode(place), mode(place / "share"), mode(place / "share/quality"), mode(place / "share/quality/edits.csv")] == [
        0o755, 0o755, 0o755, 0o644,
    ]  # fmt: skip
    assert [mode(place / "internal"), mode(place / "internal/findings.csv"), mode(place / "warehouse.duckdb")] == [0o700, 0o600, 0o640]


def test_gives_the_warehouse_to_the_group_that_is_named(tmp_path: Path) -> None:
    place = written(tmp_path, "a" * 12).publish(3, group=os.getgid())
    assert (place / "warehouse.duckdb").stat().st_gid == os.getgid()


def test_leaves_the_mode_of_a_folder_that_was_there_alone(tmp_path: Path) -> None:
    (tmp_path / "out").mkdir(mode=0o700)
    published(tmp_path / "out", "a" * 12)
    assert mode(tmp_path / "out") == 0o700


def test_refuses_a_warehouse_that_is_still_open(tmp_path: Path) -> None:
    folder = written(tmp_path, "a" * 12)
    (folder.path / "warehouse.duckdb.wal").write_text("")
    with pytest.raises(RuntimeError, match=r"\.wal"):
        folder.publish(3)


def test_keeps_as_many_releases_as_it_is_told(tmp_path: Path) -> None:
    published(tmp_path, "a", "b", "c", "d")
    assert releases(tmp_path) == ["b", "c", "d"]


def test_never_removes_the_current_release_or_the_one_before(tmp_path: Path) -> None:
    published(tmp_path, "a", "b", "c", keep=1)
    assert releases(tmp_path) == ["b", "c"]


def test_keeps_the_one_before_even_when_it_is_old(tmp_path: Path) -> None:
    published(tmp_path, "a", "b", "c")
    os.utime(tmp_path / "releases/c", (0, 0))
    published(tmp_path, "d", keep=1)
    assert releases(tmp_path) == ["c", "d"]


def test_is_published_where_an_older_release_cannot_be_taken_away(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def closed(*_: object, **__: object) -> None:
        raise PermissionError(errno.EACCES, "Permission denied")

    published(tmp_path, "a", "b")
    with monkeypatch.context() as patch:
        patch.setattr("os.unlink", closed)
        published(tmp_path, "c", keep=1)
    assert (releases(tmp_path), (tmp_path / "current/run.json").read_text()) == (["a", "b", "c"], "c")
    published(tmp_path, "d", keep=1)
    assert releases(tmp_path) == ["c", "d"]


def test_publishes_an_older_release_again(tmp_path: Path) -> None:
    published(tmp_path, "a", "b", "a")
    assert (releases(tmp_path), current(tmp_path)) == (["a", "b"], tmp_path / "releases/a")


def test_does_not_replace_the_current_release(tmp_path: Path) -> None:
    published(tmp_path, "a")
    with pytest.raises(FileExistsError, match="a is current"):
        written(tmp_path, "a").publish(3)
    assert (tmp_path / "current/run.json").read_text() == "a"


def test_sets_a_refused_run_aside_and_leaves_the_current_release(tmp_path: Path) -> None:
    published(tmp_path, "a")
    for _ in range(2):
        place = written(tmp_path, "b").refuse()
    assert (place, (place / "run.json").read_text()) == (tmp_path / "refused/b", "b")
    assert (releases(tmp_path), current(tmp_path)) == (["a"], tmp_path / "releases/a")
    assert (mode(place.parent), mode(place)) == (0o700, 0o700)


@pytest.mark.parametrize("after", [False, True], ids=["before the link is there", "when it is"])
def test_a_release_that_could_not_be_made_current_takes_no_place_among_those_kept(
    after: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    published(tmp_path, "a" * 12, "b" * 12)
    swap = publish._swap

    def fails(out: Path, link: Path) -> None:
        if after:
            swap(out, link)
        raise OSError(5, "the disk says no")

    monkeypatch.setattr(publish, "_swap", fails)
    with pytest.raises(OSError, match="the disk says no"):
        published(tmp_path, "c" * 12)
    publish.remove_leftovers(tmp_path)
    assert (releases(tmp_path)[-1] == "c" * 12) == after
    assert current(tmp_path) == tmp_path / "releases" / ("c" * 12 if after else "b" * 12)


@pytest.mark.parametrize("again", [False, True], ids=["a new release", "one that was there before"])
def test_a_release_that_a_killed_run_had_named_and_not_made_current_is_known_and_taken_away(
    again: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def killed(*_: object) -> None:
        raise KeyboardInterrupt

    published(tmp_path, "a", "b")
    with monkeypatch.context() as patch:
        patch.setattr(publish, "_swap", killed)
        with pytest.raises(KeyboardInterrupt):
            published(tmp_path, "a" if again else "c")
    died = "a" if again else "c"
    assert ((tmp_path / "releases" / died).is_dir(), publish.unfinished(tmp_path)) == (True, died)
    publish.remove_leftovers(tmp_path)
    assert (releases(tmp_path), current(tmp_path)) == (["b"] if again else ["a", "b"], tmp_path / "releases/b")
    assert publish.unfinished(tmp_path) == ""


def test_what_somebody_has_made_current_by_hand_is_no_leftover(tmp_path: Path) -> None:
    published(tmp_path, "a", "b")
    (tmp_path / ".current.tmp-1").symlink_to("releases/b")
    publish.remove_leftovers(tmp_path)
    assert releases(tmp_path) == ["a", "b"]


def test_clears_away_what_a_run_that_died_has_left(tmp_path: Path) -> None:
    published(tmp_path, "a")
    left = tmp_path / "releases/.b.tmp-1"
    (left / "share").mkdir(parents=True)
    (tmp_path / ".current.tmp-1").symlink_to("releases/b")
    published(tmp_path, "c")
    assert (releases(tmp_path), sorted(path.name for path in tmp_path.iterdir())) == (["a", "c"], ["current", "releases"])


@pytest.mark.parametrize("call", ["rename", "symlink_to", "replace"])
@pytest.mark.parametrize("moment", ["before", "after"])
def test_leaves_a_whole_release_current_wherever_it_is_killed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, call: str, moment: str
) -> None:
    published(tmp_path, "a", "b")
    folder = written(tmp_path, "a")  # an older release again: the longest way
    original = getattr(Path, call)

    def killed(self: Path, target: Path) -> Path:
        if moment == "after":
            original(self, target)
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(Path, call, killed)
        with pytest.raises(KeyboardInterrupt):
            folder.publish(3)
    seen = (tmp_path / "current/run.json").read_text()
    assert seen == ("a" if (call, moment) == ("replace", "after") else "b")
    published(tmp_path, "c")
    assert (tmp_path / "current/run.json").read_text() == "c"
    assert not [name for name in releases(tmp_path) if name.startswith(".")]


def test_shows_readers_a_whole_release_at_every_moment(tmp_path: Path) -> None:
    names = [f"run{number}" for number in range(15)]
    published(tmp_path, names[0])
    seen: list[tuple[str, str]] = []
    done = threading.Event()

    def read() -> None:
        while not done.is_set():
            place = (tmp_path / "current").resolve()
            seen.append(((place / "run.json").read_text(), (place / "warehouse.duckdb").read_text()))

    reader = threading.Thread(target=read)
    reader.start()
    published(tmp_path, *names[1:], keep=20)
    done.set()
    reader.join()
    assert seen
    assert all(run == warehouse for run, warehouse in seen)
