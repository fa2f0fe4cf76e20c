"""Counts of two studies that differ by a few women: steps and subgroups of the cohort, and the women and events of endpoints.

One study leaves out at a step the three women whom the other keeps, or hides a step that the other shows. Who is behind a count is asked
of the query that is published with it (`mart_number`).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import duckdb
import polars as pl
from sqlglot import exp

from schemas.study import AS_PUBLISHED, Study
from warehouse import ddl, mart
from warehouse.cohort import ANALYSED, NO_TUMOUR, opening
from warehouse.numbers import HELD
from warehouse.suppressing.two_studies import COHORT

SURVIVAL = "survival"
COUNTED = ("n", "events")


@dataclass
class Behind:
    """The women behind counts; each is asked once."""

    con: duckdb.DuckDBPyConnection
    known: dict[str, pl.Series] = field(default_factory=dict)

    def is_part(self, one: str, other: str) -> bool:
        """Whether all women of one of two counts are behind the other too."""
        left, right = self._women(one), self._women(other)
        return left.is_in(right.implode()).sum() == min(left.len(), right.len())

    def _women(self, number: str) -> pl.Series:
        if number not in self.known:
            of = exp.select("subjects_sql").from_("mart_number").where(ddl.field("number_id").eq(number))
            sql = mart.frame(self.con, of)["subjects_sql"].item()
            self.known[number] = pl.DataFrame(self.con.sql(sql).to_arrow_table())["patient_key"].unique()
        return self.known[number]


def counts(folder: Path, study: Study) -> pl.DataFrame:
    """One row per count that is shown in a study's folder: table, number_id and n. Not of those who were delivered, held or without a
    tumour: that says nothing of the study's women."""
    cohort = _read(folder / f"{COHORT}.csv").filter(~pl.col("step").str.split(".").list.first().is_in([HELD, NO_TUMOUR, opening(study)[0]]))
    made = [cohort.select(pl.lit(COHORT).alias("table"), "number_id", "n", is_analysed=pl.col("step") == ANALYSED)]
    if study.endpoints:
        of = _read(folder / f"{SURVIVAL}.csv").filter(pl.col("analysis") == AS_PUBLISHED)
        made += [of.select(pl.lit(SURVIVAL).alias("table"), _own(name), pl.col(name).alias("n"), is_analysed=False) for name in COUNTED]
    return pl.concat(made).with_columns(pl.col("n").cast(pl.Float64)).drop_nulls("n")


def few_between(counted: tuple[pl.DataFrame, pl.DataFrame], limit: int, behind: Behind) -> Iterator[str]:
    """The tables in which a count of one study differs from one of the other by fewer than `limit` women, all others being the same.

    The women of the arms as they are analysed are not held against each other here.
    """
    one, other = counted
    more = (pl.col("n") - pl.col("n_beside")).abs()
    near = one.join(other, on="table", suffix="_beside").filter(
        more > 0, more < limit, ~pl.col("is_analysed") | ~pl.col("is_analysed_beside")
    )
    for (table,), pairs in near.sort("number_id", "number_id_beside").group_by("table", maintain_order=True):
        if any(behind.is_part(*pair) for pair in pairs.select("number_id", "number_id_beside").iter_rows()):
            yield str(table)


def all_counts(share: Path, studies: Mapping[str, Study]) -> dict[str, pl.DataFrame]:
    """By study what `counts` says."""
    return {name: counts(share / "studies" / name, study) for name, study in studies.items()}


def _read(path: Path) -> pl.DataFrame:
    return pl.read_csv(path, infer_schema=False)


def _own(column: str) -> pl.Expr:
    """The number_id of a column: that of the row with the column in the place of its own."""
    parts = pl.col("number_id").str.split(".")
    return pl.concat_str([parts.list.head(3).list.join("."), pl.lit(column), parts.list.last()], separator=".").alias("number_id")
