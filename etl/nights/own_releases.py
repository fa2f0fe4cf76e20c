"""Whose releases an output folder holds: a run of another registry into it would carry files of other patients forward."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import polars as pl

from schemas.configuration import REGISTRY
from schemas.core.errors import ConfigurationError, Mistake, RefusedError
from schemas.project import Project
from warehouse.publish import RELEASES, WAREHOUSE, current
from warehouse.runs import HISTORY, NAMES_RELEASE, runs, stored_run

BYTES = "warehouse_bytes"  # of run.json: how long the file is when its release is written


def current_run(project: Project, out: Path) -> Mapping[str, Any]:
    """run.json of the current release, empty where nothing is published.

    Raises ConfigurationError where it is another registry's; RefusedError where it or the warehouse beside it is damaged or gone (nothing
    else says whose release it is, with which key it was made and what the next one is compared with), or where a release was published
    here and none is current.
    """
    release = current(out)
    if release is None:
        _none_lost(out)
        return {}
    told = stored_run(release)
    how = "restore it from a backup, let the link `current` lead to an earlier release, or name another --out"
    if not told:
        raise RefusedError(f"run.json of the current release {release.name} is damaged or gone: {how}")
    _is_own(project, out, told.get("registry"))
    if not _is_whole(release / WAREHOUSE, told.get(BYTES)):
        raise RefusedError(f"{WAREHOUSE} of the current release {release.name} is damaged or gone: {how}")
    return told


def _none_lost(out: Path) -> None:
    """Raises RefusedError where nothing is current, though releases lie here or the history tells of one: a first run would begin all that
    compares anew, and make a new key where the old one is gone too.
    """
    folders = [path for path in (out / RELEASES).glob("[!.]*") if path.is_dir()]
    if folders:
        newest = max(folders, key=lambda path: path.stat().st_mtime_ns)
        how = f"let it lead to the newest (`ln -sfn {RELEASES}/{newest.name} current` there), or name another --out"
        raise RefusedError(f"the link `current` of the output folder '{out}' is gone, and {RELEASES}/ has releases: {how}")
    if any(entry.get("outcome") in NAMES_RELEASE for entry in runs(out)):
        how = "restore the whole folder from a backup, or name another --out"
        raise RefusedError(f"{HISTORY} of the output folder '{out}' tells of releases, and there is none: {how}")


def _is_whole(warehouse: Path, size: int | None) -> bool:
    """Whether a warehouse is there and not cut off; `size` is None where its release does not say how long it was (who has written into
    it since then made it longer).
    """
    return warehouse.is_file() and warehouse.stat().st_size >= (size or 0)


def _is_own(project: Project, out: Path, name: str | None) -> None:
    """Whether the releases are this registry's, under its name or a former one; `name` is None where they do not say."""
    registry = project.registry
    if name is None or name in (registry.registry, *registry.formerly):
        return
    line = project.source.line(("registry",)) if project.source is not None else None
    says = f"the output folder '{out}' holds releases of the registry '{name}', and this is '{registry.registry}'"
    renamed = ", ".join((*registry.formerly, name))
    hint = f"give it a folder of its own with --out; where '{name}' was renamed, write `formerly: [{renamed}]`"
    raise ConfigurationError([Mistake(REGISTRY, line, says, hint)])


def stored(path: Path, schema: Mapping[str, Any]) -> pl.DataFrame:
    """The columns of `schema` in a CSV of a release; raises RefusedError where it is damaged."""
    try:
        return pl.read_csv(whole(path), columns=list(schema), schema_overrides=schema, empty_string_is_null=False).select(schema.keys())
    except pl.exceptions.PolarsError as error:
        raise damaged(path) from error


def whole(path: Path) -> Path:
    """One of our text files; raises RefusedError where it was cut off: each ends with a line end."""
    if not path.read_bytes().endswith(b"\n"):
        raise damaged(path)
    return path


def damaged(path: Path) -> RefusedError:
    """What to raise where a file that the next release compares with is not as it was written."""
    again = "restore the release from a backup, or let the link `current` lead to an earlier release"
    anew = "with another --out what compares with earlier releases begins anew, and what was appended or erased before is not known"
    what = "damaged" if path.is_file() else "gone"
    return RefusedError(f"{path} is {what}: {again}; {anew}")
