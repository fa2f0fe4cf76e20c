"""Since when a finding stands: what one release hands on to the next, and what came and went between them.

History derives from the release before (DESIGN 2.1): it stands outside run_id and content_hash and never enters the warehouse.
"""

from __future__ import annotations

import polars as pl

Schema = dict[str, type[pl.DataType]]
# One row per finding that stood in this release or in any before it, identified by finding_id. first_seen: as-of date of the first
# release in which it stood, kept also while it is gone, so that one that returns is no new one. is_standing: it stands in this release.
SEEN: Schema = {"finding_id": pl.String, "edit": pl.String, "first_seen": pl.String, "is_standing": pl.Boolean}
# One row per edit with any finding now or in the release before. standing = what stands now; of it new (never seen before) and
# returned (seen, but not in the release before); gone: stood in the release before and stands no more.
MOVED: Schema = {"edit": pl.String, "standing": pl.Int64, "new": pl.Int64, "returned": pl.Int64, "gone": pl.Int64}


def dated(findings: pl.DataFrame, seen: pl.DataFrame, as_of: str) -> pl.DataFrame:
    """`findings` (with finding_id) in their order, with `first_seen`: from SEEN of the release before, else `as_of`."""
    whole = findings.rechunk()  # what is made of them takes texts out in another order: of several pieces that is ten times the work
    known = whole.join(seen.select("finding_id", "first_seen"), on="finding_id", how="left", maintain_order="left")
    return known.with_columns(pl.col("first_seen").fill_null(as_of))


def seen_by_now(findings: pl.DataFrame, seen: pl.DataFrame) -> pl.DataFrame:
    """SEEN of this release, sorted: `findings` (finding_id, edit, first_seen), and those of `seen` that are gone."""
    now = findings.select("finding_id", "edit", "first_seen", is_standing=pl.lit(True))
    gone = seen.join(now, on="finding_id", how="anti").with_columns(is_standing=pl.lit(False))
    return pl.concat([now, gone.select(now.columns)], rechunk=True).sort("finding_id")


def moved(findings: pl.DataFrame, seen: pl.DataFrame) -> pl.DataFrame:
    """MOVED of this release, sorted by edit; `seen` is SEEN of the release before (empty: all are new)."""
    stood = seen.select("finding_id", "edit", stood=pl.col("is_standing"))
    both = findings.select("finding_id", "edit", stands=pl.lit(True)).join(stood, on="finding_id", how="full", coalesce=True)
    now, before = pl.col("stands").fill_null(value=False), pl.col("stood")
    counted = both.group_by(pl.coalesce("edit", "edit_right").alias("edit")).agg(
        standing=now.sum(),
        new=before.is_null().sum(),
        returned=(now & ~before.fill_null(value=True)).sum(),
        gone=(before.fill_null(value=False) & ~now).sum(),
    )
    return counted.filter(pl.sum_horizontal("standing", "gone") > 0).cast(MOVED).sort("edit")  # type: ignore[arg-type]
