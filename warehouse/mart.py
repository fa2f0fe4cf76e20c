"""The mart: what each study makes of mart_candidate, a view over the star, one SQL file per table in `warehouse/mart/`."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import cache
from importlib.resources import files

import duckdb
import polars as pl
import sqlglot
from sqlglot import exp

from schemas.candidate import CANDIDATE, HAD, known
from schemas.items import WINDOW_PARTS
from schemas.study import AS_PUBLISHED, LANDMARK, Study
from warehouse import candidates, ddl
from warehouse.build import insertion
from warehouse.narrowed import narrowed
from warehouse.study_inputs import register_arms, register_outcomes, register_study

DATES = "list_date"
# What is asked once is a view. All else is kept: the dates within two views were worked out eighteen times, and each cell of Table 2
# planned the list of treatments anew.
ASKED_ONCE = frozenset({"list_out", "list_state"})
OF_ALL = ("list_taken", "list_out")
OF_WOMEN = ("list_entry", "list_entered", "mart_subject_variable", "mart_time_to_event")
OF_ANALYSES = ("list_state", "mart_time_in_analysis")


def build_mart(con: duckdb.DuckDBPyConnection, studies: Sequence[Study]) -> None:
    """Fills the mart tables (made empty by the build) for these studies.

    `mart_number` stays empty: a number enters it when it is published (`warehouse.studies`). Leaves the temporary tables of the last study
    on the connection. Raises nothing of its own: the studies were checked before any data was read.
    """
    candidates.keep(con, studies)
    for study in studies:
        with filled(con, study):
            pass


@contextmanager
def filled(con: duckdb.DuckDBPyConnection, study: Study) -> Iterator[None]:
    """Fills the mart tables of one study; until it ends the star holds the rows of its analysed women only (`narrowed`)."""
    with candidates.shown(con, study):
        register_study(con, study)
        make_views(con, OF_ALL)
        register_arms(con, study)
        fill(con, "mart_subject")
    with narrowed(con, study):
        register_outcomes(con, study)
        con.execute(_dates(_own_dates(study))).fetchall()
        for name in of_women(study):
            (make_view if name.startswith("list_") else fill)(con, name)
        yield


def of_women(study: Study) -> tuple[str, ...]:
    """The mart tables and views made for the analysed women of a study, in this order.

    Those that only further analyses or Table 2 read are made only for a study that has these.
    """
    others = set(study.analyses) - {AS_PUBLISHED}
    columns = study.table_2.columns if study.table_2 is not None else ()
    lists = sorted({f"list_{column.list}" for column in columns if column.list is not None})
    of_analyses = (*OF_ANALYSES, *(("list_member",) if LANDMARK in others else ())) if others else ()
    return (*OF_WOMEN, *of_analyses, *(("list_days", *lists) if lists else ()))


def make_views(con: duckdb.DuckDBPyConnection, names: Sequence[str]) -> None:
    """Makes these of the temporary views that the mart files and Table 2 read; a study has to be registered before."""
    for name in names:
        make_view(con, name)


def _own_dates(study: Study) -> tuple[str, ...]:
    return tuple(column.column for column in study.columns if column.column in known(study.columns).dates)


@cache
def _dates(own: tuple[str, ...]) -> str:
    """The dates in long form, with those that a study makes itself."""
    listed = model(DATES)
    for name in own:
        listed = exp.union(listed, _in_long_form(name), distinct=False, copy=False)
    return ddl.temporary(DATES, listed)


def _in_long_form(name: str) -> exp.Select:
    parts = [exp.alias_(ddl.field(f"{name}_{part}"), part, quoted=True) for part in WINDOW_PARTS]
    had = exp.alias_(ddl.field(f"{name}{HAD}"), "has_happened")
    return exp.select("tumour_key", exp.alias_(exp.convert(name), "date_name"), *parts, had).from_(ddl.named(CANDIDATE))


def make_view(con: duckdb.DuckDBPyConnection, name: str) -> None:
    """Makes one of them."""
    con.execute(_view(name)).fetchall()


@cache
def _view(name: str) -> str:
    return ddl.temporary(name, model(name), "VIEW" if name in ASKED_ONCE else "TABLE")


def fill(con: duckdb.DuckDBPyConnection, table: str) -> None:
    """Runs the file of one mart table into it, columns by name."""
    con.execute(_insertion(table)).fetchall()


@cache
def _insertion(table: str) -> str:
    return insertion(table, model(table)).sql("duckdb", copy=False)


def model(name: str) -> exp.Expr:
    """The SELECT of one file of `warehouse/mart/`, parsed anew."""
    return sqlglot.parse_one(text(name), dialect="duckdb")


@cache
def text(name: str) -> str:
    """One file of `warehouse/mart/` as it stands."""
    return files("warehouse").joinpath("mart", f"{name}.sql").read_text(encoding="utf-8")


def frame(con: duckdb.DuckDBPyConnection, query: exp.Expr) -> pl.DataFrame:
    """The rows of a query; one row per row of the query, in its order."""
    return pl.DataFrame(con.sql(query.sql("duckdb")).to_arrow_table())
