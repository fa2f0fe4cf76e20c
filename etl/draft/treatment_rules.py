"""Rules for treatments: cells of the small grammar, days, codes of a code set, ticks of a checkbox."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from etl.draft.columns import Column
from etl.draft.event_rules import is_of_event
from etl.draft.meant import Meant
from etl.draft.redcap import TICKS, ticked_treatment
from etl.draft.rules import Rule, Setting
from schemas.code_sets import targets

MODALITIES = ("surgery", "chemotherapy", "hormonal", "radiation", "targeted")
# Columns of a treatment that a code set fills, by what it calls them.
CODED = {"procedure": "procedure_code", "is_given": "is_given", "not_given_reason": "not_given_reason_code"}


def treatments(meant: Meant) -> Iterator[Rule]:
    """Those of each modality, of each number where its columns come several times, and of ticks. Says how their fields are read."""
    for modality in MODALITIES:
        if modality == "surgery" and is_of_event(meant):
            continue
        parts = [f"{part}.{modality}" for part in ("treatment", "date", "end")]
        yield from _treatment(meant, modality, modality, [meant.by.get(part) for part in parts])
        for number in sorted({n for meaning, n in meant.several if meaning in parts}):
            yield from _treatment(meant, f"{modality}_{number}", modality, [meant.several.get((part, number)) for part in parts])
    yield from _ticked(meant)


def _ticked(meant: Meant) -> Iterator[Rule]:
    """A treatment for each kind and setting of which a tick says that it was given; ticks of one are one treatment."""
    ticks: dict[tuple[str, str | None], list[str]] = {}
    for column in meant.columns:
        said = ticked_treatment(column.header) if column.filled else None
        if said is not None and not any(f"{part}.{said[0]}" in meant.by for part in ("treatment", "date")):
            ticks.setdefault(said, []).append(column.name)
            meant.fields[column.name] = {}
    for (modality, setting), names in ticks.items():
        name = "_".join(filter(None, (setting, modality, "ticked")))
        given: Setting = {"course_code": {"value": name}, "component_no": {"value": 1}}
        given |= {"setting_code": {"value": setting}} if setting else {}
        given |= {"modality_code": {"value": modality}, "is_given": {"value": True}}
        yield Rule(name, "treatment", meant.hers() | given, " or ".join(f"{column} in {TICKS}" for column in names))


def _treatment(meant: Meant, name: str, modality: str, columns: Sequence[Column | None]) -> Iterator[Rule]:
    """The rules of one treatment; `columns`: its cell, its day and its end."""
    cell, day, end = columns
    course: Setting = meant.hers() | {"course_code": {"value": name}}
    if cell is not None and (coded := _coded(meant, cell)):
        of_code = course | {"modality_code": {"value": modality}} | coded | _days(meant, modality, day, end)
        yield Rule(name, "treatment", of_code, f"{cell.name} is not null")
        return
    if cell is not None:
        meant.fields[cell.name] = {"grammar": "treatment", "modality": modality}
        when = {"treatment": meant.date(day)} if day is not None and modality == "surgery" else {}
        yield Rule(name, "treatment", course | when, each=cell.name)
    if day is None or (cell is not None and modality == "surgery"):
        return
    # a part of the first component of the cell: a day of a later block is not known from it
    said: Setting = {"component_no": {"value": 1}, "modality_code": {"value": modality}, "is_given": {"value": True}}
    # a day beside a No, or beside what is not understood (TRIAL, AC planned): of which treatment, and given?
    denied = f" and ({cell.name} is null or {cell.name}_given = 'yes')" if cell is not None else ""
    yield Rule(f"{name}_start", "treatment", course | said | _days(meant, modality, day, end), f"{day.name} is not null{denied}")


def _coded(meant: Meant, cell: Column) -> Setting:
    """What an item of the code set of the file says of a treatment: its code also says that none was given, whatever the day is."""
    filled = targets(meant.code_set, cell.header) if meant.code_set is not None else frozenset[str]()
    return {column: cell.name for target, column in CODED.items() if target in filled}


def _days(meant: Meant, modality: str, day: Column | None, end: Column | None) -> Setting:
    """The days of a treatment; the end of a chemotherapy is that of its last block, which is not known from here."""
    said: Setting = {"treatment": meant.date(day)} if day is not None else {}
    if end is not None and modality != "chemotherapy":
        said["treatment_end"] = meant.date(end)
    return said
