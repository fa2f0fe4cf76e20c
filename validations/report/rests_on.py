"""What each use of a load rests on: the tables and fields whose expectations, where they are not met, make it a use with care."""

from __future__ import annotations

from collections.abc import Iterator

import polars as pl

from validations.report.not_met import not_met

COUNTS, SURVIVAL, TREATMENTS = "Counts", "Survival", "Treatment tables"
# Tables and fields that a use reads, as an expectation names its subject; a table stands for its fields too.
READS = {
    COUNTS: ("dim_patient", "dim_tumour", "fact_biomarker"),
    SURVIVAL: ("fact_follow_up", "fact_event", "dim_tumour.diagnosis", "dim_tumour.treatment_start", "dim_tumour.enrolment"),
    # told by receptor and stage
    TREATMENTS: (
        "fact_treatment",
        "fact_biomarker",
        "dim_tumour.stage_code",
        "dim_tumour.t_code",
        "dim_tumour.n_code",
        "dim_tumour.m_code",
    ),
}
# Rows of these tables that come or go are counts, whatever else reads the table.
COUNTED = ("fact_treatment", "fact_event", "fact_follow_up")
# More than these are told as a number: they stand in the section of the expectations.
MOST = 3


def doubts(expectations: pl.DataFrame, use: str) -> Iterator[str]:
    """In words, what the use rests on and is not met without stopping the publish (RESULTS): one sentence for each expectation with its
    sources and older releases (`NAME.…`), in the order of the suite.
    """
    failed = not_met(expectations).filter(~pl.col("critical"), _read_by(use)).with_columns(of=pl.col("name").str.split(".").list.first())
    parts = failed.partition_by("of", maintain_order=True)
    for part in parts[:MOST]:
        name, detail = part.select("name", "detail").row(0)
        others = f"; and {part.height - 1:,} more of {part['of'][0]}" if part.height > 1 else ""
        yield f"expectation {name} is not met: {detail}{others}"
    if len(parts) > MOST:
        yield f"{len(parts) - MOST:,} more expectations that it rests on {'is' if len(parts) == MOST + 1 else 'are'} not met"


def _read_by(use: str) -> pl.Expr:
    """Whether the subject of an expectation is a table that the use reads, or a field of it."""
    subject = pl.col("subject")
    table = subject.str.split(".").list.first()
    rows = subject.is_in(COUNTED) if use == COUNTS else pl.lit(value=False)
    return table.is_in(READS[use]) | subject.is_in(READS[use]) | rows
