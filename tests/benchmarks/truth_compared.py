"""Linked records beside the true ones: what is wrong, what is vague, what is absent."""

from __future__ import annotations

import polars as pl

from etl.simulate.truth import Truth, staging
from schemas.core.ids import pseudonym
from schemas.items import identity, intervals, items, polars_schema

KEY = b"public_example"


def compared(truth: Truth, records: dict[str, pl.DataFrame], persons: pl.DataFrame) -> pl.DataFrame:
    """One row per linked record of a person who exists: record, record_key, and how many of its values are

    `wrong` (another value than the true one), `certain_wrong` (a date given as one day, and it is another), `vague` (an interval that
    holds the true day), `absent` (null where the truth has a value). A record that the truth does not have is `wrong` once.
    """
    named = pl.DataFrame(
        {"person_no": truth.person["person_no"], "patient_pseudonym": [pseudonym(KEY, nric) for nric in truth.person["nric"]]}
    )
    keys = named.with_columns(pl.col("person_no").cast(pl.Int64)).join(
        persons.with_columns(pl.col("person_no").cast(pl.Int64)), on="person_no", how="inner"
    )
    true = staging(truth)
    return pl.concat(
        _compared(name, frame, true[name].join(keys.select("patient_pseudonym", linked_key="patient_key"), on="patient_pseudonym"))
        for name, frame in records.items()
    )


def _compared(record: str, frame: pl.DataFrame, true: pl.DataFrame) -> pl.DataFrame:
    parts = [column for column in identity(record) if column != "patient_pseudonym"]
    right = true.select(
        "linked_key",
        *parts,
        *(pl.col(c).alias(f"true_{c}") for c in polars_schema(record) if c not in identity(record)),
        is_true=pl.lit(value=True),
    )
    both = frame.join(right, left_on=["patient_key", *parts], right_on=["linked_key", *parts], how="left")
    plain = [
        item.column
        for item in items(record, "staging")
        if item.type != "interval" and item.role != "identity" and item.column in _delivered(frame)
    ]
    dates = [name for name in intervals(record) if f"{name}_earliest_date" in _delivered(frame)]
    known = pl.col("is_true").is_not_null()
    wrong = [(pl.col(c) != pl.col(f"true_{c}")).fill_null(value=False) for c in plain] + [_outside(name) for name in dates]
    absent = [pl.col(c).is_null() & pl.col(f"true_{c}").is_not_null() for c in plain]
    absent += [
        pl.col(f"{n}_earliest_date").is_null() & pl.col(f"{n}_latest_date").is_null() & pl.col(f"true_{n}_earliest_date").is_not_null()
        for n in dates
    ]
    return both.select(
        pl.lit(record).alias("record"), "record_key",
        wrong=pl.when(known).then(_total(wrong)).otherwise(1),
        certain_wrong=pl.when(known).then(_total([_outside(name) & _certain(name) for name in dates])).otherwise(0),
        vague=_total([_vague(name) for name in dates]), absent=_total(absent),
    ).unique("record_key", keep="first")  # fmt: skip


def _delivered(frame: pl.DataFrame) -> set[str]:
    return {series.name for series in frame.iter_columns() if series.null_count() < series.len()}


def _total(tests: list[pl.Expr]) -> pl.Expr:
    return pl.sum_horizontal([test.fill_null(value=False).cast(pl.Int32) for test in tests]) if tests else pl.lit(0, pl.Int32)


def _outside(name: str) -> pl.Expr:
    day = pl.col(f"true_{name}_earliest_date")
    return (day < pl.col(f"{name}_earliest_date")) | (day > pl.col(f"{name}_latest_date"))


def _certain(name: str) -> pl.Expr:
    return pl.col(f"{name}_earliest_date") == pl.col(f"{name}_latest_date")


def _vague(name: str) -> pl.Expr:
    return ~_certain(name) & ~_outside(name)
