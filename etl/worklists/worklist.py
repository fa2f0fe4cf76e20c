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

from etl.link import Linked
from etl.worklists.cells import Cells
from etl.worklists.concerned import asked, other_persons, people, places
from etl.worklists.sheet import Sheet, workbook
from etl.worklists.telling import telling
from schemas.contract import Contract
from schemas.core.frames import ranked
from schemas.date_order import promised
from schemas.reading_edits import unconfirmed
from schemas.statuses import ANSWERS, OVERRIDDEN
from schemas.worklist import BOUND, COLUMNS, seal
from validations.concerned import Concerned
from validations.edit import Edit
from validations.route import Routed

LISTED = ("error", "warning")
# Findings about what people wrote, not about what a source delivered.
OF_ANSWERS = ("OVR-", "WORK-")
NOT_AT_A_SOURCE = ("CORR-", *OF_ANSWERS)
# As many rows as somebody can mend before the next list; the rest is in findings.csv, and comes up when these are mended.
MOST = 1_000
DELIVERED = 12  # digits of the file's hash


@dataclass(frozen=True)
class Work:
    """What is to be mended: `rows` of the list (with source and contract), of each source how many there are in all, dim_source, and
    the findings about answers given before (`unheard`)."""

    rows: pl.DataFrame
    totals: Mapping[str, int]
    sources: pl.DataFrame
    unheard: pl.DataFrame


@dataclass(frozen=True)
class About:
    """What findings are about: what each edit compares, and the rows that deliver it (concerned.PLACES, with source, contract,
    file and its hash).
    """

    compared: Mapping[str, Concerned]
    places: pl.DataFrame

    def of(self, findings: pl.DataFrame) -> About:
        """The same of some of the findings (finding_id)."""
        return About(self.compared, self.places.join(findings.select("finding_id"), on="finding_id", how="semi", maintain_order="left"))


def to_mend(findings: pl.DataFrame, sources: pl.DataFrame) -> Work:
    """The findings that are listed, with their source; at most MOST of each source, errors first."""
    code = pl.col("edit").str
    mine = findings.filter(
        pl.col("outcome") == "violated",
        pl.col("severity").is_in(LISTED),
        pl.col("status") != OVERRIDDEN,
        pl.col("source_row").is_not_null(),
        ~pl.any_horizontal(code.starts_with(prefix) for prefix in NOT_AT_A_SOURCE),
    ).join(sources.select("source_key", "source", "contract"), on="source_key", how="inner")
    order = ("source", "severity", "edit", "source_file")  # "error" comes before "warning"
    places = mine.select(*(ranked(mine[name]) for name in order), "source_row", "finding_id", place=pl.int_range(pl.len()))
    first = places.sort(pl.exclude("place")).group_by("source", maintain_order=True).head(MOST)
    rows = mine[first["place"]]
    return Work(rows, dict(mine.group_by("source").len().sort("source").iter_rows()), sources, findings.filter(_of_answers()))


def _of_answers() -> pl.Expr:
    return pl.any_horizontal(pl.col("edit").str.starts_with(prefix) for prefix in OF_ANSWERS)


def _unheard(findings: pl.DataFrame, texts: pl.DataFrame) -> list[tuple[str, str]]:
    """What is the matter with each answer, and where it stands."""
    titles = texts.select("edit", "title").unique("edit")
    told = findings.join(titles, on="edit", how="left").select(pl.coalesce("title", "edit"), pl.col("columns").fill_null(""))
    return sorted(told.unique().rows())


def about(rows: pl.DataFrame, edits: Sequence[Edit], linked: Linked, routed: Routed, sources: pl.DataFrame) -> About:
    """What these findings (IDENTIFIED) are about. To be asked while the records are there: loading spends them."""
    compared, others = asked(edits, rows["edit"].unique()), other_persons(rows, linked.linkage)
    found = places(rows, compared, people(rows, others, routed), others, linked.lineage)
    named = sources.select("source_key", "source_file", "source", "contract", "sha256")
    return About(compared, found.join(named, on="source_key", how="inner", maintain_order="left"))


def files_of(shown: About) -> dict[str, dict[str, str]]:
    """By finding_id the files that deliver any record it is about: SHA-256 -> name."""
    found: dict[str, dict[str, str]] = {}
    for finding, sha256, name in shown.places.select("finding_id", "sha256", "source_file").unique().iter_rows():
        found.setdefault(finding, {})[sha256] = name
    return found


def worklist(work: Work, shown: About, raw: pl.DataFrame, texts: pl.DataFrame, *, contracts: Sequence[Contract], release: str) -> bytes:
    """The workbook. `raw`: the rows as delivered (raw_rows.RAW); `texts`: title and action of every edit; `release`: its name."""
    named = work.rows.join(texts.select("edit", "title", "action").unique("edit"), on="edit", how="left", maintain_order="left")
    told = named.join(_delivered(work.rows, shown, contracts), on="finding_id", how="left", maintain_order="left")
    found = Cells(contracts, raw, shown.places, shown.compared)
    sheets = [
        Sheet(str(source), tuple(_rows(part, found)), work.totals[str(source)])
        for (source,), part in told.group_by("source", maintain_order=True)
    ]
    buffer = BytesIO()
    workbook(buffer, sheets, release, _unheard(work.unheard, texts))
    return buffer.getvalue()


def _rows(part: pl.DataFrame, found: Cells) -> Iterator[dict[str, Any]]:
    for row in part.iter_rows(named=True):
        bound = {name: "" if row.get(name) is None else str(row[name]) for name in BOUND if name != "delivered"}
        bound["delivered"] = row["delivered"]
        made = {**row, **bound, "cells": found.of(row), "seal": seal([bound[name] for name in BOUND])}
        yield {**{name: made.get(name) for name in COLUMNS}, "answers": _answers(row)}


def _delivered(rows: pl.DataFrame, shown: About, contracts: Sequence[Contract]) -> pl.DataFrame:
    """By finding_id the files that deliver what it is about, by the first digits of their hashes: by what has come anew since then the
    next runs tell whether it can have been mended."""
    told = telling(rows, shown.places, shown.compared, contracts).select("finding_id", "sha256")
    others = shown.places.join(told, on="finding_id", how="anti").select("finding_id", "sha256")
    files = pl.concat([told, others]).with_columns(pl.col("sha256").str.head(DELIVERED))
    return files.group_by("finding_id").agg(delivered=pl.col("sha256").unique().sort().str.join(" "))


def _answers(row: Mapping[str, Any]) -> list[str]:
    """The answers that mean something for this finding."""
    is_silenceable = row["fingerprint"] is not None and row["edit"] not in promised() and row["edit"] not in unconfirmed()
    return [words for words, status in ANSWERS.items() if status != OVERRIDDEN or is_silenceable]
