"""A registry of a few women in an open warehouse, for the tests of the mart and of what is published from it.

Each woman is one mapping: the columns of her patient and tumour record, and lists of treatments, events, contacts and
markers. A date is given as `name=day` (an ISO day or a whole number of days since the treatment started) or as a pair of two.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import polars as pl
from tiny_star import inputs, record

from schemas import items
from schemas.core import frames
from schemas.core.ids import keyed, text_key
from schemas.findings import identified
from schemas.study import Study
from schemas.unread import CELLS, texts
from schemas.vocabulary import load
from warehouse.build import build, fill
from warehouse.inputs import calendar

Woman = Mapping[str, Any]
CHILDREN = {"treatments": "treatment", "events": "event", "contacts": "follow_up", "markers": "biomarker"}
DEFAULTS: dict[str, dict[str, Any]] = {
    "treatment": {"course_code": "course", "component_no": 1, "modality_code": "chemotherapy", "is_given": True},
    "event": {"event_no": 1},
    "follow_up": {"follow_up_no": 1},
    "biomarker": {"specimen_code": "primary"},
}


def dated(name: str, day: object, anchor: str = "treatment_start") -> dict[str, object]:
    """The six columns of one clinical date from an ISO day, days since the anchor, or a pair (earliest, latest) of either."""
    earliest, latest = day if isinstance(day, tuple) else (day, day)
    if isinstance(earliest, int) or isinstance(latest, int):
        return {f"{name}_earliest_offset_days": earliest, f"{name}_latest_offset_days": latest, f"{name}_anchor": anchor}
    ends = [date.fromisoformat(end) if end else None for end in (earliest, latest)]
    return {
        f"{name}_earliest_date": ends[0],
        f"{name}_latest_date": ends[1],
        f"{name}_precision": "day" if earliest == latest else "ambiguous",
    }


def _columns(kind: str, given: Mapping[str, Any]) -> dict[str, Any]:
    row: dict[str, Any] = {}
    for name, value in given.items():
        if name in items.intervals(kind):
            row |= dated(name, value, given.get("anchor", "treatment_start"))
        elif name in items.polars_schema(kind):
            row[name] = value
    return row


def records(women: Iterable[Woman]) -> dict[str, pl.DataFrame]:
    rows: dict[str, list[dict[str, Any]]] = {kind: [] for kind in items.RECORDS}
    for number, woman in enumerate(women, start=1):
        key = {"patient_pseudonym": woman.get("person", f"w{number:03}"), "tumour_no": woman.get("tumour_no", 1)}
        if not any(row["patient_pseudonym"] == key["patient_pseudonym"] for row in rows["patient"]):
            rows["patient"].append({"subject_label": str(number), "sex_code": "female", **_columns("patient", woman), **key})
        rows["tumour"].append({**_columns("tumour", woman), **key})
        for name, kind in CHILDREN.items():
            rows[kind] += [{**key, **DEFAULTS[kind], **_columns(kind, child)} for child in woman.get(name, ())]
    return {kind: record(kind, of_kind) for kind, of_kind in rows.items()}


# The bytes of a warehouse with all vocabularies and nobody in it: made by the first test, written for each.
EMPTY: list[bytes] = []


def _empty_warehouse(path: Path) -> None:
    if not EMPTY:
        made = inputs(records(()))
        first = path.with_name("empty.duckdb")
        build(first, type(made)(**{**vars(made), "vocabularies": load()}))
        EMPTY.append(first.read_bytes())
    path.write_bytes(EMPTY[0])


def registry(
    folder: Path, *women: Woman, findings: pl.DataFrame | None = None, unread: pl.DataFrame | None = None
) -> duckdb.DuckDBPyConnection:
    """A warehouse with these women and an empty mart; `unread`: cells that were not understood (`unread_of`)."""
    path = folder / "warehouse.duckdb"
    _empty_warehouse(path)
    con = duckdb.connect(str(path))
    made = records(women)
    frames_in = {
        **made,
        "treatment": keyed(made["treatment"], "course_id", ("patient_pseudonym", "tumour_no", "course_code")),
        "calendar": calendar(made),
    }
    for name, frame in frames_in.items():
        con.register(name, frame.to_arrow())
    for dimension in ("drug", "regimen", "site", "procedure", "stage"):
        con.sql(f"select * from dim_{dimension}").create_view(f"v_{dimension}")  # names of ours
    for table in ("dim_date", "dim_patient", "dim_tumour", "fact_treatment", "fact_event", "fact_biomarker", "fact_follow_up"):
        fill(con, table)
    if findings is not None:
        con.register("findings", identified(findings, inputs().sources).with_columns(status=pl.lit("open")).to_arrow())
        fill(con, "fact_finding")
    if unread is not None:
        con.register("unread_in", texts(unread).to_arrow())
        fill(con, "unread_person")
    return con


def unread_of(record: str, *columns: str, person: str = "w001") -> pl.DataFrame:
    """CELLS: these columns of a kind of record of hers were not understood (`lost`: a whole record)."""
    return pl.DataFrame([(text_key(person), record, column) for column in columns], schema=CELLS, orient="row")


def held(patient_key: int) -> pl.DataFrame:
    """Findings: an error that is certain, of a person of whom nothing was loaded."""
    row = {
        "edit": "DATE-001",
        "severity": "error",
        "outcome": "violated",
        "record": "patient",
        "patient_key": patient_key,
        "columns": "birth",
    }
    return pl.DataFrame([{name: row.get(name) for name in frames.FINDINGS}], schema=frames.FINDINGS)


def candidates(con: duckdb.DuckDBPyConnection) -> list[dict[str, Any]]:
    """The rows of mart_candidate, by the women's labels and tumours."""
    return pl.DataFrame(con.sql("select * from mart_candidate order by subject_label, tumour_no").to_arrow_table()).rows(named=True)


# From the first treatment to death, or to the last contact alive.
SURVIVAL: dict[str, Any] = {
    "endpoint": "survival",
    "label": "Survival",
    "origin": "treatment_start",
    "end": ("death", "contact"),
    "event": "vital_status_code = 'dead'",
    "estimators": ("kaplan_meier",),
}
# From the first treatment to the first recurrence, or to the last contact; what competes is for the test to say.
INCIDENCE: dict[str, Any] = {
    "endpoint": "recurrence",
    "label": "Recurrence",
    "origin": "treatment_start",
    "end": ("recurrence",),
    "censored": ("contact",),
    "event": "has_recurrence",
    "estimators": ("aalen_johansen",),
}


def study(**parts: Any) -> Study:
    """A small study; each part may be replaced."""
    base: dict[str, Any] = {
        "study": "small",
        "title": "A small study",
        "min_cell": 1,
        "min_cell_reason": "invented women",
        "steps": ({"step": "delivered", "label": "Delivered", "keep": "true"},),
        "arms": (
            {"arm": "operated", "label": "Operated", "when": "has_metastasectomy"},
            {"arm": "rest", "label": "The rest", "residual": True},
        ),
    }
    return Study.model_validate(base | parts)


def rows(con: duckdb.DuckDBPyConnection, query: str) -> list[tuple[Any, ...]]:
    """The rows of a query."""
    return con.sql(query).fetchall()
