"""Delivered pieces of records for the tests of linking, written as short dictionaries."""

from __future__ import annotations

from datetime import date
from typing import Any

import polars as pl

from etl.link import Linked, link
from etl.normalise.delivered import ByRule
from etl.normalise.result import UNMAPPED, Normalised, delivered_schema
from schemas.core.frames import EDIT_COUNTS, FINDINGS, LEDGER, empty
from schemas.core.ids import keyed
from schemas.items import INTERVAL_PARTS, RECORDS, identity

DEFAULTS = {"tumour_no": 1, "event_no": 1, "follow_up_no": 1, "component_no": 0, "specimen_code": "primary", "course_code": "primary"}


def day(year: int, month: int = 1, number: int = 1) -> date:
    return date(year, month, number)


def window(name: str, first: date | None, last: date | None, precision: str | None = None) -> dict[str, Any]:
    """The calendar columns of one date."""
    said = precision or ("day" if first == last else "ambiguous")
    return {f"{name}_earliest_date": first, f"{name}_latest_date": last, f"{name}_precision": said}


def after(name: str, anchor: str, first: int, last: int | None = None) -> dict[str, Any]:
    """The relative columns of one date."""
    return {f"{name}_earliest_offset_days": first, f"{name}_latest_offset_days": first if last is None else last, f"{name}_anchor": anchor}


def delivered(trust: int = 0, source_file: str = "", **records: list[dict[str, Any]]) -> Normalised:
    """What one file delivers: for each kind of record its pieces, of person p unless said otherwise, rows numbered from 1."""
    name = source_file or f"file_{trust}.csv"
    frames = {kind: _frame(kind, records.get(kind, []), trust, name) for kind in RECORDS}
    persons = pl.concat(frame.select("patient_key", "patient_pseudonym") for frame in frames.values()).unique()
    return Normalised(
        ByRule({kind: [frame.select(delivered_schema(kind).keys())] for kind, frame in frames.items()}),
        empty(FINDINGS), empty(EDIT_COUNTS), empty(LEDGER), pl.DataFrame(schema=UNMAPPED), persons=persons,
    )  # fmt: skip


def _frame(kind: str, pieces: list[dict[str, Any]], trust: int, source_file: str) -> pl.DataFrame:
    schema = {**delivered_schema(kind), "patient_pseudonym": pl.String}
    own = {column: DEFAULTS[column] for column in identity(kind) if column in DEFAULTS}
    file_key = (trust + 1) << 32
    rows = [
        {**own, "patient_pseudonym": "p", "rule": "rule", "source_row_id": file_key + number, **_number(piece)}
        for number, piece in enumerate(pieces, start=1)
    ]
    frame = pl.DataFrame(rows, schema=schema)
    if not rows:
        return frame
    frame = frame.with_columns(source_file=pl.lit(source_file, pl.Categorical), trust=pl.lit(trust, pl.Int32))
    return keyed(frame, "patient_key", identity("patient"))


def _number(piece: dict[str, Any]) -> dict[str, Any]:
    return {**piece, "component_no": None} if piece.get("same_by") else piece


def parents() -> dict[str, list[dict[str, Any]]]:
    """The patient and the tumour that other records belong to."""
    return {"patient": [{}], "tumour": [{}]}


def one(linked: Linked, kind: str) -> dict[str, Any]:
    """The one record of a kind."""
    [row] = linked.records[kind].to_dicts()
    return row


def dates(row: dict[str, Any], name: str) -> tuple[Any, ...]:
    """The six columns of one date."""
    return tuple(row[f"{name}_{part}"] for part, _, _ in INTERVAL_PARTS)


def fates(linked: Linked) -> dict[tuple[str, str, str], int]:
    """Number of records by file, stage and fate."""
    return {(row[0], row[1], row[2]): row[3] for row in linked.ledger.select("source_file", "stage", "fate", "n").rows()}


def noted(linked: Linked) -> list[tuple[Any, ...]]:
    """Edit, record, source row and columns of each finding."""
    return [tuple(row) for row in linked.findings.select("edit", "record", "source_row", "columns").rows()]


__all__ = ["after", "dates", "day", "delivered", "fates", "link", "noted", "one", "parents", "window"]
