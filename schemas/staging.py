"""Pandera models of the six staging records as `link` hands them on: one row per natural key."""

from __future__ import annotations

import polars as pl

from schemas import items
from schemas.domains import Codes
from schemas.frame_checks import model, validate

# What every linked record carries beside the columns of items.csv; none of them may be empty.
PROVENANCE: dict[str, type[pl.DataType]] = {
    "record_key": pl.Int64,
    "patient_key": pl.Int64,
    "source_row_id": pl.Int64,
    "source_key": pl.Int64,
    "source_row": pl.Int64,
    "source_file": pl.String,
}


def check_staging(records: dict[str, pl.DataFrame], codes: Codes) -> None:
    """Raises RefusedError naming record, column, check and count where a linked record is not what the dictionary promises."""
    for name, frame in records.items():
        identity = items.identity(name)
        extra = PROVENANCE | ({"tumour_key": pl.Int64} if "tumour_no" in identity else {})
        texts = frame.with_columns(pl.col(pl.Categorical).cast(pl.String))  # codes come as categories, which take less memory
        validate(model(name, codes, extra=extra, unique=identity), texts)
