"""The truth in the form of the staging records, to compare with what the line makes of the exports."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from etl.linking.tumour_stage import staged
from schemas.core.ids import keyed, pseudonym
from schemas.items import identity, intervals, items, polars_schema

if TYPE_CHECKING:
    from etl.simulate.truth import Truth

PARTS = ("earliest_date", "latest_date", "precision")
PUBLIC_KEY = b"public_example"


def staging(truth: Truth) -> dict[str, pl.DataFrame]:
    """Per staging record one frame: the dictionary's columns, record_key, patient_key and (not of a patient) tumour_key.

    Persons are pseudonyms of the nric under the public key; a date is an interval of one day, and what is not known is null.
    """
    persons = truth.person.select("person_no", patient_pseudonym=_pseudonyms(truth.person["nric"]))
    labels = truth.cohort.select("person_no", subject_label=pl.col("table2_no").cast(pl.String))
    frames = {
        "patient": truth.person.join(labels, on="person_no", how="left"),
        "tumour": truth.tumour.with_columns(t_basis_code="prefix", n_basis_code="prefix"),
        "treatment": truth.treatment,
        "event": truth.event,
        "follow_up": truth.follow_up,
        "biomarker": _biomarkers(truth.tumour),
    }
    formed = {name: _form(name, frame.join(persons, on="person_no", how="left")) for name, frame in frames.items()}
    return {name: _keys(name, staged(frame) if name == "tumour" else frame) for name, frame in formed.items()}


def _pseudonyms(identifiers: pl.Series) -> pl.Series:
    return pl.Series([pseudonym(PUBLIC_KEY, identifier) for identifier in identifiers])


def _form(record: str, frame: pl.DataFrame) -> pl.DataFrame:
    """The columns of the staging record in order; an interval of one day from each `<name>_date`, null where there is none."""
    dates = {f"{name}_{part}": _part(frame, name, part) for name in intervals(record) for part in PARTS}
    kinds = polars_schema(record)
    given = {column: pl.col(column) if column in frame.columns else pl.lit(None) for column in kinds} | dates
    return frame.select(given[column].cast(kind).alias(column) for column, kind in kinds.items())


def _part(frame: pl.DataFrame, name: str, part: str) -> pl.Expr:
    if f"{name}_date" not in frame.columns:
        return pl.lit(None)
    date = pl.col(f"{name}_date")
    return pl.when(date.is_not_null()).then(pl.lit("day")) if part == "precision" else date


def _biomarkers(tumours: pl.DataFrame) -> pl.DataFrame:
    """One row per tumour and receptor with a result (also one that is not known); HER2 by ISH where that decided, else by IHC."""
    ratio, score = pl.col("her2_ish_ratio"), pl.col("her2_ihc_score")
    by_ish = pl.when(ratio.is_not_null())
    numbers = {
        "er": (pl.col("er_percent"), pl.lit("percent"), pl.lit(None, pl.String)),
        "pr": (pl.col("pr_percent"), pl.lit("percent"), pl.lit(None, pl.String)),
        "her2": (pl.coalesce(ratio, score), by_ish.then(pl.lit("ish_ratio")).otherwise(pl.lit("ihc_score")), _her2_reason()),
    }
    parts = [
        tumours.filter(pl.col(f"{marker}_code").is_not_null()).select(
            "person_no", "tumour_no", marker_code=pl.lit(marker), specimen_code=pl.lit("primary"), result_code=f"{marker}_code",
            result_value=value, result_unit_code=pl.when(value.is_not_null()).then(unit), reason_code=reason,
        )
        for marker, (value, unit, reason) in numbers.items()
    ]  # fmt: skip
    return pl.concat(parts, how="vertical_relaxed").sort("person_no", "tumour_no", "marker_code")


def _her2_reason() -> pl.Expr:
    """The test whose result decided."""
    by_ish, by_ihc = pl.col("her2_ish_ratio").is_not_null(), pl.col("her2_ihc_score").is_not_null()
    return pl.when(by_ish).then(pl.lit("ish")).when(by_ihc).then(pl.lit("ihc"))


def _keys(record: str, frame: pl.DataFrame) -> pl.DataFrame:
    """`frame` with the keys of the record, its person and its tumour."""
    named = keyed(keyed(frame, "record_key", identity(record)), "patient_key", ("patient_pseudonym",))
    if "tumour_no" in {item.column for item in items(record, "staging")}:
        return keyed(named, "tumour_key", ("patient_pseudonym", "tumour_no"))
    return named
