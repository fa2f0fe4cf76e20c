"""Table 2: one row per woman of one arm, cells written as the study defines them."""

from __future__ import annotations

import re
from collections.abc import Iterable

import duckdb
import polars as pl
from sqlglot import exp

from schemas.candidate import CANDIDATE, known, of_record
from schemas.study import LIST_COLUMNS, ListColumn, Study, Table2
from warehouse import ddl, mart
from warehouse.numbers import Numbers, subjects
from warehouse.study_inputs import scalar

# Columns that order the records of one woman within a cell.
ORDER = {
    "treatment": ("course_code", "component_no"), "event": ("event_type_code", "event_no"), "follow_up": ("follow_up_no",),
    "biomarker": ("marker_code", "specimen_code"),
}  # fmt: skip
KEYS = ("patient_key", "tumour_key")
# The text of a list that counts months, and from which dates: of everything, and of a progression (list_days.sql).
MONTHS, FROM, OF_PROGRESSION_FROM = "months_text", "treatment_start", "metastasectomy"
# What `treatment_text` marks, as it stands there, and what is printed of it below the table.
MARKS = {
    r"\*\*": "** stopped early",
    "†": "† hormonal therapy taken for five years",
    r"\bRT\b": "RT radiation",
}
EMPTY = "An empty cell: nothing delivered."


def table_2(con: duckdb.DuckDBPyConnection, study: Study, table: Table2, numbers: Numbers) -> pl.DataFrame:
    """One row per woman of the arm, columns as defined and `number_id` (of the row); texts, empty where there is nothing.

    Registers one number per row (value null): the woman behind it. While `mart.filled` lasts only the analysed women are read.
    """
    rows = _women(con, study, table)
    for column in table.columns:
        cells = _list(con, column) if column.list else _text(con, study, column)
        filled = pl.col(column.column).fill_null(column.otherwise or "")
        rows = rows.join(cells, on="tumour_key", how="left", maintain_order="left").with_columns(filled)
    names = [_registered(study.study, table.arm, place, key, numbers) for place, key in enumerate(rows["patient_key"], start=1)]
    return rows.select(*(column.column for column in table.columns), pl.Series("number_id", names, dtype=pl.String))


def _registered(study: str, arm: str, place: int, patient_key: int, numbers: Numbers) -> str:
    woman = subjects("mart_subject", study, arm, is_analysed=True).where(exp.column("patient_key").eq(patient_key))
    return numbers.number("table_2", str(place), "row", arm, value=None, subjects=woman)


def _women(con: duckdb.DuckDBPyConnection, study: Study, table: Table2) -> pl.DataFrame:
    """Keys of the women of the arm; numbers in `order_by` sort as numbers, what is not known comes last."""
    order = exp.select(exp.column("tumour_key"), exp.alias_(exp.cast(scalar(table.order_by, study.columns), "varchar"), "placed")).from_(
        ddl.named(CANDIDATE)
    )
    women = exp.select(*map(ddl.field, KEYS)).from_(ddl.named("mart_subject")).where(
        ddl.field("study").eq(study.study), ddl.field("arm").eq(table.arm), ddl.field("is_analysed").is_(exp.true())
    )  # fmt: skip
    rows = mart.frame(con, women).join(mart.frame(con, order), on="tumour_key", how="left")
    as_number = pl.col("placed").cast(pl.Float64, strict=False)
    return rows.sort(as_number, "placed", "patient_key", nulls_last=True).select(KEYS)


def _text(con: duckdb.DuckDBPyConnection, study: Study, column: ListColumn) -> pl.DataFrame:
    shown = exp.alias_(exp.cast(scalar(column.text, study.columns), "varchar"), column.column, quoted=True)
    return mart.frame(con, exp.select(exp.column("tumour_key"), shown).from_(ddl.named(CANDIDATE)))


def _list(con: duckdb.DuckDBPyConnection, column: ListColumn) -> pl.DataFrame:
    """One row per tumour with a record that certainly meets `where`: their texts in order, joined."""
    assert column.list is not None
    known = of_record(column.list, *LIST_COLUMNS[column.list])
    wanted = known.judged(column.where or "true").certain
    shown = exp.alias_(exp.cast(known.judged(column.text).certain, "varchar"), "shown")
    order = ORDER[column.list]
    query = exp.select(exp.column("tumour_key"), shown, *map(ddl.field, order)).from_(ddl.named(f"list_{column.list}")).where(wanted)
    records = mart.frame(con, query).drop_nulls("shown").sort("tumour_key", *order, "shown")
    # the text of a block that another follows ends with a semicolon of its own (list_treatment.sql)
    once = pl.col("shown").str.strip_suffix((column.separator or "").strip())
    joined = once.str.join(column.separator or " ").alias(column.column)
    return records.group_by("tumour_key", maintain_order=True).agg(joined)


def note(texts: Iterable[str]) -> str:
    """What the marks mean that stand in these texts, and no others: a study without radiation has no RT to explain."""
    whole = " ".join(texts)
    told = [meaning for mark, meaning in MARKS.items() if re.search(mark, whole)]
    return f"{'; '.join(told)}. {EMPTY}" if told else EMPTY


def months_note(study: Study, table: Table2) -> str:
    """From which day the months of the table count, and how long one is; empty where no column has any."""
    counting = {
        one.list for one in table.columns if one.list is not None and MONTHS in of_record(one.list, *LIST_COLUMNS[one.list]).named(one.text)
    }
    if not counting:
        return ""
    first, other = (_lower(next(item.label for item in known().items if item.column == name)) for name in (FROM, OF_PROGRESSION_FROM))
    progression = f", those of a progression from the {other}" if "event" in counting else ""
    return f"Months count from the {first}{progression}; a month is {study.days_per_month:g} days."


def _lower(label: str) -> str:
    return label[0].lower() + label[1:]
