"""What names her beside the rows of data: titles, notes and names of sheets, comments of XML, two names of one content."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

import openpyxl
import polars as pl
import pytest
import xlsxwriter
from openpyxl.worksheet.datavalidation import DataValidation

from etl.erase.rows import Known
from etl.erase.withheld import Gone, Person, Secret, Withheld, as_text, gone_of, withheld_path
from etl.normalise.result import IDENTIFIERS
from schemas.core.ids import pseudonym
from schemas.vocabulary import load
from tests.etl.erase.test_erase_file import KEY, contract, cut, looked, patient, xml

HER = "M-1234"


def book(*rows: tuple[object, ...]) -> openpyxl.Workbook:
    made = openpyxl.Workbook()
    for row in rows:
        made.active.append(row)
    return made


def saved(made: openpyxl.Workbook) -> bytes:
    out = io.BytesIO()
    made.save(out)
    return out.getvalue()


def bytes_of(content: bytes) -> bytes:
    with zipfile.ZipFile(io.BytesIO(content)) as parts:
        return b"".join(parts.read(name) for name in parts.namelist())


def test_it_empties_a_title_and_a_note_of_a_sheet_that_name_her_and_keeps_the_others(tmp_path: Path) -> None:
    made = book((f"asked for by {HER}",), ("no", "side"), ("M7", "left"), (f"# moved {HER}",), ("# seen",), ("M9", "right"), ("Total 2",))
    by = contract("excel", preamble_rows=1, comment="#", footer_rows=1)
    left = cut(looked(tmp_path / "a.xlsx", saved(made), by, HER))
    told = [row[0] for row in openpyxl.load_workbook(io.BytesIO(left)).active.iter_rows(values_only=True)]
    assert told == [None, "no", "M7", None, "# seen", "M9", "Total 2"]
    assert looked(tmp_path / "a.xlsx", left, by, HER).cleaned is None


def test_it_empties_a_note_whose_text_other_cells_share(tmp_path: Path) -> None:
    out = io.BytesIO()
    with xlsxwriter.Workbook(out) as made:
        sheet = made.add_worksheet()
        for place, row in enumerate((("no", "side"), ("M7", "left"), (f"# moved {HER}", "left"))):
            sheet.write_row(place, 0, row)
    assert b"sharedStrings" in out.getvalue()
    left = cut(looked(tmp_path / "a.xlsx", out.getvalue(), contract("excel", comment="#"), HER))
    assert HER.encode() not in bytes_of(left) and b"<t>left</t>" in bytes_of(left)


def test_it_renames_a_sheet_that_nobody_reads_and_that_has_her_number(tmp_path: Path) -> None:
    made = book(("no", "side"), ("M7", "left"))
    made.create_sheet(f"call {HER}")
    left = cut(looked(tmp_path / "a.xlsx", saved(made), contract("excel"), HER))
    assert openpyxl.load_workbook(io.BytesIO(left)).sheetnames == ["Sheet", "emptied 2"]


@pytest.mark.parametrize("told", ["list", "prompt", "head"])
def test_it_leaves_out_what_stands_around_the_rows_of_a_sheet_where_it_names_her(told: str, tmp_path: Path) -> None:
    made = book(("no", "side"), ("M7", "left"))
    choice = DataValidation(type="list", formula1=f'"{HER},x"' if told == "list" else '"x,y"', prompt=HER if told == "prompt" else "side")
    choice.add("B2")
    made.active.add_data_validation(choice)
    made.active.oddHeader.center.text = f"for {HER}" if told == "head" else "all"
    left = cut(looked(tmp_path / "a.xlsx", saved(made), contract("excel"), HER))
    assert HER.encode() not in bytes_of(left)


@pytest.mark.parametrize("apart", ["\n", ""])
def test_it_takes_comments_out_of_xml_where_one_names_her(apart: str, tmp_path: Path) -> None:
    content = xml(f"<!-- {HER}\nto be mended -->", patient("M7"), "<!-- seen -->", patient("M9"), apart=apart)
    left = cut(looked(tmp_path / "a.xml", content, contract("naaccr_xml"), HER))
    assert left == xml("\n", patient("M7"), "", patient("M9"), apart=apart)


def test_it_takes_her_out_of_xml_with_the_comment_within(tmp_path: Path) -> None:
    content = xml(patient("M7"), patient(HER).replace("<Tumor>", "<!-- a --><Tumor>"), "<!-- b -->", apart="\n")
    assert cut(looked(tmp_path / "a.xml", content, contract("naaccr_xml"), HER)) == xml(patient("M7"), "", "", apart="\n")


def test_it_leaves_comments_of_xml_alone_that_name_nobody_on_the_list(tmp_path: Path) -> None:
    assert looked(tmp_path / "a.xml", xml(patient("M7"), "<!-- M-9999 -->", apart="\n"), contract("naaccr_xml"), HER).cleaned is None


def test_it_knows_what_is_gone_of_a_file_whose_contract_was_renamed(tmp_path: Path) -> None:
    said = Gone("old", (("read", "row", "goes_on", "", 2),))
    withheld_path(tmp_path).write_bytes(as_text(Withheld((Person("2026-01-01", ("aa",)),), gone={"file": (said,), "two": (said, said)})))
    assert gone_of(tmp_path, "file", "old") == said
    renamed = gone_of(tmp_path, "file", "new")
    assert renamed is not None and (renamed.contract, renamed.rows) == ("new", 2)
    assert gone_of(tmp_path, "two", "new") is None, "which of the two it was is not known"


@pytest.mark.parametrize(
    ("listed", "is_named"), [("s:A1", True), ("nric:S1", True), ("s:M1", True), ("t:M1", False), ("S1", False), ("nric:S2", False)]
)
def test_it_knows_a_person_delivered_by_her_key_and_by_each_other_number(listed: str, is_named: bool) -> None:
    known = Known(load(), KEY, frozenset(Secret(KEY).of(pl.Series([pseudonym(KEY, listed)]))), frozenset())
    told = pl.DataFrame(
        [{"patient_key": 1, "source": "s", "patient_id": "s:A1", "nric": "S1", "hospital_number": "M1"}], schema=IDENTIFIERS
    )
    assert known.are_named(pl.Series([pseudonym(KEY, "s:A1")]), told) is is_named


def test_it_takes_her_row_out_of_a_sheet_whose_rows_are_spelt_otherwise(tmp_path: Path) -> None:
    content = saved(book(("no", "side"), ("M7", "left"), (HER, "left"), ("M9", "right")))
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as parts, zipfile.ZipFile(out, "w") as again:
        for name in parts.namelist():
            again.writestr(name, parts.read(name).replace(b'<row r="3"', b'<row spans="1:2" r="3"'))
    left = cut(looked(tmp_path / "a.xlsx", out.getvalue(), contract("excel"), HER))
    assert [cell.value for cell in openpyxl.load_workbook(io.BytesIO(left)).active["A"]] == ["no", "M7", None, "M9"]
