"""Great Expectations itself: judges planned rules on the warehouse file and hands back its validation results.

The only module that imports Great Expectations (3-7 s): import it late. It sends nothing anywhere: analytics are switched
off before the import, the context lives in memory, the warehouse is opened read only without extensions.
"""

from __future__ import annotations

import os
from collections import defaultdict
from collections.abc import Iterable
from pathlib import Path
from typing import Any

os.environ["GX_ANALYTICS_ENABLED"] = "False"

import great_expectations as gx  # the switch above must come first
from great_expectations import expectations as gxe
from great_expectations.datasource.fluent.sql_datasource import SQLDatasource, TableAsset
from sqlglot import exp

from schemas.items import columns
from validations.expecting import gx_dialect
from validations.expecting.drift import ROUNDING, Drift, distance_sql
from validations.expecting.plan import Planned
from validations.report.measures import count_where

# Counts only: the default format lists unexpected values, and those are patient data.
RESULT_FORMAT = {"result_format": "SUMMARY", "partial_unexpected_count": 0}
BATCH = "the_batch"


class UnexpectedRowsCounted(gxe.UnexpectedRowsExpectation):  # type: ignore[misc]
    """Great Expectations' own, which counts the rows of a query and runs it once more for the rows: in a summary nobody sees them."""

    metric_dependencies = ("unexpected_rows_query.row_count",)

    def _validate(self, metrics: dict[str, Any], *given: Any, **more: Any) -> Any:
        return super()._validate({"unexpected_rows_query.table": [], **metrics}, *given, **more)


def judge(warehouse: Path, planned: Iterable[Planned]) -> dict[str, Any]:
    """The validation result of each table, by table name; each holds one result per planned rule, named in its meta.

    No other connection with another configuration may be open on the file in this process.
    """
    by_table: dict[str, list[Planned]] = defaultdict(list)
    for one in planned:
        by_table[one.rule.table].append(one)
    context = gx.get_context(mode="ephemeral")
    for site in list(context.get_site_names()):
        context.delete_data_docs_site(site)
    context.variables.progress_bars = {"globally": False}
    # With all its tables at once: the context writes its whole configuration for each one that is added later.
    assets = [TableAsset(name=table, table_name=table) for table in by_table]
    source = SQLDatasource(name="warehouse", connection_string=gx_dialect.url(warehouse), assets=assets)
    source = context.data_sources.add_sql(source)
    try:
        return {table: _validated(source.get_asset(table), rules) for table, rules in by_table.items()}
    finally:
        source.get_engine().dispose()
        source.get_execution_engine().close()


def _validated(asset: Any, planned: list[Planned]) -> Any:
    """The suite of one table, judged as a batch: nothing of it is stored in the context, which ends with this run."""
    suite = gx.ExpectationSuite(name=asset.name, expectations=[_expectation(one) for one in planned])
    return asset.get_batch(asset.build_batch_request()).validate(suite, result_format=RESULT_FORMAT)


def _expectation(one: Planned) -> Any:
    rule = one.rule
    common = {
        "meta": {"name": rule.name},
        "notes": rule.reason,
        "severity": "critical" if rule.critical else "warning",
    }
    match rule.kind:
        case "columns":
            names = [column.name for column in columns(rule.table, "star")]
            return gxe.ExpectTableColumnsToMatchSet(column_set=names, exact_match=True, **common)
        case "required":
            return gxe.ExpectColumnValuesToNotBeNull(column=rule.column, **common)
        case "rows" | "rows_against_previous":
            return gxe.ExpectTableRowCountToBeBetween(min_value=_whole(one.minimum), max_value=_whole(one.maximum), **common)
        case _:
            return UnexpectedRowsCounted(unexpected_rows_query=_query(one), description=rule.name, **common)


def _whole(bound: float | None) -> int | None:
    """Row counts are whole: at least 6.5 rows means at least 7."""
    return None if bound is None else -int(-bound // 1)


def _query(one: Planned) -> str:
    """A query that returns one row of counts where the rule fails, and none where it is met."""
    if one.drift is not None:
        return _drift_query(one, one.drift)
    hits = count_where(exp.and_(one.base, one.condition))
    # A share is of the rows it concerns; a comparison with counts (earlier release) has its number already.
    of: exp.Expr = count_where(one.base) if one.rule.kind in ("known", "share", "fresh") else exp.Literal.number(1)
    bounds = [
        kind(this=exp.column("hits"), expression=exp.Mul(this=exp.column("n"), expression=exp.Literal.number(bound)))
        for kind, bound in ((exp.LT, one.minimum), (exp.GT, one.maximum))
        if bound is not None
    ]
    counted = exp.select(of.as_("n"), hits.as_("hits")).from_(BATCH).subquery("counted")
    query = exp.select("n", "hits").from_(counted).where(exp.or_(*bounds))
    return query.sql(dialect="duckdb").replace(BATCH, "{batch}")


def _drift_query(one: Planned, drift: Drift) -> str:
    """The distance where it is too far. A share is a fraction of two counts: what is lost in writing it as a decimal is no drift."""
    measured = exp.select(distance_sql(one.rule, one.base, drift.shares).as_("distance")).from_(BATCH).subquery("measured")
    limit = exp.Literal.number((one.maximum or 0) + ROUNDING)
    query = exp.select("distance").from_(measured).where(exp.GT(this=exp.column("distance"), expression=limit))
    return query.sql(dialect="duckdb").replace(BATCH, "{batch}")


def successes(validated: dict[str, Any]) -> dict[str, bool | None]:
    """Outcome by name of the expectation; None where its query raised."""
    return {
        result.expectation_config.meta["name"]: None if _raised(result) else bool(result.success)
        for table in validated.values()
        for result in table.results
    }


def _raised(result: Any) -> bool:
    info = result.exception_info or {}
    # Great Expectations has two shapes: one flat record, or one record per metric that failed.
    records = [info] if "raised_exception" in info else info.values()
    return any(record.get("raised_exception") for record in records)
