"""A file of an appended or upserted delivery that holds its header alone: nothing new came, unless one of its name had rows."""

from __future__ import annotations

from collections.abc import Iterable

from etl.landing.landed import LandedFile
from etl.landing.manifest import GOOD, Entry
from etl.readers import RawTable, read
from schemas.core.errors import UnreadableError


def check_emptied(raw: RawTable, entries: Iterable[Entry]) -> None:
    """Raises UnreadableError where a file without rows would take the place of a good one of its name (`entries`: the manifest).

    It is an export that broke off rather than one that takes every row back.
    """
    file = raw.file
    if raw.contract.delivery == "snapshot" or raw.rows.height or file.gone is not None:
        return
    if any(e.name == file.name and e.sha256 != file.sha256 and e.status == GOOD for e in entries):
        says = "no rows, and the file that came under this name before goes on counting; give each file a name of its own"
        raise UnreadableError("no_rows", f"{file.name}: {says}")


def has_no_rows(file: LandedFile) -> bool:
    """Whether a landed file that an earlier version refused can be read and holds its header alone: nothing of it is missing."""
    try:
        return not read(file, file.contract).rows.height
    except UnreadableError:
        return False
