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

from etl.concerned import asked, other_persons, people, places
from etl.kept_back import reasons, rows_of
from etl.link import Linked
from etl.worklist_cells import Cells
from etl.worklist_sheet import Sheet, workbook
from schemas.contract import Contract
from schemas.date_order import promised
from schemas.statuses import ANSWERS, OVERRIDDEN
from schemas.worklist import BOUND, COLUMNS, seal
from validations.concerned import Concerned
from validations.edit import Edit
from validations.route import Routed

LISTED = ("error", "warning")
# Findings about what people wrote, not about what a source delivered.
NOT_AT_A_SOURCE = ("CORR-", "OVR-", "WORK-")
# As many rows as somebody can mend before the next list; the rest is in findings.csv, and comes up when these are mended.
MOST = 1_000
ASKED = ("finding_id", "edit", "record", "record_key", "patient_key", "source_key", "source_row")
DELIVERED = 12  # digits of the file's hash


@dataclass(frozen=True)
class Work:
    """What is to be mended: `rows` of the list (with source and raw), and of each source how many there are in all."""

    rows: pl.DataFrame
    totals: Mapping[str, int]


@dataclass(frozen=True)
class About:
    """What the findings of the list are about: what each edit compares, and the rows that deliver it (etl.concerned.PLACES, with
    source, contract and file). `kept_back`: the rows behind each record in quarantine (etl.kept_back.ROWS, with source and file).
    """

    compared: Mapping[str, Concerned]
    places: pl.DataFrame
    kept_back: pl.DataFrame


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


def about(work: Work, findings: pl.DataFrame, edits: Sequence[Edit], linked: Linked, routed: Routed, *, sources: pl.DataFrame) -> About:
    """What the list and the quarantine show of the data. To be asked while the records are there: loading spends them."""
    errors = reasons(findings, routed.quarantine)
    rows = pl.concat([work.rows.select(ASKED), errors.select(ASKED)]).unique("finding_id", maintain_order=True)
    compared, others = asked(edits, rows["edit"].unique()), other_persons(work.rows, linked.linkage)
    found = places(rows, compared, people(rows, others, routed), others, linked.lineage)
    file = sources.select("source_key", "source_file", "source", "contract")
    listed = found.filter(pl.col("finding_id").is_in(work.rows["finding_id"].implode())).join(file, on="source_key", how="inner")
    behind = rows_of(routed.quarantine, errors, found, linked.lineage).join(
        file.drop("contract"), on="source_key", how="inner", maintain_order="left"
    )
    return About(compared, listed, behind)


def worklist(work: Work, shown: About, raw: pl.DataFrame, texts: pl.DataFrame, *, contracts: Sequence[Contract], release: str) -> bytes:
    """The workbook. `raw`: the rows as delivered (etl.raw_rows.RAW); `texts`: title and action of every edit; `release`: its name."""
    told = work.rows.join(texts.select("edit", "title", "action").unique("edit"), on="edit", how="left", maintain_order="left")
    found = Cells(contracts, raw, shown.places, shown.compared)
    sheets = [
        Sheet(str(source), tuple(_rows(part, found)), work.totals[str(source)])
        for (source,), part in told.group_by("source", maintain_order=True)
    ]
    buffer = BytesIO()
    workbook(buffer, sheets, release)
    return buffer.getvalue()


def _rows(part: pl.DataFrame, found: Cells) -> Iterator[dict[str, Any]]:
    for row in part.iter_rows(named=True):
        bound = {name: "" if row.get(name) is None else str(row[name]) for name in BOUND if name != "delivered"}
        bound["delivered"] = row["sha256"][:DELIVERED]
        made = {**row, **bound, "cells": found.of(row), "seal": seal([bound[name] for name in BOUND])}
        yield {**{name: made.get(name) for name in COLUMNS}, "answers": _answers(row)}


def _answers(row: Mapping[str, Any]) -> list[str]:
    """The answers that mean something for this finding."""
    is_silenceable = row["fingerprint"] is not None and row["edit"] not in promised()
    return [words for words, status in ANSWERS.items() if status != OVERRIDDEN or is_silenceable]
