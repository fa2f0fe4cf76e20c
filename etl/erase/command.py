"""`oncomart forget` at the terminal: what would be done, the question, what was done. Never an identifier."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

from etl.erase.forgetting import LEFT, forget, plan
from etl.options import run_options
from etl.progress import Progress
from etl.summary import show
from schemas.core.errors import ConfigurationError, Mistake

NO_WAY_BACK = "There is no way back. Erase her?"


def forget_person(
    folder: Path, out: Path, person: str | None, source: str | None, *, dry_run: bool, asked: Callable[[str], bool] | None, drop: bool,
    memory_limit: str | None = None, verbose: bool = False, quiet: bool = False,
) -> int:  # fmt: skip
    """Tell, ask, do; the exit code. `asked`: how to ask, None where nobody is to be asked."""
    options = run_options(None, None, memory_limit, False)
    progress = Progress(quiet=quiet, verbose=verbose)
    planned = plan(folder, out, _text(person), source, drop=drop)
    progress.say(planned.told())
    if dry_run:
        progress.say("nothing was changed (--dry-run)")
        return 0
    if asked is not None and not _agreed(asked):
        progress.say("nothing was changed")
        return 0
    outcome = forget(folder, out, planned, options, progress, drop=drop)
    if outcome is not None:
        show([outcome], progress)
    if outcome is not None and outcome.exit_code:
        progress.say("her rows are out of the landed files; the current release still holds her until a run without her is published")
        return outcome.exit_code
    progress.say(f"erased; {LEFT}")
    return 0


def _agreed(asked: Callable[[str], bool]) -> bool:
    """Whether a person at the terminal says yes. Raises ConfigurationError where nobody sits there."""
    if not sys.stdin.isatty():
        raise ConfigurationError([Mistake("forget", None, "nobody can be asked, and nothing was changed", "say --yes")])
    return asked(NO_WAY_BACK)


def _text(person: str | None) -> str:
    text = sys.stdin.readline() if person == "-" else person or ""
    if not text.strip():
        raise ConfigurationError([Mistake("forget", None, "no person is named", "give her number, or - to read it from standard input")])
    return text.strip()
