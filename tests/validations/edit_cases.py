"""Cases of edits (tests/edits/CODE.yml) as staging records: tiny literal tables, one person per case.

A case gives only what matters; the rest is a patient with one tumour, as linking makes them. A clinical date is written as
`2009-03-04`, `2009-03`, `2009`, as a window `2009-03-01..2009-04-10` (either side may be open), or as days on the relative
axis: `days 10..20 from treatment_start`.
"""

from __future__ import annotations

import calendar
import datetime
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import polars as pl

from schemas.core.ids import keyed
from schemas.items import RECORDS, identity, intervals, polars_schema
from schemas.yaml_lines import read_yaml

FOLDER = Path(__file__).parent.parent / "edits"
AS_OF = datetime.date(2020, 6, 30)
DEFAULTS: dict[str, dict[str, Any]] = {
    "patient": {},
    "tumour": {"tumour_no": 1},
    "treatment": {"tumour_no": 1, "course_code": "course", "component_no": 1, "modality_code": "chemotherapy"},
    "event": {"tumour_no": 1, "event_type_code": "distant_recurrence", "event_no": 1},
    "follow_up": {"follow_up_no": 1},
    "biomarker": {"tumour_no": 1, "marker_code": "er", "specimen_code": "primary"},
}
OFFSET = re.compile(r"days (-?\d*)\.\.(-?\d*) from (\w+)")


@dataclass(frozen=True)
class Case:
    """One case: what it says, the outcome it expects for the first record of its edit, and the records given."""

    edit: str
    case: str
    outcome: str
    boundary: bool
    given: Mapping[str, Any] = field(default_factory=dict)


def cases_of(path: Path) -> tuple[list[Case], dict[str, str]]:
    """The cases of one file, and the outcomes that its edit never has (with the reason)."""
    value = read_yaml(path.name, path.read_bytes()).value
    cases = [
        Case(value["edit"], one["case"], one["outcome"], one.get("boundary", False), {name: one[name] for name in RECORDS if name in one})
        for one in value["cases"]
    ]
    return cases, dict(value.get("never", {}))


def records_of(people: Mapping[str, Mapping[str, Any]]) -> dict[str, pl.DataFrame]:
    """Linked frames of all records given for each pseudonym, with keys, source_file and source_row, in the order given."""
    rows: dict[str, list[dict[str, Any]]] = {name: [] for name in RECORDS}
    for pseudonym, given in people.items():
        for name, items in _with_parents(given).items():
            rows[name] += [_row(name, pseudonym, item) for item in items]
    return {name: frame(name, rows[name]) for name in RECORDS}


def frame(name: str, rows: Iterable[dict[str, Any]]) -> pl.DataFrame:
    """One linked frame of complete rows."""
    schema = polars_schema(name)
    made = pl.DataFrame(list(rows), schema=schema, orient="row")
    made = keyed(keyed(made, "record_key", identity(name)), "patient_key", ("patient_pseudonym",))
    if "tumour_no" in schema:
        made = keyed(made, "tumour_key", ("patient_pseudonym", "tumour_no"))
    row = pl.int_range(2, pl.len() + 2, dtype=pl.Int64)
    return made.with_columns(source_file=pl.lit(f"{name}.csv"), source_key=pl.lit(7, pl.Int64), source_row=row)


def interval(name: str, text: object) -> dict[str, Any]:
    """The six columns of one clinical date."""
    written = str(text)
    if found := OFFSET.fullmatch(written):
        low, high, anchor = found.groups()
        return {
            f"{name}_earliest_offset_days": int(low) if low else None, f"{name}_latest_offset_days": int(high) if high else None,
            f"{name}_anchor": anchor,
        }  # fmt: skip
    first, _, last = written.partition("..") if ".." in written else (written, "", written)
    precision = "ambiguous" if ".." in written else {4: "year", 7: "month"}.get(len(written), "day")
    return {f"{name}_earliest_date": _day(first, False), f"{name}_latest_date": _day(last, True), f"{name}_precision": precision}


def _day(text: str, is_last: bool) -> datetime.date | None:
    if not text:
        return None
    parts = [int(part) for part in text.split("-")]
    year, month = parts[0], parts[1] if len(parts) > 1 else (12 if is_last else 1)
    last = calendar.monthrange(year, month)[1] if is_last else 1
    return datetime.date(year, month, parts[2] if len(parts) > 2 else last)


def _with_parents(given: Mapping[str, Any]) -> dict[str, list[Mapping[str, Any]]]:
    listed = {name: [items] if isinstance(items, Mapping) else list(items) for name, items in given.items()}
    needs_tumour = any("tumour_no" in DEFAULTS[name] for name in listed)
    return {"patient": [{}], **({"tumour": [{}]} if needs_tumour else {}), **listed}


def _row(name: str, pseudonym: str, item: Mapping[str, Any]) -> dict[str, Any]:
    row: dict[str, Any] = dict.fromkeys(polars_schema(name))
    row |= {"patient_pseudonym": pseudonym, **DEFAULTS[name]}
    for column, value in item.items():
        new = interval(column, value) if column in intervals(name) else {column: value}
        assert new.keys() <= row.keys(), f"{name} has no column {column}"
        row |= new
    return row
