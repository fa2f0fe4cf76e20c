"""Records of one person and one tumour brought together (DESIGN 4, stage link).

One row per natural key comes out: persons found behind their numbers, tumours and events of several sources matched, partial
records merged in the order of trust, components numbered, missing parents made, dates on anchors resolved, stages derived.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import polars as pl

from etl.link_anchors import resolve
from etl.link_components import Numbered, number
from etl.link_merge import merge
from etl.link_numbers import RENUMBERED, renumber
from etl.link_occurrences import numbered
from etl.link_parents import with_parents
from etl.link_persons import link_persons, moved_to
from etl.link_report import linkage_report
from etl.link_stage import staged
from etl.normalise.result import CORRECTED, Normalised, delivered_schema
from schemas.core.frames import EDIT_COUNTS, FINDINGS, LEDGER, LINEAGE, stack
from schemas.core.ids import ROW_BITS, keyed
from schemas.items import RECORDS, identity, polars_schema
from schemas.linkage import SURVIVORSHIP, Linkage, Rule
from schemas.reading_edits import counts, findings
from schemas.vocabulary import Vocabularies

ALONE = Linkage()
ADDED = {"delivery": pl.Int32, "source": pl.String, "own_key": pl.Int64}
FOUND = ["edit", "record", "source_key", "source_row", "columns"]
PIECES = ("record_key", "patient_key", "source_row_id", "source_key", "source_row", "source_file", "rule", "fate", "conflicts")


@dataclass(frozen=True)
class Linked:
    """One row per natural key in each frame of `records`, with its keys and the source row that carries it.

    `lineage` has one row per delivered piece, `counts` the outcomes of the linking checks, `ledger` the records of stage link
    (with the parents that were made, as records their children's rows deliver). `moved`: numbers that are not that of their
    person (MOVED). `linkage`: one row per merge of persons, tumours, events and treatments, with its evidence.
    """

    records: dict[str, pl.DataFrame]
    lineage: pl.DataFrame
    findings: pl.DataFrame
    counts: pl.DataFrame
    ledger: pl.DataFrame
    moved: pl.DataFrame
    linkage: pl.DataFrame


def link(
    parts: Sequence[Normalised],
    linkage: Linkage = ALONE,
    survivorship: Mapping[str, Rule] = SURVIVORSHIP,
    vocabularies: Vocabularies | None = None,
) -> Linked:
    """Link what all files delivered, in the order of delivery.

    Persons are found by their pseudonym, which is the linkage on `patient_id`, and by what `linkage` declares beside it.
    `vocabularies` hold the stage groups by which a stage is derived.
    """
    persons = link_persons(parts, linkage)
    pieces = {name: numbered(name, _unkeyed(moved_to(_stacked(name, parts), persons.moved))) for name in RECORDS}
    is_local = linkage.tumours.numbers == "local"
    components = _components(pieces["treatment"], is_local=is_local)
    pieces["treatment"] = components.pieces
    renumbered, compared = pl.DataFrame(schema=RENUMBERED), 0
    if is_local:
        found_ = renumber(pieces, linkage)
        pieces, renumbered, compared = found_.pieces, found_.told, found_.judged
    pieces, made = with_parents(pieces)
    placed = {name: _placed(name, frame) for name, frame in pieces.items()}
    merged = {name: merge(name, frame, survivorship) for name, frame in placed.items()}
    resolved = resolve({name: one.records for name, one in merged.items()})
    records = _with_tumour({**resolved.records, "tumour": staged(resolved.records["tumour"], vocabularies)})
    fates = pl.concat(_fates(name, one.pieces) for name, one in merged.items())
    found = {
        "LINK-CONFLICT": fates.filter(pl.col("conflicts").is_not_null()).rename({"conflicts": "columns"}),
        "LINK-AXES": resolved.contradictions,
        "LINK-COMPONENT": _located("treatment", components.several),
        "LINK-PARENT": pl.concat([_located(name, made[name]) for name in made]) if made else fates.clear(),
    }
    doubtful = _doubtful(renumbered)
    told = [_counted(found, fates, components.asked, resolved.judged, placed), persons.counts]
    if is_local:
        told.append(counts("LINK-TUMOUR", violated=doubtful.height, satisfied=max(compared - doubtful.height, 0), not_applicable=0))
    noted = [*(findings(frame, edit) for edit, frame in found.items()), persons.findings, findings(doubtful, "LINK-TUMOUR")]
    return Linked(
        {name: frame.select(*_columns(name)) for name, frame in records.items()},
        pl.concat([_lineage(fates), _corrected(fates, parts)]),
        stack(noted, FINDINGS).sort(FOUND),
        stack(told, EDIT_COUNTS),
        _ledger(fates, made),
        persons.moved,
        linkage_report(parts, persons, renumbered),
    )


def _stacked(record: str, parts: Sequence[Normalised]) -> pl.DataFrame:
    """The pieces of one record from all files, `delivery` being the place of the file among them, `own_key` the number it gives."""
    schema = delivered_schema(record)
    placed = [
        part.records[record].select(schema.keys()).with_columns(
            delivery=pl.lit(place, pl.Int32), source=pl.lit(part.source), own_key="patient_key"
        )
        for place, part in enumerate(parts)
    ]  # fmt: skip
    return pl.concat(placed) if placed else pl.DataFrame(schema={**schema, **ADDED})


def _unkeyed(pieces: pl.DataFrame) -> pl.DataFrame:
    """The pieces without their key where the person behind the number is another than the file says."""
    return pieces.with_columns(record_key=pl.when(pl.col("patient_key") == pl.col("own_key")).then("record_key"))


def _components(treatments: pl.DataFrame, *, is_local: bool) -> Numbered:
    """Components that name each other by a property: over all sources, or within each where the numbers are its own."""
    if not is_local or treatments["same_by"].null_count() == treatments.height:
        return number(treatments)
    parts = [number(treatments.filter(pl.col("source") == source)) for source in treatments["source"].unique().sort()]
    return Numbered(pl.concat(p.pieces for p in parts), pl.concat(p.several for p in parts), sum(p.asked for p in parts))


def _doubtful(renumbered: pl.DataFrame) -> pl.DataFrame:
    """What fits several things of another source, and where it stands."""
    rows = pl.col("source_row_id")
    left_apart = renumbered.filter(pl.col("outcome") == "doubtful")
    return left_apart.select(
        "record", "patient_key", source_key=rows // (1 << ROW_BITS), source_row=rows % (1 << ROW_BITS), columns=pl.lit("")
    )


def _corrected(fates: pl.DataFrame, parts: Sequence[Normalised]) -> pl.DataFrame:
    """One row per record that a correction changed and source row where it did (LINEAGE)."""
    changed = stack((part.corrected for part in parts), CORRECTED).filter(pl.col("record").is_not_null())
    by = ["record", "source_row_id", "rule"]
    found = fates.join(changed.select(by).unique(), on=by, how="semi")
    return found.with_columns(step=pl.lit("corrected")).select(LINEAGE.keys()).unique(maintain_order=True)


def _placed(record: str, pieces: pl.DataFrame) -> pl.DataFrame:
    """The pieces with their own key, where it was still to be found, and the physical row they come from."""
    lacking = pieces["record_key"].is_null()
    if lacking.any():
        named = keyed(pieces.filter(lacking).drop("record_key"), "record_key", identity(record)).select(pieces.columns)
        pieces = pl.concat([pieces.filter(~lacking), named])
    rows = pl.col("source_row_id")
    return pieces.with_columns(source_key=rows // (1 << ROW_BITS), source_row=rows % (1 << ROW_BITS))


def _with_tumour(records: Mapping[str, pl.DataFrame]) -> dict[str, pl.DataFrame]:
    """The records with the key of their tumour, where they belong to one; after linking every tumour has its record."""
    on = ["patient_key", "tumour_no"]
    tumours = records["tumour"].select(*on, tumour_key="record_key")
    return {
        name: frame.join(tumours, on=on, how="left", maintain_order="left") if "tumour_no" in identity(name) else frame
        for name, frame in records.items()
    }


def _columns(record: str) -> list[str]:
    tumour = ["tumour_key"] if "tumour_no" in identity(record) else []
    return [*polars_schema(record), "record_key", "patient_key", *tumour, "source_row_id", "source_key", "source_row", "source_file"]


def _located(record: str, pieces: pl.DataFrame) -> pl.DataFrame:
    """Where the pieces stand: what a finding needs to know of them."""
    place = ["record_key", "patient_key", "source_key", "source_row"]
    return _placed(record, pieces).select(pl.lit(record).alias("record"), *place, pl.lit(" ".join(identity(record))).alias("columns"))


def _fates(record: str, pieces: pl.DataFrame) -> pl.DataFrame:
    """One row per piece of one record: what became of it."""
    return pieces.select(pl.lit(record).alias("record"), *PIECES)


def _lineage(fates: pl.DataFrame) -> pl.DataFrame:
    step = pl.when(pl.col("fate") == "goes_on").then(pl.lit("delivered")).otherwise(pl.lit("merged"))
    return fates.with_columns(step=step).select(LINEAGE.keys())


def _ledger(fates: pl.DataFrame, made: Mapping[str, pl.DataFrame]) -> pl.DataFrame:
    """Records of stage link by file and fate. Parents that were made open the account as records their children's rows imply."""
    linked = fates.group_by("source_file", "fate").agg(n=pl.len()).with_columns(stage=pl.lit("link"), reason=pl.lit(""))
    implied = [frame.select("source_file") for frame in made.values()]
    opened = pl.concat(implied) if implied else fates.select("source_file").clear()
    implied_lines = opened.group_by("source_file").agg(n=pl.len()).with_columns(
        stage=pl.lit("normalise"), fate=pl.lit("goes_on"), reason=pl.lit("implied_parent")
    )  # fmt: skip
    lines = pl.concat([linked, implied_lines], how="diagonal").with_columns(unit=pl.lit("record"))
    return stack([lines], LEDGER).sort(list(LEDGER))


def _counted(
    found: Mapping[str, pl.DataFrame], fates: pl.DataFrame, asked: int, judged: int, placed: Mapping[str, pl.DataFrame],
) -> pl.DataFrame:  # fmt: skip
    """Outcomes of the linking checks: the denominators are merged pieces, dates on both axes, components asked for, parents."""
    merged = fates.filter(pl.col("fate") != "goes_on").height
    parents = placed["patient"].height + placed["tumour"].height
    totals = {"LINK-CONFLICT": (merged, fates.height), "LINK-AXES": (judged, judged), "LINK-COMPONENT": (asked, placed["treatment"].height)}
    totals["LINK-PARENT"] = (parents, parents)
    return stack(
        [
            counts(edit, violated=frame.height, satisfied=totals[edit][0] - frame.height, not_applicable=totals[edit][1] - totals[edit][0])
            for edit, frame in found.items()
        ],
        EDIT_COUNTS,
    )
