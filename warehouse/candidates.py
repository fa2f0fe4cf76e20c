"""mart_candidate: a view over the star, and the part of it that the studies of a night read of every tumour.

To write all columns of a million tumours takes as long as the studies themselves, and a study reads some ten of them to find its
women; of those, who are few, it reads what it likes (`warehouse.narrowed`). A view is computed when it is asked: nothing of it can
be stale.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import cache
from importlib.resources import files

import duckdb
import sqlglot
from sqlglot import exp

from schemas import items
from schemas.candidate import CANDIDATE, Own
from schemas.study import Study
from warehouse import ddl, own_columns, own_reads
from warehouse.study_inputs import named_columns

KEPT, BASE = "candidate_kept", "candidate_base"
# What mart_subject reads of every tumour, whatever the study says.
ALWAYS = ("tumour_key", "patient_key", "subject_label", "tumour_no", "topography_code", "has_distant_recurrence")
MAIN = exp.table_(CANDIDATE, db="main", quoted=True)


def create_view(con: duckdb.DuckDBPyConnection) -> None:
    """Makes the view with its comments; the star has to be there, empty or filled."""
    con.execute(_script()).fetchall()


@cache
def _script() -> str:
    return ddl.view_script(CANDIDATE, _model().copy())


@cache
def _model() -> exp.Select:
    """The SELECT of the file, parsed once: who changes it copies it before."""
    text = files("warehouse").joinpath("mart", f"{CANDIDATE}.sql").read_text(encoding="utf-8")
    made = sqlglot.parse_one(text, dialect="duckdb")
    assert isinstance(made, exp.Select)
    return made


def selected(columns: Sequence[items.Column]) -> exp.Select:
    """What the view says in these columns alone: of the left joins of the file only those that they read.

    Each of them adds one row at most to a tumour, which the database cannot know: it would rank all operations and contacts for nothing.
    """
    made, names = _model().copy(), {column.name for column in columns}
    made.set("expressions", [one for one in made.expressions if one.alias_or_name in names])
    read = {column.table for one in made.expressions for column in one.find_all(exp.Column)}
    made.set("joins", [join for join in made.args["joins"] if join.side != "LEFT" or join.this.alias_or_name in read])
    return ddl.typed(made, columns)


def keep(con: duckdb.DuckDBPyConnection, studies: Sequence[Study]) -> None:
    """Computes of every tumour, once for all these studies, what their steps, arms and groups read; see `shown`."""
    con.execute(_made(KEPT, _read(studies))).fetchall()


def stand_in(con: duckdb.DuckDBPyConnection, studies: Sequence[Study]) -> None:
    """Makes the name of the view mean the same of the star as it stands, until it is dropped."""
    con.execute(_made(CANDIDATE, _read(studies))).fetchall()


def _read(studies: Sequence[Study]) -> tuple[items.Column, ...]:
    lost = {own_columns.LOST, own_columns.UNREAD} if any(_own(study) for study in studies) else set()
    read = {*ALWAYS, *lost, *(name for study in studies for name in (*_named(study), *own_reads.read_of_candidate(_own(study))))}
    return tuple(column for column in items.columns(CANDIDATE) if column.item.column in read)


@cache
def _made(name: str, columns: tuple[items.Column, ...]) -> str:
    """The statement that keeps these columns: to write it takes longer than to run it over few women."""
    return ddl.temporary(name, selected(columns))


def conditions(study: Study) -> tuple[str | None, ...]:
    """What a study asks of every tumour."""
    parts = (*(step.keep for step in study.steps), *(arm.when for arm in study.arms), *(group.when for group in study.subgroups))
    return tuple(parts)


def _named(study: Study) -> tuple[str, ...]:
    return named_columns(study.columns, *conditions(study))


def _own(study: Study) -> Own:
    """The columns of the study that it asks of every tumour."""
    return own_reads.needed(study.columns, _named(study))


@contextmanager
def shown(con: duckdb.DuckDBPyConnection, study: Study) -> Iterator[None]:
    """Within it, the name `mart_candidate` means the kept columns of the view, together with the columns that the study makes itself."""
    own = _own(study)
    kind, rows = ("TABLE", own_columns.with_own(KEPT, own)) if own else ("VIEW", exp.select("*").from_(ddl.named(KEPT)))
    con.execute(ddl.temporary(CANDIDATE, rows, kind, replace=False)).fetchall()
    try:
        yield
    finally:
        con.execute(ddl.dropped(CANDIDATE, kind)).fetchall()


def store(con: duckdb.DuckDBPyConnection, study: Study, *, asked_of_all: bool = False) -> None:
    """Makes the name of the view mean a temporary table of all it says of the star as it stands, and of the study's own columns.

    Temporary tables of the names of the star stand before those of the file, so it is computed of their rows. `asked_of_all`: of the
    study's own columns those that it asks of every tumour, for what the others are made of is not kept of all (`stand_in`).
    """
    rows = exp.select("*").from_(MAIN)
    own = _own(study) if asked_of_all else study.columns
    if not own:
        con.execute(ddl.temporary(CANDIDATE, rows)).fetchall()
        return
    con.execute(ddl.temporary(BASE, rows)).fetchall()
    con.execute(ddl.temporary(CANDIDATE, own_columns.with_own(BASE, own))).fetchall()
    con.execute(ddl.dropped(BASE)).fetchall()
