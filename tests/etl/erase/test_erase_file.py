"""Rows taken out of each kind of file: all others are read as before, and what cannot be done is refused."""

from __future__ import annotations

import gzip
import hashlib
import io
from pathlib import Path

import openpyxl
import polars as pl
import pytest
import xlwt

from etl.erase.file import Looked, look_through
from etl.erase.rows import Known, numbers_of
from etl.erase.withheld import Gone, Person, Secret, Withheld, accounted
from etl.landing.landed import LandedFile
from schemas.contract import Contract
from schemas.core.errors import UnreadableError
from schemas.core.frames import ledger
from schemas.core.ids import pseudonym
from schemas.layout import Place
from schemas.vocabulary import load

KEY = b"k" * 32
RECORDS = ({"rule": "woman", "record": "patient", "set": {"patient_id": "no"}},)


def contract(kind: str = "csv", fields: dict[str, object] | None = None, **form: object) -> Contract:
    said = {"contract": "c", "contract_version": 1, "title": "C", "source": "s", "files": ("*",), "format": {"kind": kind, **form}}
    return Contract.model_validate({**said, "fields": fields or {"no": {}, "side": {}}, "records": RECORDS})


def looked(path: Path, content: bytes, by: Contract, *numbers: str, also: Contract | None = None) -> Looked:
    path.write_bytes(content)
    hashes = Secret(KEY).of(pl.Series("p", [pseudonym(KEY, number) for number in numbers]))
    known = Known(load(), KEY, frozenset(hashes.to_list()), numbers_of(one for one in (by, also) if one is not None))
    sha256 = hashlib.sha256(content).hexdigest()
    files = [LandedFile(path.name, sha256, len(content), path, one, "", "goes_on") for one in (by, also) if one is not None]
    return look_through(files, known, path.parent)


def cut(found: Looked) -> bytes:
    assert found.cleaned is not None
    return found.cleaned.content


def test_it_leaves_a_file_alone_in_which_she_is_not(tmp_path: Path) -> None:
    assert looked(tmp_path / "a.csv", b"no,side\nM7,left\n", contract(), "M8").cleaned is None


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252", "cp932"])
def test_it_leaves_an_empty_line_in_the_place_of_hers(end: str, encoding: str, tmp_path: Path) -> None:
    text = end.join(["no,side", "M7,left", "M8,é" if encoding != "cp932" else "M8,左", "M9,right", ""])
    by = contract(encoding=encoding)
    left = cut(looked(tmp_path / "a.csv", text.encode(encoding), by, "M8"))
    assert left.decode(encoding) == end.join(["no,side", "M7,left", "", "M9,right", ""])


def test_it_takes_all_lines_of_a_row_with_line_breaks_in_a_cell(tmp_path: Path) -> None:
    left = cut(looked(tmp_path / "a.csv", b'no,side\nM8,"a\n\nb"\nM9,"c\nd"\n', contract(), "M8"))
    assert left == b'no,side\n\n\n\nM9,"c\nd"\n'


def test_it_takes_torn_rows_and_comments_that_name_her_and_no_header_or_footer(tmp_path: Path) -> None:
    text = b"# M-1234 moved\nM-1234,side\nM7,left\nM-1234\nM7,left,old,M-1234\nTotal,M-1234\n"
    by = contract(fields={"no": {"header": "M-1234"}, "side": {}}, comment="#", footer_rows=1)
    assert cut(looked(tmp_path / "a.csv", text, by, "M-1234")) == b"\nM-1234,side\nM7,left\n\n\nTotal,M-1234\n"


def test_it_takes_a_short_number_for_hers_only_at_the_beginning_of_a_torn_row(tmp_path: Path) -> None:
    text = b"no,side\n7,left\n13\n8,left,13\n"
    assert cut(looked(tmp_path / "a.csv", text, contract(), "13")) == b"no,side\n7,left\n\n8,left,13\n"


def test_it_finds_her_in_a_line_of_fixed_width_that_cannot_be_cut(tmp_path: Path) -> None:
    layout = (Place("no", 1, 6), Place("side", 7, 5))
    text = b"M00007left \nM00008left \nM00008left  and more\nM00009right\n"
    left = cut(looked(tmp_path / "a.txt", text, contract("fixed", layout="x.csv").with_layout(layout), "M00008"))
    assert left == b"M00007left \n\n\nM00009right\n"


def test_it_reads_a_file_in_which_nobody_else_is(tmp_path: Path) -> None:
    found = looked(tmp_path / "a.csv", b"no,side\nM8,left\n", contract(), "M8")
    assert cut(found) == b"no,side\n\n" and found.rows == 1


def sheet(*rows: tuple[object, ...]) -> bytes:
    made, out = openpyxl.Workbook(), io.BytesIO()
    for row in rows:
        made.active.append(row)
    made.save(out)
    return out.getvalue()


def test_it_keeps_what_the_other_cells_of_a_workbook_are(tmp_path: Path) -> None:
    content = sheet(("no", "side"), ("M7", 1.5), ("M8", "hers"), ("M9", True))
    path = tmp_path / "a.xlsx"
    path.write_bytes(cut(looked(path, content, contract("excel"), "M8")))
    left = openpyxl.load_workbook(path).active
    assert [[cell.value for cell in row] for row in left.iter_rows()] == [["no", "side"], ["M7", 1.5], [None, None], ["M9", True]]


def test_it_empties_a_sheet_that_nobody_reads_where_it_names_her(tmp_path: Path) -> None:
    made, out = openpyxl.Workbook(), io.BytesIO()
    for row in (("no", "side"), ("M7", "left")):
        made.active.append(row)
    made.create_sheet("old").append(["call M-1234"])
    made.save(out)
    path = tmp_path / "a.xlsx"
    path.write_bytes(cut(looked(path, out.getvalue(), contract("excel"), "M-1234")))
    left = openpyxl.load_workbook(path)
    assert left["emptied 2"]["A1"].value is None
    assert [cell.value for cell in left.worksheets[0]["A"]] == ["no", "M7"]
    assert looked(path, path.read_bytes(), contract("excel"), "M-1234").cleaned is None


def test_it_takes_her_out_of_all_sheets_that_are_read(tmp_path: Path) -> None:
    made, out = openpyxl.Workbook(), io.BytesIO()
    for page in (made.active, made.create_sheet("two")):
        for row in (("no", "side"), ("M7", "left"), ("M8", "hers")):
            page.append(row)
    made.save(out)
    path = tmp_path / "a.xlsx"
    found = looked(path, out.getvalue(), contract("excel"), "M8", also=contract("excel", sheet="two"))
    assert found.rows == 2
    path.write_bytes(cut(found))
    assert [[cell.value for cell in page["A"]] for page in openpyxl.load_workbook(path)] == [["no", "M7"], ["no", "M7"]]


def test_it_takes_her_out_of_the_last_row_of_a_workbook(tmp_path: Path) -> None:
    found = looked(tmp_path / "a.xlsx", sheet(("no", "side"), ("M7", "left"), ("M8", "left")), contract("excel"), "M8")
    assert found.cleaned is not None
    assert found.cleaned.gone[0].rows == 1


def test_it_refuses_an_old_workbook_in_which_she_is(tmp_path: Path) -> None:
    made, out = xlwt.Workbook(), io.BytesIO()
    page = made.add_sheet("a")
    for place, row in enumerate((("no", "side"), ("M8", "left"))):
        for column, cell in enumerate(row):
            page.write(place, column, cell)
    made.save(out)
    with pytest.raises(UnreadableError, match=r"a\.xls: rows cannot be taken out of a workbook of this kind"):
        looked(tmp_path / "a.xls", out.getvalue(), contract("excel"), "M8")


def patient(number: str) -> str:
    items = f'<Item naaccrId="no">{number}</Item><Tumor><Item naaccrId="side">left</Item></Tumor>'
    return f"<Patient>{items}</Patient>"


def xml(*patients: str, apart: str) -> bytes:
    return f'<NaaccrData xmlns="http://naaccr.org/naaccrxml">{apart}{apart.join(patients)}{apart}</NaaccrData>'.encode()


@pytest.mark.parametrize("apart", ["\n", ""])
@pytest.mark.parametrize("is_packed", [True, False])
def test_it_cuts_a_patient_out_of_xml(apart: str, is_packed: bool, tmp_path: Path) -> None:
    content = xml(patient("M7"), patient("M8"), patient("M9"), apart=apart)
    left = cut(looked(tmp_path / "a.xml", gzip.compress(content) if is_packed else content, contract("naaccr_xml"), "M8"))
    assert (gzip.decompress(left) if is_packed else left) == xml(patient("M7"), "", patient("M9"), apart=apart)


def test_it_cuts_a_patient_out_of_xml_whose_record_cannot_be_read(tmp_path: Path) -> None:
    content = xml(patient("M7"), patient("M-1234"), apart="\n").replace(b"M-1234</Item>", b'M-1234</Item><Item naaccrId="no">M-9999</Item>')
    left = cut(looked(tmp_path / "a.xml", content, contract("naaccr_xml"), "M-1234"))
    assert b"M-1234" not in left and b"M7" in left


def test_it_counts_what_is_gone_as_if_it_had_been_read() -> None:
    told = ledger([("a", "read", "row", "goes_on", "", 4), ("a", "read", "row", "not_data", "blank", 1)])
    gone = Gone(
        "c", (("read", "row", "goes_on", "", 1), ("read", "row", "not_data", "blank", -1), ("normalise", "record", "withheld", "erased", 2))
    )
    assert accounted(told, {"a": gone}).rows() == [
        ("a", "read", "row", "goes_on", "", 5), ("a", "normalise", "record", "withheld", "erased", 2),
    ]  # fmt: skip


def test_it_follows_a_file_from_person_to_person() -> None:
    secret = Secret(KEY)
    first = Withheld((Person("2026-01-01", ("aa",)),)).with_file(secret, "delivered", "without one", [Gone("c", ())])
    both = first.with_file(secret, "without one", "without both", [Gone("c", ()), Gone("d", ())])
    assert {both.now(secret, was) for was in ("delivered", "without one")} == {"without both"}
    assert set(both.gone) == {"without both"}
    assert both.now(secret, "other") == "other" and not both.holds(secret, "without both")


def test_it_knows_a_dropped_file_again_that_comes_without_her() -> None:
    secret = Secret(KEY)
    dropped = Withheld((Person("2026-01-01", ("aa",)),)).with_file(secret, "delivered", "", ())
    assert dropped.now(secret, "delivered") == "" and dropped.holds(secret, "delivered")
    back = dropped.as_delivered(secret, "delivered")
    assert back.now(secret, "delivered") == "delivered" and not back.holds(secret, "delivered")


def test_it_lists_numbers_of_one_person_as_one() -> None:
    listed = Withheld().having(Person("2026-01-01", ("aa",))).having(Person("2026-01-02", ("aa", "bb")))
    assert listed.persons == (Person("2026-01-01", ("aa", "bb")),)
    assert listed.having(Person("2026-01-03", ("bb",))) is listed
    assert len(listed.having(Person("2026-01-03", ("cc",))).persons) == 2


def test_it_adds_nothing_where_nobody_is_withheld() -> None:
    assert not Withheld() and not Withheld().is_pending and Withheld().digest == ""
