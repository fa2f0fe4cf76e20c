"""The queries of the expectations and of the report on the star; they run while the studies do, when nothing writes to it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import duckdb
import polars as pl

from etl.delivering import Delivered
from etl.nights.history import Before
from etl.setting import Setting
from schemas.items import TABLE_OF
from schemas.project import Registry
from validations.expectations import asked as expected
from validations.expecting.plan import Plan
from validations.expecting.source_shares import Fills
from validations.report import measures, registry_measures


@dataclass(frozen=True)
class Asked:
    """`before`: what the release before hands on; `plan`: what the expectations meet, compared with it; `fills`: the fields that each
    source fills; `grids`: the measures of the report.
    """

    before: Before
    fills: Fills
    plan: Plan
    grids: Mapping[str, pl.DataFrame]


def asked(con: duckdb.DuckDBPyConnection, given: Setting, delivered: Delivered, before: Callable[[], Before]) -> Asked:
    """Over a connection of its own, which is closed before the file is opened anew."""
    registry = given.project.registry
    with con:
        earlier, fills = before(), _fills(delivered)
        plan = expected(con, registry.thresholds, earlier.baselines, fills)
        return Asked(earlier, fills, plan, grids(con, registry, plan))


def grids(con: duckdb.DuckDBPyConnection, registry: Registry, plan: Plan) -> dict[str, pl.DataFrame]:
    """By name in the input of the report what it measures of the star; counts only."""
    _, measured = plan
    return {
        "completeness": measures.with_absent(con, measured.completeness),
        "precision": measures.date_precision(con),
        "indices": registry_measures.indices(con, registry.certificates),
        "timeliness": registry_measures.timeliness(con),
        "contradictions": registry_measures.contradictions(con, registry.trust),
    }


def _fills(delivered: Delivered) -> Fills:
    fields = delivered.fields.select("source", "record", "column").iter_rows()
    return frozenset((source, f"{TABLE_OF[record]}.{column}") for source, record, column in fields)
