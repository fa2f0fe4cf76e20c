"""Writes the quality report: one HTML file, readable without script, nothing fetched, everything escaped."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from schemas.facts import own_rows
from schemas.items import items
from validations.report import heat_view, numbers, overrides_view, registry_view, tables_view, trend_view
from validations.report.ledger_view import all_files, by_file
from validations.report.not_met import names_not_met
from validations.report.problems import problems
from validations.report.registry_measures import BANDS
from validations.report.report_input import ReportInput
from validations.report.verdict import RULES, verdicts

if TYPE_CHECKING:
    from jinja2 import Environment

VOLUMES = (
    ("dim_patient", "Women"),
    ("dim_tumour", "Tumours"),
    ("fact_treatment", "Treatments"),
    ("fact_event", "Events"),
    ("fact_follow_up", "Contacts"),
    ("fact_biomarker", "Receptor results"),
)


# The parts of the page in their order: id of the section, its word in the navigation. A section that is not there is not named.
SECTIONS = (
    ("fitness", "Fitness"),
    ("problems", "Worst problems"),
    ("changes", "Changes"),
    ("loaded", "Loaded"),
    ("sources", "Sources"),
    ("ledger", "Ledger"),
    ("edits", "Edits"),
    ("completeness", "Completeness"),
    ("indices", "Indices"),
    ("dates", "Dates"),
    ("expectations", "Expectations"),
    ("contradictions", "Contradictions"),
    ("corrections", "Corrections"),
    ("overrides", "Over-rides"),
    ("unmapped", "Not understood"),
    ("findings", "Findings"),
    ("glossary", "Words"),
)


def write(path: Path, data: ReportInput) -> None:
    """Write the report of one release to `path` (share/quality/index.html)."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(environment().get_template("report.html").render(context(data)), encoding="utf-8", newline="\n")


@cache
def environment() -> Environment:
    """Templates of this package: autoescape for every one, an undefined name is an error."""
    from jinja2 import Environment, PackageLoader, StrictUndefined  # noqa: PLC0415  # 0.1 s that `oncomart --help` need not pay

    made = Environment(
        loader=PackageLoader("validations.report", ""), autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    made.filters |= {"count": numbers.count, "plural": numbers.plural, "breakable": numbers.breakable, "within": numbers.within}
    made.globals |= {"percent": numbers.percent, "label": label}
    return made


@cache
def label(table: str, column: str) -> str:
    """Words for one field, from the data dictionary; its own name where the dictionary does not know it."""
    try:
        return next((item.label for item in items(table) if item.column == column), column)
    except KeyError:
        return column


def context(data: ReportInput) -> dict[str, Any]:
    """All that the template shows, as plain small objects."""
    absent = {"corrections" if not (data.applied or data.corrections.height) else "", "overrides" if not data.overrides.height else ""}
    measured = trend_view.measure_trends(data.release_history)
    return {
        "data": data,
        "sections": [(name, words) for name, words in SECTIONS if name not in absent],
        "changes": trend_view.changes(data.edit_history, data.release_history, data.edits),
        "met_or_not": trend_view.met_or_not(names_not_met(data.expectations), data.not_met_before),
        "trends": trend_view.edit_trends(data.edit_history),
        "heat": heat_view.heat(data.completeness, data.delivered),
        "sources_of_heat": heat_view.sources(data.delivered),
        "nowhere": heat_view.nowhere(data.completeness, data.delivered),
        "indices": registry_view.indices(data.indices),
        "sources_of_indices": registry_view.sources(data.indices),
        "timeliness": registry_view.timeliness(data.timeliness),
        "bands": [(f"band{i}", words) for i, (_, words) in enumerate(BANDS)],
        "contradictions": registry_view.contradictions(data.contradictions),
        "contradicted": registry_view.contradicted(data.contradicted, data.edits),
        "corrections": data.corrections.to_dicts(),
        "overrides": overrides_view.overrides(data.overrides),
        "verdicts": verdicts(data),
        "rules": RULES,
        "problems": problems(data),
        "unused": tables_view.unused(data.sources),
        "volumes": [_volume(data, table, words, measured.get(table)) for table, words in VOLUMES],
        "sources": tables_view.sources(data.sources),
        "total": all_files(data.ledger),
        "ledgers": by_file(data.ledger),
        "edits": tables_view.edits(data.edit_counts, data.edits, tables_view.overridden(data.findings)),
        "precision": tables_view.precision(data.precision),
        "expectations": tables_view.expectations(data.expectations),
        "unmapped": data.unmapped.sort("n", "source_file", "column", descending=[True, False, False]).to_dicts(),
        "findings": tables_view.findings(data.findings, data.edits),
        "glossary": glossary(),
    }


def _volume(data: ReportInput, table: str, words: str, line: trend_view.Spark | None) -> dict[str, Any]:
    now = data.rows.get(table, 0)
    before = (data.previous or {}).get(table)
    return {"words": words, "n": numbers.count(now), "change": "" if before is None else numbers.change(now, before), "spark": line}


@cache
def glossary() -> tuple[dict[str, str], ...]:
    """The words of the report and what they mean."""
    return own_rows("validations.report", "glossary.csv")
