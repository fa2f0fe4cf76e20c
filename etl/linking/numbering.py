"""The numbers that the records of a run lack, given before they are brought together: tumours, events and treatments."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import polars as pl

from etl.linking.components import Numbered, number
from etl.linking.delivered_pieces import pieces_of, pieces_taken
from etl.linking.matching import ORIGIN
from etl.linking.occurrences import numbered
from etl.linking.own_numbers import renumber
from etl.linking.tumour_numbers import Apart, numbered_apart
from etl.linking.whole_records import of_each
from etl.normalise.delivered import stacked
from etl.normalise.result import Normalised
from schemas.items import RECORDS
from schemas.linkage import Linkage


@dataclass(frozen=True)
class Numbers:
    """`pieces`: what the files delivered, by kind of record, every piece with its numbers; emptied by who goes on with them.

    `told` (RENUMBERED) and `doubted` (DOUBTED): tumours that were given the number of another source, and those that fit several; of the
    `compared` ones, None where no tumour could be. `apart`: records that name no tumour. `components`: treatments that fitted several.
    """

    pieces: dict[str, list[pl.DataFrame]]
    told: pl.DataFrame
    doubted: pl.DataFrame
    compared: int | None
    apart: Apart
    components: Numbered


def numbers_of(parts: Sequence[Normalised], moved: pl.DataFrame, linkage: Linkage, *, spend: bool) -> Numbers:
    """Number what all files delivered; `moved` (MOVED): numbers that are not that of their person. `spend`: `parts` are emptied."""
    is_local = linkage.tumours.numbers == "local"
    apart = numbered_apart(
        of_each(lambda name: pieces_of(name, pieces_taken(name, parts, spend=spend), moved, is_local=is_local)),
        linkage.tumours.same_within_days,
        ORIGIN if is_local else (),
    )
    given = of_each(lambda name: _numbered(name, apart.pieces.pop(name), ["source"] if is_local else []))
    components = Numbered([], given["treatment"].several, given["treatment"].asked)
    pieces = {name: given.pop(name).pieces for name in RECORDS}
    if not is_local:
        return Numbers(pieces, apart.told, apart.doubted, apart.tumours or None, apart, components)
    whole = renumber({name: stacked(frames) for name, frames in pieces.items()}, linkage)
    return Numbers(
        {name: [frame] for name, frame in whole.pieces.items()},
        pl.concat([apart.told, whole.told]),
        pl.concat([apart.doubted, whole.doubted]),
        apart.tumours + whole.judged,
        apart,
        components,
    )


def _numbered(record: str, pieces: list[pl.DataFrame], within: Sequence[str]) -> Numbered:
    """The pieces of one kind of record with the numbers that their contracts do not give."""
    told = numbered(record, pieces)
    return number(told, within) if record == "treatment" else Numbered(told)
