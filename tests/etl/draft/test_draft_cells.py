"""What the cells of a column, and what its header says of them, tell `oncomart draft`."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from drafts import draft_of


@pytest.mark.parametrize(
    ("sizes", "is_comma"),
    [(("1,4", "2", "0,9"), True), (("1,4", "2.1", "3"), False), (("1,400", "2,100", "3"), False), (("1.4", "2", "3"), False)],
)
def test_takes_a_decimal_comma_where_cells_prove_it_and_none_has_a_point(project: Path, sizes: tuple[str, ...], is_comma: bool) -> None:
    text = draft_of(project, "PID;Tumour size (cm)\n" + "".join(f"A{number};{size}\n" for number, size in enumerate(sizes)))
    assert ('delimiter: ";", decimal: ","}' in text) is is_comma


def test_takes_the_numbers_of_a_receptor_for_per_cent_where_its_header_says_so(project: Path) -> None:
    text = draft_of(project, "PID,ER (%),PR\nA1,90,positive\nA2,0,negative\nA3,40,positive\n")
    assert "result_code: {from: er, unit: percent}" in text
    assert "result_code: pr\n" in text


@pytest.mark.parametrize(
    ("numbers", "said"),
    [
        (["001", "2", "113"], "identifier: {kind: hospital_number, digits: 3}}  # 1 of 3 cells have lost zeros in front"),
        (["001", "002", "113"], "identifier: hospital_number}  # zeros in front: where another file of this source has lost them"),
        (["1", "2", "113"], "identifier: hospital_number}\n"),
        (["001", "02", "113"], "identifier: hospital_number}\n"),
        (["001", "2", "1134"], "identifier: hospital_number}\n"),
        (["A01", "02", "13"], "identifier: hospital_number}\n"),
    ],
)
def test_says_of_numbers_of_a_person_that_zeros_were_lost(project: Path, numbers: list[str], said: str) -> None:
    assert said in draft_of(project, "PID,Sex\n" + "".join(f"{number},f\n" for number in numbers))


def test_takes_no_column_by_its_cells_for_what_a_word_of_its_header_denies(project: Path) -> None:
    text = draft_of(project, "PID,Sex,grade_modified_bloom_richardson\nA1,f,III\nA2,f,II\nA3,f,I\n")
    assert "stage_code" not in text
    assert '"grade_modified_bloom_richardson": 3 cells, 3 different texts' in text


def test_says_where_a_day_of_death_stands_in_every_row(project: Path) -> None:
    everyone = draft_of(project, "PID,Sex,Date of death\nA1,f,2019-03-14\nA2,f,2019-03-15\n")
    assert "in every row: where some are alive it is their last contact" in everyone


def test_says_nothing_where_only_some_have_a_day_of_death(project: Path) -> None:
    assert "in every row" not in draft_of(project, "PID,Sex,Date of death\nA1,f,2019-03-14\nA2,f,\n")


def test_names_at_most_five_columns_that_may_name_the_person(project: Path) -> None:
    text = draft_of(project, "Sex,G1,G2,G3,G4,G5,G6\n" + "".join(f"f,{n % 2},{n}b,{n}c,{n}d,{n}e,{n}f\n" for n in range(4)))
    assert '# it may be "G2" or "G3" or "G4" or "G5" or "G6"\n' in text


def test_takes_the_column_that_says_how_sure_a_date_is_for_its_flag(project: Path) -> None:
    text = draft_of(project, "PID;Diagnosedatum;Diagnosedatum_Genauigkeit\n1;2009-03-15;T\n2;2010-07-15;M\n")
    assert "diagnosis: {from: diagnosedatum, flag: diagnosedatum_genauigkeit}" in text


def test_takes_the_fuller_code_of_the_site_where_two_columns_hold_it(project: Path) -> None:
    text = draft_of(project, "NUMPRONT;LOCTUDET;LOCTUPRI\n1;C50;C50.4\n2;C50;C50.9\n")
    assert "topography_code: loctupri\n" in text


def test_proves_no_treatment_by_a_day_beside_a_no_or_beside_what_is_not_understood(project: Path) -> None:
    text = draft_of(project, "PID;Chemotherapy;Chemotherapy start\n1;AC x 4;2009-03-04\n2;Not chemo;2009-03-05\n3;;2009-03-06\n")
    assert "when: chemotherapy_start is not null and (chemotherapy is null or chemotherapy_given = 'yes')" in text


def test_says_what_a_column_needs_whose_numbers_have_now_a_comma_now_a_point(project: Path) -> None:
    text = draft_of(project, "PID;Größe (mm)\nA1;14,5\nA2;9,5\nA3;12,5\nA4;1.8\n")
    assert 'but 3 of 4 cells cannot be read so; 3 have a decimal comma: give the field `decimal: ","`' in text


def test_says_of_a_number_that_half_of_the_rows_lack_how_many_have_none(project: Path) -> None:
    """Rows without a number are no cells that cannot be read."""
    text = draft_of(project, "Fallnr;KV-Nr;Status\nS1;;alive\n;A123456780;dead\n;;alive\n;;dead\n;C123456780;alive\n")
    says = "its header says that it names the person, but {} of 5 rows have none; where these have another number of hers"
    assert f'"Fallnr": {says.format(4)}' in text
    assert f'"KV-Nr": {says.format(3)}' in text


def test_proposes_each_rule_for_each_number_where_rows_have_the_one_or_the_other(project: Path) -> None:
    text = draft_of(project, "Fallnr;KV-Nr;Status\nS1;;alive\n;A123456780;dead\nS3;;alive\n;B123456780;dead\n;C123456780;alive\n")
    rules = re.findall(r"- rule: (\w+)\n    record: \w+\n    when: (.+)\n    set:\n      patient_id: (\w+)", text)
    assert rules == [
        ("last_contact", "fallnr is not null and (status is not null)", "fallnr"),
        ("last_contact_national", "fallnr is null and kv_nr is not null and (status is not null)", "kv_nr"),
    ]
    assert "deterministic: [patient_id, nric, hospital_number]" in text


# Eight digits are year, month and day unless they cannot be: the IARC's calls for data want YYYYDDMM, trial offices DDMMYYYY.
@pytest.mark.parametrize(
    ("cells", "says"),
    [
        (["20092503", "20101412", "99999999"], '{from: dx_date, formats: ["%Y%d%m"]}'),
        (["25032009", "14122010", ""], '{from: dx_date, formats: ["%d%m%Y"]}'),
        (["03252009", "12142010", ""], '{from: dx_date, formats: ["%m%d%Y"]}'),
        (["20090325", "20101214", ""], "diagnosis: dx_date"),
        (["03042009", "12112010", ""], "eight digits: write their `formats`"),  # day or month first: nobody can tell
    ],
)
def test_finds_the_order_of_eight_digits(project: Path, cells: list[str], says: str) -> None:
    assert says in draft_of(project, "PID;Dx date;Stage\n" + "".join(f"A{n};{cell};IIA\n" for n, cell in enumerate(cells)))


# 1 is localised in registries that code the extent of disease (Finland: 0 unknown, 1 localised, 2 regional, 3 metastasised).
@pytest.mark.parametrize(
    ("header", "cells", "taken"),
    [("Stage", "0123", False), ("AJCC stage", "0123", True), ("Stage", ["2", "2A", "1", "4"], True), ("Stage", ["I", "2", "3", "4"], True)],
)
def test_takes_bare_digits_for_stage_groups_only_where_something_says_so(project: Path, header: str, cells: list[str], taken: bool) -> None:
    text = draft_of(project, f"PID;{header}\n" + "".join(f"A{n};{cell}\n" for n, cell in enumerate(cells)))
    assert ("stage_code: " in text) == taken
    assert ("digits alone may be another scale" in text) != taken


@pytest.mark.parametrize("headers", ["Patientennummer;Fallnr", "Patient ID;Case No"])
def test_takes_the_number_of_a_person_before_that_of_a_stay(project: Path, headers: str) -> None:
    text = draft_of(project, f"{headers};Stage\nA1;1;IA\nA1;2;IIA\nB1;3;IIA\n")
    first, second = headers.split(";")
    assert re.findall(r"header: \"?([^,\"]+)\"?, required: true, identifier: hospital_number", text) == [first]
    assert f'"{second}": means the same as' in text


def test_takes_the_letters_behind_a_date_for_its_flag(project: Path) -> None:
    text = draft_of(project, "PID,Date of birth,Accuracy,Country\nA1,1950-07-01,UUA,UAE\nA2,1951-03-15,EAA,UAE\nA3,1948-06-25,AAA,UAE\n")
    assert "birth: {from: date_of_birth, flag: accuracy}" in text
    assert "country" not in text


def test_passes_over_the_preamble_and_the_suffixes_of_openclinica(project: Path) -> None:
    above = "".join(f"{line}:\tx\n" for line in ("Dataset Name", "Item Status", "Protocol ID", *(f"CRF {n}" for n in range(12))))
    heads = "Study Subject ID\tSex\tDXDATE_E1_C1\tLATERALITY_E1_C1\tLASTCONTACT_E1_C2\n"
    text = draft_of(project, f"{above}\n{heads}M1\tf\t14-Mar-2009\tLeft\t1-Feb-2012\nM2\tf\t15-Mar-2009\tRight\t\n")
    assert "preamble_rows: 15" in text
    assert "diagnosis: dxdate_e1_c1" in text
    assert "laterality_code: laterality_e1_c1" in text
    assert "contact: lastcontact_e1_c2" in text


@pytest.mark.parametrize(
    ("headers", "taken"),
    [
        (["cT", "pT", "pN", "pM"], ["pT", "pN", "pM"]),
        (["cT", "cN", "pT", "pN", "M"], ["pT", "pN", "M"]),
        (["cT", "cN", "pT", "M"], ["cT", "cN", "M"]),  # T and N of one kind, for a stage is made of them
        (["pT", "cN", "cM"], ["pT", "cN", "cM"]),  # there are no others
    ],
)
def test_takes_t_and_n_of_one_kind_clinical_or_pathological(project: Path, headers: list[str], taken: list[str]) -> None:
    rows = "".join(f"A{n},{','.join(header[-1] + str(n % 2) for header in headers)}\n" for n in range(6))
    text = draft_of(project, f"PID,{','.join(headers)}\n{rows}")
    found = [re.search(rf"{part}_code: (\w+)", text) for part in "tnm"]
    assert [part[1] for part in found if part] == [header.lower() for header in taken]


@pytest.mark.parametrize(
    ("cells", "said"),
    [
        (["14/03/2559", "25/12/2560", "01/02/2561"], "contact: {from: last_contact, order: dmy, calendar: buddhist}"),
        (["14 มี.ค. 2559", "25 ธันวาคม 2560", "1 ก.พ. 2561"], "contact: {from: last_contact, calendar: buddhist}"),
        (["14/03/2016", "25/12/2017", "01/02/2018"], "contact: {from: last_contact, order: dmy}"),
        (["14/03/2559", "25/12/2017", "01/02/2018"], "contact: {from: last_contact, order: dmy}"),
    ],
)
def test_proposes_the_buddhist_calendar_where_nearly_all_years_are_of_it(project: Path, cells: list[str], said: str) -> None:
    assert said in draft_of(project, "PID,Last contact\n" + "".join(f"A{n},{cell}\n" for n, cell in enumerate(cells)))


def test_reads_the_columns_that_say_whether_t_and_n_are_clinical_or_pathological(project: Path) -> None:
    headers = "Patient_ID;TNM_c_p_u_Praefix_T;TNM_T;TNM_c_p_u_Praefix_N;TNM_N"
    text = draft_of(project, f"{headers}\n1;p;2;p;0\n2;c;1;c;1\n3;p;3;c;0\n")
    assert "t_basis_code: tnm_c_p_u_praefix_t\n" in text
    assert "n_basis_code: tnm_c_p_u_praefix_n\n" in text


@pytest.mark.parametrize(
    ("headers", "person", "said"),
    [
        ("STUDYID,USUBJID,SEX", "usubjid", '"STUDYID": names no person: 20 cells, all the same'),
        ("USUBJID,STUDYID,SEX", "usubjid", '"STUDYID": names no person: 20 cells, all the same'),
        ("STUDYID,NO_SUCH_WORD,SEX", "WHICH_COLUMN", '"STUDYID": names no person: 20 cells, all the same'),
    ],
)
def test_takes_no_column_with_one_text_for_the_number_of_the_person(project: Path, headers: str, person: str, said: str) -> None:
    first = headers.startswith("STUDYID")
    rows = "".join(f"T1,T1-{n:03},F\n" if first else f"T1-{n:03},T1,F\n" for n in range(20))
    text = draft_of(project, f"{headers}\n{rows}")
    assert f"patient_id: {person}" in text and said in text


def test_keeps_the_groups_above_headers_that_are_all_different(project: Path) -> None:
    rows = "".join(f"A{n},1{n}/05/1950,IIA,IV,2{n}/05/1920\n" for n in range(3, 9))
    text = draft_of(project, f"Patient,,Tumour,Recurrence,Mother\nHospital number,DOB,Histological grade,Stage,Date of birth\n{rows}")
    assert "header_rows: 2, fill_headers: true" in text
    assert '{header: "Patient DOB", required: true, identifier: birth}' in text
    assert '"Recurrence Stage": 6 cells' in text.partition("Not used")[2]  # not that of the tumour
    assert '"Mother Date of birth": 6 cells' in text.partition("Not used")[2]


def test_takes_no_title_for_groups(project: Path) -> None:
    text = draft_of(project, "Report,Ward 3\nHospital number,DOB,Stage\nA1,13/05/1950,IIA\nA2,14/05/1950,IIB\n")
    assert "preamble_rows: 1}" in text


@pytest.mark.parametrize(
    ("header", "values"),
    [
        ("Recurrence Stage", ("IIA", "IV")), ("Mother Vital status", ("alive", "dead")), ("Contralateral side", ("left", "right")),
        ("Stage_at_start", ("IIA", "IV")), ("Side of recurrence", ("left", "right")), ("Current stage", ("IIA", "IV")),
        ("Dominant hand", ("left", "right")), ("Sex of partner", ("male", "female")), ("NYHA", ("I", "III")), ("Klasse", ("I", "III")),
        ("Lymphoedema stage", ("I", "III")), ("ypStage", ("IIA", "IIB")), ("Vital status of mother", ("alive", "dead")),
        ("Cause of admission", ("breast cancer", "stroke")),
    ],
)  # fmt: skip
def test_takes_no_cells_of_another_person_time_or_tumour_for_hers(project: Path, header: str, values: tuple[str, str]) -> None:
    text = draft_of(project, f"PID,DOB,{header}\n" + "".join(f"A{n},1{n}/05/1950,{values[n % 2]}\n" for n in range(3, 9)))
    assert f'"{header}": 6 cells' in text.partition("Not used")[2]


@pytest.mark.parametrize(
    ("header", "values", "says"),
    [
        ("Feld 7", ("IIA", "IIIB"), "stage_code: feld_7"),
        ("Stage of her cancer", ("I", "III"), "stage_code: stage_of_her_cancer"),
        ("Feld 8", ("left", "right"), "laterality_code: feld_8"),
        ("Todesgrund", ("breast cancer", "stroke"), "cause_of_death_code: todesgrund"),
    ],
)  # fmt: skip
def test_takes_cells_of_an_unknown_header_for_what_only_they_can_be(project: Path, header: str, values: tuple[str, str], says: str) -> None:
    assert says in draft_of(project, f"PID,DOB,{header}\n" + "".join(f"A{n},1{n}/05/1950,{values[n % 2]}\n" for n in range(3, 9)))
