"""Does the load as a whole behave: volumes, completeness, shares, freshness, against the dictionary and earlier releases.

Great Expectations judges; what it cannot judge is reported as such; its Data Docs are cleaned before anyone opens them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import duckdb
import polars as pl

from schemas.core.frames import empty
from validations.expecting.anchor import Anchors, renewed
from validations.expecting.baseline import Baselines, Counted, Shares, moved_on
from validations.expecting.beside import judged_beside
from validations.expecting.plan import Plan, Planned, plan, planned_of
from validations.expecting.rows import Row, as_results
from validations.expecting.rules import COMPARING, DELIVERED_ROWS, OF_EDITS, OF_SOURCES, SINCE, SINCE_LAST, kinds, rules
from validations.expecting.source_shares import Fills
from validations.expecting.volume_held import explained
from validations.expecting.words import detail
from validations.late_import import late, some_home
from validations.reference import Reference
from validations.report.measures import COMPLETENESS
from validations.report.not_met import stopping

# What Great Expectations imports for one expectation or metric each that is not used here.
NEVER_ASKED = ("scipy.stats", "altair", "jsonschema")
# Of which packages it imports every module only to hand its names on (package, file names), and the modules that are used here.
HANDED_ON = (("great_expectations.expectations.core", "expect_*.py"), ("great_expectations.datasource.fluent", "*_datasource.py"))
USED = {
    "expect_column_values_to_not_be_null", "expect_table_columns_to_match_set", "expect_table_row_count_to_be_between",
    "sql_datasource", "invalid_datasource", "postgres_datasource", "databricks_sql_datasource",
}  # fmt: skip
# What says that a load is unlike the one before it; an edit that fell silent says so of itself alone.
UNLIKE = {*COMPARING, OF_SOURCES} - {OF_EDITS}


@dataclass(frozen=True)
class Expectations:
    """The outcome of the suite.

    `results`: schema RESULTS. `counts`, `shares`: what this release counted. `baselines`, `anchors`: what the next release is compared
    with. `completeness`: how complete each field is (COMPLETENESS).
    """

    results: pl.DataFrame
    counts: Mapping[str, int]
    shares: Shares = field(default_factory=dict)
    baselines: Baselines = field(default_factory=dict)
    anchors: Anchors = field(default_factory=Anchors)
    completeness: pl.DataFrame = field(default_factory=lambda: empty(COMPLETENESS))

    @property
    def failed(self) -> pl.DataFrame:
        """The expectations that are certainly not met."""
        return self.results.filter(pl.col("success").eq_missing(pl.lit(False)))

    @property
    def critical_failed(self) -> bool:
        """A critical expectation is not met: the release must not be published."""
        return not stopping(self.results).is_empty()

    @property
    def unlike_before(self) -> frozenset[str]:
        """The tables and fields whose rows, shares or kept values are not as in the release they are compared with, and the sources
        whose files multiplied or lost rows.
        """
        overnight = self.failed.filter(~pl.col("name").str.contains(rf"\.({SINCE}|{SINCE_LAST})$"))
        of = pl.col("name").str.split(".").list.first().replace_strict(kinds(), default="", return_dtype=pl.String)
        files = pl.col("name").str.starts_with(f"{DELIVERED_ROWS}.")
        return frozenset(overnight.filter(of.is_in([*UNLIKE]) | files)["subject"])


def import_engine() -> None:
    """Imports Great Expectations, before it is needed where there is time: it takes a second, and most commands never need it.

    Without the sixty expectations and twenty kinds of data source that are not used here it takes half of that.
    """
    with some_home(), late(*NEVER_ASKED, handed_on=never_used()):
        from validations.expecting import data_docs, run  # noqa: F401, PLC0415


def never_used() -> Iterator[str]:
    """The modules that hold one expectation or one kind of data source each, but for those that are used here."""
    for package, pattern in HANDED_ON:
        library, *below = package.split(".")
        spec = find_spec(library)  # where it lies; this imports nothing
        for folder in (spec.submodule_search_locations if spec is not None else None) or ():
            yield from (f"{package}.{file.stem}" for file in sorted(Path(folder, *below).glob(pattern)) if file.stem not in USED)


def asked(
    con: duckdb.DuckDBPyConnection, thresholds: Mapping[str, Mapping[str, Any]], earlier: Baselines, fills: Fills | None = None
) -> Plan:
    """What the suite asks of the star itself, which is most of its work; `check` is told it as `found`."""
    return planned_of(con, rules(thresholds), earlier, fills)


def check(
    warehouse: Path,
    docs: Path,
    held_to: Reference | None = None,
    *,
    place: tuple[str, str] = ("", ""),
    beside: pl.DataFrame | None = None,
    found: Plan | None = None,
) -> Expectations:
    """Judge the suite on one warehouse file and write Data Docs into `docs` (index.html and one page per table).

    place: run_id and as-of date of this release. beside: results (RESULTS) that were judged elsewhere on the same load and are told with
    these. found: what was `asked` before, of the same thresholds, releases and fields. Close every connection to the file before.
    """
    reference = held_to or Reference()
    given, (earlier, anchors) = rules(reference.thresholds), reference.compared
    asked_of, measured = found or plan(warehouse, given, earlier, reference.fills)
    planned = tuple(explained(one, reference.kept) for one in asked_of)
    validated, success = _validated(warehouse, planned)
    others = judged_beside(given, measured, {one.rule.name: success.get(one.rule.name) for one in planned}, reference)
    results = as_results([*(_result(one, success) for one in planned), *others.rows])
    results = pl.concat([results, beside]) if beside is not None else results
    _write_docs(docs, validated, results, _release(warehouse))
    now = Counted(*place, measured.counts(), measured.shares)
    baselines = moved_on(others.rules, earlier, now, others.success)
    older = renewed(others.rules, anchors, now, others.since_anchor, others.days)
    return Expectations(results, now.counts, now.shares, baselines, older, measured.completeness)


def _validated(warehouse: Path, planned: Sequence[Planned]) -> tuple[dict[str, Any], dict[str, bool | None]]:
    """What Great Expectations says of each table, and by name how each rule that can be judged ended (None: its query failed)."""
    import_engine()
    from validations.expecting import run  # noqa: PLC0415

    validated = run.judge(warehouse, [one for one in planned if not one.problem])
    return validated, run.successes(validated)


def _write_docs(docs: Path, validated: dict[str, Any], results: pl.DataFrame, release: dict[str, Any]) -> None:
    from validations.expecting import data_docs  # noqa: PLC0415  # after `import_engine`

    data_docs.write(docs, validated, results, release | {"is_refused": not stopping(results).is_empty()})


def _release(warehouse: Path) -> dict[str, Any]:
    """The one row of `release` by column, which every page names; empty where it was not written."""
    with duckdb.connect(str(warehouse), read_only=True) as con:
        found = pl.DataFrame(con.sql("select registry, run_id, as_of, is_simulated from release").to_arrow_table())
    return found.row(0, named=True) if found.height else {}


def _result(one: Planned, success: Mapping[str, bool | None]) -> Row:
    rule = one.rule
    if one.problem:
        return rule.name, rule.subject, rule.critical, None, f"not judgeable: {one.problem}", rule.reason
    met = success.get(rule.name)
    # None: the query itself failed. That is never a success: a check that did not run protects nobody.
    told = "the check itself could not run" if met is None else detail(one, met=met)
    return rule.name, rule.subject, rule.critical, bool(met), told, rule.reason
