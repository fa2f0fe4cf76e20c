"""Cases of edits (CODE.yml) as staging records: tiny literal tables, one person per case.

A case gives only what matters; the rest is a patient with one tumour, as linking makes them. A clinical date is written as
`2009-03-04`, `2009-03`, `2009`, as a window `2009-03-01..2009-04-10` (either side may be open), or as days on the relative
axis: `days 10..20 from treatment_start`. The built-in edits have theirs in tests/edits, a project in `edit_cases/`.
"""

from __future__ import annotations

import calendar
import datetime
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import polars as pl
from pydantic import Field as Option

from schemas.contract import Model
from schemas.core.errors import ConfigurationError, did_you_mean
from schemas.core.ids import keyed
from schemas.core.three_valued import OUTCOMES
from schemas.items import RECORDS, identity, intervals, polars_schema
from schemas.shapes import shaped
from schemas.unread import COLUMNS as UNREAD_COLUMNS
from schemas.unread import UNREAD as UNREAD_SCHEMA
from schemas.yaml_lines import Source, read_yaml
from validations.unread import TABLE as UNREAD
from validations.unread import mistakes as unread_mistakes

AS_OF = datetime.date(2020, 6, 30)  # of every case
DEFAULTS: dict[str, dict[str, Any]] = {
    "patient": {},
    "tumour": {"tumour_no": 1},
    "treatment": {"tumour_no": 1, "course_code": "course", "component_no": 1, "modality_code": "chemotherapy"},
    "event": {"tumour_no": 1, "event_type_code": "distant_recurrence", "event_no": 1},
    "follow_up": {"follow_up_no": 1},
    "biomarker": {"tumour_no": 1, "marker_code": "er", "specimen_code": "primary"},
}
PERSON = ("patient_key", ("patient_pseudonym",))
OFFSET = re.compile(r"days (-?\d*)\.\.(-?\d*) from (\w+)")
UNKNOWN = "unknown"  # a date that was written and that no calendar has
DAY = re.compile(r"\d{4}(-\d{2}(-\d{2})?)?")


class WrittenPerson(Model):
    """One person as a case has her: the records given, each a mapping or a list of them; the columns of which a cell was not understood
    (`unread: treatment.is_given event.lost`, blank-separated).
    """

    patient: Any = None
    tumour: Any = None
    treatment: Any = None
    event: Any = None
    follow_up: Any = None
    biomarker: Any = None
    unread: str | None = None


class WrittenCase(WrittenPerson):
    """One case as its file has it."""

    case: str
    outcome: str
    boundary: bool = False


class CaseFile(Model):
    """One file of cases. never: outcomes that the edit cannot have, each with the reason."""

    edit: str
    cases: tuple[WrittenCase, ...]
    never: dict[str, str] = Option(default_factory=dict)


@dataclass(frozen=True)
class Case:
    """One case: what it says, the outcome it expects for the first record of its edit, and the records given."""

    edit: str
    case: str
    outcome: str
    boundary: bool
    given: Mapping[str, Any] = field(default_factory=dict)
    line: int = 0  # of the file


def cases_of(path: Path) -> tuple[list[Case], dict[str, str]]:
    """The cases of one file, and the outcomes that its edit never has (with the reason).

    Raises ConfigurationError with every mistake: an outcome that is none, a column that its record has not.
    """
    source = read_yaml(path.name, path.read_bytes())
    shape = shaped(source, CaseFile)
    for number, case in enumerate(shape.cases if shape else ()):
        _check(source, number, case)
    if source.mistakes or shape is None:
        raise ConfigurationError(source.mistakes)
    cases = [
        Case(shape.edit, one.case, one.outcome, one.boundary, given_records(one), source.line(("cases", number)))
        for number, one in enumerate(shape.cases)
    ]
    return cases, dict(shape.never)


def records_of(people: Mapping[str, Mapping[str, Any]]) -> dict[str, pl.DataFrame]:
    """Linked frames of all records given for each pseudonym, with keys, source_file and source_row, in the order given; `unread` where
    something of somebody was not understood.
    """
    rows: dict[str, list[dict[str, Any]]] = {name: [] for name in RECORDS}
    for pseudonym, given in people.items():
        for name, items in _with_parents(given).items():
            rows[name] += [_row(name, pseudonym, item) for item in items]
    return {name: frame(name, rows[name]) for name in RECORDS} | _unread(people)


def _unread(people: Mapping[str, Mapping[str, Any]]) -> dict[str, pl.DataFrame]:
    """What was not understood of anybody, where something was."""
    told = [(pseudonym, f" {given[UNREAD]} ") for pseudonym, given in people.items() if given.get(UNREAD)]
    made = keyed(pl.DataFrame(told, schema={"patient_pseudonym": pl.String, UNREAD_COLUMNS: pl.String}, orient="row"), *PERSON)
    return {UNREAD: made.select(UNREAD_SCHEMA.keys())} if told else {}


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
    if written == UNKNOWN:
        return {f"{name}_precision": UNKNOWN}
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


def _check(source: Source, number: int, case: WrittenCase) -> None:
    place = ("cases", number)
    if case.outcome not in OUTCOMES:
        source.report((*place, "outcome"), f"'outcome' knows no word '{case.outcome[:40]}'", did_you_mean(case.outcome, OUTCOMES))
    record_mistakes(source, place, case)


def record_mistakes(source: Source, place: tuple[str | int, ...], person: WrittenPerson) -> None:
    """Report what the records given cannot be."""
    for word in unread_mistakes(person.unread or ""):
        source.report((*place, UNREAD), f"'unread' names no column '{word[:60]}'", "such as tumour.m_code, or event.lost")
    for record, items in _only_records(given_records(person)).items():
        keys = [
            tuple(({**DEFAULTS[record], **item}).get(name) for name in identity(record))
            for item in _listed(items)
            if isinstance(item, Mapping)
        ]
        if len(set(keys)) < len(keys):
            source.report((*place, record), f"two records of {record} with one key", f"number them: {', '.join(identity(record)[1:])}")
        for message, hint in (problem for item in _listed(items) for problem in _item_problems(record, item)):
            source.report((*place, record), message, hint)


def _item_problems(record: str, item: object) -> Iterator[tuple[str, str]]:
    if not isinstance(item, Mapping):
        yield f"{record}: expected a mapping of columns, or a list of them", ""
        return
    known = (*polars_schema(record), *intervals(record))
    for column, value in item.items():
        if column not in known:
            yield f"{record} has no column {column}", did_you_mean(str(column), known)
        elif column in intervals(record) and not _is_date(str(value)):
            yield f"{column} is no date", "such as 2009-03-04, 2009-03, 2009, 2009-03-01..2009-04-10, unknown or days 10..20 from diagnosis"


def _is_date(text: str) -> bool:
    if text == UNKNOWN:
        return True
    sides = text.split("..")
    is_window = len(sides) <= 2 and any(sides) and all(DAY.fullmatch(side) for side in sides if side)
    return OFFSET.fullmatch(text) is not None or is_window


def given_records(person: WrittenPerson) -> dict[str, Any]:
    """The records written, by kind, and what was not understood."""
    return {name: getattr(person, name) for name in (*RECORDS, UNREAD) if name in person.model_fields_set}


def _only_records(given: Mapping[str, Any]) -> dict[str, Any]:
    return {name: items for name, items in given.items() if name != UNREAD}


def _listed(items: object) -> list[Any]:
    return list(items) if isinstance(items, (tuple, list)) else [items]


def _with_parents(given: Mapping[str, Any]) -> dict[str, list[Mapping[str, Any]]]:
    listed = {name: _listed(items) for name, items in _only_records(given).items()}
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
