"""What each use of a load rests on: the tables and fields whose expectations, where they are not met, make it a use with care."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

import polars as pl

from schemas.items import TABLE_OF
from validations.concerned import concerned
from validations.edit import Edit
from validations.report.not_met import not_met, stopping

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


# By code what an edit reads of the record it judges: fields of the star.
Reads = Mapping[str, Sequence[str]]


def reads(edits: Iterable[Edit]) -> Reads:
    """What each edit reads of the record that it judges, as an expectation names its subject; its table where it reads nothing of it."""
    own = {edit.edit: (TABLE_OF[edit.record], concerned(edit).own) for edit in edits}
    return {edit: [f"{table}.{column}" for column in columns] or [table] for edit, (table, columns) in own.items()}


def reads_of_all(edits: Sequence[Edit]) -> Reads:
    """The same with what each edit reads of other records of hers."""
    return {
        edit.edit: [*own, *(f"{TABLE_OF[record]}.{column}" for record, column in concerned(edit).others)]
        for edit, own in zip(edits, reads(edits).values(), strict=True)
    }


def stops(expectations: pl.DataFrame) -> Iterator[str]:
    """In words, what stops the publish (RESULTS), whatever a use rests on."""
    return _told(not_met(stopping(expectations)), "critical expectation", "critical expectations")


def doubts(expectations: pl.DataFrame, use: str, of_edits: Reads | None = None) -> Iterator[str]:
    """In words, what the use rests on and is not met without stopping the publish (RESULTS): one sentence for each expectation with its
    sources and older releases (`NAME.…`), in the order of the suite. An edit that fell silent is about what it reads (`of_edits`).
    """
    fields = [(f"edits.{edit}", field) for edit, every in (of_edits or {}).items() for field in every]
    of_edit = pl.DataFrame(fields, schema={"subject": pl.String, "field": pl.String}, orient="row")
    failed = not_met(expectations).filter(~pl.col("critical")).join(of_edit, on="subject", how="left", maintain_order="left")
    touched = failed.with_columns(pl.coalesce("field", "subject").alias("field")).filter(_read_by(use)).unique("name", maintain_order=True)
    return _told(touched, "expectation", "expectations that it rests on")


def _told(failed: pl.DataFrame, one: str, several: str) -> Iterator[str]:
    parts = failed.with_columns(of=pl.col("name").str.split(".").list.first()).partition_by("of", maintain_order=True)
    for part in parts[:MOST]:
        name, detail = part.select("name", "detail").row(0)
        others = f"; and {part.height - 1:,} more of {part['of'][0]}" if part.height > 1 else ""
        yield f"{one} {name} is not met: {detail}{others}"
    if len(parts) > MOST:
        yield f"{len(parts) - MOST:,} more {several} {'is' if len(parts) == MOST + 1 else 'are'} not met"


def _read_by(use: str) -> pl.Expr:
    """Whether what an expectation is about (`field`) is a table that the use reads, or a field of it."""
    subject = pl.col("field")
    table = subject.str.split(".").list.first()
    rows = subject.is_in(COUNTED) if use == COUNTS else pl.lit(value=False)
    return table.is_in(READS[use]) | subject.is_in(READS[use]) | rows
