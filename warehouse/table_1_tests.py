"""Tests of Table 1: whether the arms differ in a variable. Only where a study asks (`table_1_p_values`); most should not.

Levels: Pearson's chi-square without a continuity correction where at least FEWEST women are expected in each cell, else Fisher's exact
test of two arms and two levels, else Pearson's statistic over drawn tables of the same margins. Numbers: Kruskal-Wallis, ties corrected.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import TYPE_CHECKING, NamedTuple

import duckdb
import polars as pl
from sqlglot import exp

from schemas.study import Study, Variable
from warehouse import ddl, mart
from warehouse.numbers import ALL, Numbers, subjects
from warehouse.summary import half_up, two_digits

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Table = NDArray[np.int64]

COLUMNS = {
    "variable": pl.String, "arms": pl.String, "test": pl.String, "n": pl.Int64, "statistic": pl.Float64, "df": pl.Int64, "p": pl.Float64,
    "reason": pl.String, "number_id": pl.String,
}  # fmt: skip
# The usual rule of Cochran, in its strict form.
FEWEST = 5
DRAWS, SEED = 10_000, 20170112
CHI_SQUARE, FISHER, KRUSKAL = "chi-square", "Fisher's exact", "Kruskal-Wallis"
DRAWN = f"chi-square over drawn tables ({DRAWS} draws, seed {SEED})"
TOO_FEW = "fewer than two arms with a known value, or one value only"
HIDDEN = "suppressed, because a number that it is made of is"


class Tested(NamedTuple):
    """The result of one test; `p` is None where there is nothing to test."""

    test: str = ""
    statistic: float | None = None
    df: int | None = None
    p: float | None = None


def table_1_tests(con: duckdb.DuckDBPyConnection, study: Study, numbers: Numbers) -> pl.DataFrame:
    """One row per variable of Table 1, identified by variable, in the order of the study; of the women with a known value."""
    names = [ddl.field(name) for name in ("variable", "arm", "level", "value")]
    is_known = (ddl.field("study").eq(study.study), ddl.field("state").eq("known"))
    known = mart.frame(con, exp.select(*names).from_(ddl.named("mart_subject_variable")).where(*is_known))
    return pl.DataFrame(list(_rows(study, known, numbers)), schema=COLUMNS, orient="row")


def _rows(study: Study, known: pl.DataFrame, numbers: Numbers) -> Iterator[tuple[object, ...]]:
    for variable in study.table_1:
        of_variable = known.filter(pl.col("variable") == variable.variable)
        arms = [arm.arm for arm in study.arms if arm.arm in set(of_variable["arm"])]
        tested = _tested(variable, of_variable, arms)
        who = subjects("mart_subject_variable", study.study, ALL, variable=variable.variable, state="known")
        name = numbers.number("table_1_tests", variable.variable, "p", "_".join(arms) or ALL, value=tested.p, subjects=who)
        reason = TOO_FEW if tested.p is None else ""
        yield variable.variable, ", ".join(arms), tested.test, of_variable.height, *tested[1:], reason, name


def _tested(variable: Variable, known: pl.DataFrame, arms: list[str]) -> Tested:
    if variable.value is not None:
        return of_numbers([known.filter(pl.col("arm") == arm)["value"].to_list() for arm in arms])
    counted = known.group_by("level", "arm").len().pivot("arm", index="level", values="len").fill_null(0).sort("level")
    return of_counts(counted.select(arms).to_numpy().astype("int64")) if arms else Tested()


def of_numbers(samples: list[list[float]]) -> Tested:
    """Kruskal-Wallis over the values of each arm."""
    if len(samples) < 2 or len({value for sample in samples for value in sample}) < 2:
        return Tested()
    from scipy.stats import kruskal  # noqa: PLC0415  # 1 s

    found = kruskal(*samples)
    return Tested(KRUSKAL, float(found.statistic), len(samples) - 1, float(found.pvalue))


def of_counts(table: Table) -> Tested:
    """The test of a table of counts, one row per level and one column per arm; rows and columns of nobody say nothing."""
    table = table[table.sum(axis=1) > 0][:, table.sum(axis=0) > 0]
    if min(table.shape) < 2:
        return Tested()
    from scipy.stats import chi2_contingency, fisher_exact  # noqa: PLC0415

    usual = chi2_contingency(table, correction=False)
    statistic, df = float(usual.statistic), int(usual.dof)
    if usual.expected_freq.min() >= FEWEST:
        return Tested(CHI_SQUARE, statistic, df, float(usual.pvalue))
    if table.shape == (2, 2):
        return Tested(FISHER, None, None, float(fisher_exact(table).pvalue))
    return Tested(DRAWN, statistic, None, _drawn(table, statistic))


def _drawn(table: Table, statistic: float) -> float:
    """The share of tables with these margins whose statistic is as great, this one counted among them."""
    import numpy as np  # noqa: PLC0415
    from scipy.stats import random_table  # noqa: PLC0415

    rows, columns = table.sum(axis=1), table.sum(axis=0)
    expected = np.outer(rows, columns) / table.sum()
    drawn = random_table(rows, columns, seed=SEED).rvs(DRAWS)
    found = ((drawn - expected) ** 2 / expected).sum(axis=(1, 2))
    return float((1 + (found >= statistic - 1e-9 * max(1.0, statistic)).sum()) / (DRAWS + 1))


def suppress_tests(tests: pl.DataFrame, table: pl.DataFrame, min_cell: int, closed: Collection[str]) -> pl.DataFrame:
    """The tests as they are shared beside Table 1 as it is shared: none of a variable of which a count is hidden, or a mean (`closed`).

    With the digits a journal prints; which test it would be tells how many are expected in a cell.
    """
    if min_cell == 1:
        return tests
    counts = table.filter(pl.col("statistic").is_in(["n", "missing", "not_applicable"]), pl.col("value").is_null())
    hidden = pl.col("variable").is_in(sorted({*counts["variable"], *closed}))
    emptied = [pl.when(~hidden).then(name).alias(name) for name in ("n", "df")]
    as_shared = {"statistic": [half_up(value, 2) for value in tests["statistic"]], "p": [two_digits(p) for p in tests["p"]]}
    told = [pl.when(~hidden).then(pl.Series(name, values, pl.Float64)).alias(name) for name, values in as_shared.items()]
    said = [pl.when(hidden).then(pl.lit(text)).otherwise(name).alias(name) for name, text in (("test", ""), ("reason", HIDDEN))]
    return tests.with_columns(*emptied, *told, *said)
