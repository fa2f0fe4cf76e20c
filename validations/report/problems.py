"""The worst problems of a load, worst first: what to mend, how much of it there is, and what to do."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import polars as pl

from schemas.study import NEVER_READ
from validations.report.ledger_view import by_file
from validations.report.not_met import OF_EDITS, WHOLE, not_met
from validations.report.numbers import plural
from validations.report.report_input import ReportInput
from validations.report.tables_view import overridden, untold, unused
from validations.report.verdict import CARE, LEVELS, UNFIT

# What is answered weighs that much less; answers that say a thing is mended and it is not weigh like something new.
ANSWERED, NOT_FIXED = 10**8, "WORK-NOT-FIXED"
EXPECTATIONS = "#expectations"
SHOWN = 5
# A warning about the whole load outweighs those about records on the day it begins; later it counts as many records.
NEW, STANDING, MOST_STANDING = 10**8, 10**3, 2


@dataclass(frozen=True)
class Problem:
    """One thing to mend: how bad (level), what, how much, and what to do."""

    level: str
    title: str
    detail: str
    action: str
    link: str
    weight: int


def problems(data: ReportInput) -> tuple[Problem, ...]:
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
    ordered = sorted(found, key=lambda p: (-LEVELS.index(p.level), -p.weight, p.title))
    return tuple(_with_the_answers(_with_the_load(ordered), ordered))


def _with_the_load(ordered: list[Problem]) -> list[Problem]:
    """The first ones; one place is kept for the load as a whole, which errors in single records would crowd out every night, and
    what has long been missing of it takes no more than two from the records and spellings."""
    standing = [one for one in ordered if one.link == EXPECTATIONS and one.level == CARE and one.weight <= STANDING][MOST_STANDING:]
    ordered = [one for one in ordered if one not in standing] + standing
    first, of_load = ordered[:SHOWN], [one for one in ordered if one.link == EXPECTATIONS]
    if of_load and not any(one.link == EXPECTATIONS for one in first):
        return [*first[:-1], of_load[0]]
    return first


def _with_the_answers(first: list[Problem], ordered: list[Problem]) -> list[Problem]:
    """The same; what was said to be mended and is not has a place among them, before the last error in single records."""
    not_fixed = next((one for one in ordered if one.title.startswith(f"{NOT_FIXED}:")), None)
    others = [one for one in first if one.link != EXPECTATIONS]
    if not_fixed is None or not_fixed in first or not others:
        return first
    return sorted([*(one for one in first if one is not others[-1]), not_fixed], key=ordered.index)


def _load_problems(data: ReportInput) -> Iterator[Problem]:
    if not data.rows.get("dim_patient"):
        yield Problem(
            UNFIT, "No woman was loaded", "dim_patient is empty.", "Look at the ledger: where did the rows go?", "#ledger", 10**12
        )


def _source_problems(data: ReportInput) -> Iterator[Problem]:
    for one in unused(data.sources):
        is_refused = one["status"] == "refused"
        title = f"{'Refused' if is_refused else 'Carried forward'}: {one['source_file']}"
        yield Problem(UNFIT if is_refused else CARE, title, one["message"], "Ask the source for a new delivery.", "#sources", 10**9)


def _expectation_problems(data: ReportInput) -> Iterator[Problem]:
    """One for each expectation that is not met; its sources, edits and older releases (`NAME.…`) are told as one, and so are the tables
    whose rows one edit keeps back.
    """
    new = ~pl.col("name").is_in(list(data.not_met_before)) if data.not_met_before is not None else pl.lit(value=False)
    failed = not_met(data.expectations).with_columns(new.alias("is_new"), of=pl.col("name").str.split(".").list.first())
    whole = failed.filter(pl.col("reason").str.starts_with(WHOLE)).select("of", why="reason").unique("of")
    failed = failed.join(whole, on="of", how="left", maintain_order="left").with_columns(cause=pl.coalesce("why", "of"))
    for part in failed.partition_by("cause", maintain_order=True):
        worst = part.sort("critical", "is_new", descending=True, maintain_order=True).row(0, named=True)
        is_new = worst["is_new"]
        level, weight = (UNFIT, 10**10) if worst["critical"] else (CARE, NEW if is_new else STANDING)
        weight -= worst["of"] == OF_EDITS  # they judge what was loaded: a table or a field that fell silent with them is what to mend
        others = f"; and {part.height - 1:,} more of {worst['of'] if worst['why'] is None else 'one cause'}" if part.height > 1 else ""
        subject = f"{worst['name']} ({worst['subject']}){', new in this release' if is_new else ''}"
        title = f"Rows kept back, not missing: {subject}" if worst["why"] is not None else f"Expectation {subject}"
        weight += worst["why"] is not None
        yield Problem(level, title, f"{worst['detail']}{others}", worst["reason"], EXPECTATIONS, weight)


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
            held = "Mend the records in quarantine at the source, or answer for them in the work list."
            action = "Have the export sent again." if study.refusal.startswith(NEVER_READ) else held
            yield Problem(UNFIT, f"No numbers of the study {study.name}", study.refusal.removeprefix("refused: "), action, "#loaded", 10**8)


def _edit_problems(data: ReportInput) -> Iterator[Problem]:
    """What nobody has answered for counts; where all that is left was answered by `cannot tell`, it stands below everything else."""
    levels = {"error": UNFIT, "warning": CARE}
    violated = data.edit_counts.filter(pl.col("violated") > 0, pl.col("severity").is_in(list(levels)))
    named = violated.join(data.edits.select("edit", "title", "action"), on="edit", how="left")
    silenced, cannot_tell = overridden(data.findings), untold(data.findings)
    for edit, severity, all_, title, action in named.select("edit", "severity", "violated", "title", "action").iter_rows():
        if not (n := all_ - silenced.get(edit, 0)):
            continue  # somebody who knows has said that every one of them is right
        dark = min(cannot_tell.get(edit, 0), n)
        level, weight = (levels[severity], n - dark) if dark < n else (CARE, n - ANSWERED)
        said = f", of {'all' if dark == n else f'{dark:,}'} nobody can tell" if dark else ""
        weight += NEW if edit == NOT_FIXED else 0
        yield Problem(level, f"{edit}: {title or edit}", f"{plural(n, 'record')}{said}", action or "", "#findings", weight)


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
