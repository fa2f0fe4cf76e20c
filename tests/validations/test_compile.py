"""Compiling says what an edit needs and reads, and names every mistake of its expressions."""

from __future__ import annotations

import pytest

from schemas import vocabulary
from schemas.core.expression import ExpressionError
from validations.compile import compiled, mistakes
from validations.edit import Edit


def edit(violated: str, record: str = "event", **changes: str) -> Edit:
    given = {"edit": "TRY-001", "title": "A title", "severity": "warning", "record": record, "violated": violated}
    return Edit(**({**given, "reason": "A reason.", "action": "An action."} | changes))


def test_lists_the_columns_that_it_needs() -> None:
    one = compiled(edit("before(event, diagnosis)", applies="lesion_count > 1"))
    parts = ("earliest_date", "latest_date", "earliest_offset_days", "latest_offset_days", "anchor")
    assert set(one.needs) == {"lesion_count", *(f"{date}_{part}" for date in ("event", "diagnosis") for part in parts)}


def test_names_the_dictionary_columns_behind_what_it_reads() -> None:
    one = compiled(edit("her2_code = 'positive' and before(event, diagnosis)", applies="tumour_laterality_code = laterality_code"))
    assert set(one.reads) == {"tumour.laterality_code", "laterality_code", "biomarker.result_code", "event", "tumour.diagnosis"}


def test_knows_whether_dates_decide() -> None:
    assert compiled(edit("before(event, diagnosis)")).reads_dates
    assert not compiled(edit("event is null")).reads_dates


def test_finds_no_mistake_in_a_good_edit() -> None:
    text = "days_between(diagnosis, event) < 90 and event_type_code = 'progression'"
    assert list(mistakes("event", text, vocabulary.load(None))) == []


@pytest.mark.parametrize(
    ("violated", "message", "hint"),
    [
        ("lesion_cuont > 1", "no column lesion_cuont", "lesion_count"),
        ("event > 3", "clinical date", "before"),
        ("lesion_count > ", "cannot be read", ""),
        ("lesion_count > (select 1)", "not allowed", ""),
        ("site_code > 3", "text", "quotes"),
        ("upper(lesion_count) = 'A'", "cannot be computed", ""),
        ("coalesce(before(event, diagnosis), true)", "three-valued", "AND, OR and NOT"),
        ("event_type_code = 'progresion'", "no code 'progresion'", "progression"),
        ("tumour_laterality_code in ('left', 'righ')", "no code 'righ'", "right"),
        ("her2_code <> 'pos'", "no code 'pos'", ""),
    ],
)
def test_names_the_mistake(violated: str, message: str, hint: str) -> None:
    ((said, hinted),) = mistakes("event", violated, vocabulary.load(None))
    assert message in said
    assert hint in hinted


def test_refuses_to_compile_what_may_not_stand() -> None:
    with pytest.raises(ExpressionError):
        compiled(edit("read_csv('/etc/passwd') is null"))
