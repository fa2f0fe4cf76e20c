"""One edit: a named, coded, sourced pair of SQL expressions over the columns of one edit view (DESIGN 2.6).

`applies` says for which records the edit means something (the denominator), `violated` what is wrong with them. Built-in
and local edits have the same form.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator
from pydantic import Field as Option

from schemas.contract import RecordName
from schemas.date_order import DatePair
from schemas.model import Condition, Model

Text = Annotated[str, Option(min_length=1)]


def _version(value: Any) -> Any:
    """A version as text: YAML reads an unquoted `1.0` as a number."""
    return str(value) if isinstance(value, (int, float)) else value


class Edit(Model):
    """One edit. `scope: patient` holds every record of the person where an error is violated.

    `critical`: counts or survival hang on it, so a load in which it fell silent is not published (validations/silence.py).
    `between`: the two statements that contradict each other where it is violated, each the columns it reads (`record.column` of another
    record); none where it finds something missing or unusual. What two sources said of them is a contradiction between the sources.
    """

    edit: Text
    title: Text
    severity: Literal["error", "warning", "notice"]
    scope: Literal["record", "patient"] = "record"
    critical: bool = False
    record: RecordName
    applies: Condition = "true"
    violated: Condition
    between: tuple[Text, Text] | None = None
    reason: Text
    action: Text
    source: Text = "local"
    certainty: Literal["V", "S", "D", "K", "U"] = "K"
    since: Annotated[str, BeforeValidator(_version)] = ""


class EditFile(Model):
    """One file of edits: built-in ones of one subject, or those of a project (edits.yml)."""

    subject: str = ""
    edits: tuple[Edit, ...]


def critical_codes(edits: Iterable[Edit]) -> frozenset[str]:
    """Codes of the edits that stop the publish where they fall silent."""
    return frozenset(edit.edit for edit in edits if edit.critical)


def from_pair(pair: DatePair) -> Edit:
    """The edit that a row of date_order.csv is: violated where `later` lies before `earlier`."""
    earlier, later = _column(pair, pair.earlier), _column(pair, pair.later)
    violated = f"before({later}, {earlier})" if pair.same_day else f"not before({earlier}, {later})"
    return Edit(
        edit=pair.code, title=pair.title, severity=pair.severity, scope=pair.scope, record=pair.record, applies=pair.applies or "true",
        violated=violated, reason=pair.reason, action=pair.action, source=pair.source, certainty=pair.certainty, since=pair.since,
        critical=pair.critical, between=_between(pair),
    )  # fmt: skip


def _between(pair: DatePair) -> tuple[str, str] | None:
    """The two dates as statements; None where one is the as-of date, which nobody delivers."""
    if "release" in (pair.earlier.partition(".")[0], pair.later.partition(".")[0]):
        return None
    return _statement(pair, pair.earlier), _statement(pair, pair.later)


def _statement(pair: DatePair, side: str) -> str:
    owner, _, date = side.partition(".")
    if owner == "person":
        return f"{date} follow_up.{date}" if pair.record == "follow_up" else f"follow_up.{date}"
    name = "event" if owner == "event" else date
    return name if owner == pair.record and not _is_other_event(pair, side) else f"{owner}.{name}"


def _column(pair: DatePair, side: str) -> str:
    """Name of one side in the view of the record judged: its own date, else what the view says of the person or tumour."""
    owner, _, date = side.partition(".")
    if owner == "person" and pair.record == "follow_up":
        return f"person_{date}"
    if owner == "event" and pair.record == "event" and not _is_other_event(pair, side):
        return "event"
    return date


def _is_other_event(pair: DatePair, side: str) -> bool:
    """Of two kinds of event the later one is judged, and the earlier one is the first of its kind."""
    return pair.record == "event" and side == pair.earlier and pair.later.startswith("event.") and side.startswith("event.")
