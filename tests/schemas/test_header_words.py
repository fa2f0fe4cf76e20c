"""header_words.csv: every meaning is one that a contract can say, and no header has two."""

from __future__ import annotations

from collections import defaultdict
from importlib.resources import files
from typing import get_args

import pytest

from schemas import vocabulary
from schemas.contract import Identifier
from schemas.facts import SEPARATOR, plain, shipped
from schemas.header_words import Meaning, item_names, meaning_of, without_marks
from schemas.items import RECORDS, items

ROWS = plain(files("schemas").joinpath("header_words.csv").read_text("utf-8"))


def known() -> set[str]:
    words = vocabulary.load()
    kinds = get_args(Identifier.model_fields["kind"].annotation)
    parts = {part: words.codes("modality") for part in ("treatment", "date", "end")}
    parts |= {part: words.codes("event_type") for part in ("first", "at")}
    found = {f"{record}.{item.column}" for record in RECORDS for item in items(record, "staging")}
    found |= {f"{part}.{code}" for part, codes in parts.items() for code in codes}
    found |= {f"person.{kind}" for kind in kinds} | {f"biomarker.{marker}" for marker in words.codes("marker")}
    return found | {
        "tumour.tnm", "tumour.nodes", "tumour.behaviour", "tumour.tumour_size_cm", "biomarker.her2_ihc", "biomarker.her2_ish",
        "context.date", "context.site",
    }  # fmt: skip


def test_each_meaning_is_known() -> None:
    assert {row["meaning"] for row in ROWS} <= known()


def test_no_header_has_two_meanings() -> None:
    found = defaultdict(set)
    for row in ROWS:
        for word in row["words"].split(SEPARATOR):
            found[without_marks(word)].add(row["meaning"])
    assert {word: meanings for word, meanings in found.items() if len(meanings) > 1} == {}


def test_each_meaning_has_one_row_of_each_certainty() -> None:
    found = [(row["meaning"], row["certainty"]) for row in ROWS]
    assert len(found) == len(set(found))


@pytest.mark.parametrize(
    ("header", "meaning"),
    [
        ("Date of birth", Meaning("patient.birth")),
        ("DATE_OF_BIRTH", Meaning("patient.birth")),
        ("Date of birth (dd/mm/yyyy)", Meaning("patient.birth")),
        ("Début du traitement", Meaning("tumour.treatment_start")),
        ("Tumorgröße (mm)", Meaning("tumour.tumour_size_mm")),
        ("Tumorgröße (cm)", Meaning("tumour.tumour_size_cm")),
        ("Radiation (Y/N)", Meaning("treatment.radiation")),
        ("Surgery 2 Date", Meaning("date.surgery", number=2)),
        ("HER2", Meaning("biomarker.her2")),
        ("ER status (primary)", Meaning("biomarker.er")),
        ("ER status of metastasis", None),
        ("Date 1ère métastase", Meaning("first.distant_recurrence")),
        ("Age", Meaning("tumour.age_at_diagnosis_years", differs=True)),
        ("Tumour size (inch)", None),
        ("op_pad_nhg_Beskrivning", Meaning("tumour.grade_code")),
        ("Tutulan LN/Çıkarılan LN", Meaning("tumour.nodes")),
        ("Ημ. διάγνωσης", Meaning("tumour.diagnosis")),
        ("Protokol No", Meaning("person.hospital_number", differs=True)),
        ("Przerzuty", Meaning("at.distant_recurrence", differs=True)),
        ("StartDate", None),
        ("rn", None),
        ("G", None),
        ("ICD10", None),
        ("Status", None),
        ("Shoe size", None),
    ],
)
def test_finds_a_header_however_it_is_written(header: str, meaning: Meaning | None) -> None:
    assert meaning_of(header) == meaning


def test_knows_a_row_of_item_numbers_by_the_names_of_the_items() -> None:
    assert item_names(["20", "390", "410", "1750", "1760", "", "7777"]) == (
        "patientIdNumber", "dateOfDiagnosis", "laterality", "dateOfLastContact", "vitalStatus", "", "7777",
    )  # fmt: skip


@pytest.mark.parametrize(
    "headers",
    [
        ["20", "390", "410", "1760"],  # four tell nothing
        ["20", "390", "410", "1750", "1760", "20"],  # a number twice
        ["20", "390", "410", "1750", "1760", "Notes"],
        ["20", "390", "410", "1750", "01760", "160"],  # a code with a zero in front
        ["20", "390", "410", "1750", "1760", "31", "32", "33", "34", "35", "36"],  # five of eleven
    ],
)
def test_takes_no_other_row_of_numbers_for_items(headers: list[str]) -> None:
    assert item_names(headers) == tuple(headers)


@pytest.mark.parametrize(
    ("header", "meaning"),
    [
        ("Geslacht/Sexe", "patient.sex_code"),
        ("Incidentiedatum / Date d'incidence", "tumour.diagnosis"),
        ("ER/PR", None),  # two results
        ("Sex/Code", None),  # a part that nothing is known of
    ],
)
def test_knows_a_header_in_two_languages_where_both_mean_the_same(header: str, meaning: str | None) -> None:
    found = meaning_of(header)
    assert (found and found.meaning) == meaning


def test_knows_the_header_of_every_national_number_that_has_a_form() -> None:
    words = [word for row in shipped("national_numbers.csv", "number", "words") for word in row["words"].split(SEPARATOR)]
    assert {word: meaning_of(word).meaning for word in words if meaning_of(word)} == dict.fromkeys(words, "person.nric")


@pytest.mark.parametrize(
    ("header", "meaning"),
    [
        ("Patient DOB", "patient.birth"), ("Patient Hospital number", "person.hospital_number"),
        ("Patient: Date of death", "follow_up.death"), ("PAT_LAST_NAME", "person.family_name"),
        ("Tumour Date of diagnosis", "tumour.diagnosis"), ("Primary tumour - Stage", "tumour.stage_code"),
        ("Receptors ER %", "biomarker.er"),
        ("Receptors HER2", "biomarker.her2"), ("Staging T", "tumour.t_code"), ("Surgery Procedure", "treatment.surgery"),
        ("Surgery date", "date.surgery"), ("Primary site", "tumour.topography_code"), ("Follow up Last contact", "follow_up.contact"),
        ("patient_date_of_birth", "patient.birth"), ("Nachsorge Todesdatum", "follow_up.death"),
    ],
)  # fmt: skip
def test_knows_a_header_behind_the_name_of_its_group(header: str, meaning: str) -> None:
    assert meaning_of(header) == Meaning(meaning)


@pytest.mark.parametrize("header", [
    "Mother DOB", "Family Mother DOB", "Partner Date of birth", "Previous treatment date", "Previous Date of diagnosis", "Recurrence Stage",
    "Metastasis Date of diagnosis", "Patient Age", "Patient Date", "Patient Stage", "Patient Mother DOB", "Tumour DOB", "Receptors Date",
    "Diagnosis CT", "Tumour N", "Pathology Stage", "Pathology Date of diagnosis", "Treatment Date", "Planned Surgery date",
    "Contralateral Tumour Grade", "Tumour 2 Date of diagnosis", "Second tumour Stage", "Patient Recurrence date", "Patient family history",
])  # fmt: skip
def test_knows_no_header_behind_a_group_that_may_be_something_else(header: str) -> None:
    assert meaning_of(header) is None
