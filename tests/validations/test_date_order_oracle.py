"""A slow and obvious second opinion on the date-order edits: plain Python, row by row, no SQL."""

from __future__ import annotations

import datetime
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import Any

import pytest
from edit_cases import AS_OF, interval, records_of
from random_people import people

from schemas.core.three_valued import OUTCOMES
from schemas.date_order import DatePair, date_order
from validations.edit import from_pair
from validations.judge import judge
from validations.view_set import KEY

PEOPLE = people(150, seed=20180112)
Row = dict[str, Any]
IDENTITY = {
    "patient": (), "tumour": ("tumour_no",), "treatment": ("tumour_no", "component_no"),
    "event": ("tumour_no", "event_type_code", "event_no"), "follow_up": ("follow_up_no",),
}  # fmt: skip


@dataclass(frozen=True)
class Span:
    """One clinical date: a window on the calendar, a window of days since an anchor, or both; None is an open side."""

    low: datetime.date | None = None
    high: datetime.date | None = None
    first: int | None = None
    last: int | None = None
    anchor: str | None = None

    @property
    def is_missing(self) -> bool:
        return self.low is self.high is self.first is self.last is None


def span(row: Row, name: str) -> Span:
    parts = interval(name, row[name]) if name in row else {}
    return Span(
        parts.get(f"{name}_earliest_date"), parts.get(f"{name}_latest_date"), parts.get(f"{name}_earliest_offset_days"),
        parts.get(f"{name}_latest_offset_days"), parts.get(f"{name}_anchor"),
    )  # fmt: skip


def before(a: Span, b: Span) -> str:
    """yes, no, maybe, or unknown where the two have no axis in common (or the axes contradict each other)."""
    axes = [((a.low, a.high), (b.low, b.high))]
    if a.anchor is not None and a.anchor == b.anchor:
        axes.append(((a.first, a.last), (b.first, b.last)))
    axes = [axis for axis in axes if all(any(end is not None for end in side) for side in axis)]
    yes = any(a_high is not None and b_low is not None and a_high < b_low for (_, a_high), (b_low, _) in axes)
    no = any(a_low is not None and b_high is not None and a_low >= b_high for (a_low, _), (_, b_high) in axes)
    if yes and no:
        return "unknown"
    return "yes" if yes else "no" if no else "maybe" if axes else "unknown"


def least(values: list[Any]) -> Any:
    return min((value for value in values if value is not None), default=None)


def greatest(values: list[Any]) -> Any:
    return max((value for value in values if value is not None), default=None)


def first_of(spans: list[Span]) -> Span:
    """The first of several events: open below as soon as one of them is."""
    low = None if any(s.low is None for s in spans) else least([s.low for s in spans])
    anchors = {s.anchor for s in spans if s.anchor}
    if len(anchors) != 1:
        return Span(low, least([s.high for s in spans]))
    first = None if any(s.first is None for s in spans) else least([s.first for s in spans])
    return Span(low, least([s.high for s in spans]), first, least([s.last for s in spans]), anchors.pop())


def last_of(spans: list[Span]) -> Span:
    """The last of several contacts: open above as soon as one of them is."""
    given = [s for s in spans if not s.is_missing]
    high = None if any(s.high is None for s in given) else greatest([s.high for s in given])
    anchors = {s.anchor for s in given if s.anchor}
    if len(anchors) != 1:
        return Span(greatest([s.low for s in given]), high)
    last = None if any(s.last is None for s in given) else greatest([s.last for s in given])
    return Span(greatest([s.low for s in given]), high, greatest([s.first for s in given]), last, anchors.pop())


def all_of(spans: list[Span]) -> Span:
    """What several statements about one death say together."""
    low, high = greatest([s.low for s in spans]), least([s.high for s in spans])
    anchors = {s.anchor for s in spans if s.anchor}
    if len(anchors) != 1:
        return Span(low, high)
    return Span(low, high, greatest([s.first for s in spans]), least([s.last for s in spans]), anchors.pop())


def either(*answers: bool | None) -> bool | None:
    return True if True in answers else None if None in answers else False


def both(*answers: bool | None) -> bool | None:
    return False if False in answers else None if None in answers else True


class Person:
    """What the rules ask of one person."""

    def __init__(self, given: dict[str, list[Row]]) -> None:
        self.given = given
        follow_ups = given["follow_up"]
        self.contact = last_of([span(row, "contact") for row in follow_ups])
        self.death = all_of([span(row, "death") for row in follow_ups])
        statuses = {row["vital_status_code"] for row in follow_ups}
        self.is_dead = True if "dead" in statuses else False if "alive" in statuses else None

    def tumour(self, row: Row) -> Row:
        return next(tumour for tumour in self.given["tumour"] if tumour["tumour_no"] == row["tumour_no"])

    def events(self, row: Row, kind: str) -> list[Span]:
        chosen = [e for e in self.given["event"] if e["tumour_no"] == row["tumour_no"] and e["event_type_code"] == kind]
        return [span(event, "event") for event in chosen]

    def date(self, side: str, record: str, row: Row, is_own: bool) -> Span:
        owner, _, name = side.partition(".")
        if owner == "release":
            return Span(AS_OF, AS_OF)
        if owner == "person":
            return self.contact if name == "contact" else self.death
        if owner == "patient":
            return span(self.given["patient"][0], name)
        if owner == "event":
            return span(row, "event") if is_own else first_of(self.events(row, name))
        return span(row if owner == record else self.tumour(row), name)


def is_given(_: Person, row: Row) -> bool | None:
    return True if row["is_given"] is None else bool(row["is_given"])


def may_be_dead(person: Person, _: Row) -> bool | None:
    return either(person.is_dead, not person.death.is_missing)


def is_enrolled(person: Person, row: Row) -> bool | None:
    return "enrolment" in person.tumour(row)


def is_kind(kind: str) -> Callable[[Person, Row], bool | None]:
    return lambda _, row: row["event_type_code"] == kind


def has_kind(kind: str) -> Callable[[Person, Row], bool | None]:
    return lambda person, row: bool(person.events(row, kind))


APPLIES: dict[str, tuple[Callable[[Person, Row], bool | None], ...]] = {
    "DATE-005": (is_kind("distant_recurrence"),),
    "DATE-006": (is_kind("local_recurrence"),),
    "DATE-007": (is_kind("regional_recurrence"),),
    "DATE-008": (is_kind("metastasectomy"), has_kind("distant_recurrence")),
    "DATE-009": (is_kind("progression"), has_kind("metastasectomy")),
    "DATE-010": (may_be_dead,),
    "DATE-012": (may_be_dead,),
    "DATE-014": (is_enrolled,),
    "DATE-015": (is_enrolled,),
    "DATE-016": (is_kind("recurrence_or_death"), is_enrolled),
    "DATE-017": (is_given, may_be_dead),
    "DATE-018": (may_be_dead,),
    "DATE-019": (may_be_dead,),
    "DATE-021": (lambda _, row: "treatment_end" in row,),
    "DATE-022": (lambda _, row: "treatment_end" in row, may_be_dead),
    "DATE-026": (lambda _, row: either(None if row["vital_status_code"] is None else row["vital_status_code"] == "dead", "death" in row),),
    "DATE-027": (is_given,),
}


def second_opinion(pair: DatePair, person: Person, row: Row) -> str:
    applies = both(*(condition(person, row) for condition in APPLIES.get(pair.code, ())))
    if applies is False:
        return "not_applicable"
    if applies is None:
        return "not_judgeable"
    own_is_later = pair.later.partition(".")[0] == pair.record
    earlier = person.date(pair.earlier, pair.record, row, is_own=not own_is_later)
    later = person.date(pair.later, pair.record, row, is_own=own_is_later)
    answer = before(later, earlier)
    if not pair.same_day:
        answer = {"yes": "no", "no": "yes"}.get(before(earlier, later), before(earlier, later))
    return {"yes": "violated", "no": "satisfied", "maybe": "possible", "unknown": "not_judgeable"}[answer]


@cache
def compiled_opinion() -> dict[tuple[str, str, tuple[Any, ...]], str]:
    """(edit, person, key of the record) -> outcome as the compiled SQL gives it."""
    records = records_of(PEOPLE)
    judged = judge(records, [from_pair(pair) for pair in date_order()], AS_OF)
    found = {}
    for record, frame in judged.outcomes.items():
        names = ("patient_pseudonym", *IDENTITY[record])
        for row in records[record].select(KEY, *names).join(frame, on=KEY).iter_rows(named=True):
            key = tuple(row[name] for name in names[1:])
            found |= {(edit, row["patient_pseudonym"], key): OUTCOMES[row[edit]] for edit in frame.columns if edit != KEY}
    return found


@pytest.mark.parametrize("pair", date_order(), ids=lambda pair: pair.code)
def test_agrees_with_a_second_opinion_on_random_people(pair: DatePair) -> None:
    expected = {
        (pair.code, name, tuple(row[column] for column in IDENTITY[pair.record])): second_opinion(pair, Person(given), row)
        for name, given in PEOPLE.items()
        for row in given[pair.record]
    }
    got = {key: outcome for key, outcome in compiled_opinion().items() if key[0] == pair.code}
    assert got == expected
    assert len(set(expected.values())) >= 3, "the random people do not exercise this edit"
