"""Exports of required sources of which nothing was ever read: without them a study would be published as if they had nothing to tell."""

from __future__ import annotations

from etl.landing.landed import Landing
from schemas.core.errors import few
from schemas.project import Project
from schemas.study import NEVER_READ


def lacking(project: Project, landing: Landing) -> str:
    """Why the numbers of all studies are refused: a contract of a required source has no file in force, neither tonight's nor one from
    before; empty where each has one.

    The first export of treatments that is refused would make every woman of its hospital an untreated one, beside a banner that stands in
    another file. The records of the others are loaded, and the report tells of them.
    """
    there = {file.contract.contract for file in landing.files}
    gone = [one for one in project.contracts if project.registry.sources[one.source].required and one.contract not in there]
    told = "; ".join(few(f"{one.contract} of the required source {one.source}" for one in gone))
    return f"{NEVER_READ} {told}" if gone else ""
