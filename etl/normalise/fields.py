"""The cells of one file as source columns: mapped by the field, composite cells taken apart."""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

from etl.normalise.notes import Notes
from etl.normalise.treatment_grammar import Context, Parsed, parse_cells
from etl.normalise.treatment_words import Lexicon, course_of
from schemas.contract import GRAMMAR_COLUMNS, Contract, Field

# No field of a contract can have a blank in its name.
FITS, REASON = "fits the pattern", "reason of refusal"
GRAMMAR_CELLS = "treatment cell"  # where a code list would be named


@dataclass(frozen=True)
class Prepared:
    """`rows`: one row per physical row, `source_row` and the contract's source columns (text, null where empty).

    `components`: per grammar field, one row per distinct cell and component.
    """

    rows: pl.DataFrame
    components: dict[str, pl.DataFrame]


def prepare(rows: pl.DataFrame, contract: Contract, lexicon: Lexicon, notes: Notes) -> Prepared:
    """Take the cells of all rows apart as the contract says; what does not fit is noted and null."""
    cleaned = rows.with_columns(**{name: pl.col(name).replace(field.map) for name, field in contract.fields.items() if field.map})
    components: dict[str, pl.DataFrame] = {}
    courses = tuple(course_of(text, regimen) for text, regimen in contract.courses.items())
    for name, field in contract.fields.items():
        if field.pattern is not None:
            cleaned = _by_pattern(cleaned, name, field, _record_of(contract, field.columns(name)), notes)
        elif field.grammar is not None:
            context = Context(field.modality, field.setting, contract.marks, courses)
            cells = cleaned[name].drop_nulls().unique(maintain_order=True)
            parsed = parse_cells(cells, context, lexicon)
            cleaned, components[name] = _by_grammar(cleaned, name, parsed, notes), parsed.components
    return Prepared(cleaned, components)


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


def _by_grammar(rows: pl.DataFrame, name: str, parsed: Parsed, notes: Notes) -> pl.DataFrame:
    named = parsed.cells.rename({part: f"{name}_{part}" for part in GRAMMAR_COLUMNS}).rename({"cell": name, "reason": REASON})
    joined = rows.select(name).join(named, on=name, how="left", maintain_order="left")
    notes.judge("NORM-GRAMMAR", "treatment", name, rows, joined[REASON].is_null())
    counted = rows.select(name).drop_nulls().group_by(name).agg(n=pl.len().cast(pl.Int64))
    told = counted.join(named.select(name, REASON), on=name, how="left", maintain_order="left")
    rejected = pl.when(pl.col(REASON).is_not_null()).then(pl.lit("rejected")).otherwise(pl.lit("fixed"))
    notes.binned(name, GRAMMAR_CELLS, told.select("n", raw=pl.col(name), bin=rejected, reason=pl.coalesce(REASON, pl.lit("grammar"))))
    return rows.hstack(joined.drop(name, REASON))
