"""Every edit is certified: its cases show each outcome that it can have."""

from __future__ import annotations

from functools import cache

import pytest
from edit_cases import AS_OF, FOLDER, Case, cases_of, records_of

from schemas import vocabulary
from schemas.core.three_valued import OUTCOMES
from validations.compile import compiled
from validations.judge import judge
from validations.load import built_in_edits, edit_mistakes
from validations.views.text import KEY

LISTS = vocabulary.load(None)
EDITS = {edit.edit: edit for edit in built_in_edits()}
FILES = {path.stem: path for path in sorted(FOLDER.glob("*.yml"))}


@cache
def read(code: str) -> tuple[list[Case], dict[str, str]]:
    return cases_of(FILES[code])


@cache
def all_cases() -> list[tuple[str, Case]]:
    return [(f"{code}/{number}", case) for code in FILES for number, case in enumerate(read(code)[0])]


@cache
def outcomes() -> dict[tuple[str, str], str]:
    """(pseudonym of the case, edit) -> the outcome of its first record; all cases are judged in one run."""
    records = records_of({name: case.given for name, case in all_cases()})
    judged = judge(records, built_in_edits(), AS_OF)
    found: dict[tuple[str, str], str] = {}
    for record, frame in judged.outcomes.items():
        first = records[record].unique("patient_pseudonym", keep="first", maintain_order=True)
        for row in first.select(KEY, "patient_pseudonym").join(frame, on=KEY).iter_rows(named=True):
            found |= {(row["patient_pseudonym"], edit): OUTCOMES[row[edit]] for edit in frame.columns if edit != KEY}
    return found


@pytest.mark.parametrize("code", sorted(EDITS))
def test_gives_the_outcome_of_every_case(code: str) -> None:
    assert code in FILES, "an edit without cases"
    expected = {case.case: case.outcome for _, case in all_cases() if case.edit == code}
    got = {case.case: outcomes()[name, code] for name, case in all_cases() if case.edit == code}
    assert got == expected


@pytest.mark.parametrize("code", sorted(EDITS))
def test_shows_every_outcome_that_it_can_have(code: str) -> None:
    cases, never = read(code)
    shown = {case.outcome for case in cases}
    wanted = set(OUTCOMES) - (set() if compiled(EDITS[code]).reads_dates else {"possible"})
    assert shown | never.keys() == wanted | (shown & {"possible"})
    assert not shown & never.keys()
    assert all(never.values()), "an outcome that never comes needs its reason"
    assert any(case.boundary for case in cases), "no case at the edge of the rule"


def test_has_no_cases_of_an_edit_that_is_not_there() -> None:
    assert FILES.keys() == EDITS.keys()
    assert all(case.edit == name.partition("/")[0] for name, case in all_cases())


@pytest.mark.parametrize("code", sorted(FILES))
def test_names_each_case_once(code: str) -> None:
    names = [case.case for case in read(code)[0]]
    assert len(names) == len(set(names))


@pytest.mark.parametrize("code", sorted(EDITS))
def test_compares_codes_that_their_lists_know(code: str) -> None:
    written = EDITS[code].model_dump()
    assert [found for found in edit_mistakes(written, [], LISTS) if found[0] != "edit"] == []
