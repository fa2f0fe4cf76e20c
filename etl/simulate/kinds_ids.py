"""Defects of the identifiers by which rows are brought together."""

from __future__ import annotations

import polars as pl

from etl.simulate.defects import Cell
from etl.simulate.kinds_dates import CONTACTS, DEATHS, ITEMS, ONE_DISTANT, RECURRENCES, REGISTRY
from etl.simulate.kinds_order import IN_B, IN_BOTH, ONE_TUMOUR

# otherwise no hospital has the national number, and name and birth bring her and her death together in any case
IS_NUMBER_KNOWN = ~IN_B | pl.col("f_is_nric_known_b")

CELLS = (
    Cell(
        "leading_zeros_lost",
        CONTACTS,
        "record_id",
        pl.col("record_id").str.strip_chars_start("0"),
        "restored READ-LEADING-ZEROS",
        where=IN_B & pl.col("record_id").str.starts_with("0"),
        restorable=True,
    ),
    Cell(
        "leading_zeros_lost_in_long_file",
        ITEMS,
        "PATNR",
        pl.col("PATNR").str.strip_chars_start("0"),
        "restored READ-LEADING-ZEROS",
        where=IN_B & pl.col("PATNR").str.starts_with("0"),
        restorable=True,
    ),
    Cell(
        "id_in_scientific_notation",
        CONTACTS,
        "record_id",
        pl.col("record_id").str.replace(r"^0*(\d)(\d\d)\d*$", "$1.${2}E+07"),
        "refused READ-LOST-DIGITS",
        where=IN_B,
    ),
    Cell("id_small_letters", RECURRENCES, "PID", pl.col("PID").str.to_lowercase(), "refused READ-FORM", where=ONE_DISTANT),
    Cell("id_missing", RECURRENCES, "PID", pl.lit(None, pl.String), "refused NORM-PERSON", where=ONE_DISTANT),
    Cell(
        "id_digit_transposed",
        DEATHS,
        "NRIC",
        pl.col("NRIC").str.replace(r"^(.\d\d)(\d)(\d)", "$1$3$2"),
        "merged LINK-NUMBERS",
        where=(pl.col("NRIC").str.slice(3, 1) != pl.col("NRIC").str.slice(4, 1)) & IS_NUMBER_KNOWN,
    ),
    Cell(
        "name_typo",
        REGISTRY,
        "name",
        pl.col("name").str.replace(r"^(.)(.)", "$2$1"),
        "merged",
        where=IN_BOTH & pl.col("f_is_nric_known_b"),
    ),
    Cell(
        "duplicate_between_hospitals",
        REGISTRY,
        "nric",
        pl.lit(None, pl.String),
        "merged",
        where=IN_BOTH & pl.col("f_is_nric_known_b") & ONE_TUMOUR,
    ),
)
