"""Text cells as values of the dictionary's columns: codes, numbers, yes and no. What is not understood is null and noted."""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

from etl.normalise.notes import Notes
from schemas.contract import Mapping
from schemas.domains import bounds, code_list
from schemas.items import POLARS, Column
from schemas.vocabulary import Vocabularies

YES, NO = ("yes", "y", "true", "1"), ("no", "n", "false", "0")
WHOLE = r"^[+-]?\d+(?:\.0+)?$"
NUMBER = r"^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d{1,2})?$"


@dataclass(frozen=True)
class Target:
    """One column of one record that a rule fills: what it is and from what."""

    record: str
    column: Column
    mapping: Mapping

    @property
    def source(self) -> str:
        """The source column (a mapping without one is a constant and never comes here)."""
        return self.mapping.from_ or ""


@dataclass(frozen=True)
class Reader:
    """What reading a value needs beside the cells."""

    vocabularies: Vocabularies
    notes: Notes

    def read(self, target: Target, rows: pl.DataFrame, context: pl.Series | None = None) -> pl.Series:
        """The values of one target, one per row of `rows` (`source_row` and the source columns); null where not understood.

        `context` is what decides between meanings of one spelling (organ of the site, marker), one per row.
        """
        mapping = target.mapping
        if mapping.value is not None:
            return pl.repeat(mapping.value, rows.height, dtype=POLARS[target.column.type], eager=True).alias(target.column.name)
        cells = rows.select("source_row", mapped(target.source, mapping)) if mapping.map else rows
        return self._read(target, cells, context).alias(target.column.name)

    def _read(self, target: Target, rows: pl.DataFrame, context: pl.Series | None) -> pl.Series:
        domain = target.mapping.vocabulary or code_list(target.column)
        if domain is not None:
            return self._code(target, rows, domain, context)
        if target.column.type in ("int", "float"):
            return self._number(target, rows)
        return self._boolean(target, rows) if target.column.type == "bool" else rows[target.source]

    def _code(self, target: Target, rows: pl.DataFrame, domain: str, context: pl.Series | None) -> pl.Series:
        asked = rows.select(raw=pl.col(target.source), context=pl.lit(None, pl.String) if context is None else context)
        found = codes(self.vocabularies, domain, asked, within_text=target.mapping.within_text)
        known = found["is_known"].fill_null(value=True)
        self.notes.judge("NORM-UNMAPPED", target.record, target.source, rows, known)
        self.notes.spellings(target.source, lambda text: self._nearest(domain, text), rows[target.source].filter(~known))
        return found["code"]

    def _nearest(self, domain: str, text: str) -> str:
        return next((code for _, code in self.vocabularies.suggest(domain, text, 1)), "")

    def _number(self, target: Target, rows: pl.DataFrame) -> pl.Series:
        kind = POLARS[target.column.type]
        text = rows[target.source]
        fits = text.str.contains(WHOLE if target.column.type == "int" else NUMBER)
        number = text.cast(pl.Float64, strict=False)
        typed = number.cast(kind, strict=False)
        self.notes.judge("NORM-NUMBER", target.record, target.source, rows, fits & typed.is_not_null())
        typed = typed.set(~(fits.fill_null(value=False)), None)
        return self.within_range(target.record, target.column, target.source, rows, typed)

    def within_range(self, record: str, column: Column, source: str, rows: pl.DataFrame, values: pl.Series) -> pl.Series:
        """The values with those outside the range of the dictionary emptied and noted under the source column."""
        limits = bounds(column)
        if limits is None:
            return values
        inside = values.is_between(*limits)
        read = rows.filter(values.is_not_null())
        self.notes.judge("NORM-RANGE", record, source, read, inside.filter(values.is_not_null()))
        return values.set(~inside.fill_null(value=True), None)

    def _boolean(self, target: Target, rows: pl.DataFrame) -> pl.Series:
        text = rows[target.source].str.to_lowercase()
        yes, no = text.is_in(YES), text.is_in(NO)
        self.notes.judge("NORM-BOOLEAN", target.record, target.source, rows, yes | no)
        return yes.set(~(yes | no).fill_null(value=False), None)


def codes(vocabularies: Vocabularies, domain: str, asked: pl.DataFrame, *, within_text: bool = False) -> pl.DataFrame:
    """`code` and `is_known` for each row of `asked` (raw, context): looked up once per distinct pair. A null raw has null in both."""
    distinct = asked.filter(pl.col("raw").is_not_null()).unique(maintain_order=True)
    context = None if distinct["context"].null_count() == distinct.height else distinct["context"]
    found = vocabularies.normalise(domain, distinct["raw"], context, within_text=within_text)
    table = distinct.with_columns(code=found["code"], is_known=found["bin"] != "rejected")
    return asked.join(table, on=["raw", "context"], how="left", nulls_equal=True, maintain_order="left").select("code", "is_known")


def mapped(source: str, mapping: Mapping) -> pl.Expr:
    """The cells of a source column with the contract's own map applied; the values it names are written as text."""
    texts = {raw: str(value).lower() if isinstance(value, bool) else str(value) for raw, value in mapping.map.items()}
    return pl.col(source).replace(texts)
