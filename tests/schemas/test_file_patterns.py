"""Whether one file name can match two patterns, and what `check` says of contracts where it can."""

from __future__ import annotations

from fnmatch import fnmatchcase
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from small_project import CONTRACT, mistakes, written

from schemas.file_patterns import can_share
from schemas.project import load_project


@pytest.mark.parametrize(
    ("one", "other", "shared"),
    [
        ("a.csv", "a.csv", True),
        ("a.csv", "*.csv", True),
        ("a.csv", "*.tsv", False),
        ("a_*.csv", "*_b.csv", True),
        ("a_*.csv", "b_*.csv", False),
        ("a?.csv", "ab*.csv", True),
        ("a?.csv", "abc*.csv", False),
        ("a[0-9].csv", "a5*", True),
        ("a[0-9].csv", "ab*", False),
        ("2026/*", "*/ward.csv", True),
        ("*", "?", True),
    ],
)
def test_says_whether_one_name_can_match_both(one: str, other: str, shared: bool) -> None:
    assert can_share(one, other) is can_share(other, one) is shared


@given(st.text("ab*?", max_size=5), st.text("ab*?", max_size=5), st.lists(st.text("ab", max_size=5), max_size=20))
def test_never_says_no_where_a_name_matches_both(one: str, other: str, names: list[str]) -> None:
    assert can_share(one, other) or not any(fnmatchcase(name, one) and fnmatchcase(name, other) for name in names)


SECOND = CONTRACT.replace("contract: ward", "contract: second")
FILES = "files: [ward.csv]"


def two(tmp_path: Path, one: str, other: str) -> Path:
    return written(tmp_path, {
        "contracts/ward.yml": CONTRACT.replace(FILES, f"files: ['{one}']"), "contracts/z.yml": SECOND.replace(FILES, f"files: ['{other}']"),
    })  # fmt: skip


@pytest.mark.parametrize(
    ("one", "other", "where", "says"),
    [
        ("ward.csv", "*.csv", "contracts/ward.yml", "contracts/z.yml reads the file 'ward.csv' too (by '*.csv')"),
        ("*.csv", "ward.csv", "contracts/z.yml", "contracts/ward.yml reads the file 'ward.csv' too (by '*.csv')"),
        ("ward*.csv", "ward*.csv", "contracts/z.yml", "contracts/ward.yml reads the files 'ward*.csv' too"),
    ],
)
def test_calls_it_a_mistake_where_a_named_file_has_two_contracts(tmp_path: Path, one: str, other: str, where: str, says: str) -> None:
    [mistake] = mistakes(two(tmp_path, one, other))
    assert mistake.file == where
    assert mistake.line == 5
    assert says in str(mistake)


def test_takes_a_second_look_where_a_file_might_have_two_contracts(tmp_path: Path) -> None:
    [notice] = load_project(two(tmp_path, "a_*.csv", "*_b.csv")).notices
    assert (notice.file, notice.line) == ("contracts/z.yml", 5)
    assert "'*_b.csv' here and 'a_*.csv' in contracts/ward.yml" in notice.message


def test_does_not_tell_to_leave_out_a_field_that_is_the_key(tmp_path: Path) -> None:
    upserted = CONTRACT.replace("columns: exact", "delivery: upsert\nkey: [case_no]").replace("fields:\n", "fields:\n  case_no: {}\n")
    upserted = upserted.replace("[ward.csv]", "[ward_*.csv]")
    assert not load_project(written(tmp_path, {"contracts/ward.yml": upserted})).notices


@pytest.mark.parametrize(("one", "other", "refused"), [("A", "B", 0), ("1", "2", 0), ("A", "A", 1), ("A", "2", 1)])
def test_lets_contracts_share_a_workbook_where_each_has_its_sheet(tmp_path: Path, one: str, other: str, refused: int) -> None:
    kinds = [f"{FILES.replace('csv', 'xlsx')}\nformat: {{kind: excel, sheet: {sheet}}}" for sheet in (one, other)]
    files = {"contracts/ward.yml": CONTRACT.replace(FILES, kinds[0]), "contracts/z.yml": SECOND.replace(FILES, kinds[1])}
    if not refused:
        assert not [notice for notice in load_project(written(tmp_path, files)).notices if "ward.xlsx" in notice.message]
        return
    assert ["'sheet'" in str(mistake) for mistake in mistakes(written(tmp_path, files))] == [True]
