"""What the quality report is made of: counts, names and file positions; no cell of any patient."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

import polars as pl

from schemas.core.frames import EDIT_COUNTS, FINDINGS, LEDGER
from schemas.items import polars_schema
from validations.edit_history import EDIT_HISTORY, RELEASES
from validations.report.measures import COMPLETENESS, PRECISION
from validations.report.not_met import stopping
from validations.report.registry_measures import CONTRADICTIONS, INDICES, TIMELINESS

# One row per expectation. success is null where it cannot be judged; detail holds counts and words, never a value.
RESULTS = {"name": pl.String, "subject": pl.String, "critical": pl.Boolean, "success": pl.Boolean, "detail": pl.String, "reason": pl.String}
# One row per edit: what it is called, why it is there, what a registrar does about it.
EDITS = {"edit": pl.String, "title": pl.String, "severity": pl.String, "reason": pl.String, "action": pl.String}
# One row per finding: FINDINGS with its stable id and the path of its file under the exports folder.
REPORTED_FINDINGS = {"finding_id": pl.String, "source_file": pl.String, **FINDINGS}
# One row per contract, file and column with spellings no vocabulary knows: how many spellings, in how many cells.
UNMAPPED = {"contract": pl.String, "source_file": pl.String, "column": pl.String, "distinct": pl.Int64, "n": pl.Int64}
# One row per landed file: dim_source with status (good, carried_forward, refused, or not_used for a notice) and a sentence
# without values. What was refused may lack everything but its name.
# since: as-of date of the first release in a row that held these bytes.
SOURCES = {**polars_schema("dim_source"), "status": pl.String, "message": pl.String, "since": pl.Date}
# One row per source, record and field that a contract of the source fills: `n` records it concerns, `known` with a value, `unread`
# cells that were filled and not understood. Before linkage: what the source itself delivers.
DELIVERED: dict[str, type[pl.DataType]] = {
    **dict.fromkeys(("source", "record", "column"), pl.String),
    **dict.fromkeys(("n", "known", "unread"), pl.Int64),
}
# One row per finding of an edit that two sources make: what each says (record.column, blank-separated) and where: the header of its
# cell (several with " | " between; empty where the rule sets it without one), file and row.
CONTRADICTED: dict[str, type[pl.DataType]] = {
    **dict.fromkeys(("finding_id", "edit", "source", "columns", "header", "source_file"), pl.String), "source_row": pl.Int64,
    **dict.fromkeys(("other_source", "other_columns", "other_header", "other_file"), pl.String), "other_row": pl.Int64,
}  # fmt: skip
# One row per correction that is not simply applied: its line in corrections.csv, what became of it (stale, conflict, expired), column.
CORRECTIONS: dict[str, type[pl.DataType]] = {"line": pl.Int64, "outcome": pl.String, "column": pl.String}
# One row per over-ride: where it is written, the edit (null: there is none of that code), where its record stands, initials of who gave
# it (null: longer than initials), and what became of it (a word of internal/answers.csv). Never why.
OVERRIDES: dict[str, type[pl.DataType]] = {
    **dict.fromkeys(("place", "edit", "source", "source_file"), pl.String), "source_row": pl.Int64,
    **dict.fromkeys(("author", "date", "expires", "outcome"), pl.String),
}  # fmt: skip


@dataclass(frozen=True)
class StudyLink:
    """A study published with the release; `path` is relative to the report. `refusal`: why its numbers are refused (else empty).
    `held_share`: of the women it may be about, the share that is held until the source is mended; `held_arms`: the same by
    arm. `flow`, `claims`, `times`, `methods`: the paths of its flow diagram, of the claims held against it, of its table of survival and
    of its methods, empty where there is none. `min_cell`: smaller counts are hidden in it."""

    name: str
    title: str
    path: str
    notices: Sequence[str] = ()
    refusal: str = ""
    held_share: float = 0.0
    held_arms: Mapping[str, float] = field(default_factory=dict)
    flow: str = ""
    claims: str = ""
    times: str = ""
    methods: str = ""
    min_cell: int = 1


def _empty(schema: Mapping[str, type[pl.DataType] | pl.DataType]) -> pl.DataFrame:
    return pl.DataFrame(schema=schema)


@dataclass(frozen=True)
class ReportInput:
    """Everything the report shows. A frame left out is an empty one of its schema.

    rows: rows of each star table of this release. previous: the same of the release before, or None where there is none.
    edit_history, release_history: this release is the last. applied: corrections that were applied. edit_reads: by code what an edit
    reads (`rests_on.reads`). not_met_before: names of the expectations that the release before did not meet, or None where it does not
    say.
    """

    registry_title: str
    run_id: str
    as_of: date
    is_simulated: bool = False
    rows: Mapping[str, int] = field(default_factory=dict)
    previous: Mapping[str, int] | None = None
    ledger: pl.DataFrame = field(default_factory=lambda: _empty(LEDGER))
    edit_counts: pl.DataFrame = field(default_factory=lambda: _empty(EDIT_COUNTS))
    edits: pl.DataFrame = field(default_factory=lambda: _empty(EDITS))
    edit_reads: Mapping[str, Sequence[str]] = field(default_factory=dict)
    findings: pl.DataFrame = field(default_factory=lambda: _empty(REPORTED_FINDINGS))
    expectations: pl.DataFrame = field(default_factory=lambda: _empty(RESULTS))
    not_met_before: Sequence[str] | None = None
    unmapped: pl.DataFrame = field(default_factory=lambda: _empty(UNMAPPED))
    completeness: pl.DataFrame = field(default_factory=lambda: _empty(COMPLETENESS))
    precision: pl.DataFrame = field(default_factory=lambda: _empty(PRECISION))
    sources: pl.DataFrame = field(default_factory=lambda: _empty(SOURCES))
    studies: Sequence[StudyLink] = ()
    delivered: pl.DataFrame = field(default_factory=lambda: _empty(DELIVERED))
    indices: pl.DataFrame = field(default_factory=lambda: _empty(INDICES))
    timeliness: pl.DataFrame = field(default_factory=lambda: _empty(TIMELINESS))
    contradictions: pl.DataFrame = field(default_factory=lambda: _empty(CONTRADICTIONS))
    contradicted: pl.DataFrame = field(default_factory=lambda: _empty(CONTRADICTED))
    corrections: pl.DataFrame = field(default_factory=lambda: _empty(CORRECTIONS))
    applied: int = 0
    overrides: pl.DataFrame = field(default_factory=lambda: _empty(OVERRIDES))
    edit_history: pl.DataFrame = field(default_factory=lambda: _empty(EDIT_HISTORY))
    release_history: pl.DataFrame = field(default_factory=lambda: _empty(RELEASES))

    @property
    def critical_failed(self) -> int:
        """How many critical expectations are not met: one refuses the release."""
        return stopping(self.expectations).height
