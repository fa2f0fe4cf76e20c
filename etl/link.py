"""Records of one person and one tumour brought together (DESIGN 4, stage link).

One row per natural key comes out: persons found behind their numbers, tumours and events of several sources matched, partial
records merged in the order of trust, components numbered, missing parents made, dates on anchors resolved, stages derived.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

import polars as pl

from etl.link_anchors import resolve
from etl.link_apart import numbered_apart
from etl.link_brought import PLACE, brought, of_each
from etl.link_components import Numbered, number
from etl.link_fields import counted_fields, counts_of
from etl.link_match import ORIGIN
from etl.link_merge import arranged
from etl.link_named import named as named_by
from etl.link_numbers import renumber
from etl.link_occurrences import numbered
from etl.link_parents import with_parents
from etl.link_persons import Persons, link_persons
from etl.link_pieces import natural_key
from etl.link_report import file_names, linkage_report
from etl.link_stage import staged
from etl.link_taken import pieces_of, pieces_taken
from etl.normalise.delivered import stacked
from etl.normalise.result import CORRECTED, Normalised
from schemas.core.frames import EDIT_COUNTS, FINDINGS, LEDGER, stack
from schemas.core.ids import keys_within, located
from schemas.findings import SAID_OF_RECORDS
from schemas.items import RECORDS, identity
from schemas.linkage import SURVIVORSHIP, Linkage, Rule
from schemas.reading_edits import counts, findings
from schemas.staging import own_columns
from schemas.vocabulary import Vocabularies
from validations.fingerprint import of_linkage
from validations.report.registry_measures import CONFLICT

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
    files = file_names(parts)
    is_local = linkage.tumours.numbers == "local"
    pieces = of_each(lambda name: pieces_of(name, pieces_taken(name, parts, spend=spend), persons.moved, is_local=is_local))
    apart = numbered_apart(pieces, linkage.tumours.same_within_days, ORIGIN if is_local else ())
    within = ["source"] if is_local else []
    given = of_each(lambda name: _numbered(name, apart.pieces.pop(name), within))
    several, asked = given["treatment"].several, given["treatment"].asked
    pieces = {name: given.pop(name).pieces for name in RECORDS}
    renumbered, compared, doubted = apart.told, apart.tumours, apart.doubted
    if is_local:
        found_ = renumber({name: stacked(frames) for name, frames in pieces.items()}, linkage)
        pieces, renumbered = {name: [frame] for name, frame in found_.pieces.items()}, pl.concat([renumbered, found_.told])
        compared += found_.judged
        doubted = pl.concat([doubted, found_.doubted])
        del found_
    together = of_each(lambda name: arranged(name, pieces.pop(name)))
    names = persons.names
    with ThreadPoolExecutor(1, "beside") as thread:  # what nothing else waits for
        counted = thread.submit(counted_fields, counts_of(together, [part.source for part in parts]))
        report = thread.submit(linkage_report, files, names, persons, renumbered)
        together, made = with_parents(together)
        whole = brought(together, survivorship, names, _changed(parts), key)
    resolved = resolve(whole.records)
    records = {**resolved.records, "tumour": staged(resolved.records["tumour"], vocabularies)}
    found = {
        CONFLICT: whole.conflicts,
        "LINK-AXES": resolved.contradictions.with_columns(fingerprint=of_linkage("LINK-AXES", resolved.compared, key)),
        "LINK-COMPONENT": _located("treatment", several),
        "LINK-PARENT": pl.concat([pl.DataFrame(schema=PLACE), *(_located(name, made[name]) for name in made)]),
    }
    doubtful = _doubtful(renumbered)
    told = [_counted(found, whole.told, asked, resolved.judged), persons.told.counts]
    if is_local or compared:
        told.append(counts("LINK-TUMOUR", violated=doubtful.height, satisfied=max(compared - doubtful.height, 0), not_applicable=0))
    if apart.asked:
        certain = apart.asked - apart.unclear.height
        told.append(counts("LINK-BELONGS", violated=apart.unclear.height, satisfied=certain, not_applicable=0))
    unclear = located(apart.unclear).with_columns(columns=pl.lit("tumour_no"))
    noted = [*(findings(frame, edit) for edit, frame in found.items()), persons.told.findings]
    noted += [findings(doubtful, "LINK-TUMOUR"), findings(unclear, "LINK-BELONGS")]
    return Linked(
        {name: frame.select(*_columns(name)) for name, frame in records.items()},
        whole.lineage,
        stack(noted, FINDINGS).sort(FOUND),
        stack(told, EDIT_COUNTS),
        _ledger(whole.told, made),
        persons.moved,
        report.result(),
        counted.result(),
        whole.earlier,
        pl.concat([named_by(doubted, "LINK-TUMOUR", key), named_by(apart.unclear, "LINK-BELONGS", key), persons.told.said]),
    )


def _numbered(record: str, pieces: list[pl.DataFrame], within: Sequence[str]) -> Numbered:
    """The pieces of one kind of record with the numbers that their contracts do not give."""
    told = numbered(record, pieces)
    return number(told, within) if record == "treatment" else Numbered(told)


def _doubtful(renumbered: pl.DataFrame) -> pl.DataFrame:
    """What fits several things of another source, and where it stands."""
    left_apart = located(renumbered.filter(pl.col("outcome") == "doubtful"))
    return left_apart.select("record", "patient_key", "source_key", "source_row", columns=pl.lit(""))


def _changed(parts: Sequence[Normalised]) -> pl.DataFrame:
    """The records that a correction changed: kind, source row and rule."""
    changed = stack((part.corrected for part in parts), CORRECTED).filter(pl.col("record").is_not_null())
    return changed.select(pl.col("record").cast(pl.Categorical), "source_row_id", pl.col("rule").cast(pl.Categorical)).unique()


def _columns(record: str) -> list[str]:
    tumour = ["tumour_key"] if "tumour_no" in identity(record) else []
    return [*own_columns(record), "record_key", "patient_key", *tumour, "source_row_id", "source_file"]


def _located(record: str, pieces: pl.DataFrame) -> pl.DataFrame:
    """Where the pieces stand: what a finding needs to know of them."""
    named = pieces.select(*natural_key(record), "source_row_id")
    told = located(named.with_columns(keys_within(named["patient_key"], named, identity(record)[1:]).alias("record_key")))
    return told.with_columns(record=pl.lit(record), columns=pl.lit(" ".join(identity(record)))).select(PLACE.keys())


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


def _counted(found: Mapping[str, pl.DataFrame], told: pl.DataFrame, asked: int, judged: int) -> pl.DataFrame:
    """Outcomes of the linking checks: the denominators are merged pieces, dates on both axes, components asked for, parents."""
    of = dict(told.group_by("record").agg(pl.col("n").sum()).iter_rows())
    merged = int(told.filter(pl.col("fate") != "goes_on")["n"].sum())
    parents = of.get("patient", 0) + of.get("tumour", 0)
    totals = {CONFLICT: (merged, sum(of.values())), "LINK-AXES": (judged, judged), "LINK-COMPONENT": (asked, of.get("treatment", 0))}
    totals["LINK-PARENT"] = (parents, parents)
    return stack(
        [
            counts(edit, violated=frame.height, satisfied=totals[edit][0] - frame.height, not_applicable=totals[edit][1] - totals[edit][0])
            for edit, frame in found.items()
        ],
        EDIT_COUNTS,
    )
