"""What one run is given: its project, its folder, its options, its day."""

from __future__ import annotations

import datetime
from dataclasses import dataclass
from pathlib import Path

from etl.landing.manifest_whole import check_whole
from etl.nights.handed_on import check_handed_on
from etl.nights.own_releases import current_run
from etl.options import RunOptions, too_late
from etl.progress import Progress
from schemas.core.errors import ConfigurationError
from schemas.keys import check_fingerprint, identifier_key
from schemas.project import Project
from validations.answers import Said, said
from validations.edit import Edit
from validations.expecting.checks import Parts, check_registry
from validations.fingerprint import logics
from validations.load import counted, load_edits
from warehouse.publish import current
from warehouse.runs import key_fingerprint


@dataclass(frozen=True)
class Setting:
    """Everything a run needs beside the exports. `started` is UTC; `as_of` is the day the data is judged as of."""

    project: Project
    out: Path
    options: RunOptions
    progress: Progress
    started: datetime.datetime
    as_of: datetime.date
    key: bytes
    edits: tuple[Edit, ...]
    said: Said

    @property
    def duckdb(self) -> dict[str, str]:
        """DuckDB's own settings that the options ask for."""
        return {"memory_limit": self.options.memory_limit} if self.options.memory_limit else {}


def setting(project: Project, out: Path, options: RunOptions, progress: Progress, started: datetime.datetime) -> Setting:
    """The setting of one run; raises ConfigurationError where edits or thresholds are wrong, the folder holds releases of another
    registry, or the key is missing or another, RefusedError where the current release is damaged or the manifest lacks its files.
    """
    edits = load_edits(project.local_edits, project.vocabularies)
    registry = project.registry
    check_registry(registry.thresholds, registry.accepted, project.source, Parts(counted(edits), registry.sources, project.contract_names))
    before = current_run(project, out)
    key = identifier_key(project, releases_exist=bool(before))
    check_fingerprint(project, before.get("key_fingerprint"), key_fingerprint(key))
    check_handed_on(current(out), before)
    check_whole(out, before, key)
    if (late := too_late(project, options.as_of, started.date())) is not None:
        raise ConfigurationError([late])
    as_of = options.as_of or project.registry.as_of or started.date()
    named = {answer.edit for answer in project.answers}  # the others need not be compiled for it
    answers = said(project.answers, logics(edit for edit in edits if edit.edit in named), as_of, project.unusable)
    return Setting(project, out, options, progress, started, as_of, key, edits, answers)
