"""What a finding without a record is told by: of whom its row tells and what its cell says, so that its name outlives a new delivery.

A line number moves with every row put in above. Where a row names no person, all that it says stands for her. Hashes are made with
the secret of the run: nobody can try out cells against them.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import polars as pl

from etl.readers.table import RawTable
from schemas.contract import Contract
from schemas.core.ids import SEPARATOR, keys
from schemas.findings import SAID


def said(raw: RawTable, findings: pl.DataFrame, secret: str) -> pl.DataFrame:
    """SAID of the rows and cells of one file that `findings` are about: one row per source row and `columns`.

    Of a refused row that was not cut into cells nothing is known, so it has none.
    """
    about = findings.filter(pl.col("source_row").is_not_null(), pl.col("record_key").is_null()).select("source_row", "columns").unique()
    read = raw.rows if raw.sums is None else pl.concat([raw.rows, raw.sums])
    rows = read.filter(pl.col("source_row").is_in(about["source_row"].implode()))
    told = _of_cells(raw.contract, rows, about)
    if raw.torn is not None:
        told = pl.concat([told, about.join(raw.torn.select(pl.col("source_row").cast(pl.Int64), "text"), on="source_row")])
    named = told.with_columns(pl.concat_str(pl.lit(secret), "columns", "text", separator=SEPARATOR, ignore_nulls=True).alias("text"))
    hashed = told.select("source_row", "columns", said=keys(named, ["text"]).cast(pl.String))
    return hashed.select(pl.lit(raw.file.source_key, pl.Int64).alias("source_key"), *list(SAID)[1:])


def _of_cells(contract: Contract, rows: pl.DataFrame, about: pl.DataFrame) -> pl.DataFrame:
    """`text` by row and header: the person's fields and the cell, or the whole row where it names nobody or the cell is not found."""
    person, row = contract.person_fields, pl.col("source_row").cast(pl.Int64)
    hers = rows.select(row, who=_joined(person), is_hers=_any(person))
    cells = pl.concat(_cells(contract, rows, about))
    both = about.join(hers, on="source_row").join(cells, on=["source_row", "columns"], how="left", nulls_equal=True)
    is_told = pl.col("is_hers") & pl.col("cell").is_not_null()
    told = both.filter(is_told).select("source_row", "columns", text=pl.concat_str("who", "cell", separator=SEPARATOR))
    others = both.filter(~is_told).select("source_row", "columns")
    # whole rows are long texts, and few are needed
    needed = rows.filter(row.is_in(others["source_row"].implode())).select(row, text=_joined(tuple(contract.fields)))
    return pl.concat([told, others.join(needed, on="source_row")])


def _joined(fields: Sequence[str]) -> pl.Expr:
    return pl.concat_str([pl.col(name).fill_null("") for name in fields], separator=SEPARATOR)


def _any(fields: Sequence[str]) -> pl.Expr:
    return pl.any_horizontal(pl.col(name).is_not_null() for name in fields)


def _cells(contract: Contract, rows: pl.DataFrame, about: pl.DataFrame) -> Iterator[pl.DataFrame]:
    """The text of each cell by its row and header."""
    yield pl.DataFrame(schema={"source_row": pl.Int64, "columns": pl.String, "cell": pl.String})
    fields = {header: name for name, field in contract.fields.items() for header in field.headers(name)}
    for header in about["columns"].drop_nulls().unique().sort():
        if (name := fields.get(header)) in rows.columns:
            yield rows.select(pl.col("source_row").cast(pl.Int64), columns=pl.lit(header), cell=pl.col(name).cast(pl.String))
