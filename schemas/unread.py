"""What of a person was delivered and not understood: found once in a run, and known to edits and studies by the same names."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache

import polars as pl

from schemas.facts import shipped

# The table of the warehouse, and its column. Its rows are what UNREAD says.
STORED, COLUMNS = "unread_person", "unread_columns"
# One row per person of whom a cell was not understood: the columns, as `texts` writes them.
UNREAD: dict[str, type[pl.DataType]] = {"patient_key": pl.Int64, COLUMNS: pl.String}
# One row per person, record and column of which a cell was not understood. `column`: of the dictionary, or LOST.
CELLS: dict[str, type[pl.DataType]] = {"patient_key": pl.Int64, "record": pl.String, "column": pl.String}
LOST = "lost"  # a record that was not delivered at all, for its key was not understood
# Behind the name of a basis whose category was understood: it stood in a column of its own. In one cell with it neither is known.
APART = ".apart"
BASIS_OF = {"stage_code": "stage_basis_code", "t_code": "t_basis_code", "n_code": "n_basis_code"}


@cache
def leaves() -> Mapping[str, str]:
    """By code of a reading edit what its findings leave not understood (unread_findings.csv)."""
    return {row["edit"]: row["leaves"] for row in shipped("unread_findings.csv", "edit", "leaves")}


def leaving(*what: str) -> tuple[str, ...]:
    """The reading edits whose findings leave one of these not understood."""
    return tuple(edit for edit, said in leaves().items() if said in what)


def texts(cells: pl.DataFrame) -> pl.DataFrame:
    """UNREAD of CELLS: each column as `record.column`, and APART, sorted, a blank around each."""
    bases = cells.filter(pl.col("column").is_in(tuple(BASIS_OF.values())))
    understood = bases.join(cells.with_columns(pl.col("column").replace_strict(BASIS_OF, default=None)), on=list(CELLS), how="anti")
    named = pl.concat([cells, understood.with_columns(pl.col("column") + APART)])
    told = named.select("patient_key", name=pl.concat_str("record", "column", separator=".")).unique().sort("patient_key", "name")
    joined = told.group_by("patient_key", maintain_order=True).agg(pl.col("name").str.join(" "))
    return joined.select("patient_key", pl.format(" {} ", "name").alias(COLUMNS))
