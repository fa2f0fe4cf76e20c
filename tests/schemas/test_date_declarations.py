"""What a contract declares about dates, and what `oncomart check` says where it declares too little or too much."""

from __future__ import annotations

from pathlib import Path

import pytest
from small_project import CONTRACT, mistakes, written

from schemas.project import load_project

C = "contracts/ward.yml"


def with_birth(mapping: str) -> dict[str, str]:
    """The small project with a birth date, mapped like this, on line 21."""
    return {C: CONTRACT.replace("  - rule: primary\n", f"      birth: {mapping}\n  - rule: primary\n")}


@pytest.mark.parametrize(
    ("mapping", "says"),
    [
        ("stage", ["day or month"]),
        ("{from: stage, order: dmy}", []),
        ("{from: stage, formats: ['%d/%m/%Y', '%Y-%m-%d']}", []),
        ("{from: stage, formats: ['%d/%m/%Y', '%m/%d/%Y']}", ["day or month"]),
        ("{from: stage, formats: ['%d.%m.%y']}", ["two digits"]),
        ("{from: stage, formats: ['%d.%m.%y'], pivot: 1920}", []),
        ("{from: stage, order: dmy, pivot: 1920, serials: 1904, flag: stage}", []),
        ("{from: stage, month: stage, day: stage}", []),
    ],
)
def test_takes_a_second_look_at_what_is_left_open(tmp_path: Path, mapping: str, says: list[str]) -> None:
    notices = load_project(written(tmp_path, with_birth(mapping))).notices
    assert [notice.line for notice in notices] == [21] * len(says)
    assert all(word in notice.message for word, notice in zip(says, notices, strict=True))


def test_names_all_columns_whose_order_is_open_in_one_notice(tmp_path: Path) -> None:
    more = "\n  - {rule: contact, record: follow_up, set: {patient_id: id, contact: sex}}\n"
    [notice] = load_project(written(tmp_path, {C: with_birth("stage")[C].rstrip() + more})).notices
    assert (notice.line, "comes first in 'stage', 'sex';" in notice.message) == (21, True)


@pytest.mark.parametrize(
    ("mapping", "says"),
    [
        ("{from: stage, serials: 1903}", "serials"),
        ("{from: stage, pivot: 30}", "pivot"),
        ("{from: stage, pivot: 2050}", "pivot"),  # no year of two digits would have come
        ("{from: stage, zone: Europe/Berlim}", "the time zone database has no zone 'Europe/Berlim'"),
        ("{from: stage, zone: '+02:00'}", "no zone '+02:00'"),
        ("{from: stage, duration: days, after: diagnosis, zone: UTC}", "'duration' excludes"),
        ("{from: stage, flag: stagee}", "no field makes the column 'stagee'"),
        ("{from: stage, duration: days, after: diagnosis, pivot: 1930}", "'duration' excludes"),
        ("{from: stage, day: stage}", "'day' needs 'month'"),
        ("{from: stage, month: stage, order: dmy}", "'month' and 'day' stand beside the year"),
        ("{from: stage, month: stagee}", "no field makes the column 'stagee'"),
    ],
)
def test_refuses_what_has_no_meaning(tmp_path: Path, mapping: str, says: str) -> None:
    found = mistakes(written(tmp_path, with_birth(mapping)))
    assert [(mistake.file, mistake.line, says in mistake.message) for mistake in found] == [(C, 21, True)]


def test_refuses_date_options_of_a_column_that_is_none(tmp_path: Path) -> None:
    files = {name: text.replace("birth:", "ethnicity_code:") for name, text in with_birth("{from: stage, pivot: 1930}").items()}
    assert [mistake.message for mistake in mistakes(written(tmp_path, files))] == ["'pivot' has no meaning for 'ethnicity_code'"]


def test_refuses_a_zone_of_the_file_that_is_none(tmp_path: Path) -> None:
    spoilt = mistakes(written(tmp_path, {C: CONTRACT.replace("source: ward\n", "source: ward\nzone: Europe/Berlim\n", 1)}))
    assert [(mistake.line, mistake.message) for mistake in spoilt] == [(5, "the time zone database has no zone 'Europe/Berlim'")]
    assert spoilt[0].hint.startswith("did you mean Europe/Berlin")
