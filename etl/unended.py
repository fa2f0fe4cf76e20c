"""Of a run that did not come to its end (killed, interrupted, failed): whether it had made its release current by then.

The link `current` is swapped before older releases are taken away and before the run is noted, so a run can end in between: what it
published stays published, and whoever says that nothing was would be wrong.
"""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from etl.landing.manifest import remove_unfinished
from warehouse.lock import Died
from warehouse.publish import current, remove_leftovers, unfinished
from warehouse.runs import NAMES_RELEASE, record_death, runs

# Outcomes that a run notes while it has the lock, and what a line of any other says where it is noted then; every other line may be that
# of somebody else in the middle of it.
ENDED = ("published", "published_with_refusals", "unchanged", "refused")
UNDER_LOCK = "under_lock"
NOTHING = "nothing was published"


class MadeCurrent(str):
    """A note to an error: the name of the release that the run had made current when it was raised."""

    __slots__ = ()

    @property
    def said(self) -> str:
        """As a part of a sentence."""
        return f"release {self} had been published and is current"


def after_death(out: Path, died: Died | None) -> None:
    """What whoever holds the lock does first: take away what the run that died under it (None: none did) had not finished, and note it.

    In this order: on a full disk what it left may be all the room that there is, also for its line.
    """
    if died is None:
        return
    made = _made(out, died)
    run_id = made or unfinished(out)
    remove_unfinished(out)
    remove_leftovers(out)
    if not _noted(out, died):
        record_death(out, died.started, run_id, made.said if made else NOTHING)


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


def _made(out: Path, died: Died) -> MadeCurrent:
    """What the run that died had made current: another release than the one that was when it took the lock."""
    if died.current is None:
        return made_current(out, datetime.fromisoformat(died.started))
    release = current(out)
    return MadeCurrent(release.name if release is not None and release.is_dir() and release.name != died.current else "")


def _noted(out: Path, died: Died) -> bool:
    """Whether the run that died had its line by then: nobody else can have ended under the lock since it took it."""
    since = [entry for entry in runs(out, died.noted or 0) if entry.get("outcome") in ENDED or entry.get(UNDER_LOCK)]
    if died.noted is not None:
        return bool(since)
    return bool(since) and str(since[-1].get("ended", "")) >= died.started
