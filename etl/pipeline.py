"""The whole line, one step per stage: land, read, normalise, link, edit, load, audit, publish (DESIGN 4)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import polars as pl

from etl import vault
from etl.collecting import seldom
from etl.delivering import Delivered, deliver
from etl.erase.every_run import delivered_without, land_exports, landed_without, parts_of, purge
from etl.landing.carry_forward import published
from etl.landing.landed import Landing, NoGoodDeliveryError, Refusal
from etl.link import Linked, link
from etl.linking.of_its_organ import of_its_organ
from etl.linking.persons import Persons, link_persons, moved_to
from etl.linking.tumour_stage import with_known_parts
from etl.loading import load
from etl.normalise.result import no_identifiers
from etl.options import RunOptions
from etl.outcome import Attempt, Outcome
from etl.progress import Progress
from etl.setting import Setting, setting
from etl.unended import after_death
from etl.unread_cells import unread_columns
from schemas.checks.project import group_id
from schemas.core.errors import RefusedError
from schemas.project import load_project
from schemas.staging import check_staging
from validations.judge import judge
from validations.route import Routed, route
from validations.unread import TABLE as UNREAD
from warehouse.lock import not_the_project, run_lock, usable
from warehouse.publish import begin, current, remove_leftovers
from warehouse.runs import RunParts, code_version, key_fingerprint, run_id


def run(folder: Path, out: Path, options: RunOptions, progress: Progress, landed: Callable[[Setting], Landing] | None = None) -> Outcome:
    """One whole run of one project into one output folder; every attempt is noted in runs.jsonl.

    `landed` says what is delivered; without it what lies in the exports folder.

    Raises ConfigurationError (2), LockedError (4) and what is unexpected; a refusal (3) is an outcome, and the last
    release stays current.
    """
    not_the_project(folder, out)  # before an attempt is noted there
    with seldom(), Attempt(out) as attempt:
        project = load_project(folder)
        progress.begin(project.registry.registry)
        usable(out)
        vault.check_place(out)
        with run_lock(out) as died, attempt.under_lock():
            after_death(out, died)
            remove_leftovers(out)
            try:
                return attempt.ended(_run(setting(project, out, options, progress, attempt.started), landed or land_exports))
            finally:
                vault.discard(out)
                remove_leftovers(out)


def _run(given: Setting, landed: Callable[[Setting], Landing]) -> Outcome:
    project, out, stage = given.project, given.out, given.progress.stage
    refusals: tuple[Refusal, ...] = ()
    try:
        with stage("land"):
            landing = landed_without(given, landed)
        refusals = landing.refusals
        if _is_current(given, landing):
            return _unchanged(given, landing)
        with stage("read and normalise"):
            delivered = delivered_without(given, landing, landed, _delivered)
        refusals = delivered.landing.refusals
        if _is_current(given, delivered.landing):
            return _unchanged(given, delivered.landing)
        _none_refused_if_strict(given, delivered.landing)
        with stage("link"):
            persons, delivered = _persons(given, delivered)
            known = (project.registry.linkage, project.registry.surviving, project.vocabularies)
            with vault.preparing(out, persons, _run_id(given, delivered.landing)):
                persons = replace(persons, identifiers=persons.identifiers.clear())
                linked = link(delivered.parts, *known, persons=persons, spend=True, key=given.key)
            delivered = replace(delivered, parts=(), findings=moved_to(delivered.findings, linked.moved))
            linked, foreign = of_its_organ(linked, project.vocabularies)
            unread = unread_columns(delivered.landing.files, delivered.findings, foreign)
            linked.records["tumour"] = with_known_parts(linked.records["tumour"], unread, linked.records["event"])
            check_staging(linked.records, project.vocabularies)
        with stage("edit"):
            routed = _routed(given, linked, unread)
    except RefusedError as error:
        told = error.refusals if isinstance(error, NoGoodDeliveryError) else refusals
        return Outcome.refused(project, out, None, error, told)
    return _released(given, delivered, linked, routed, unread)


def _delivered(given: Setting, landing: Landing) -> Delivered:
    return deliver(given.project, given.out, landing, given.key, given.as_of)


def _persons(given: Setting, delivered: Delivered) -> tuple[Persons, Delivered]:
    """The persons behind all numbers; their identifiers go with them into the vault and no further."""
    persons = link_persons(delivered.parts, given.project.registry.linkage, given.key)
    return persons, replace(delivered, parts=tuple(replace(part, identifiers=no_identifiers()) for part in delivered.parts))


def _routed(given: Setting, linked: Linked, unread: pl.DataFrame) -> Routed:
    """The records judged and sent their ways; every outcome of every edit is counted by then, and is dropped."""
    known = given.project.vocabularies
    judged = judge({**linked.records, UNREAD: unread}, given.edits, given.as_of, known, given.key, of_all=False)
    routed = route(linked.records, judged, given.edits, given.as_of, known, silenced=given.said.silenced, key=given.key, unread=unread)
    return replace(routed, judged=replace(routed.judged, outcomes={}))


def _released(given: Setting, delivered: Delivered, linked: Linked, routed: Routed, unread: pl.DataFrame) -> Outcome:
    """Write, audit, publish: the release is built aside and made current only when nothing refuses it.

    Neither `linked` nor `routed` has records afterwards: they are in the warehouse.
    """
    project, out = given.project, given.out
    release = begin(out, _run_id(given, delivered.landing))
    try:
        loaded = load(release, given, delivered, linked, routed, unread=unread)
    except RefusedError as error:
        return Outcome.refused(project, out, release.refuse(), error, delivered.landing.refusals)
    with given.progress.stage("publish"):
        group = project.registry.group
        vault.put_in_place(out)
        # before the swap: of a run that is killed between the two, what was appended tonight would count no longer tomorrow
        published(out, delivered.landing)
        place = release.publish(project.registry.releases_kept, group_id(group) if group is not None else None)
        purge(given)
    return Outcome.published(project, out, place, delivered.landing, loaded)


def _run_id(given: Setting, landing: Landing) -> str:
    landed, fingerprint = (*landing.parts, *parts_of(given, landing)), key_fingerprint(given.key)
    return run_id(RunParts(landed, tuple(given.project.files()), code_version(), fingerprint, given.as_of.isoformat()))


def _is_current(given: Setting, landing: Landing) -> bool:
    release = current(given.out)
    return release is not None and release.name == _run_id(given, landing)


def _unchanged(given: Setting, landing: Landing) -> Outcome:
    _none_refused_if_strict(given, landing)
    release = _run_id(given, landing)
    if vault.is_lost(given.out, given.project.contracts, release):
        with given.progress.stage("vault"):
            persons, _ = _persons(given, _delivered(given, landing))
            vault.prepare(given.out, vault.held(persons), release)
            vault.put_in_place(given.out)
    purge(given)
    return Outcome.unchanged(given.project, given.out, release, landing)


def _none_refused_if_strict(given: Setting, landing: Landing) -> None:
    if given.options.strict and landing.refusals:
        raise RefusedError("--strict: " + "; ".join(refusal.message for refusal in landing.refusals))
