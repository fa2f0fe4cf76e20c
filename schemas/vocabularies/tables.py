"""The vocabularies as rows of the star's dimensions: the columns of items.csv, without the keys."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cache

import polars as pl

from schemas import items
from schemas.facts import Row, shipped
from schemas.vocabularies.code_list import COLUMNS, VOCABULARIES, labels

Schema = Mapping[str, type[pl.DataType] | pl.DataType]
_REGIMEN_DRUG: Schema = {
    "regimen_code": pl.String,
    "block_no": pl.Int32,
    "drug_code": pl.String,
    "cycles": pl.Int32,
    "interval_days": pl.Int32,
}
_DRUG_TRIAL: Schema = {"drug_code": pl.String, "earliest_trial_year": pl.Int32}
_STAGE: Schema = {"tnm_edition_code": pl.String, "stage_code": pl.String, "stage_class_code": pl.String, "sort_no": pl.Int32}


@cache
def table(name: str) -> pl.DataFrame:
    """One row per drug, regimen, regimen_drug, drug_trial, site, procedure or stage, in the order of the list; empty cells are null.

    `stage` has one row per edition and stage group, also for groups an edition lacks: a stage is kept as delivered.
    """
    if name == "stage":
        return stages(labels("stage"), {})
    if name == "regimen_drug":
        return frame(shipped("regimen_drugs.csv", *_REGIMEN_DRUG), _REGIMEN_DRUG)
    if name == "drug_trial":
        return frame(shipped("drugs.csv", "code", "earliest_trial_year"), _DRUG_TRIAL, {"drug_code": "code"})
    wanted = {c.name: c.polars for c in items.columns(f"dim_{name}", "star") if not c.name.endswith("_key")}
    return frame(shipped(VOCABULARIES[name], *COLUMNS), wanted, {f"{name}_code": "code"})


def frame(rows: tuple[Row, ...], schema: Schema, called: dict[str, str] | None = None) -> pl.DataFrame:
    """One row per row of a file, with the columns of `schema`, typed; `called` says what the file calls a column. Empty cells are null."""
    names = called or {}
    texts = pl.DataFrame({c: [row[names.get(c, c)] or None for row in rows] for c in schema}, schema=dict.fromkeys(schema, pl.String))
    return texts.select(_typed(c, kind) for c, kind in schema.items())


def _typed(column: str, kind: type[pl.DataType] | pl.DataType) -> pl.Expr:
    """A column of text as its type; polars casts no text to a boolean or a date."""
    if kind == pl.Boolean:
        return (pl.col(column) == "true").alias(column)
    return pl.col(column).str.to_date("%Y-%m-%d") if kind == pl.Date else pl.col(column).cast(kind)


def stages(listed: Iterable[str], classes: Mapping[str, str]) -> pl.DataFrame:
    """The table `stage` of these groups in their order; `classes`: of those that a project added the group without its letter."""
    groups = [(stage, classes.get(stage, stage.rstrip("ABC")), sort) for sort, stage in enumerate(listed)]
    rows = [(edition, *group) for edition in labels("tnm_edition") for group in groups]
    return pl.DataFrame(rows, schema=_STAGE, orient="row")
