"""Over-rides and the answers of the work list over the whole line, delivery after delivery."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import duckdb
import openpyxl
import polars as pl
import pytest
from answered_wards import EDIT, HEAD, answer, deliver, findings, first_release, line, project, quarantined, ran

from etl.check import check_project
from schemas.core.errors import ConfigurationError
from schemas.worklist import COLUMNS, HIDDEN, read_worklists
from tests.made_once import made_once

A, B = ("a.csv", 3), ("b.csv", 4)


def told(out: Path) -> dict[str, Any]:
    """What a release says of the two findings and of the answers to them."""
    edits = pl.read_csv(out / "current/share/quality/edits.csv")
    raised = pl.read_csv(out / "current/internal/findings.csv", infer_schema=False)
    return {
        "status": dict(findings(out).select("source_file", "status").iter_rows()),
        "id": dict(findings(out).select("source_file", "finding_id").iter_rows()),
        "quarantined": quarantined(out),
        "violated": edits.filter(edit=EDIT)["violated"].item(),
        "about": sorted(raised.filter(pl.col("edit").str.contains("^(OVR|WORK)-"))["edit"]),
        "outcomes": _outcomes(out),
        "warehouse": _in_warehouse(out),
    }


def _in_warehouse(out: Path) -> dict[str, str]:
    """Status of each finding of the edit in fact_finding, by file."""
    query = "select source_file, status from fact_finding join dim_source using (source_key) where edit = ?"
    with duckdb.connect(str(out / "current/warehouse.duckdb"), read_only=True) as con:
        return dict(con.execute(query, [EDIT]).fetchall())


def _outcomes(out: Path) -> list[str]:
    path = out / "current/internal/answers.csv"
    return pl.read_csv(path, infer_schema=False)["outcome"].to_list() if path.is_file() else []


@pytest.fixture(scope="module")
def ward(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project and its first release; not to be changed."""
    return made_once(tmp_path_factory, "answered_wards", first_release)


@pytest.fixture(scope="module")
def nights(ward: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, dict[str, Any]]:
    """An over-ride of the tumour in a.csv, night after night."""
    folder = tmp_path_factory.mktemp("nights")
    mine, out, seen = project(folder / "project"), folder / "out", {}
    row = findings(ward / "out").row(0, named=True)
    (mine / "overrides.csv").write_text(HEAD + line(row), encoding="utf-8")
    for night, *change in (
        ("overridden",),
        ("elsewhere", "1950-03-07", "1950-03-08"),  # another woman's birth: the file is another one, her values are not
        ("changed", "right,2010-05-05", "right,2010-05-06"),
        ("gone", "S0000002B,Tan May,1961-01-01,1,right,2010-05-05,2012-01-01\n", ""),
    ):
        if change:
            deliver(mine, "a.csv", *change)
        outcome = ran(mine, out)
        assert outcome.outcome == "published", outcome.reason
        seen[night] = told(out)
    return seen


@pytest.mark.slow
def test_an_overridden_record_is_loaded_and_its_finding_stays(nights: dict[str, dict[str, Any]]) -> None:
    night = nights["overridden"]
    assert night["status"] == night["warehouse"] == {"a.csv": "overridden", "b.csv": "open"}
    assert night["quarantined"] == {B}
    assert night["violated"] == 2
    assert (night["about"], night["outcomes"]) == ([], ["applied"])


@pytest.mark.slow
def test_a_new_delivery_with_the_same_values_changes_nothing(nights: dict[str, dict[str, Any]]) -> None:
    assert nights["elsewhere"] == nights["overridden"]


@pytest.mark.slow
@pytest.mark.parametrize(("night", "outcome", "held"), [("changed", "value_changed", {A, B}), ("gone", "record_gone", {B})])
def test_an_over_ride_that_no_longer_fits_is_a_finding(nights: dict[str, dict[str, Any]], night: str, outcome: str, held: set[Any]) -> None:
    assert nights[night]["outcomes"] == [outcome]
    assert nights[night]["about"] == ["OVR-STALE"]
    assert nights[night]["quarantined"] == held
    assert "overridden" not in nights[night]["status"].values()


@pytest.mark.slow
def test_a_finding_keeps_its_id_from_release_to_release(nights: dict[str, dict[str, Any]], ward: Path) -> None:
    ids = told(ward / "out")["id"]
    assert nights["elsewhere"]["id"] == nights["changed"]["id"] == ids


@pytest.mark.slow
def test_says_what_is_expired_contradictory_or_of_no_edit(ward: Path, tmp_path: Path) -> None:
    mine, (a, b) = project(tmp_path / "project"), findings(ward / "out").rows(named=True)
    lines = [
        line(a, date="2018-01-01", expires="2019-12-31"), line(b), line(b, fingerprint="k00000000000"), line(a, edit="OURS-002"),
    ]  # fmt: skip
    (mine / "overrides.csv").write_text(HEAD + "".join(lines), encoding="utf-8")
    ran(mine, tmp_path / "out")
    night = told(tmp_path / "out")
    assert night["outcomes"] == ["expired", "conflict", "conflict", "edit_unknown"]
    assert night["about"] == ["OVR-CONFLICT", "OVR-CONFLICT", "OVR-EDIT", "OVR-EXPIRED"]
    assert night["quarantined"] == {A, B}


@pytest.fixture(scope="module")
def answered(ward: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, dict[str, Any]]:
    """The work list filled in and put back, night after night."""
    folder = tmp_path_factory.mktemp("answered")
    mine, out, seen = project(folder / "project"), folder / "out", {}
    answer(ward / "out", mine / "worklist" / "june.xlsx", a_3=("correct as is", "operation note"), b_4=("fixed at source", ""))
    for night, *change in (("answered",), ("not fixed", "LIM, Mary", "LIM Mary"), ("fixed", "1,right,2013", "1,left,2013")):
        if change:
            deliver(mine, "b.csv", *change)
        outcome = ran(mine, out)
        assert outcome.outcome == "published", outcome.reason
        seen[night] = told(out)
    answer(ward / "out", mine / "worklist" / "july.xlsx", a_3=("cannot tell", ""))
    day = "2019-12-02"
    _rewritten(mine / "worklist" / "july.xlsx", "date", {"2019-12-01": day})
    ran(mine, out)
    return {**seen, "later": told(out)}


def _rewritten(path: Path, column: str, texts: dict[str, str]) -> None:
    """The workbook with texts of one column replaced."""
    book = openpyxl.load_workbook(path)
    for sheet in book.worksheets[1:]:
        place = [cell.value for cell in sheet[1]].index(column)
        for row in sheet.iter_rows(min_row=2):
            row[place].value = texts.get(row[place].value, row[place].value)
    book.save(path)


@pytest.mark.slow
def test_correct_as_is_overrides_and_fixed_at_source_waits(answered: dict[str, dict[str, Any]]) -> None:
    night = answered["answered"]
    assert night["status"] == {"a.csv": "overridden", "b.csv": "fixed_at_source"}
    assert night["quarantined"] == {B}
    assert night["about"] == []


@pytest.mark.slow
def test_what_is_said_to_be_fixed_and_is_not_is_a_finding_once_the_file_came_anew(answered: dict[str, dict[str, Any]]) -> None:
    assert answered["not fixed"]["status"] == answered["answered"]["status"]
    assert answered["not fixed"]["about"] == ["WORK-NOT-FIXED"]


@pytest.mark.slow
def test_what_is_fixed_is_done_with(answered: dict[str, dict[str, Any]]) -> None:
    night = answered["fixed"]
    assert night["status"] == {"a.csv": "overridden"}
    assert (night["about"], night["outcomes"]) == ([], ["applied", "mended"])


@pytest.mark.slow
def test_the_later_answer_counts(answered: dict[str, dict[str, Any]]) -> None:
    night = answered["later"]
    assert night["status"] == {"a.csv": "cannot_tell"}
    assert night["quarantined"] == {A}
    assert sorted(night["outcomes"]) == ["applied", "mended", "replaced"]


def test_the_work_list_shows_row_cells_and_what_to_do(ward: Path) -> None:
    book = openpyxl.load_workbook(ward / "out/current/internal/worklist.xlsx")
    assert book.sheetnames == ["About", "a", "b"]
    sheet = book["a"]
    assert tuple(cell.value for cell in sheet[1]) == COLUMNS
    (row,) = [dict(zip(COLUMNS, cells, strict=True)) for cells in sheet.iter_rows(2, values_only=True) if cells[2] == EDIT]
    assert (row["severity"], row["title"], row["action"]) == ("error", "A tumour on the right", "Look at the side again.")
    assert (row["source_file"], row["source_row"], row["cells"]) == ("a.csv", 3, "Side: right; diagnosed: 2010-05-05")
    assert (row["answer"], row["status"]) == (None, "open")
    assert "Tan May" not in str(list(sheet.values)) and "S0000002B" not in str(list(sheet.values))


def test_the_work_list_can_be_used(ward: Path) -> None:
    sheet = openpyxl.load_workbook(ward / "out/current/internal/worklist.xlsx")["a"]
    column = {cell.value: cell.column_letter for cell in sheet[1]}
    assert sheet.freeze_panes == "B2" and sheet.auto_filter.ref and sheet.protection.sheet
    hidden = sheet.column_dimensions[column[HIDDEN[0]]]  # of neighbours that are alike openpyxl knows the first
    assert hidden.hidden and hidden.max == len(COLUMNS) == hidden.min + len(HIDDEN) - 1
    assert not sheet[f"{column['answer']}2"].protection.locked and sheet[f"{column['edit']}2"].protection.locked
    lists = {rule.formula1 for rule in sheet.data_validations.dataValidation if rule.type == "list"}
    assert '"fixed at source,correct as is,cannot tell"' in lists


def test_quarantine_holds_the_row_as_delivered_without_who_she_is(ward: Path) -> None:
    frame = pl.read_parquet(ward / "out/current/internal/quarantine.parquet").filter(record="tumour").sort("source_file")
    row = frame.row(0, named=True)
    assert row["raw"] == '{"tumour":"1","Side":"right","diagnosed":"2010-05-05","seen":"2012-01-01"}'
    assert (row["source_file"], row["source_row"], row["edits"]) == (*A, EDIT)


WRONG = {
    "an answer that is none": ("answer", {"correct as is": "corect as is"}, "'answer' is none of the words (did you mean correct as is?)"),
    "no author": ("author", {"AB": ""}, "'author' is empty"),
    "no day": ("date", {"2019-12-01": "in June"}, "'date' is empty or no date"),
    "no reason": ("comment", {"operation note": ""}, "'comment' is empty"),
    "another edit": ("edit", {EDIT: "DATE-010"}, "the row is not as it came"),
    "no answer": ("answer", {"correct as is": None}, "something is written beside an empty 'answer'"),
}


@pytest.mark.parametrize("kind", WRONG)
def test_check_names_sheet_and_row_of(kind: str, ward: Path, tmp_path: Path) -> None:
    column, texts, says = WRONG[kind]
    mine = project(tmp_path / "project")
    answer(ward / "out", mine / "worklist" / "june.xlsx", a_3=("correct as is", "operation note"))
    _rewritten(mine / "worklist" / "june.xlsx", column, texts)
    told = [line for line in check_project(mine).splitlines() if line.startswith("worth a second look: worklist/june.xlsx:")]
    assert told and all("sheet 2" in line for line in told)
    assert says in told[0]
    assert "operation" not in str(told) and "corect" not in str(told)


def test_a_sheet_without_its_hidden_columns_is_no_work_list(ward: Path, tmp_path: Path) -> None:
    mine = project(tmp_path / "project")
    target = mine / "worklist" / "june.xlsx"
    answer(ward / "out", target, a_3=("correct as is", "operation note"))
    book = openpyxl.load_workbook(target)
    book["a"].delete_cols(COLUMNS.index("seal") + 1)
    book.save(target)
    with pytest.raises(ConfigurationError, match=r"june\.xlsx:1: sheet 2: column seal is missing"):
        check_project(mine)


@pytest.mark.slow
def test_a_half_filled_row_is_a_finding_and_the_night_goes_on(ward: Path, tmp_path: Path) -> None:
    mine = project(tmp_path / "project")
    a, b = findings(ward / "out").rows(named=True)
    answer(ward / "out", mine / "worklist" / "june.xlsx", a_3=("correct as is", "operation note"), b_4=("cannot tell", ""))
    _rewritten(mine / "worklist" / "june.xlsx", "comment", {"operation note": ""})
    (mine / "overrides.csv").write_text(HEAD + line(b, reason="") + line(a, date="2031-01-01"), encoding="utf-8")
    assert ran(mine, tmp_path / "out").outcome == "published"
    night = told(tmp_path / "out")
    assert night["about"] == ["OVR-FUTURE", "OVR-INCOMPLETE", "OVR-INCOMPLETE"]
    assert night["status"] == {"a.csv": "open", "b.csv": "cannot_tell"}
    assert night["quarantined"] == {A, B}
    page = (tmp_path / "out/current/share/quality/index.html").read_text(encoding="utf-8").replace("<wbr>", "")
    assert 'href="#overrides"' in page and "dated in the future" in page and "overrides.csv line 3" in page


def _reworked(ward: Path, target: Path, kind: str) -> None:
    answer(ward / "out", target, a_3=("correct as is", "operation note"))
    book = openpyxl.load_workbook(target)
    if kind == "a line above the headers":
        book["a"].insert_rows(1)
        book["a"]["A1"] = "ward A, June"
    elif kind == "no headers":
        book["a"].delete_rows(1)
    elif kind == "no hidden column and no headers":
        book["a"].delete_cols(len(COLUMNS) - len(HIDDEN) + 1, len(HIDDEN))
        book["a"].delete_rows(1)
    book.save(target)


def test_answers_under_a_line_above_the_headers_are_read(ward: Path, tmp_path: Path) -> None:
    mine = project(tmp_path / "project")
    _reworked(ward, mine / "worklist" / "JUNE.XLSX", "a line above the headers")
    (mine / "worklist" / "Thumbs.db").write_bytes(b"what a file manager leaves")
    read = read_worklists(mine)
    assert [(one.sheet, one.line, one.status) for one in read.answers] == [(2, 3, "overridden")]
    assert read.unusable == read.mistakes == ()


@pytest.mark.parametrize("kind", ["no headers", "no hidden column and no headers"])
def test_a_sheet_without_headers_does_not_lose_its_answers_in_silence(kind: str, ward: Path, tmp_path: Path) -> None:
    mine = project(tmp_path / "project")
    _reworked(ward, mine / "worklist" / "june.xlsx", kind)
    read = read_worklists(mine)
    assert not read.answers
    assert [(one.file, one.message) for one in read.mistakes] == [
        ("worklist/june.xlsx", "sheet 2: the row of headers (finding_id, …) is gone"),
    ]
