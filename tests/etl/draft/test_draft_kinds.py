"""`oncomart draft` of files that are no wide table: NAACCR XML, long files, tables of treatments."""

from __future__ import annotations

import gzip
import json
import re
from datetime import date
from fnmatch import fnmatchcase
from pathlib import Path

import openpyxl
from drafts import draft_of, export

from etl.draft.drafting import drafted, place_of

XML = """\
<?xml version="1.0" encoding="UTF-8"?>
<NaaccrData recordType="I" specificationVersion="1.6" xmlns="http://naaccr.org/naaccrxml">
  <Patient>
    <Item naaccrId="patientIdNumber">00000001</Item>
    <Tumor><Item naaccrId="dateOfDiagnosis">20090304</Item><Item naaccrId="laterality">2</Item></Tumor>
    <Tumor><Item naaccrId="dateOfDiagnosisFlag">12</Item></Tumor>
  </Patient>
</NaaccrData>
"""


def test_drafts_naaccr_xml_by_its_items_with_their_codes_and_date_flags(project: Path) -> None:
    [draft] = drafted([export(project, XML, "ward_2026.xml")], place_of(project)).drafts
    assert 'files: ["ward*.xml"]' in draft.text
    assert "format: {kind: naaccr_xml}\ncolumns: open\ncodes: naaccr " in draft.text
    assert "diagnosis: {from: date_of_diagnosis, flag: date_of_diagnosis_flag}" in draft.text
    assert draft.told == "4 columns, 4 used; records: 2 tumour"


def test_requires_of_xml_no_item_that_may_be_lacking_in_every_record(project: Path) -> None:
    [draft] = drafted([export(project, XML, "ward.xml")], place_of(project)).drafts
    assert [line.split("  #")[0].strip() for line in draft.text.splitlines() if "required" in line] == [
        "patient_id_number: {header: patientIdNumber, required: true, identifier: hospital_number}"
    ]


def test_names_the_files_of_packed_xml_by_both_endings(project: Path) -> None:
    path = project / "exports" / "ward_2026.xml.gz"
    path.write_bytes(gzip.compress(XML.encode(), mtime=0))
    [draft] = drafted([path], place_of(project)).drafts
    assert 'files: ["ward*.xml.gz"]' in draft.text


LONG = """\
Patient No,Date,Item,Value,Unit
1,,ER,90%,
1,,Nodes positive,3,n
1,14/03/2009,Surgery,mastectomy,
1,20/04/2009,Chemotherapy,FEC100 x6,
1,,Shoe size,41,cm
2,,ER,negative,
2,,Nodes positive,0,n
2,15/03/2010,Surgery,WLE,
2,16/04/2010,Chemotherapy,AC x4,
2,,Grade,purple,
"""


def test_makes_a_rule_of_each_item_of_a_long_file_that_is_known_by_name(project: Path) -> None:
    [draft] = drafted([export(project, LONG)], place_of(project)).drafts
    rules = dict(re.findall(r"- rule: (\w+).*?when: (.*?)\n", draft.text, re.DOTALL))
    assert rules == {
        "chemotherapy": "item = 'Chemotherapy'",
        "chemotherapy_start": "item = 'Chemotherapy'",
        "er": "item = 'ER'",
        "nodes_positive": "item = 'Nodes positive'",
        "surgery": "item = 'Surgery'",
    }
    assert draft.told == "5 columns, 6 used; records: 2 tumour, 6 treatment, 2 biomarker"
    assert "value_chemotherapy: {header: Value, required: true, grammar: treatment, modality: chemotherapy}" in draft.text


def test_names_no_item_of_a_long_file_that_it_does_not_know_or_cannot_read(project: Path) -> None:
    text = draft_of(project, LONG)
    assert '# No record is made of 2 other texts of "Item", in 2 rows.' in text
    assert "Shoe" not in text
    assert "Grade" not in text


def test_takes_a_table_of_treatments_for_one_with_an_item_in_each_row(project: Path) -> None:
    text = draft_of(
        project,
        "PatNo,Treatment kind,What,Started\n1,Chemotherapy,FEC100 x6,20/04/2009\n1,Radiotherapy,50Gy,21/09/2009\n"
        "2,Chemotherapy,TC x4,16/04/2010\n2,Radiotherapy,40Gy,\n",
    )
    assert "each: what_chemotherapy\n    when: treatment_kind = 'Chemotherapy'" in text
    assert "each: what_radiation\n    when: treatment_kind = 'Radiotherapy'" in text


def test_asks_for_the_zone_of_dates_that_come_as_instants(project: Path) -> None:
    rows = "".join(f"A{number},2014-10-0{number}T{{}}Z,IIA\n" for number in range(1, 7))
    asked = draft_of(project, "PID,Date of diagnosis,Stage\n" + rows.replace("{}", "22:15:00"))
    assert "# zone: Europe/Berlin  # write where the days are meant" in asked
    assert "in Date of diagnosis\nfields:" in asked
    assert "zone:" not in draft_of(project, "PID,Date of diagnosis,Stage\n" + rows.replace("{}", "00:00:00"))  # days, and no moments


REDCAP = """\
record_id,redcap_event_name,dx_date,stage,tumour_size,fu_date
1,baseline_arm_1,2009-03-14,1,18,
1,followup_arm_1,,,,2012-05-06
2,baseline_arm_1,2010-03-15,4,22,
2,followup_arm_1,,,,2013-05-06
"""


def test_takes_no_number_of_a_raw_export_of_redcap_for_the_code_it_looks_like(project: Path) -> None:
    text = draft_of(project, REDCAP)
    assert '"stage": its header says tumour.stage_code, but its numbers are those of REDCap\'s choices' in text
    assert "when: dx_date is not null or tumour_size is not null" in text  # none for the rows of another event
    assert "stage_code: ajcc_stage" in draft_of(project, REDCAP.replace("redcap_event_name", "ward").replace("stage", "AJCC stage"))


def test_tells_an_export_of_redcap_from_the_one_with_labels_beside_it(project: Path) -> None:
    exports = ["X_DATA.csv", "X_DATA_2024-05-06_1210.csv", "X_DATA2024.csv"], ["X_DATA_LABELS.csv", "X_DATA_LABELS_2024-05-06_1210.csv"]
    for mine, others in (exports, exports[::-1]):
        for name in mine:
            [draft] = drafted([export(project, REDCAP, name)], place_of(project)).drafts
            patterns = json.loads(re.search(r"^files: (.*)$", draft.text, re.MULTILINE)[1])  # type: ignore[index]
            assert all(any(fnmatchcase(file, pattern) for pattern in patterns) for file in mine)
            assert not any(fnmatchcase(file, pattern) for file in others for pattern in patterns)


def test_proposes_the_form_of_a_national_number_that_header_and_cells_tell(project: Path) -> None:
    said = 'identifier: {kind: nric, pattern: "\\\\d{10}"}, digits: 10'
    assert said in draft_of(project, "NHS Number,Stage\n943 476 5919,IIA\n9434765870,IIB\n")
    assert said not in draft_of(project, "NHS Number,Stage\nS1234567D,IIA\nS7654321D,IIB\n")


BIOMARKERS = """\
PatientID,BiomarkerName,BiomarkerStatus,ResultDate
1,ER,Positive,2018-02-09
2,HER2,Negative,2015-11-13
3,ER,Negative,2018-07-14
4,HER2,Positive,2019-07-15
"""


def test_takes_the_status_of_a_marker_and_not_the_day_of_its_result(project: Path) -> None:
    text = draft_of(project, BIOMARKERS)
    assert text.count("result_code: biomarker_status") == 2
    assert "when: biomarker_name = 'HER2'" in text


NUMBERED = "20,390,400,410,1750,1760\n1,20190304,C504,2,20210304,1\n2,20180405,C502,1,20210405,0\n3,20180506,C509,1,20200506,1\n"


def test_drafts_a_file_whose_headers_are_item_numbers_by_the_items(project: Path) -> None:
    text = draft_of(project, NUMBERED)
    assert 'patient_id_number: {header: "20", required: true, identifier: hospital_number}' in text
    assert "codes: naaccr " not in text  # two items of its code set are too few
    assert "diagnosis: date_of_diagnosis" in text


def test_shows_no_row_of_numbers_that_stands_below_again(project: Path) -> None:
    again = NUMBERED.replace("1,20190304,C504,2,20210304,1", "20,390,400,2,1750,1760")
    found = drafted([export(project, again)], place_of(project))
    assert found.drafts == ()
    assert "no row looks like a header" in found.unreadable[0]


def test_says_with_which_option_the_encoding_of_another_script_is_said(project: Path) -> None:
    found = drafted([export(project, "ID,Диагноз\n" + "1,инфильтрирующий рак\n" * 9, "ward.csv", "cp1251")], place_of(project))
    assert found.unreadable == (
        "ward.csv: the encoding cannot be told; its letters are of no Western code page; say which it has with --encoding, "
        "perhaps cp1251 (Cyrillic) or cp1253 (Greek)",
    )


CODED = """\
patientIdNumber,sex,laterality,vitalStatus,rxSummSurgPrimSite2023,rxDateSurgery,rxSummChemo
1,2,1,1,A200,20190304,00
2,2,2,0,A000,20180405,87
3,2,1,1,A400,,01
"""


def test_lets_the_code_of_a_treatment_say_whether_it_was_given_and_not_its_day(project: Path) -> None:
    text = draft_of(project, CODED)
    assert "codes: naaccr " in text
    assert "procedure_code: rx_summ_surg_prim_site2023\n      is_given: rx_summ_surg_prim_site2023\n" in text
    assert "treatment: rx_date_surgery" in text
    assert "is_given: rx_summ_chemo\n      not_given_reason_code: rx_summ_chemo" in text
    assert "is_given: {value: true}" not in text


def test_takes_the_column_whose_header_means_nothing_else_before_one_that_may(project: Path) -> None:
    text = draft_of(project, "Protokol No,Hasta No,Sex\n1,7,f\n2,7,f\n3,,m\n")
    assert 'hasta_no: {header: "Hasta No", required: true, identifier: hospital_number}' in text
    assert "\"Protokol No\": means the same as 'Hasta No', whose header means nothing else" in text


def test_takes_lines_of_comment_above_the_header_for_no_header(project: Path) -> None:
    text = "#Identifier\tSex\n#of her\tof her\n#STRING\tSTRING\n#1\t1\nPATIENT_ID\tSEX\nA-1\tFemale\nA-2\tMale\n"
    [draft] = drafted([export(project, text, "data_clinical_patient.txt")], place_of(project)).drafts
    assert 'comment: "#"' in draft.text
    assert draft.told.endswith("records: 2 patient")


# A table of TCGA names its columns three times: as they are called today, as they were called, and by a number each.
BIOTAB = """\
patient_id\tvital_status\tlaterality\tinitial_pathologic_dx_year\tdeath_days_to
patient_id\tvital_status\tside_of_tumour\tyear_of_initial_pathologic_diagnosis\tdays_to_death
CDE_ID:01\tCDE_ID:02\tCDE_ID:03\tCDE_ID:04\tCDE_ID:05
A1\tAlive\tLeft\t2009\t[Not Applicable]
A2\tDead\tRight\t2010\t412
"""


def test_takes_rows_that_name_the_columns_once_more_for_headers(project: Path) -> None:
    text = draft_of(project, BIOTAB)
    assert 'format: {kind: csv, delimiter: "\\t", header_rows: 3}' in text
    assert 'patient_id: {header: "patient_id patient_id CDE_ID:01", required: true, identifier: hospital_number}' in text
    assert "diagnosis: initial_pathologic_dx_year" in text  # known by the first of its names
    assert "header_rows" not in draft_of(
        project, BIOTAB.replace("CDE_ID:", "x").replace("patient_id\tvital_status\tside", "A0\tAlive\tside")
    )


def test_gives_the_operation_of_the_primary_to_no_recurrence_of_its_row(project: Path) -> None:
    days = [f"A{n};{13 + n}.03.2009;Mastektomie;{13 + n}.05.2014;Fernmetastase" for n in range(6)]
    text = draft_of(project, "\n".join(["PatNr;OP-Datum;OP-Art;Rezidivdatum;Rezidivart", *days, ""]))
    operation, event = text.split("  - rule: event")
    assert "rule: surgery" in operation and "treatment: {from: op_datum" in operation and "op_art" not in event


def test_proposes_that_cells_merged_downwards_are_filled(project: Path) -> None:
    rows = [["PID", "Date of birth", "Side"], ["A1", date(1950, 3, 4), "left"], [None, None, "right"], ["A2", date(1951, 4, 5), "left"]]
    path = project / "exports" / "lims.xlsx"
    path.parent.mkdir(parents=True, exist_ok=True)
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(row)
    for merged in ("A2:A3", "B2:B3"):
        book.active.merge_cells(merged)
    book.save(path)
    [draft] = drafted([path], place_of(project)).drafts
    assert "fill_merged: true" in draft.text
    assert "identifier: hospital_number" in draft.text
