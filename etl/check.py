"""`oncomart check`: the configuration alone. Everything that is wrong in one go, then what is worth a second look."""

from __future__ import annotations

from pathlib import Path

from schemas.core.errors import ConfigurationError, Mistake
from schemas.project import Project, load_project
from validations.expectation_rules import check_thresholds
from validations.load import built_in_edits, counted, load_edits
from validations.local_cases import case_mistakes


def check_project(folder: Path) -> str:
    """What the project holds, in a few lines; raises ConfigurationError with every mistake of every file. Reads no data."""
    project, mistakes = _project(folder)
    mistakes += _edits(folder, project)
    mistakes += _thresholds(project)
    if mistakes or project is None:
        raise ConfigurationError(mistakes)
    return "\n".join([*(f"worth a second look: {notice}" for notice in project.notices), _summary(project)])


def _project(folder: Path) -> tuple[Project | None, list[Mistake]]:
    try:
        return load_project(folder), []
    except ConfigurationError as error:
        return None, list(error.mistakes)


def _edits(folder: Path, project: Project | None) -> list[Mistake]:
    local = folder / "edits.yml"
    try:
        edits = load_edits(local if local.is_file() else None, project.vocabularies if project is not None else None)
    except ConfigurationError as error:
        return list(error.mistakes)
    own = set(edits) - set(built_in_edits())
    return case_mistakes(folder, own, project.vocabularies) if project is not None else []


def _thresholds(project: Project | None) -> list[Mistake]:
    if project is None:
        return []
    try:
        check_thresholds(project.registry.thresholds, project.source, _codes(project))
    except ConfigurationError as error:
        return list(error.mistakes)
    return []


def _codes(project: Project) -> frozenset[str] | None:
    """What may be named as an edit; None where the project's own edits are wrong, so that nobody knows."""
    try:
        return counted(load_edits(project.local_edits, project.vocabularies))
    except ConfigurationError:
        return None


def _summary(project: Project) -> str:
    registry = project.registry
    parts = [_counted(project.contracts, "contract", "contracts"), _counted(project.studies, "study", "studies")]
    if project.local_edits is not None:
        parts.append("edits of its own")
    key = "a public key (for published data only)" if registry.key == "public_example" else "a key of its own"
    return f"{registry.registry}: {', '.join(parts)}, {key}. No mistakes."


def _counted(things: tuple[object, ...], one: str, many: str) -> str:
    return f"{len(things)} {one if len(things) == 1 else many}"
