"""Cells as clinical dates: on the calendar, as one side of a window, or in days since an anchor."""

from datetime import date

import pytest
from tiny_exports import contract, normalised, noted

CONTACT = "{rule: contact, record: follow_up, set: {patient_id: id, contact: %s}}"
PARTS = ["earliest_date", "latest_date", "precision", "earliest_offset_days", "latest_offset_days", "anchor"]


def contact(mapping, cell):
    found = normalised(contract("cell: {}", CONTACT % mapping), ("1", cell))
    return found.records["follow_up"].select(f"contact_{part}" for part in PARTS).row(0), noted(found)


@pytest.mark.parametrize(
    ("mapping", "cell", "first", "last", "precision"),
    [
        ("cell", "2009-04-03", date(2009, 4, 3), date(2009, 4, 3), "day"),
        ("cell", "2009-04", date(2009, 4, 1), date(2009, 4, 30), "month"),
        ("cell", "03/04/2009", date(2009, 3, 4), date(2009, 4, 3), "ambiguous"),
        ("{from: cell, order: dmy}", "03/04/2009", date(2009, 4, 3), date(2009, 4, 3), "day"),
        ("{from: cell, formats: ['%d.%m.%Y']}", "03.04.2009", date(2009, 4, 3), date(2009, 4, 3), "day"),
    ],
)
def test_reads_a_date_with_its_precision(mapping, cell, first, last, precision):
    assert contact(mapping, cell) == ((first, last, precision, None, None, None), [])


@pytest.mark.parametrize("cell", ["2009-02-30", "soon"])
def test_notes_a_date_that_is_none(cell):
    assert contact("cell", cell) == ((None,) * 6, [("NORM-DATE", "follow_up", 2, "cell")])


def test_delivers_nothing_for_an_empty_date():
    assert contact("cell", None) == ((None,) * 6, [])


def test_leaves_the_other_side_of_a_window_open():
    day = date(2016, 12, 31)
    assert contact("{from: cell, bound: latest}", "2016-12-31")[0][:3] == (None, day, "ambiguous")
    assert contact("{from: cell, bound: earliest}", "2016-12-31")[0][:3] == (day, None, "ambiguous")


MONTHS = "{from: cell, duration: months, days_per_month: 30, %s: treatment_start}"


@pytest.mark.parametrize(
    ("mapping", "cell", "offsets"),
    [
        (MONTHS % "after", "14.10", (423, 423)),  # 14.10 x 30 = 423.0
        (MONTHS % "after", "25.67", (770, 770)),  # 770.1, whole days
        (MONTHS % "before", "5.97", (-179, -179)),  # 179.1
        (MONTHS % "before", "<=1", (-30, 0)),
        ("{from: cell, duration: months, days_per_month: 30, before: treatment_start, rounded_to: 1}", "6", (-195, -165)),
        ("{from: cell, duration: days, after: treatment_start}", "1814", (1814, 1814)),
        ("{from: cell, duration: weeks, after: treatment_start}", "2", (14, 14)),
        ("{value: '0', duration: days, after: treatment_start}", "anything", (0, 0)),
    ],
)
def test_counts_a_duration_from_its_anchor(mapping, cell, offsets):
    assert contact(mapping, cell) == ((None, None, None, *offsets, "treatment_start"), [])


def test_notes_a_duration_that_is_none():
    assert contact(MONTHS % "after", "a while") == ((None,) * 6, [("NORM-DURATION", "follow_up", 2, "cell")])
