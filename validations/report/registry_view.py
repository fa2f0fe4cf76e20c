"""Indices, timeliness, contradictions and corrections as plain rows for the template."""

from __future__ import annotations

from typing import Any

import polars as pl

from validations.report.registry_measures import BANDS
from validations.report.tables_view import segments

# As many pairs of rows of one contradiction as a registrar compares in one go; the rest is in internal/contradictions.csv.
MOST_PAIRS = 10


def indices(frame: pl.DataFrame) -> list[dict[str, Any]]:
    """One entry per index in its order, of all together; `by` has the same of each of `sources` (None: it tells of no such row)."""
    rows, names = frame.to_dicts(), sources(frame)
    by = {(row["index"], row["source"]): row for row in rows}
    return [{**row, "by": [by.get((row["index"], name)) for name in names]} for row in rows if not row["source"]]


def sources(frame: pl.DataFrame) -> list[str]:
    """The sources that indices are told of, by name."""
    return sorted(filter(None, set(frame["source"])))


def timeliness(frame: pl.DataFrame) -> list[dict[str, Any]]:
    """One row per date with the bar of its bands, the newest first."""
    found = []
    for part in frame.partition_by("table", "date", maintain_order=True):
        met = dict(part.select("band", "n").iter_rows())
        bar = segments([(f"band{i}", words, met.get(words, 0)) for i, (_, words) in enumerate(BANDS)])
        found.append({"table": part["table"][0], "date": part["date"][0], "bar": bar, "n": int(part["n"].sum())})
    return found


def contradictions(frame: pl.DataFrame) -> list[dict[str, Any]]:
    """One block per pair of sources, most contradictions first; its fields likewise. `own`: one source contradicts itself."""
    blocks = []
    for part in frame.partition_by("kept", "source", maintain_order=True):
        fields = part.sort("n", "record", "column", descending=[True, False, False]).select("record", "column", "n").to_dicts()
        kept, source = part["kept"][0], part["source"][0]
        blocks.append({"kept": kept, "source": source, "own": kept == source, "fields": fields, "n": int(part["n"].sum())})
    return sorted(blocks, key=lambda block: (-block["n"], block["kept"], block["source"]))


def contradicted(frame: pl.DataFrame, texts: pl.DataFrame) -> list[dict[str, Any]]:
    """One row per pair of sources and files, edit and fields, most pairs of rows first (`n`; `findings` of the edit: one wrong date of
    death contradicts every treatment after it); `rows` has the first MOST_PAIRS of them.

    `fields` and `other_fields`: what each side says, as (record, column).
    """
    by = ["source", "other_source", "edit", "columns", "other_columns", "source_file", "other_file"]
    pair = pl.struct("source_row", "other_row")
    named = frame.join(texts.select("edit", "title").unique("edit"), on="edit", how="left", maintain_order="left")
    counted = named.group_by(*by, "title").agg(n=pair.n_unique(), findings=pl.len(), rows=pair.unique().sort().head(MOST_PAIRS))
    found = counted.sort("n", *by, descending=[True, *[False] * len(by)])
    return [
        {**row, "fields": _fields(row["columns"]), "other_fields": _fields(row["other_columns"]), "more": row["n"] - len(row["rows"])}
        for row in found.iter_rows(named=True)
    ]


def _fields(columns: str) -> list[tuple[str, ...]]:
    return [name.partition(".")[::2] for name in columns.split()]
