"""A work list as people bring it back: two registrars, copies, merged cells, a comment behind a `=`, columns moved and added."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import openpyxl
import polars as pl
import pytest
from answered_wards import EDIT, HEAD, answer, deliver, findings, first_release, line, project, quarantined, ran
from openpyxl.worksheet.worksheet import Worksheet

from schemas.project import load_project
from schemas.worklist import COLUMNS, read_worklists
from tests.made_once import made_once

A, B = ("a.csv", 3), ("b.csv", 4)
SAID = ("correct as is", "operation note")


@pytest.fixture(scope="module")
def ward(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project and its first release; not to be changed."""
    return made_once(tmp_path_factory, "answered_wards", first_release)


def column(sheet: Worksheet, name: str) -> int:
    return next(cell.column for cell in sheet[1] if cell.value == name)


def cell(sheet: Worksheet, name: str, edit: str = EDIT) -> Any:
    """The cell of that column in the row of the finding."""
    row = next(row[0].row for row in sheet.iter_rows(min_row=2) if row[COLUMNS.index("edit")].value == edit)
    return sheet.cell(row, column(sheet, name))


def _comment(text: str) -> Callable[[Worksheet], None]:
    def change(sheet: Worksheet) -> None:
        cell(sheet, "comment").value = text

    return change


def _word(text: str) -> Callable[[Worksheet], None]:
    def change(sheet: Worksheet) -> None:
        cell(sheet, "answer").value = text

    return change


def _moved(sheet: Worksheet) -> None:
    """Every column in the other order."""
    rows = [list(reversed(cells)) for cells in sheet.iter_rows(values_only=True)]
    for number, cells in enumerate(rows, start=1):
        for place, value in enumerate(cells, start=1):
            sheet.cell(number, place).value = value


def _added(sheet: Worksheet) -> None:
    sheet.insert_cols(3)
    sheet.cell(1, 3).value = "seen by"
    sheet.cell(2, 3).value = "somebody"


def _renamed(sheet: Worksheet) -> None:
    sheet.title = "Ward A, done"


def _filtered(sheet: Worksheet) -> None:
    sheet.auto_filter.add_filter_column(column(sheet, "severity") - 1, ["warning"])
    for number in range(2, sheet.max_row + 1):
        sheet.row_dimensions[number].hidden = True


# What people do to a sheet, and what is read of it: (reason, what is wrong).
DONE: dict[str, tuple[Callable[[Worksheet], None], str | None, str]] = {
    "nothing": (lambda sheet: None, "operation note", ""),
    "columns in another order": (_moved, "operation note", ""),
    "a column of their own": (_added, "operation note", ""),
    "another name of the sheet": (_renamed, "operation note", ""),
    "rows filtered away": (_filtered, "operation note", ""),
    "capitals and blanks": (_word("  Correct  As\N{NO-BREAK SPACE}is "), "operation note", ""),
    "another language": (_word("richtig so"), None, "sheet 2: 'answer' is none of the words"),
    "a comment behind a sign of equality": (_comment("=see letter of 3 May"), "=see letter of 3 May", ""),
    "a comment that is a formula": (_comment("=cmd|' /C calc'!A0"), "=cmd|' /C calc'!A0", ""),
    "an answer that is a formula": (_word("=B1"), None, "sheet 2: 'answer' is none of the words"),
}


@pytest.mark.parametrize("what", DONE)
def test_nothing_is_lost_where_people_bring_back(what: str, ward: Path, tmp_path: Path) -> None:
    change, reason, wrong = DONE[what]
    mine = project(tmp_path / "project")
    target = mine / "worklist" / "june.xlsx"
    answer(ward / "out", target, a_3=SAID)
    book = openpyxl.load_workbook(target)
    change(book.worksheets[1])
    book.save(target)
    read = read_worklists(mine)
    assert read.mistakes == ()
    assert [one.reason for one in read.answers] == ([reason] if reason is not None else [])
    assert [one.message for one in read.unusable] == ([wrong] if wrong else [])


def test_a_workbook_whose_name_ends_in_capitals_is_read_and_makes_a_new_release(ward: Path, tmp_path: Path) -> None:
    mine = project(tmp_path / "project")
    before = load_project(mine).files()
    answer(ward / "out", mine / "worklist" / "JUNE.XLSX", a_3=SAID)
    after = load_project(mine)
    assert len(after.answers) == 1
    assert before != after.files()


@pytest.mark.slow
def test_a_cell_merged_with_those_below_answers_each_of_them(tmp_path: Path) -> None:
    mine, out = project(tmp_path / "project"), tmp_path / "out"
    deliver(mine, "a.csv", "1,left,2009", "1,right,2009")
    ran(mine, out)
    target = mine / "worklist" / "june.xlsx"
    answer(out, target, a_3=SAID)
    book = openpyxl.load_workbook(target)
    sheet = book.worksheets[1]
    first, last = 2, sheet.max_row
    assert last > first, "the sheet has several rows"
    for name, text in zip(("answer", "comment", "author", "date"), (*SAID, "AB", "2019-12-01"), strict=True):
        place = column(sheet, name)
        sheet.merge_cells(start_row=first, end_row=last, start_column=place, end_column=place)
        sheet.cell(first, place).value = text
    book.save(target)
    read = read_worklists(mine)
    assert len(read.answers) + len(read.unusable) == last - first + 1
    assert {one.reason for one in read.answers} == {"operation note"}


def told(out: Path) -> dict[str, Any]:
    every = pl.read_csv(out / "current/internal/findings.csv", infer_schema=False)
    answers = pl.read_csv(out / "current/internal/answers.csv", infer_schema=False)
    return {
        "status": dict(findings(out).select("source_file", "status").iter_rows()),
        "about": every.filter(pl.col("edit").str.contains("^(OVR|WORK)-")).sort("columns").select("edit", "columns").rows(),
        "outcomes": answers.sort("place").select("place", "outcome").rows(),
        "quarantined": quarantined(out),
    }


def _dated(path: Path, day: str) -> None:
    book = openpyxl.load_workbook(path)
    for sheet in book.worksheets[1:]:
        place = column(sheet, "date")
        for number in range(2, sheet.max_row + 1):
            if sheet.cell(number, place).value:
                sheet.cell(number, place).value = day
    book.save(path)


@pytest.mark.slow
def test_two_registrars_who_contradict_each_other_on_one_day_are_told_and_neither_counts(ward: Path, tmp_path: Path) -> None:
    mine, out = project(tmp_path / "project"), tmp_path / "out"
    answer(ward / "out", mine / "worklist" / "ann.xlsx", a_3=SAID, b_4=("cannot tell", ""))
    answer(ward / "out", mine / "worklist" / "bob.xlsx", a_3=("cannot tell", ""), b_4=("cannot tell", ""))
    assert ran(mine, out).outcome == "published"
    night = told(out)
    assert night["status"] == {"a.csv": "open", "b.csv": "cannot_tell"}
    assert night["quarantined"] == {A, B}
    row = next(int(place.rsplit(" ", 1)[1]) for place, outcome in night["outcomes"] if outcome == "conflict")
    assert night["about"] == [("OVR-CONFLICT", f"{EDIT} (worklist/{name}.xlsx sheet 2 row {row}, conflict)") for name in ("ann", "bob")]
    sheet = openpyxl.load_workbook(out / "current/internal/worklist.xlsx").worksheets[0]
    first = [str(cells[0] or "") for cells in sheet.iter_rows(values_only=True)]
    assert sum("ann.xlsx sheet 2" in text for text in first) == 1, "the next list says which answers do not count"
    # the day after one of them looks again
    _dated(mine / "worklist" / "bob.xlsx", "2019-12-02")
    assert ran(mine, out).outcome == "published"
    later = told(out)
    assert (later["status"]["a.csv"], later["about"]) == ("cannot_tell", [])


@pytest.mark.slow
def test_a_line_of_overrides_contradicts_a_work_list_of_its_day_and_gives_way_to_a_later_one(ward: Path, tmp_path: Path) -> None:
    mine, out = project(tmp_path / "project"), tmp_path / "out"
    a = findings(ward / "out").row(0, named=True)
    (mine / "overrides.csv").write_text(HEAD + line(a), encoding="utf-8")
    answer(ward / "out", mine / "worklist" / "ann.xlsx", a_3=("fixed at source", ""))
    ran(mine, out)
    night = told(out)
    assert [outcome for _, outcome in night["outcomes"]] == ["conflict", "conflict"]
    assert night["quarantined"] == {A, B}
    (mine / "overrides.csv").write_text(HEAD + line(a, date="2019-12-02"), encoding="utf-8")
    ran(mine, out)
    night = told(out)
    assert [outcome for _, outcome in night["outcomes"]] == ["applied", "replaced"]
    assert (night["quarantined"], night["about"]) == ({B}, [])


@pytest.mark.slow
def test_two_copies_of_one_work_list_are_one_answer(ward: Path, tmp_path: Path) -> None:
    mine, out = project(tmp_path / "project"), tmp_path / "out"
    answer(ward / "out", mine / "worklist" / "june.xlsx", a_3=SAID, b_4=("fixed at source", ""))
    shutil.copy(mine / "worklist" / "june.xlsx", mine / "worklist" / "june (1).xlsx")
    (mine / "exports" / "b.csv").write_text(
        (mine / "exports" / "b.csv").read_text(encoding="utf-8").replace("Joy", "Joyce"), encoding="utf-8"
    )
    ran(mine, out)
    night = told(out)
    assert night["status"] == {"a.csv": "overridden", "b.csv": "fixed_at_source"}
    assert [edit for edit, _ in night["about"]] == ["WORK-NOT-FIXED"], "told once"
    assert sorted(outcome for _, outcome in night["outcomes"]) == ["applied", "not_mended", "repeated", "repeated"]


@pytest.mark.slow
def test_an_answer_to_a_finding_that_is_gone_is_told(ward: Path, tmp_path: Path) -> None:
    mine, out = project(tmp_path / "project"), tmp_path / "out"
    answer(ward / "out", mine / "worklist" / "june.xlsx", a_3=SAID, b_4=("cannot tell", ""))
    for name in ("a.csv", "b.csv"):
        path = mine / "exports" / name
        path.write_text(path.read_text(encoding="utf-8").replace(",right,", ",left,"), encoding="utf-8")
    ran(mine, out)
    night = told(out)
    assert sorted(outcome for _, outcome in night["outcomes"]) == ["found_no_more", "not_found"]
    assert [edit for edit, _ in night["about"]] == ["OVR-STALE"]


@pytest.mark.slow
def test_a_comment_behind_a_sign_of_equality_is_text_wherever_it_is_written(ward: Path, tmp_path: Path) -> None:
    mine, out = project(tmp_path / "project"), tmp_path / "out"
    answer(ward / "out", mine / "worklist" / "june.xlsx", a_3=("correct as is", "=see letter"))
    ran(mine, out)
    assert told(out)["status"]["a.csv"] == "overridden"
    (reason,) = pl.read_csv(out / "current/internal/answers.csv", infer_schema=False)["reason"]
    assert reason == "'=see letter"
    assert "see letter" not in (out / "current/share/quality/index.html").read_text(encoding="utf-8")
