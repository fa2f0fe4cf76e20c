"""Exports of required sources of which nothing was ever read: without them a study would be published as if they had nothing to tell."""

from __future__ import annotations

from collections.abc import Sequence

from etl.landing.landed import Landing
from schemas.contract import Contract
from schemas.core.errors import few
from schemas.project import Project
from schemas.study import NEVER_READ, Study
from warehouse.study_inputs import records_read


def lacking(project: Project, landing: Landing) -> dict[str, str]:
    """By study why its numbers are refused: a contract of a required source that delivers what the study reads has no file in force,
    neither tonight's nor one from before. Studies that lack nothing are left out.

    The first export of treatments that is refused would make every woman of its hospital an untreated one, beside a banner that stands in
    another file. The records of the others are loaded, and the report tells of them. `required: false` of a contract says that it may not
    have come yet.
    """
    there = {file.contract.contract for file in landing.files}
    sources = project.registry.sources
    gone = [one for one in project.contracts if sources[one.source].required and one.required and one.contract not in there]
    return {study.study: f"{NEVER_READ} {told}" for study in project.studies if (told := _told(project, study, gone))}


def _told(project: Project, study: Study, gone: Sequence[Contract]) -> str:
    """The contracts that a study lacks. What its claims count may be any record."""
    is_any = any(claim.is_counted for claim in project.claims.get(study.study, ()))
    read = records_read(study) if gone else set()
    hers = [one for one in gone if is_any or not read.isdisjoint(rule.record for rule in one.records)]
    return "; ".join(few(f"{one.contract} of the required source {one.source}" for one in hers))
