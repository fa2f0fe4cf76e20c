"""Text cells as values of the dictionary's columns: codes, numbers, yes and no. What is not understood is null and noted."""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

from etl.normalise import markers
from etl.normalise.distinct import Looked, looked_up
from etl.normalise.measures import measured
from etl.normalise.morphology import with_behaviour
from etl.normalise.notes import Notes
from etl.normalise.why_not import why_not
from etl.normalise.within import Asked, WithinText, note
from schemas.checks.codes import NO, YES
from schemas.code_sets import texts
from schemas.contract import Contract, Mapping
from schemas.date_words import unknown_words
from schemas.domains import OF_DRUG, bounds, code_list
from schemas.items import POLARS, Column
from schemas.vocabulary import Vocabularies

BESIDE_IT = "cell beside it"  # no field has a blank in its name
# An empty one is filled from the day of diagnosis when tumours are staged: one that was not understood is not.
FILLED_LATER, NOT_KNOWN = "tnm_edition_code", "unknown"


@dataclass(frozen=True)
class Target:
    """One column of one record that a rule fills: what it is and from what."""

    record: str
    column: Column
    mapping: Mapping
    is_side: bool = False  # of two counts of one cell: a number alone does not say which it is

    @property
    def source(self) -> str:
        """The source column (a mapping without one is a constant and never comes here)."""
        return self.mapping.from_ or ""


@dataclass(frozen=True)
class Reader:
    """What reading a value needs beside the cells."""

    vocabularies: Vocabularies
    notes: Notes
    contract: Contract
    within: WithinText

    def read(self, target: Target, rows: pl.DataFrame, context: pl.Series | None = None) -> pl.Series:
        """The values of one target, one per row of `rows` (`source_row` and the source columns); null where not understood.

        `context` is what decides between meanings of one spelling (organ of the site, marker), one per row.
        """
        mapping = target.mapping
        if mapping.value is not None:
            return pl.repeat(mapping.value, rows.height, dtype=POLARS[target.column.type], eager=True).alias(target.column.name)
        domain = mapping.vocabulary or code_list(target.column) or target.column.name
        said = texts(self.contract, target.source, domain, _only(context))
        cells = rows.select("source_row", coded(mapped(target.source, mapping), said)) if mapping.map or said else rows
        if mapping.beside is not None:  # of a histology its behaviour; results of receptors are read by `results`
            both = with_behaviour(cells[target.source], rows[mapping.beside])
            cells = cells.select("source_row", both.alias(target.source))
        return self._read(target, cells, context).alias(target.column.name)

    def _read(self, target: Target, rows: pl.DataFrame, context: pl.Series | None) -> pl.Series:
        domain = target.mapping.vocabulary or code_list(target.column)
        if domain is not None:
            return self._code(target, rows, domain, context)
        if target.column.type in ("int", "float"):
            return self._number(target, rows, _only(context))
        return self._boolean(target, rows) if target.column.type == "bool" else rows[target.source]

    def _code(self, target: Target, rows: pl.DataFrame, domain: str, context: pl.Series | None) -> pl.Series:
        asked = rows.select(raw=pl.col(target.source), context=pl.lit(None, pl.String) if context is None else context)
        found = _coded(self.vocabularies, domain, asked, within_text=target.mapping.within_text)
        self._judge_code(target, domain, rows.select("source_row", asked["raw"], asked["context"]), found)
        if target.column.name == FILLED_LATER and not target.mapping.within_text:
            return found.rows.select(_unless_refused()).to_series()
        return self._kind_of(found.rows["code"]) if (target.column.name, domain) == OF_DRUG else found.rows["code"]

    def _kind_of(self, drugs: pl.Series) -> pl.Series:
        """The kind of treatment that each drug belongs to."""
        known = self.vocabularies.table("drug")
        return drugs.replace_strict(known["drug_code"], known["modality_code"], default=None, return_dtype=pl.String)

    def results(self, target: Target, rows: pl.DataFrame, marker: pl.Series | None) -> pl.DataFrame:
        """The results of receptors, one row per row of `rows`: `result_code`, and what the text says beside it (BESIDE)."""
        said, beside = target.source, target.mapping.beside
        names = {name: texts(self.contract, name, markers.DOMAIN, _only(marker)) for name in (said, beside) if name is not None}
        source = rows.select("source_row", coded(mapped(said, target.mapping), names[said]))
        if target.mapping.unit is not None:
            source = source.with_columns(markers.in_percent(pl.col(said)))
        if beside is not None:
            source = source.hstack(rows.select(coded(pl.col(beside), names[beside]).alias(BESIDE_IT)))
        context = pl.repeat(None, rows.height, dtype=pl.String, eager=True) if marker is None else marker
        cells = source.with_columns(markers.cells(source, said, None if beside is None else BESIDE_IT, context))
        asked = cells.select(raw=pl.col(said), context=context)
        found = markers.looked_results(self.vocabularies, asked, within_text=target.mapping.within_text)
        self._judge_code(target, markers.DOMAIN, cells.select("source_row", asked["raw"], asked["context"]), found)
        return found.rows.select(pl.col("code").alias("result_code"), *markers.BESIDE)

    def _judge_code(self, target: Target, domain: str, cells: pl.DataFrame, found: Looked) -> None:
        """Note what was looked up for `cells` (source_row, raw, context); of longer texts when all columns have read them."""
        known = self.vocabularies
        asked = Asked(
            target.record, domain, cells, found,
            nearest=lambda texts: known.nearest(domain, texts),
            unlisted=lambda texts: known.unlisted(domain, texts),
            why=lambda texts: why_not(known, domain, texts, within_text=target.mapping.within_text),
        )  # fmt: skip
        if target.mapping.within_text:
            self.within.ask(target.source, asked)
        else:
            note(target.source, asked, self.notes)

    def _number(self, target: Target, rows: pl.DataFrame, marker: str | None) -> pl.Series:
        text = (
            rows[target.source]
            if marker is None
            else markers.without_own_name(rows[target.source], self.vocabularies.spellings("marker"), marker)
        )
        found = measured(text, target.column, self.notes.decimal(target.source), target.mapping.unit, target.is_side)
        self.notes.judge("NORM-NUMBER", target.record, target.source, rows, found["is_known"])
        return self.within_range(target.record, target.column, target.source, rows, found["value"])

    def within_range(self, record: str, column: Column, source: str, rows: pl.DataFrame, values: pl.Series) -> pl.Series:
        """The values with those outside the range of the dictionary emptied and noted under the source column."""
        limits = bounds(column)
        if limits is None:
            return values
        inside = values.is_between(*limits)
        self.notes.judge("NORM-RANGE", record, source, rows, inside, among=values.is_not_null())
        return values if inside.all() else values.set(~inside.fill_null(value=True), None)

    def _boolean(self, target: Target, rows: pl.DataFrame) -> pl.Series:
        text = rows[target.source].str.to_lowercase()
        yes, no = text.is_in(YES), text.is_in(NO)
        numbers = text.str.contains(r"^\d+$").fill_null(value=False)
        if (numbers & ~(yes | no)).any():  # 1 and 2, 0 to 9: then 1 may as well be the no
            yes, no = yes & ~numbers, no & ~numbers
        said = text.is_not_null() & ~text.is_in(sorted(unknown_words()))  # k.A. says that nobody knows
        self.notes.judge("NORM-BOOLEAN", target.record, target.source, rows, yes | no, among=said)
        return yes.set(~(yes | no).fill_null(value=False), None)


def codes(vocabularies: Vocabularies, domain: str, asked: pl.DataFrame, *, within_text: bool = False) -> pl.DataFrame:
    """`code`, `bin` and `reason` for each row of `asked` (raw, context): looked up once per distinct pair. A null raw has null in all."""
    return _coded(vocabularies, domain, asked, within_text=within_text).rows


def _coded(vocabularies: Vocabularies, domain: str, asked: pl.DataFrame, *, within_text: bool) -> Looked:
    """What the texts of `asked` are in one domain: code, bin and reason."""

    def normalised(texts: pl.DataFrame, context: pl.Series | None) -> pl.DataFrame:
        found = vocabularies.normalise(domain, texts["raw"], context, within_text=within_text)
        return vocabularies.in_column(domain, texts.hstack(found.select("code", "bin", "reason")))

    return looked_up(asked, normalised)


def _unless_refused() -> pl.Expr:
    """The codes, and that nothing is known where a cell was not understood."""
    refused = (pl.col("bin") == "rejected").fill_null(value=False)
    return pl.when(refused).then(pl.lit(NOT_KNOWN)).otherwise(pl.col("code").cast(pl.String)).alias("code")


def mapped(source: str, mapping: Mapping) -> pl.Expr:
    """The cells of a source column with the contract's own map applied; the values it names are written as text."""
    texts = {raw: str(value).lower() if isinstance(value, bool) else str(value) for raw, value in mapping.map.items()}
    return pl.col(source).replace(texts)


def coded(cells: pl.Expr, said: dict[str, str | None]) -> pl.Expr:
    """The cells with the texts of a code set as what they mean; null where they say that nothing is known."""
    return cells.replace(pl.Series(list(said)), pl.Series(list(said.values()), dtype=pl.String)) if said else cells


def _only(context: pl.Series | None) -> str | None:
    """The one value of all rows, where there is one: the marker of a rule."""
    if context is None or context.n_unique() != 1:
        return None
    value: str | None = context[0]
    return value
