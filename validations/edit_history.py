"""Counts of each release in a row, copied forward from release to release, so that old releases may be deleted.

Counts only: no finding, no record, no cell. Both frames go into share/quality/.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping

import polars as pl

from schemas.core.frames import EDIT_COUNTS
from validations.finding_history import MOVED, Schema

PLACE: Schema = {"release_no": pl.Int64, "run_id": pl.String, "as_of": pl.String}
# One row per release and edit: its five counts, and its findings that stand, are new, returned or gone (MOVED).
# is_silent: it fell silent in that release (`validations.silence`), so that its counts are not what the next one is compared with.
EDIT_HISTORY: Schema = {**PLACE, **EDIT_COUNTS, **{name: kind for name, kind in MOVED.items() if name != "edit"}, "is_silent": pl.Boolean}
# One row per release and measure: rows of a star table, `findings…` and `numbers…` (published numbers, and how many of them changed).
RELEASES: Schema = {**PLACE, "measure": pl.String, "n": pl.Int64}
# A year of nights: what a trend can show, in three megabytes.
MOST_RELEASES = 366


def next_number(releases: pl.DataFrame) -> int:
    """Number of the release that comes after those in `releases` (RELEASES or EDIT_HISTORY); 1 for the first."""
    return int(releases["release_no"].max() or 0) + 1  # type: ignore[arg-type]


def with_edits(
    history: pl.DataFrame, place: Mapping[str, object], counts: pl.DataFrame, moves: pl.DataFrame, silent: Collection[str] = ()
) -> pl.DataFrame:
    """EDIT_HISTORY with this release as the last. place: release_no, run_id, as_of; counts: EDIT_COUNTS; moves: MOVED; silent: codes.

    An edit that was counted nowhere and whose findings are gone has a row too: it is how they are told.
    """
    met = counts.join(moves, on="edit", how="full", coalesce=True)
    numbers = [name for name, kind in EDIT_HISTORY.items() if kind == pl.Int64 and name not in PLACE]
    is_silent = pl.col("edit").is_in(list(silent))
    filled = met.with_columns(pl.col(numbers).fill_null(0), pl.col("severity").fill_null(""), is_silent=is_silent).sort("edit")
    return _kept(history, filled, place, EDIT_HISTORY)


def with_measures(history: pl.DataFrame, place: Mapping[str, object], measures: Mapping[str, int]) -> pl.DataFrame:
    """RELEASES with this release as the last."""
    return _kept(history, pl.DataFrame({"measure": list(measures), "n": list(measures.values())}), place, RELEASES)


def _kept(history: pl.DataFrame, rows: pl.DataFrame, place: Mapping[str, object], schema: Mapping[str, type[pl.DataType]]) -> pl.DataFrame:
    placed = rows.with_columns(pl.lit(value).alias(name) for name, value in place.items())
    whole = pl.concat([history, placed.select(schema.keys()).cast(schema)])  # type: ignore[arg-type]
    return whole.filter(pl.col("release_no") > pl.col("release_no").max() - MOST_RELEASES)
