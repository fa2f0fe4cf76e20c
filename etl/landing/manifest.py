"""landing/manifest.csv: which files were landed when, under which contract, and whether a run could use them.

One row per name and content ever landed, identified by name and sha256; the last row of a name is the version in force.
`first_seen` is when these bytes first came under this name. `status`: `new` (not yet used), `good` (a run published with
it, or was about to), `refused` (could not be read or broke its contract), `replaced` (never good, and other bytes came
under its name since; where its own come once more they are new).
"""

from __future__ import annotations

import csv
import io
import os
from collections.abc import Iterable
from dataclasses import astuple, dataclass, fields, replace
from pathlib import Path
from typing import BinaryIO

from schemas.core.errors import RefusedError

NEW, GOOD, REFUSED, REPLACED = "new", "good", "refused", "replaced"


@dataclass(frozen=True)
class Entry:
    """One row of the manifest."""

    name: str
    size: int
    sha256: str
    first_seen: str
    contract: str
    status: str

    def path(self, landing: Path) -> Path:
        """Where the bytes lie; the suffix of the name is kept, so that people can open the file."""
        suffix = Path(self.name).suffix.lower()
        return landing / self.sha256[:2] / f"{self.sha256}{suffix if suffix[1:].isalnum() else ''}"


def manifest_path(out: Path) -> Path:
    """Path of the manifest below the output folder."""
    return out / "landing" / "manifest.csv"


def read_manifest(out: Path) -> list[Entry]:
    """All rows in order; none where nothing was landed before. Raises RefusedError where it is damaged, or gone while
    a release is current: of what was appended earlier nothing would count any more, and nothing would say so.
    """
    path = manifest_path(out)
    name, why = f"{path.parent.name}/{path.name}", "what may stand in for a file that does not come is not known"
    if not path.is_file():
        if (out / "current").is_symlink():
            raise RefusedError(f"{name} is gone: {why}; restore it from a backup, or name another --out")
        return []
    try:
        with path.open(encoding="utf-8", newline="") as handle:
            return [_entry(row) for row in csv.DictReader(handle, restval="")]
    except (ValueError, KeyError, csv.Error) as error:
        raise RefusedError(f"{name} is damaged: {why}; restore it from a backup") from error


def _entry(row: dict[str, str]) -> Entry:
    """One row. Raises ValueError where it was cut off."""
    entry = Entry(row["name"], int(row["size"]), row["sha256"], row["first_seen"], row["contract"], row["status"])
    if entry.status not in (NEW, GOOD, REFUSED, REPLACED):
        raise ValueError("no status")
    return entry


def write_manifest(out: Path, entries: Iterable[Entry]) -> None:
    """Write the whole manifest anew: a reader sees the old one or the new one."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(field.name for field in fields(Entry))
    writer.writerows(astuple(entry) for entry in entries)
    write_atomically(manifest_path(out), text.getvalue().encode("utf-8"))


def as_line(entry: Entry) -> str:
    """One row as it stands in the manifest, without its line end."""
    text = io.StringIO()
    csv.writer(text, lineterminator="").writerow(astuple(entry))
    return text.getvalue()


def write_atomically(path: Path, content: bytes) -> None:
    """Write a private file (0600) by way of a temporary one beside it."""
    private_folder(path.parent)
    temporary = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        with private_file(temporary) as handle:
            handle.write(content)
            handle.flush()
            os.fsync(handle.fileno())
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)


def remove_unfinished(out: Path) -> None:
    """Take away what a run that died was writing below the landing folder; only for whoever holds the lock.

    Not what a file system keeps there of its own: snapshots of the folder (`.snapshot/`), files of NFS that another process has open.
    """
    for pattern in (".*", "[0-9a-f][0-9a-f]/.*"):
        for path in (out / "landing").glob(pattern):
            if path.is_file() and not path.name.startswith(".nfs"):
                path.unlink()


def private_file(path: Path) -> BinaryIO:
    """A new file to write to, closed to others (0600)."""
    return os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb")


def private_folder(path: Path) -> None:
    """Make the folder, closed to others (0700)."""
    path.mkdir(mode=0o700, parents=True, exist_ok=True)


def entry_of(entries: Iterable[Entry], name: str, sha256: str) -> Entry | None:
    """The row of that name and content, None where the manifest has none."""
    return next((entry for entry in entries if (entry.name, entry.sha256) == (name, sha256)), None)


def by_content(entries: Iterable[Entry]) -> dict[tuple[str, str], Entry]:
    """The rows by name and content, for who asks for many (`entry_of`)."""
    return {(entry.name, entry.sha256): entry for entry in entries}


def in_force(entries: Iterable[Entry], *those: Entry) -> list[Entry]:
    """The manifest with each of those entries as the last of its name; first_seen and status stay where it is known."""
    rows = by_content(entries)
    for entry in those:
        known = rows.pop((entry.name, entry.sha256), None)
        if known is None or known.status == REPLACED:
            rows[entry.name, entry.sha256] = entry
        else:
            rows[entry.name, entry.sha256] = replace(known, contract=entry.contract)
    return [*rows.values()]


def delivered_now(entries: Iterable[Entry], *those: Entry) -> list[Entry]:
    """The manifest with each of those entries, which came tonight, in force.

    What came under their names before and was never good is `replaced`, also where tonight's bytes are those of an older good file.
    """
    names, ours = {entry.name for entry in those}, {(entry.name, entry.sha256) for entry in those}

    def is_replaced(entry: Entry) -> bool:
        return entry.name in names and (entry.name, entry.sha256) not in ours and entry.status != GOOD

    return [replace(entry, status=REPLACED) if is_replaced(entry) else entry for entry in in_force(entries, *those)]


def mark(out: Path, names: Iterable[str], status: str) -> None:
    """Set the status of the version in force of each name; what is not in the manifest is passed over."""
    entries = read_manifest(out)
    last = {entry.name: number for number, entry in enumerate(entries)}
    marked = {last[name] for name in names if name in last}
    write_manifest(out, (replace(e, status=status) if number in marked else e for number, e in enumerate(entries)))
