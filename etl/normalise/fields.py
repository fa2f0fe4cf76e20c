"""The cells of one file as source columns: mapped by the field, composite cells taken apart."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import polars as pl
from sqlglot import exp

from etl.normalise.conditions import asked_by, conditions, read_by, rows_read
from etl.normalise.narrow import narrowed
from etl.normalise.notes import Notes
from etl.normalise.treatment_grammar import Context, Parsed, parse_cells
from etl.normalise.treatment_reading import NO_TREATMENT
from etl.normalise.treatment_words import Lexicon, course_of
from schemas.contract import GRAMMAR_COLUMNS, Contract, Field
from schemas.date_words import unknown_words
from schemas.vocabularies.spelling import fold

# No field of a contract can have a blank in its name.
FITS = "fits the pattern"
GRAMMAR_CELLS = "treatment cell"  # where a code list would be named


@dataclass(frozen=True)
class Prepared:
    """`rows`: one row per physical row, `source_row` and the contract's source columns (text, null where empty).

    `components`: per grammar field, one row per distinct cell and component.
    """

    rows: pl.DataFrame
    components: dict[str, pl.DataFrame]


def prepare(rows: pl.DataFrame, contract: Contract, lexicon_of: Callable[[str | None], Lexicon], notes: Notes) -> Prepared:
    """Take the cells of all rows apart as the contract says; what does not fit is noted and null. `lexicon_of`: by modality."""
    cleaned = rows.with_columns(**{name: pl.col(name).replace(field.map) for name, field in contract.fields.items() if field.map})
    components: dict[str, pl.DataFrame] = {}
    courses = tuple(course_of(text, regimen) for text, regimen in contract.courses.items())
    is_composite = any(field.pattern is not None or field.grammar is not None for field in contract.fields.values())
    asked = conditions(contract) if is_composite else {}
    read = set[str]().union(*map(asked_by, asked.values()), *map(read_by, contract.records))
    for name, field in contract.fields.items():
        if field.pattern is not None or field.grammar is not None:
            cleaned = _where_read(cleaned, contract, asked, field.columns(name))
        if field.pattern is not None:
            cleaned = _by_pattern(cleaned, name, field, _record_of(contract, field.columns(name)), notes)
        elif field.grammar is not None:
            context = Context(field.modality, field.setting, contract.marks, courses)
            lexicon = lexicon_of(field.modality)
            cells = cleaned.lazy().select(name).drop_nulls().group_by(name, maintain_order=True).agg(n=pl.len().cast(pl.Int64)).collect()
            cleaned, cells = _without_unknown(cleaned, cells, lexicon)
            parsed = parse_cells(cells[name], context, lexicon)
            cleaned = _by_grammar(cleaned, cells, parsed, read, notes)
            n_rules = sum(rule.each == name for rule in contract.records)
            components[name] = pl.concat([parsed.components, _refused(parsed, context, is_of_one_kind=n_rules == 1)])
    return Prepared(cleaned, components)


def _refused(parsed: Parsed, context: Context, *, is_of_one_kind: bool) -> pl.DataFrame:
    """One component per cell that was not understood: of its course as a whole (0), and it is not known whether anything was given.

    What kind it is the field says only where one rule reads it: where several do, its `modality` is what words without a kind mean.
    """
    modality = context.modality if is_of_one_kind else None
    said = {"component_no": 0, "setting_code": context.setting, "modality_code": modality or NO_TREATMENT}
    cells = parsed.cells.filter(pl.col("reason").is_not_null()).select("cell")
    return cells.select(
        "cell", *(pl.lit(said.get(name), kind).alias(name) for name, kind in parsed.components.schema.items() if name != "cell")
    )


def narrow(components: pl.DataFrame) -> pl.DataFrame:
    """The components of cells with their codes as categories, as the records will have them."""
    return components.select("cell").hstack(narrowed(components.drop("cell")))


def _without_unknown(rows: pl.DataFrame, cells: pl.DataFrame, lexicon: Lexicon) -> tuple[pl.DataFrame, pl.DataFrame]:
    """The rows and distinct cells (n of each) of one field, empty where a cell only says that nothing is known (`Unknown`, `N/A`)."""
    name = cells.columns[0]
    said = cells.select(fold(pl.col(name)).is_in(sorted(unknown_words() - lexicon.words.keys()))).to_series()
    if not said.any():
        return rows, cells
    unknown = cells[name].filter(said)
    return rows.with_columns(pl.when(~pl.col(name).is_in(unknown.implode())).then(name).alias(name)), cells.filter(~said)


def _where_read(rows: pl.DataFrame, contract: Contract, asked: dict[str, exp.Expr], columns: tuple[str, ...]) -> pl.DataFrame:
    """The cells of a field that is taken apart, null in the rows in which no rule reads it: nothing is told of those."""
    is_read = rows_read(rows, contract.records, asked, columns)
    return rows if is_read is None else rows.with_columns(pl.when(is_read).then(columns[0]).alias(columns[0]))


def _record_of(contract: Contract, columns: tuple[str, ...]) -> str:
    """The staging record that first uses one of these columns: findings about the cell are counted under it."""
    for record in contract.records:
        if any(mapping.from_ in columns for mapping in record.set.values()):
            return record.record
    return contract.records[0].record


def _by_pattern(rows: pl.DataFrame, name: str, field: Field, record: str, notes: Notes) -> pl.DataFrame:
    pattern = field.pattern or ""
    cells = rows.select(pl.col(name).drop_nulls().unique())
    groups = pl.col(name).str.extract_groups(pattern)
    named = {f"{name}_{group}": groups.struct.field(group) for group in field.groups()}
    parts = cells.with_columns(pl.col(name).str.contains(pattern).alias(FITS), **named)
    joined = rows.select(name).join(parts, on=name, how="left", maintain_order="left")
    notes.judge("NORM-PATTERN", record, name, rows, joined[FITS].fill_null(value=True))
    return rows.hstack(joined.drop(name, FITS))


def _by_grammar(rows: pl.DataFrame, cells: pl.DataFrame, parsed: Parsed, read: set[str], notes: Notes) -> pl.DataFrame:
    """`rows` with those parts of the cells of one field that are `read`, most often none; `cells`: its distinct cells, n of each."""
    name = cells.columns[0]
    refused = parsed.cells.filter(pl.col("reason").is_not_null())
    notes.judge("NORM-GRAMMAR", "treatment", name, rows, ~rows[name].is_in(refused["cell"].implode()))
    told = cells.hstack(parsed.cells.select("reason"))
    rejected = pl.when(pl.col("reason").is_not_null()).then(pl.lit("rejected")).otherwise(pl.lit("fixed"))
    notes.binned(name, GRAMMAR_CELLS, told.select("n", raw=name, bin=rejected, reason=pl.coalesce("reason", pl.lit("grammar"))))
    if notes.keeps_cells:
        spelled = rows.select("source_row", spelling=name, context=pl.lit(""))
        notes.rejected(name, GRAMMAR_CELLS, spelled.join(refused.select("reason", spelling="cell"), on="spelling"))
    parts = {part: f"{name}_{part}" for part in GRAMMAR_COLUMNS if f"{name}_{part}" in read}
    named = parsed.cells.select(pl.col("cell").alias(name), *(pl.col(part).alias(column) for part, column in parts.items()))
    return rows.hstack(rows.select(name).join(named, on=name, how="left", maintain_order="left").drop(name)) if parts else rows
