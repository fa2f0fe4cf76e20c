"""What the checks of linking found: contradictions, axes that disagree, components and tumours that fit several, implied parents."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import polars as pl

from etl.linking.anchors import Resolved
from etl.linking.finding_names import named as named_by
from etl.linking.numbering import Numbers
from etl.linking.pieces import natural_key
from etl.linking.whole_records import PLACE, Brought
from schemas.core.frames import EDIT_COUNTS, stack
from schemas.core.ids import keys_within, located
from schemas.items import identity
from schemas.reading_edits import counts, findings
from validations.fingerprint import of_linkage
from validations.report.registry_measures import CONFLICT


@dataclass(frozen=True)
class Checked:
    """`findings`: FINDINGS, frames of one check each. `counts`: EDIT_COUNTS. `said` (SAID_OF_RECORDS): what findings about records
    without a key are told by."""

    findings: list[pl.DataFrame]
    counts: list[pl.DataFrame]
    said: list[pl.DataFrame]


def checked(numbers: Numbers, whole: Brought, resolved: Resolved, made: Mapping[str, pl.DataFrame], key: bytes | None) -> Checked:
    """Every check of linking with its findings and outcomes; `made`: the parents that were missing, by kind of record."""
    found = {
        CONFLICT: whole.conflicts,
        "LINK-AXES": resolved.contradictions.with_columns(fingerprint=of_linkage("LINK-AXES", resolved.compared, key)),
        "LINK-COMPONENT": _placed("treatment", numbers.components.several),
        "LINK-PARENT": pl.concat([pl.DataFrame(schema=PLACE), *(_placed(name, made[name]) for name in made)]),
    }
    doubtful, unclear = _doubtful(numbers.told), numbers.apart.unclear
    told = [_counted(found, whole.told, numbers.components.asked, resolved.judged)]
    if numbers.compared is not None:
        told.append(_outcomes("LINK-TUMOUR", doubtful, max(numbers.compared, doubtful.height)))
    if numbers.apart.asked:
        told.append(_outcomes("LINK-BELONGS", unclear, numbers.apart.asked))
    noted = [findings(frame, edit) for edit, frame in found.items()]
    noted += [findings(doubtful, "LINK-TUMOUR"), findings(located(unclear).with_columns(columns=pl.lit("tumour_no")), "LINK-BELONGS")]
    return Checked(noted, told, [named_by(numbers.doubted, "LINK-TUMOUR", key), named_by(unclear, "LINK-BELONGS", key)])


def _doubtful(renumbered: pl.DataFrame) -> pl.DataFrame:
    """What fits several things of another source, and where it stands."""
    left_apart = located(renumbered.filter(pl.col("outcome") == "doubtful"))
    return left_apart.select("record", "patient_key", "source_key", "source_row", columns=pl.lit(""))


def _placed(record: str, pieces: pl.DataFrame) -> pl.DataFrame:
    """Where the pieces stand: what a finding needs to know of them."""
    named = pieces.select(*natural_key(record), "source_row_id")
    told = located(named.with_columns(keys_within(named["patient_key"], named, identity(record)[1:]).alias("record_key")))
    return told.with_columns(record=pl.lit(record), columns=pl.lit(" ".join(identity(record)))).select(PLACE.keys())


def _counted(found: Mapping[str, pl.DataFrame], told: pl.DataFrame, asked: int, judged: int) -> pl.DataFrame:
    """Outcomes of the linking checks: the denominators are merged pieces, dates on both axes, components asked for, parents."""
    of = dict(told.group_by("record").agg(pl.col("n").sum()).iter_rows())
    merged = int(told.filter(pl.col("fate") != "goes_on")["n"].sum())
    parents = of.get("patient", 0) + of.get("tumour", 0)
    concerned = {CONFLICT: (merged, sum(of.values())), "LINK-AXES": (judged, judged), "LINK-COMPONENT": (asked, of.get("treatment", 0))}
    concerned["LINK-PARENT"] = (parents, parents)
    return stack([_outcomes(edit, frame, *concerned[edit]) for edit, frame in found.items()], EDIT_COUNTS)


def _outcomes(edit: str, violated: pl.DataFrame, judged: int, records: int | None = None) -> pl.DataFrame:
    """The counts of one check: of all `records` those it concerns were `judged`; None: it concerns every one it asks."""
    others = 0 if records is None else records - judged
    return counts(edit, violated=violated.height, satisfied=judged - violated.height, not_applicable=others)
