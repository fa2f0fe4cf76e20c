"""Is this load fit for use? Explicit rules over counts, each with its reason.

A verdict is the worst level any of its rules gives. The limits stand here once and are printed with the verdict.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import polars as pl

from validations.report.ledger_view import all_files, by_file
from validations.report.numbers import count, limit, percent, plural
from validations.report.report_input import ReportInput
from validations.report.rests_on import COUNTS, SURVIVAL, TREATMENTS, doubts, stops

FIT, CARE, UNFIT = "fit", "care", "unfit"
LEVELS = (FIT, CARE, UNFIT)
# Share of records kept out by edits above which numbers are no longer those of the registry.
MAX_KEPT_OUT = 0.05
# Share of rows that must know a field before a table or a curve that needs it is fit.
MIN_KNOWN = 0.95
MAX_UNMAPPED = 0.01
Reason = tuple[str, str]
# The rules below in words, printed under the verdicts.
RULES = (
    (
        "Every use",
        "not fit where no woman was loaded, a critical expectation is not met or a ledger does not add up; with care where a "
        "file was refused or carried forward, an expectation of what it rests on is not met (an edit that fell silent: of what it "
        "reads of its record), or the registry is simulated.",
    ),
    (
        "Counts",
        f"with care where more than {limit(MAX_KEPT_OUT)} of the records that reached the edits were quarantined or held, or as "
        "many of the women that a study, or one of its arms, may be about.",
    ),
    (
        "Survival",
        f"not fit where follow-up is missing or the last contact is known in under {limit(MIN_KNOWN)}; with care where vital status, "
        f"date of death or date of the event is known in under {limit(MIN_KNOWN)} of the rows they concern, or more than "
        f"{limit(MAX_KEPT_OUT)} of last contacts are ambiguous or no closer than a year, or as many of the women that a study, or one "
        "of its arms, may be about are held.",
    ),
    (
        "Treatment tables",
        f"not fit where no treatment was delivered; with care where the drug is known in under {limit(MIN_KNOWN)} of drug "
        f"treatments without a regimen, or cells that were not understood exceed {limit(MAX_UNMAPPED)} of the treatments.",
    ),
)


@dataclass(frozen=True)
class Verdict:
    """One use, its level and the reasons for it, worst first."""

    use: str
    level: str
    reasons: tuple[Reason, ...]


def verdicts(data: ReportInput) -> tuple[Verdict, ...]:
    """Fitness for counts, for survival and for treatment tables."""
    common = list(_common(data))
    found = {COUNTS: _counts(data), SURVIVAL: _survival(data), TREATMENTS: _treatments(data)}
    return tuple(
        _verdict(use, [*common, *reasons, *((CARE, words) for words in doubts(data.expectations, use, data.edit_reads))])
        for use, reasons in found.items()
    )


def _verdict(use: str, reasons: list[Reason]) -> Verdict:
    ordered = sorted(reasons, key=lambda reason: -LEVELS.index(reason[0]))
    level = ordered[0][0] if ordered else FIT
    # Good news only where there is no other.
    return Verdict(use, level, tuple(ordered if level == FIT else [r for r in ordered if r[0] != FIT]))


def _common(data: ReportInput) -> Iterator[Reason]:
    """What makes any use of the load doubtful."""
    yield from ((UNFIT, words) for words in stops(data.expectations))
    if not data.rows.get("dim_patient"):
        yield UNFIT, "no woman was loaded"
    unbalanced = sum(not one.balances for one in by_file(data.ledger))
    if unbalanced:
        yield UNFIT, f"the ledger of {plural(unbalanced, 'file')} does not add up"
    for status, word in (("refused", "refused"), ("carried_forward", "carried forward from an earlier delivery")):
        n = data.sources.filter(pl.col("status") == status).height
        if n:
            yield CARE, f"{plural(n, 'file')} {word}"
    if data.is_simulated:
        yield CARE, "simulated data: no finding about real patients"


def _counts(data: ReportInput) -> Iterator[Reason]:
    edit = next((block for block in all_files(data.ledger).blocks if block.stage == "edit"), None)
    total = edit.total if edit else 0
    out = sum(fate.n for fate in edit.fates if fate.name in ("quarantined", "held")) if edit else 0
    if out:
        level = CARE if out > MAX_KEPT_OUT * total else FIT
        yield level, f"{count(out)} of {plural(total, 'record')} ({percent(out, total, MAX_KEPT_OUT)}) kept out by error edits"
    elif total:
        yield FIT, f"all {plural(total, 'record')} that reached the edits were loaded"
    yield from _held(data)


def _held(data: ReportInput) -> Iterator[Reason]:
    """The studies of which many women are held: who they are decides counts and curves. No number, for it may be small."""
    for study in data.studies:
        if study.held_share > MAX_KEPT_OUT:
            yield CARE, f"more than {limit(MAX_KEPT_OUT)} of the women that study {study.name} may be about are held"
        for arm in (arm for arm, share in study.held_arms.items() if share > MAX_KEPT_OUT):
            yield CARE, f"more than {limit(MAX_KEPT_OUT)} of the arm “{arm}” of study {study.name} are held"


def _survival(data: ReportInput) -> Iterator[Reason]:
    yield from _held(data)
    if not data.rows.get("fact_follow_up"):
        yield UNFIT, "no follow-up was delivered"
        return
    yield _known_reason(data, "fact_follow_up", "contact", "last contact", UNFIT)
    status = _known(data, "fact_follow_up", "vital_status_code")
    if status and not status[0]:
        yield CARE, "vital status is not delivered: overall survival cannot be estimated, only times to delivered events"
    else:
        yield _known_reason(data, "fact_follow_up", "vital_status_code", "vital status", CARE)
        yield _known_reason(data, "fact_follow_up", "death", "date of death", CARE)
    if data.rows.get("fact_event"):
        yield _known_reason(data, "fact_event", "event", "date of the event", CARE)
    precise = data.precision.filter(pl.col("table") == "fact_follow_up", pl.col("date") == "contact")
    vague = int(precise.filter(pl.col("precision").is_in(["ambiguous", "year", "unknown"]))["n"].sum())
    of = int(precise.filter(pl.col("precision") != "not_delivered")["n"].sum())
    if vague > MAX_KEPT_OUT * of:
        yield (
            CARE,
            f"last contact is ambiguous or no closer than a year in {count(vague)} of {count(of)} ({percent(vague, of, MAX_KEPT_OUT)})",
        )


def _treatments(data: ReportInput) -> Iterator[Reason]:
    n = data.rows.get("fact_treatment", 0)
    if not n:
        yield UNFIT, "no treatment was delivered"
        return
    yield _known_reason(data, "fact_treatment", "drug_code", "drug of treatments without a regimen", CARE)
    unmapped = int(data.unmapped["n"].sum())
    if unmapped > MAX_UNMAPPED * n:
        yield CARE, f"{plural(unmapped, 'cell')} with a text that was not understood"


def _known(data: ReportInput, table: str, column: str) -> tuple[int, int] | None:
    """(known, of) of one field; None where no row concerns it."""
    rows = data.completeness.filter(pl.col("table") == table, pl.col("column") == column, pl.col("n") > 0)
    return (rows["n"][0] - rows["missing"][0], rows["n"][0]) if rows.height else None


def _known_reason(data: ReportInput, table: str, column: str, words: str, level: str) -> Reason:
    met = _known(data, table, column)
    if met is None:
        return FIT, f"{words}: no row concerns it"
    known, of = met
    said = f"{words} known in {count(known)} of {count(of)} ({percent(known, of, MIN_KNOWN)})"
    return (FIT, said) if known >= MIN_KNOWN * of else (level, f"{said}, needed in {limit(MIN_KNOWN)}")
