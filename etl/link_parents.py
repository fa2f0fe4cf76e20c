"""Parents that no source delivered: an empty patient or tumour, so that no child is lost in silence."""

from __future__ import annotations

import polars as pl

from etl.link_merge import natural_key

# Parent record and the records that need it, the nearest parent first: a tumour made here needs its patient in turn.
PARENTS = (("tumour", ("treatment", "event", "biomarker")), ("patient", ("tumour", "treatment", "event", "biomarker", "follow_up")))
PROVENANCE = ("delivery", "source", "own_key", "source_row_id", "source_file", "trust", "rule")


def with_parents(pieces: dict[str, pl.DataFrame]) -> tuple[dict[str, pl.DataFrame], dict[str, pl.DataFrame]]:
    """The pieces with the parents they lack, and those parents apart (by record, where any).

    A parent holds its key only; its source row and rule are those of its first child.
    """
    found, made = dict(pieces), {}
    for parent, children in PARENTS:
        key = natural_key(parent)
        known = found[parent].select(key)
        told = [*key, *(name for name in PROVENANCE if name in found[parent].columns)]
        needed = [found[child].select(told)[_orphans(found[child].select(key), known)] for child in children]
        lacking = pl.concat(needed).sort("trust", "source_row_id", "rule").unique(key, keep="first", maintain_order=True)
        if lacking.is_empty():
            continue
        made[parent] = lacking
        found[parent] = pl.concat([found[parent], lacking], how="diagonal")
    return found, made


def _orphans(children: pl.DataFrame, known: pl.DataFrame) -> pl.Series:
    """The rows of `children` (columns as in `known`) whose parent is not known."""
    return children.with_row_index("place").join(known, on=known.columns, how="anti")["place"]
