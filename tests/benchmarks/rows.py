"""`source_row` held against the text of the files: each line of the lineage is looked up by number in the file as it was delivered.

The first cell of every file of the simulated registry is the number of the person. Its keyed hash must belong to the person of the row of
the star; and where a rule takes a date from a plain cell, the date in the file must lie in the interval in the star. No reader of the
product is used: text files are cut at line feeds, the workbook is read row by row.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
import polars as pl
from python_calamine import CalamineWorkbook

from schemas.core.ids import pseudonym
from schemas.keys import PUBLIC_EXAMPLE

# What the contracts of the registry call no date at all.
NO_DATES = ("01.01.1900", "31.12.9999")
KEYS = {"dim_patient": "patient_key", "dim_tumour": "tumour_key"}
DELIVERED = """
    select dim_source.source_file as file, dim_source.source, lineage.table_name, lineage.row_key, lineage.source_row as row,
        lineage.step, lineage.rule
    from lineage inner join dim_source using (source_key)
"""


@dataclass(frozen=True)
class DateCell:
    """A cell that a rule takes a date from: its place in the line, what a plain date looks like, and where the star keeps it."""

    file: str
    rule: str  # a regular expression
    cell: str  # a regular expression whose first group is the date
    form: str
    table: str
    name: str


DATES = (
    DateCell("deaths/deaths.csv", "^death$", r"^[^,]*,[^,]*,[^,]*,\d+,(\d{4}-\d\d-\d\d),", "%Y-%m-%d", "fact_follow_up", "death"),
    DateCell("hospital_a/patients.csv", "^person$", r"^[^;]*;[^;]*;(\d\d\.\d\d\.\d{4});", "%d.%m.%Y", "dim_patient", "birth"),
    DateCell("hospital_a/patients.csv", "^last_contact$", r"^(?:[^;]*;){7}(\d\d\.\d\d\.\d{4});", "%d.%m.%Y", "fact_follow_up", "contact"),
    DateCell("hospital_a/tumours.csv", "^primary$", r"^[^,]*,[^,]*,(\d{4}-\d\d-\d\d),", "%Y-%m-%d", "dim_tumour", "diagnosis"),
    DateCell("hospital_a/recurrences.tsv", "^event$", r"^(?:[^\t]*\t){4}(\d+/\d+/\d{4})\t", "%d/%m/%Y", "fact_event", "event"),
    DateCell("hospital_b/items.csv", "recurrence|^progression", r"^[^,]*,[^,]*,(\d{4}-\d\d-\d\d),", "%Y-%m-%d", "fact_event", "event"),
    DateCell("hospital_b/items.csv", "^surgery", r"^[^,]*,[^,]*,(\d{4}-\d\d-\d\d),", "%Y-%m-%d", "fact_treatment", "treatment"),
    DateCell("hospital_b/contacts.csv", "^last_contact$", r"^[^,]*,(\d{4}-\d\d-\d\d),", "%Y-%m-%d", "fact_follow_up", "contact"),
    DateCell("hospital_b/registry.txt", "^primary$", r"^.{62}(\d{8})", "%Y%m%d", "dim_tumour", "diagnosis"),
    DateCell("hospital_a/treatment.xlsx", "^surgery_1$", r"\t(\d{4}-\d\d-\d\d)$", "%Y-%m-%d", "fact_treatment", "treatment"),
)


def verified(project: Path, out: Path) -> dict[str, Any]:
    """Per file: lines of the lineage, `persons_differ`, dates compared and `dates_differ`; both must be 0."""
    with duckdb.connect(str(out / "current" / "warehouse.duckdb"), read_only=True) as con:
        con.execute(f"attach '{out / 'vault.duckdb'}' as vault (read_only)").fetchall()
        owners = _frame(con, "select distinct own_pseudonym, patient_key from vault.person_identifier")
        said = {}
        for (file,) in con.execute("select source_file from dim_source order by 1").fetchall():
            lines = _lines(project / "exports" / file)
            lineage = _frame(con, f"from ({DELIVERED}) where file = '{file}'").join(lines, on="row", how="left", maintain_order="left")
            said[file] = {"lines": lineage.height, **_persons(con, lineage, owners), **_dates(con, lineage, file)}
    return {"files": said}


def _frame(con: duckdb.DuckDBPyConnection, query: str) -> pl.DataFrame:
    return pl.DataFrame(con.sql(query).to_arrow_table())


def _lines(path: Path) -> pl.DataFrame:
    """One row per physical row of the file, counted from 1: `row` and its text; of the workbook the first cell and that of Surgery 1."""
    if path.suffix == ".xlsx":
        rows = CalamineWorkbook.from_path(str(path)).get_sheet_by_index(0).iter_rows()
        text = pl.Series("text", [f"{row[0]}\t{row[2]}" for row in rows], dtype=pl.String)
    else:
        encoding = "cp1252" if path.name.startswith("patients") else "utf-8-sig"
        whole = pl.Series([path.read_bytes().decode(encoding)])
        text = whole.str.split("\n").explode(empty_as_null=True).alias("text")
    return pl.DataFrame(text).with_row_index("row", offset=1).with_columns(pl.col("row").cast(pl.Int64))


def _persons(con: duckdb.DuckDBPyConnection, lineage: pl.DataFrame, owners: pl.DataFrame) -> dict[str, int]:
    """Lines whose first cell is another person's number than the one whose row of the star they made."""
    cell = pl.col("text").str.extract(r'^"?([A-Za-z]\d{7}[A-Za-z]|\d{1,8})', 1)
    number = (
        pl.when(cell.str.contains("^[A-Za-z]"))
        .then("nric:" + cell.str.to_uppercase())
        .otherwise(pl.col("source") + ":" + cell.str.zfill(8))
    )
    told = lineage.select("table_name", "row_key", number=number)
    distinct = told["number"].drop_nulls().unique()
    hashed = pl.Series([pseudonym(PUBLIC_EXAMPLE, text) for text in distinct], dtype=pl.String)
    named = pl.DataFrame({"number": distinct, "own_pseudonym": hashed})
    said = told.join(named, on="number", how="left").join(owners, on="own_pseudonym", how="left")
    star = pl.concat(_frame(con, _persons_of(table)) for table in sorted(lineage["table_name"].unique()))
    both = said.join(star, on=["table_name", "row_key"], how="left", suffix="_of_star")
    return {"persons_differ": both.filter(~pl.col("patient_key").eq_missing(pl.col("patient_key_of_star"))).height}


def _persons_of(table: str) -> str:
    return f"select '{table}' as table_name, {_key(table)} as row_key, patient_key from {table}"


def _key(table: str) -> str:
    return KEYS.get(table, f"{table.removeprefix('fact_')}_key")


def _dates(con: duckdb.DuckDBPyConnection, lineage: pl.DataFrame, file: str) -> dict[str, int]:
    """Plain dates of the file that do not lie in the interval that the star keeps of them."""
    compared = differ = 0
    for one in (one for one in DATES if re.sub(r"_\d+\.", ".", file) == one.file):
        mine = (pl.col("table_name") == one.table) & (pl.col("step") == "delivered") & pl.col("rule").str.contains(one.rule)
        cells = lineage.filter(mine).select("row_key", cell=pl.col("text").str.extract(one.cell, 1))
        told = cells.filter(~pl.col("cell").is_in(NO_DATES)).select("row_key", date=pl.col("cell").str.to_date(one.form, strict=False))
        interval = f"{one.name}_earliest_date as earliest, {one.name}_latest_date as latest"
        kept = _frame(con, f"select {_key(one.table)} as row_key, {interval} from {one.table}").drop_nulls()
        both = told.drop_nulls("date").join(kept, on="row_key", how="inner")
        compared += both.height
        # the latest contact of all sources is kept, so that an older one of another source is no mistake
        first = pl.col("date") if one.name == "contact" else pl.col("earliest")
        differ += both.filter((pl.col("date") < first) | (pl.col("date") > pl.col("latest"))).height
    return {"dates": compared, "dates_differ": differ}
