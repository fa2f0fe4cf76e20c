"""The star for the women of one study only: while it lasts, the names of its tables mean their rows.

What a study says of a woman reads her rows only, and a study has some hundred women where the registry has a million. A
temporary table stands before a table of the same name, so every SQL file and condition can be run over few rows as it is
written. Never around what counts everyone delivered.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache

import duckdb
from sqlglot import exp

from schemas.candidate import CANDIDATE
from schemas.items import TABLE_OF
from schemas.study import Study
from warehouse import ddl
from warehouse.candidates import store

NARROWED = tuple(TABLE_OF.values())


@contextmanager
def narrowed(con: duckdb.DuckDBPyConnection, study: Study) -> Iterator[None]:
    """Until it ends, each table of NARROWED holds the rows of the analysed women of this study, and no others.

    So does mart_candidate, which is computed of these few, with the columns that the study makes itself, and kept for as long.
    """
    made: list[str] = []
    try:
        for table in NARROWED:
            con.execute(_narrow(table, study.study)).fetchall()
            made.append(table)
        store(con, study)
        made.append(CANDIDATE)
        yield
    finally:
        for table in made:
            con.execute(ddl.dropped(table)).fetchall()


@cache
def _narrow(table: str, study: str) -> str:
    women = exp.select("patient_key").from_("mart_subject").where(ddl.field("study").eq(study), ddl.field("is_analysed"))
    rows = exp.select("*").from_(ddl.named(table)).where(ddl.field("patient_key").isin(query=women))
    return ddl.temporary(table, rows, replace=False)
