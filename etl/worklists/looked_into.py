"""Collects the data behind findings (for the work list, contradictions, quarantine) before loading drops the records from memory."""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

from etl.link import Linked
from etl.setting import Setting
from etl.worklists.contradicted import between, doubtful, not_kept, said_against
from etl.worklists.kept_back import reasons, rows_of
from etl.worklists.telling import telling
from etl.worklists.worklist import About, Work, about
from validations.route import Routed


@dataclass(frozen=True)
class Looked:
    """`shown`: what the findings of the work list are about; `against`: what sources say against each other
    (contradicted.said_against); `kept_back`: the rows behind each record in quarantine (kept_back.ROWS, with source and file).
    """

    shown: About
    against: pl.DataFrame
    kept_back: pl.DataFrame

    def places(self, quarantine: pl.DataFrame) -> pl.DataFrame:
        """The rows (source_file, source_row) whose text is asked for."""
        frames = (self.shown.places, self.kept_back, quarantine, doubtful(self.against))
        return pl.concat(frame.select("source_file", "source_row") for frame in frames)


def looked_into(given: Setting, linked: Linked, routed: Routed, findings: pl.DataFrame, work: Work) -> Looked:
    """The three together, since they look for the same rows."""
    two_sided, errors = between(given.edits, findings), reasons(findings, routed.quarantine)
    asked = pl.concat(frame.select("finding_id") for frame in (work.rows, two_sided, errors))
    rows = findings.join(asked, on="finding_id", how="semi", maintain_order="left")
    found = about(rows, given.edits, linked, routed, work.sources)
    told = telling(two_sided, found.places, found.compared, given.project.contracts)
    against = said_against(given.edits, told, not_kept(findings, linked.earlier, work.sources), routed.records)
    behind = rows_of(routed.quarantine, errors, found.places, linked.lineage, found.compared)
    file = work.sources.select("source_key", "source_file", "source")
    return Looked(found.of(work.rows), against, behind.join(file, on="source_key", how="inner", maintain_order="left"))
