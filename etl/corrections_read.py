"""Whether what corrections.csv puts into a cell can be read as its contract reads that cell: known before any data is read."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from pathlib import Path

import polars as pl

from etl.landing.landed import LandedFile
from etl.normalise import normalise
from etl.normalise.identifiers import declared
from etl.normalise.records import CONTEXTS
from etl.readers import RawTable
from schemas.contract import Contract, Mapping, Record
from schemas.core.errors import Mistake
from schemas.core.frames import EDIT_COUNTS, FINDINGS, LEDGER
from schemas.corrections import FILE, Correction, fields_of
from schemas.project import Project
from schemas.sheet_names import reading
from schemas.vocabulary import Vocabularies

SOMEBODY = "1"  # a row without a person delivers nothing
HINT = "write it as the source writes its own, or add the spelling to vocabularies/"


def unread(project: Project) -> Iterator[Mistake]:
    """The corrections of cells whose new value nothing that reads the field understands, by their lines; the value is not told."""
    cells: dict[tuple[str, str], list[Correction]] = defaultdict(list)
    by_name = {contract.contract: contract for contract in project.contracts}
    for one in project.corrections:
        for contract in reading(one.source_file or "", project.contracts)[:1]:
            for field in fields_of(contract, one.column):
                cells[contract.contract, field].append(one)
    for (name, field), corrections in cells.items():
        lines = _lines(by_name[name], field, corrections, project.vocabularies)
        yield from (
            Mistake(FILE, line, f"'new_value' is not understood where '{field}' is read: the cell would be empty", HINT) for line in lines
        )


def _lines(contract: Contract, field: str, corrections: Sequence[Correction], vocabularies: Vocabularies) -> list[int]:
    """The lines whose new value no rule that reads the field understands; none where another cell of the row decides what it means."""
    empty = {"", *contract.null_tokens, *contract.fields[field].null_tokens}
    said = {one.line: one.value.strip() for one in corrections if one.value.strip() not in empty}
    rules = [rule for rule in contract.records if _reads(rule, contract, field)]
    if not said or not rules or any(_hangs_on_others(rule, contract, field) for rule in rules):
        return []
    found = [_not_understood(contract, rule, field, said, vocabularies) for rule in rules]
    return sorted(set.intersection(*found))


def _reads(rule: Record, contract: Contract, field: str) -> bool:
    read = {column for mapping in rule.set.values() for _, column in mapping.reads()}
    return rule.each == field or not read.isdisjoint(contract.fields[field].columns(field))


def _hangs_on_others(rule: Record, contract: Contract, field: str) -> bool:
    """Whether a rule reads the field together with other cells: the parts of a date, a marker and its result, an organ and its site."""
    mine = contract.fields[field].columns(field)

    def is_beside(name: str, mapping: Mapping) -> bool:
        read = [column for _, column in mapping.reads()]
        context = rule.set.get(CONTEXTS.get(name, ""))
        return any(column in mine for column in read) and (len(read) > 1 or (context is not None and context.from_ is not None))

    return any(is_beside(name, mapping) for name, mapping in rule.set.items())


def _not_understood(contract: Contract, rule: Record, field: str, said: dict[int, str], vocabularies: Vocabularies) -> set[int]:
    """The lines of which the run would have a finding about the cell, if their rows were read by that rule."""
    alone = contract.model_copy(update={"records": (rule.model_copy(update={"when": None}),)})
    told = dict.fromkeys(alone.person_fields, SOMEBODY) | {
        said.issuer.from_: next(iter(said.issuer.map), None)
        for said in declared(alone).values()
        if said.issuer is not None and said.issuer.from_ is not None
    }
    others = {name: pl.lit(told.get(name), pl.String) for name in contract.fields if name != field}
    rows = pl.DataFrame({"source_row": list(said), field: list(said.values())}, schema={"source_row": pl.Int64, field: pl.String})
    file = LandedFile("", "0" * 64, 0, Path(), alone, "", "goes_on")
    raw = RawTable(
        file,
        alone,
        rows.with_columns(**others),
        pl.DataFrame(schema=LEDGER),
        pl.DataFrame(schema=FINDINGS),
        pl.DataFrame(schema=EDIT_COUNTS),
    )
    found = normalise(raw, vocabularies, b"", 0).findings
    return set(found.filter(pl.col("columns") == contract.fields[field].headers(field)[0])["source_row"].drop_nulls().to_list())
