"""`oncomart draft` of exports as public registries and biobanks give them: SEER, NCDB, UK Biobank, METABRIC, OMOP, REDCap with labels."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from drafts import draft_of, export

from etl.draft.drafting import drafted, place_of

# A participant with two cancers, one with one, one without any. Instance 2 has no cell.
BIOBANK = [["1000017", "2009-03-14", "2011-04-15", "", "C504", "C61", "", "8500", "8140", "", "3", "3", ""],
           ["1000054", "2010-05-16", "", "", "C509", "", "", "8520", "", "", "3", "", ""],
           ["1000061", *[""] * 12]]  # fmt: skip


@pytest.mark.parametrize("form", ["{}-{}.0", "p{}_i{}", "f.{}.{}.0"])
def test_makes_a_tumour_of_each_instance_of_uk_biobank_and_none_of_who_has_no_cancer(project: Path, form: str) -> None:
    heads = ["eid", *(form.format(field, n) for field in (40005, 40006, 40011, 40012) for n in range(3))]
    text = "".join(",".join(cells) + "\n" for cells in (heads, *BIOBANK))
    [draft] = drafted([export(project, text)], place_of(project)).drafts
    assert "records: 3 tumour" in draft.told
    numbers = re.findall(r"- rule: (primary\w*).*?tumour_no: {value: (\d)}\n      diagnosis: (\w+)\n", draft.text, re.DOTALL)
    assert numbers == [("primary", "1", "ukb_field_40005"), ("primary_2", "2", "ukb_field_40005_instance_1")]
    assert f'"{form.format(40005, 2)}": empty; of another tumour of the same person' in draft.text


TWO = "PID,DOB,Tumour 1 {0},Tumour 1 Stage,Tumour 2 {0},Tumour 2 Stage,Grade\nA1,13/05/1950,{1},IIA,{2},IA,1\nA2,14/05/1950,{1},IIB,,,2\n"


def test_makes_a_tumour_of_each_number_with_a_day_of_its_own(project: Path) -> None:
    text = draft_of(project, TWO.format("Date of diagnosis", "14/03/2009", "15/04/2011"))
    numbers = re.findall(r"- rule: (primary\w*).*?tumour_no: {value: (\d)}\n      diagnosis: .*?from: (\w+),", text, re.DOTALL)
    assert numbers == [("primary", "1", "tumour_1_date_of_diagnosis"), ("primary_2", "2", "tumour_2_date_of_diagnosis")]
    assert "stage_code: tumour_2_stage" in text
    assert '"Grade": 2 cells' in text.partition("Not used")[2]  # of which of the two


def test_makes_no_tumours_of_numbers_without_a_day(project: Path) -> None:
    assert "record: tumour" not in draft_of(project, TWO.format("Side", "left", "right").replace(",Grade", ",Gruppe"))  # two foci, perhaps


def test_takes_no_second_certificate_of_a_death_and_no_later_visit_for_a_tumour(project: Path) -> None:
    text = draft_of(project, "eid,p31,p34,p52,p40000_i0,p40000_i1,p53_i1\n1,Female,1950,March,2019-03-04,2019-03-05,2010-01-02\n")
    assert "death: ukb_field_40000\n" in text
    assert '"p40000_i1": 1 cells' in text
    assert "record: tumour" not in text


# Where cells say more than the column holds, a pattern takes what counts. Who is 61.96 years old is 61.
@pytest.mark.parametrize(
    ("header", "cells", "says"),
    [
        ("AGE_AT_DIAGNOSIS", ["75.65", "43.19"], "age_at_diagnosis_years: age_at_diagnosis_years"),
        ("Age at diagnosis", ["75", "43"], "age_at_diagnosis_years: age_at_diagnosis\n"),
        ("Topography", ["C44.3 Skin of other and unspecified parts of face", "C18.7 Sigmoid colon"], "topography_code: topography_code\n"),
        ("Topography", ["C50.4", "C509"], "topography_code: topography\n"),
        ("Topography", ["C18.7 Sigmoid colon?", "C20.9 Rectum?"], '"Topography": its header says tumour.topography_code, but 2 of 2'),
    ],
)
def test_takes_a_cell_apart_that_says_more_than_its_column_holds(project: Path, header: str, cells: list[str], says: str) -> None:
    assert says in draft_of(project, f"PID;{header}\n" + "".join(f"A{n};{cell}\n" for n, cell in enumerate(cells)))


@pytest.mark.parametrize(
    ("heads", "says"),
    [
        ("year_of_birth,month_of_birth,day_of_birth", "birth: {from: year_of_birth, month: month_of_birth, day: day_of_birth}"),
        ("Year of diagnosis,Month of diagnosis,x", "diagnosis: {from: year_of_diagnosis, month: month_of_diagnosis}"),
        ("YoB,MoB,DoB", "birth: {from: yob, month: mob, day: dob}"),
        ("Year of diagnosis,Month of death,x", "diagnosis: year_of_diagnosis\n"),
    ],
)
def test_joins_year_month_and_day_of_one_date(project: Path, heads: str, says: str) -> None:
    assert says in draft_of(project, f"PID,{heads}\nA1,1950,3,4\nA2,1961,11,30\n")


# A time up to a relapse or a treatment is no last contact.
@pytest.mark.parametrize(
    ("header", "is_contact"),
    [("OS_MONTHS", True), ("Survival months", True), ("RFS_MONTHS", False), ("Relapse-free survival (months)", False),
     ("DX_RX_STARTED_DAYS", False), ("birth_days_to", False), ("last_contact_days_to", True)],
)  # fmt: skip
def test_proposes_a_last_contact_of_a_time_only_where_it_counts_up_to_one(project: Path, header: str, is_contact: bool) -> None:
    text = draft_of(project, f"PID;Stage;{header}\nA1;IIA;12\nA2;IB;30\n")
    assert ("`contact: {from:" in text) == is_contact
    assert "where it is a time" in text


TICKS = """\
Record ID,Event Name,Date of diagnosis,Adjuvant treatment (choice=Chemotherapy),Planned treatment (choice=Chemotherapy),\
Adjuvant treatment (choice=None),Sites (choice=Bone)
1,Baseline,2009-03-14,Checked,Checked,Unchecked,Checked
2,Baseline,2010-05-16,Unchecked,Checked,Checked,Unchecked
"""


def test_makes_a_treatment_of_a_tick_in_a_labelled_checkbox_and_nothing_of_none(project: Path) -> None:
    [draft] = drafted([export(project, TICKS)], place_of(project)).drafts
    assert "records: 2 tumour, 1 treatment" in draft.told
    assert "when: adjuvant_treatment_choice_chemotherapy in ('Checked', '1')" in draft.text
    assert "setting_code: {value: adjuvant}\n      modality_code: {value: chemotherapy}" in draft.text
    assert draft.text.count("one choice of a REDCap checkbox: write a rule for it") == 3


def test_makes_one_treatment_of_each_setting_whatever_it_is_called(project: Path) -> None:
    heads = "Neoadjuvant treatment (choice=Chemotherapy),Adjuvant treatment (choice=Chemotherapy),Adjuvant treatment (choice=Chemo)"
    # before and after; after; after, ticked twice
    rows = "1,Checked,Checked,Unchecked\n2,Unchecked,Checked,Unchecked\n3,Unchecked,Checked,Checked\n"
    [draft] = drafted([export(project, f"Record ID,{heads}\n{rows}")], place_of(project)).drafts
    assert "4 treatment" in draft.told
    rules = re.findall(r"rule: (\w+_ticked)\n", draft.text)
    assert (
        rules
        == re.findall(r"course_code: {value: (\w+)}", draft.text)
        == ["neoadjuvant_chemotherapy_ticked", "adjuvant_chemotherapy_ticked"]
    )


def test_leaves_the_side_of_the_primary_to_the_primary_where_the_row_tells_of_a_relapse_too(project: Path) -> None:
    rows = "1,left,2009-03-14,Local recurrence,2012-05-06\n2,right,2010-05-16,Distant recurrence,2013-06-07\n"
    text = draft_of(project, f"Patient ID,Laterality,Date of diagnosis,Type of recurrence,Date of recurrence\n{rows}")
    assert text.index("laterality_code: laterality") < text.index("- rule: event")
    assert text.count("laterality_code") == 1


# A stage of cT beside pN is nobody's.
@pytest.mark.parametrize(("nothing", "family"), [("TNM_CLIN_T", "path"), ("TNM_PATH_N", "clin")])
def test_takes_t_n_and_stage_from_one_of_the_two_classifications(project: Path, nothing: str, family: str) -> None:
    heads = ["TNM_CLIN_T", "TNM_CLIN_N", "TNM_CLIN_STAGE_GROUP", "TNM_PATH_T", "TNM_PATH_N", "TNM_PATH_STAGE_GROUP"]
    cells = {"T": "2", "N": "1", "P": "2B"}
    row = ",".join("" if head == nothing else cells[head[-1]] for head in heads)
    text = draft_of(project, f"PUF_CASE_ID,{','.join(heads)}\nA1,{row}\nA2,{row}\n")
    assert set(re.findall(r"(?:t|n|stage)_code: tnm_(clin|path)", text)) == {family}
    assert "use those of one of the two" in text


MEASUREMENT = """\
measurement_id,person_id,measurement_concept_id,measurement_concept_name,measurement_date,value_as_concept_name,measurement_source_value
71,1,3001,Estrogen receptor Ag [Presence] in Breast cancer specimen by Immune stain,2009-03-14,Positive,ER
72,1,3002,Progesterone receptor Ag [Presence] in Breast cancer specimen by Immune stain,2009-03-14,Negative,PR
73,2,3001,Estrogen receptor Ag [Presence] in Breast cancer specimen by Immune stain,2010-05-16,Negative,ER
74,2,3002,Progesterone receptor Ag [Presence] in Breast cancer specimen by Immune stain,2010-05-16,Positive,PR
"""


def test_takes_the_value_of_a_measurement_and_not_the_number_of_its_row(project: Path) -> None:
    text = draft_of(project, MEASUREMENT)
    assert text.count("result_code: value_as_concept_name") == 2


def test_names_no_file_of_another_draft_made_with_it(project: Path) -> None:
    files = [export(project, "PID;Stage\nA1;IIA\nA2;IB\n", name) for name in ("ukb45678.csv", "ukb_cancer.csv", "ward_2026-01.csv")]
    said = [re.findall(r"^files: (.*)$", draft.text, re.MULTILINE) for draft in drafted(files, place_of(project)).drafts]
    assert said == [['["ukb.csv", "ukb[0-9]*.csv", "ukb[-_ ][0-9]*.csv"]'], ['["ukb_cancer*.csv"]'], ['["ward*.csv"]']]
