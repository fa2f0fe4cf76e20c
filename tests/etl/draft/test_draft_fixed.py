"""`oncomart draft` of texts of fixed width: with a layout, by blank columns, or a word on what to do."""

from __future__ import annotations

from pathlib import Path

import pytest
from drafts import export

from etl.check import check_project
from etl.draft.drafting import Reading, draft_files, drafted, place_of
from schemas.core.errors import ConfigurationError

HEADED = """\
PatNo  Sex Date of diagnosis Stage
000001 F   14/03/2009        IIA
000002 F   15/04/2010
000003 M   30/05/2011        IIIB
"""
TOUCHING = "000001F20090314IIA\n000002F20100415\n000003M20110530IIIB\n"
LAYOUT = "field,start,width\nPatNo,1,6\nSex,7,1\nDate of diagnosis,8,8\nStage,16,4\n"


def beside(project: Path, text: str) -> Path:
    path = project.parent / "ward_layout.csv"
    path.write_text(text, "utf-8")
    return path


def test_guesses_columns_from_what_every_line_leaves_blank(project: Path) -> None:
    assert draft_files([export(project, HEADED, "ward.txt")], project, None, show=False) == 0
    layout = (project / "contracts" / "ward_layout.csv").read_text("utf-8").splitlines()
    assert layout[0].startswith("# Guessed by `oncomart draft` from blank columns")
    # nothing parts "Date" from "of" but blanks that the cells below have filled
    assert layout[1:] == ["field,start,width", "PatNo,1,7", "Sex,8,4", "Date of diagnosis,12,18", "Stage,30,5"]
    written = (project / "contracts" / "ward.yml").read_text("utf-8")
    assert "format: {kind: fixed, layout: ward_layout.csv, header_rows: 1}" in written.replace('"ward_layout.csv"', "ward_layout.csv")
    assert "No mistakes" in check_project(project)


def test_numbers_the_columns_where_no_line_names_them(project: Path) -> None:
    [draft] = drafted([export(project, HEADED.partition("\n")[2], "ward.txt")], place_of(project)).drafts
    assert draft.layout is not None and draft.layout[1].splitlines()[2:] == [
        "column_1,1,7",
        "column_2,8,4",
        "column_3,12,18",
        "column_4,30,4",
    ]
    assert "header_rows" not in draft.text and "000001" not in draft.shown


def test_reads_by_a_layout_that_is_given_and_puts_it_beside_the_contract(project: Path) -> None:
    file, layout = export(project, TOUCHING, "ward.txt"), beside(project, LAYOUT)
    [draft] = drafted([file], place_of(project), reading=Reading(layout=layout)).drafts
    assert draft.told == "4 columns, 4 used; records: 3 patient, 3 tumour"
    assert draft_files([file], project, None, Reading(layout), show=False) == 0
    assert (project / "contracts" / "ward_layout.csv").read_text("utf-8") == LAYOUT
    assert "No mistakes" in check_project(project)
    (project / "contracts" / "ward.yml").unlink()
    with pytest.raises(ConfigurationError, match="would be written over"):
        draft_files([file], project, None, Reading(beside(project, LAYOUT.replace("7,1", "7,2"))), show=False)


@pytest.mark.parametrize(
    ("layout", "says"), [("field,start\nPatNo,1\n", "width"), ("field,start,width\nPatNo,0,6\n", "whole number from 1")]
)
def test_names_every_mistake_of_a_layout(project: Path, layout: str, says: str) -> None:
    with pytest.raises(ConfigurationError, match=says):
        drafted([export(project, TOUCHING, "ward.txt")], place_of(project), reading=Reading(layout=beside(project, layout)))


@pytest.mark.parametrize("text", [TOUCHING, "one two\nthree four\n", "Anna,female,alive\nMaria,female,dead\nEva,female,dead\n"])
def test_says_what_to_do_where_nothing_can_be_guessed(project: Path, text: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert draft_files([export(project, text, "ward.txt")], project, None, show=True) == 3
    assert "of a file of fixed width say where its columns begin: `--layout FILE.csv`" in capsys.readouterr().err
