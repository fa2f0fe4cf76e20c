"""Rules for events: a column of the day or place of each kind, or a row per event; and what in such a row is said of the event."""

from __future__ import annotations

from collections.abc import Iterator

from etl.draft.columns import Column
from etl.draft.meant import Meant
from etl.draft.rules import Rule, Setting, any_filled

EVENTS = ("recurrence", "local_recurrence", "distant_recurrence", "metastasectomy", "progression")
KIND, SIDE, OPERATION = "event.event_type_code", "tumour.laterality_code", "treatment.surgery"


def events(meant: Meant) -> Iterator[Rule]:
    """One for the rows of a file of events, else one for each kind of event with a column of its day or place."""
    kind = meant.by.get(KIND)
    if kind is not None:
        yield _long_event(meant, kind)
        return
    for event in EVENTS:
        day, place = meant.by.get(f"first.{event}"), meant.by.get(f"at.{event}")
        said: Setting = {"event_type_code": {"value": event}}
        said |= {"event": meant.date(day)} if day is not None else {}
        said |= {"site_code": place.name} if place is not None else {}
        there = any_filled(column.name for column in (day, place) if column is not None)
        if there:
            yield Rule(event, "event", meant.hers() | said, there)


def _long_event(meant: Meant, kind: Column) -> Rule:
    """A row per event: what says nothing by itself (`Date`, `Side`) is said of the event."""
    said: Setting = {"event_type_code": kind.name}
    day, place = meant.first("event.event", "first.recurrence", "context.date"), meant.first("at.recurrence", "context.site")
    side, operation, number = (meant.by.get(meaning) for meaning in (SIDE, OPERATION, "event.event_no"))
    operation = operation if is_of_event(meant) else None
    side = side if has_side_of_event(meant) else None
    said |= {"event": meant.date(day)} if day is not None else {}
    said |= {"site_code": place.name} if place is not None else {}
    said |= {"laterality_code": side.name} if side is not None else {}
    if operation is not None:
        said["procedure_code"] = {"from": operation.name, "at_site": place.name} if place is not None else operation.name
    said |= {"event_no": number.name} if number is not None else {}
    return Rule("event", "event", meant.hers() | said, f"{kind.name} is not null")


def is_of_event(meant: Meant) -> bool:
    """Whether an operation is that of the event its row tells of; one with a day of its own beside it is that of the primary."""
    return KIND in meant.by and "date.surgery" not in meant.by


def has_side_of_event(meant: Meant) -> bool:
    """Whether a side is that of the event its row tells of; beside other columns of the tumour it is that of the primary."""
    others = {meaning for meaning in meant.by if meaning.startswith("tumour.")} - {SIDE, "tumour.tumour_no"}
    return KIND in meant.by and not others
