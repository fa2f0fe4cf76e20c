"""The worst problems of a load, worst first: what to mend, how much of it there is, and what to do."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import polars as pl

from validations.report.ledger_view import by_file
from validations.report.numbers import plural
from validations.report.report_input import ReportInput
from validations.report.tables_view import overridden
from validations.report.verdict import CARE, LEVELS, UNFIT


@dataclass(frozen=True)
class Problem:
    """One thing to mend: how bad (level), what, how much, and what to do."""

    level: str
    title: str
    detail: str
    action: str
    link: str
    weight: int


def problems(data: ReportInput, most: int = 5) -> tuple[Problem, ...]:
    """The worst problems first: what stops or spoils a load, then errors, warnings, spellings, notices."""
    found = [
        *_load_problems(data),
        *_source_problems(data),
        *_expectation_problems(data),
        *_ledger_problems(data),
        *_study_problems(data),
        *_edit_problems(data),
        *_unmapped_problems(data),
    ]
    return tuple(sorted(found, key=lambda p: (-LEVELS.index(p.level), -p.weight, p.title))[:most])


def _load_problems(data: ReportInput) -> Iterator[Problem]:
    if not data.rows.get("dim_patient"):
        yield Problem(
            UNFIT, "No woman was loaded", "dim_patient is empty.", "Look at the ledger: where did the rows go?", "#ledger", 10**12
        )


def _source_problems(data: ReportInput) -> Iterator[Problem]:
    troubled = data.sources.filter(pl.col("status").is_in(["refused", "carried_forward"]))
    for file, status, message in troubled.select("source_file", "status", "message").iter_rows():
        words = "Refused" if status == "refused" else "Carried forward"
        yield Problem(
            UNFIT if status == "refused" else CARE,
            f"{words}: {file}",
            message or "",
            "Ask the source for a new delivery.",
            "#sources",
            10**9,
        )


def _expectation_problems(data: ReportInput) -> Iterator[Problem]:
    failed = data.expectations.filter(pl.col("success").eq_missing(pl.lit(False)))
    for name, subject, critical, detail, reason in failed.select("name", "subject", "critical", "detail", "reason").iter_rows():
        level, weight = (UNFIT, 10**10) if critical else (CARE, 10**3)
        yield Problem(level, f"Expectation {name} ({subject})", detail, reason, "#expectations", weight)


def _ledger_problems(data: ReportInput) -> Iterator[Problem]:
    for one in by_file(data.ledger):
        if not one.balances:
            yield Problem(
                UNFIT,
                f"The ledger of {one.name} does not add up",
                "Rows are unaccounted for.",
                "Do not use this load; report it.",
                "#ledger",
                10**11,
            )


def _study_problems(data: ReportInput) -> Iterator[Problem]:
    for study in data.studies:
        if study.refusal:
            action = "Mend the records in quarantine at the source, or answer for them in the work list."
            yield Problem(UNFIT, f"No numbers of the study {study.name}", study.refusal.removeprefix("refused: "), action, "#loaded", 10**8)


def _edit_problems(data: ReportInput) -> Iterator[Problem]:
    levels = {"error": UNFIT, "warning": CARE}
    violated = data.edit_counts.filter(pl.col("violated") > 0, pl.col("severity").is_in(list(levels)))
    named = violated.join(data.edits.select("edit", "title", "action"), on="edit", how="left")
    silenced = overridden(data.findings)
    for edit, severity, all_, title, action in named.select("edit", "severity", "violated", "title", "action").iter_rows():
        if not (n := all_ - silenced.get(edit, 0)):
            continue  # somebody who knows has said that every one of them is right
        yield Problem(levels[severity], f"{edit}: {title or edit}", plural(n, "record"), action or "", "#findings", n)


def _unmapped_problems(data: ReportInput) -> Iterator[Problem]:
    for file, column, distinct, n in data.unmapped.select("source_file", "column", "distinct", "n").iter_rows():
        yield Problem(
            CARE,
            f"Not understood in {file}, column {column}",
            f"{plural(distinct, 'text')} in {plural(n, 'cell')}",
            "Add spellings to vocabularies/, mend the rest at the source (list in internal/unmapped.csv).",
            "#unmapped",
            n,
        )
