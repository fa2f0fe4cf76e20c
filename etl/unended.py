"""Of a run that did not come to its end (killed, interrupted, failed): whether it had made its release current by then.

The link `current` is swapped before older releases are taken away and before the run is noted, so a run can end in between: what it
published stays published, and whoever says that nothing was would be wrong.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from etl.landing.manifest import remove_unfinished
from warehouse.publish import current, unfinished
from warehouse.runs import NAMES_RELEASE, record_death, runs

WITHOUT_LOCK = ("locked", "configuration")  # outcomes of attempts that another run may be in the middle of
NOTHING = "nothing was published"


class MadeCurrent(str):
    """A note to an error: the name of the release that the run had made current when it was raised."""

    __slots__ = ()

    @property
    def said(self) -> str:
        """As a part of a sentence."""
        return f"release {self} had been published and is current"


def after_death(out: Path, died: str | None) -> None:
    """What whoever holds the lock does first: note the run that died under it (`died`: when it began, None: none), and take away the
    files that it was landing.
    """
    if died is None:
        return
    if not _noted(out, died):
        made = made_current(out, datetime.fromisoformat(died))
        record_death(out, died, made or unfinished(out), made.said if made else NOTHING)
    remove_unfinished(out)


def made_current(out: Path, since: datetime) -> MadeCurrent:
    """The name of the current release where it was published from that moment on by a run that has not noted it; else empty."""
    release = current(out)
    if release is None or not release.is_dir():
        return MadeCurrent()
    noted = next((str(entry.get("run_id")) for entry in reversed(runs(out)) if entry.get("outcome") in NAMES_RELEASE), "")
    published = datetime.fromtimestamp(release.stat().st_mtime, UTC)
    return MadeCurrent(release.name if release.name != noted and published >= since.replace(microsecond=0) else "")


def note_current(error: BaseException, out: Path, since: datetime) -> MadeCurrent:
    """Have the error of a run that began then say what it had made current (`published_before`), and give that; empty where nothing."""
    if made := made_current(out, since):
        error.add_note(made)
    return made


def published_before(error: BaseException | None) -> str:
    """What was published before an error ended the run; that nothing was, where it does not say."""
    while error is not None:
        made = [note for note in getattr(error, "__notes__", ()) if isinstance(note, MadeCurrent)]
        if made:
            return made[-1].said
        error = error.__cause__ or error.__context__  # the library of the command line makes an exit of an interruption
    return NOTHING


def _noted(out: Path, died: str) -> bool:
    """Whether the run that died had its line by then: nobody else can have ended under the lock since it began."""
    last: Mapping[str, Any] = next((entry for entry in reversed(runs(out)) if entry.get("outcome") not in WITHOUT_LOCK), {})
    return str(last.get("ended", "")) >= died
