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

from schemas.candidate import CANDIDATE, known
from schemas.items import WINDOW_PARTS
from schemas.study import Study
from warehouse import candidates, ddl
from warehouse.build import insertion
from warehouse.narrowed import narrowed
from warehouse.study_inputs import register_arms, register_outcomes, register_study

DATES = "list_date"
# What is asked several times is kept: list_taken of all women, the dates, who enters which arm and who is in which of the few of a
# study. A view of the dates within two others was worked out eighteen times.
KEPT = ("list_taken", DATES, "list_entry", "list_entered", "list_member")
OF_ALL = ("list_taken", "list_out")
VIEWS = (
    "list_entry",
    "list_entered",
    "list_state",
    "list_days",
    "list_treatment",
    "list_event",
    "list_follow_up",
    "list_biomarker",
)
OF_WOMEN = ("mart_subject_variable", "mart_time_to_event", "mart_time_in_analysis")
OF_STUDY = ("mart_subject", *OF_WOMEN)


def build_mart(con: duckdb.DuckDBPyConnection, studies: Sequence[Study]) -> None:
    """Fills the mart tables (made empty by the build) for these studies.

    `mart_number` stays empty: a number enters it when it is published. Leaves the temporary tables of the last study
    on the connection. Raises nothing of its own: the studies were checked before any data was read.
    """
    candidates.keep(con, studies)
    for study in studies:
        fill_study(con, study)


def fill_study(con: duckdb.DuckDBPyConnection, study: Study) -> None:
    """Fills the mart tables of one study, of which `candidates.keep` has been told; its temporary tables stay on the connection."""
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
        con.execute(ddl.temporary(DATES, _dates(study))).fetchall()
        make_views(con, VIEWS)
        for table in OF_WOMEN:
            fill(con, table)
        make_view(con, "list_member")
        yield


def make_views(con: duckdb.DuckDBPyConnection, names: Sequence[str]) -> None:
    """Makes these of the temporary views that the mart files and Table 2 read; a study has to be registered before."""
    for name in names:
        make_view(con, name)


def _dates(study: Study) -> exp.Expr:
    """The dates in long form, with those that the study makes itself."""
    listed = model(DATES)
    for name in (column.column for column in study.columns if column.column in known(study.columns).dates):
        listed = exp.union(listed, _in_long_form(name), distinct=False, copy=False)
    return listed


def _in_long_form(name: str) -> exp.Select:
    parts = [exp.alias_(ddl.field(f"{name}_{part}"), part, quoted=True) for part in WINDOW_PARTS]
    return exp.select("tumour_key", exp.alias_(exp.convert(name), "date_name"), *parts).from_(ddl.named(CANDIDATE))


def make_view(con: duckdb.DuckDBPyConnection, name: str) -> None:
    """Makes one of them."""
    con.execute(_view(name)).fetchall()


@cache
def _view(name: str) -> str:
    return ddl.temporary(name, model(name), "TABLE" if name in KEPT else "VIEW")


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
