"""Whose releases an output folder holds: a run of another registry into it would carry files of other patients forward."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import polars as pl

from schemas.configuration import REGISTRY
from schemas.core.errors import ConfigurationError, Mistake, RefusedError
from schemas.project import Project
from warehouse.publish import current
from warehouse.runs import stored_run


def current_run(project: Project, out: Path) -> Mapping[str, Any]:
    """run.json of the current release, empty where nothing is published.

    Raises ConfigurationError where it is another registry's; RefusedError where it is damaged or gone: nothing else says whose
    release it is, with which key it was made and what the next one is compared with.
    """
    release = current(out)
    if release is None:
        return {}
    told = stored_run(release)
    if not told:
        how = "restore it from a backup, let the link `current` lead to an earlier release, or name another --out"
        raise RefusedError(f"run.json of the current release {release.name} is damaged or gone: {how}")
    _is_own(project, out, told.get("registry"))
    return told


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
