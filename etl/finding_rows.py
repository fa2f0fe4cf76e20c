"""What a finding without a record is told by: of whom its row tells and what its cell says, so that its name outlives a new delivery.

A line number moves with every row put in above. Where a row names no person, all that it says stands for her. Hashes are made with
the secret of the run: nobody can try out cells against them.
"""

from __future__ import annotations

from collections.abc import Iterator

import polars as pl

from etl.normalise.row_key import row_keys
from etl.readers.table import RawTable
from schemas.contract import Contract
from schemas.core.ids import keys
from schemas.corrections import NOBODY
from schemas.findings import SAID


def said(raw: RawTable, findings: pl.DataFrame, secret: str) -> pl.DataFrame:
    """SAID of the rows and cells of one file that `findings` are about: one row per source row and `columns`.

    Of a refused row that was not cut into cells nothing is known, so it has none.
    """
    about = findings.filter(pl.col("source_row").is_not_null(), pl.col("record_key").is_null()).select("source_row", "columns").unique()
    read = raw.rows if raw.sums is None else pl.concat([raw.rows, raw.sums])
    rows = read.filter(pl.col("source_row").is_in(about["source_row"].implode()))
    found = [_of_cells(raw.contract, rows, about, secret)] if rows.height else []
    if raw.torn is not None:
        told = keys(raw.torn.with_columns(pl.lit(secret).alias("salt")), ["salt", "text"])
        torn = raw.torn.select(pl.col("source_row").cast(pl.Int64), said=told.cast(pl.String))
        found.append(about.join(torn, on="source_row"))
    whole = pl.concat([pl.DataFrame(schema={"source_row": pl.Int64, "columns": pl.String, "said": pl.String}), *found])
    return whole.select(pl.lit(raw.file.source_key, pl.Int64).alias("source_key"), *list(SAID)[1:])


def _of_cells(contract: Contract, rows: pl.DataFrame, about: pl.DataFrame, secret: str) -> pl.DataFrame:
    told = rows.select(pl.col("source_row").cast(pl.Int64)).hstack(row_keys(rows, contract, secret))
    cells = pl.concat(_cells(contract, rows, about))
    both = about.join(told, on="source_row").join(cells, on=["source_row", "columns"], how="left", nulls_equal=True)
    is_hers = (pl.col("who") != NOBODY) & pl.col("cell").is_not_null()
    whose = both.with_columns(pl.lit(secret).alias("salt"), whose=pl.when(is_hers).then("who").otherwise("row_key"))
    return whose.select("source_row", "columns", said=keys(whose, ["salt", "whose", "columns", "cell"]).cast(pl.String))


def _cells(contract: Contract, rows: pl.DataFrame, about: pl.DataFrame) -> Iterator[pl.DataFrame]:
    """The text of each cell by its row and header."""
    yield pl.DataFrame(schema={"source_row": pl.Int64, "columns": pl.String, "cell": pl.String})
    fields = {header: name for name, field in contract.fields.items() for header in field.headers(name)}
    for header in about["columns"].drop_nulls().unique().sort():
        if (name := fields.get(header)) in rows.columns:
            yield rows.select(pl.col("source_row").cast(pl.Int64), columns=pl.lit(header), cell=pl.col(name).cast(pl.String))
