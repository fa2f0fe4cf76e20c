"""What was delivered and not understood is neither there nor missing: an edit that asks for it says `not_judgeable`."""

from __future__ import annotations

from typing import Any

import polars as pl
import pytest
from edit_cases import AS_OF, records_of

from schemas.core.three_valued import OUTCOMES
from validations.edit import Edit
from validations.judge import judge
from validations.load import built_in_edits
from validations.unread import mistakes

EDITS = {edit.edit: edit for edit in built_in_edits()}
ER_NEGATIVE, HER2_POSITIVE = {"result_code": "negative"}, {"marker_code": "her2", "result_code": "positive"}
RESECTED = {"event_type_code": "metastasectomy", "organ_code": "liver", "event": "2012-01-20"}
RADIATION = {"modality_code": "radiation", "setting_code": "adjuvant", "is_given": True}
TAMOXIFEN = {"modality_code": "hormonal", "setting_code": "adjuvant", "drug_code": "tamoxifen"}
TRASTUZUMAB = {"modality_code": "targeted", "drug_code": "trastuzumab", "is_given": True}
EXCISION = {"modality_code": "surgery", "procedure_code": "wide_local_excision", "is_given": True}
ALIVE = {"vital_status_code": "alive"}
CHEMOTHERAPY = {"setting_code": "neoadjuvant", "cycles": 4, "interval_days": 21}
CELL = {"component_no": 0, "setting_code": "adjuvant"}
# edit, what was not understood, the records, and the outcome if the same had not been delivered at all
ASKED: list[tuple[str, str, dict[str, Any], str]] = [
    ("REC-001", "biomarker.result_code", {"treatment": TAMOXIFEN, "biomarker": ER_NEGATIVE}, "violated"),
    ("REC-001", "treatment.is_given", {"treatment": CELL | {"modality_code": "hormonal"}, "biomarker": ER_NEGATIVE}, "violated"),
    ("REC-003", "biomarker.result_code", {"treatment": TRASTUZUMAB, "tumour": {}}, "violated"),
    ("REC-004", "treatment.is_given", {"treatment": CELL | {"modality_code": "chemotherapy"}, "biomarker": HER2_POSITIVE}, "violated"),
    ("REC-004", "treatment.lost", {"treatment": EXCISION, "biomarker": HER2_POSITIVE}, "violated"),
    ("REC-006", "treatment.setting_code", {"treatment": {"modality_code": "hormonal", "drug_code": "letrozole"},
                                           "tumour": {"menopausal_status_code": "premenopausal"}}, "not_judgeable"),
    ("EVT-001", "event.lost", {"event": [RESECTED, {"event": "2012-06-01"}]}, "violated"),
    ("EVT-002", "event.lost", {"event": RESECTED}, "violated"),
    ("EVT-002", "tumour.m_code", {"event": RESECTED}, "violated"),
    ("EVT-002", "tumour.stage_code", {"event": RESECTED}, "violated"),
    ("EVT-003", "event.lost", {"event": [RESECTED, {"organ_code": "lung"}]}, "violated"),
    ("EVT-006", "treatment.setting_code", {"event": {"event_type_code": "local_recurrence", "event": "2010-02-01"}, "treatment": {},
                                           "tumour": {"treatment_start": "2010-01-01"}}, "not_applicable"),
    ("EVT-010", "event.lost", {"event": {"event_type_code": "progression"}}, "violated"),
    ("EVT-011", "event.lost", {"event": [RESECTED, {"event": "2011-01-01"}]}, "violated"),
    ("RAD-001", "treatment.setting_code", {"treatment": [{"modality_code": "radiation", "boost_gy": 10}, EXCISION | {
        "component_no": 2, "procedure_code": "mastectomy"}]}, "violated"),
    ("RAD-002", "treatment.completion_code", {"treatment": RADIATION | {"dose_gy": 10}}, "violated"),
    ("RAD-003", "treatment.fractions", {"treatment": RADIATION | {"dose_gy": 50}}, "not_applicable"),
    ("RAD-004", "treatment.dose_gy", {"treatment": RADIATION | {"boost_gy": 10}}, "violated"),
    ("RAD-005", "treatment.fields", {"treatment": RADIATION}, "not_applicable"),
    ("RAD-006", "treatment.is_given", {"treatment": [CELL | {"modality_code": "any"}, EXCISION]}, "not_judgeable"),
    ("RAD-006", "treatment.procedure_code", {"treatment": [EXCISION, EXCISION | {"component_no": 2, "procedure_code": None}]}, "violated"),
    ("RAD-006", "treatment.not_given_reason_code", {"treatment": [
        EXCISION, RADIATION | {"component_no": 2, "is_given": False}]}, "violated"),
    ("STG-001", "tumour.stage_basis_code", {"tumour": {"stage_code": "I", "stage_derived_code": "IIIA"}}, "violated"),
    ("STG-001", "tumour.stage_code", {"tumour": {"stage_derived_code": "IIIA"}}, "not_applicable"),
    ("STG-002", "tumour.tnm_edition_code", {"tumour": {
        "stage_code": "IIIC", "diagnosis": "2001", "tnm_edition_code": "unknown"}}, "violated"),
    ("STG-005", "tumour.stage_basis_code", {"tumour": {"histology_code": "8500/3", "stage_code": "0"}}, "violated"),
    ("STG-007", "tumour.tumour_size_mm", {"tumour": {"t_code": "T2"}}, "not_applicable"),
    ("NOD-001", "tumour.nodes_examined", {"tumour": {"nodes_positive": 3}}, "not_applicable"),
    ("NOD-004", "tumour.node_status_code", {"tumour": {"nodes_positive": 3}}, "not_applicable"),
    ("TRT-001", "treatment.cycles", {"treatment": {"is_given": False}}, "satisfied"),
    ("TRT-002", "treatment.not_given_reason_code", {"treatment": {"is_given": True}}, "satisfied"),
    ("TUM-007", "tumour.menopausal_status_code", {"patient": {"sex_code": "male"}, "tumour": {}}, "not_applicable"),
    ("TUM-008", "treatment.is_given", {"tumour": {"basis_of_diagnosis_code": "death_certificate"}, "treatment": CELL}, "violated"),
    ("TUM-009", "tumour.lost", {"patient": {}}, "violated"),
    ("FUP-002", "follow_up.vital_status_code", {"follow_up": {"death": "2012"}}, "not_applicable"),
    ("FUP-004", "follow_up.cause_of_death_code", {"follow_up": {"vital_status_code": "alive"}}, "not_applicable"),
    ("FUP-005", "follow_up.lost", {"tumour": {}}, "violated"),
    ("FUP-001", "follow_up.lost", {"follow_up": {"vital_status_code": "dead"}}, "violated"),
    ("FUP-003", "follow_up.lost", {"follow_up": {"death": "2012"}}, "satisfied"),
    ("FUP-007", "follow_up.lost", {"follow_up": {"vital_status_code": "alive", "contact": "2012"}}, "not_applicable"),
    ("FUP-007", "follow_up.vital_status_code", {"follow_up": [
        {"vital_status_code": "alive", "contact": "2012"}, {"follow_up_no": 2, "contact": "2011"}]}, "not_applicable"),
    ("FUP-001", "follow_up.death", {"follow_up": {"vital_status_code": "dead"}}, "violated"),
    ("FUP-003", "follow_up.death", {"follow_up": [{"death": "2012"}, {"follow_up_no": 2}]}, "satisfied"),
    ("TUM-002", "tumour.diagnosis", {"tumour": {}}, "violated"),
    ("DATE-010", "follow_up.lost", {"tumour": {"diagnosis": "2010"}, "follow_up": ALIVE}, "not_applicable"),
    ("DATE-018", "follow_up.lost", {"event": {"event": "2010"}, "follow_up": ALIVE}, "not_applicable"),
    ("EVT-006", "treatment.cycles", {"event": {"event_type_code": "local_recurrence", "event": "2010-04-01"}, "treatment": {
        "setting_code": "neoadjuvant", "interval_days": 21}, "tumour": {"treatment_start": "2010-01-01"}}, "satisfied"),
    ("EVT-006", "treatment.is_given", {"event": {"event_type_code": "local_recurrence", "event": "2010-04-01"}, "treatment": [
        CHEMOTHERAPY | {"is_given": True}, CELL | {"setting_code": "neoadjuvant", "modality_code": "any"}],
        "tumour": {"treatment_start": "2010-01-01"}}, "satisfied"),
]  # fmt: skip


@pytest.fixture(scope="module")
def outcomes() -> list[tuple[str, str]]:
    """Per line of ASKED the outcome where the cell was not understood, and where it was not delivered."""
    people = {f"{no:03d} {how}": given | ({"unread": unread} if how == "unread" else {})
              for no, (_, unread, given, _) in enumerate(ASKED) for how in ("unread", "without")}  # fmt: skip
    records = records_of(people)
    judged = judge(records, [EDITS[code] for code in dict.fromkeys(code for code, *_ in ASKED)], AS_OF).outcomes
    named = {name: records[name].join(found, on="record_key", how="left", maintain_order="left") for name, found in judged.items()}

    def of(no: int, how: str) -> str:
        edit = EDITS[ASKED[no][0]]
        hers = named[edit.record].filter(pl.col("patient_pseudonym") == f"{no:03d} {how}")
        return OUTCOMES[hers[edit.edit][0]]

    return [(of(no, "unread"), of(no, "without")) for no in range(len(ASKED))]


@pytest.mark.parametrize("no", range(len(ASKED)), ids=[f"{code} {unread}" for code, unread, _, _ in ASKED])
def test_neither_accuses_nor_passes_her(no: int, outcomes: list[tuple[str, str]]) -> None:
    assert outcomes[no] == ("not_judgeable", ASKED[no][3])


HORMONAL_CELL = {"treatment": CELL | {"modality_code": "hormonal"}}
# Of an edit of a project: the record, what it finds, what was not understood, what she has, the outcome if it had not been delivered.
OWN: list[tuple[str, str, str, dict[str, Any], str]] = [
    ("tumour", "if(m_code = 'M1', 1, 0) = 0", "tumour.m_code", {}, "violated"),
    ("tumour", "greatest(nodes_positive, 0) = 0", "tumour.nodes_positive", {}, "violated"),
    ("tumour", "least(nodes_positive, 3) = 3", "tumour.nodes_positive", {}, "violated"),
    ("tumour", "concat(m_code, '') = ''", "tumour.m_code", {}, "violated"),
    ("tumour", "concat_ws('-', m_code, 'x') = 'x'", "tumour.m_code", {}, "violated"),
    ("tumour", "nullif('M1', m_code) = 'M1'", "tumour.m_code", {}, "violated"),
    ("tumour", "coalesce(has_primary_hormonal, false)", "treatment.is_given", HORMONAL_CELL, "violated"),
    ("tumour", "has_primary_radiation is null", "treatment.lost", {}, "violated"),
    ("tumour", "operation_code is null", "treatment.lost", {}, "violated"),
    ("tumour", "n_treatments = 1", "treatment.lost", {"treatment": RADIATION}, "violated"),
    ("tumour", "coalesce(n_max_positive, 0) = 0", "tumour.n_code", {}, "violated"),
    ("tumour", "distant_recurrence is null", "event.lost", {}, "violated"),
    ("patient", "death is null", "follow_up.lost", {"follow_up": {}}, "violated"),
    ("patient", "death is null", "follow_up.death", {"follow_up": {}}, "violated"),
    ("patient", "coalesce(death_latest_date, date '2012-01-01') = date '2012-01-01'", "follow_up.death", {"follow_up": {}}, "violated"),
    ("patient", "birth is null", "patient.birth", {}, "violated"),
    (
        "patient",
        "before(date '2012-01-01', contact)",
        "follow_up.contact",
        {"follow_up": [{"contact": "2011"}, {"follow_up_no": 2}]},
        "satisfied",
    ),
    ("tumour", "treatment_start is null and enrolment is null", "tumour.enrolment", {}, "violated"),
    ("tumour", "diagnosis is null", "tumour.diagnosis", {}, "violated"),
    (
        "treatment",
        "treatment is null and diagnosis is not null",
        "treatment.treatment",
        {"treatment": {}, "tumour": {"diagnosis": "2010"}},
        "violated",
    ),
    ("event", "event is null", "event.event", {"event": {}}, "violated"),
    ("event", "birth is null", "patient.birth", {"event": {}}, "violated"),
    ("biomarker", "tested is null", "biomarker.tested", {"biomarker": {}}, "violated"),
    ("follow_up", "contact is null", "follow_up.contact", {"follow_up": {}}, "violated"),
    ("follow_up", "person_death is null", "follow_up.death", {"follow_up": {}}, "violated"),
    ("tumour", "progression is null", "event.event", {"event": {"event_type_code": "progression"}}, "violated"),
    ("patient", "not coalesce(is_dead, false)", "follow_up.lost", {"follow_up": {"vital_status_code": "alive"}}, "violated"),
    ("patient", "n_follow_ups = 1", "follow_up.lost", {"follow_up": {}}, "violated"),
    ("patient", "n_tumours = 1", "tumour.lost", {"tumour": {}}, "violated"),
    ("patient", "before(date '2012-01-01', contact)", "follow_up.lost", {"follow_up": {"contact": "2011"}}, "satisfied"),
    ("event", "place_organ_code is null", "event.site_code", {"event": {}}, "violated"),
    ("treatment", "coalesce(has_trastuzumab, false)", "treatment.drug_code", {"treatment": {}}, "satisfied"),
    ("treatment", "drug_class is null", "treatment.drug_code", {"treatment": {}}, "violated"),
]
# Of contacts that were lost or not understood the last may be later: the edit may hold, and does for none of those that are known.
POSSIBLE = {"before(date '2012-01-01', contact)": "possible"}


def own(no: int, record: str, violated: str) -> Edit:
    return Edit(edit=f"OWN-{no:03d}", title="Own", severity="warning", record=record, violated=violated, reason="-", action="-")


@pytest.fixture(scope="module")
def of_own() -> list[dict[str, str]]:
    """Per line of OWN the outcome of her of whom that was not understood, and of the other; all are judged at once."""
    women: dict[str, dict[str, Any]] = {}
    for no, (record, _, unread, given, _) in enumerate(OWN):
        needed = given if record in given else {record: {}, **given}
        women |= {f"unread {no}": needed | {"unread": unread}, f"without {no}": needed}
    records = records_of(women)
    judged = judge(records, [own(no, record, violated) for no, (record, violated, *_) in enumerate(OWN)], AS_OF)
    told: list[dict[str, str]] = []
    for no, (record, *_) in enumerate(OWN):
        hers = pl.col("patient_pseudonym").is_in([f"unread {no}", f"without {no}"])
        named = records[record].filter(hers).join(judged.outcomes[record], on="record_key", maintain_order="left")
        codes = named.select("patient_pseudonym", f"OWN-{no:03d}").iter_rows()
        told.append({person.split()[0]: OUTCOMES[code] for person, code in codes})
    return told


@pytest.mark.parametrize("no", range(len(OWN)), ids=[violated for _, violated, *_ in OWN])
def test_an_edit_of_a_project_need_not_say_so(no: int, of_own: list[dict[str, str]]) -> None:
    _, violated, *_, without = OWN[no]
    assert of_own[no] == {"unread": POSSIBLE.get(violated, "not_judgeable"), "without": without}


def test_a_day_and_a_vital_status_that_cannot_be_read_stay_a_finding() -> None:
    """FUP-006 looks for just that."""
    records = records_of({"w": {"follow_up": {"death": "unknown"}, "unread": "follow_up.death follow_up.vital_status_code"}})
    assert judge(records, [EDITS["FUP-006"]], AS_OF).counts["violated"].item() == 1


def test_a_cell_of_another_record_changes_nothing() -> None:
    records = records_of({"w": {"event": RESECTED, "unread": "tumour.grade_code treatment.lost event.site_code"}})
    assert judge(records, [EDITS["EVT-002"]], AS_OF).counts["violated"].item() == 1


def test_a_case_names_columns_that_there_are() -> None:
    assert mistakes("tumour.m_code event.lost tumour.tumor_size tumour.diagnosis tumour.tumour_no tumours.m_code") == [
        "tumour.tumor_size", "tumour.tumour_no", "tumours.m_code",
    ]  # fmt: skip
