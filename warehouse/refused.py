"""Withholds the numbers of a refused study: only the held women can still be counted, in the files as in the warehouse.

Its shared files keep their rows but have no number other than those of the held women (DESIGN 9), and so has the warehouse. Every other
woman keeps her row in mart_subject, because who is held or has no tumour is told from it, but without a step, an arm or a group.
"""

from __future__ import annotations

import duckdb
import polars as pl
from sqlglot import exp

from warehouse import ddl
from warehouse.numbers import ALL, HELD, Numbers, held, over_kept, subjects

# What stands in the place of the step at which somebody left, of everyone in a refused study who is not held.
REFUSED = "refused"
OF_WOMEN = ("mart_subject_variable", "mart_time_to_event", "mart_time_in_analysis")


def only_held(counts: pl.DataFrame) -> pl.DataFrame:
    """Cohort counts of a study whose numbers are refused: the rows are there, the numbers are of those held only."""
    return counts.with_columns(n=pl.when(pl.col("step").str.split(".").list.first() == HELD).then("n"))


def nobody(study: str) -> exp.Select:
    """The subjects behind a number that is refused: a query that lists nobody."""
    return subjects("mart_subject", study, ALL, is_analysed=True, excluded_step=REFUSED)


def is_refused(study: str, subjects_sql: str) -> bool:
    """Whether a number with these subjects is one of a study whose numbers are refused."""
    return subjects_sql == nobody(study).sql("duckdb")


def withhold(con: duckdb.DuckDBPyConnection, study: str, numbers: Numbers) -> None:
    """Takes out of the mart, and of the numbers to be stored, all that could be counted of a refused study and is not of those held.

    `con`: the warehouse with the mart of the study filled. The rows of Table 2 are one per woman of an arm, so they have no number at all.
    """
    numbers.withhold(nobody(study))
    here, of_study = ddl.field("patient_key"), ddl.field("study").eq(study)
    for table in OF_WOMEN:
        con.execute(exp.delete(table).where(of_study).sql("duckdb")).fetchall()
    kept_out = exp.select("patient_key").from_(exp.Subquery(this=over_kept(held(study)), alias=ddl.identifier("kept_out")))
    left = here.isin(query=kept_out).not_()
    con.execute(exp.update("mart_held", {"excluded_step": REFUSED, "arm": None}, where=exp.and_(of_study, left)).sql("duckdb")).fetchall()
    blank = {"is_analysed": False, "excluded_step": REFUSED, "is_undetermined": False, "arm": None, "subgroup": None}
    others = exp.and_(of_study, ddl.field("excluded_step").eq(HELD).is_(exp.true()).not_())
    con.execute(exp.update("mart_subject", blank, where=others).sql("duckdb")).fetchall()
