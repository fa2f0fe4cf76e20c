"""What a draft finds out about the form of a file: delimiter, encoding, title rows, header rows."""

from __future__ import annotations

import io

import openpyxl
import pytest

from etl.draft.layout import layouts
from schemas.core.errors import UnreadableError


def book(**sheets: list[list[object]]) -> bytes:
    made = openpyxl.Workbook()
    made.remove(made.active)
    for name, rows in sheets.items():
        sheet = made.create_sheet(name)
        for row in rows:
            sheet.append(row)
    out = io.BytesIO()
    made.save(out)
    return out.getvalue()


@pytest.mark.parametrize(
    ("content", "said", "headers"),
    [
        (b"PID,Sex\nA1,F\nA2,M\n", {"delimiter": ",", "encoding": "utf-8", "preamble_rows": 0, "header_rows": 1}, ("PID", "Sex")),
        ("PID;Größe\nA1;12\n".encode("cp1252"), {"delimiter": ";", "encoding": "cp1252"}, ("PID", "Größe")),
        ("PID\tSex\nA1\tF\n".encode("utf-16"), {"delimiter": "\t", "encoding": "utf-16"}, ("PID", "Sex")),
        (b"Export of the ward\n\nPID,Sex\nA1,F\n", {"delimiter": ",", "preamble_rows": 1}, ("PID", "Sex")),
        (b"Export of the ward;;\nPID;Sex;Birth\nA1;F;1950\n", {"delimiter": ";", "preamble_rows": 1}, ("PID", "Sex", "Birth")),
        (b'PID|"Sex, coded"\nA1|F\n', {"delimiter": "|"}, ("PID", "Sex, coded")),
        (b'"PID","Sex\n(code)"\r\n"1","f"\r\n', {"header_rows": 1}, ("PID", "Sex\n(code)")),
        (b"PID,Date,Date\nA1,1.2.2009,3.4.2010\n", {"header_rows": 1}, ("PID", "Date [1]", "Date [2]")),
        (
            b"PID,Surgery 1,,Surgery 2,\n,Date,Type,Date,Type\nA1,2009-01-02,Mx,,\n",
            {"header_rows": 2, "fill_headers": True},
            ("PID", "Surgery 1 Date", "Surgery 1 Type", "Surgery 2 Date", "Surgery 2 Type"),
        ),
    ],
    ids=[
        "comma",
        "semicolon and cp1252",
        "tab and utf-16",
        "a title",
        "a padded title",
        "a bar",
        "a line break in a header",
        "one header twice",
        "two header rows",
    ],
)
def test_finds_out_how_a_text_file_is_written(content: bytes, said: dict[str, object], headers: tuple[str, ...]) -> None:
    [laid] = layouts("ward.csv", content)
    assert laid.headers == headers
    assert {key: laid.said[key] for key in said} == said


def test_reads_a_text_in_the_encoding_that_is_said() -> None:
    [laid] = layouts("ward.csv", "Пол;Стадия\nж;IIA\nж;IIB\n".encode("cp1251"), "cp1251")
    assert laid.headers == ("Пол", "Стадия")
    assert laid.said["encoding"] == "cp1251"


def test_takes_each_sheet_that_holds_a_table() -> None:
    content = book(Notes=[["Only a remark"]], Women=[["Ward A"], ["PID", "Sex"], ["A1", "F"]], Tumours=[["PID", "Stage"], ["A1", "IIA"]])
    found = layouts("ward.xlsx", content)
    assert [(laid.sheet, laid.said["preamble_rows"], laid.headers) for laid in found] == [
        ("Women", 1, ("PID", "Sex")),
        ("Tumours", 0, ("PID", "Stage")),
    ]


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "empty"),
        (b"0612339219740721F\n0419931819550323F\n", "no_header"),
        (b"A1,1950-03-04,F\nA2,1951-04-05,F\n", "no_header"),
        (b"Anna,female,alive\nMaria,female,dead\n", "no_header"),
        (b"\x89PNG\r\n\x1a\n\x00\x00", "nul_bytes"),
        (b"PK\x03\x04 no workbook", "damaged"),
        (b"<?xml version='1.0'?><Bundle xmlns='http://hl7.org/fhir'/>", "not_naaccr"),
        (b"<?xml version='1.0'?><NaaccrData xmlns='http://naaccr.org/naaccrxml'/>", "no_header"),
    ],
    ids=[
        "empty",
        "fixed width",
        "a date in the first row",
        "a word that stands below too",
        "an image",
        "a broken workbook",
        "other XML",
        "XML without an item",
    ],
)
def test_refuses_what_holds_no_table_with_a_header(content: bytes, reason: str) -> None:
    with pytest.raises(UnreadableError) as caught:
        layouts("ward.csv", content)
    assert caught.value.reason == reason
    assert "ward.csv" in str(caught.value)
    assert "Anna" not in str(caught.value)
