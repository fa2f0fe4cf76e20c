"""Parents that no source delivered: an empty patient or tumour, so that no child is lost in silence."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import polars as pl

from etl.linking.merging import Arranged
from etl.linking.pieces import natural_key

# Parent record, the records that need it, and those of them that name all parents there are, the nearest parent first: a tumour
# made here needs its patient in turn, so that by then every record of a tumour has one that names the same patient.
PARENTS = (
    ("tumour", ("treatment", "event", "biomarker"), ("treatment", "event", "biomarker")),
    ("patient", ("tumour", "treatment", "event", "biomarker", "follow_up"), ("tumour", "follow_up")),
)
PROVENANCE = ("delivery", "source", "own_key", "source_row_id", "source_file", "trust", "rule")


def with_parents(pieces: Mapping[str, Arranged]) -> tuple[dict[str, Arranged], dict[str, pl.DataFrame]]:
    """The pieces with the parents they lack, and those parents apart (by record, where any).

    A parent holds its key only; its source row and rule are those of its first child.
    """
    found, made = dict(pieces), {}
    for parent, children, namers in PARENTS:
        key = natural_key(parent)
        unknown = _unknown(pl.concat(found[child].named(key) for child in namers), found[parent].named(key)).unique()
        if unknown.is_empty():
            continue
        told = [*key, *(name for name in PROVENANCE if name in found[parent].groups.columns)]
        needed = pl.concat(_of_persons(found[child], told, unknown["patient_key"]) for child in children)
        hers = needed.join(unknown, on=key, how="semi", nulls_equal=True).sort("trust", "source_row_id", "rule")
        lacking = hers.unique(key, keep="first", maintain_order=True)
        made[parent] = lacking
        found[parent] = Arranged([*found[parent].alone, lacking], found[parent].groups)
    return found, made


def _of_persons(pieces: Arranged, columns: Sequence[str], persons: pl.Series) -> pl.DataFrame:
    """Some columns of the pieces of a few persons, picked from each frame: most columns are constant there, and not when stacked."""
    is_hers = pl.col("patient_key").is_in(persons.implode())
    return pl.concat([frame.select(columns).filter(is_hers) for frame in (*pieces.alone, pieces.groups)])


def _unknown(asked: pl.DataFrame, known: pl.DataFrame) -> pl.DataFrame:
    """The keys of `asked` that `known` lacks. Most tumours are the first of their person: those are looked up by the person alone."""
    person, *number = known.columns
    if not number:
        return asked.filter(~pl.col(person).is_in(known[person].implode()))
    first = pl.col(number).eq_missing(1)
    # one column alone is looked up quicker than it is joined
    firsts = known.filter(first)[person].implode()
    return pl.concat(
        [
            asked.filter(first & ~pl.col(person).is_in(firsts)),
            asked.filter(~first).join(known.filter(~first), on=known.columns, how="anti"),
        ]
    )
