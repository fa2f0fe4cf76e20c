"""Tiny files for the tests of normalising: a contract as text, rows as lists of cells."""

from __future__ import annotations

from pathlib import Path

import polars as pl

from etl.landing.landed import LandedFile
from etl.normalise import Normalised, normalise
from etl.readers import RawTable
from schemas.contract import Contract
from schemas.core.frames import EDIT_COUNTS, FINDINGS, LEDGER, empty
from schemas.shapes import shaped
from schemas.vocabulary import Vocabularies, load
from schemas.yaml_lines import read_yaml

HEAD = "{contract: ward, contract_version: 1, title: Ward, source: ward, files: [ward.csv]"
FIRST_ROW = 2  # line 1 is the header
KEY = b"key of the tests"
_known: list[Vocabularies] = []


def vocabularies() -> Vocabularies:
    """The built-in vocabularies, read once for all tests."""
    if not _known:
        _known.append(load())
    return _known[0]


def contract(fields: str, records: str, more: str = "") -> Contract:
    """A contract with these `fields` and `records`, written as flow YAML without the outer brackets."""
    text = f"{HEAD}, {more}fields: {{id: {{}}, {fields}}}, records: [{records}]}}"
    source = read_yaml("ward.yml", text.encode())
    found = shaped(source, Contract)
    assert found is not None, source.mistakes
    assert not source.mistakes, source.mistakes
    return found


def raw(contract_: Contract, *rows: tuple[str | None, ...]) -> RawTable:
    """The rows of one file, cells in the order of the contract's fields, empty cells as the reader gives them (null)."""
    cells = pl.DataFrame(list(rows), schema=dict.fromkeys(contract_.fields, pl.String), orient="row")
    numbered = cells.with_row_index("source_row", FIRST_ROW).with_columns(pl.col("source_row").cast(pl.Int64))
    landed = LandedFile("ward.csv", "0" * 64, 1, Path("ward.csv"), contract_, "2026-01-01", "goes_on")
    return RawTable(landed, contract_, numbered, empty(LEDGER), empty(FINDINGS), empty(EDIT_COUNTS))


def normalised(contract_: Contract, *rows: tuple[str | None, ...]) -> Normalised:
    """What these rows deliver."""
    return normalise(raw(contract_, *rows), vocabularies(), KEY, 0)


def noted(found: Normalised) -> list[tuple[str, str, int, str]]:
    """Edit, record, row and header of each finding."""
    return [tuple(row) for row in found.findings.select("edit", "record", "source_row", "columns").rows()]


def fates(found: Normalised) -> list[tuple[str, str, str, int]]:
    """Unit, fate, reason and count of each line of the ledger."""
    return [tuple(row) for row in found.ledger.select("unit", "fate", "reason", "n").rows()]


TUMOUR = "{rule: primary, record: tumour, set: {patient_id: id, %s}}"


def tumour(column, mapping, *cells):
    """The values of one tumour column made from the field `cell`, and the findings."""
    found = normalised(
        contract("cell: {header: Cell}", TUMOUR % f"{column}: {mapping}"), *[(str(i), cell) for i, cell in enumerate(cells, 1)]
    )
    return found.records["tumour"][column].to_list(), found
