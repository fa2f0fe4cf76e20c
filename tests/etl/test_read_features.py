"""What a contract can say about cells and files: one small export per feature, and the rows it becomes."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from raw_workbook import workbook_of
from reading import counted, refusal, said, table

from etl.normalise.treatment_grammar import Context, parse_cell
from etl.normalise.treatment_lexicons import words_of_treatment
from schemas.vocabulary import load

FOUND = [
    (b"id,stage\n1,I\n2,II\n", 'encoding=utf-8 delimiter=, quote="'),
    ("id;stage\nÄ;I\nB;II\n".encode("cp1252"), 'encoding=cp1252 delimiter=; quote="'),
    ("id\tstage\nÄ\tI\n".encode("utf-16"), 'encoding=utf-16 delimiter=tab quote="'),
    ("id\tstage\nÄ\tI\nB\tII\n".encode("utf-16-le"), 'encoding=utf-16-le delimiter=tab quote="'),
    ("\ufeffid|stage\nÄ|I\n".encode(), 'encoding=utf-8-sig delimiter=| quote="'),
    (b"'id';'stage'\n'1;2';'I'\n", "encoding=utf-8 delimiter=; quote='"),
    (b"id;stage\n1,5;I\n2,5;II\n", 'encoding=utf-8 delimiter=; quote="'),
    (b"id,stage\n\x81\x8d,I\n", 'encoding=latin-1 delimiter=, quote="'),
]


@pytest.mark.parametrize(("content", "words"), FOUND, ids=[words for _, words in FOUND])
def test_finds_out_how_a_file_is_written_and_says_what_it_found(tmp_path: Path, content: bytes, words: str) -> None:
    raw = table(tmp_path, content, format={"encoding": "auto", "delimiter": "auto", "quote": "auto"})
    assert raw.rows["stage"][0] == "I"
    assert ("READ-FOUND-OUT", None, words) in said(raw)
    assert raw.physical_rows == raw.ledger["n"].sum()


@pytest.mark.parametrize("content", ["id\n1\n", "id,stage;more\n1,I;x\n", "id,stage;x\n1;I,y\n2,1;z\n"])
def test_refuses_a_file_whose_delimiter_it_cannot_find_out(tmp_path: Path, content: str) -> None:
    assert refusal(tmp_path, content, format={"delimiter": "auto"}, fields={"id": {}})[0] in ("not_found_out", "missing_header")


@pytest.mark.parametrize("encoding", ["windows-1252", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "latin-1", "utf-32"])
def test_reads_the_declared_encoding_and_counts_its_lines(tmp_path: Path, encoding: str) -> None:
    text = "id,stage\r\nÄ,Ċ\r\n" if "utf" in encoding else "id,stage\r\nÄ,ü\r\n"
    raw = table(tmp_path, text.encode(encoding), format={"encoding": encoding})
    assert raw.rows["id"].to_list() == ["Ä"]
    assert raw.physical_rows == raw.ledger["n"].sum() == 2


def test_passes_over_capitals_blanks_and_dashes_of_headers_where_they_are_loose(tmp_path: Path) -> None:
    fields = {"id": {"header": "Patient No", "required": True}, "stage": {"aliases": ("Stage (AJCC)",)}}
    raw = table(tmp_path, "PATIENT-no.,stage_ajcc\n1,I\n", headers="loose", fields=fields)
    assert raw.rows.row(0) == (2, "1", "I")
    assert refusal(tmp_path, "PATIENT-no.,patient no\n1,I\n", headers="loose", fields=fields)[0] == "duplicate_header"


def test_lets_a_group_header_stand_for_the_blank_cells_to_its_right(tmp_path: Path) -> None:
    content = ",Surgery 1,,Surgery 2,\nid,date,type,date,type\n1,a,b,c,d\n"
    fields = {"id": {}, "first": {"header": "Surgery 1 type"}, "second": {"header": "Surgery 2 date"}}
    raw = table(tmp_path, content, format={"header_rows": 2, "fill_headers": True}, fields=fields)
    assert raw.rows.row(0) == (3, "1", "b", "c")


def test_puts_lost_leading_zeros_back_and_says_so(tmp_path: Path) -> None:
    fields = {"id": {"digits": 5}, "stage": {}}
    raw = table(tmp_path, "id,stage\n00123,a\n123,b\n123.0,c\n123456,d\nx,e\n1.2E+05,f\n,g\n", fields=fields)
    assert raw.rows["id"].to_list() == ["00123", "00123", "00123", None, None, None, None]
    assert said(raw) == [
        ("READ-LOST-DIGITS", 7, "id"), ("READ-LEADING-ZEROS", 3, "id"), ("READ-LEADING-ZEROS", 4, "id"),
        ("READ-FORM", 5, "id"), ("READ-FORM", 6, "id"),
    ]  # fmt: skip


def test_reads_a_number_written_in_groups_as_one(tmp_path: Path) -> None:
    fields = {"id": {"digits": 10}, "stage": {}}
    raw = table(tmp_path, "id,stage\n943 476 5919,a\n943-476-5919,b\n9434765919,c\n943 476,d\n43 476 5919,e\n", fields=fields)
    assert raw.rows["id"].to_list() == ["9434765919", "9434765919", "9434765919", None, None]
    assert said(raw) == [("READ-FORM", 5, "id"), ("READ-FORM", 6, "id")]


def test_empties_what_does_not_have_the_declared_form(tmp_path: Path) -> None:
    raw = table(tmp_path, "id,stage\nX0000001A,I\nX1A,I\n,I\n", fields={"id": {"form": r"[A-Z]\d{7}[A-Z]"}, "stage": {}})
    assert raw.rows["id"].to_list() == ["X0000001A", None, None]
    assert said(raw) == [("READ-FORM", 3, "id")]


def test_never_takes_a_number_in_scientific_notation_for_a_person(tmp_path: Path) -> None:
    raw = table(tmp_path, "id,stage\n9.5E+15,1E+5\n", fields={"id": {}, "stage": {}})
    assert raw.rows.row(0) == (2, None, "1E+5")
    assert said(raw) == [("READ-LOST-DIGITS", 2, "id")]


BOX = {"id": {}, "status": {"checkbox": {"1": "alive", "2": "dead", "-9": "unknown"}}}


def test_gives_the_ticked_choice_of_checkboxes(tmp_path: Path) -> None:
    content = "id,status___1,status___2,status___-9\n1,1,0,0\n2,,Checked,\n3,0,0,0\n4,1,1,0\n5,2,0,0\n"
    raw = table(tmp_path, content, fields=BOX)
    assert raw.rows.select("status", "status_1", "status_2").rows() == [
        ("alive", "yes", None), ("dead", None, "yes"), (None, None, None), (None, "yes", "yes"), (None, None, None),
    ]  # fmt: skip
    assert said(raw) == [("READ-CHECKBOX", 5, "status"), ("READ-CHECKBOX", 6, "status")]


def test_joins_the_ticked_choices_by_the_separator(tmp_path: Path) -> None:
    fields = {"id": {}, "site": {"checkbox": {"1": "lung", "2": "bone"}, "separator": "; "}}
    raw = table(tmp_path, "id,site___1,site___2\n1,1,1\n2,0,1\n", fields=fields)
    assert raw.rows["site"].to_list() == ["lung; bone", "bone"]


def test_knows_yes_and_no_of_a_checkbox_in_every_language_of_a_flag(tmp_path: Path) -> None:
    found = table(tmp_path, "id,status___1,status___2,status___-9\n1,ja,nein,nein\n2,non,Oui,0\n", fields=BOX)
    assert found.rows["status"].to_list() == ["alive", "dead"]


def test_notices_a_checkbox_that_was_not_delivered(tmp_path: Path) -> None:
    raw = table(tmp_path, "id,status___1\n1,1\n", fields=BOX)
    assert raw.rows["status"].to_list() == ["alive"]
    assert said(raw) == [("READ-ABSENT-COLUMN", None, "status___2 status___-9")]
    none = table(tmp_path, "id\n1\n2\n", fields=BOX)
    assert none.rows.select("status", "status_1").rows() == [(None, None)] * 2
    required = {"id": {}, "status": {**BOX["status"], "required": True}}
    assert "'status___1' is missing" in refusal(tmp_path, "id\n1\n", fields=required)[1]


TRAILER = {"footer_rows": 1, "trailer": r"(?i)^total\D*(?P<rows>\d+)"}
COUNTS: list[tuple[str, dict[str, Any], str | None]] = [
    ("id,stage\n1,I\n2,II\nTotal rows: 2,\n", {"format": TRAILER}, None),
    ('id,stage\n1,"I\nI"\nTotal rows,1\n', {"format": TRAILER}, None),
    ('id,stage\n1,"I"\n"TOTAL","1"\n', {"format": TRAILER}, None),
    ("id,stage\n1,I\nTotal rows: 2,\n", {"format": TRAILER}, "trailer"),
    ("id,stage\n1,I\n2,II\n", {"format": TRAILER}, "trailer"),
    ("id,stage\n1,I\n2,II\n", {"expected_rows": {"min": 2}}, None),
    ("id,stage\n1,I\n2,II\n", {"expected_rows": {"min": 3}}, "expected_rows"),
    ("id,stage\n1,I\n2,II\n", {"expected_rows": {"max": 1}}, "expected_rows"),
]


def test_an_umlaut_whose_dots_stand_apart_is_the_same_letter(tmp_path: Path) -> None:
    raw = table(tmp_path, "id,Gro\u0308\u00dfe\n1,12\n", fields={"id": {}, "size": {"header": "Gr\u00f6\u00dfe", "required": True}})
    assert raw.rows["size"].to_list() == ["12"]


def test_a_trailer_that_backtracks_takes_no_time(tmp_path: Path) -> None:
    said = {"footer_rows": 1, "trailer": r"^(a+)+(?P<rows>[0-9]+)$"}
    assert refusal(tmp_path, f"id,stage\n1,I\n{'a' * 60}!,\n", format=said)[0] == "trailer"


@pytest.mark.parametrize(("content", "more", "reason"), COUNTS)
def test_holds_a_file_to_the_number_of_rows_it_should_have(tmp_path: Path, content: str, more: dict[str, Any], reason: str | None) -> None:
    if reason is None:
        assert counted(table(tmp_path, content, **more))["goes_on"] >= 1
    else:
        assert refusal(tmp_path, content, **more)[0] == reason


def test_reads_the_treatments_in_the_lines_of_a_quoted_cell_and_of_a_spreadsheet(tmp_path: Path) -> None:
    fields: dict[str, Any] = {"id": {}, "when": {}}
    text = table(tmp_path, 'id,when\n1,"AC x4\nTx12"\n2,"AC x4\r\nTx12"\n', fields=fields)
    cell = '<c r="AT" t="inlineStr"><is><t>AC x4&#10;Tx12</t></is></c>'
    sheet = table(tmp_path, workbook_of([cell]), name="ward.xlsx", format={"kind": "excel"}, fields=fields)
    words = words_of_treatment(load())
    for read in (*text.rows["when"], *sheet.rows["when"]):
        components, _ = parse_cell(read, Context("chemotherapy", None, {}), words)
        assert [(one.get("regimen_code") or one["drug_code"], one["cycles"]) for one in components] == [("AC", 4), ("paclitaxel", 12)]


def test_two_fields_take_a_column_that_holds_now_this_number_and_now_that(tmp_path: Path) -> None:
    fields = {"national": {"header": "no", "form": r"[A-Z]\d{7}[A-Z]"}, "case": {"header": "no", "form": r"\d{6}"}, "stage": {}}
    raw = table(tmp_path, "no,stage\nX0000001A,I\n004711,I\n,I\nX1A,I\n", fields=fields)
    assert raw.rows["national"].to_list() == ["X0000001A", None, None, None]
    assert raw.rows["case"].to_list() == [None, "004711", None, None]
    assert said(raw) == [("READ-FORM", 5, "no")]  # neither, and told once


@pytest.mark.parametrize("first", ["national", "case"])
def test_zeros_that_one_of_two_fields_puts_back_are_nothing_that_the_other_tells_of(tmp_path: Path, first: str) -> None:
    fields = {
        "national": {"header": "no", "form": r"[A-Z]\d{7}[A-Z]"},
        "case": {"header": "no", "form": r"\d{6}", "digits": 6},
        "stage": {},
    }
    fields = {first: fields[first], **fields}
    raw = table(tmp_path, "no,stage\nX0000001A,I\n4711,I\n1.2E+05,I\n004712,I\n", fields=fields)
    assert raw.rows["national"].to_list() == ["X0000001A", None, None, None]
    assert raw.rows["case"].to_list() == [None, "004711", None, "004712"]
    assert sorted(said(raw)) == [("READ-LEADING-ZEROS", 3, "no"), ("READ-LOST-DIGITS", 4, "no")]


def test_passes_over_the_line_by_which_excel_knows_the_delimiter(tmp_path: Path) -> None:
    for first in ("sep=;\n", '"sep=;"\r\n', ""):
        raw = table(tmp_path, f"{first}id;stage\n1;I\n", format={"delimiter": ";"})
        assert (raw.rows["id"].to_list(), said(raw)) == (["1"], [])
        assert counted(raw)["goes_on"] == 1
        assert counted(raw).get("not_data preamble", 0) == (1 if first else 0)
