"""Release folders: written aside, made current by swapping one symbolic link, kept or set aside (write, audit, publish).

A reader opens `current` and sees one whole release, before the swap the old one and after it the new one. Whoever
publishes holds the lock of the output folder (`warehouse.lock`), so every `.…tmp-…` found is left by a run that died.
"""

from __future__ import annotations

import os
import shutil
from dataclasses import dataclass
from pathlib import Path

from schemas.core.errors import ConfigurationError, Mistake
from warehouse.lock import OPEN, open_folder

RELEASES, REFUSED, CURRENT, WAREHOUSE = "releases", "refused", "current", "warehouse.duckdb"
CLOSED = 0o700
FILE_OPEN, FILE_GROUP, FILE_CLOSED = 0o644, 0o640, 0o600


@dataclass(frozen=True)
class ReleaseFolder:
    """One release while it is written. `path` is where its files go; nothing outside knows it until `publish`."""

    out: Path
    run_id: str
    path: Path

    @property
    def internal(self) -> Path:
        """What has one row per patient, or raw text (0700)."""
        return self.path / "internal"

    @property
    def share(self) -> Path:
        """What is published; closed until the audit has passed."""
        return self.path / "share"

    @property
    def warehouse(self) -> Path:
        """The DuckDB file."""
        return self.path / WAREHOUSE

    def to_disk(self) -> None:
        """Has the warehouse written to disk, where there is time for that: the database leaves it to `publish`."""
        _fsync(self.warehouse)

    def publish(self, keep: int, group: int | None = None) -> Path:
        """Opens what may be read, names the folder by its run, makes it current; keeps the `keep` newest releases.

        Call after the audit, with every connection to the warehouse closed. The current release and the one before it are
        always kept. A crash at any point leaves `current` on a whole release.
        """
        if (self.path / "warehouse.duckdb.wal").exists():
            raise RuntimeError("the warehouse has a live .wal: checkpoint and close it before it is published")
        before = current(self.out)
        place = self.out / RELEASES / self.run_id
        if before == place:
            raise FileExistsError(f"{self.run_id} is current: a run with the same input publishes nothing")
        self._open(group)
        self._sync()
        _set_aside(place)
        link = _promised(self.out, Path(RELEASES) / self.run_id)
        self.path.rename(place)
        _fsync(place.parent)
        try:
            _swap(self.out, link)
        except OSError:
            if current(self.out) != place:  # never current: it would look like a release, and take the place of one that is kept
                place.rename(self.path)
            raise
        _prune(self.out, keep, {place, before})
        return place

    def refuse(self) -> Path:
        """Moves what was made to `refused/<run_id>`, in place of an earlier refusal of the same run; gives the place."""
        place = self.out / REFUSED / self.run_id
        place.parent.mkdir(mode=CLOSED, exist_ok=True)
        shutil.rmtree(place, ignore_errors=True)
        return self.path.rename(place)

    def _open(self, group: int | None) -> None:
        for path in (self.path, *sorted(self.path.rglob("*"))):
            if path.is_relative_to(self.internal):
                path.chmod(CLOSED if path.is_dir() else FILE_CLOSED)
            elif path.is_dir():
                path.chmod(OPEN)
            else:
                path.chmod(FILE_OPEN if path.is_relative_to(self.share) else FILE_GROUP)
            if group is not None and path.is_file() and not path.is_relative_to(self.internal):
                os.chown(path, -1, group)

    def _sync(self) -> None:
        for path in (*sorted(self.path.rglob("*")), self.path):
            _fsync(path)
        # releases are ordered by the moment they were published
        os.utime(self.path)


def begin(out: Path, run_id: str) -> ReleaseFolder:
    """A new folder for one run, closed to others; removes what runs that died have left."""
    releases = out / RELEASES
    open_folder(releases)
    remove_leftovers(out)
    path = releases / f".{run_id}.tmp-{os.getpid()}"
    for folder in (path, path / "internal", path / "share"):
        folder.mkdir(mode=CLOSED)
    return ReleaseFolder(out, run_id, path)


def unfinished(out: Path) -> str:
    """The run_id of a release that a run left half-written or had not made current, empty where there is none; only for whoever holds
    the lock.
    """
    if never_current := _never_current(out):
        return never_current[0].name
    return next((path.name[1:].split(".")[0] for path in sorted((out / RELEASES).glob(".*.tmp-*")) if ".old." not in path.name), "")


def remove_leftovers(out: Path) -> None:
    """Removes half-written folders, releases that were never made current, and links; only for whoever holds the lock."""
    for path in (*(out / RELEASES).glob(".*.tmp-*"), *_never_current(out)):
        shutil.rmtree(path)
    for path in out.glob(f".{CURRENT}.tmp-*"):
        path.unlink()


def current(out: Path) -> Path | None:
    """The release that readers open, None where nothing is published."""
    link = out / CURRENT
    return out / link.readlink() if link.is_symlink() else None


def nothing_published(out: Path) -> ConfigurationError:
    """What to raise where a release is asked for and there is none."""
    return ConfigurationError([Mistake(str(out), None, "nothing is published here", "run `oncomart run` first, or name another --out")])


def _set_aside(place: Path) -> None:
    """Frees the name of an older release that is published again: the next run removes what is left of it."""
    if place.exists():
        place.rename(place.parent / f".{place.name}.old.tmp-{os.getpid()}")


def _promised(out: Path, target: Path) -> Path:
    """The link that is to be `current`, before its release has its name: whoever ends between the two leaves the link to tell of it."""
    link = out / f".{CURRENT}.tmp-{os.getpid()}"
    link.symlink_to(target)
    _fsync(out)
    return link


def _never_current(out: Path) -> list[Path]:
    """Releases with their own name that a run ended before it could make current: its link still leads there."""
    promised = [out / link.readlink() for link in sorted(out.glob(f".{CURRENT}.tmp-*"))]
    return [place for place in promised if place.is_dir() and place != current(out)]


def _swap(out: Path, link: Path) -> None:
    link.replace(out / CURRENT)
    _fsync(out)


def _prune(out: Path, keep: int, always: set[Path | None]) -> None:
    remove_leftovers(out)
    releases = [path for path in (out / RELEASES).iterdir() if path.is_dir()]
    newest = sorted(releases, key=lambda path: (path.stat().st_mtime_ns, path.name), reverse=True)
    for path in newest[keep:]:
        if path not in always:
            shutil.rmtree(path, ignore_errors=True)  # the release is current: what somebody has closed is tried again the next night


def _fsync(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
