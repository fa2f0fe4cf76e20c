"""Records of one person and one tumour brought together (DESIGN 4, stage link).

One row per natural key comes out: partial records merged in the order of trust, components numbered, missing parents made,
dates on anchors resolved, stages derived.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import polars as pl

from etl.link_anchors import resolve
from etl.link_components import number
from etl.link_merge import merge
from etl.link_occurrences import numbered
from etl.link_parents import with_parents
from etl.link_stage import staged
from etl.normalise.result import Normalised, delivered_schema
from schemas.core.frames import EDIT_COUNTS, FINDINGS, LEDGER, LINEAGE, stack
from schemas.core.ids import ROW_BITS, keyed
from schemas.items import RECORDS, identity, polars_schema
from schemas.reading_edits import counts, findings

FOUND = ["edit", "record", "source_key", "source_row", "columns"]
PIECES = ("record_key", "patient_key", "source_row_id", "source_key", "source_row", "source_file", "rule", "fate", "conflicts")


@dataclass(frozen=True)
class Linked:
    """One row per natural key in each frame of `records`, with its keys and the source row that carries it.

    `lineage` has one row per delivered piece, `counts` the outcomes of the linking checks, `ledger` the records of stage link
    (with the parents that were made, as records their children's rows deliver).
    """

    records: dict[str, pl.DataFrame]
    lineage: pl.DataFrame
    findings: pl.DataFrame
    counts: pl.DataFrame
    ledger: pl.DataFrame


def link(parts: Sequence[Normalised]) -> Linked:
    """Link what all files delivered, in the order of delivery.

    Persons are found by their pseudonym, which is the linkage on `patient_id`.
    """
    pieces = {name: numbered(name, _stacked(name, [part.records[name] for part in parts])) for name in RECORDS}
    components = number(pieces["treatment"])
    pieces["treatment"] = components.pieces
    pieces, made = with_parents(pieces)
    placed = {name: _placed(name, frame) for name, frame in pieces.items()}
    merged = {name: merge(name, frame) for name, frame in placed.items()}
    resolved = resolve({name: one.records for name, one in merged.items()})
    records = _with_tumour({**resolved.records, "tumour": staged(resolved.records["tumour"])})
    fates = pl.concat(_fates(name, one.pieces) for name, one in merged.items())
    found = {
        "LINK-CONFLICT": fates.filter(pl.col("conflicts").is_not_null()).rename({"conflicts": "columns"}),
        "LINK-AXES": resolved.contradictions,
        "LINK-COMPONENT": _located("treatment", components.several),
        "LINK-PARENT": pl.concat([_located(name, made[name]) for name in made]) if made else fates.clear(),
    }
    return Linked(
        {name: frame.select(*_columns(name)) for name, frame in records.items()},
        _lineage(fates),
        stack([findings(frame, edit) for edit, frame in found.items()], FINDINGS).sort(FOUND),
        _counted(found, fates, components.asked, resolved.judged, placed),
        _ledger(fates, made),
    )


def _stacked(record: str, frames: Sequence[pl.DataFrame]) -> pl.DataFrame:
    """The pieces of one record from all files, `delivery` being the place of the file among them."""
    schema = delivered_schema(record)
    placed = [frame.select(schema.keys()).with_columns(delivery=pl.lit(place, pl.Int32)) for place, frame in enumerate(frames)]
    return pl.concat(placed) if placed else pl.DataFrame(schema={**schema, "delivery": pl.Int32})


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
