"""Table 1: the women of each arm, one number per variable, level, arm and statistic.

Percentages are of the women with a known value; a value not known is the statistic `missing`, never a level of its own.
"""

from __future__ import annotations

from collections.abc import Iterator

import duckdb
import polars as pl
from sqlglot import exp

from schemas.study import Study, Variable
from warehouse import ddl, mart
from warehouse.levels import Longer, ordered
from warehouse.numbers import ALL, Numbers, subjects
from warehouse.summary import printed, rounded, summarise

COLUMNS = {
    "variable": pl.String, "level": pl.String, "arm": pl.String, "statistic": pl.String, "value": pl.Float64, "text": pl.String,
    "number_id": pl.String,
}  # fmt: skip
ONE_DECIMAL = frozenset({"percent", "mean", "sd"})
Cell = tuple[str, str, float | None, exp.Select]


def table_1(
    con: duckdb.DuckDBPyConnection, study: Study, arms: tuple[str, ...], numbers: Numbers, longer: Longer | None = None
) -> pl.DataFrame:
    """One row per variable, level, arm and statistic, in the order of the study; every number is registered."""
    counted = mart.frame(con, _counted(study.study))
    everyone = counted.group_by("variable", "level", "value", "state").agg(pl.col("n").sum()).with_columns(arm=pl.lit(ALL))
    counted = pl.concat([counted, everyone.select(counted.columns)])
    rows = []
    for variable in study.table_1:
        of_variable = counted.filter(pl.col("variable") == variable.variable)
        levels = _levels(study, variable, of_variable, longer)
        for arm in (*arms, ALL):
            cells = _cells(study.study, variable, levels, arm, of_variable.filter(pl.col("arm") == arm))
            rows += [_row(variable.variable, arm, cell, numbers) for cell in cells]
    return pl.DataFrame(rows, schema=COLUMNS, orient="row")


def _row(variable: str, arm: str, cell: Cell, numbers: Numbers) -> tuple[object, ...]:
    level, statistic, value, who = cell
    row = f"{variable}_{level}" if level else variable
    name = numbers.number("table_1", row, statistic, arm, value=value, subjects=who)
    return variable, level, arm, statistic, value, as_text(statistic, value), name


def as_text(statistic: str, value: float | None) -> str:
    """A number of Table 1 as printed."""
    if value is None:
        return ""
    return rounded(value, 1) if statistic in ONE_DECIMAL else printed(value)


def _counted(study: str) -> exp.Select:
    keys = [ddl.field(name) for name in ("variable", "arm", "level", "value", "state")]
    count = exp.alias_(exp.cast(exp.Count(this=exp.Star()), "bigint"), "n")
    return exp.select(*keys, count).from_(ddl.named("mart_subject_variable")).where(ddl.field("study").eq(study)).group_by(*keys)


def _levels(study: Study, variable: Variable, counted: pl.DataFrame, longer: Longer | None) -> tuple[str, ...]:
    if variable.value is not None:
        return ()
    return ordered(variable, counted.filter(pl.col("state") == "known")["level"], study.columns, longer)


def _cells(study: str, variable: Variable, levels: tuple[str, ...], arm: str, counted: pl.DataFrame) -> Iterator[Cell]:
    def who(**equal: str) -> exp.Select:
        return subjects("mart_subject_variable", study, arm, variable=variable.variable, **equal)

    known = counted.filter(pl.col("state") == "known")
    total = int(known["n"].sum())
    of_level = dict(known.group_by("level").agg(pl.col("n").sum()).iter_rows())
    for level in levels:
        n = int(of_level.get(level, 0))
        yield level, "n", n, who(level=level, state="known")
        yield level, "percent", 100 * n / total if total else None, who(state="known")
    if variable.value is not None:
        yield "", "n", total, who(state="known")
        values = known.group_by("value").agg(pl.col("n").sum()).sort("value")
        for statistic in variable.statistics:
            yield "", statistic, summarise(values["value"].to_list(), values["n"].to_list(), statistic), who(state="known")
    for state in ("missing", "not_applicable") if variable.of else ("missing",):
        yield "", state, int(counted.filter(pl.col("state") == state)["n"].sum()), who(state=state)
