"""Which rows of which files the findings of the work list are about: both sides of a contradiction, each record that an edit compares."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

import polars as pl

from schemas.core.frames import stack
from schemas.core.ids import keyed, located
from schemas.derived import of_cells
from validations.concerned import Concerned, concerned
from validations.edit import Edit
from validations.fates import tumour_of
from validations.route import Routed

# One row per record of the persons concerned, loaded or not; `tumour_key` is null where it belongs to the person alone;
# `type`: the kind of event, or the marker, else null.
PEOPLE = {"record": pl.String, "record_key": pl.Int64, "patient_key": pl.Int64, "tumour_key": pl.Int64, "type": pl.String}
TYPES = {"event": "event_type_code", "biomarker": "marker_code"}
# One row per finding, record and row of a file that delivers a record it is about. `is_own`: the record that the finding stands on.
PLACES = {
    "finding_id": pl.String, "record": pl.String, "record_key": pl.Int64, "is_own": pl.Boolean, "source_key": pl.Int64,
    "source_row": pl.Int64, "rule": pl.String,
}  # fmt: skip
# Findings of the linkage that are about other records of the person, with the columns that tell them apart.
HER_NUMBERS = Concerned(others=(("patient", "patient_pseudonym"),))
HER_TUMOURS = Concerned(others=tuple(("tumour", column) for column in ("tumour_no", "laterality_code", "diagnosis", "topography_code")))
OF_LINKAGE = {"LINK-NUMBERS": HER_NUMBERS, "LINK-IDENTITY": HER_NUMBERS, "LINK-TUMOUR": HER_TUMOURS, "LINK-BELONGS": HER_TUMOURS}
# `column` or, of a contradiction, `column(file:row)` with the row that says what was kept; a file's name may hold anything.
COLUMN = re.compile(r"(\w+)(?:\((.*?):(\d+)\))?(?= |$)")


def asked(edits: Iterable[Edit], codes: Iterable[str]) -> dict[str, Concerned]:
    """What each of these codes compares; one that no compiled edit has, and the linkage says nothing of, is left out."""
    wanted = set(codes)
    return OF_LINKAGE | {edit.edit: _of_cells(edit.record, concerned(edit)) for edit in edits if edit.edit in wanted}


def _of_cells(record: str, says: Concerned) -> Concerned:
    """The same in columns that cells make."""
    own = tuple(dict.fromkeys(cell for column in says.own for cell in of_cells(record, column)))
    others = tuple(dict.fromkeys((kind, cell) for kind, column in says.others for cell in of_cells(kind, column)))
    return Concerned(own, others, says.types)


def columns_named(columns: str | None) -> tuple[str, ...]:
    """The columns that a finding names, without what follows them in brackets."""
    return tuple(dict.fromkeys(match[1] for match in COLUMN.finditer(columns or "")))


def people(rows: pl.DataFrame, others: pl.DataFrame, routed: Routed) -> pl.DataFrame:
    """The records of everybody whom the findings are about, loaded or not (PEOPLE). `others` as `other_persons` gives them."""
    wanted = pl.concat([rows["patient_key"], others["patient_key"]]).drop_nulls().unique().implode()
    parts = [
        frame.filter(pl.col("patient_key").is_in(wanted)).select(
            "record_key",
            "patient_key",
            record=pl.lit(name),
            tumour_key=tumour_of(name, frame),
            type=pl.col(TYPES[name]).cast(pl.String) if name in TYPES else pl.lit(None, pl.String),
        )
        for name, frame in routed.records.items()
    ]
    return stack(parts, PEOPLE)


def other_persons(rows: pl.DataFrame, linkage: pl.DataFrame) -> pl.DataFrame:
    """One row per finding about two persons who cannot be one: `finding_id` and the key of the other. `linkage`: linking.report.REPORT."""
    told = linkage.filter(pl.col("record") == "patient", pl.col("outcome") == "conflict", pl.col("patient_pseudonym").is_not_null())
    place = ["source_file", "source_row", "columns"]
    named = keyed(told, "other_key", ("patient_pseudonym",)).select("source_file", "source_row", "other_key", columns="evidence")
    found = rows.filter(pl.col("edit") == "LINK-IDENTITY").select("finding_id", *place).join(named, on=place, how="inner")
    return found.select("finding_id", patient_key="other_key").unique(maintain_order=True)


def places(
    rows: pl.DataFrame, compared: Mapping[str, Concerned], known: pl.DataFrame, others: pl.DataFrame, lineage: pl.DataFrame
) -> pl.DataFrame:
    """PLACES of the findings, her own row first, then by row. `known`: PEOPLE; `others`: as in `people`; lineage: LINEAGE."""
    own = rows.filter(pl.col("record_key").is_not_null()).select("finding_id", "record", "record_key", is_own=pl.lit(value=True))
    records = pl.concat([own, _compared(rows, compared, known, others)]).unique(["finding_id", "record", "record_key"], maintain_order=True)
    keys = records["record_key"].unique().implode()
    pieces = lineage.filter(pl.col("record_key").is_in(keys)).select(
        pl.col("record", "rule").cast(pl.String), "record_key", "source_row_id"
    )
    delivered = located(records.join(pieces.unique(), on=["record", "record_key"], how="inner"))
    told = ("finding_id", "record", "record_key", "source_key", "source_row")
    stands = rows.select(*told, is_own=pl.lit(value=True), rule=pl.lit(None, pl.String))
    here = rows.select("finding_id", at_key="source_key", at_row="source_row")
    found = stack([stands, delivered], PLACES).join(here, on="finding_id", how="left", maintain_order="left")
    is_here = (pl.col("source_key") == pl.col("at_key")) & (pl.col("source_row") == pl.col("at_row"))
    order = [~is_here, ~pl.col("is_own"), pl.col("source_key"), pl.col("source_row"), pl.col("record"), pl.col("rule")]
    return found.sort("finding_id", *order, nulls_last=True).select(PLACES.keys())


def _compared(rows: pl.DataFrame, compared: Mapping[str, Concerned], known: pl.DataFrame, others: pl.DataFrame) -> pl.DataFrame:
    """The other records that the findings are about, of the types that the edit looks at: of the same tumour where both belong to one, else
    of the same person.
    """
    kinds = [
        (edit, kind, type_)
        for edit, says in compared.items()
        for kind in dict.fromkeys(kind for kind, _ in says.others)
        for type_ in says.types_of(kind) or (None,)
    ]
    looked = pl.DataFrame(kinds, schema={"edit": pl.String, "kind": pl.String, "wanted": pl.String}, orient="row")
    tumours = known.select("record", "record_key", of_tumour="tumour_key")
    persons = pl.concat([rows.select("finding_id", "patient_key"), others])
    asking = rows.select("finding_id", "edit", "record", "record_key").join(tumours, on=["record", "record_key"], how="left")
    hers = asking.select("finding_id", "edit", "of_tumour").join(looked, on="edit").join(persons, on="finding_id")
    met = hers.join(known, left_on=["patient_key", "kind"], right_on=["patient_key", "record"], how="inner")
    same = pl.col("of_tumour").is_null() | pl.col("tumour_key").is_null() | (pl.col("of_tumour") == pl.col("tumour_key"))
    of_type = pl.col("wanted").is_null() | (pl.col("wanted") == pl.col("type"))
    return met.filter(same, of_type).select("finding_id", record="kind", record_key="record_key", is_own=pl.lit(value=False))
