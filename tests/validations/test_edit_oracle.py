"""A slow and obvious second opinion on every edit that date_order.csv does not make: plain Python, record by record, no SQL.

The oracle looks at every day that an interval date may be. The compiled edit, which judges term by term, would be allowed to
say `possible` where all days agree; no built-in edit needs that, so all five outcomes are compared for equality.
"""

from __future__ import annotations

import sys
from collections import Counter
from functools import cache
from typing import Any

import oracle_course
import oracle_tumour
import pytest
from edit_cases import AS_OF, records_of
from edit_oracle import OPINIONS
from plain_patient import Knowledge, Patient
from random_patients import patients

from schemas.core.three_valued import OUTCOMES
from schemas.date_order import date_order
from schemas.items import identity
from validations.cases import DEFAULTS
from validations.compile import compiled
from validations.judge import judge
from validations.load import built_in_edits
from validations.views.text import KEY

PEOPLE = patients(500, seed=322)
EDITS = [edit for edit in built_in_edits() if edit.edit in OPINIONS]
DATED = {edit.edit for edit in EDITS if compiled(edit).reads_dates}
Place = tuple[Any, ...]  # pseudonym and key of a record


@cache
def known() -> Knowledge:
    return Knowledge()


@cache
def compiled_opinions() -> dict[str, dict[Place, str]]:
    """By edit: the outcome of each record as the compiled SQL gives it."""
    records = records_of(PEOPLE)
    judged = judge(records, EDITS, AS_OF)
    found: dict[str, dict[Place, str]] = {edit.edit: {} for edit in EDITS}
    for record, frame in judged.outcomes.items():
        for row in records[record].select(KEY, *identity(record)).join(frame, on=KEY).iter_rows(named=True):
            place = tuple(row[name] for name in identity(record))
            for code in frame.columns[1:]:
                found[code][place] = OUTCOMES[row[code]]
    return found


def second_opinions(code: str) -> dict[Place, str]:
    record, opinion = OPINIONS[code]
    found = {}
    for name, given in PEOPLE.items():
        patient = Patient(given, known())
        for row, written in zip(patient.rows(record), given.get(record, []), strict=True):
            key = {"patient_pseudonym": name, **DEFAULTS[record], **written}
            found[tuple(key[column] for column in identity(record))] = opinion(patient, row)
    return found


def test_has_an_opinion_on_every_edit() -> None:
    assert {oracle_course, oracle_tumour} <= {sys.modules[opinion.__module__] for _, opinion in OPINIONS.values()}
    assert OPINIONS.keys() | {pair.code for pair in date_order()} == {edit.edit for edit in built_in_edits()}
    assert {edit.edit: edit.record for edit in EDITS} == {code: record for code, (record, _) in OPINIONS.items()}


@pytest.mark.parametrize("code", sorted(OPINIONS))
def test_agrees_with_a_second_opinion_on_random_patients(code: str) -> None:
    expected, got = second_opinions(code), compiled_opinions()[code]
    assert got.keys() == expected.keys()
    differing = Counter((got[place], expected[place]) for place in expected if got[place] != expected[place])
    assert differing == Counter(), "outcomes (compiled, oracle) that differ"
    counts = Counter(expected.values())
    wanted = {"violated", "satisfied"} | ({"possible"} if code in DATED else set())
    assert wanted <= counts.keys(), "the random patients do not exercise this edit"
