"""`oncomart check`: the configuration alone. Everything that is wrong in one go, then what is worth a second look."""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from etl.corrections_read import unread
from etl.options import too_late
from schemas.configuration import EDITS, REGISTRY
from schemas.core.errors import ConfigurationError, Mistake, did_you_mean
from schemas.overrides import Answer
from schemas.project import Project, Registry, load_project
from schemas.reading_edits import CONFIRMABLE
from schemas.shapes import shaped
from schemas.yaml_lines import Source, read_yaml
from validations.choice import without_choice_notices
from validations.edit import Edit
from validations.expecting.checks import Parts, check_registry
from validations.load import built_in_edits, counted, load_edits
from validations.local_cases import case_mistakes, without_cases
from validations.report.numbers import plural


def check_project(folder: Path) -> str:
    """What the project holds, in a few lines; raises ConfigurationError with every mistake of every file. Reads no data."""
    project, mistakes = _project(folder)
    edits, wrong = _edits(folder, project)
    mistakes += [*wrong, *_thresholds(folder, project, edits)]
    if mistakes or project is None or edits is None:
        raise ConfigurationError(mistakes)
    own = set(edits) - set(built_in_edits())
    notices = (
        *project.notices,
        *unread(project),
        *_of_no_edit(project.answers, edits),
        *_with_lines(folder, [*without_cases(folder, own), *without_choice_notices(own)]),
    )
    return "\n".join([*(f"worth a second look: {notice}" for notice in notices), _summary(project)])


def _project(folder: Path) -> tuple[Project | None, list[Mistake]]:
    try:
        return load_project(folder), []
    except ConfigurationError as error:
        return None, list(error.mistakes)


def _edits(folder: Path, project: Project | None) -> tuple[Sequence[Edit] | None, list[Mistake]]:
    """The edits that a run judges, and what is wrong with those of the project; None where nobody knows for that."""
    local = folder / EDITS
    try:
        edits = load_edits(local if local.is_file() else None, project.vocabularies if project is not None else None)
    except ConfigurationError as error:
        return None, list(error.mistakes)
    own = set(edits) - set(built_in_edits())
    return edits, case_mistakes(folder, own, project.vocabularies) if project is not None else []


def _with_lines(folder: Path, notices: Sequence[Mistake]) -> list[Mistake]:
    """Notices that begin with the code of an edit of the project, each at the line where that edit is written."""
    path = folder / EDITS
    source = read_yaml(EDITS, path.read_bytes()) if path.is_file() else Source(EDITS)
    lines = {edit["edit"]: source.line(("edits", number, "edit")) for number, edit in enumerate(source.value.get("edits", ()))}
    placed = [replace(notice, line=lines.get(notice.message.partition(" ")[0])) for notice in notices]
    return sorted(placed, key=lambda notice: notice.line or 0)


def _of_no_edit(answers: Sequence[Answer], edits: Sequence[Edit]) -> list[Mistake]:
    """Over-rides of an edit that there is not: a run tells of them (OVR-EDIT); the code is not repeated, it may be anything."""
    known = {edit.edit for edit in edits} | set(CONFIRMABLE)
    lost = [one for one in answers if one.is_override and one.edit not in known]
    return [Mistake(one.file, one.line, "there is no such edit (any more)", did_you_mean(one.edit, known)) for one in lost]


def _thresholds(folder: Path, project: Project | None, edits: Sequence[Edit] | None) -> list[Mistake]:
    """What is wrong with registry.yml that takes more than the file to see; what may be named as an edit, only where `edits` are known."""
    source, registry = (project.source, project.registry) if project is not None else _registry(folder)
    if registry is None:
        return []
    late = too_late(project, None, datetime.datetime.now(datetime.UTC).date()) if project is not None else None
    mistakes = [late] if late is not None else list[Mistake]()
    contracts = project.contract_names if project is not None else None
    parts = Parts(counted(edits) if edits is not None else None, registry.sources, contracts)
    try:
        check_registry(registry.thresholds, registry.accepted, source, parts)
    except ConfigurationError as error:
        mistakes += error.mistakes
    return mistakes


def _registry(folder: Path) -> tuple[Source | None, Registry | None]:
    """registry.yml of a project that has mistakes, as far as it can be read."""
    path = folder / REGISTRY
    source = read_yaml(REGISTRY, path.read_bytes()) if path.is_file() else None
    return source, shaped(source, Registry) if source is not None else None


def _summary(project: Project) -> str:
    registry = project.registry
    parts = [plural(len(project.contracts), "contract"), plural(len(project.studies), "study", "studies")]
    if project.local_edits is not None:
        parts.append("edits of its own")
    key = "a public key (for published data only)" if registry.key == "public_example" else "a key of its own"
    return f"{registry.registry}: {', '.join(parts)}, {key}. No mistakes."
