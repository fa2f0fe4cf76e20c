"""`oncomart diff`: which two releases are meant, and their difference as text, JSON or CSV."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from etl.erase.withheld import withheld_path
from etl.landing.manifest import manifest_path
from schemas.core.errors import ConfigurationError, Mistake
from warehouse.differing.changes import compared
from warehouse.differing.difference import MOST, render
from warehouse.differing.difference_data import as_csv, as_json
from warehouse.differing.sides import Side, side
from warehouse.publish import REFUSED, RELEASES, current, nothing_published

LEAST = 4


TEXT, JSON, CSV = "text", "json", "csv"


@dataclass(frozen=True)
class Answer:
    """What the command says, and whether every number that is shown is shown as before."""

    text: str
    is_same: bool


def diff_releases(
    out: Path, before: str | None, after: str | None, *, every: bool = False, is_shared: bool = False, form: str = TEXT
) -> Answer:
    """The difference as text (or as another form); raises ConfigurationError where the releases cannot be found or compared.

    Without `after` the current release is meant, without `before` the one it follows.
    """
    if form not in (TEXT, JSON, CSV):
        raise ConfigurationError([Mistake("--format", None, f"is not one of {TEXT}, {JSON}, {CSV}")])
    release = current(out)
    if release is None or not release.is_dir():
        raise nothing_published(out)
    new = side(release if after is None else _release(out, after))
    old = side(_previous(out, new) if before is None else _release(out, before))
    most = None if every else MOST
    found = compared(old, new, most, is_shared=is_shared)
    said = {JSON: as_json, CSV: as_csv}.get(form, lambda told: render(told, most))(found)
    return Answer(said, found.is_same)


def _release(out: Path, name: str) -> Path:
    """The release with this run_id, or the only one whose run_id begins so."""
    found = [path for path in _releases(out, RELEASES) if path.name.startswith(name)] if name else []
    if len(found) == 1 and (len(name) >= LEAST or found[0].name == name):
        return found[0]
    if len(found) > 1:
        names = ", ".join(path.name for path in found)
        raise ConfigurationError([Mistake(str(out), None, f"several releases begin with {name}: {names}", "give more of the run_id")])
    if found:
        raise ConfigurationError([Mistake(str(out), None, f"give at least {LEAST} characters of a run_id", _kept(out))])
    if any(path.name.startswith(name) for path in _releases(out, REFUSED)) and name:
        what = f"run {name} was refused, so it published nothing"
        raise ConfigurationError([Mistake(str(out), None, what, f"what it made lies in {REFUSED}/; {_kept(out)}")])
    raise ConfigurationError([Mistake(str(out), None, f"release {name} is not kept here", _kept(out))])


def _previous(out: Path, release: Side) -> Path:
    name = release.run.get("previous_release")
    if not name:
        what = f"release {release.run_id} follows no other"
        raise ConfigurationError([Mistake(str(out), None, what, "name the two releases to compare: oncomart diff A B")])
    if not (out / RELEASES / str(name)).is_dir():
        what = f"release {name}, which {release.run_id} follows, is not kept any more"
        why = "`releases_kept` in registry.yml says how many are"
        if withheld_path(manifest_path(out).parent).is_file():
            why = f"`oncomart forget` takes those away that were made with rows of the person, and else {why}"
        raise ConfigurationError([Mistake(str(out), None, what, f"{_kept(out)}; {why}")])
    return out / RELEASES / str(name)


def _releases(out: Path, kind: str) -> list[Path]:
    return sorted(path for path in (out / kind).glob("[0-9a-f]*") if path.is_dir())


def _kept(out: Path) -> str:
    return f"kept: {', '.join(path.name for path in _releases(out, RELEASES)) or 'none'}"
