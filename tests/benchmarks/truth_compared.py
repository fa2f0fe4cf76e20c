"""Linked records beside the true ones: what is wrong, what is vague, what is absent, what is lost."""

from __future__ import annotations

from collections.abc import Iterator

import polars as pl

from etl.simulate.truth import Truth, staging
from schemas.core.ids import pseudonym
from schemas.items import identity, intervals, items, polars_schema

KEY = b"public_example"
ALL = ("a", "b", "both")
# What no file of these hospitals delivers, though the truth has it: no contract could read it. Everything else has to be there.
UNDELIVERED: dict[str, dict[str, tuple[str, ...]]] = {
    "patient": {"subject_label": ALL},
    "tumour": {"age_at_diagnosis_years": ("a",), "basis_of_diagnosis_code": ("a",), "node_status_code": ("b",)},
    "treatment": {"stop_reason_code": ALL, "volume_code": ALL, "intent_code": ALL, "fractions": ("b",)},
    "event": {
        "lesion_count": ("b",), "is_histology_confirmed": ALL, "is_adjacent_to_resection": ALL, "detection_code": ALL,
        "presentation_code": ALL,
    },
    "follow_up": {"performance_status_code": ("a",)},
    "biomarker": {},
}  # fmt: skip
UNKNOWN = "unknown"


def true_records(truth: Truth, persons: pl.DataFrame) -> dict[str, pl.DataFrame]:
    """The true staging records with person_no, hospital and `linked_key`, the patient_key under which the person was linked.

    A person of several keys has her records several times, one of none not at all.
    """
    named = truth.person.select("hospital", person_no=pl.col("person_no").cast(pl.Int64)).with_columns(
        patient_pseudonym=pl.Series([pseudonym(KEY, nric) for nric in truth.person["nric"]])
    )
    keys = named.join(persons.select(pl.col("person_no").cast(pl.Int64), linked_key="patient_key"), on="person_no", how="inner")
    return {name: frame.drop("patient_key").join(keys, on="patient_pseudonym") for name, frame in staging(truth).items()}


def compared(truth: Truth, records: dict[str, pl.DataFrame], persons: pl.DataFrame) -> pl.DataFrame:
    """One row per linked record: record, record_key, person_no, and how many of its values are

    `wrong` (another value than the true one), `certain_wrong` (a date given as one day, and it is another), `vague` (an interval that
    holds the true day), `absent` (null or unknown where the truth has a value that its hospital delivers). A record that the truth
    does not have is `wrong` once, but for a course of hers of which the line says that its text was not understood: that is `absent`.
    """
    true = true_records(truth, persons)
    return pl.concat(_compared(name, frame, true[name]) for name, frame in records.items())


def lost(truth: Truth, records: dict[str, pl.DataFrame], persons: pl.DataFrame) -> pl.DataFrame:
    """One row per true record that no linked record is: record, person_no. A person of whom nothing was linked loses her patient."""
    parts = list(_lost(truth, records, persons))
    nobody = truth.person.select(pl.col("person_no").cast(pl.Int64)).join(persons, on="person_no", how="anti")
    return pl.concat([*parts, nobody.select(pl.lit("patient").alias("record"), "person_no")])


def _lost(truth: Truth, records: dict[str, pl.DataFrame], persons: pl.DataFrame) -> Iterator[pl.DataFrame]:
    for name, true in true_records(truth, persons).items():
        parts = _parts(name)
        missing = true.join(records[name], left_on=["linked_key", *parts], right_on=["patient_key", *parts], how="anti")
        yield missing.select(pl.lit(name).alias("record"), "person_no")


def _parts(record: str) -> list[str]:
    return [column for column in identity(record) if column != "patient_pseudonym"]


def _compared(record: str, frame: pl.DataFrame, true: pl.DataFrame) -> pl.DataFrame:
    parts = _parts(record)
    right = true.select(
        "linked_key", *parts, "person_no", "hospital",
        *(pl.col(c).alias(f"true_{c}") for c in polars_schema(record) if c not in identity(record)), is_true=pl.lit(value=True),
    )  # fmt: skip
    both = frame.join(right, left_on=["patient_key", *parts], right_on=["linked_key", *parts], how="left")
    both = both.with_columns(is_unread=_unread(record, both, right, parts))
    plain = {i.column: i.type for i in items(record, "staging") if i.type != "interval" and i.role != "identity"}
    dates = intervals(record)
    known = pl.col("is_true").is_not_null()
    wrong = [_differs(c, both.schema[c]) for c in plain] + [_outside(name) for name in dates]
    absent = [_absent(record, c, both.schema[c]) for c in plain] + [_dateless(name) for name in dates]
    return both.select(
        pl.lit(record).alias("record"), "record_key", "patient_key", "person_no",
        wrong=pl.when(known).then(_total(wrong)).when("is_unread").then(0).otherwise(1),
        certain_wrong=pl.when(known).then(_total([_outside(name) & _certain(name) for name in dates])).otherwise(0),
        vague=_total([_vague(name) for name in dates]), absent=_total(absent) + pl.col("is_unread").cast(pl.Int32),
    ).unique("record_key", keep="first", maintain_order=True)  # fmt: skip


def _unread(record: str, both: pl.DataFrame, true: pl.DataFrame, parts: list[str]) -> pl.Series:
    """Per record whether it is a course that the truth has, as a whole and of which nothing is known: its text was not understood."""
    if record != "treatment":
        return pl.Series([False] * both.height, dtype=pl.Boolean)
    course = [part for part in parts if part != "component_no"]
    hers = true.select("linked_key", *course).unique().with_columns(is_hers=pl.lit(value=True))
    found = both.join(hers, left_on=["patient_key", *course], right_on=["linked_key", *course], how="left", maintain_order="left")
    return found.select(
        pl.col("is_true").is_null()
        & (pl.col("component_no") == 0)
        & pl.col("is_given").is_null()
        & pl.col("is_hers").fill_null(value=False)
    ).to_series()


def _total(tests: list[pl.Expr]) -> pl.Expr:
    return pl.sum_horizontal([test.fill_null(value=False).cast(pl.Int32) for test in tests]) if tests else pl.lit(0, pl.Int32)


def _given_up(column: str, kind: pl.DataType) -> pl.Expr:
    """Null, or the code for not known, where the truth knows."""
    nothing = pl.col(column).is_null()
    return nothing | (pl.col(column) == UNKNOWN) if kind == pl.String else nothing


def _differs(column: str, kind: pl.DataType) -> pl.Expr:
    return (pl.col(column) != pl.col(f"true_{column}")) & ~_given_up(column, kind) | (
        pl.col(column).is_not_null() & pl.col(f"true_{column}").is_null() & pl.col("is_true").is_not_null()
    )


def _absent(record: str, column: str, kind: pl.DataType) -> pl.Expr:
    undelivered = pl.col("hospital").is_in(list(UNDELIVERED[record].get(column, ())))
    missing = _given_up(column, kind) & pl.col(column).ne_missing(pl.col(f"true_{column}"))
    return missing & pl.col(f"true_{column}").is_not_null() & ~undelivered


def _dateless(name: str) -> pl.Expr:
    """No date at all where the truth has one."""
    return (
        pl.col(f"{name}_earliest_date").is_null()
        & pl.col(f"{name}_latest_date").is_null()
        & pl.col(f"true_{name}_earliest_date").is_not_null()
    )


def _outside(name: str) -> pl.Expr:
    """The true day lies outside, or there is no such day in truth."""
    day, low, high = pl.col(f"true_{name}_earliest_date"), pl.col(f"{name}_earliest_date"), pl.col(f"{name}_latest_date")
    return (day < low) | (day > high) | (day.is_null() & pl.col("is_true").is_not_null() & (low.is_not_null() | high.is_not_null()))


def _certain(name: str) -> pl.Expr:
    return pl.col(f"{name}_earliest_date") == pl.col(f"{name}_latest_date")


def _vague(name: str) -> pl.Expr:
    return (~_certain(name) & ~_outside(name)).fill_null(value=False)
