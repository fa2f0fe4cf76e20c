"""The identity of a finding that has no record: the person of its row and the content of its cell, so that it keeps its finding_id.

The line number cannot serve: it moves with every row inserted above. So a finding about a cell is identified by the woman, the text of
the cell and the record of hers that the cell is about; the contract says which fields tell her records apart (etl/own_keys.py). Other
rows of the file change none of this. Where several rows are alike in all three, one of them is identified so and each of the others by
its whole text. Where a row names no person, its whole text stands for her. Hashes are made with the secret of the run, so that nobody
can try out cells against them. docs/operating.md says what is promised.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import polars as pl

from etl.own_keys import fields_in_order, own_fields
from etl.readers.physical import line_texts
from etl.readers.table import RawTable
from schemas.contract import Contract
from schemas.core.ids import SEPARATOR, keys
from schemas.findings import SAID

LINES = {"source_row": pl.Int64, "text": pl.String}
CELLS = {"source_row": pl.Int64, "columns": pl.String, "is_hers": pl.Boolean, "told": pl.String}


def said(raw: RawTable, findings: pl.DataFrame, secret: str) -> pl.DataFrame:
    """SAID of the rows and cells of one file that `findings` are about: one row per source row and `columns`.

    A refused row of text that was not cut into cells is told by its line; one of XML has none.
    """
    about = findings.filter(pl.col("source_row").is_not_null(), pl.col("record_key").is_null()).select("source_row", "columns").unique()
    read = raw.rows if raw.sums is None else pl.concat([raw.rows, raw.sums])
    rows = read.filter(pl.col("source_row").is_in(about["source_row"].implode()))
    told = _of_cells(raw.contract, rows, about)
    if raw.torn is not None:
        told = pl.concat([told, about.join(raw.torn.select(pl.col("source_row").cast(pl.Int64), "text"), on="source_row")])
    uncut = about.join(told, on="source_row", how="anti")
    if uncut.height:
        lines = pl.DataFrame(list(line_texts(raw.file, uncut["source_row"]).items()), schema=LINES, orient="row")
        told = pl.concat([told, uncut.join(lines, on="source_row")])
    named = told.with_columns(pl.concat_str(pl.lit(secret), "columns", "text", separator=SEPARATOR, ignore_nulls=True).alias("text"))
    hashed = told.select("source_row", "columns", said=keys(named, ["text"]).cast(pl.String))
    return hashed.select(pl.lit(raw.file.source_key, pl.Int64).alias("source_key"), *list(SAID)[1:])


def _of_cells(contract: Contract, rows: pl.DataFrame, about: pl.DataFrame) -> pl.DataFrame:
    """`text` by row and header: the text that identifies the cell (`_cells`), or the whole row where it names nobody or has no such cell.

    Where cells of several rows have the same text, the rows are put in the order of their content: the first keeps the text, and to the
    others the whole row is added. So the line number decides only between rows that are alike in everything.
    """
    both = pl.concat(_cells(contract, rows, about))
    is_cell = pl.col("is_hers") & pl.col("told").is_not_null()
    is_told = both.select(is_cell & ~pl.struct("columns", "told").is_duplicated()).to_series()
    others = both.filter(~is_told)  # for these alone the whole row is looked at
    of_others = rows.filter(pl.col("source_row").is_in(others["source_row"].implode()))
    whole = of_others.select(pl.col("source_row").cast(pl.Int64), row=_joined(fields_in_order(contract)))
    is_first = pl.struct("columns", "told").is_first_distinct()
    further = pl.concat_str("told", pl.when(~is_first).then("row"), separator=SEPARATOR, ignore_nulls=True)
    ordered = others.join(whole, on="source_row").sort("row", "source_row")
    told = ordered.select("source_row", "columns", text=pl.when(is_cell).then(further).otherwise("row"))
    return pl.concat([both.filter(is_told).select("source_row", "columns", text="told"), told])


def _joined(fields: Sequence[str]) -> pl.Expr:
    return pl.concat_str([pl.col(name).fill_null("") for name in fields], separator=SEPARATOR) if fields else pl.lit("")


def _any(fields: Sequence[str]) -> pl.Expr:
    return pl.any_horizontal(pl.lit(value=False), *(pl.col(name).is_not_null() for name in fields))


def _cells(contract: Contract, rows: pl.DataFrame, about: pl.DataFrame) -> Iterator[pl.DataFrame]:
    """By row and header: `is_hers`, whether the row names a person, and `told`, the text that identifies the cell (null: no such cell).

    The text is made of her fields, the cell (nothing where it is empty) and the fields that tell her records apart. It is made header by
    header, so that nothing need be joined by row and header.
    """
    yield pl.DataFrame(schema=CELLS)
    person = contract.person_fields
    hers = (*person, *contract.issuer_fields)
    fields = {header: name for name, field in contract.fields.items() for header in field.headers(name)}
    for (header,), at in about.group_by("columns", maintain_order=True):
        name = fields.get(str(header))
        mine = rows.filter(pl.col("source_row").is_in(at["source_row"].implode()))
        columns, told = pl.lit(header, pl.String), pl.lit(None, pl.String)
        if name is not None and name in rows.columns:
            told = pl.concat_str(_joined(hers), _joined((name, *own_fields(contract, name))), separator=SEPARATOR)
        yield mine.select(pl.col("source_row").cast(pl.Int64), columns=columns, is_hers=_any(person), told=told)
