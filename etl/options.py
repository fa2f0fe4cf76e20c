"""What a user may ask of one run, checked before anything is read."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

from schemas.configuration import REGISTRY
from schemas.core.date_shapes import FIRST_YEAR
from schemas.core.errors import ConfigurationError, Mistake, no_folder
from schemas.project import Project


@dataclass(frozen=True)
class RunOptions:
    """Options of one run: where the exports are, the as-of date, DuckDB's memory, whether a refusal refuses all."""

    exports: Path | None = None
    as_of: date | None = None
    memory_limit: str | None = None
    strict: bool = False


def run_options(exports: Path | None, as_of: str | None, memory_limit: str | None, strict: bool) -> RunOptions:
    """The options as typed on the command line; ConfigurationError names every one that is wrong."""
    mistakes: list[Mistake] = []
    day: date | None = None
    if as_of is not None and (day := _day(as_of)) is None:
        mistakes.append(Mistake("--as-of", None, "is not a date of the form YYYY-MM-DD"))
    if exports is not None and not exports.is_dir():
        mistakes.append(Mistake("--exports", None, no_folder(exports)))
    if memory_limit is not None and not re.fullmatch(r"(?=.*[1-9])\d+(\.\d+)?\s*(MB|GB|MiB|GiB)", memory_limit):
        mistakes.append(Mistake("--memory-limit", None, "is not a size such as 2GB or 512MB"))
    if mistakes:
        raise ConfigurationError(mistakes)
    return RunOptions(exports, day, memory_limit, strict)


def _day(text: str) -> date | None:
    """The day of a text of the form YYYY-MM-DD; None of any other (weeks, days without hyphens), and of a day that is not there."""
    try:
        return date.fromisoformat(text) if re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", text) else None
    except ValueError:
        return None


def too_late(project: Project, asked: date | None, today: date) -> Mistake | None:
    """What is wrong with a day to judge the data as of that has not come (tomorrow is today somewhere) or is earlier than any date read.

    As of a day to come nothing lies in the future: no edit would find a date of tomorrow, and every correction and over-ride would be over.
    """
    day = asked or project.registry.as_of
    if day is None or (day.year >= FIRST_YEAR and day <= today + timedelta(days=1)):
        return None
    hint = "name a day up to today; in registry.yml `as_of` may be left out, then it is the day of the run"
    why = "has not come" if day > today else f"is before {FIRST_YEAR}, where no date is read"
    message = f"the as-of date {day.isoformat()} {why}: today is {today.isoformat()} (UTC)"
    if asked is not None:
        return Mistake("--as-of", None, message, hint)
    return Mistake(REGISTRY, project.source.line(("as_of",)) if project.source is not None else None, message, hint)
