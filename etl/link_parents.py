"""Parents that no source delivered: an empty patient or tumour, so that no child is lost in silence."""

from __future__ import annotations

import polars as pl

from schemas.items import identity

# Parent record and the records that need it, the nearest parent first: a tumour made here needs its patient in turn.
PARENTS = (("tumour", ("treatment", "event", "biomarker")), ("patient", ("tumour", "treatment", "event", "biomarker", "follow_up")))


def with_parents(pieces: dict[str, pl.DataFrame]) -> tuple[dict[str, pl.DataFrame], dict[str, pl.DataFrame]]:
    """The pieces with the parents they lack, and those parents apart (by record, where any).

    A parent holds its key only; its source row and rule are those of its first child.
    """
    found, made = dict(pieces), {}
    for parent, children in PARENTS:
        key = ["patient_key", *(column for column in identity(parent) if column != "patient_pseudonym")]
        provenance = ["patient_pseudonym", "delivery", "source", "own_key", "source_row_id", "source_file", "trust", "rule"]
        needed = pl.concat(found[child].select(*key, *provenance) for child in children)
        lacking = needed.join(found[parent], on=key, how="anti").sort("trust", "source_row_id", "rule")
        lacking = lacking.unique(key, keep="first", maintain_order=True)
        if lacking.is_empty():
            continue
        made[parent] = pl.concat([found[parent].clear(), lacking], how="diagonal")
        found[parent] = pl.concat([found[parent], made[parent]])
    return found, made
