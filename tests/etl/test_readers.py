"""Reading: cells as text, every physical line in the ledger, a clear refusal for everything else."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest
from landing_project import contract
from reading import counted, refusal, table

from etl.landing.landed import LandedFile
from etl.readers import read
from schemas.core.errors import UnreadableError

CELL = {"id": {"required": True}, "stage": {}}


def test_gives_each_row_the_line_where_it_begins(tmp_path: Path) -> None:
    raw = table(tmp_path, 'id,stage\n1,I\n\n# note\n2,"II\nA"\n3,\n', format={"comment": "#"})
    assert raw.rows.rows() == [(2, "1", "I"), (5, "2", "II\nA"), (7, "3", None)]
    assert raw.rows.schema == {"source_row": pl.Int64, "id": pl.String, "stage": pl.String}
    assert counted(raw) == {"goes_on": 3, "not_data blank": 1, "not_data comment": 1, "not_data continuation": 1, "not_data header": 1}


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("quoted", [False, True])
def test_reads_lines_that_end_with(tmp_path: Path, end: str, quoted: bool) -> None:
    last = '"3"' if quoted else "3"
    raw = table(tmp_path, end.join(["id,stage", "1,I", "", f"2,{last}"]) + end)
    assert raw.rows.rows() == [(2, "1", "I"), (4, "2", "3")]
    assert raw.ledger["n"].sum() == 4


def test_skips_the_preamble_and_the_footer(tmp_path: Path) -> None:
    content = 'Ward "A\n\nid,stage\n1,I\n2,II\nTotal: 2\n'
    assert counted(table(tmp_path, content, format={"preamble_rows": 2, "footer_rows": 1, "quote": None})) == {
        "goes_on": 2, "not_data footer": 1, "not_data header": 1, "not_data preamble": 2,
    }  # fmt: skip
    assert table(tmp_path, content, format={"preamble_rows": 2, "footer_rows": 1}).rows["id"].to_list() == ["1", "2"]


def test_joins_the_cells_of_several_header_rows(tmp_path: Path) -> None:
    fields = {"id": {"header": "Patient No"}, "stage": {"header": "Stage"}}
    raw = table(tmp_path, "Patient,Stage\nNo,\n1,I\n", format={"header_rows": 2}, fields=fields)
    assert raw.rows.rows() == [(3, "1", "I")]


def test_finds_a_column_by_its_alias_and_trims_headers(tmp_path: Path) -> None:
    assert table(tmp_path, "\u00a0ID , stage\n1,I\n", fields={"id": {"aliases": ("ID",)}, "stage": {}}).rows.rows() == [(2, "1", "I")]


def test_reads_other_encodings_and_delimiters(tmp_path: Path) -> None:
    for encoding, delimiter in (("cp1252", ";"), ("utf-16", "\t"), ("utf-8-sig", "|")):
        content = f"id{delimiter}stage\nÄ{delimiter}I\n".encode(encoding)
        raw = table(tmp_path, content, format={"encoding": encoding, "delimiter": delimiter})
        assert raw.rows.rows() == [(2, "Ä", "I")]


def test_leaves_a_byte_order_mark_out_of_the_first_header(tmp_path: Path) -> None:
    assert table(tmp_path, b"\xef\xbb\xbfid,stage\n1,I\n").rows["id"].to_list() == ["1"]


def test_makes_blank_cells_and_null_tokens_null_and_keeps_the_inner_text(tmp_path: Path) -> None:
    fields = {"id": {}, "stage": {"null_tokens": ("Unknown",)}}
    raw = table(tmp_path, "id,stage\n 1 a ,Unknown \nNA, unknown\n3,\u00a0\n", null_tokens=("NA",), fields=fields)
    assert raw.rows.select("id", "stage").rows() == [("1 a", None), (None, "unknown"), ("3", None)]


def test_never_reads_a_column_that_names_a_person(tmp_path: Path) -> None:
    raw = table(tmp_path, "id,name\n1,Smith\n", fields={"id": {}, "name": {"identifier": True}}, columns="exact")
    assert raw.rows.rows() == [(2, "1", None)]


def test_calls_a_row_without_any_value_blank(tmp_path: Path) -> None:
    assert counted(table(tmp_path, "id,stage\n1,I\n , \n,\n")) == {"goes_on": 1, "not_data blank": 2, "not_data header": 1}
    assert counted(table(tmp_path, 'id,stage\n1,I\n," "\n')) == {"goes_on": 1, "not_data blank": 1, "not_data header": 1}


@pytest.mark.parametrize("third", ["2,I,x", '2,"I",x', "2"])
def test_refuses_a_ragged_row_alone(tmp_path: Path, third: str) -> None:
    raw = table(tmp_path, f"id,stage\n1,I\n{third}\n3,II\n")
    assert raw.rows["source_row"].to_list() == [2, 4]
    assert counted(raw)["refused ragged"] == 1
    assert raw.findings.select("edit", "severity", "source_row").rows() == [("READ-RAGGED", "warning", 3)]
    assert raw.counts.filter(edit="READ-RAGGED").select("violated", "satisfied").rows() == [(1, 2)]


def test_refuses_a_row_with_a_stray_quote_alone(tmp_path: Path) -> None:
    raw = table(tmp_path, 'id,stage\n1,I\n2,"I"I\n3,II\n')
    assert raw.rows["id"].to_list() == ["1", "3"]
    assert counted(raw)["refused malformed"] == 1
    assert raw.findings.select("edit", "source_row").rows() == [("READ-MALFORMED", 3)]


def test_notices_extra_and_absent_columns_and_an_unended_line(tmp_path: Path) -> None:
    raw = table(tmp_path, "id,more,rest\n1,I,2")
    assert raw.rows.rows() == [(2, "1", None)]
    assert raw.findings.select("edit", "severity", "columns").rows() == [
        ("READ-EXTRA-COLUMN", "notice", "more rest"), ("READ-ABSENT-COLUMN", "notice", "stage"), ("READ-NO-LINE-END", "notice", None),
    ]  # fmt: skip


REFUSED = [
    ("", "empty", "ward.csv: the file is empty"),
    ("\n\n", "empty", "no header row"),
    ("id,stage\n", "no_rows", "row 1: the file has a header and no rows"),
    ("id,stage\n1,\0\n", "nul_bytes", "row 2: holds NUL bytes"),
    (b"PK\x03\x04\0\0,\n", "nul_bytes", "it looks like a workbook (kind: excel), or a zip file: unpack it"),
    (b"id,stage\n1,I\n2,\xff\n", "encoding", "row 3: byte 16 of the file is not utf-8"),
    (b"id,stage\n1,\xc4\n", "encoding", "say under 'encoding' which it has (windows-1252 is usual from Excel), or auto"),
    ('id,stage\n1,I\n2,"II\n3,III\n', "unclosed_quote", "row 3: a quote that is not closed"),
    ('id,stage\n1,I\n2,"II\n3,"III"\n4,I\n', "unclosed_quote", "row 3: a quote that is not closed"),
    ('id,stage\n1,I\n2,"II\n3,III",x\n4,I\n', "unclosed_quote", "row 3: a quote that is not closed"),
    ("id,stage\n1,I\n2", "truncated", "row 3: the last row has 1 of 2 cells"),
    ('id,stage\n1,"I"\n2', "truncated", "row 3: the last row has 1 of 2 cells"),
    ("id,stage\n1,I,2\n", "ragged", "no row has the 2 cells"),
    ("id,stage,stage\n1,I,I\n", "duplicate_header", "row 1: a header that the contract reads stands there twice, first in column 2"),
    ("ident,stage\n1,I\n", "missing_header", "row 1: the column 'id' is missing; the header of column 1 is nearest (renamed?"),
    ("x\n\nyes,stage\n1,I\n", "missing_header", "row 1: none of the contract's headers"),
    ("Smith,C50\n1,I\n", "missing_header", "none of the contract's headers"),
    ("Id_,stage_\n1,I\n", "missing_header", "none of the contract's headers"),
    ("stage,when\nI,2\n", "missing_header", "the column 'id' is missing"),
]


@pytest.mark.parametrize(("content", "reason", "says"), REFUSED, ids=[f"{case[1]}-{number}" for number, case in enumerate(REFUSED)])
def test_refuses_the_whole_file_for(tmp_path: Path, content: str | bytes, reason: str, says: str) -> None:
    found, message = refusal(tmp_path, content)
    assert found == reason
    assert says in message and message.startswith("ward.csv")
    assert "Smith" not in message


def test_names_the_first_ten_of_very_many_columns_and_how_many_more(tmp_path: Path) -> None:
    many = [f"c{n}" for n in range(300)]
    raw = table(tmp_path, f"id,stage,{','.join(many)}\n1,I{',' * 300}\n")
    [named] = raw.findings.filter(edit="READ-EXTRA-COLUMN")["columns"]
    assert named == " ".join([*many[:10], "and 290 more"])
    _, says = refusal(tmp_path, f"id,stage,{','.join(many)}\n1,I{',' * 300}\n", columns="exact")
    assert "12, and 290 more (write" in says


@pytest.mark.parametrize("header", ["stage\u200b", "\ufeffstage", "sta\u00adge", "\u200estage\u200e"])
def test_finds_a_header_with_marks_that_no_eye_sees(tmp_path: Path, header: str) -> None:
    assert table(tmp_path, f"id,{header}\n1,I\n").rows["stage"].to_list() == ["I"]


def test_refuses_an_extra_column_where_the_contract_is_exact(tmp_path: Path) -> None:
    assert refusal(tmp_path, "id,stage,more\n1,I,2\n", columns="exact")[0] == "extra_column"


TWICE = "id,Date,note,Date,note\n1,a,x,b,y\n"


@pytest.mark.parametrize(
    ("first", "second", "read"),
    [
        ("Date [1]", "Date [2]", ["a", "b"]),
        ("Date [2]", "Date [1]", ["b", "a"]),
        ("DATE [2]", "x", ["b", None]),
        ("Date", "Date [2]", None),  # which of them is the plain one
        ("Date", "x", None),
        ("Date [3]", "x", None),  # there is no third: which of three is missing
        ("id [1]", "Other [2]", [None, None]),  # id stands there once, and is read; Other not at all
    ],
)
def test_tells_columns_of_one_header_apart_by_their_number(tmp_path: Path, first: str, second: str, read: list[str | None] | None) -> None:
    fields = {"id": {"required": True}, "first": {"header": first}, "second": {"header": second}}
    if read is None:
        assert refusal(tmp_path, TWICE, headers="loose", fields=fields)[0] in ("duplicate_header", "missing_header")
    else:
        assert list(table(tmp_path, TWICE, headers="loose", fields=fields).rows.row(0)[1:]) == ["1", *read]


@pytest.mark.parametrize(
    ("header", "aliases", "is_read"),
    [
        ("id,Date,Date", {}, True),
        ("id,Date,Date,Date", {}, True),
        ("id,note", {}, True),
        ("id,Date", {}, False),
        ("id,Date", {"aliases": ("Date",)}, True),  # the contract says what the only one is
        ("id,Date [1],Date [2]", {}, True),
    ],
)
def test_reads_no_numbered_header_where_one_of_them_is_missing(
    tmp_path: Path, header: str, aliases: dict[str, object], *, is_read: bool
) -> None:
    fields = {"id": {"required": True}, "first": {"header": "Date [1]", **aliases}, "second": {"header": "Date [2]"}}
    text = f"{header}\n{','.join('1' for _ in header.split(','))}\n"
    if is_read:
        assert table(tmp_path, text, fields=fields).rows.height == 1
    else:
        assert "the contract numbers it up to 2" in refusal(tmp_path, text, fields=fields)[1]


def test_refuses_a_header_beside_its_alias(tmp_path: Path) -> None:
    assert refusal(tmp_path, "id,ID\n1,1\n", fields={"id": {"aliases": ("ID",)}})[0] == "duplicate_header"


def test_refuses_a_landed_copy_that_has_changed(tmp_path: Path) -> None:
    by = contract("ward", "ward.csv")
    (tmp_path / "a.csv").write_text("id,stage\n1,I\n", encoding="utf-8")
    with pytest.raises(UnreadableError, match="has changed since it was landed"):
        read(LandedFile("ward.csv", "0" * 64, 13, tmp_path / "a.csv", by, "", "goes_on"), by)


@pytest.mark.parametrize(
    ("text", "encoding", "says"),
    [
        ("浸潤性乳管癌のカルテ", "cp932", "cp932 (Japanese)"),
        ("浸润性导管癌改良根治术", "gb18030", "gb18030 (Chinese)"),
        ("雙側乳癌改良根治手術", "big5", "big5 (Chinese)"),
        ("침윤성유관암오른쪽", "euc_kr", "euc_kr (Korean)"),
        ("инфильтрирующий рак", "cp1251", "cp1251 (Cyrillic)"),
    ],
)
@pytest.mark.parametrize("declared", ["auto", "utf-8"])
def test_says_which_encoding_a_text_of_another_script_may_have(tmp_path: Path, text: str, encoding: str, says: str, declared: str) -> None:
    content = ("id,stage\n" + "".join(f"{n},{text}\n" for n in range(9))).encode(encoding)
    reason, message = refusal(tmp_path, content, format={"encoding": declared})
    assert reason == ("not_found_out" if declared == "auto" else "encoding")
    assert says in message and "say under 'encoding'" in message


def test_takes_western_letters_for_western(tmp_path: Path) -> None:
    content = ("id,stage\n" + "".join(f"{n},Überprüfung für Straße, señal é à\n".replace(", ", " ") for n in range(30))).encode("cp1252")
    assert table(tmp_path, content, format={"encoding": "auto"}).rows["stage"][0].startswith("Überprüfung")
