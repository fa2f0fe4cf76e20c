"""Reading: rows of a table that are no person, such as sums, notes and headers that stand again, are refused alone; persons stay."""

from __future__ import annotations

from pathlib import Path

import pytest
from reading import table


@pytest.mark.parametrize("word", ["Summe", "summe:", "Total", "Total 322", "GESAMT", "N = 322", "n: 3", "Grand total", "JUMLAH / TOTAL"])
def test_refuses_a_mostly_empty_row_that_names_a_sum_and_not_a_person(tmp_path: Path, word: str) -> None:
    raw = table(tmp_path, f"id,stage\n1,I\n{word},\n")
    assert raw.rows["id"].to_list() == ["1"]
    assert raw.findings.select("edit", "severity", "source_row").rows() == [("READ-TOTAL", "warning", 3)]
    assert raw.ledger.filter(fate="refused").select("reason", "n").rows() == [("total_row", 1)]


@pytest.mark.parametrize(
    ("rows", "kept"),
    [
        ("A1,I\nA2,I\n2,\n", 2),  # their number
        ("A1,I\nA2,I\n3,\n", 3),
        ("A1,I\nA2,I\n2,II\n", 3),  # a person of whom something is said
        ("0,I\n1,I\n2,\n", 3),  # counted from 0
    ],
)
def test_refuses_the_number_of_rows_below_them(tmp_path: Path, rows: str, kept: int) -> None:
    raw = table(tmp_path, f"id,stage\n{rows}")
    assert raw.rows.height == kept
    assert (raw.findings["edit"].to_list() == ["READ-TOTAL"]) is (kept == 2)


@pytest.mark.parametrize("word", ["Totale casi", "Összesen: 5", "(*) dati provvisori", "Source: pathology report"])
def test_refuses_a_line_of_words_below_the_table(tmp_path: Path, word: str) -> None:
    raw = table(tmp_path, f"id,stage\n1,I\n2,I\n3,I\n4,I\n5,\n{word},\n")
    assert raw.rows["id"].to_list() == ["1", "2", "3", "4", "5"]
    assert raw.findings.select("edit", "severity", "source_row").rows() == [("READ-TOTAL", "warning", 7)]


@pytest.mark.parametrize("rows", ["Anna Miller,\nEva Maier,I\n3,I\n", "1,I\n2,I\n3,I\n4,I\nAnna Miller,II\n", "A 1,\n2,I\n3,I\n4,I\n5,I\n"])
def test_keeps_a_person_who_is_called_by_several_words(tmp_path: Path, rows: str) -> None:
    assert table(tmp_path, "id,stage\n" + rows).rows.height == rows.count("\n")


@pytest.mark.parametrize("person", ["KKH-BC-12", "AB/CD"])
def test_keeps_a_number_of_letters_whose_row_says_no_more(tmp_path: Path, person: str) -> None:
    assert table(tmp_path, f"id,stage\n1,I\n2,I\n3,I\n4,I\n5,I\n{person},\n").rows["id"].to_list()[-1] == person


def test_keeps_a_person_called_by_words_whose_row_says_more_than_is_read(tmp_path: Path) -> None:
    raw = table(tmp_path, "id,stage,ward\n1,I,\n2,I,\n3,I,\n4,I,\n5,I,\nTan Ah Kow,,7B\n")
    assert raw.rows["id"].to_list()[-1] == "Tan Ah Kow"


def test_refuses_a_sum_in_the_first_cell_where_the_person_stands_further_right(tmp_path: Path) -> None:
    raw = table(tmp_path, "no,id,stage\n1,A1,I\nTOTAL,140,\n")
    assert raw.rows["id"].to_list() == ["A1"]
    assert raw.findings.filter(severity="warning").select("edit", "source_row").rows() == [("READ-TOTAL", 3)]


def test_takes_no_header_that_stands_again_for_a_person(tmp_path: Path) -> None:
    raw = table(tmp_path, "id,stage\n1,I\nid,stage\n2,II\n")
    assert raw.rows["id"].to_list() == ["1", "2"]
    assert raw.findings.select("edit", "severity", "source_row").rows() == [("READ-HEADER-AGAIN", "notice", 3)]


def test_reads_nothing_of_another_table_down_to_the_next_header_of_this_one(tmp_path: Path) -> None:
    raw = table(tmp_path, "id,stage,note\n1,I,\nid,Site of mets,\n1,Lung,\nid,stage,note\n2,II,\n")
    assert raw.rows.select("id", "stage").rows() == [("1", "I"), ("2", "II")]
    told = raw.findings.filter(edit="READ-OTHER-TABLE")
    assert told["source_row"].to_list() == [3, 4]
    assert raw.ledger.filter(reason="other_table")["n"].to_list() == [2]


def test_keeps_a_full_row_that_names_a_sum_and_says_so(tmp_path: Path) -> None:
    raw = table(tmp_path, "id,stage\n1,I\nSumme,II\n")
    assert raw.rows["id"].to_list() == ["1", "Summe"]
    assert raw.findings.select("edit", "source_row", "columns").rows() == [("READ-TOTAL", 3, "id")]


@pytest.mark.parametrize("note", ["NB: two in red", "* data until May", "Prepared by: the ward", "备注：随访"])
def test_refuses_a_note_under_the_table(tmp_path, note):
    raw = table(tmp_path, f"id,stage\n1,I\n{note},\n")
    assert raw.rows["id"].to_list() == ["1"]
    assert raw.findings.select("edit", "source_row").rows() == [("READ-TOTAL", 3)]


@pytest.mark.parametrize("row", ["NB 123,", "NB: two in red,II", "Keynes,", "Notaro Anna,", "*17,"])
def test_keeps_what_may_be_a_person_and_is_no_note(tmp_path, row):
    raw = table(tmp_path, f"id,stage\n1,I\n{row}\n")
    assert raw.rows["id"].to_list() == ["1", row.split(",")[0]]


@pytest.mark.parametrize("word", ["N", "1", "Totally", "Total Anna", "S0000001A", "Summerfield"])
def test_takes_no_other_text_for_a_sum(tmp_path: Path, word: str) -> None:
    assert table(tmp_path, f"id,stage\n1,I\n{word},\n").rows["id"].to_list() == ["1", word]
