"""The silence alarm: an edit that judged nothing, or far less than in the release before, protects nobody (DESIGN 2.4).

It compares counts of two releases, so it stands beside Great Expectations, which sees the warehouse of this one; what it finds
is shown, overridden and made critical like every other expectation.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

import polars as pl

from schemas.reading_edits import findings as as_findings
from validations.expectation_rules import Rule, silence_rule
from validations.report.report_input import RESULTS

EDIT = "LOAD-SILENT"
# What is compared: the records that the edit judged, and those that it judged for certain. One that comes to nothing but `possible`
# (a date order that is not proved any more) looks at every record and holds none of them.
JUDGED: dict[str, tuple[str, ...]] = {"judged": ("violated", "possible", "satisfied"), "judged for certain": ("violated", "satisfied")}
# One row per edit that fell silent, identified by edit: what it judged now and in the release before (`how`: which of JUDGED fell),
# and whether that stops the publish.
SILENT: dict[str, type[pl.DataType]] = {
    "edit": pl.String,
    "how": pl.String,
    "judged": pl.Int64,
    "before": pl.Int64,
    "critical": pl.Boolean,
    "expected": pl.String,
    "reason": pl.String,
}
NOTHING = "not judgeable: no earlier release to compare with"


def fallen_silent(
    counts: pl.DataFrame, last: pl.DataFrame, critical: Collection[str], thresholds: Mapping[str, Mapping[str, Any]] | None = None
) -> pl.DataFrame:
    """SILENT, sorted by edit. counts, last: EDIT_COUNTS of this release and of the one before; critical: codes of critical edits.

    Each of JUDGED may fall. Where the edit judged under `fewest` before, nothing is expected; under `few`, only that it judges at
    all. An edit that is no more (retired, taken out of edits.yml) is silent by right.
    """
    given, rows = thresholds or {}, dict[str, tuple[object, ...]]()
    for how in JUDGED:
        both = counts.select("edit", judged=_judged(how)).join(last.select("edit", before=_judged(how)), on="edit")
        for edit, judged, before in both.iter_rows():
            if edit not in rows and (row := _silent(edit, how, (judged, before), edit in critical, given)):
                rows[edit] = row
    return pl.DataFrame(list(rows.values()), schema=SILENT, orient="row").sort("edit")


def _silent(
    edit: str, how: str, found: tuple[int, int], is_critical: bool, thresholds: Mapping[str, Mapping[str, Any]]
) -> tuple[object, ...] | None:
    judged, before = found
    rule = silence_rule(thresholds, edit)
    share = rule.minimum or 0.0
    least = 0 if before < rule.fewest or not share else 1 if before < rule.few else max(1, -int(-share * before // 1))
    if judged >= least:
        return None
    stops = is_critical or rule.critical if not _says(thresholds, rule.name, edit) else rule.critical
    return edit, how, judged, before, stops, f"at least {least:,}", rule.reason


def _says(thresholds: Mapping[str, Mapping[str, Any]], name: str, edit: str) -> bool:
    """The registry says itself whether the silence of this edit stops the publish."""
    return "critical" in thresholds.get(f"{name}.{edit}", {})


def results(silent: pl.DataFrame, last: pl.DataFrame, rule: Rule) -> pl.DataFrame:
    """The alarm as expectations (RESULTS): one for all edits, then one for each that fell silent."""
    n = last.filter(_judged("judged") > 0).height
    success = None if not last.height else not silent.height
    detail = NOTHING if success is None else f"{silent.height:,} of {n:,} edits that judged in the earlier release fell silent"
    rows = [(rule.name, rule.table, False, success, detail, rule.reason)]
    for edit, how, judged, before, critical, expected, reason in silent.iter_rows():
        told = f"{judged:,} {how} now, {before:,} in the earlier release, expected {expected}"
        rows.append((f"{rule.name}.{edit}", f"{rule.table}.{edit}", critical, False, told, reason))
    return pl.DataFrame(rows, schema=RESULTS, orient="row")


def silence_findings(silent: pl.DataFrame) -> pl.DataFrame:
    """The alarm as findings (FINDINGS): one row per edit that fell silent; `columns` names it. Not for the warehouse: it is history."""
    return as_findings(silent.select(record=pl.lit("edit"), columns=pl.col("edit")), EDIT)


def _judged(how: str) -> pl.Expr:
    return pl.sum_horizontal(JUDGED[how])
