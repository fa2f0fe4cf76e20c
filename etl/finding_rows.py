"""What a finding without a record is told by: of whom its row tells and what its cell says, so that its name outlives a new delivery.

A line number moves with every row put in above, and of two rows of one woman the first may be mended: so where she has several
rows, a cell is also told by the record of hers that it is about, and where that does not tell them apart, by all that its row says.
Where a row names no person, all that it says stands for her. Hashes are made with the secret of the run: nobody can try out cells
against them. docs/operating.md says what is promised.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import polars as pl

from etl.own_keys import own_fields
from etl.readers.physical import line_texts
from etl.readers.table import RawTable
from schemas.contract import Contract
from schemas.core.ids import SEPARATOR, keys
from schemas.findings import SAID

LINES = {"source_row": pl.Int64, "text": pl.String}
CELLS = {"source_row": pl.Int64, "columns": pl.String, "cell": pl.String, "own": pl.String, "n_rows": pl.Int64, "n_alike": pl.Int64}
# A file holds several rows of each woman where it has so many more rows than women; of a larger one than COUNTED they are estimated.
MANY, COUNTED = 0.1, 100_000


def said(raw: RawTable, findings: pl.DataFrame, secret: str) -> pl.DataFrame:
    """SAID of the rows and cells of one file that `findings` are about: one row per source row and `columns`.

    A refused row of text that was not cut into cells is told by its line; one of XML has none.
    """
    about = findings.filter(pl.col("source_row").is_not_null(), pl.col("record_key").is_null()).select("source_row", "columns").unique()
    read = raw.rows if raw.sums is None else pl.concat([raw.rows, raw.sums])
    rows = read.filter(pl.col("source_row").is_in(about["source_row"].implode()))
    told = _of_cells(raw.contract, rows, about, raw.rows)
    if raw.torn is not None:
        told = pl.concat([told, about.join(raw.torn.select(pl.col("source_row").cast(pl.Int64), "text"), on="source_row")])
    uncut = about.join(told, on="source_row", how="anti")
    if uncut.height:
        lines = pl.DataFrame(list(line_texts(raw.file, uncut["source_row"]).items()), schema=LINES, orient="row")
        told = pl.concat([told, uncut.join(lines, on="source_row")])
    named = told.with_columns(pl.concat_str(pl.lit(secret), "columns", "text", separator=SEPARATOR, ignore_nulls=True).alias("text"))
    hashed = told.select("source_row", "columns", said=keys(named, ["text"]).cast(pl.String))
    return hashed.select(pl.lit(raw.file.source_key, pl.Int64).alias("source_key"), *list(SAID)[1:])


def _of_cells(contract: Contract, rows: pl.DataFrame, about: pl.DataFrame, every: pl.DataFrame) -> pl.DataFrame:
    """`text` by row and header: the person's fields, the cell and what tells it from those of her other rows; or the whole row where
    it names nobody or the cell is not found. `every`: all rows of the file.
    """
    person = contract.person_fields
    whole = rows.select(pl.col("source_row").cast(pl.Int64), who=_joined(person), row=_joined(tuple(contract.fields)), is_hers=_any(person))
    cells = pl.concat(_cells(contract, rows, about, every))
    both = about.join(whole, on="source_row").join(cells, on=["source_row", "columns"], how="left", nulls_equal=True)
    several = pl.lit(value=True) if _has_many_rows_each(contract, every) else pl.col("n_rows") > 1
    own = pl.when(several).then("own")
    row = pl.when(several & (pl.col("n_alike") > 1)).then("row")
    told = pl.concat_str("who", "cell", own, row, separator=SEPARATOR, ignore_nulls=True)
    return both.select("source_row", "columns", text=pl.when(pl.col("is_hers") & pl.col("cell").is_not_null()).then(told).otherwise("row"))


def _joined(fields: Sequence[str]) -> pl.Expr:
    return pl.concat_str([pl.col(name).fill_null("") for name in fields], separator=SEPARATOR) if fields else pl.lit("")


def _any(fields: Sequence[str]) -> pl.Expr:
    return pl.any_horizontal(pl.lit(value=False), *(pl.col(name).is_not_null() for name in fields))


def _has_many_rows_each(contract: Contract, rows: pl.DataFrame) -> bool:
    """Whether a file is one of several rows of a woman: more than a tenth more rows than women."""
    person = contract.person_fields
    who = pl.col(person[0]) if len(person) == 1 else _joined(person)
    women: int = rows.select(who.n_unique() if rows.height < COUNTED else who.approx_n_unique()).item()
    return rows.height > (1 + MANY) * women


def _cells(contract: Contract, rows: pl.DataFrame, about: pl.DataFrame, every: pl.DataFrame) -> Iterator[pl.DataFrame]:
    """The text of each cell by its row and header, with `own`, what tells of which record it is, `n_rows`, how many rows she has in
    the file, and `n_alike`, how many of these have the same `own`. `every`: all rows of the file.
    """
    yield pl.DataFrame(schema=CELLS)
    fields = {header: name for name, field in contract.fields.items() for header in field.headers(name)}
    met = [(header, name) for header in about["columns"].drop_nulls().unique().sort() if (name := fields.get(header)) in rows.columns]
    own = {header: own_fields(contract, name) for header, name in met}
    person = contract.person_fields
    # only what is compared, and only of these women: a file has many columns and few findings
    women = rows.select(person).unique()
    kept = list(dict.fromkeys((*person, *(field for of in own.values() for field in of))))
    is_hers = [pl.col(field).is_in(women[field].implode(), nulls_equal=True) for field in person]
    hers = every.select(kept).filter(pl.all_horizontal(pl.lit(value=True), *is_hers)) if met else every.clear()
    for header, name in met:
        if name is not None:
            at = about.filter(pl.col("columns") == header)["source_row"]
            mine = rows.filter(pl.col("source_row").is_in(at.implode()))
            others = hers.join(mine.select(person).unique(), on=person, how="semi", nulls_equal=True)
            told = others.select(who=_joined(person), own=_joined(own[header]))
            counted = told.group_by("who", "own").agg(n_alike=pl.len()).with_columns(n_rows=pl.col("n_alike").sum().over("who"))
            cell = mine.select(
                pl.col("source_row").cast(pl.Int64),
                columns=pl.lit(header),
                cell=pl.col(name).cast(pl.String),
                who=_joined(person),
                own=_joined(own[header]),
            )
            yield cell.join(counted, on=["who", "own"], how="left").select(pl.col(part).cast(kind) for part, kind in CELLS.items())
