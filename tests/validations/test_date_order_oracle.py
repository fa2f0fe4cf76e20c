"""A slow and obvious second opinion on the date-order edits: plain Python, row by row, no SQL."""

from __future__ import annotations

import datetime
from collections.abc import Callable
from dataclasses import replace
from functools import cache
from typing import Any

import pytest
from edit_cases import records_of
from plain_dates import Row, Span, all_of, before, first_of, last_of, span
from random_people import people

from schemas.core.three_valued import OUTCOMES
from schemas.date_order import DatePair, date_order
from validations.edit import from_pair
from validations.judge import judge
from validations.views.text import KEY

AS_OF = datetime.date(2011, 6, 30)  # in the midst of the random dates, so that some of them lie in the future
BIRTHS = ("2011-06-30", "2011-07-01", "2011", "2012-03", "2011-06-01..2011-07-31")  # the last days on which one may be born, and later ones
PEOPLE = people(150, seed=20180112)
for number, given in enumerate(PEOPLE.values()):
    if number % 6 == 0:
        given["patient"] = [{"birth": BIRTHS[number // 6 % len(BIRTHS)]}]
IDENTITY = {
    "patient": (), "tumour": ("tumour_no",), "treatment": ("tumour_no", "component_no"),
    "event": ("tumour_no", "event_type_code", "event_no"), "follow_up": ("follow_up_no",),
}  # fmt: skip


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

    def may_be_other(self, row: Row, kind: str) -> bool:
        """Whether an event of which it is not said may be of the kind too."""
        return kind == "distant_recurrence" and any(self.events(row, one) for one in ("recurrence", "recurrence_or_death"))

    def date(self, side: str, record: str, row: Row, is_own: bool) -> Span:
        owner, _, name = side.partition(".")
        if owner == "release":
            return Span(AS_OF, AS_OF)
        if owner == "person":
            return self.contact if name == "contact" else self.death
        if owner == "patient":
            return span(self.given["patient"][0], name)
        if owner == "event":
            if is_own:
                return span(row, "event")
            first = first_of(self.events(row, name))
            return replace(first, low=None, first=None) if self.may_be_other(row, name) else first
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
    return lambda person, row: bool(person.events(row, kind)) or (None if person.may_be_other(row, kind) else False)


def has_no(kind: str) -> Callable[[Person, Row], bool | None]:
    return lambda person, row: not person.events(row, kind)


APPLIES: dict[str, tuple[Callable[[Person, Row], bool | None], ...]] = {
    "DATE-004": (lambda _, row: row["event_type_code"] != "metastasis_at_diagnosis",),
    "DATE-005": (is_kind("distant_recurrence"),),
    "DATE-006": (is_kind("local_recurrence"),),
    "DATE-007": (is_kind("regional_recurrence"),),
    "DATE-008": (is_kind("metastasectomy"), has_kind("distant_recurrence"), has_no("metastasis_at_diagnosis")),
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
    assert {"violated", "satisfied"} <= set(expected.values()), "the random people do not exercise this edit"
    assert "possible" in expected.values()
