"""The little that edits know beside the records: what a site, an operation, a drug, a regimen and an N category mean."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from schemas import vocabulary

if TYPE_CHECKING:
    from schemas.vocabulary import Vocabularies

Schema = dict[str, type[pl.DataType] | pl.DataType]
# Table of the vocabularies -> the columns that the edit views join.
TABLES: dict[str, Schema] = {
    "site": {"site_code": pl.String, "organ_code": pl.String, "spread_code": pl.String},
    "procedure": {"procedure_code": pl.String, "organ_code": pl.String},
    "drug": {"drug_code": pl.String, "drug_class": pl.String},
    "drug_trial": {"drug_code": pl.String, "earliest_trial_year": pl.Int32},
    "regimen_drug": {"regimen_code": pl.String, "drug_code": pl.String},
    "node_counts": {"tnm_edition_code": pl.String, "n_code": pl.String, "min_positive": pl.Int32, "max_positive": pl.Int32},
}


def knowledge(vocabularies: Vocabularies | None = None) -> dict[str, pl.DataFrame]:
    """One frame per table of TABLES; `regimen_drug` has one row per regimen and drug, `node_counts` one per edition and N category."""
    known = vocabularies or vocabulary.load(None)
    tables = {name: known.table(name) for name in TABLES if name != "node_counts"} | {"node_counts": known.fact("node_counts")}
    return {name: tables[name].select(schema.keys()).unique(maintain_order=True) for name, schema in TABLES.items()}
