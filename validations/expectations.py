"""Does the load as a whole behave: volumes, completeness, shares, freshness, against the dictionary and earlier releases.

Great Expectations judges; what it cannot judge is reported as such; its Data Docs are cleaned before anyone opens them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import polars as pl

from schemas.core.frames import empty
from validations.baseline import Baselines, Counted, Shares, moved_on
from validations.expectation_drift import Drift
from validations.expectation_plan import Planned, plan
from validations.expectation_rules import rules
from validations.late_import import late
from validations.report.measures import COMPLETENESS
from validations.report.numbers import PERCENT, percent
from validations.report.report_input import RESULTS

# What Great Expectations imports for one expectation that is not used here: 40 % of its own import.
NEVER_ASKED = ("scipy.stats", "altair")
# Under one in a thousand, which rows came or went says nothing.
UNMOVED = 0.001


@dataclass(frozen=True)
class Expectations:
    """What came of the suite: `results` (schema RESULTS), what this release counted (`counts`, `shares`), and what the next one
    gives back: `baselines`; how complete each field is (`completeness`: COMPLETENESS).
    """

    results: pl.DataFrame
    counts: Mapping[str, int]
    shares: Shares = field(default_factory=dict)
    baselines: Baselines = field(default_factory=dict)
    completeness: pl.DataFrame = field(default_factory=lambda: empty(COMPLETENESS))

    @property
    def failed(self) -> pl.DataFrame:
        """The expectations that are certainly not met."""
        return self.results.filter(pl.col("success").eq_missing(pl.lit(False)))

    @property
    def critical_failed(self) -> bool:
        """A critical expectation is not met: the release must not be published."""
        return bool(self.failed["critical"].any())


def import_engine() -> None:
    """Imports Great Expectations, before it is needed where there is time: it takes seconds, and most commands never need it."""
    with late(*NEVER_ASKED):
        from validations import data_docs, expectation_run  # noqa: F401, PLC0415


def check(
    warehouse: Path,
    docs: Path,
    thresholds: Mapping[str, Mapping[str, Any]] | None = None,
    earlier: Baselines | None = None,
    *,
    place: tuple[str, str] = ("", ""),
    beside: pl.DataFrame | None = None,
) -> Expectations:
    """Judge the suite on one warehouse file and write Data Docs into `docs` (index.html and one page per table).

    thresholds: from registry.yml, by name of a hand-kept expectation: min, max, critical.
    earlier: what each expectation is compared with. place: run_id and as-of date of this release. beside: results (RESULTS) that
    were judged elsewhere on the same load and are told with these.
    Raises ConfigurationError for a threshold that fits no expectation. Close every connection to the file before.
    """
    given = rules(thresholds or {})
    planned, measured = plan(warehouse, given, earlier or {})
    import_engine()
    from validations import data_docs, expectation_run  # noqa: PLC0415

    validated = expectation_run.judge(warehouse, [one for one in planned if not one.problem])
    success = expectation_run.successes(validated)
    results = pl.DataFrame([_result(one, success) for one in planned], schema=RESULTS, orient="row")
    results = pl.concat([results, beside]) if beside is not None else results
    data_docs.write(docs, validated, results)
    now = Counted(*place, measured.counts(), measured.shares)
    met = {one.rule.name: None if one.problem else success.get(one.rule.name) for one in planned}
    return Expectations(results, now.counts, now.shares, moved_on(given, earlier or {}, now, met), measured.completeness)


def _result(one: Planned, success: Mapping[str, bool | None]) -> tuple[str, str, bool, bool | None, str, str]:
    rule = one.rule
    if one.problem:
        return rule.name, rule.subject, rule.critical, None, f"not judgeable: {one.problem}", rule.reason
    met = success.get(rule.name)
    # None: the query itself failed. That is never a success: a check that did not run protects nobody.
    detail = "the check itself could not run" if met is None else _detail(one, met)
    return rule.name, rule.subject, rule.critical, bool(met), detail, rule.reason


def _detail(one: Planned, met: bool) -> str:  # noqa: PLR0911 - one sentence per kind of rule
    bounds = " and ".join(
        f"{word} {_bound(one, bound)}" for word, bound in (("at least", one.minimum), ("at most", one.maximum)) if bound is not None
    )
    if one.drift is not None:
        return f"{_moved(one.drift)}{_since(one)}, expected {bounds}"
    match one.rule.kind:
        case "columns":
            return "columns as declared" if met else "columns differ from the data dictionary"
        case "required":
            return f"{one.of:,} rows, none empty" if met else f"empty in some of {one.of:,} rows"
        case "rows":
            return f"{one.hits:,} rows, expected {bounds}"
        case "rows_against_previous" | "known_against_previous":
            return f"{one.hits:,} now, {one.of:,}{_since(one)}, expected {bounds}"
        case "fresh":
            return f"{one.hits:,} of {one.of:,} calendar dates within {one.rule.maximum:.0f} days of the as-of date, expected at least 1"
        case _:
            return f"{one.hits:,} of {one.of:,} ({percent(one.hits, one.of)}), expected {bounds}"


def _since(one: Planned) -> str:
    return f" in {one.against.words}" if one.drift is None and one.against else f" since {one.against.words}" if one.against else ""


def _moved(drift: Drift) -> str:
    if drift.distance < UNMOVED:
        return "shares did not move"
    most = f"most: {drift.code}, {drift.before:.0%} before and {drift.now:.0%} now".replace("%", PERCENT)
    return f"shares moved by {100 * drift.distance:.1f}{PERCENT} ({most})"


def _bound(one: Planned, bound: float) -> str:
    return f"{100 * bound:g}{PERCENT}" if one.rule.kind in ("known", "share", "drift") else f"{-int(-bound // 1):,}"
