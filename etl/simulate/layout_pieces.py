"""What the layouts of the simulated exports share: the true records they are made from, and the columns that are no part of a file."""

from __future__ import annotations

from typing import Protocol

import polars as pl

from etl.simulate.sheets import HIDDEN, LINE, PERSON, TUMOUR, Form, Sheet

KEYS = ["person_no", "tumour_no"]
SURGERIES, BLOCKS = 4, 2
# Courses of treatment, and what hospital B calls them.
COURSES = {
    "primary_systemic": "CHEMO", "primary_radiation": "RADIATION", "primary_hormonal": "HORMONAL", "primary_trastuzumab": "TRASTUZUMAB",
    "after_recurrence": "TX_AFTER_REC", "after_metastasectomy": "TX_AFTER_METS", "after_progression": "TX_AFTER_PROG",
}  # fmt: skip


class Truth(Protocol):
    """The true records that the exports are made from; all dates are days, all codes canonical (etl.simulate.truth)."""

    @property
    def person(self) -> pl.DataFrame: ...  # noqa: D102 - one row per person_no
    @property
    def tumour(self) -> pl.DataFrame: ...  # noqa: D102 - one row per person_no and tumour_no
    @property
    def treatment(self) -> pl.DataFrame: ...  # noqa: D102 - one row per tumour, course_code and component_no
    @property
    def event(self) -> pl.DataFrame: ...  # noqa: D102 - one row per tumour, event_type_code and event_no
    @property
    def follow_up(self) -> pl.DataFrame: ...  # noqa: D102 - one row per person_no


def women_of(truth: Truth, frame: pl.DataFrame, *hospitals: str) -> pl.DataFrame:
    """The rows of the women of these hospitals, with nric, number_b and hospital."""
    known = truth.person.filter(pl.col("hospital").is_in(hospitals)).select("person_no", "nric", "number_b", "is_nric_known_b")
    return frame.join(known, on="person_no", how="inner", maintain_order="left")


def hidden(frame: pl.DataFrame) -> list[pl.Expr]:
    """The columns that say whose row it is."""
    tumour = pl.col("tumour_no") if "tumour_no" in frame.columns else pl.lit(None, pl.Int64).alias("tumour_no")
    return [pl.col("person_no").cast(pl.Int64).alias(PERSON), tumour.cast(pl.Int64).alias(TUMOUR), pl.lit(None, pl.String).alias(LINE)]


def place_in_run(keys: list[str]) -> pl.Expr:
    """1, 2, … within the rows of equal `keys`, which stand together."""
    begins = pl.any_horizontal(pl.col(key) != pl.col(key).shift() for key in keys).fill_null(value=True)
    at = pl.int_range(pl.len())
    return at - pl.when(begins).then(at).forward_fill() + 1


def blocks_of(treatment_: pl.DataFrame) -> pl.DataFrame:
    """One row per tumour: begin, end and days between cycles of each block of the first chemotherapy, and the begin of trastuzumab."""
    parts = treatment_.filter((pl.col("course_code") == "primary_systemic") & pl.col("is_given"))
    is_chemotherapy = pl.col("modality_code") == "chemotherapy"
    asked = {}
    for place in range(1, BLOCKS + 1):
        here = is_chemotherapy & (pl.col("component_no") == place)
        asked[f"block_{place}"] = pl.col("treatment_date").filter(here).first()
        asked[f"block_{place}_end"] = pl.col("treatment_end_date").filter(here).first()
        asked[f"block_{place}_interval"] = pl.col("interval_days").filter(here).first()
    asked["targeted"] = pl.col("treatment_date").filter(~is_chemotherapy).first()
    return parts.group_by(KEYS, maintain_order=True).agg(**asked)


def text_file(
    name: str,
    rows: pl.DataFrame,
    *,
    delimiter: str = ",",
    encoding: str = "utf-8",
    line_end: str = "\n",
    mark: bytes = b"",
    below: str = "",
) -> Sheet:
    """A delimited text file with a header row; `below` is its last line."""
    names = delimiter.join(column for column in rows.columns if column not in HIDDEN)
    return Sheet(name, Form("csv", (names,), delimiter, encoding, line_end, mark, below=(below,) if below else ()), rows)
