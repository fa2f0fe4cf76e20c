"""Expectations that are not met, each told once: on the first screen, among what changed, as notices of the run."""

from __future__ import annotations

import polars as pl

# One row for all edits, sources or older releases: where it is not met, a row of its own tells of each.
OF_EDITS = "edits_judged"
# Each source by itself: there is no whole that tells of all.
OF_FILES = "delivered_anew"
# The reason of a table that lacks rows which edits keep back begins so: no file is cut off (validations/expecting/volume_held.py).
WHOLE = "Rows are kept back, not missing"
SUMMARIES = frozenset({OF_EDITS, "shares_by_source", "since_anchor"})


def stopping(results: pl.DataFrame) -> pl.DataFrame:
    """The expectations (RESULTS) that refuse the release: critical, and certainly not met."""
    return results.filter(pl.col("critical"), pl.col("success").eq_missing(pl.lit(False)))


def not_met(results: pl.DataFrame) -> pl.DataFrame:
    """The expectations (RESULTS) that are certainly not met, each told once."""
    return results.filter(pl.col("success").eq_missing(pl.lit(False)), ~pl.col("name").is_in(list(SUMMARIES)))


def names_not_met(results: pl.DataFrame) -> list[str]:
    """Their names, sorted."""
    return not_met(results)["name"].sort().to_list()


def _named(name: str, detail: str) -> str:
    """Another that is not met, in few words: of one that stands for no whole (a source without new files) what it says of itself."""
    return f"{name} ({detail.partition(',')[0]})" if name.startswith(f"{OF_FILES}.") else name


def warned(results: pl.DataFrame) -> list[str]:
    """One sentence for each that is not met and stops nothing, in the order of the suite; with it the names of its sources, edits and
    older releases (`NAME.…`) that are not met either.
    """
    failed = not_met(results).with_columns(of=pl.col("name").str.split(".").list.first())
    stops = failed.filter(pl.col("critical"))["name"].implode()  # what one stops the publish with needs no warning of its sources
    rows = failed.filter(~pl.col("critical"), ~pl.col("of").is_in(stops))
    told = []
    for part in rows.partition_by("of", maintain_order=True):
        first, others = part.row(0, named=True), [_named(*row) for row in part[1:].select("name", "detail").iter_rows()]
        also = f"; also {', '.join(others)}" if others else ""
        told.append(f"expectation {first['name']} ({first['subject']}) is not met: {first['detail']}{also}")
    return told
