"""Pandera models of the six staging records as `link` hands them on: one row per natural key.

The person of a record is a number, `patient_key`; the pseudonym that it stands for is a text in the record of the patient alone,
since a woman has ten other records.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import polars as pl

from schemas import items
from schemas.domains import Codes
from schemas.frame_checks import model, validate

# What every linked record carries beside the columns of items.csv; none of them may be empty.
PROVENANCE: dict[str, type[pl.DataType]] = {
    "record_key": pl.Int64,
    "patient_key": pl.Int64,
    "source_row_id": pl.Int64,
    "source_file": pl.String,
}


# The record that carries the pseudonym.
NAMED, PSEUDONYM = "patient", "patient_pseudonym"


def own_columns(record: str) -> list[str]:
    """The columns of the dictionary that a linked record of this kind has."""
    return [name for name in items.polars_schema(record) if record == NAMED or name != PSEUDONYM]


def check_staging(records: dict[str, pl.DataFrame], codes: Codes) -> None:
    """Raises RefusedError naming record, column, check and count where a linked record is not what the dictionary promises."""
    for name, frame in records.items():
        identity = [column if column in own_columns(name) else "patient_key" for column in items.identity(name)]
        extra = PROVENANCE | ({"tumour_key": pl.Int64} if "tumour_no" in identity else {})
        # the exact search for doubles is the dearest check: keys that all differ do without it
        unique = () if _is_distinct(frame, identity) else identity
        without = () if name == NAMED else (PSEUDONYM,)
        validate(model(name, codes, extra, unique, without=without, coded=_coded(name, frame)), frame)


def _coded(record: str, frame: pl.DataFrame) -> list[str]:
    """The texts of the dictionary that are categories in the frame: these take less memory and are looked up once for each word."""
    kinds = items.polars_schema(record) | PROVENANCE
    return [name for name, kind in kinds.items() if kind == pl.String and frame.schema.get(name) == pl.Categorical]


def _is_distinct(frame: pl.DataFrame, identity: Sequence[str]) -> bool:
    """Whether no two rows have the same natural key; false as well where it cannot be told.

    `record_key` is a hash of the natural key: where it differs, so does that. Sorted: to look up millions of keys takes longer.
    """
    if not {*identity, "record_key"} <= set(frame.columns):
        return False
    keys = np.sort(frame["record_key"].to_numpy())
    return not (keys[1:] == keys[:-1]).any()
