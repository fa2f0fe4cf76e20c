"""From a column of a staging record back to the headers of the export: what `explain` and the report say of a cell's way.

It is read off the contracts alone, so it is stored with the release as `column_map.csv` and stays true of it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import cache

import polars as pl
import sqlglot
from sqlglot import exp

from schemas import items
from schemas.code_sets import is_item
from schemas.contract import PERSON, Contract, Field, Identifier, Mapping, Record
from schemas.items import Item

# One row per contract, rule, column of the record and field of the export that makes it (an empty field: a constant that no
# condition guards). `header`: the headers under which the field may come, the usual one first, separated by " | ".
COLUMN_MAP = dict.fromkeys(("contract", "rule", "record", "column", "field", "header", "steps"), pl.String)
ARROW = " > "
# Every column that no mapping of the rule sets: the grammar of a treatment cell fills in what the cell says.
ANY = "*"
# The steps of a value that no cell tells: a constant says nothing of the source.
CONSTANT = r"(^| > )(constant |the record of the same )"


def column_map(contracts: Iterable[Contract]) -> pl.DataFrame:
    """One row per contract, rule, column and field, in the order of the contracts; `steps` from the raw cell to the canonical value."""
    rows = [row for contract in contracts for record in contract.records for row in _rule(contract, record)]
    return pl.DataFrame(rows, schema=COLUMN_MAP, orient="row")


def _rule(contract: Contract, record: Record) -> Iterator[tuple[str, ...]]:
    targets = {item.column: item for item in items.items(record.record, "staging")}
    for target, mapping in record.set.items():
        column = "patient_pseudonym" if target == PERSON else target
        for field, steps in _origins(contract, record, mapping, targets[column]):
            yield _row(contract, record, column, field, steps)
    if record.each is not None:
        words = contract.fields[record.each]
        said = f"modality {words.modality}" if words.modality else "modality by the drug"
        yield _row(contract, record, ANY, record.each, ["trim", *_nulls(contract, words), "treatment grammar", said])


def _row(contract: Contract, record: Record, column: str, field: str, steps: list[str]) -> tuple[str, ...]:
    headers = contract.fields[field].headers(field) if field else ()
    guard = [f"only where {record.when}"] if record.when else []
    return contract.contract, record.rule, record.record, column, field, " | ".join(headers), ARROW.join([*guard, *steps])


def _origins(contract: Contract, record: Record, mapping: Mapping, item: Item) -> list[tuple[str, list[str]]]:
    """Fields that make one column, each with its steps; a constant stands on the fields of the rule's condition."""
    if mapping.from_ is not None:
        field, taken = _field(contract, mapping.from_)
        comma = ["decimal comma"] if item.type in ("int", "float") and contract.decimal_of(mapping.from_) == "," else []
        found = [(field, [*taken, *comma, *_reading(mapping, item, contract.zone)]), *_issuer(contract, field, item)]
        if mapping.at_site is not None:
            site, parts = _field(contract, mapping.at_site)
            found.append((site, [*parts, "site of the operation"]))
        if mapping.beside is not None:
            beside, parts = _field(contract, mapping.beside)
            what = "behaviour" if item.domain == "histology" else "in situ hybridisation"
            found.append((beside, [*parts, f"{what} beside it"]))
        for key, column in mapping.reads():
            if key in ("month", "day"):
                beside, parts = _field(contract, column)
                found.append((beside, [*parts, f"{key} of the date"]))
        return found
    word = f"constant {mapping.value}" if mapping.value is not None else f"the record of the same {mapping.same}"
    steps = [word, *(_reading(mapping, item) if mapping.duration else [])]
    return [(field, steps) for field in guards(contract, record)] or [("", steps)]


def _issuer(contract: Contract, field: str, item: Item) -> list[tuple[str, list[str]]]:
    """The field that tells whose a number of a person is, where one does."""
    said = contract.fields[field].identifier
    issuer = said.issuer if isinstance(said, Identifier) else None
    if issuer is None or issuer.from_ is None or item.column != "patient_pseudonym":
        return []
    name, steps = _field(contract, issuer.from_)
    return [(name, [*steps, f"map of {len(issuer.map)} spellings", "whose number it is"])]


def guards(contract: Contract, record: Record) -> list[str]:
    """Fields that the condition of the rule reads."""
    if record.when is None:
        return []
    return list(dict.fromkeys(_field(contract, name)[0] for name in _named(record.when)))


@cache
def _named(condition: str) -> tuple[str, ...]:
    """The columns that a condition names, kept: it is asked for each constant that it guards."""
    return tuple(column.name for column in sqlglot.parse_one(condition, dialect="duckdb").find_all(exp.Column))


def _field(contract: Contract, column: str) -> tuple[str, list[str]]:
    """The field that makes a source column, and how the cell becomes that column."""
    name = column if column in contract.fields else next(n for n, field in contract.fields.items() if column in field.columns(n))
    field = contract.fields[name]
    steps = ["trim", *_nulls(contract, field), *_form(field)]
    if field.map:
        steps.append(f"map of {len(field.map)} spellings")
    part = column.removeprefix(f"{name}_")
    if column != name:
        steps.append(_part(field, part))
    if field.codes is not None:
        steps.append(f"codes of {field.codes}")
    elif is_item(contract, name):
        steps.append(f"codes of {contract.codes}")
    return name, steps


def _part(field: Field, part: str) -> str:
    """What makes one of the columns of a composite field."""
    if field.checkbox:
        return f"choice {part} is ticked"
    return f"pattern group {part}" if field.pattern is not None else f"treatment grammar: {part}"


def _form(field: Field) -> Iterator[str]:
    """What the reader makes of the cell beside trimming it."""
    if field.checkbox:
        yield f"the ticked one of {len(field.checkbox)} checkboxes"
    if field.digits is not None:
        yield f"leading zeros to {field.digits} digits"
    if field.form is not None:
        yield "empty where not of the declared form"


def _nulls(contract: Contract, field: Field) -> list[str]:
    tokens = [*contract.null_tokens, *field.null_tokens]
    return [f"empty where {' | '.join(tokens)}"] if tokens else []


def _reading(mapping: Mapping, item: Item, zone: str | None = None) -> list[str]:
    """How a text becomes the value of the column; `zone`: where the days of the file are meant."""
    steps = [f"map of {len(mapping.map)} spellings"] if mapping.map else []
    if item.column == "patient_pseudonym":
        return [*steps, "keyed hash"]
    if item.type == "interval":
        return [*steps, *_date(mapping, zone)]
    if mapping.within_text:
        steps.append("found within the text")
    if item.type == "text" and (mapping.vocabulary or item.domain):
        return [*steps, f"vocabulary {mapping.vocabulary or item.domain}"]
    word = {"int": "whole number", "float": "number", "bool": "yes or no"}.get(item.type, "text")
    return [*steps, f"{word} in {mapping.unit} to {item.unit}" if mapping.unit is not None else word]


def _date(mapping: Mapping, zone: str | None) -> list[str]:
    if mapping.duration is None:
        declared = (
            ("order", mapping.order),
            ("pivot", mapping.pivot),
            ("calendar", mapping.calendar),
            ("zone", mapping.zone or zone),
            ("serials", mapping.serials),
            ("flag", mapping.flag),
        )
        known = [*mapping.formats, *(f"{name} {value}" for name, value in declared if value is not None)]
        bound = [f"{mapping.bound} bound of the interval"] if mapping.bound else []
        return [f"date {' | '.join(known)}".rstrip(), *bound]
    month = f" x {mapping.days_per_month:g} days" if mapping.days_per_month else ""
    width = [f"printed to {mapping.rounded_to:g}: half of it either way"] if mapping.rounded_to else []
    side, anchor = ("after", mapping.after) if mapping.after else ("before", mapping.before)
    return [f"{mapping.duration}{month}", *width, f"days {side} {anchor}"]
