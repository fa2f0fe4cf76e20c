"""The pairs of dates that must be in order stand in one file, and both the edits and the star are made from it."""

from __future__ import annotations

import pytest

from schemas.date_order import date_order, error_pairs, read_pairs
from schemas.items import RECORDS, intervals
from validations.edit import from_pair

HEADER = "code,record,earlier,later,same_day,applies,severity,scope,title,reason,action,source,certainty,since\n"
ROW = "TRY-001,tumour,tumour.diagnosis,person.death,yes,,error,patient,A title,A reason.,An action.,practice,K,0.1.0\n"


def test_makes_an_edit_of_every_pair() -> None:
    edits = {edit.edit: edit for edit in map(from_pair, date_order())}
    assert len(edits) == len(date_order())
    assert edits["DATE-001"].violated == "before(diagnosis, birth)"
    assert edits["DATE-008"].violated == "before(event, distant_recurrence)"
    assert edits["DATE-009"].violated == "not before(metastasectomy, event)"
    assert edits["DATE-019"].violated == "before(person_death, contact)"


def test_gives_the_star_only_error_pairs_within_one_row() -> None:
    assert error_pairs("follow_up") == [("contact", "death")]
    for record in RECORDS:
        for pair in error_pairs(record):
            assert set(pair) <= set(intervals(record))


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (("tumour.diagnosis", "tumour.diagnosed"), "no clinical date"),
        (("person.death", "person.birth"), "no clinical date"),
        (("person.death", "event.metastasectomi"), "no clinical date"),
        (("tumour,tumour.diagnosis", "event,tumour.diagnosis"), "must belong to the record"),
        (("error", "fatal"), "severity"),
        (("TRY-001", "try1"), "three digits"),
        (("A reason.", ""), "must not be empty"),
        (("practice,K", "practice,Z"), "certainty"),
    ],
)
def test_refuses_a_row_that_means_nothing(change: tuple[str, str], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        read_pairs(HEADER + ROW.replace(*change))


def test_refuses_a_code_given_twice() -> None:
    with pytest.raises(ValueError, match="given twice"):
        read_pairs(HEADER + ROW + ROW)


def test_holds_a_person_only_by_errors() -> None:
    assert all(pair.severity == "error" for pair in date_order() if pair.scope == "patient")
