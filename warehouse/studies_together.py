"""Studies of one registry that go out together: each hides small counts by itself, and the numbers of two can be subtracted."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import combinations
from pathlib import Path

import duckdb
import polars as pl
from sqlglot import exp

from schemas.study import Study
from warehouse import ddl, mart
from warehouse.cohort import ANALYSED
from warehouse.numbers import ALL
from warehouse.suppression import STATES

KEY = "patient_key"
COHORT, TABLE_1 = "cohort_counts", "table_1"
# What a count is of: the women of an arm (or all) in a row of a table.
OF = ("table", "row", "arm")


def told_together(con: duckdb.DuckDBPyConnection, studies: Sequence[Study], share: Path) -> Iterator[tuple[str, str]]:
    """Of each two studies whose shared counts differ by a few women who are in one of them only: the later one, and what to know of it.

    `share`: the folder in which they are published; `con`: their warehouse. Numbers that count other women (arms of which neither is
    part of the other) tell nothing when they are subtracted. Held against each other are the cohort counts, and each variable of Table
    1 that both have.
    """
    if len(studies) < 2 or all(study.min_cell == 1 for study in studies):
        return
    shown = {study.study: _shown(share / "studies" / study.study) for study in studies}
    rows = {study.study: _women(con, study) for study in studies}
    for one, other in combinations(studies, 2):
        limit = max(one.min_cell, other.min_cell)
        tables = _tables(rows[one.study], rows[other.study], shown[one.study], shown[other.study], limit) if limit > 1 else []
        if tables:
            yield (
                other.study,
                f"beside the study '{one.study}' it tells of fewer than {limit} {other.subjects} who are in one of the two only, by the "
                f"difference of: {', '.join(tables)}. Let out one of the two, or give both the same {other.subjects}.",
            )


def _tables(one: pl.DataFrame, other: pl.DataFrame, shown: pl.DataFrame, beside: pl.DataFrame, limit: int) -> list[str]:
    """The tables in which a shown count of one study is of all women of a shown count of the other, and of a few more."""
    met = one.join(other, on=[KEY, "table"], suffix="_beside").group_by("table", "row", "arm", "row_beside", "arm_beside").len("both")
    met = _with_all(_with_all(met, "arm"), "arm_beside").group_by(pl.exclude("both")).agg(pl.col("both").sum())
    met = met.join(shown, on=OF).join(beside, left_on=("table", "row_beside", "arm_beside"), right_on=OF, suffix="_beside")
    least, more = pl.min_horizontal("n", "n_beside"), (pl.col("n") - pl.col("n_beside")).abs()
    found = met.filter(pl.col("both") == least, more > 0, more < limit)
    return found["table"].unique().sort().to_list()


def _with_all(met: pl.DataFrame, arm: str) -> pl.DataFrame:
    return pl.concat([met, met.with_columns(pl.lit(ALL).alias(arm))])


def _shown(folder: Path) -> pl.DataFrame:
    """One row per count of women that the cohort counts and Table 1 of a study show: OF and n."""
    counts, table = (pl.read_csv(folder / f"{name}.csv", infer_schema=False) for name in (COHORT, TABLE_1))
    women = counts.filter(pl.col("step") == ANALYSED).select(pl.lit(COHORT).alias("table"), pl.lit("").alias("row"), "arm", "n")
    is_state = pl.col("statistic").is_in(STATES)
    row = pl.when(is_state).then("statistic").otherwise(pl.col("level").fill_null(""))
    counted = table.filter(is_state | (pl.col("statistic") == "n")).select(_named(), row.alias("row"), "arm", pl.col("value").alias("n"))
    return pl.concat([women, counted]).with_columns(pl.col("n").cast(pl.Float64)).drop_nulls("n")


def _women(con: duckdb.DuckDBPyConnection, study: Study) -> pl.DataFrame:
    """One row per analysed woman and table of a study: her key, and the row and the arm that count her."""
    of_study = ddl.field("study").eq(study.study)
    chosen = exp.select(KEY, "arm").from_("mart_subject").where(of_study, ddl.field("is_analysed"))
    analysed = mart.frame(con, chosen).select(KEY, pl.lit(COHORT).alias("table"), pl.lit("").alias("row"), "arm")
    stated = mart.frame(con, exp.select(KEY, "arm", "variable", "level", "state").from_("mart_subject_variable").where(of_study))
    row = pl.when(pl.col("state").is_in(STATES)).then("state").otherwise("level")
    return pl.concat([analysed, stated.select(KEY, _named(), row.alias("row"), "arm")])


def _named() -> pl.Expr:
    return pl.format(f"{TABLE_1} ({{}})", "variable").alias("table")
