"""Where the women with a record kept back by an error edit would be in each study (mart_held), found with the study's own SQL.

All their delivered records are put into temporary tables that hide those of the star, and every condition of the study is judged over
them. The columns that the violated edits read are in doubt: a step that reads one of them excludes nobody, and an arm that reads one
is not known. Nothing of the star or of other mart tables changes.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager

import duckdb
import polars as pl
from sqlglot import exp

from schemas.candidate import CANDIDATE
from schemas.derived import made_from
from schemas.items import TABLE_OF
from schemas.study import Study
from warehouse import build, candidates, ddl, mart
from warehouse.inputs import VOCABULARIES, calendar, with_course
from warehouse.study_inputs import register_arms, register_study, sources_of, temporary

# Every woman here is kept back: of this, which the study as a whole reads and no step or arm does.
SOMETHING = "*"
STAR = ("dim_date", *TABLE_OF.values())
SUBJECT = "mart_subject"  # filled study by study
DOUBT = {"patient_key": pl.Int64, "record": pl.String}


def fill(con: duckdb.DuckDBPyConnection, studies: Sequence[Study], behind: Mapping[str, pl.DataFrame]) -> None:
    """Fills mart_held for these studies; the temporary tables of a study are left as `register_study` makes them.

    `behind`: by staging record, all records of the persons of whom one is kept back; without persons nothing is done.
    """
    if behind.get("patient", pl.DataFrame()).is_empty():
        return
    doubt = _doubt(con, behind["patient"]["patient_key"])
    with _beside(con, studies, behind):
        temporary(con, "list_taken", doubt)
        for study in studies:
            if study.columns:
                candidates.store(con, study, asked_of_all=True)
            register_study(con, study)
            mart.make_view(con, "list_out")
            register_arms(con, study)
            temporary(con, "study_need", _needs(study))
            con.execute(exp.delete(SUBJECT).sql("duckdb")).fetchall()
            mart.fill(con, SUBJECT)
            mart.fill(con, "mart_held")
        con.unregister("list_taken")


@contextmanager
def _beside(con: duckdb.DuckDBPyConnection, studies: Sequence[Study], behind: Mapping[str, pl.DataFrame]) -> Iterator[None]:
    """Until it ends, the names of the star and of mart_candidate mean these records, of the latter what the studies read of every
    tumour; mart_subject is empty to begin with."""
    relations = {**behind, "treatment": with_course(behind["treatment"]), "calendar": calendar(behind)}
    views, made = [f"v_{name}" for name, *_ in VOCABULARIES], []
    try:
        for name, frame in relations.items():
            con.register(name, frame.to_arrow())
        for view, (_, table, *_) in zip(views, VOCABULARIES, strict=True):
            con.execute(ddl.temporary(view, exp.select("*").from_(ddl.named(table)), "VIEW")).fetchall()
        for table in (*STAR, SUBJECT):
            con.execute(ddl.temporary(table, exp.select("*").from_(exp.table_(table, db="main")).limit(0))).fetchall()
            made.append(table)
            if table in STAR:
                build.fill(con, table)
        candidates.stand_in(con, studies)
        made.append(CANDIDATE)
        yield
    finally:
        for kind, names in (("TABLE", made), ("VIEW", views)):
            for name in names:
                con.execute(ddl.dropped(name, kind, exists=True)).fetchall()
        for name in relations:
            con.unregister(name)


def _doubt(con: duckdb.DuckDBPyConnection, persons: pl.Series) -> pl.DataFrame:
    """One row per person and item of the star (`table.item`, as `record`) that a violated error edit read of her, and SOMETHING."""
    error = exp.and_(ddl.field("severity").eq("error"), ddl.field("outcome").eq("violated"))
    found = mart.frame(con, exp.select("patient_key", ddl.field("record"), ddl.field("columns")).from_("fact_finding").where(error))
    of = found.filter(pl.col("patient_key").is_in(persons.implode())).with_columns(pl.col("columns").str.split(" ")).explode("columns")
    name = pl.col("columns").str.split(".")
    record = pl.when(name.list.len() > 1).then(name.list.first()).otherwise("record")
    items_ = of.select("patient_key", table=record.replace_strict(TABLE_OF, default=None), item=name.list.last()).drop_nulls()
    read = items_.select("patient_key", record=pl.concat_str("table", "item", separator="."))
    follows = [  # what follows from other columns is in doubt with them
        items_.filter(pl.col("table") == table, pl.col("item").is_in(parts)).select("patient_key", record=pl.lit(f"{table}.{column}"))
        for record, table in TABLE_OF.items()
        for column, parts in made_from(record).items()
    ]
    everyone = pl.DataFrame({"patient_key": persons}).with_columns(record=pl.lit(SOMETHING))
    return pl.concat([part.cast(DOUBT) for part in (read, *follows, everyone)]).unique(maintain_order=True)  # type: ignore[arg-type]  # polars narrows schema types


def _needs(study: Study) -> pl.DataFrame:
    """study_need by item of the star instead of by kind of record: what each step and the arms read."""
    rows: list[tuple[str, int | None, str]] = [("study", None, SOMETHING)]
    rows += [("step", number, source) for number, step in enumerate(study.steps) for source in sources_of(study.columns, step.keep)]
    rows += [("arm", None, source) for source in sources_of(study.columns, *(arm.when for arm in study.arms))]
    return pl.DataFrame(rows, schema={"part": pl.String, "step_no": pl.Int32, "record": pl.String}, orient="row")
