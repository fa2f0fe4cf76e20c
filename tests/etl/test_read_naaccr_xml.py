"""NAACCR XML: every Patient and Tumor has a fate, no text is read from where it should not stand, nothing is ever expanded."""

from __future__ import annotations

import gzip
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from reading import counted, refusal, said, table
from test_read_fuzz import accounted

from etl.readers import RawTable

XML: dict[str, Any] = {"kind": "naaccr_xml"}
FIELDS: dict[str, Any] = {"id": {"header": "patientIdNumber", "required": True}, "site": {"header": "primarySite"}, "sex": {}}
OPENS = '<NaaccrData xmlns="http://naaccr.org/naaccrxml" recordType="I" specificationVersion="1.6">\n'
WARD = f"""<?xml version="1.0" encoding="UTF-8"?>
{OPENS}  <Item naaccrId="registryId">0000000000</Item>
  <Patient>
    <Item naaccrId="patientIdNumber" naaccrNum="20">00000001</Item>
    <Item naaccrId="sex" naaccrNum="220">2</Item>
    <Tumor>
      <Item naaccrId="primarySite" naaccrNum="400">C504</Item>
    </Tumor>
    <!-- <Tumor> that is none -->
    <Tumor>
      <Item naaccrId="primarySite"> C509
 </Item><Item naaccrId="laterality">1</Item>
    </Tumor>
  </Patient>
  <Patient>
    <Item naaccrId="patientIdNumber">00000002</Item>
    <Item naaccrId="sex"/>
  </Patient>
</NaaccrData>
"""


def ward(folder: Path, content: str | bytes = WARD, **more: Any) -> RawTable:
    return table(folder, content, **{"name": "w.xml", "format": XML, "fields": FIELDS, **more})


def refused(folder: Path, content: str | bytes, **more: Any) -> tuple[str, str]:
    return refusal(folder, content, **{"name": "w.xml", "format": XML, "fields": FIELDS, **more})


def test_makes_a_row_of_each_tumour_and_of_a_patient_without_one(tmp_path: Path) -> None:
    raw = ward(tmp_path)
    assert raw.rows.rows() == [(7, "00000001", "C504", "2"), (11, "00000001", "C509", "2"), (16, "00000002", None, None)]
    assert counted(raw) == {"goes_on": 3, "not_data patient": 1}
    assert raw.physical_rows == 4
    assert said(raw) == [("READ-EXTRA-COLUMN", None, "registryId laterality")]


def test_a_file_without_patients_brings_nothing_new_where_all_files_count_together(tmp_path: Path) -> None:
    raw = ward(tmp_path, OPENS + "</NaaccrData>", delivery="append")
    assert (raw.rows.height, counted(raw)) == (0, {})


def test_makes_a_row_of_each_patient_where_the_contract_says_so(tmp_path: Path) -> None:
    raw = ward(tmp_path, format={**XML, "rows": "patient"})
    assert raw.rows.rows() == [(4, "00000001", None, "2"), (16, "00000002", None, None)]
    assert counted(raw) == {"goes_on": 2, "not_data tumour": 2}
    assert raw.physical_rows == 4
    assert said(raw) == [("READ-EXTRA-COLUMN", None, "registryId"), ("READ-ABSENT-COLUMN", None, "primarySite")]


def test_puts_the_items_of_the_whole_file_into_every_row(tmp_path: Path) -> None:
    raw = ward(tmp_path, fields={**FIELDS, "registry": {"header": "registryId"}})
    assert raw.rows["registry"].to_list() == ["0000000000"] * 3


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_numbers_the_line_where_a_record_begins(tmp_path: Path, end: str) -> None:
    patient = f'<Patient>{end}<Item naaccrId="patientIdNumber">1{end}</Item>{end}</Patient>{end}'
    raw = ward(tmp_path, (OPENS.replace("\n", end) + patient * 9000 + "</NaaccrData>").encode())
    assert raw.rows["source_row"].to_list() == [2 + 4 * n for n in range(9000)]


def test_numbers_records_where_several_begin_on_one_line(tmp_path: Path) -> None:
    raw = ward(tmp_path, WARD.replace("\n", ""))
    assert raw.rows["source_row"].to_list() == [1, 2, 3]
    assert ("READ-ONE-LINE", None, "rows=3") in said(raw)


def test_takes_an_item_by_its_number_where_it_has_no_id(tmp_path: Path) -> None:
    content = WARD.replace('naaccrId="primarySite" naaccrNum="400"', 'naaccrNum="400"').replace('naaccrId="primarySite"', 'naaccrNum="400"')
    raw = ward(tmp_path, content, fields={**FIELDS, "site": {"header": "primarySite", "aliases": ("400",)}})
    assert raw.rows["site"].to_list() == ["C504", "C509", None]


PREFIXED = WARD.replace("<", "<n:").replace("<n:/", "</n:").replace("<n:?", "<?").replace("<n:!", "<!").replace("xmlns=", "xmlns:n=")
WRITTEN = {
    "a prefix": PREFIXED.encode(),
    "no namespace": WARD.replace(' xmlns="http://naaccr.org/naaccrxml"', "").encode(),
    "no prolog": WARD.partition("\n")[2].encode(),
    "a byte order mark": WARD.encode("utf-8-sig"),
    "utf-16": WARD.replace("UTF-8", "UTF-16").encode("utf-16"),
    "windows-1252": WARD.replace("UTF-8", "windows-1252").encode("cp1252"),
    "latin-9": WARD.replace("UTF-8", "ISO-8859-15").encode("iso-8859-15"),
    "shift-jis": WARD.replace("UTF-8", "Shift_JIS").encode("shift-jis"),
    "gzip": gzip.compress(WARD.encode(), mtime=0),
    "gzip of two members": gzip.compress(WARD.encode()[:300], mtime=0) + gzip.compress(WARD.encode()[300:], mtime=0),
    "an extension": WARD.replace("<Patient>\n", '<Patient>\n    <x:More xmlns:x="urn:x"><x:Part>words</x:Part></x:More>', 1).encode(),
    "CDATA": WARD.replace(">C504<", "><![CDATA[C504]]><").encode(),
    "a character by its number": WARD.replace(">C504<", ">&#67;504<").encode(),
    "one item twice alike": WARD.replace("C504</Item>", 'C504</Item><Item naaccrId="primarySite">C504</Item>').encode(),
}


@pytest.mark.parametrize("how", WRITTEN)
def test_reads_the_same_from_a_file_with(tmp_path: Path, how: str) -> None:
    raw = ward(tmp_path, WRITTEN[how])
    numbers = [1, 5, 10] if how == "no prolog" else []
    assert raw.rows.drop("source_row").rows() == [("00000001", "C504", "2"), ("00000001", "C509", "2"), ("00000002", None, None)]
    assert not numbers or raw.rows["source_row"].to_list() == [6, 10, 15]
    assert raw.physical_rows == raw.ledger["n"].sum() == 4


@pytest.mark.parametrize("encoding", ["utf-8", "iso-8859-1", "windows-1252", "utf-16"])
def test_reads_the_text_in_the_encoding_that_the_file_declares(tmp_path: Path, encoding: str) -> None:
    raw = ward(tmp_path, WARD.replace("C504", "Mäß").replace("UTF-8", encoding).encode(encoding))
    assert raw.rows["site"][0] == "Mäß"


def test_names_elements_of_another_namespace_that_it_leaves_unread(tmp_path: Path) -> None:
    assert said(ward(tmp_path, WRITTEN["an extension"])) == [("READ-EXTRA-COLUMN", None, "registryId laterality More")]


def test_refuses_a_record_that_holds_an_item_twice_with_different_texts(tmp_path: Path) -> None:
    raw = ward(tmp_path, WARD.replace("C504</Item>", 'C504</Item><Item naaccrId="primarySite">C501</Item>'))
    assert raw.rows["source_row"].to_list() == [11, 16]
    assert counted(raw) == {"goes_on": 2, "refused repeated_item": 1, "not_data patient": 1}
    assert said(raw)[0] == ("READ-REPEATED-ITEM", 7, None)


def test_refuses_all_rows_of_a_patient_whose_own_item_stands_twice(tmp_path: Path) -> None:
    raw = ward(tmp_path, WARD.replace('naaccrNum="220">2</Item>', '>2</Item><Item naaccrId="sex">1</Item>'))
    assert raw.rows["source_row"].to_list() == [16]
    assert said(raw)[:2] == [("READ-REPEATED-ITEM", 7, None), ("READ-REPEATED-ITEM", 11, None)]


def test_refuses_a_record_that_contradicts_the_patient_or_the_file(tmp_path: Path) -> None:
    below = WARD.replace('naaccrId="laterality"', 'naaccrId="sex"')
    assert counted(ward(tmp_path, below)) == {"goes_on": 2, "refused repeated_item": 1, "not_data patient": 1}
    above = WARD.replace('naaccrId="registryId">0000000000', 'naaccrId="sex">2').replace('"sex"/>', '"sex">1</Item>')
    raw = ward(tmp_path, above)
    assert raw.rows["source_row"].to_list() == [7, 11]
    assert said(raw)[0] == ("READ-REPEATED-ITEM", 16, None)


SEX = '<Item naaccrId="sex">%d</Item>'
BOMB = '<!DOCTYPE x [<!ENTITY a "MILLER"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>\n'
OUTSIDE = '<!DOCTYPE x SYSTEM "file:///etc/passwd">\n'
REFUSED = [
    ("", "empty", "the file is empty"),
    ("\ufeff \n", "empty", "no element"),
    (gzip.compress(b""), "empty", "no element"),
    (OPENS + "</NaaccrData>", "no_rows", "no Patient"),
    (WARD.replace("?>\n", f"?>\n{BOMB}"), "dtd", "row 2: declares a document type"),
    (WARD.replace("?>\n", f"?>\n{OUTSIDE}"), "dtd", "row 2: declares a document type"),
    (WARD.replace("C504", "&miller;"), "malformed", "row 8: is not well-formed XML (undefined entity)"),
    (WARD.replace("C504</Item>", "C504</Itm>"), "malformed", "row 8: is not well-formed XML (mismatched tag)"),
    (WARD.replace("C504", "C<504"), "malformed", "row 8"),
    (WARD + "MILLER", "malformed", "row 21: is not well-formed XML (junk after"),
    (WARD[:400], "truncated", "row 10: the file ends within an element"),
    (WARD[:-14], "truncated", "the file ends within an element"),
    (gzip.compress(WARD.encode())[:-20], "truncated", "compressed bytes end early"),
    (gzip.compress(WARD.encode()) + b"MILLER", "damaged", "behind its compressed bytes"),
    (b"\x1f\x8bMILLER-MILLER-MILLER", "damaged", "compressed bytes are damaged"),
    (WARD.replace("C504", "M\xfcller").encode("latin-1"), "encoding", "row 8: is not UTF-8"),
    (WARD.replace("UTF-8", "UTF-16"), "encoding", "row 1: declares UTF-16, and its bytes are not"),
    (WARD.replace("UTF-8", "Miller"), "encoding", "row 1: declares an encoding that is not known"),
    (WARD.replace("C504", "\0"), "malformed", "row 8"),
    ("id,stage\n1,IIA\n", "malformed", "row 1"),
    ("<html><body/></html>", "not_naaccr", "row 1: is no NAACCR XML"),
    (WARD.replace("naaccrxml", "other"), "not_naaccr", "row 2: is no NAACCR XML"),
    (WARD.replace("C504</Item>", "C504</Item>MILLER"), "not_naaccr", "row 8: text stands outside an Item"),
    (WARD.replace("<Tumor>\n", "<Tumour>\n").replace("</Tumor>", "</Tumour>"), "not_naaccr", "row 7: an element stands where"),
    (WARD.replace(">C504<", "><Item>MILLER</Item><"), "not_naaccr", "row 8: an element stands where"),
    (WARD.replace("<Patient>", '<Patient xmlns="">').replace("</Patient>", "</Patient>"), "not_naaccr", "row 4: an element is not of"),
    (WARD.replace(' naaccrId="primarySite" naaccrNum="400"', ""), "not_naaccr", "row 8: an Item has neither"),
    (WARD.replace("patientIdNumber", "patientIdNo"), "missing_header", "the header of column "),
    (WARD.replace("<Patient>", '<x:P xmlns:x="u"><Patient>').replace("</Patient>", "</Patient></x:P>"), "not_naaccr", "row 4"),
    (WARD.replace("  <Patient>", f"{SEX % 1}{SEX % 2}  <Patient>", 1), "repeated_item", "row 2: an item of NaaccrData"),
]  # fmt: skip


@pytest.mark.parametrize(("content", "reason", "says"), REFUSED, ids=[f"{n}-{case[1]}" for n, case in enumerate(REFUSED)])
def test_refuses_the_whole_file_for(tmp_path: Path, content: str | bytes, reason: str, says: str) -> None:
    found, message = refused(tmp_path, content)
    assert found == reason
    assert says in message
    assert "miller" not in message.lower()


def test_knows_a_compressed_file_by_its_bytes_and_not_by_its_name(tmp_path: Path) -> None:
    for name, content in (("w.xml", gzip.compress(WARD.encode())), ("w.xml.gz", WARD.encode())):
        assert ward(tmp_path, content, name=name).rows.height == 3


def test_refuses_what_the_contract_does_not_expect(tmp_path: Path) -> None:
    assert refused(tmp_path, WARD, columns="exact")[0] == "extra_column"
    assert refused(tmp_path, WARD, expected_rows={"min": 4})[0] == "expected_rows"


def test_does_not_grow_with_what_a_small_file_unpacks_to(tmp_path: Path) -> None:
    patient = b'<Patient>\n<Item naaccrId="patientIdNumber">1</Item><Item naaccrId="x">' + b" " * 5000 + b"</Item>\n</Patient>\n"
    content = gzip.compress(OPENS.encode() + patient * 4000 + b"</NaaccrData>")
    assert len(content) < 200_000
    assert ward(tmp_path, content).rows.height == 4000


QUICK = settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
NAACCR = {"name": "w.xml", "format": XML, "fields": FIELDS}


@given(st.binary(max_size=120), st.sampled_from([b"", OPENS.encode(), b"\x1f\x8b\x08", b"\xff\xfe<\0", b"<?xml version='1.0' encoding='"]))
@QUICK
def test_reads_any_bytes_or_says_why_not(tmp_path: Path, content: bytes, head: bytes) -> None:
    accounted(tmp_path, head + content, **NAACCR)


@given(st.integers(0, len(WARD) - 1), st.binary(max_size=6), st.booleans())
@QUICK
def test_reads_a_damaged_file_or_says_why_not(tmp_path: Path, place: int, noise: bytes, is_packed: bool) -> None:
    whole = gzip.compress(WARD.encode(), mtime=0) if is_packed else WARD.encode()
    place %= len(whole)
    accounted(tmp_path, whole[:place] + noise + whole[place + len(noise) :], **NAACCR)


@given(st.integers(0, len(WARD) - 1))
@QUICK
def test_refuses_a_file_cut_off_anywhere(tmp_path: Path, place: int) -> None:
    assert refused(tmp_path, WARD.encode()[: min(place, len(WARD) - 3)])[0] in ("empty", "truncated")


ITEMS = st.lists(
    st.builds(
        "<Item naaccrId='{}'>{}</Item>{}".format,
        st.sampled_from(["patientIdNumber", "sex", "primarySite", "other", ""]), st.sampled_from(["1", "2", "", " ", "&amp;"]),
        st.sampled_from(["", "\n"]),
    ),
    max_size=4,
).map("".join)  # fmt: skip
TUMOURS = st.lists(st.builds("<Tumor>{}</Tumor>{}".format, ITEMS, st.sampled_from(["", "\n"])), max_size=3).map("".join)
PATIENTS = st.lists(st.builds("{}<Patient>{}{}{}</Patient>".format, st.sampled_from(["", "\n"]), ITEMS, TUMOURS, ITEMS), max_size=4).map(
    "".join
)


@given(ITEMS, PATIENTS, st.sampled_from(["tumour", "patient"]))
@QUICK
def test_gives_every_record_of_any_file_a_fate(tmp_path: Path, items: str, patients: str, rows: str) -> None:
    accounted(tmp_path, f"{OPENS}{items}{patients}</NaaccrData>".encode(), name="w.xml", format={**XML, "rows": rows}, fields=FIELDS)
