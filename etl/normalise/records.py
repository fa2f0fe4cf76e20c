"""The staging records that each row delivers, rule by rule: vectorised over all rows of the file."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from functools import cached_property

import polars as pl

from etl.normalise.conditions import Places, are_among, read_by
from etl.normalise.date_columns import DateColumns
from etl.normalise.dates import read_date
from etl.normalise.fields import Prepared
from etl.normalise.follow import basis, organs, prefixes, with_site
from etl.normalise.markers import BESIDE
from etl.normalise.markers import DOMAIN as RESULTS
from etl.normalise.measures import SIDES, node_status
from etl.normalise.narrow import filled
from etl.normalise.notes import Notes
from etl.normalise.result import delivered_schema
from etl.normalise.values import Reader, Target
from etl.normalise.within import WithinText
from schemas.contract import KEY_DEFAULTS, PERSON, TYPED, Contract, Record
from schemas.items import Column, columns, identity, items
from schemas.vocabulary import Vocabularies

# No source column has a blank in its name.
COMPONENT = "component of a cell: "
HERS = "key of the person: "
SELDOM = 4  # picking one row in so many is quicker than asking each
CONTEXTS = {"result_code": "marker_code", "result_value": "marker_code"}  # what a spelling of the one column means depends on the other


@dataclass(frozen=True)
class Build:
    """What building the records of one file needs."""

    contract: Contract
    vocabularies: Vocabularies
    notes: Notes
    dates: DateColumns

    @cached_property
    def within(self) -> WithinText:
        """What is read from longer texts."""
        return WithinText.of(self.contract)

    @property
    def reader(self) -> Reader:
        """Reads cells as values."""
        return Reader(self.vocabularies, self.notes, self.contract, self.within)


def rows_of(rule: Record, prepared: Prepared, applies: dict[str, Places]) -> pl.DataFrame:
    """The rows for which one rule delivers a record; with `each` one row per component of the cell, its columns prefixed."""
    rows = prepared.rows.select(_read_by(rule, prepared.rows.columns))
    if rule.when is not None:
        rows = _where(rows, applies[rule.rule])
    if rule.each is None:
        return rows
    components = prepared.components[rule.each].rename(lambda column: column if column == "cell" else COMPONENT + column)
    return rows.join(components, left_on=rule.each, right_on="cell", how="inner", maintain_order="left_right")


def _where(rows: pl.DataFrame, places: Places) -> pl.DataFrame:
    """The rows at these places. A long file has many rules of few rows each: those are picked."""
    if len(places) == rows.height:
        return rows
    return rows[places] if SELDOM * len(places) < rows.height else rows.filter(are_among([places], rows.height))


def _read_by(rule: Record, known: Collection[str]) -> list[str]:
    """The source columns that one rule reads, and those that go with every row."""
    said = read_by(rule)
    typed = {f"{column}{TYPED}" for column in said}
    return [column for column in known if column in said or column in typed or column == "source_row" or column.startswith(HERS)]


def deliver(rule: Record, rows: pl.DataFrame, person: str, build: Build) -> pl.DataFrame:
    """The records one rule delivers from `rows`: `source_row` and those columns of `delivered_schema` that it fills.

    `person` is the column with the key of the person of each row. Rows without a person or without a part of the record's key
    deliver none.
    """
    said = {"rule": pl.lit(rule.rule), "unnumbered": pl.lit(_is_unnumbered(rule))}
    if "tumour_no" in identity(rule.record):
        said["tumour_unnumbered"] = pl.lit("tumour_no" not in rule.set)
    values = rows.select("source_row", patient_key=person).with_columns(**said, **_defaults(rule))
    values = values.hstack(_from_grammar(rule, rows, build))
    for target in _targets(rule):
        values = _with_target(values, target, rows, build, rule.set.keys())
    values = _followed(rule, values, rows, build)
    return _narrow(rule.record, _complete(rule, values, build))


def _from_grammar(rule: Record, rows: pl.DataFrame, build: Build) -> pl.DataFrame:
    """What the grammar says of each component, numbers within the ranges of the dictionary."""
    if rule.each is None:
        return rows.select()
    known = {column.name: column for column in columns("treatment", "staging")}
    found = []
    for column in rows.columns:
        name = column.removeprefix(COMPONENT)
        if column != name and name not in rule.set:
            found.append(build.reader.within_range("treatment", known[name], rule.each, rows, rows[column]).alias(name))
    return pl.DataFrame(found)


def _defaults(rule: Record) -> dict[str, pl.Expr]:
    """Key columns that the contract need not set."""
    said = {*rule.set, *(["component_no"] if rule.each is not None else [])}
    return {name: pl.lit(value, pl.Int32) for name, value in KEY_DEFAULTS.items() if name in identity(rule.record) and name not in said}


def _is_unnumbered(rule: Record) -> bool:
    number = {"event": "event_no", "follow_up": "follow_up_no", "treatment": "component_no"}.get(rule.record)
    return number is not None and number not in rule.set and rule.each is None


def _targets(rule: Record) -> list[Target]:
    """The columns the rule sets, those that decide about others first."""
    known: dict[str, Column] = {column.item.column: column for column in columns(rule.record, "staging")}
    sources = [mapping.from_ for name, mapping in rule.set.items() if name in SIDES]
    found = [
        Target(rule.record, known[name], mapping, is_side=name in SIDES and sources.count(mapping.from_) > 1)
        for name, mapping in rule.set.items()
        if name != PERSON
    ]
    return sorted(found, key=lambda target: target.column.name in CONTEXTS)


def _with_target(values: pl.DataFrame, target: Target, rows: pl.DataFrame, build: Build, said: Collection[str]) -> pl.DataFrame:
    """`values` with the columns of one target; what a result says beside its code counts only where the rule (`said`) does not."""
    if target.mapping.from_ is not None and not target.mapping.within_text:
        build.within.tell(target.source, rows)
    if target.column.item.type == "interval":
        return values.hstack(read_date(target, rows, build.notes, build.dates))
    if target.mapping.same is not None:
        return values.with_columns(pl.lit(None, target.column.polars).alias(target.column.name), same_by=pl.lit(target.mapping.same))
    if target.mapping.value is not None:  # a constant column takes no memory
        return values.with_columns(pl.lit(target.mapping.value, target.column.polars).alias(target.column.name))
    context = _context(values, target, rows, build)
    if target.column.item.domain == RESULTS and target.mapping.from_ is not None:
        found = build.reader.results(target, rows, context)
        return values.hstack(found.drop([name for name in BESIDE if name in values.columns or name in said]))
    return values.with_columns(build.reader.read(target, rows, context))


def _context(values: pl.DataFrame, target: Target, rows: pl.DataFrame, build: Build) -> pl.Series | None:
    if target.mapping.at_site is not None:
        return organs(build.vocabularies, rows[target.mapping.at_site])
    beside = CONTEXTS.get(target.column.name)
    return values[beside].cast(pl.String) if beside in values.columns else None


def _followed(rule: Record, values: pl.DataFrame, rows: pl.DataFrame, build: Build) -> pl.DataFrame:
    """Columns that follow from what was set, unless the contract sets them itself."""
    if rule.record == "event":
        return with_site(build.vocabularies, values, rule.set.keys())
    if rule.record == "tumour":
        for column, prefix, patterns in prefixes():
            mapping = rule.set.get(column)
            if mapping is not None and mapping.from_ is not None and prefix not in rule.set:
                said = basis(build.vocabularies, rows[mapping.from_], patterns)
                # how a category was found says nothing where the category itself was not understood
                values = values.with_columns(pl.when(values[column].is_not_null()).then(said).alias(prefix))
        counted = rule.set.get("nodes_positive")
        if counted is not None and counted.from_ is not None and "node_status_code" not in rule.set:
            values = values.with_columns(node_status(rows[counted.from_]).alias("node_status_code"))
    return values


def _complete(rule: Record, values: pl.DataFrame, build: Build) -> pl.DataFrame:
    """The records that have all of what they cannot do without; the others are noted under the column that is lacking."""
    needed = [item.column for item in items(rule.record, "staging") if not item.nullable and item.column != "patient_pseudonym"]
    has_person = values["patient_key"].is_not_null()
    is_whole = has_person
    for column in needed:
        mapping = rule.set.get(column)
        if mapping is None or mapping.from_ is None:
            continue  # a constant, a default, a part of a cell that was understood, or a number found when linking
        present = values[column].is_not_null()
        named = values.select("source_row", pl.lit("").alias(mapping.from_)).filter(has_person)
        build.notes.judge("NORM-KEY", rule.record, mapping.from_, named, present.filter(has_person))
        is_whole &= present
    return values if is_whole.all() else values.filter(is_whole)


def _narrow(record: str, values: pl.DataFrame) -> pl.DataFrame:
    """The columns that have a value, each of its type in the schema."""
    given = filled(values, ("source_row", *identity(record)))
    return given.select(
        "source_row", *(pl.col(name).cast(kind) for name, kind in delivered_schema(record).items() if name in given.columns)
    )
