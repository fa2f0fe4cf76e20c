"""Records of one person and one tumour brought together (DESIGN 4, stage link).

One row per natural key comes out: persons found behind their numbers, tumours and events of several sources matched, partial
records merged in the order of trust, components numbered, missing parents made, dates on anchors resolved, stages derived.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

import polars as pl

from etl.linking.anchors import resolve
from etl.linking.field_counts import counted_fields, counts_of
from etl.linking.findings import checked
from etl.linking.merging import arranged
from etl.linking.numbering import numbers_of
from etl.linking.parents import with_parents
from etl.linking.persons import Persons, link_persons
from etl.linking.report import file_names, linkage_report
from etl.linking.tumour_stage import staged
from etl.linking.whole_records import PLACE, brought, of_each
from etl.normalise.result import CORRECTED, Normalised
from schemas.core.frames import EDIT_COUNTS, FINDINGS, LEDGER, stack
from schemas.findings import SAID_OF_RECORDS
from schemas.items import identity
from schemas.linkage import SURVIVORSHIP, Linkage, Rule
from schemas.staging import own_columns
from schemas.vocabulary import Vocabularies

ALONE = Linkage()
FOUND = ["edit", "record", "source_key", "source_row", "columns"]


@dataclass(frozen=True)
class Linked:
    """One row per natural key in each frame of `records`, with its keys and the source row that carries it.

    `lineage` has one row per delivered piece, `counts` the outcomes of the linking checks, `ledger` the records of stage link
    (with the parents that were made, as records their children's rows deliver). `moved`: numbers that are not that of their
    person (MOVED). `linkage`: one row per merge of persons, tumours, events and treatments, with its evidence.
    `counted`: how many records of each source a field concerns, and in how many it is known (COUNTED). `earlier`: the pieces of which a
    rule of survivorship kept another's word, with the columns (PLACE). `said`: what findings about records without a key, and about the
    numbers of persons, are told by.
    """

    records: dict[str, pl.DataFrame]
    lineage: pl.DataFrame
    findings: pl.DataFrame
    counts: pl.DataFrame
    ledger: pl.DataFrame
    moved: pl.DataFrame
    linkage: pl.DataFrame
    counted: pl.DataFrame
    earlier: pl.DataFrame = field(default_factory=lambda: pl.DataFrame(schema=PLACE))
    said: pl.DataFrame = field(default_factory=lambda: pl.DataFrame(schema=SAID_OF_RECORDS))


def link(
    parts: Sequence[Normalised],
    linkage: Linkage = ALONE,
    survivorship: Mapping[str, Rule] = SURVIVORSHIP,
    vocabularies: Vocabularies | None = None,
    *,
    persons: Persons | None = None,
    spend: bool = False,
    key: bytes | None = None,
) -> Linked:
    """Link what all files delivered, in the order of delivery.

    `spend`: the pieces are most of the memory and are dropped on the way; `parts` have no records afterwards.

    Persons are found by their pseudonym, which is the linkage on `patient_id`, and by what `linkage` declares beside it, unless
    `persons` says who they are.
    `vocabularies` hold the stage groups by which a stage is derived. `key`: the registry's, with which what contradicts each other is
    hashed; without one nothing is.
    """
    persons = persons or link_persons(parts, linkage, key)
    files, names = file_names(parts), persons.names
    found = numbers_of(parts, persons.moved, linkage, spend=spend)
    together = of_each(lambda name: arranged(name, found.pieces.pop(name)))
    with ThreadPoolExecutor(1, "beside") as thread:  # what nothing else waits for
        counted = thread.submit(counted_fields, counts_of(together, [part.source for part in parts]))
        report = thread.submit(linkage_report, files, names, persons, found.told)
        together, made = with_parents(together)
        whole = brought(together, survivorship, names, _changed(parts), key)
    resolved = resolve(whole.records)
    records = {**resolved.records, "tumour": staged(resolved.records["tumour"], vocabularies)}
    checks = checked(found, whole, resolved, made, key)
    return Linked(
        {name: frame.select(*_columns(name)) for name, frame in records.items()},
        whole.lineage,
        stack([*checks.findings, persons.told.findings], FINDINGS).sort(FOUND),
        stack([*checks.counts, persons.told.counts], EDIT_COUNTS),
        _ledger(whole.told, made),
        persons.moved,
        report.result(),
        counted.result(),
        whole.earlier,
        pl.concat([*checks.said, persons.told.said]),
    )


def _changed(parts: Sequence[Normalised]) -> pl.DataFrame:
    """The records that a correction changed: kind, source row and rule."""
    changed = stack((part.corrected for part in parts), CORRECTED).filter(pl.col("record").is_not_null())
    return changed.select(pl.col("record").cast(pl.Categorical), "source_row_id", pl.col("rule").cast(pl.Categorical)).unique()


def _columns(record: str) -> list[str]:
    tumour = ["tumour_key"] if "tumour_no" in identity(record) else []
    return [*own_columns(record), "record_key", "patient_key", *tumour, "source_row_id", "source_file"]


def _ledger(told: pl.DataFrame, made: Mapping[str, pl.DataFrame]) -> pl.DataFrame:
    """Records of stage link by file and fate. Parents that were made open the account as records their children's rows imply."""
    linked = told.group_by("source_file", "fate").agg(pl.col("n").sum()).with_columns(stage=pl.lit("link"), reason=pl.lit(""))
    implied = pl.concat(
        [linked.select("source_file").clear(), *(frame.select(pl.col("source_file").cast(pl.String)) for frame in made.values())]
    )
    implied_lines = implied.group_by("source_file").agg(n=pl.len().cast(pl.Int64)).with_columns(
        stage=pl.lit("normalise"), fate=pl.lit("goes_on"), reason=pl.lit("implied_parent")
    )  # fmt: skip
    lines = pl.concat([linked, implied_lines], how="diagonal").with_columns(unit=pl.lit("record"))
    return stack([lines], LEDGER).sort(list(LEDGER))
