"""internal/worklist.xlsx: what a registrar is to mend at the source, a sheet per source, with columns for the answers.

One row per finding that is certain, an error or a warning, and not overridden; errors first. The answers are read back from
worklist/ in the project folder (docs/overrides.md).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from io import BytesIO
from typing import Any

import polars as pl

from etl.raw_rows import cells, shown
from etl.worklist_sheet import Sheet, workbook
from schemas.column_map import ANY, column_map
from schemas.contract import Contract
from schemas.date_order import promised
from schemas.statuses import ANSWERS, OVERRIDDEN
from schemas.worklist import BOUND, COLUMNS, seal

LISTED = ("error", "warning")
# Findings about what people wrote, not about what a source delivered.
NOT_AT_A_SOURCE = ("CORR-", "OVR-", "WORK-")
# As many rows as somebody can mend before the next list; the rest is in findings.csv, and comes up when these are mended.
MOST = 1_000
DELIVERED = 12  # digits of the file's hash


@dataclass(frozen=True)
class Work:
    """What is to be mended: `rows` of the list (with source and raw), and of each source how many there are in all."""

    rows: pl.DataFrame
    totals: Mapping[str, int]


def to_mend(findings: pl.DataFrame, sources: pl.DataFrame) -> Work:
    """The findings that are listed, with their source and the hash of their file; at most MOST of each source, errors first."""
    code = pl.col("edit").str
    mine = findings.filter(
        pl.col("outcome") == "violated",
        pl.col("severity").is_in(LISTED),
        pl.col("status") != OVERRIDDEN,
        pl.col("source_row").is_not_null(),
        ~pl.any_horizontal(code.starts_with(prefix) for prefix in NOT_AT_A_SOURCE),
    ).join(sources.select("source_key", "source", "contract", "sha256"), on="source_key", how="inner")
    order = ["severity", "edit", "source_file", "source_row", "finding_id"]  # "error" comes before "warning"
    rows = mine.sort("source", *order).group_by("source", maintain_order=True).head(MOST)
    return Work(rows, dict(mine.group_by("source").len().sort("source").iter_rows()))


def worklist(work: Work, raw: pl.DataFrame, texts: pl.DataFrame, contracts: Sequence[Contract], release: str) -> bytes:
    """The workbook. `raw`: the rows as delivered (etl.raw_rows.RAW); `texts`: title and action of every edit; `release`: its name."""
    told = work.rows.join(raw, on=["source_file", "source_row"], how="left", maintain_order="left")
    told = told.join(texts.select("edit", "title", "action").unique("edit"), on="edit", how="left", maintain_order="left")
    origins = _origins(contracts)
    sheets = [
        Sheet(str(source), tuple(_rows(part, origins)), work.totals[str(source)])
        for (source,), part in told.group_by("source", maintain_order=True)
    ]
    buffer = BytesIO()
    workbook(buffer, sheets, release)
    return buffer.getvalue()


def _rows(part: pl.DataFrame, origins: Mapping[tuple[str, str, str], Sequence[str]]) -> Iterator[dict[str, Any]]:
    for row in part.iter_rows(named=True):
        bound = {name: "" if row.get(name) is None else str(row[name]) for name in BOUND if name != "delivered"}
        bound["delivered"] = row["sha256"][:DELIVERED]
        made = {**row, **bound, "cells": _cells(row, origins), "seal": seal([bound[name] for name in BOUND])}
        yield {**{name: made.get(name) for name in COLUMNS}, "answers": _answers(row)}


def _answers(row: Mapping[str, Any]) -> list[str]:
    """The answers that mean something for this finding."""
    is_silenceable = row["fingerprint"] is not None and row["edit"] not in promised()
    return [words for words, status in ANSWERS.items() if status != OVERRIDDEN or is_silenceable]


def _cells(row: Mapping[str, Any], origins: Mapping[tuple[str, str, str], Sequence[str]]) -> str:
    """The cells concerned that the row holds itself, as `header: text`. A finding names headers, or columns of its record."""
    delivered = cells(row["raw"])
    said = row["columns"] or ""
    named = [header for header in delivered if header in said] if row["fingerprint"] is None else []
    behind = [header for column in said.split() for header in origins.get((row["contract"], row["record"], column), ())]
    wanted = [header for header in dict.fromkeys(named or behind) if header in delivered]
    return "; ".join(f"{header}: {delivered[header]}" for header in wanted)


def _origins(contracts: Sequence[Contract]) -> dict[tuple[str, str, str], list[str]]:
    """Headers behind a column of a record, by contract, record and column; a treatment cell stands behind every column of its record."""
    by_name = {contract.contract: shown(contract) for contract in contracts}
    found: dict[tuple[str, str, str], list[str]] = {}
    anywhere: dict[tuple[str, str], list[str]] = {}
    lines = column_map(contracts).select("contract", "record", "column", "field").unique(maintain_order=True)
    for contract, record, column, field in lines.iter_rows():
        header = by_name[contract].get(field)
        if header is not None and column == ANY:
            anywhere.setdefault((contract, record), []).append(header)
        elif header is not None:
            found.setdefault((contract, record, column), []).append(header)
    return {key: [*headers, *anywhere.get(key[:2], [])] for key, headers in found.items()}
