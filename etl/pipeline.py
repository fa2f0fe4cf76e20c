"""The whole line, one step per stage: land, read, normalise, link, edit, load, audit, publish (DESIGN 4)."""

from __future__ import annotations

import datetime
from dataclasses import replace
from pathlib import Path

from etl.delivering import deliver
from etl.land import Landing, land, mark
from etl.link import link
from etl.loading import load
from etl.options import RunOptions
from etl.outcome import Attempt, Outcome
from etl.progress import Progress
from schemas.core.errors import RefusedError
from schemas.keys import identifier_key
from schemas.project import Project, load_project
from schemas.staging import check_staging
from validations.judge import judge
from validations.load import load_edits
from validations.route import route
from warehouse.lock import run_lock
from warehouse.publish import begin, current
from warehouse.runs import RunParts, code_version, key_fingerprint, run_id


def run(folder: Path, out: Path, options: RunOptions, progress: Progress) -> Outcome:
    """One whole run of one project into one output folder; every attempt is noted in runs.jsonl.

    Raises ConfigurationError (2), LockedError (4) and what is unexpected; a refusal (3) is an outcome, and the last
    release stays current.
    """
    with Attempt(out) as attempt:
        project = load_project(folder)
        progress.begin(project.registry.registry)
        with run_lock(out):
            return attempt.ended(_run(project, out, options, progress, attempt))


def _run(project: Project, out: Path, options: RunOptions, progress: Progress, attempt: Attempt) -> Outcome:
    edits = load_edits(project.local_edits, project.vocabularies)
    key = identifier_key(project, releases_exist=current(out) is not None)
    as_of = options.as_of or project.registry.as_of or attempt.started.date()
    try:
        with progress.stage("land"):
            landing = land(project, out, attempt.started.isoformat(timespec="seconds"), options.exports)
        if _is_current(out, name := _run_id(project, landing, key, as_of)) and not (options.strict and landing.refusals):
            return Outcome.unchanged(project, out, name, landing.refusals)
        with progress.stage("read and normalise"):
            delivered = deliver(project, out, landing, key)
        if options.strict and delivered.landing.refusals:
            raise RefusedError("--strict: " + "; ".join(refusal.message for refusal in delivered.landing.refusals))
        if _is_current(out, name := _run_id(project, delivered.landing, key, as_of)):
            return Outcome.unchanged(project, out, name, delivered.landing.refusals)
        with progress.stage("link"):
            linked = link(delivered.parts)
            delivered = replace(delivered, parts=())
            check_staging(linked.records, project.vocabularies)
        with progress.stage("edit"):
            judged = judge(linked.records, edits, as_of, project.vocabularies)
            routed = route(linked.records, judged, edits, as_of, project.vocabularies)
    except RefusedError as error:
        return Outcome.refused(project, out, None, error)
    release = begin(out, name)
    try:
        loaded = load(release, project, delivered, linked, routed, edits, as_of, options, progress, attempt)
    except RefusedError as error:
        return Outcome.refused(project, out, release.refuse(), error)
    with progress.stage("publish"):
        place = release.publish(project.registry.releases_kept)
        mark(out, [file.name for file in delivered.landing.files], "good")
    return Outcome.published(project, out, place, delivered.landing.refusals, loaded)


def _run_id(project: Project, landing: Landing, key: bytes, as_of: datetime.date) -> str:
    files = tuple((file.name, file.sha256) for file in landing.files)
    return run_id(RunParts(files, tuple(project.files()), code_version(), key_fingerprint(key), as_of.isoformat()))


def _is_current(out: Path, name: str) -> bool:
    release = current(out)
    return release is not None and release.name == name


