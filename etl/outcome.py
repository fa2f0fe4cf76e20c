"""What became of one run: the outcome that the command line shows, and the line it leaves in runs.jsonl."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import Self

from etl.landing.landed import Landing, Refusal
from etl.machine import note_room, trouble
from etl.progress import Lasting
from etl.unended import UNDER_LOCK, note_current
from schemas.core.errors import LockedError, OncomartError, RefusedError
from schemas.project import Project
from warehouse.runs import record_run, stored_run

PUBLISHED, WITH_REFUSALS, UNCHANGED, REFUSED = "published", "published_with_refusals", "unchanged", "refused"
# Reason of a notice about the whole load: an expectation that is not met and stops nothing.
NOT_MET = "expectation_not_met"


@dataclass(frozen=True)
class Outcome:
    """How one run ended. `place` is the release (or the folder of what was refused); `rows` counts rows of star tables."""

    registry: str
    title: str
    out: Path
    outcome: str
    exit_code: int
    place: Path | None
    reason: str = ""
    refusals: Sequence[Refusal] = ()
    notices: Sequence[Refusal] = ()
    rows: Mapping[str, int] = field(default_factory=dict)
    studies: Sequence[str] = ()
    findings: Mapping[str, int] = field(default_factory=dict)
    # Why the numbers of a study are refused, by its name.
    withheld: Mapping[str, str] = field(default_factory=dict)

    @property
    def run_id(self) -> str:
        """Name of the release made, kept or refused; empty where none was begun."""
        return self.place.name if self.place is not None else ""

    @classmethod
    def published(cls, project: Project, out: Path, place: Path, landing: Landing, loaded: Loaded) -> Outcome:
        """A new release is current."""
        word = WITH_REFUSALS if landing.refusals else PUBLISHED
        return cls(
            project.registry.registry, project.registry.title, out, word, 0, place, refusals=landing.refusals,
            notices=(*landing.notices, *loaded.notices), rows=loaded.rows, studies=loaded.studies, findings=loaded.findings,
            withheld=loaded.withheld,
        )  # fmt: skip

    @classmethod
    def unchanged(cls, project: Project, out: Path, name: str, landing: Landing) -> Outcome:
        """The release with this run_id is current already."""
        studies = tuple(study.study for study in project.studies)
        place = out / "releases" / name
        told = [Refusal(**notice) for notice in stored_run(place).get("notices", ()) if notice["reason"] == NOT_MET]
        return cls(
            project.registry.registry, project.registry.title, out, UNCHANGED, 0, place, refusals=landing.refusals,
            notices=(*landing.notices, *told), studies=studies,
        )  # fmt: skip

    @classmethod
    def refused(cls, project: Project, out: Path, place: Path | None, error: RefusedError, refusals: Sequence[Refusal]) -> Outcome:
        """Nothing is published; the last good release stays current."""
        names = (project.registry.registry, project.registry.title)
        return cls(*names, out, REFUSED, error.exit_code, place, reason=str(error), refusals=refusals)


@dataclass(frozen=True)
class Loaded:
    """What a release holds: rows of each star table, names of its studies, findings by severity.

    `withheld`: why the numbers of a study are refused, by its name. `notices`: what is to be told of the whole load.
    """

    rows: Mapping[str, int]
    studies: Sequence[str]
    findings: Mapping[str, int]
    withheld: Mapping[str, str] = field(default_factory=dict)
    notices: Sequence[Refusal] = ()


class Attempt:
    """One attempt to run, noted in runs.jsonl however it ends (also when it fails; nothing is noted without a folder)."""

    def __init__(self, out: Path) -> None:
        self.out, self.started = out, datetime.now(UTC)
        self._is_noted = False

    def ended(self, outcome: Outcome) -> Outcome:
        """Note how it ended, at once: while the lock is held, whoever kills the run leaves either its line or its traces."""
        self._is_noted = True
        self._record(
            {
                "run_id": outcome.run_id,
                "exit_code": outcome.exit_code,
                "outcome": outcome.outcome,
                "reason": outcome.reason,
                "refusals": [asdict(refusal) for refusal in outcome.refusals],
                "rows": dict(outcome.rows),
            }
        )
        return outcome

    @contextmanager
    def under_lock(self) -> Iterator[None]:
        """What an error ends in the block is noted by the end of it, for whoever then lets the lock go: else its line or its traces would
        lack where the run is killed on its way out.
        """
        try:
            yield
        except BaseException as error:
            if not self._is_noted:
                self._note(error, {UNDER_LOCK: True})
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        with suppress(OSError):  # a name that is too long for a folder cannot even be asked for
            if not self._is_noted and self.out.is_dir():
                self._note(error, {})

    def _note(self, error: BaseException | None, where: Mapping[str, object]) -> None:
        """The line of an attempt without an outcome."""
        self._is_noted = True
        if isinstance(error, OncomartError):
            word = "locked" if isinstance(error, LockedError) else REFUSED if isinstance(error, RefusedError) else "configuration"
            self._record({"run_id": "", "exit_code": error.exit_code, "outcome": word, "reason": str(error), "rows": {}, **where})
        else:
            self._record({**self._failed(error), **where})

    def _failed(self, error: BaseException | None) -> dict[str, object]:
        """What is noted of an unexpected exception, whose text may quote a cell, or of an interruption."""
        told, made = (type(error).__name__ if error is not None else ""), None
        if error is not None:
            note_room(error, self.out)
            told, made = trouble(error) or told, note_current(error, self.out, self.started)
        reason = f"{told}; {made.said}" if made else told
        return {"run_id": made or "", "exit_code": 1, "outcome": "failed", "reason": reason, "rows": {}}

    def _record(self, entry: Mapping[str, object]) -> None:
        """The line of the attempt. Where none can be written the attempt ends as it does: a release that is current stays published."""
        times = {"started": self.started.isoformat(timespec="seconds"), "ended": datetime.now(UTC).isoformat(timespec="seconds")}
        try:
            record_run(self.out, {**times, **entry})
        except OSError as error:
            why = trouble(error) or f"{error.filename}: cannot be written"
            Lasting(stderr=True, highlight=False, soft_wrap=True).print(f"this attempt is not in runs.jsonl: {why}", markup=False)
