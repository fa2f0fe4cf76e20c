"""The date columns of one file: each read as a whole, once per way in which the contract maps it."""

from __future__ import annotations

import datetime
from collections.abc import Mapping as Named
from dataclasses import dataclass, field
from typing import Literal

import polars as pl

from etl.normalise.date_order import read_column
from etl.normalise.date_parts import joined
from etl.normalise.distinct import Distinct
from etl.normalise.values import Target, mapped
from schemas.contract import TYPED
from schemas.core.date_shapes import AHEAD, DateRules, Epoch
from schemas.core.interval import NO_DATE
from schemas.date_words import eras, sentinels, unknown_words, weekdays


@dataclass(frozen=True)
class DateColumns:
    """`rows`: all rows of the file (`source_row`, the source columns, `<field>__typed` where the file tells types).

    `as_of`: the day on which the data is judged. A date that is planned may lie after it, but not by more than AHEAD years.
    `zone`: where the days of the file are meant, unless a mapping says otherwise.
    """

    rows: pl.DataFrame
    months: Named[str, int]
    epoch: Epoch = 1900
    as_of: datetime.date | None = None
    zone: str | None = None
    _known: dict[tuple[str, str], pl.DataFrame] = field(default_factory=dict)

    def read(self, target: Target, rows: pl.DataFrame) -> pl.DataFrame:
        """One row per row of `rows`: raw and what `read_column` makes of it, its reason as booleans and its precision as a category.

        Where the order is open, the cells of the whole column speak for it; a declared order is held against the cells of the rule only,
        for another rule may declare another order for its rows.
        """
        cells, rules = self._cells(target, rows), self.rules(target)
        distinct = Distinct.of(cells)
        if not rules.is_open:
            return _joined(cells, distinct, _narrowed(read_column(distinct.table, rules)))
        key = (target.source, repr((target.mapping, rules.birth_serials)))
        if key not in self._known:
            is_whole = target.mapping.value is not None or rows["source_row"].equals(self.rows["source_row"])
            whole = distinct if is_whole else Distinct.of(self._cells(target, self.rows))
            self._known[key] = _narrowed(read_column(whole.table, rules))
        return _joined(cells, distinct, self._known[key])

    def rules(self, target: Target) -> DateRules:
        """What is declared about the dates of this target; day numbers count where declared, or where the file tells types."""
        mapping = target.mapping
        known: Literal[1900, 1904] | None = self.epoch if f"{target.source}{TYPED}" in self.rows.columns else None
        serials = mapping.serials or known
        is_birth = target.column.item.column == "birth"
        last_year = self.as_of.year + AHEAD if self.as_of is not None else None
        return DateRules(
            mapping.formats, mapping.order, mapping.pivot, last_year, serials, is_birth, self.months, sentinels(), unknown_words(),
            mapping.calendar, eras(), mapping.zone or self.zone, weekdays(),
        )  # fmt: skip

    def _cells(self, target: Target, rows: pl.DataFrame) -> pl.DataFrame:
        source = target.source
        if target.mapping.value is not None:
            return _same(str(target.mapping.value), rows.height)
        typed = pl.col(f"{source}{TYPED}").fill_null(False) if f"{source}{TYPED}" in rows.columns else pl.lit(False)
        raw = mapped(source, target.mapping)
        if target.mapping.month is not None:
            day = None if target.mapping.day is None else pl.col(target.mapping.day)
            raw, typed = joined(raw, pl.col(target.mapping.month), day), pl.lit(value=False)
        return rows.select(raw.alias("raw"), typed.alias("is_typed"))


def _same(text: str, n: int) -> pl.DataFrame:
    """The cells of a constant: one text in every row."""
    return pl.DataFrame(
        {"raw": pl.repeat(text, n, dtype=pl.String, eager=True), "is_typed": pl.repeat(False, n, dtype=pl.Boolean, eager=True)}
    )


def _narrowed(read: pl.DataFrame) -> pl.DataFrame:
    """What was read of the distinct cells without texts: these would be compared and turned into categories in every row."""
    reason = pl.col("reason").fill_null("")
    said = {"is_unread": reason.is_in(NO_DATE), "is_sentinel": reason == "sentinel"}
    is_unproved = pl.col("is_unproved") & ~pl.col("is_torn")
    return read.with_columns(pl.col("precision").cast(pl.Categorical), is_unproved=is_unproved, **said).drop("reason")


def _joined(cells: pl.DataFrame, distinct: Distinct, read: pl.DataFrame) -> pl.DataFrame:
    """The cells, in their order, with what they were read as."""
    told = distinct.table.join(read, on=["raw", "is_typed"], how="left", maintain_order="left").drop("raw", "is_typed", "n")
    return cells.hstack(distinct.spread(told))
