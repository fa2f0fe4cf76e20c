"""Studies of one registry that go out together: each hides small counts by itself, and the numbers of two can be subtracted."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import reduce
from itertools import combinations
from pathlib import Path

import duckdb
import polars as pl
from sqlglot import exp

from schemas.study import Study
from warehouse import ddl, mart
from warehouse.cohort import ANALYSED
from warehouse.counts_together import Behind, all_counts, few_between
from warehouse.numbers import ALL
from warehouse.suppressing.cells import STATES
from warehouse.suppressing.two_studies import COHORT, OF, hidden_apart, sides, tells

KEY = "patient_key"
TABLE_1 = "table_1"
# What is said of two studies: by counts that differ by a few women (True), or by all that they show (False).
TELLS = {
    True: "it tells of fewer than {limit} {subjects} who are in one of the two only, by the difference of",
    False: "it tells a count of fewer than {limit} {subjects} that one of the two hides, by all that both show of",
}
TOLD = "beside the study '{one}' {tells}: {tables}. Let out one of the two, or give both the same {subjects} and arms."
# Of the other study of two.
BESIDE = ("row_beside", "arm_beside")
# By study its counts of a table as they are shared, or where its women stand.
Counts = Mapping[str, pl.DataFrame]
Pair = tuple[str, str]


def told_together(con: duckdb.DuckDBPyConnection, studies: Sequence[Study], share: Path) -> Iterator[tuple[str, str]]:
    """Of each two studies that tell more together than each alone: the later one, and what to know of it.

    Either shared counts differ by a few women who are in one of them only, or what one shows tells a small count that is hidden.
    `share`: the folder in which they are published; `con`: their warehouse. Numbers that count other women (arms of which neither is
    part of the other) tell nothing when they are subtracted. Held against each other are the cohort counts, each variable of Table 1
    that both have, and the women and events of endpoints as published.
    """
    if len(studies) < 2 or all(study.min_cell == 1 for study in studies):
        return
    counts = {study.study: _counts(share / "studies" / study.study) for study in studies}
    pairs = {(one.study, other.study): (one, other) for one, other in combinations(studies, 2)}
    told = dict.fromkeys((*_told(con, pairs, counts), *_of_counts(con, pairs, share)))
    for pair, (one, other) in pairs.items():
        for is_few, text in TELLS.items():
            if tables := [table for of, by_few, table in told if (of, by_few) == (pair, is_few)]:
                tells = text.format(limit=max(one.min_cell, other.min_cell), subjects=other.subjects)
                yield other.study, TOLD.format(one=one.study, tells=tells, tables=", ".join(tables), subjects=other.subjects)


def _of_counts(con: duckdb.DuckDBPyConnection, pairs: Mapping[Pair, tuple[Study, Study]], share: Path) -> Iterator[tuple[Pair, bool, str]]:
    """The tables in which steps, subgroups or endpoints of two studies differ by a few women: as in TELLS."""
    counted = all_counts(share, {study.study: study for pair in pairs.values() for study in pair})
    behind = Behind(con)
    for pair, (one, other) in pairs.items():
        for table in few_between((counted[pair[0]], counted[pair[1]]), max(one.min_cell, other.min_cell), behind):
            yield pair, True, table


def _differing_by_few(one: pl.DataFrame, other: pl.DataFrame, limit: int) -> pl.DataFrame:
    """One row per two shown counts of one table that differ by fewer than the limit: only of these is asked who they are of."""
    more = (pl.col("n") - pl.col("n_beside")).abs()
    return one.join(other, on="table", suffix="_beside").filter(more > 0, more < limit)


def _told(con: duckdb.DuckDBPyConnection, pairs: Mapping[Pair, tuple[Study, Study]], counts: Counts) -> Iterator[tuple[Pair, bool, str]]:
    """The tables in which two studies tell more together: as in TELLS.

    Table by table: the women of twenty studies in all their variables are too many to be kept at once.
    """
    few = {
        pair: _differing_by_few(counts[pair[0]], counts[pair[1]], max(one.min_cell, other.min_cell)) for pair, (one, other) in pairs.items()
    }
    hidden = {pair: hidden_apart(counts[pair[0]], counts[pair[1]]) for pair in pairs}
    for table in sorted({table for found in (few, hidden) for frame in found.values() for table in frame["table"].unique()}):
        differ, hide = ([pair for pair in pairs if table in found[pair]["table"]] for found in (few, hidden))
        each = {name: _women(con, name, table) for name in sorted({name for pair in (*differ, *hide) for name in pair})}
        placed = reduce(_beside_each_other, (women.select(KEY, pl.col("place").alias(_of(name))) for name, women in each.items()))
        places = {name: _places(women) for name, women in each.items()}
        for pair in dict.fromkeys((*differ, *hide)):
            here = few[pair].filter(pl.col("table") == table)
            if here.height and _is_told(placed, places, pair, here):
                yield pair, True, table
            elif pair in hide and tells(_met(placed, places, pair), sides(pairs[pair], counts, table)):
                yield pair, False, table


def _met(placed: pl.DataFrame, places: Counts, pair: Pair) -> pl.DataFrame:
    """The women of either study by where they stand in both."""
    one, other = map(_of, pair)
    met = placed.filter(pl.col(one).is_not_null() | pl.col(other).is_not_null()).group_by(one, other).len("n").sort(one, other)
    left, right = (places[name].filter(pl.col("arm") != ALL) for name in pair)
    return met.join(left, left_on=one, right_on="place", how="left").join(
        right, left_on=other, right_on="place", how="left", suffix="_beside"
    )


def _of(study: str) -> str:
    """The column of a study, which no other column is called: no name has a blank."""
    return f"place in {study}"


def _beside_each_other(one: pl.DataFrame, other: pl.DataFrame) -> pl.DataFrame:
    """One row per woman of either: her place in each study."""
    return one.join(other, on=KEY, how="full", coalesce=True)


def _is_told(placed: pl.DataFrame, places: Counts, pair: Pair, few: pl.DataFrame) -> bool:
    """Whether one of two counts that differ by a few is of all women of the other."""
    one, other = map(_of, pair)
    met = placed.select(one, other).drop_nulls().group_by(one, other).len("both")
    met = met.join(places[pair[0]], left_on=one, right_on="place").join(places[pair[1]], left_on=other, right_on="place", suffix="_beside")
    met = few.join(met.group_by(*OF, *BESIDE).agg(pl.col("both").sum()), on=(*OF, *BESIDE))
    return met.filter(pl.col("both") == pl.min_horizontal("n", "n_beside")).height > 0


def _counts(folder: Path) -> pl.DataFrame:
    """One row per count of women that the cohort counts and Table 1 of a study have: table, OF and n (null: hidden)."""
    counts, table = (pl.read_csv(folder / f"{name}.csv", infer_schema=False) for name in (COHORT, TABLE_1))
    women = counts.filter(pl.col("step") == ANALYSED).select(pl.lit(COHORT).alias("table"), pl.lit("").alias("row"), "arm", "n")
    is_state = pl.col("statistic").is_in(STATES)
    row = pl.when(is_state).then("statistic").otherwise(pl.col("level").fill_null(""))
    counted = table.filter(is_state | (pl.col("statistic") == "n")).select(_named(), row.alias("row"), "arm", pl.col("value").alias("n"))
    return pl.concat([women, counted]).with_columns(pl.col("n").cast(pl.Float64))


def _women(con: duckdb.DuckDBPyConnection, study: str, table: str) -> pl.DataFrame:
    """One row per analysed woman of a study in a table: her key, the row and the arm that count her, and the number of both as `place`."""
    of_study = ddl.field("study").eq(study)
    chosen = exp.select(KEY, exp.alias_(exp.convert(""), "row"), "arm").from_("mart_subject").where(of_study, ddl.field("is_analysed"))
    if table != COHORT:
        row = exp.Case().when(ddl.field("state").isin(*STATES), ddl.field("state")).else_(ddl.field("level"))
        stated = exp.select(KEY, exp.alias_(row, "row"), "arm").from_("mart_subject_variable")
        chosen = stated.where(of_study, ddl.field("variable").eq(table.removeprefix(f"{TABLE_1} (").removesuffix(")")))
    women = mart.frame(con, chosen)
    return women.join(women.select(OF).unique().with_row_index("place"), on=OF)


def _places(women: pl.DataFrame) -> pl.DataFrame:
    """The counts of each place: a row of its arm, and of all."""
    places = women.select("place", *OF).unique()
    return pl.concat([places, places.with_columns(pl.lit(ALL).alias("arm"))])


def _named() -> pl.Expr:
    return pl.format(f"{TABLE_1} ({{}})", "variable").alias("table")
